package states

import (
	"encoding/xml"
	"math"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/states/axis"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

const parens = "(((  3)2(3)))0(  ((3)2)((3)))" // of the language that the model learnt

// input is what the view draws from: a model of the repository that ran a text, with pairs of the address.
func input(t testing.TB, e *viewtest.Engine, text, pairs string) *figure.Input {
	t.Helper()
	st := viewtest.State(text)
	if bad := st.Patch(pairs); bad != nil {
		t.Fatalf("pairs %q", bad)
	}
	return e.Input(st)
}

// own are the panels of this package: the parts below have goldens of their own.
var own = []string{"main", "units", "threshold", "change", "parts", "step"}

func TestGolden(t *testing.T) {
	for _, c := range []struct{ name, model, text, pairs string }{
		{"parens", "web/models/parens-lstm", parens, ""},
		{"range", "web/models/parens-lstm", parens, "range=3-10&o.states.l=0.4&at=8&o.states.before=0&o.states.what=hidden"},
		{"nothing-on", "web/models/parens-lstm", parens, "range=3-10&o.states.l=9&o.states.pin=1,5"},
		{"change", "web/models/parens-lstm", parens, "o.states.pin=1,5,7&unit=3&at=8&change=layers.0.cell@*,5:zero&o.states.form=heat&o.states.order=peak"},
		{"several", "web/models/parens-lstm", parens, "range=9-11&o.states.also=layers.0.hidden,layers.0.forget_gate&o.states.scale=tanh&o.states.l.1=0.25&o.states.before=3&o.states.after=0&unit=3&o.states.out=6&o.states.pin=1:4"},
		{"either", "web/models/parens-lstm", parens, "range=9-11&o.states.on=either&o.states.what=hidden&o.states.l=0.6&o.states.tracks=class,depth,surprisal,document+position&change=layers.0.cell@4,5:zero&o.states.tab=unit&o.states.who=all&o.states.where=range"},
		{"one-token", "web/models/parens-lstm", "(", ""},
		{"gru", "testdata/models/gru", "abcabdabcab", "layer=0&unit=3"},
		{"gpt2", "testdata/models/gpt2-untied", "abcabdabcab", "layer=1&unit=7&o.states.what=attn_out"},
		{"mlp", "testdata/models/gpt2-untied", "abcabdabcab", "layer=1&o.states.what=mlp.post"},
		{"projected", "testdata/models/lstm-proj", "abcabdabcab", "layer=2&o.states.what=hidden"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := input(t, viewtest.Open(t, c.model), c.text, c.pairs)
			switch c.name {
			case "either":
				in.L = lang.Chinese
			case "change":
				in.L, in.Dark = lang.Chinese, true
			case "gru":
				in.Width, in.Touch = 358, true
			}
			f := Draw(in)
			f.Panels = slices.DeleteFunc(f.Panels, func(p figure.Panel) bool { return !slices.Contains(own, p.ID) })
			viewtest.Golden(t, "states", c.name, f)
		})
	}
}

// TestAddsUp holds that the equations drawn are those that the models compute, at every token and for every unit, and that
// a change that breaks one is seen.
func TestAddsUp(t *testing.T) {
	for model, what := range map[string]string{"lstm": "cell", "lstm-proj": "cell", "gru": "hidden", "gpt2-untied": "resid_post"} {
		e := viewtest.Open(t, "testdata/models/"+model)
		for layer := 0; layer < 2; layer++ {
			for unit := 0; unit < 12; unit++ {
				d := drawn(t, input(t, e, "abcabdabcab", "o.states.what="+what+"&layer="+strconv.Itoa(layer)+"&unit="+strconv.Itoa(unit)))
				r, terms := d.recipe()
				if terms == nil {
					t.Fatalf("%s: no equation", model)
				}
				for i := 0; i < d.n; i++ {
					if m := r.miss(values(terms), i); !(m < 2e-6) {
						t.Errorf("%s: unit %d at token %d is %g apart", model, unit, i, m)
					}
				}
			}
		}
	}
	in := input(t, viewtest.Open(t, "testdata/models/lstm"), "abcabdabcab", "layer=0&unit=3&change=layers.0.cell@4,3:set=2")
	d := drawn(t, in)
	r, terms := d.recipe()
	if m := r.miss(values(terms), 4); m < .5 {
		t.Errorf("the cell was set at token 4, and the equation still holds within %g", m)
	}
	if s := d.check(r, values(terms)); !strings.Contains(s, "token 4") {
		t.Errorf("said: %s", s)
	}
}

// drawn is the drawing of an input, after its choices are made.
func drawn(t testing.TB, in *figure.Input) *drawing {
	t.Helper()
	d := begin(in)
	if d == nil || d.x == nil {
		t.Fatal("nothing to draw")
	}
	return d
}

