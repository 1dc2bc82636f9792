package start

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// mostSentences is how many are compared.
const mostSentences = 7

// sentence is a part of the text: its bytes from start to end.
type sentence struct {
	text       string
	start, end int
}

// sentences cuts a text at line ends, and after full stops, question and exclamation marks.
func sentences(text string) (out []sentence) {
	start := 0
	cut := func(end int) {
		if t := strings.TrimSpace(text[start:end]); t != "" {
			out = append(out, sentence{t, start, end})
		}
		start = end
	}
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		next, _ := utf8.DecodeRuneInString(text[min(end, len(text)):])
		switch {
		case r == '\n', strings.ContainsRune("。！？", r), strings.ContainsRune(".!?", r) && (next == ' ' || next == '\n'):
			cut(end)
		}
	}
	cut(len(text))
	return out
}

// likeness is how alike the sentences of the text are to the one at now, as the model's vectors have it: cosines.
func (s *scene) likeness(b *svg.Builder, at place, panel *figure.Panel) {
	list := sentences(s.in.Run.Text)
	if len(list) > mostSentences {
		list = list[:mostSentences]
	}
	texts, now := make([]string, len(list)), 0
	for i, p := range list {
		texts[i] = p.text
		if s.in.Run.Tokens[s.at].Start >= p.start {
			now = i
		}
	}
	s.head(b, at, s.t("likeness"), s.t("likeness.what"), "")
	if len(texts) == 0 {
		return
	}
	r := s.in.Vectors(texts...)
	if r == nil || len(r.Shape) != 2 || r.Shape[0] != len(texts) {
		return
	}
	d := r.Shape[1]
	top, row := at.y+46, 33.0
	panel.Table = &figure.Table{Head: []string{s.t("likeness.sentence"), s.t("likeness.cosine")}}
	for i, p := range list {
		y, class := top+float64(i)*row, "i2"
		if i == now {
			class = "b inow"
		}
		c := cosine(r.Data[now*d:(now+1)*d], r.Data[i*d:(i+1)*d])
		b.Open("fp-next", "data-set", "at="+strconv.Itoa(s.tokenAt(p.start)), "data-tip", s.t("likeness.tip", p.text, svg.Signed(c, 3)))
		b.Rect(at.x-4, y, at.w+4, row, "fp-hit")
		b.Text(at.x, y+12, plot.Fit(p.text, at.w-4, 12), class)
		b.HBar(at.x, y+18, math.Max(0, c)*(at.w-54), 8, "bar")
		b.Text(at.x+math.Max(0, c)*(at.w-54)+6, y+26, svg.Fixed(c, 2), "s11 i2")
		b.Close()
		panel.Table.Rows = append(panel.Table.Rows, []string{p.text, svg.Fixed(c, 3)})
	}
	note := s.t("likeness.how." + r.Modes[0])
	if len(list) == 1 {
		note = s.t("likeness.more")
	}
	for i, line := range plot.Wrap(note, at.w, 11) {
		b.Text(at.x, top+float64(len(list))*row+16+float64(i)*15, line, "s11 i3")
	}
}

// tokenAt is the first token that stands at a byte of the text or after it.
func (s *scene) tokenAt(at int) int {
	for i, k := range s.in.Run.Tokens {
		if k.Start >= at && k.End > k.Start {
			return i
		}
	}
	return s.n - 1
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
