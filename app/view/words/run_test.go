package words

import (
	"math"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// running is a drawing of a t-SNE map at an iteration.
func running(iter int, edit func(*figure.Map)) *drawing {
	d := made("a b c d e f g h", nil, nil)
	d.m.Running, d.p.Dim = true, 100
	d.m.Frame = &protocol.MapFrame{Dims: 2, Iter: iter, IterMs: 20, Perplexity: 2.5, Kept: .775, Explained: []float32{.091, .064, .01}, Y: make([]float32, 16)}
	for i := 1; i <= iter; i++ {
		d.m.Curve = append(d.m.Curve, figure.CurvePoint{Iter: i, KL: 1 + 3*float32(math.Exp(-float64(i)/100))})
	}
	if edit != nil {
		edit(d.m)
	}
	return d
}

// TestSoFar holds what the strip says of iterations and time.
func TestSoFar(t *testing.T) {
	for want, d := range map[string]*drawing{
		"640 of 1,000, 7.2 s left":    running(640, nil),
		"1 of 1,000, 20 s left":       running(1, nil),
		"1 of 1,000, 10 min left":     running(1, func(m *figure.Map) { m.Frame.IterMs = 600 }),
		"640 of 1,000, paused":        running(640, func(m *figure.Map) { m.Running, m.Paused = false, true }),
		"1,000 of 1,000":              running(1000, func(m *figure.Map) { m.Running, m.Frame.Done = false, true }),
		"870, nothing moves any more": running(870, func(m *figure.Map) { m.Running, m.Frame.Done, m.Frame.Converged = false, true, true }),
	} {
		if got := d.soFar(); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

// TestLive holds that the strip follows the map without being drawn anew, and that its buttons stay.
func TestLive(t *testing.T) {
	d := running(300, nil)
	p := d.runPanel()
	viewtest.Check(t, p)
	if p.SVG != p.Live() {
		t.Error("what is drawn and what is live differ")
	}
	if !strings.Contains(p.Under, "map=pause 0") || strings.Contains(p.SVG, "data-do") {
		t.Error("the buttons are not apart from what moves")
	}
	d.m.Frame = &protocol.MapFrame{Dims: 2, Iter: 301, Y: d.m.Frame.Y}
	d.m.Curve = append(d.m.Curve, figure.CurvePoint{Iter: 301, KL: .5})
	if live := p.Live(); live == p.SVG || !strings.Contains(live, "301 of 1,000") || !strings.Contains(live, "KL 0.50") {
		t.Errorf("live is %s", live)
	}
	if !strings.Contains(p.SVG, "PCA first: 50 of 100, 77.5 % of the variance") || !strings.Contains(p.SVG, "9.1, 6.4") {
		t.Error("the components taken first are not said")
	}
}

// TestCurve holds that the curve has at most about a point a pixel, and its ends.
func TestCurve(t *testing.T) {
	var c []figure.CurvePoint
	for i := range 10_000 {
		c = append(c, figure.CurvePoint{Iter: i + 1, KL: 1})
	}
	d := curvePath(c, 300, func(i int) float64 { return float64(i) }, func(v float32) float64 { return float64(v) })
	if n := strings.Count(d, "L"); n > 340 || !strings.HasPrefix(d, "M1,1L") || !strings.HasSuffix(d, "L10000,1") {
		t.Errorf("%d points, %.20s .. %s", n, d, d[len(d)-20:])
	}
}

// TestStrip holds that nothing on the strip stands on something else, or beyond its edge, at any width.
func TestStrip(t *testing.T) {
	for _, method := range []string{"tsne", "pca", "axes"} {
		for _, w := range []float64{320, 358, 500, 700, 740, 900, 1016, 1268} {
			d := running(10, func(m *figure.Map) { m.Spec.Layout.Method = method })
			d.mainW = w
			s := d.strip()
			facts := float64(len(d.measures(nil))) * factWidth
			switch {
			case s.curve && s.cx+s.cw > w+.1, s.fx+facts-20 > w, s.sw > 0 && s.sx+s.sw > w+.1:
				t.Errorf("%s at %g: beyond the edge: %+v", method, w, s)
			case s.curve && s.fy == 0 && s.fx < s.cx+s.cw, s.sw > 0 && s.sy == s.fy && s.sx < s.fx+facts-20:
				t.Errorf("%s at %g: one on another: %+v", method, w, s)
			case s.fy+50 > s.h, s.sw > 0 && s.sy+46 > s.h:
				t.Errorf("%s at %g: too low: %+v", method, w, s)
			}
		}
	}
}

func TestPicks(t *testing.T) {
	if got := picks([]int{0, 1}, 5); got != "1,5" {
		t.Errorf("picks %q", got)
	}
	d := made("a b", nil, stateOf("o.words.pick=1,5"))
	if got := d.picked(2); len(got) != 2 || got[1] != 5 {
		t.Errorf("picked %v", got)
	}
	if d.picked(3) != nil || made("a", nil, stateOf("o.words.pick=x,-1,77")).picked(2) != nil {
		t.Error("too few components are no choice")
	}
}
