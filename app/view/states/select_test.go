package states

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// slow is the selection said literally: on at every token of the range, off at the tokens before and after that the text has.
func slow(s selection, x []float32, n, units int, on string, level float64) (out []int) {
	level = float64(float32(level)) // the engine's thresholds are 32-bit floats, as values are
	isOn := func(v float64) bool {
		switch on {
		case "below":
			return v <= -level
		case "either":
			return math.Abs(v) >= level
		}
		return v >= level
	}
	for u := 0; u < units; u++ {
		ok := true
		for t := 0; t < n; t++ {
			on := isOn(float64(x[t*units+u]))
			if t >= s.lo && t < s.hi && !on {
				ok = false
			}
			if (t < s.lo && s.lo-t <= s.before || t >= s.hi && t-s.hi < s.after) && on {
				ok = false
			}
		}
		if ok {
			out = append(out, u)
		}
	}
	return out
}

var sides = []string{"above", "below", "either"}

// randomSelection is numbers in which ties with the level are common, and a range in them.
func randomSelection(r *rand.Rand) (s selection, x []float32, n, units int) {
	n, units = 1+r.IntN(12), 1+r.IntN(8)
	x = make([]float32, n*units)
	for i := range x {
		if x[i] = float32(r.IntN(5))/2 - 1; r.IntN(40) == 0 {
			x[i] = float32(math.NaN())
		}
	}
	s = selection{lo: r.IntN(n), before: r.IntN(4), after: r.IntN(4)}
	s.hi = s.lo + 1 + r.IntN(n-s.lo)
	return s, x, n, units
}

func TestSelection(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 12_000 {
		s, x, n, units := randomSelection(r)
		on, level := sides[r.IntN(3)], float64(r.IntN(5))/2-1
		low, high := s.spans(x, n, units, on)
		got, want := between(low, high, float32(level)), slow(s, x, n, units, on, level)
		found += len(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%+v %s %g of %v: %v, expected %v", s, on, level, x, got, want)
		}
	}
	if found < 3000 {
		t.Errorf("only %d units were ever selected: the test says little", found)
	}
}

func TestSpans(t *testing.T) {
	s := selection{lo: 1, hi: 3, before: 1, after: 5}
	low, high := s.spans([]float32{9, -9, 1, 5, 3, -2, 0, 1}, 4, 2, "above")
	if !slices.Equal(low, []float32{1, -2}) || !slices.Equal(high, []float32{9, 1}) {
		t.Errorf("%v %v", low, high)
	}
	nan := math.NaN()
	if got := largest([]float64{1, nan, -3, 3, math.Inf(1), 0}, 3); !slices.Equal(got, []int{2, 3, 0}) {
		t.Errorf("largest: %v", got)
	}
	if got := highest([]float64{1, nan, -3, 3, 1}, 9); !slices.Equal(got, []int{3, 0, 4, 2}) {
		t.Errorf("highest: %v", got)
	}
}

func TestDepths(t *testing.T) {
	for text, want := range map[string][]float64{
		"(a[b]c)d": {1, 1, 2, 2, 1, 1, 0, 0}, ")(": {0, 1}, "(]a)": {1, 1, 1, 0}, `"a"b`: {1, 1, 0, 0}, "“a(”b": {1, 1, 2, 2, 2},
		"don't": nil, "": nil, "a)": nil, "{《》}": {1, 2, 1, 0},
	} {
		var tokens []protocol.Token
		for _, r := range text {
			tokens = append(tokens, protocol.Token{Text: string(r)})
		}
		if got := depths(tokens); !slices.Equal(got, want) {
			t.Errorf("%s: %v, expected %v", text, got, want)
		}
	}
	if got := depths([]protocol.Token{{Text: "[CLS]"}, {Text: "a"}, {Text: "[SEP]"}}); got != nil {
		t.Errorf("marks of the tokenizer: %v", got)
	}
	if got := depths([]protocol.Token{{Text: " f(("}, {Text: "x))"}}); !slices.Equal(got, []float64{2, 0}) {
		t.Errorf("tokens of several characters: %v", got)
	}
}

