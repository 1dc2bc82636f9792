package scatter

import (
	"encoding/xml"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// cloud is a Scatter of n rows, normally distributed, in three classes.
func cloud(n, dims int) *figure.Scatter {
	r := rand.New(rand.NewPCG(1, 2))
	y := make([]float32, n*dims)
	for i := range y {
		y[i] = float32(r.NormFloat64() * 3)
	}
	s := &figure.Scatter{Map: &figure.Map{Frame: &protocol.MapFrame{Dims: dims, Y: y}}, Dims: dims, Equal: true,
		Class: make([]uint8, n), Names: make([]string, n), Colours: []string{"k1", "k2", "#123456"}}
	for i := range n {
		s.Class[i] = uint8(i * i % 7 % 3)
		s.Names[i] = " w" + strings.Repeat("o", i%5) + "rd"
		s.Order = append(s.Order, i)
	}
	return s
}

func picture(s *figure.Scatter, w, h float64, cam Camera) *Picture {
	p := &Picture{View: View{W: w, H: h, Cam: cam}}
	p.Show(s)
	p.Fit = p.Target()
	p.Place()
	return p
}

func TestFit(t *testing.T) {
	y := make([]float32, 0, 2002)
	for i := range 1000 {
		y = append(y, float32(i), float32(2*i))
	}
	if f := FitTo(y, 2, 2, true); f.Mid != [3]float64{499.5, 999} || f.Half[0] != 499.5 || f.Half[1] != 999 {
		t.Errorf("all rows are in sight: %v", f)
	}
	nan := float32(math.NaN())
	far := append(slices.Clone(y), 1e6, -1e6, nan, nan)
	if f := FitTo(far, 2, 2, true); f.Half[0] > 1000 || f.Half[1] > 2000 {
		t.Errorf("one row far away squeezes the others: %v", f)
	}
	for _, flat := range [][]float32{nil, {1, 1}, {nan, nan}, {3, 4, 3, 4}} {
		for _, dims := range []int{2, 3} {
			for _, equal := range []bool{true, false} {
				f := FitTo(flat, 2, dims, equal)
				for k := range f.Half {
					if !(f.Half[k] > 0) || f.Half[k] > 1e3 || f.Mid[k] != f.Mid[k] {
						t.Errorf("fit of %v in %d dimensions: %v", flat, dims, f)
					}
				}
			}
		}
	}
	a, b := FitTo(y, 2, 2, true), FitTo(far, 2, 2, true)
	if a.Towards(b, 1).Off(b, 2) > 1e-9 || a.Towards(b, .5).Off(b, 2) >= a.Off(b, 2) {
		t.Error("a fit does not come nearer to another")
	}
}

// Every row of a round cloud is in the picture, however a 3D map is turned.
func TestAllInSight(t *testing.T) {
	for _, s := range []*figure.Scatter{cloud(500, 2), cloud(500, 3)} {
		for _, cam := range []Camera{Start, {Zoom: 1, Yaw: 2, Pitch: -1}, {Zoom: 1, Yaw: -3, Pitch: 1.5}} {
			p := picture(s, 800, 400, cam)
			out := 0
			for i := range p.n {
				if !p.stands(i) {
					out++
				}
			}
			if out > 5 {
				t.Errorf("%d of 500 rows are out of the picture in %d dimensions", out, s.Dims)
			}
		}
	}
}

func TestCamera(t *testing.T) {
	for _, dims := range []int{2, 3} {
		for _, c := range []Camera{Start, {Zoom: 2.5, X: -.25, Y: .125, Yaw: 1, Pitch: -.5}} {
			want := c
			if dims == 2 {
				want.Yaw, want.Pitch = Start.Yaw, Start.Pitch
			}
			if got := ParseCamera(c.String(dims)); got != want {
				t.Errorf("%q is %v, want %v", c.String(dims), got, want)
			}
		}
	}
	if Start.String(2)+Start.String(3) != "" {
		t.Error("the first camera is written")
	}
	for _, bad := range []string{"x", "NaN,Inf,1e999", ",,,,,,,", "1e99,1e99,1e99,1e99,1e99"} {
		if c := ParseCamera(bad); c != c.within() || c.Zoom != c.Zoom {
			t.Errorf("%q is %v", bad, c)
		}
	}
	p := picture(cloud(200, 2), 800, 400, Start)
	x, y := p.X[7], p.Y[7]
	p.Cam = p.Zoomed(3, float64(x), float64(y))
	p.Place()
	if math.Abs(float64(p.X[7]-x)) > .01 || math.Abs(float64(p.Y[7]-y)) > .01 {
		t.Errorf("what is under the pointer moved by %g, %g", p.X[7]-x, p.Y[7]-y)
	}
	p.Cam = p.Panned(30, -20)
	p.Place()
	if math.Abs(float64(p.X[7]-x)-30) > .01 || math.Abs(float64(p.Y[7]-y)+20) > .01 {
		t.Errorf("a drag by 30, -20 moved the map by %g, %g", p.X[7]-x, p.Y[7]-y)
	}
	// the map grows to twice its size: what is looked at stays in its place
	x, y = p.X[7], p.Y[7]
	for i := range p.S.Map.Frame.Y {
		p.S.Map.Frame.Y[i] *= 2
	}
	p.Fit = p.Target()
	p.Place()
	if math.Abs(float64(p.X[7]-x)) > .01 || math.Abs(float64(p.Y[7]-y)) > .01 {
		t.Errorf("a map that grew left its place by %g, %g", p.X[7]-x, p.Y[7]-y)
	}
}

// A turn to the right moves what is near to the right, a tilt towards one moves it down.
func TestTurn(t *testing.T) {
	s := cloud(2, 3)
	s.Map.Frame.Y = []float32{0, 0, 1, 0, 0, -1} // near and far
	p := picture(s, 400, 400, Camera{Zoom: 1})
	if p.Z[0] < .9 || p.Z[1] > .1 {
		t.Errorf("depths %v", p.Z)
	}
	p.Cam = p.Turned(30, 20)
	p.Place()
	if p.X[0] <= 200 || p.X[1] >= 200 || p.Y[0] <= 200 || p.Y[1] >= 200 {
		t.Errorf("places %v %v", p.X, p.Y)
	}
	p.Cam = Camera{Zoom: 1}
	s.Map.Frame.Y = []float32{1, 0, 1, 1, 0, -1}
	p.Place()
	if p.X[0] != p.X[1] {
		t.Errorf("orthographic places differ by depth: %v", p.X)
	}
	p.Persp = true
	p.Place()
	if p.X[0] <= p.X[1]+10 {
		t.Errorf("in perspective what is near is no larger: %v", p.X)
	}
}

// Each row that is drawn is drawn once, and one that is hidden or has no place never.
func TestDots(t *testing.T) {
	for _, dims := range []int{2, 3} {
		s := cloud(300, dims)
		s.Class[3] = figure.Hidden
		s.Map.Frame.Y[dims*4] = float32(math.NaN())
		s.Chosen = []int{5, 6, -1, 999}
		s.Pale = make([]bool, 300)
		s.Pale[5], s.Pale[8] = true, true
		p := picture(s, 800, 400, Start)
		p.Dots()
		in := 0
		for i := range p.n {
			if s.Class[i] != figure.Hidden && p.stands(i) {
				in++
			}
		}
		drawn := 0
		for _, q := range p.Paths {
			drawn += strings.Count(string(q.D), "M")
		}
		if drawn < in || drawn > 298 || in < 290 {
			t.Errorf("%d dots of %d rows in sight", drawn, in)
		}
		if now := p.Paths[len(p.Paths)-1]; now.Class != "now" || strings.Count(string(now.D), "M") != 2 {
			t.Errorf("the chosen rows: %s", now.D)
		}
		if strings.Count(string(p.Paths[pale].D), "M") != 1 {
			t.Errorf("the pale rows: %s", p.Paths[pale].D)
		}
	}
}

// No label lies over another or over a mark; a nearer look shows more.
func TestLabels(t *testing.T) {
	s := cloud(2000, 2)
	s.Marks = []figure.ScatterMark{{Row: 1, Kind: "dot", Bold: true, Size: 15, Class: "now"}, {Row: 2, Kind: "diamond"}, {Row: 3, Kind: "ring", Label: "another"}}
	p := picture(s, 900, 500, Start)
	seen := map[int]bool{}
	for _, zoom := range []float64{1, 6} {
		p.Cam = p.Zoomed(zoom, 450, 250)
		p.Place()
		labels := p.Labels()
		var boxes [][4]float64
		for _, l := range labels {
			x, y := float64(p.X[l.Row])+l.DX, float64(p.Y[l.Row])+l.DY
			boxes = append(boxes, [4]float64{x, y - l.px + 1, x + width(l.name, l.px), y + 3})
			seen[l.Row] = true
		}
		for i, a := range boxes {
			for _, b := range boxes[:i] {
				if a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3] && i >= len(s.Marks) {
					t.Fatalf("labels lie over each other: %v %v", a, b)
				}
			}
		}
		if len(labels) < 60 {
			t.Errorf("%d labels at zoom %g", len(labels), zoom)
		}
		if zoom == 1 && (labels[0].Row != 1 || labels[1].Row != 2 || labels[2].name != "another") {
			t.Errorf("marks have no labels: %v", labels[:3])
		}
	}
	p.Keep = [][4]float64{{300, 100, 600, 400}}
	for _, l := range p.Labels()[len(s.Marks):] {
		if x, y := float64(p.X[l.Row])+l.DX, float64(p.Y[l.Row])+l.DY; x > 300 && x < 600 && y > 100 && y < 400 {
			t.Errorf("a label stands at %g, %g, where there is something else", x, y)
		}
	}
	if len(seen) < 180 {
		t.Errorf("%d rows were labelled in two looks: the nearer one shows no more", len(seen))
	}
}

