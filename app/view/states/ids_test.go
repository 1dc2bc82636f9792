package states

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// three is an input of three sources of 5, 4 and 3 units, of which some are added, left out or alone by hand.
func three(r *rand.Rand) *figure.Input {
	names, units := []string{"layers.0.hidden", "layers.0.cell", "layers.1.cell"}, []int{5, 4, 3}
	const n = 8
	m, run := &protocol.Model{Layers: 2}, &protocol.RunResult{}
	arrays := map[string]*protocol.Array{}
	for i, name := range names {
		m.Acts = append(m.Acts, protocol.Act{Name: name, Inner: []int{units[i]}})
		a := &protocol.Array{Shape: []int{n, units[i]}}
		for range n * units[i] {
			a.Data = append(a.Data, float32(r.IntN(41)-20)/20)
		}
		arrays[name] = a
	}
	for range n {
		run.Tokens = append(run.Tokens, protocol.Token{Text: "a"})
	}
	in := viewtest.Made(m, run, viewtest.State(""), nil)
	in.Fetch = func(op string, body any) any {
		if a, ok := body.(protocol.Activation); ok && a.Index < 0 {
			return arrays[a.Name]
		}
		return nil
	}
	lo := r.IntN(n)
	in.State.Patch(fmt.Sprintf("layer=0&o.states.what=hidden&o.states.also=layers.0.cell,nonsense,layers.1.cell,layers.0.hidden&range=%d-%d&o.states.l=0.2&o.states.l.1=-0.1&o.states.on=%s",
		lo, lo+1+r.IntN(n-lo), []string{"", "below", "either"}[r.IntN(3)]))
	in.State.Patch("o.states.pin=1,2:0,1:9&o.states.out=0,1:2,2:2,x")
	return in
}

