package matches_test

import (
	"os"
	"slices"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/states"
	"loupe/app/view/states/axis"
	"loupe/app/view/states/matches"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

const parens = "(((  3)2(3)))0(  ((3)2)((3)))"

// TestGolden draws what the real engine finds in the texts that come with a model.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name, pairs string
		tokens      int
	}{
		{"matches", "range=3-8", 0},
		{"running", "range=3-8&o.states.m.len=2-5&o.states.m.heat=class&o.states.m.where=words", 900},
		{"near", "o.states.m.by=euclidean&at=12&o.states.m.heat=depth", 0},
		{"phrase", "o.states.m.find=3)2", 0},
		{"phone", "range=3-8&o.states.m.strict=1&o.states.m.where=inside&o.states.m.heat=surprisal", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := viewtest.Open(t, "web/models/parens-lstm")
			e.Corpus(4, c.tokens)
			st := viewtest.State(parens)
			if bad := st.Patch(c.pairs); bad != nil {
				t.Fatalf("pairs %q", bad)
			}
			in := e.Input(st)
			if c.name == "phone" {
				in.L, in.Dark, in.Touch, in.Width = lang.Chinese, true, true, 358
			}
			s := &axis.Scene{In: in, Cols: axis.Of(in), Now: st.At, Units: []int{1, 4, 12}, Lo: st.Range[0], Hi: st.Range[1], Before: 1, Depth: true,
				Sources: []axis.Source{{Name: "layers.0.hidden", What: "hidden", Units: 20, Cut: protocol.Cut{Level: .2, On: "either"}}}}
			if s.Now < 0 {
				s.Now = len(in.Run.Tokens) - 1
			}
			viewtest.Golden(t, "states", "matches-"+c.name, figure.Figure{Layout: "st", Panels: slices.Concat(matches.Panels(s), matches.Side(s))})
		})
	}
}

// TestShots makes pictures to look at, when SHOTS names a folder.
func TestShots(t *testing.T) {
	for _, c := range []struct{ name, model, text, set string }{
		{"char", "web/models/char-lstm", "ROMEO:\nBut soft, what light through yonder window breaks?", "range=17-22&o.states.l=0.2&o.states.what=hidden&o.states.after=0"},
		{"parens", "web/models/parens-lstm", parens, "range=3-10&o.states.l=1&o.states.before=0&o.states.after=0&o.states.m.heat=depth&o.states.m.len=8-80"},
		{"words", "web/models/mini-gpt", "ROMEO:\nGood Mercutio, what says the prince to Mercutio?", "range=5-9&o.states.what=mlp.post&o.states.l=0.5&o.states.after=0&o.states.m.heat=class"},
		{"near", "web/models/char-lstm", "ROMEO:\nBut soft, what light through yonder window breaks?", "at=20&o.states.m.by=cosine&o.states.m.heat=line position"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if os.Getenv("SHOTS") == "" {
				t.Skip("SHOTS names no folder for pictures")
			}
			e := viewtest.Open(t, c.model)
			e.Corpus(2, 0)
			viewtest.Shots(t, "matches-"+c.name, func() *figure.Input {
				st := viewtest.State(c.text)
				if bad := st.Patch("view=states&" + c.set); bad != nil {
					t.Fatalf("pairs %q", bad)
				}
				return e.Input(st)
			}, states.Draw)
		})
	}
}
