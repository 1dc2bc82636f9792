package attention

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/viewtest"
)

const quarrel = "ROMEO:\nGood Mercutio, what says the prince to Mercutio, and what says the prince to Romeo?\n\nMERCUTIO:\nGood Romeo, what says the"

// TestShots draws pictures to look at (see viewtest.Shots).
func TestShots(t *testing.T) {
	e := viewtest.Open(t, "web/models/mini-gpt")
	for name, pairs := range map[string]string{"attention": "layer=2&head=7&change=blocks.2.attn.z@*,7:mean", "attention-short": "text=Good+Romeo,+what+says+the"} {
		viewtest.Shots(t, name, func() *figure.Input {
			st := state.New()
			st.Text, st.View = quarrel, "attention"
			if bad := st.Patch(pairs); len(bad) > 0 {
				t.Fatal(bad)
			}
			return e.Input(st)
		}, Draw)
	}
}
