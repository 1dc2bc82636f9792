package words

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// strip is where things stand on the strip below the map: the buttons, the curve of KL, the figures, the components. What has no
// room stands in a further row.
type strip struct {
	w, h          float64
	curve         bool
	cx, cw        float64 // of the curve
	fx, fy        float64 // of the figures
	sx, sy, sw    float64 // of the components
	button, inset float64
}

const (
	rowHeight  = 58
	factWidth  = 72
	bars       = 20 // components that are drawn
	leastScree = 230
)

func (d *drawing) strip() strip {
	s := strip{w: d.mainW, h: rowHeight, curve: d.runs(), button: 28}
	if d.in.Touch {
		s.button = 36
	}
	facts := 3 * factWidth
	x := 0.
	if s.curve {
		s.cx = 50 + 2*(s.button+4) + 16
		s.cw = min(320, max(s.w*.33, 160))
		if s.w < 600 {
			s.cw = s.w - s.cx
		}
		x = s.cx + s.cw + 36
		facts += factWidth
	}
	s.fx = x
	if x+float64(facts)-20 > s.w { // figures in a row of their own
		s.fx, s.fy = 0, s.h+8
		s.h += rowHeight
	}
	s.sx, s.sy = s.fx+float64(facts), s.fy
	if d.m.Spec.Layout.Method == "axes" { // which have no components
		return s
	}
	if s.w-s.sx < leastScree {
		s.sx, s.sy = 0, s.h+8
		s.h += rowHeight
	}
	s.sw = s.w - s.sx
	return s
}

// stripMarks is the strip as it is now.
func (d *drawing) stripMarks(s strip, q *protocol.MapQualityResult) string {
	var b svg.Builder
	if s.curve {
		d.curve(&b, s)
	}
	if d.m.Frame != nil {
		d.figures(&b, s, q)
		d.scree(&b, s)
	}
	return b.String()
}

// curve is KL by iteration.
func (d *drawing) curve(b *svg.Builder, s strip) {
	l, f, c := &d.m.Spec.Layout, d.m.Frame, d.m.Curve
	const top, base = 4, 44
	last := max(1, l.Iterations)
	x := func(i int) float64 { return s.cx + s.cw*float64(min(i, last))/float64(last) }
	if e := l.ExaggerationFor; e > 0 && e < last && l.Exaggeration > 1 {
		b.Line(x(e), 2, x(e), base, "ax")
		at, class := x(e)+5, "s10 i3"
		if at+plot.Width(d.t("run.exaggeration"), 10) > x(last) { // no room after it
			at, class = x(e)-5, "s10 i3 end"
		}
		b.Text(at, 12, d.t("run.exaggeration"), class)
	}
	b.Line(s.cx, base, s.cx+s.cw, base, "ax2")
	b.Text(s.cx, base+12, d.t("run.iteration"), "s11 i3")
	if f == nil || len(c) == 0 {
		b.Text(s.cx+s.cw, base+12, d.waits(), "s11 i3 end")
		return
	}
	most := float32(0)
	for _, p := range c {
		most = max(most, p.KL)
	}
	y := func(kl float32) float64 {
		if !(most > 0) {
			return base
		}
		return base - float64(kl/most)*(base-top)
	}
	b.Open("", "data-tip", d.t("run.kl.tip"))
	b.Rect(s.cx, 0, s.cw, base, "wd-hit")
	b.Path(curvePath(c, int(s.cw), x, y), "wd-curve")
	b.Close()
	p := c[len(c)-1]
	b.Circle(x(p.Iter), y(p.KL), 3.2, "bar")
	kl, at := "KL "+svg.Fixed(float64(p.KL), 2), y(p.KL)-3
	if at < 24 { // clear of what stands above
		at += 16
	}
	if w := plot.Width(kl, 11); x(p.Iter)+8+w <= s.cx+s.cw {
		b.Text(x(p.Iter)+8, at, kl, "s11 halo")
	} else {
		b.Text(x(p.Iter), at-4, kl, "s11 end halo")
	}
	b.Text(s.cx+s.cw, base+12, d.soFar(), "s11 i3 end")
}

// curvePath is a line through at most one point a pixel.
func curvePath(c []figure.CurvePoint, pixels int, x func(int) float64, y func(float32) float64) string {
	var b strings.Builder
	every := max(1, len(c)/max(1, pixels))
	for i := 0; i < len(c); i++ {
		if i%every != 0 && i != len(c)-1 {
			continue
		}
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + svg.N(x(c[i].Iter)) + "," + svg.N(y(c[i].KL)))
	}
	return b.String()
}

