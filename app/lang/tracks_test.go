package lang

import (
	"slices"
	"testing"

	"loupe/engine/annotation"
)

// TestTracks holds that each built-in annotation has its words, and each of its labels.
func TestTracks(t *testing.T) {
	for _, b := range annotation.Builtins {
		keys := []string{"track." + b.Name, "track." + b.Name + ".about"}
		for _, l := range b.Labels {
			if slices.Equal(b.Labels, []string{"no", "yes"}) {
				keys = append(keys, "track."+l)
			} else {
				keys = append(keys, "track."+b.Name+"."+l)
			}
		}
		for _, k := range keys {
			if !English.Has(k) || !Chinese.Has(k) {
				t.Errorf("%q has no words", k)
			}
		}
	}
}
