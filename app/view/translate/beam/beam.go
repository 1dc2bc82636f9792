// Package beam draws the beam search as a tree, and the n best.
package beam

import (
	"loupe/app/figure"
	"loupe/app/view/translate/scene"
)

// Panels are this part of the view.
func Panels(s *scene.Scene) []figure.Panel { return nil }
