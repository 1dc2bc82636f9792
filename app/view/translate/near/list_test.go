package near

import (
	"strings"
	"testing"

	"loupe/app/view/viewtest"
)

// TestOpens: what a pair of the list opens is the source as it was written, without the end that the tokenizer adds.
func TestOpens(t *testing.T) {
	for _, model := range []string{"g2p-transformer", "g2p-lstm"} {
		e := viewtest.Open(t, "web/models/"+model)
		e.Pairs(8)
		f := draw(e.Input(viewtest.Patched(t, "translate", "text=abate&o.translate.space=encoder&o.translate.near.n=100")))
		html := panel(t, f, "nearest").HTML
		list := html[len(html)-1].HTML
		if n := strings.Count(list, "data-do="); n < 20 {
			t.Errorf("%s: %d pairs", model, n)
		}
		for _, piece := range strings.Split(list, `data-do="`)[1:] {
			do, _, _ := strings.Cut(piece, `"`)
			if source, _, _ := strings.Cut(strings.ReplaceAll(do, "&amp;", "\x1f"), "\x1f"); strings.Contains(source, "/s") || strings.Contains(source, "%2Fs") {
				t.Errorf("%s opens %q", model, do)
			}
		}
	}
}
