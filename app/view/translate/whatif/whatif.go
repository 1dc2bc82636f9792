// Package whatif draws what was changed, each change with what it did, and other sentences and models beside this one.
package whatif

import (
	"loupe/app/figure"
	"loupe/app/view/translate/scene"
)

// Panels are this part of the view.
func Panels(s *scene.Scene) []figure.Panel { return nil }