func TestNearestAndInside(t *testing.T) {
	s := cloud(400, 2)
	s.Class[9] = figure.Hidden
	p := picture(s, 800, 400, Start)
	for r := range 20 {
		got := p.Nearest(float64(p.X[r])+.2, float64(p.Y[r]), 10)
		if r == 9 {
			if got == 9 {
				t.Error("a hidden row is found")
			}
		} else if got < 0 || math.Hypot(float64(p.X[got]-p.X[r])-.2, float64(p.Y[got]-p.Y[r])) > .21 {
			t.Errorf("near row %d is row %d", r, got)
		}
	}
	if got := p.Nearest(-500, -500, 10); got != -1 {
		t.Errorf("row %d is found far away from all", got)
	}
	in := p.Inside([][2]float64{{100, 50}, {500, 50}, {500, 300}, {100, 300}})
	want := 0
	for i := range p.n {
		if x, y := p.X[i], p.Y[i]; x > 100 && x < 500 && y > 50 && y < 300 && i != 9 {
			want++
		}
	}
	if len(in) != want || want < 50 {
		t.Errorf("%d rows inside a box, want %d", len(in), want)
	}
	if in := p.Inside([][2]float64{{0, 0}, {800, 400}, {800, 0}, {0, 400}}); len(in) == 0 || len(in) > 350 { // a bow tie
		t.Errorf("%d rows inside a bow tie", len(in))
	}
}

