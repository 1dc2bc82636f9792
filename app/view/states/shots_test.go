package states

import (
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/view/viewtest"
)

// TestShots makes pictures to look at, when SHOTS names a folder.
func TestShots(t *testing.T) {
	for _, c := range []struct{ name, model, text, set string }{
		{"parens", "web/models/parens-lstm", parens, ""},
		{"range", "web/models/parens-lstm", parens, "range=3-10&o.states.l=0.4&at=8"},
		{"pins", "web/models/parens-lstm", parens, "o.states.pin=1,5,7&unit=3&at=8&change=layers.0.cell%40*,5:zero&o.states.form=heat"},
		{"several", "web/models/char-lstm", "ROMEO:\nGood Mercutio, what says the prince?", "at=20&range=9-17&o.states.l=0.2&o.states.also=layers.1.cell,layers.0.hidden&o.states.scale=tanh&o.states.before=2"},
		{"select", "web/models/char-lstm", "ROMEO:\nGood Mercutio, what says the prince?", "at=20&range=13-16&o.states.l=0.3&o.states.out=3&o.states.pin=5&change=layers.1.hidden%40*,5:zero&o.states.tracks=depth,surprisal,class,line+position"},
		{"below", "web/models/char-lstm", "ROMEO:\nGood Mercutio, what says the prince?", "at=20&range=13-14&o.states.on=either&unit=4"},
		{"unit", "web/models/parens-lstm", parens, "range=9-11&o.states.tab=unit"},
		{"follow", "web/models/parens-lstm", parens, "o.states.tab=follow"},
		{"memory", "web/models/parens-lstm", parens, "o.states.tab=memory"},
		{"lstm", "web/models/char-lstm", "To be, or not to be: that is the ", "at=20"},
		{"gru", "web/models/char-gru", "To be, or not to be: that is the ", "at=20&o.states.form=heat&o.states.order=peak"},
		{"long", "web/models/char-lstm", strings.Repeat("To be, or not to be: that is the question. ", 12), "at=300&o.states.what=hidden&o.states.pin=3,9"},
		{"resid", "web/models/mini-gpt", "ROMEO:\nGood Mercutio, what says the prince to Mercutio?", "at=8"},
		{"gpt", "web/models/mini-gpt", "ROMEO:\nGood Mercutio, what says the prince to Mercutio, and what says the prince to Romeo?", "o.states.what=mlp.post"},
	} {
		t.Run(c.name, func(t *testing.T) {
			viewtest.Shots(t, "states-"+c.name, func() *figure.Input {
				st := viewtest.State(c.text)
				if bad := st.Patch("view=states&" + c.set); bad != nil {
					t.Fatalf("pairs %q", bad)
				}
				e := viewtest.Open(t, c.model)
				if strings.Contains("select several unit follow", c.name) {
					e.Corpus(12, 1500)
				}
				return e.Input(st)
			}, Draw)
		})
	}
}
