// Package matches draws the corpus of States and the places in it where the same units are on.
package matches

import (
	"loupe/app/figure"
	"loupe/app/view/states/axis"
)

// Panels are its parts of the view.
func Panels(s *axis.Scene) []figure.Panel { return nil }
