// Package memory draws how far back tokens matter, and other models beside the open one on the same text.
package memory

import (
	"loupe/app/figure"
	"loupe/app/view/states/axis"
)

// Panels are its parts of the view.
func Panels(s *axis.Scene) []figure.Panel { return nil }
