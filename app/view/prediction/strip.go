package prediction

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

const (
	stripLeft = 30 // the axis of bits
	stripHigh = 84
	stripTop  = 8
)

// strip is how each token of the text was expected: its surprisal as a bar, and as a tick the surprisal that the model
// itself expected there, which is the entropy of the prediction before it. Column i stands for token i; the last one is
// for the token that is not there yet.
func (v *view) strip() figure.Panel {
	n := len(v.in.Run.Tokens)
	pitch := v.pitch(n)
	p := figure.Panel{ID: "text", Class: "pd-strip", Title: []figure.Span{{Text: v.t("strip")}}, Names: "−log₂ p",
		Width: max(v.in.Width, stripLeft+float64(n+1)*pitch+4), Height: stripTop + stripHigh + 42, NowX: stripLeft + float64(v.at+1)*pitch}
	var b svg.Builder
	end := stripLeft + float64(n+1)*pitch
	hi := v.mostBits()
	y := func(nats float32) float64 { return stripTop + stripHigh*(1-float64(nats)/math.Ln2/hi) }
	for _, t := range plot.Ticks(0, hi, 3) {
		yt := stripTop + stripHigh*(1-t/hi)
		b.Line(stripLeft, yt, end, yt, "ax")
		b.Text(stripLeft-6, yt+4, svg.Fixed(t, 0), "s10 i3 end")
	}
	v.columnMarks(&b, pitch, y)
	x := stripLeft + float64(v.at+1)*pitch
	b.Line(x, 0, x, stripTop+stripHigh+22, "nowl", "pointer-events", "none")
	p.Height += v.legend(&b, p.Height-4)
	p.SVG, p.Label, p.Table = b.String(), v.t("strip.label", n), v.stripTable()
	p.Tip = v.stripTip
	return p
}

// pitch is the width of a column: characters stand closer than words.
func (v *view) pitch(n int) float64 {
	wide := 0.
	for _, t := range v.in.Run.Tokens {
		wide = max(wide, min(66, plot.Width(shown(t.Text), 12)+7))
	}
	return max(max(15, min(wide, 36)), min((v.in.Width-stripLeft-4)/float64(n+1), max(wide, 44)))
}

// mostBits is the top of the axis: round, and at least 4 bits.
func (v *view) mostBits() float64 {
	var m float64
	for _, list := range [][]float32{v.in.Run.Surprisal, v.in.Run.Before, v.in.Run.Entropy} {
		for _, x := range list {
			if f := float64(x) / math.Ln2; f > m && !math.IsInf(f, 0) {
				m = f
			}
		}
	}
	return max(4, 2*math.Ceil(m/2))
}

// columnMarks draws all bars as one path, all ticks as another, and rings at what the surprisal was before changes: texts are long. One rect over the tokens is what the
// pointer meets, a cell of it a token.
func (v *view) columnMarks(b *svg.Builder, pitch float64, y func(float32) float64) {
	run, n := v.in.Run, len(v.in.Run.Tokens)
	w, base := min(26, max(4, pitch-4)), stripTop+stripHigh+16.
	var bars, ticks, rings strings.Builder
	for i := 0; i <= n; i++ {
		x := stripLeft + (float64(i)+.5)*pitch
		if s := at(run.Surprisal, i); s == s {
			top := max(y(s), stripTop)
			bars.WriteString("M" + svg.N(x-w/2) + "," + svg.N(top) + "h" + svg.N(w) + "V" + svg.N(stripTop+stripHigh) + "h" + svg.N(-w) + "z")
		}
		if v.moved(i) {
			rings.WriteString("M" + svg.N(x-3.2) + "," + svg.N(max(y(at(run.Before, i)), stripTop)) + "a3.2,3.2 0 1 0 6.4,0a3.2,3.2 0 1 0 -6.4,0")
		}
		if e := v.expected(i); e == e {
			ticks.WriteString("M" + svg.N(x-w/2-1) + "," + svg.N(y(e)) + "h" + svg.N(w+2))
		}
	}
	b.Rect(stripLeft, 0, float64(n)*pitch, base+6, "pd-hit pd-cols", "data-grid", "text 1 "+strconv.Itoa(n), "data-set", "at={c}", "data-h", "t{c}")
	b.Path(bars.String(), "pd-sur")
	b.Path(ticks.String(), "pd-tick")
	if len(run.Before) > 0 {
		b.Path(rings.String(), "pd-ring")
	}
	px := 12.
	if pitch < 44 {
		px = 11
	}
	for i, t := range run.Tokens {
		class := "i2"
		switch {
		case i == v.at:
			class = "inow b"
		case i > v.at:
			class = "i3"
		}
		plot.Token{Text: t.Text, Px: px, Anchor: "middle", Max: pitch - 3, Class: class}.Draw(b, stripLeft+(float64(i)+.5)*pitch, base)
	}
	if v.in.Model.Here {
		return
	}
	b.Open("", "data-tip", v.t("strip.tip.end", bits(float64(at(run.Entropy, n-1)))))
	b.Rect(stripLeft+float64(n)*pitch, 0, pitch, base+6, "pd-hit")
	b.Text(stripLeft+(float64(n)+.5)*pitch, base, "?", "i3 mid")
	b.Close()
}