func TestCorrelations(t *testing.T) {
	x := []float32{1, -1, 5, 0, 2, -2, 5, 1, 4, -4, 5, 0, 3, -3, 5, 1}
	for i, c := range []struct{ y, want []float64 }{
		{[]float64{1, 2, 4, 3}, []float64{1, -1, math.NaN(), 0}},
		// by hand, for the last: Σxy = 1.5, Σxx = 1, Σyy = 2.75 about the means
		{[]float64{1, 2, 1, 3}, []float64{.5 / math.Sqrt(5*2.75), -.5 / math.Sqrt(5*2.75), math.NaN(), 1.5 / math.Sqrt(2.75)}},
		{[]float64{7, 7, 7, 7}, []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}},
	} {
		for u, got := range correlations(x, 4, c.y) {
			if math.IsNaN(got) != math.IsNaN(c.want[u]) || math.Abs(got-c.want[u]) > 1e-12 {
				t.Errorf("%d, unit %d: %g, expected %g", i, u, got, c.want[u])
			}
		}
	}
}

func TestWays(t *testing.T) {
	got := ways([]float32{1, -2, 3, -2, 0, -2.5}, 2)
	if !slices.Equal(got, []float64{6, 2.5}) {
		t.Errorf("%v", got)
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		what string
		v    []float32
		want bounds
	}{
		{"input_gate", []float32{.2, .9}, bounds{lo: 0, hi: 1}}, {"input_gate", []float32{.2, 3.7}, bounds{lo: 0, hi: 4}}, {"hidden", []float32{-.2, .1}, bounds{lo: -1, hi: 1}},
		{"hidden", []float32{-.2, 1.3}, bounds{lo: -.2, hi: 1.5}}, {"cell", []float32{-7.1, 3}, bounds{lo: -8, hi: 8}}, {"resid_post", []float32{0.031, -.02}, bounds{lo: -.04, hi: .04}},
		{"mlp.post", []float32{-.17, 4.4}, bounds{lo: -.2, hi: 5}}, {"cell", []float32{0, 0}, bounds{lo: -1, hi: 1}}, {"mlp.post", []float32{0, 4.4}, bounds{lo: 0, hi: 5}}, {"cell", []float32{float32(math.NaN()), float32(math.Inf(1)), -1}, bounds{lo: -1, hi: 1}},
	} {
		if got := boundsOf(c.what, c.v); math.Abs(got.lo-c.want.lo) > 1e-9 || math.Abs(got.hi-c.want.hi) > 1e-9 {
			t.Errorf("%s %v: %v, expected %v", c.what, c.v, got, c.want)
		}
	}
	b := bounds{lo: -8, hi: 8}
	if y := b.y(0, 10, 100); y != 60 {
		t.Errorf("zero at %g", y)
	}
	if y := b.y(99, 10, 100); y != 10 {
		t.Errorf("beyond the top at %g", y)
	}
	for v, want := range map[float64]string{-1: "−1", .5: "0.5", .25: "0.25", 12: "12", 1e-3: "0.001", 0: "0"} {
		if got := short(v); got != want {
			t.Errorf("short(%g) = %s", v, got)
		}
	}
	for v, want := range map[float64]string{8e-8: "1e-7", 1e-6: "1e-6", 1.1e-6: "1e-5", 0: "0"} {
		if got := power(v); got != want {
			t.Errorf("power(%g) = %s", v, got)
		}
	}
}

func TestPen(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1.04: "1", 1.05: "1.1", 12.3: "12.3", 199.96: "200", 1044: "1044", -3: "0"} {
		var p pen
		if p.num(v); string(p) != want {
			t.Errorf("%g is written %s, expected %s", v, p, want)
		}
	}
	nan := float32(math.NaN())
	var p pen
	p.trace([]float32{nan, 1, 2, nan, 3}, func(i int) float64 { return float64(i) }, func(v float64) float64 { return v })
	if p.bar(1, 2, 3, .5); string(p) != "M1,1l1 1M4,3M1,3V0.5H3V3z" {
		t.Errorf("%s", p)
	}
}

// TestTrace: the ways from point to point lead to where the points are, within half a tenth of a pixel.
func TestTrace(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	x := func(i int) float64 { return 30.26 + 13.37*float64(i) }
	v := make([]float32, 300)
	for i := range v {
		v[i] = float32(170 * r.Float64())
	}
	var p pen
	p.trace(v, x, func(v float64) float64 { return v })
	all := regexp.MustCompile(`-?\d+(\.\d+)?`).FindAllString(string(p), -1)
	if len(all) != 2*len(v) || strings.Count(string(p), "l") != 1 {
		t.Fatalf("%d numbers: %s", len(all), p)
	}
	sum := [2]float64{}
	for i, text := range all {
		k, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum[i%2] += k
		if want := []float64{x(i / 2), float64(v[i/2])}[i%2]; math.Abs(sum[i%2]-want) > .0501 {
			t.Fatalf("number %d leads to %g, expected %g", i, sum[i%2], want)
		}
	}
}

