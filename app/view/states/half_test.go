package states

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// ofHalves are states of encoder-decoders, by model and text.
var ofHalves = map[string][3]string{
	"half-decoder": {"g2p-lstm", "phonograph", "at=4&range=3-6&o.states.l=0.2&o.states.before=0"},
	"half-encoder": {"g2p-lstm", "phonograph", "o.states.half=encoder&o.translate.src=3&o.states.what=cell&o.states.also=encoder.layers.0.hidden"},
	"half-blocks":  {"g2p-transformer", "phonograph", "at=4&layer=1&o.states.form=heat&change=decoder.blocks.1.resid_post@3,5:set=2"},
	"half-reads":   {"g2p-transformer", "phonograph", "o.states.half=encoder&layer=2&o.states.what=mlp.post&o.translate.src=3&range=2-4"},
}

// TestHalfShots draws pictures to look at (see viewtest.Shots).
func TestHalfShots(t *testing.T) {
	for name, c := range ofHalves {
		e := viewtest.Open(t, "web/models/"+c[0])
		viewtest.Shots(t, "states-"+name, func() *figure.Input { return input(t, e, c[1], c[2]) }, Draw)
	}
}

func TestHalfGolden(t *testing.T) {
	for name, c := range ofHalves {
		t.Run(name, func(t *testing.T) {
			in := input(t, viewtest.Open(t, "web/models/"+c[0]), c[1], c[2])
			switch name {
			case "half-encoder":
				in.L, in.Dark = lang.Chinese, true
			case "half-reads":
				in.Width, in.Touch = 358, true
			}
			f := Draw(in)
			f.Panels = slices.DeleteFunc(f.Panels, func(p figure.Panel) bool { return !slices.Contains(own, p.ID) })
			viewtest.Golden(t, "states", name, f)
		})
	}
}

// TestHalves holds that what is drawn are the half's own numbers over its own tokens, which marks light and choose, and that nothing of the other half is
// offered.
func TestHalves(t *testing.T) {
	for name, c := range ofHalves {
		in := input(t, viewtest.Open(t, "web/models/"+c[0]), c[1], c[2])
		d := begin(halfOf(in))
		tokens, half, h, set := in.Run.Tokens, "decoder.", "t", "at="
		if strings.Contains(c[2], "encoder") {
			tokens, half, h, set = in.Run.Source, "encoder.", "s", "o.translate.src="
		}
		a := in.Activation(protocol.Activation{Name: d.src.name(), To: -1, Index: -1})
		if d.n != len(tokens) || !slices.Equal(d.raw, a.Data) || !strings.HasPrefix(d.src.name(), half) {
			t.Errorf("%s: %d of %s", name, d.n, d.src.name())
		}
		for _, o := range offered(d.in.Model) {
			if !strings.HasPrefix(o, half) {
				t.Errorf("%s offers %s", name, o)
			}
		}
		f := Draw(in)
		marks := f.Panels[0].Marks()
		for i, k := range tokens {
			if !strings.Contains(marks, `data-h="`+h+strconv.Itoa(i)+`"`) {
				t.Errorf("%s: token %d, %q, has no label", name, i, k.Text)
			}
		}
		if got := f.Panels[0].Pick(0, 2, false); !strings.HasPrefix(got, set+"2") {
			t.Errorf("%s: a click chooses %q", name, got)
		}
		for _, p := range f.Panels {
			viewtest.Check(t, p)
			for _, c := range p.Controls {
				if strings.HasPrefix(c.Label, "states.") {
					t.Errorf("%s: a control is called %s", name, c.Label)
				}
				for _, o := range c.Options {
					if o.Disabled == "" && strings.HasSuffix(c.Key, "o.states.half={}") {
						if bad := in.State.Clone().Patch(strings.ReplaceAll(c.Key, "{}", o.Value)); len(bad) > 0 {
							t.Errorf("%s: %q", name, bad)
						}
					}
				}
			}
		}
	}
}

// TestHalvesAddUp holds that what a block of either half is said to be made of is what it is, and that of cells no equation is said whose
// beginning is another's state.
func TestHalvesAddUp(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-transformer")
	for _, half := range halves {
		for layer := range 3 {
			d := begin(halfOf(input(t, e, "phonograph", "o.states.half="+half+"&unit=9&layer="+strconv.Itoa(layer))))
			r, terms := d.recipe()
			if terms == nil || r.miss == nil {
				t.Fatalf("%s %d: no equation", half, layer)
			}
			for i := range d.n {
				if m := r.miss(values(terms), i); !(m < 2e-6) {
					t.Errorf("%s %d: token %d is %g apart", half, layer, i, m)
				}
			}
		}
	}
	d := begin(halfOf(input(t, viewtest.Open(t, "web/models/g2p-lstm"), "phonograph", "unit=9")))
	if r, terms := d.recipe(); terms == nil || r.miss != nil {
		t.Error("gates of a decoder")
	}
}