// legend says what the marks are, and returns how much higher than one line it is.
func (v *view) legend(b *svg.Builder, y float64) (more float64) {
	b.Open("", "data-fixed", "")
	x := float64(stripLeft)
	b.Rect(x, y-8, 10, 8, "pd-sur")
	b.Text(x+16, y, v.t("strip.bar"), "s11 i2")
	x += 34 + plot.Width(v.t("strip.bar"), 11)
	b.Path("M"+svg.N(x)+","+svg.N(y-4)+"h14", "pd-tick")
	b.Text(x+20, y, v.t("strip.tick"), "s11 i2")
	if len(v.in.Run.Before) > 0 {
		if x += 40 + plot.Width(v.t("strip.tick"), 11); x+9+plot.Width(v.t("before"), 11) > v.in.Width {
			x, more = stripLeft+5, 18
		}
		b.Circle(x, y+more-4, 3.2, "pd-ring")
		b.Text(x+9, y+more, v.t("before"), "s11 i2")
	}
	b.Close()
	return more
}

// moved reports whether changes moved the surprisal of token i enough to be seen: by a twentieth of a bit.
func (v *view) moved(i int) bool {
	return math.Abs(float64(at(v.in.Run.Before, i)-at(v.in.Run.Surprisal, i))) >= .05*math.Ln2
}

// bitsOf is the surprisal of token i in bits and, where changes moved it, from what.
func (v *view) bitsOf(i int) string {
	s := bits(float64(at(v.in.Run.Surprisal, i)))
	if v.moved(i) {
		s = bits(float64(at(v.in.Run.Before, i))) + " → " + s
	}
	return s
}

// expected is the entropy of the prediction of token i, in nats.
func (v *view) expected(i int) float32 {
	if v.in.Model.Here {
		return at(v.in.Run.Entropy, i)
	}
	return at(v.in.Run.Entropy, i-1)
}

func at(list []float32, i int) float32 {
	if i < 0 || i >= len(list) {
		return float32(math.NaN())
	}
	return list[i]
}

func (v *view) stripTip(_, i int) string {
	run := v.in.Run
	if i < 0 || i >= len(run.Tokens) {
		return ""
	}
	name := strconv.Itoa(i) + " " + shown(run.Tokens[i].Text)
	if i == 0 && !v.in.Model.Here {
		return v.t("strip.tip.first", name)
	}
	return v.t("strip.tip", name, v.bitsOf(i), bits(float64(v.expected(i))), int(at(run.Rank, i))+1)
}

func (v *view) stripTable() *figure.Table {
	t := &figure.Table{Head: []string{v.t("position"), v.t("token"), v.t("fact.surprisal"), v.t("expected"), v.t("rank")}}
	run := v.in.Run
	if len(run.Before) > 0 {
		t.Head = append(t.Head, v.t("before"))
	}
	for i, k := range run.Tokens {
		rank := "–"
		if at(run.Rank, i) >= 0 {
			rank = svg.Count(int(at(run.Rank, i)) + 1)
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i), k.Text, bits(float64(at(run.Surprisal, i))), bits(float64(v.expected(i))), rank})
		if len(run.Before) > 0 {
			t.Rows[i] = append(t.Rows[i], bits(float64(at(run.Before, i))))
		}
	}
	return t
}
