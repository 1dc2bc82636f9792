// Package tests draws pairs of source and reference: what the model makes of all of them.
package tests

import (
	"loupe/app/figure"
	"loupe/app/view/translate/scene"
)

// Panels are this part of the view.
func Panels(s *scene.Scene) []figure.Panel { return nil }
