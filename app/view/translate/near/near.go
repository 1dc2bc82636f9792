// Package near draws where a state of the translation lies among those of other sentences.
package near

import (
	"loupe/app/figure"
	"loupe/app/view/translate/scene"
)

// Panels are this part of the view.
func Panels(s *scene.Scene) []figure.Panel { return nil }