// TestSources: each model offers what it records, and no more.
func TestSources(t *testing.T) {
	for model, want := range map[string]string{
		"lstm": "hidden cell input_gate forget_gate cell_gate output_gate", "gru": "hidden reset_gate update_gate new_gate", "rnn-tanh": "hidden",
		"gpt2-tied": "resid_post resid_mid attn_out mlp_out mlp.pre mlp.post",
	} {
		m := viewtest.Open(t, "testdata/models/"+model).Model
		s := find(m, "", "", -1)
		if got := strings.Join(s.whats, " "); got != want || s.layer != s.layers-1 || s.layers != m.Layers {
			t.Errorf("%s: %s, layer %d of %d", model, got, s.layer, s.layers)
		}
		if s := find(m, "nonsense", "up.", 99); s.what != find(m, "", "", -1).what || s.units == 0 {
			t.Errorf("%s: nonsense gives %+v", model, s)
		}
	}
	if s := find(&protocol.Model{Logits: true, Acts: []protocol.Act{{Name: "embed", Inner: []int{8}}, {Name: "logits", Inner: []int{9}}}}, "", "", -1); s.units != 0 {
		t.Errorf("a model without layers gives %+v", s)
	}
}

// TestDepth: the built-in model of brackets has a cell that follows their depth, and the view finds it by itself.
func TestDepth(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	d := drawn(t, input(t, e, parens, ""))
	if d.src.what != "cell" || math.Abs(d.cor[d.unit]) < follows {
		t.Errorf("it shows unit %d of %s, of correlation %.2f", d.unit, d.src.what, d.cor[d.unit])
	}
	if s := figure.Plain(Draw(d.in).Reading); !strings.Contains(s, "follows the depth") {
		t.Errorf("it reads: %s", s)
	}
	if d := drawn(t, input(t, e, "(1)0(1)0", "")); d.src.what != "hidden" {
		t.Errorf("without nesting it shows %s", d.src.what)
	}
}

// TestPointer: what lies under the pointer is what is drawn there, in both forms.
func TestPointer(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	for _, form := range []string{"", "&o.states.form=heat", "&o.states.form=heat&o.states.order=peak"} {
		in := input(t, e, parens, "o.states.pin=4"+form)
		d := drawn(t, in)
		p := Draw(in).Panels[0]
		plot := d.form(d.chart)
		for want := 0; want < d.src.units; want++ {
			const at = 12
			u := want
			row := int(d.cols.Head + d.scale.y(d.at(at, u), 0, d.h))
			if h, ok := plot.(heatMap); ok {
				y, each := h.row(u)
				row = int(y + each/2)
			} else if got := plot.under(float64(row)-d.cols.Head, at); got != u { // two lines on one pixel
				u = got
			}
			set := "at=12&unit=" + strconv.Itoa(u)
			if got := p.Pick(row, at, false); got != set {
				t.Errorf("%s: a click on unit %d sets %s", form, u, got)
			}
			pin := "4," + strconv.Itoa(u)
			if u == 4 {
				pin = ""
			}
			if got := p.Pick(row, at, true); got != set+"&o.states.pin="+pin+"&o.states.out=" {
				t.Errorf("%s: a click with shift sets %s", form, got)
			}
			if tip := p.Tip(row, at); !strings.Contains(tip, "unit "+strconv.Itoa(u)+":") || !strings.Contains(tip, d.scale.text(d.at(at, u))) {
				t.Errorf("%s: the tip of unit %d is %q", form, u, tip)
			}
			if p.Over(row, at) == "" {
				t.Errorf("%s: nothing is lit", form)
			}
		}
		for row := 0; row < int(p.Height); row++ {
			if p.Tip(row, 3) == "" || !strings.HasPrefix(p.Pick(row, 3, false), "at=3") {
				t.Fatalf("row %d: %q, %q", row, p.Tip(row, 3), p.Pick(row, 3, false))
			}
		}
	}
}

// TestBusy draws before the activation is there, and before the gates are.
func TestBusy(t *testing.T) {
	in := input(t, viewtest.Open(t, "web/models/parens-lstm"), parens, "")
	f := Draw(viewtest.Without(in, protocol.OpActivation))
	if len(f.Panels) != 1 || !strings.Contains(f.Panels[0].Busy, "layers.0.cell") || f.Reading != nil {
		t.Errorf("%+v", f)
	}
	all, whole := in.Fetch, Draw(in)
	in.Fetch = func(op string, body any) any {
		if a, ok := body.(protocol.Activation); ok && a.Index >= 0 {
			return nil
		}
		return all(op, body)
	}
	if f := Draw(in); len(f.Panels) < 3 || f.Reading == nil || f.Panels[0].Busy == "" || f.Panels[0].Height != whole.Panels[0].Height {
		t.Errorf("without gates: %d panels, %q, %g high instead of %g", len(f.Panels), f.Panels[0].Busy, f.Panels[0].Height, whole.Panels[0].Height)
	}
	in = input(t, viewtest.Open(t, "web/models/parens-lstm"), "", "")
	if f := Draw(in); len(f.Panels) != 0 || len(f.Reading) != 1 {
		t.Errorf("without a text: %+v", f)
	}
}