// TestThin: a line of fewer points still reaches every low and high.
func TestThin(t *testing.T) {
	v := make([]float32, 1000)
	for i := range v {
		v[i] = float32(math.Sin(float64(i)))
	}
	v[333], v[777] = 9, -9
	out, at := thin(v, 50)
	if len(out) > 200 || !slices.Contains(out, 9) || !slices.Contains(out, -9) || !slices.IsSorted(at) {
		t.Errorf("%d points of 1000", len(out))
	}
	for i, k := range at {
		if out[i] != v[k] {
			t.Fatalf("point %d is not value %d", i, k)
		}
	}
	if out, _ := thin(v[:60], 50); !slices.Equal(out, v[:60]) {
		t.Error("a line that fits was thinned")
	}
}

// TestDensity: each column of the picture counts each line once for every row that it passes.
func TestDensity(t *testing.T) {
	in := made(3, 2, func(int) string { return "a" }, func(t, u int) float64 { return []float64{1, -1}[u] })
	d := drawn(t, in)
	d.top, d.h = 0, 20
	p := linePlot{d, d.chart}
	im := decode(t, p.density())
	w := im.Bounds().Dx()
	for r := 0; r < 10; r++ {
		_, _, _, a := im.At(w/2, r).RGBA()
		if want := r == 0 || r == 9; (a != 0) != want {
			t.Errorf("row %d of two flat lines at the ends: drawn is %v", r, a != 0)
		}
	}
	steep := made(2, 1, func(int) string { return "a" }, func(t, u int) float64 { return float64(1 - 2*t) })
	d = drawn(t, steep)
	d.top, d.h = 0, 20
	im = decode(t, linePlot{d, d.chart}.density())
	for r := 0; r < 10; r++ {
		found := false
		for c := 0; c < im.Bounds().Dx(); c++ {
			_, _, _, a := im.At(c, r).RGBA()
			found = found || a != 0
		}
		if !found {
			t.Errorf("a line from top to bottom leaves row %d empty", r)
		}
	}
}

// TestDensityPeak: a column that is one cell wide still shows the value in its middle.
func TestDensityPeak(t *testing.T) {
	in := made(600, 1, func(int) string { return "a" }, func(t, u int) float64 { return float64(t % 2) })
	d := drawn(t, in)
	d.cols.Pitch = 3
	d.top, d.h = 0, 20
	im := decode(t, linePlot{d, d.chart}.density())
	if _, _, _, a := im.At(301, 0).RGBA(); im.Bounds().Dx() != 600 || a == 0 {
		t.Errorf("%d columns; the peak at token 301 is missing", im.Bounds().Dx())
	}
}

func decode(t *testing.T, url string) image.Image {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(url, "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// TestFirst: few of many are those that sorting all gives.
func TestFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		v := make([]float64, r.IntN(80))
		for i := range v {
			if v[i] = float64(r.IntN(9) - 4); r.IntN(12) == 0 {
				v[i] = math.NaN()
			}
		}
		k := r.IntN(10)
		all := largest(v, len(v)+1)
		if got := largest(v, k); !slices.Equal(got, all[:min(k, len(all))]) {
			t.Fatalf("%v: the %d largest are %v, of %v", v, k, got, all)
		}
	}
}

// TestChangeKeepsSelection: units that are switched off through the range stay selected, for one wants to see what that does.
func TestChangeKeepsSelection(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	const at = "range=3-8&o.states.what=hidden&o.states.l=0.2&o.states.before=0&o.states.after=0"
	was := begin(input(t, e, parens, at))
	d := begin(input(t, e, parens, at+"&change=layers.0.hidden@3-8,2%2B18:zero"))
	if len(was.units) != 2 || !slices.Equal(d.units, was.units) {
		t.Errorf("units %v, without the change %v", d.units, was.units)
	}
	for tok := 3; tok < 8; tok++ {
		if d.counted[tok] != 0 || was.counted[tok] != 2 {
			t.Errorf("token %d: %d units are on, without the change %d", tok, d.counted[tok], was.counted[tok])
		}
	}
	if why := d.why(was.units[0]); why != was.why(was.units[0]) {
		t.Errorf("%q, without the change %q", why, was.why(was.units[0]))
	}
}