// soFar is how many iterations are done, and how long the rest takes.
func (d *drawing) soFar() string {
	f, last := d.m.Frame, d.m.Spec.Layout.Iterations
	done := d.t("run.of", svg.Count(f.Iter), svg.Count(last))
	switch {
	case f.Converged:
		return d.t("run.converged", svg.Count(f.Iter))
	case f.Done || f.Iter >= last:
		return done
	case d.m.Paused:
		return done + d.t("run.paused")
	}
	if left := float64(last-f.Iter) * f.IterMs / 1000; left > 0 && f.IterMs > 0 {
		return done + d.t("run.left", d.seconds(left))
	}
	return done
}

// seconds writes a time that is left.
func (d *drawing) seconds(s float64) string {
	switch {
	case s >= 90:
		return d.t("minutes", strconv.Itoa(int(math.Round(s/60))))
	case s >= 9.5:
		return d.t("seconds", svg.Fixed(s, 0))
	}
	return d.t("seconds", svg.Fixed(s, 1))
}

// figures are the perplexity, and how true the map is.
func (d *drawing) figures(b *svg.Builder, s strip, q *protocol.MapQualityResult) {
	for i, f := range d.measures(q) {
		x := s.fx + float64(i)*factWidth
		b.Open("", "data-tip", f.tip)
		b.Rect(x-4, s.fy, factWidth-4, 50, "wd-hit")
		b.Text(x, s.fy+13, f.name, "s11 i3")
		b.Text(x, s.fy+31, f.value, "s13 b")
		b.Text(x, s.fy+47, f.sub, "s11 i3")
		b.Close()
	}
}

// scree is the share of the variance of each leading component. By PCA a click shows a component.
func (d *drawing) scree(b *svg.Builder, s strip) {
	e := d.m.Frame.Explained
	if len(e) == 0 || s.sw < 60 {
		return
	}
	pca := d.m.Spec.Layout.Method == "pca"
	pick := d.m.Spec.Layout.Pick
	if pick == nil {
		pick = []int{0, 1, 2}[:min(d.m.Frame.Dims, 3)]
	}
	b.Text(s.sx, s.sy+13, d.screeTitle(pick), "s11 i3")
	n := min(len(e), bars)
	bw, base, most := min(9, s.sw/float64(n)), s.sy+46., float64(e[0])
	for i := range n {
		h := 0.
		if most > 0 {
			h = float64(e[i]) / most * 27
		}
		class, attrs := "barsoft", []string{"data-tip", d.t("component.share", i+1, svg.Fixed(100*float64(e[i]), 1))}
		if pca && slices.Contains(pick, i) || !pca && i < 2 {
			class = "bar"
		}
		x := s.sx + float64(i)*bw
		if pca && !slices.Contains(pick, i) {
			attrs = append(attrs, "data-set", pair("pick", picks(pick, i)), "role", "button", "aria-label", d.t("component", i+1))
		}
		b.Open("wd-comp", attrs...)
		b.Rect(x, base-28, bw, 28, "wd-hit")
		b.Rect(x, base-h, bw-1.5, h, class)
		b.Close()
	}
	b.Line(s.sx, base, s.sx+float64(n)*bw, base, "ax2")
	if len(e) > 1 && !pca {
		b.Text(s.sx+2.5*bw, s.sy+28, svg.Fixed(100*float64(e[0]), 1)+", "+svg.Fixed(100*float64(e[1]), 1)+"\u00a0%", "s10 i2 halo")
	}
}

// screeTitle says what the principal components are for.
func (d *drawing) screeTitle(pick []int) string {
	l, f := &d.m.Spec.Layout, d.m.Frame
	if l.Method == "pca" {
		sum, names := 0., []string{}
		for _, i := range pick {
			if names = append(names, strconv.Itoa(i+1)); i < len(f.Explained) {
				sum += float64(f.Explained[i])
			}
		}
		return d.t("run.components", strings.Join(names, ", "), svg.Fixed(100*sum, 1))
	}
	if k := l.Components; d.runs() && k > 0 && k < d.p.Dim && f.Kept < 1 {
		return d.t("run.pca", k, d.p.Dim, svg.Fixed(100*float64(f.Kept), 1))
	}
	return d.t("run.explained", d.p.Dim)
}

// picks puts component i in the place of the one that was put there first.
func picks(pick []int, i int) string {
	out := append(slices.Clone(pick[1:]), i)
	text := make([]string, len(out))
	for k, v := range out {
		text[k] = strconv.Itoa(v)
	}
	return strings.Join(text, ",")
}