func TestStep(t *testing.T) {
	s := cloud(4, 2)
	s.Map.Frame.Y = []float32{0, 0, 1, 0, 2, .1, 0, 1}
	p := picture(s, 400, 400, Start)
	for _, c := range []struct{ from, dx, dy, want int }{{0, 1, 0, 1}, {1, 1, 0, 2}, {0, 0, -1, 3}, {0, -1, 0, 0}} {
		if got := p.Step(c.from, c.dx, c.dy, nil); got != c.want {
			t.Errorf("from %d by %d, %d is %d, want %d", c.from, c.dx, c.dy, got, c.want)
		}
	}
	if got := p.Step(0, 1, 0, []int{2, 3}); got != 2 {
		t.Errorf("of some rows: %d", got)
	}
	if got := p.Step(-1, 1, 0, []int{3}); got != 3 {
		t.Errorf("the first: %d", got)
	}
}

// A picture is well formed, whatever rows are called and wherever they are.
func TestSVG(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, dims := range []int{2, 3} {
		s := cloud(50, dims)
		for i, name := range []string{`<img src=x onerror=alert(1)>`, `"><script>`, "a\nb\t", " ", "", strings.Repeat("long ", 50), "\u202e"} {
			s.Names[i] = name
		}
		s.Map.Frame.Y[dims*20], s.Map.Frame.Y[dims*21], s.Map.Frame.Y[dims*22] = nan, inf, 1e30
		s.Axes = [3]string{"man → <woman>", "b", "c"}
		for i, kind := range []string{"dot", "ring", "diamond", "cross", "?"} {
			s.Marks = append(s.Marks, figure.ScatterMark{Row: i, Kind: kind, Class: "k1"}, figure.ScatterMark{Row: 20 + i, Kind: kind}, figure.ScatterMark{Row: 999 * i})
			s.Lines = append(s.Lines, figure.ScatterLine{Rows: []int{i, i + 1, i + 20}, Kind: []string{"line", "arrow", "path"}[i%3]}, figure.ScatterLine{Rows: []int{-1, 5000}}, figure.ScatterLine{Rows: []int{1, 2, 3, 4}, Kind: "path"})
		}
		out := SVG(s, 600, 300, Start)
		d := xml.NewDecoder(strings.NewReader("<x>" + out + "</x>"))
		for {
			k, err := d.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if e, ok := k.(xml.StartElement); ok {
				for _, a := range e.Attr {
					if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
						t.Errorf("%s %s=%q", e.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
		}
		empty := cloud(0, dims)
		empty.Map.Frame = nil
		SVG(empty, 600, 300, Start)
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, n := range []int{10_000, 50_000} {
		p := picture(cloud(n, 2), 980, 556, Start)
		pixels, page, inks := make([]byte, 4*980*556), Ink{R: 255, G: 255, B: 255, Alpha: 1}, slices.Repeat([]Ink{{R: 40, G: 80, B: 120, Alpha: .62}}, len(p.Paths))
		b.Run(map[int]string{10_000: "10000", 50_000: "50000"}[n], func(b *testing.B) {
			for range b.N {
				p.Fit = p.Target()
				p.Place()
				p.Blank()
				p.Raster(pixels, 980, 556, page, inks)
			}
		})
	}
}

func BenchmarkLabels(b *testing.B) {
	p := picture(cloud(20_000, 2), 980, 556, Start)
	for range b.N {
		p.Labels()
	}
}