// described are the selected units by the names of their sources.
func described(d *drawing) string {
	var out []string
	for _, u := range d.units {
		c, own := d.find(u)
		out = append(out, fmt.Sprintf("%s %d", c.src.name(), own))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestSeveral: units are selected through all sources, each by its own threshold, and by hand.
func TestSeveral(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	picked := 0
	for range 500 {
		d := drawn(t, three(r))
		if len(d.charts) != 3 || d.charts[2].first != 9 {
			t.Fatalf("%d sources", len(d.charts))
		}
		var want []int
		for _, c := range d.charts {
			for _, own := range slow(d.sel, c.raw, d.n, c.src.units, c.cut.On, []float64{.2, -.1, c.scale.level(c.cut.On)}[c.i]) {
				if u := c.first + own; u != 0 && u != 5+2 && u != 9+2 {
					want = append(want, u)
				}
			}
		}
		want = append(want, 1, 9)
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(d.units, want) {
			t.Fatalf("%v are selected, expected %v", d.units, want)
		}
		picked += len(want) - 2
	}
	if picked < 200 {
		t.Errorf("the range selected only %d units in all", picked)
	}
}

// TestArranged: sources change places with their thresholds and their units; one that is taken away takes its own with it.
func TestArranged(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 300 {
		in := three(r)
		d := drawn(t, in)
		before, u := described(d), r.IntN(12)
		c, own := d.find(u)
		in.State.Patch(d.choosing(u))
		after := drawn(t, in)
		if described(after) != before || after.unit != own || after.src.name() != c.src.name() {
			t.Fatalf("unit %d: %q, before %q", u, described(after), before)
		}
		in.State.Patch(after.arranged([]int{0, 2}))
		left := drawn(t, in)
		gone := after.charts[1].src.name()
		for _, part := range strings.Split(before, ", ") {
			if strings.HasPrefix(part, gone) == strings.Contains(described(left)+",", part+",") && part != "" {
				t.Fatalf("without %s: %q, before %q", gone, described(left), before)
			}
		}
	}
}

// TestToggled: what takes a unit in or out does, and done again undoes it.
func TestToggled(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for i := range 500 {
		in := three(r)
		if i%3 == 0 {
			in.State.Patch("o.states.solo=2,1:1")
		}
		d, u := drawn(t, in), r.IntN(12)
		was := slices.Contains(d.units, u)
		if i%3 == 0 && !was {
			continue // others alone count: it is added for when they no longer do
		}
		in.State.Patch(d.toggled(u))
		d = drawn(t, in)
		if now := slices.Contains(d.units, u); now == was && len(d.solo) > 0 || now == was && i%3 != 0 {
			t.Fatalf("unit %d: was in %v, is in %v", u, was, now)
		}
		if i%3 != 0 {
			in.State.Patch(d.toggled(u))
			if slices.Contains(drawn(t, in).units, u) != was {
				t.Fatalf("unit %d: taken in and out again it is not as before", u)
			}
		}
	}
}

// TestWhy: the words say what the selection does, and the token that they name is one at which the unit fails.
func TestWhy(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	kinds := map[string]int{}
	for range 500 {
		d := drawn(t, three(r))
		for u := range 12 {
			c, own := d.find(u)
			at, inside := d.failure(c, own)
			why := d.why(u)
			switch {
			case at < 0:
				kinds["in"]++
				if !slices.Contains(c.on, own) || !strings.Contains(why, "on at all "+fmt.Sprint(d.sel.hi-d.sel.lo)) {
					t.Fatalf("%d: %s", u, why)
				}
			case inside:
				kinds["low"]++
				if c.isOn(at, own) || at < d.sel.lo || at >= d.sel.hi || !strings.Contains(why, fmt.Sprintf("(%d) is not %s", at, c.cutText())) {
					t.Fatalf("%d: %s", u, why)
				}
			default:
				kinds["high"]++
				from, to := d.sel.margins(d.n)
				if !c.isOn(at, own) || at >= d.sel.lo && at < d.sel.hi || at < from || at >= to || !strings.Contains(why, fmt.Sprintf("(%d), where it must be off", at)) {
					t.Fatalf("%d: %s", u, why)
				}
			}
			if by := strings.Contains(why, "by hand"); by != (slices.Contains(d.pins, u) || slices.Contains(d.outs, u)) {
				t.Fatalf("%d: %s", u, why)
			}
		}
	}
	if kinds["in"] < 100 || kinds["low"] < 100 || kinds["high"] < 100 {
		t.Errorf("the test says little: %v", kinds)
	}
}

// TestNone: where nothing is selected, what is offered selects as many units as it says.
func TestNone(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	offers := map[string]int{}
	for range 1000 {
		in := three(r)
		in.State.Patch("o.states.pin=&o.states.out=&o.states.l=0.9&o.states.l.1=0.9&o.states.l.2=0.9")
		d := drawn(t, in)
		if len(d.units) > 0 {
			continue
		}
		for _, b := range d.reasons() {
			for _, s := range b.Spans {
				if s.Set == "" {
					continue
				}
				offers[strings.Split(s.Set, "=")[0]]++
				kept := in.State.String()
				in.State.Patch(s.Set)
				if n := len(drawn(t, in).units); n == 0 || !strings.HasSuffix(s.Text, fmt.Sprintf(" %d.", n)) {
					t.Fatalf("%q selects %d", s.Text, n)
				}
				in.State, _ = state.Parse(kept)
			}
		}
	}
	if len(offers) < 3 {
		t.Errorf("offered: %v", offers)
	}
}

// TestTanh: shown as its tanh a source is cut where its values are, and one that is a tanh already stays.
func TestTanh(t *testing.T) {
	in := three(rand.New(rand.NewPCG(17, 18)))
	in.State.Patch("range=2-4&o.states.scale=tanh&o.states.on=&o.states.l.1=0.3")
	d := drawn(t, in)
	if d.squashed || !d.charts[1].squashed {
		t.Fatalf("tanh of the hidden state %v, of the cell %v", d.squashed, d.charts[1].squashed)
	}
	c := d.charts[1]
	for u := range 4 {
		for p := range d.n {
			if want := math.Tanh(float64(c.raw[p*4+u])); math.Abs(c.at(p, u)-want) > 1e-7 || c.isOn(p, u) != (want >= .3) {
				t.Errorf("token %d, unit %d: shown %g, on %v", p, u, c.at(p, u), c.isOn(p, u))
			}
		}
	}
	if math.Abs(c.cut.Level-math.Atanh(.3)) > 1e-12 {
		t.Errorf("the corpus is cut at %g", c.cut.Level)
	}
	for _, l := range []string{"1", "-1"} { // no finite value has that tanh
		in.State.Patch("o.states.l.1=" + l)
		if v := drawn(t, in).charts[1].cut.Level; !finite(v) || math.Abs(v) < 1e30 {
			t.Errorf("at %s the cut is %g", l, v)
		}
	}
	in.State.Patch("o.states.l.1=4.5") // of the cell as stored
	if l := drawn(t, in).charts[1].level; l != .3 {
		t.Errorf("a threshold of another scale became %g", l)
	}
}