// made is an input of n tokens and units whose values f makes.
func made(n, units int, text func(t int) string, f func(t, u int) float64) *figure.Input {
	m := &protocol.Model{Logits: true, Layers: 1, Acts: []protocol.Act{{Name: "layers.0.hidden", Inner: []int{units}}}}
	run := &protocol.RunResult{}
	a := &protocol.Array{Shape: []int{n, units}}
	for t := 0; t < n; t++ {
		run.Tokens = append(run.Tokens, protocol.Token{ID: t, Text: text(t)})
		run.Surprisal, run.Entropy = append(run.Surprisal, float32(t%7)), append(run.Entropy, float32(t%5))
		for u := 0; u < units; u++ {
			a.Data = append(a.Data, float32(f(t, u)))
		}
	}
	return viewtest.Made(m, run, viewtest.State(""), map[string]any{protocol.OpActivation: a})
}

// TestNotNumbers: values that are not finite leave gaps, and nothing is drawn at NaN; viewtest.Text checks it.
func TestNotNumbers(t *testing.T) {
	word := func(int) string { return "a" }
	for name, f := range map[string]func(t, u int) float64{
		"all NaN": func(t, u int) float64 { return math.NaN() },
		"some":    func(t, u int) float64 { return []float64{.5, math.NaN(), math.Inf(1), math.Inf(-1), -.5}[(t+u)%5] },
		"zero":    func(t, u int) float64 { return 0 },
		"huge":    func(t, u int) float64 { return 3e38 * float64(1-2*(u%2)) },
	} {
		for _, pairs := range []string{"", "o.states.form=heat", "range=1-4", "range=1-4&o.states.form=heat&o.states.order=peak", "at=0"} {
			in := made(9, 6, word, f)
			in.State.Patch(pairs)
			if s := viewtest.Text(t, Draw(in)); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
				t.Errorf("%s, %s: draws NaN or infinity", name, pairs)
			}
		}
	}
}

// TestHostileText: tokens are text in marks, tips, labels and tables, never marks.
func TestHostileText(t *testing.T) {
	evil := `<img src=x onerror=alert(1)>"'&`
	in := made(4, 3, func(int) string { return evil }, func(t, u int) float64 { return float64(t*u) / 9 })
	in.State.Patch("range=1-3&o.states.l=-1&o.states.what=" + "%3Cscript%3E&o.states.tracks=" + url.QueryEscape(evil))
	fetch := in.Fetch
	in.Fetch = func(op string, body any) any {
		if op == protocol.OpTracks {
			nan := float32(math.NaN())
			return &protocol.TracksResult{Tracks: []protocol.Track{{Name: evil, Own: true, Labels: []string{evil}, Values: []float32{0, nan, 7, 0}}}}
		}
		return fetch(op, body)
	}
	f := Draw(in)
	for _, p := range f.Panels {
		d := xml.NewDecoder(strings.NewReader("<x>" + p.Marks() + p.Over(30, 1) + "</x>"))
		for {
			tok, err := d.Token()
			if err != nil {
				if err.Error() != "EOF" {
					t.Fatal(err)
				}
				break
			}
			if e, ok := tok.(xml.StartElement); ok && regexp.MustCompile(`^(img|script)$`).MatchString(e.Name.Local) {
				t.Errorf("panel %s has an element %s", p.ID, e.Name.Local)
			}
		}
		break
	}
	if tip := f.Panels[0].Tip(200, 1); !strings.Contains(tip, "<img") {
		t.Errorf("tip %q", tip)
	}
	if head := f.Panels[0].Table.Head; head[len(head)-1] != evil {
		t.Errorf("the annotation does not stand below: %v", head)
	}
}

// TestManyTokens: the columns of a long text keep a width that can be read and hit.
func TestManyTokens(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	in := made(512, 40, func(int) string { return " word" }, func(t, u int) float64 { return r.Float64()*2 - 1 })
	p := Draw(in).Panels[0]
	if p.Width < 512*axis.Narrowest || p.NowX < p.Width-100 || len(p.Table.All()) != 512 {
		t.Errorf("width %g, now at %g, %d rows", p.Width, p.NowX, len(p.Table.Rows))
	}
	in.Touch, in.Width = true, 358
	if q := Draw(in).Panels[0]; q.Width < 512*20 {
		t.Errorf("on a phone: %g", q.Width)
	}
}
