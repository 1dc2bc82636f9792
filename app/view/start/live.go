package start

import (
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

const (
	wordsWide   = 176.
	predictWide = 196.
	arrowWide   = 54.
	liveHigh    = 292.
	choices     = 9
)

// place is where a part of the picture stands.
type place struct{ x, y, w, h float64 }

// live is the open model at work: its tokens as vectors, what it composes of them, what it expects next.
func (s *scene) live() figure.Panel {
	p := figure.Panel{ID: "live", Class: "fp-live", Width: s.in.Width, Height: liveHigh}
	if s.n == 0 {
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: s.t("no-text")}}}}
		return p
	}
	if s.wide {
		p.Width -= introWide + gutter
	}
	var b svg.Builder
	if s.in.Model.Recorded > 0 { // there are no vectors of words, and nothing comes of the text
		s.composition(&b, place{0, 0, p.Width, liveHigh - 26}, &p)
	} else if p.Width < 700 {
		s.composition(&b, place{0, 0, p.Width, 272}, &p)
		s.outcome(&b, place{0, 312, p.Width, 240}, &p)
		p.Height = 312 + 46 + choices*21 + 20
	} else {
		s.wordMap(&b, place{0, 0, wordsWide, liveHigh})
		arrow(&b, wordsWide+17, 152)
		w := p.Width - wordsWide - predictWide - 2*arrowWide
		x := wordsWide + arrowWide
		s.composition(&b, place{x, 0, w, liveHigh - 26}, &p)
		arrow(&b, x+w+17, 152)
		s.outcome(&b, place{x + w + arrowWide, 0, predictWide, liveHigh}, &p)
	}
	p.SVG, p.Label = b.String(), s.label()
	return p
}

// label says the picture in words.
func (s *scene) label() string {
	next := s.in.Run.Next
	if s.at < 0 || s.at >= len(next) || !s.in.Model.Logits {
		return s.t("label", s.n)
	}
	return s.t("label.next", s.n, shown(next[s.at].Text), svg.Percent(float64(next[s.at].P)))
}

// head writes a part's title, a link where there is a view of it.
func (s *scene) head(b *svg.Builder, at place, title, sub, view string) {
	attrs := []string{}
	if view != "" {
		attrs = []string{"data-set", "view=" + view, "role", "link"}
	}
	class := "s13 b"
	if view != "" {
		class += " fp-title"
	}
	b.Text(at.x, at.y+12, title, class, attrs...)
	b.Text(at.x, at.y+27, sub, "s11 i3")
}

func arrow(b *svg.Builder, x, y float64) {
	b.Path("M"+svg.N(x)+","+svg.N(y)+"h20m-4.5,-4l5,4l-5,4", "rule2 none")
}

// unitName is the word for a token of the open model: a letter, a word, a token.
func (s *scene) unitName() string {
	switch k := s.in.Model.Tokenizer; k {
	case "char", "word":
		return k
	}
	return "token"
}

// outcome is what the model makes of the text in the end: a prediction, or one vector.
func (s *scene) outcome(b *svg.Builder, at place, panel *figure.Panel) {
	if s.in.Model.Logits {
		s.prediction(b, at, panel)
	} else {
		s.likeness(b, at, panel)
	}
}

// prediction is the likeliest next tokens. A click puts one into the text.
func (s *scene) prediction(b *svg.Builder, at place, panel *figure.Panel) {
	s.head(b, at, s.t("prediction"), s.t("prediction."+s.unitName()), "prediction")
	p := s.in.Prediction(s.at, choices)
	if p == nil || len(p.Rows) == 0 {
		return
	}
	row, top := 22.6, at.y+46
	if at.w > predictWide {
		row, top = 21, at.y+38
	}
	wide := 0.
	for _, r := range p.Rows {
		wide = max(wide, min(84, plot.Width(shown(r.Text), 15)))
	}
	x := at.x + max(24, wide+8)
	bar := (at.x + at.w - x - 54) / math.Max(float64(p.Rows[0].P), 1e-9)
	rest := 1.
	panel.Table = &figure.Table{Head: []string{s.t("prediction." + s.unitName()), s.t("probability")}}
	for i, r := range p.Rows {
		y, class := top+float64(i)*row, "i2"
		if i == 0 {
			class = "b"
		}
		l := float64(r.P) * bar
		b.Open("fp-next", "data-do", figure.DoChoose+strconv.Itoa(r.ID), "data-h", "k"+strconv.Itoa(r.ID),
			"data-tip", s.t("tip.next", shown(r.Text), svg.Percent(float64(r.P))))
		b.Rect(at.x-4, y, at.w+4, row, "fp-hit")
		plot.Token{Text: alone(r.Text), Px: 15, Max: 84, Class: class}.Draw(b, at.x, y+16)
		b.HBar(x, y+4, l, row-8, "bar")
		b.Text(x+l+6, y+15, svg.Percent(float64(r.P)), "s11 i2")
		b.Close()
		rest -= float64(r.P)
		panel.Table.Rows = append(panel.Table.Rows, []string{r.Text, svg.Percent(float64(r.P))})
	}
	if n := s.in.Model.Vocab - len(p.Rows); n > 0 {
		b.Text(at.x, top+float64(len(p.Rows))*row+14, s.t("others", svg.Count(n), svg.Percent(max(0, rest))), "s11 i3")
	}
}

// alone is the text of a token that stands alone: a space that is all of it would be a dot that is hard to see.
func alone(t string) string {
	if t == " " {
		return "␣"
	}
	return t
}

// shown is a token in a line of text.
func shown(t string) string {
	return plot.OneLine(alone(t))
}

func root(x float64) float64 { return math.Sqrt(max(0, x)) }

// rms is the root of the mean square of numbers; 1 if there are none or all are 0.
type rms struct {
	sum float64
	n   int
}

func (r *rms) add(x float64) {
	if x == x && !math.IsInf(x, 0) {
		r.sum += x * x
		r.n++
	}
}

func (r *rms) value() float64 {
	if r.sum == 0 {
		return 1
	}
	return math.Sqrt(r.sum / float64(r.n))
}
