package attention

import (
	"fmt"
	"math"
	"slices"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// whatItDoes says in plain words what the scores call the head, and what it does at now.
func (s *scene) whatItDoes() figure.Panel {
	p := figure.Panel{ID: "what", Class: "att-what", Title: []figure.Span{{Text: s.L.T("attn.what")}}}
	p.Table = &figure.Table{Head: []string{s.L.T("attn.table.fact"), s.L.T("attn.table.value")}}
	facts := s.facts()
	if s.square() {
		s.scored(&p)
	}
	p.HTML = append(p.HTML, figure.Block{Kind: "facts", Rows: facts})
	for _, f := range facts {
		p.Table.Rows = append(p.Table.Rows, []string{figure.Plain(f[0]), figure.Plain(f[1])})
	}
	return p
}

// scored says what the head does on random tokens.
func (s *scene) scored(p *figure.Panel) {
	k := s.kindOf(s.layer, s.head)
	title, note := s.L.T("attn.title."+k.key), s.L.T("attn.note."+k.key)
	switch {
	case s.scores == nil: // what comes has its place already
		title, note = s.L.T("attn.title.wait"), s.L.T("attn.note.wait")
		p.Busy = s.L.T("attn.scores.busy")
	case k == nothing:
		note = s.L.T("attn.note.none", svg.Fixed(patternScore, 1))
	}
	p.HTML = []figure.Block{
		{Kind: "title", Spans: []figure.Span{{Text: title}}},
		{Kind: "note", Spans: []figure.Span{{Text: note}}},
		{Kind: "html", HTML: s.scoreBars()},
	}
	if s.scores != nil {
		for i, name := range scoreNames {
			p.Table.Rows = append(p.Table.Rows, []string{s.L.T("attn.score." + name), svg.Fixed(s.score(s.layer, s.head, i), 3)})
		}
	}
}

var scoreNames = []string{"previous", "induction", "same", "first"}

// scoreBars are the head's four scores, the largest first.
func (s *scene) scoreBars() string {
	order := []int{previous, induction, same, first}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := s.score(s.layer, s.head, a), s.score(s.layer, s.head, b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	width := min(s.place.what, 340)
	lab := 0.0
	for _, name := range scoreNames {
		lab = max(lab, plot.Width(s.L.T("attn.score."+name), 12)+10)
	}
	var b svg.Builder
	random := "attn.random"
	if s.half == protocol.HalfDecoder {
		random = "attn.random.decoder"
	}
	b.Text(0, 10, s.L.T(random), "s11 i3")
	long := width - lab - 34
	for i, which := range order {
		y, v := 18+20*float64(i), s.score(s.layer, s.head, which)
		if s.scores == nil {
			v = math.NaN()
		}
		bar, text := "barsoft", "i2"
		if i == 0 {
			bar, text = "bar", "b"
		}
		b.Text(0, y+14, s.L.T("attn.score."+scoreNames[which]), text)
		x := lab
		if v == v {
			b.HBar(lab, y+5, max(0, v)*long, 10, bar)
			x += max(0, v) * long
		}
		b.Text(x+6, y+14, svg.Fixed(v, 2), "s11 i2")
	}
	const tall = 18 + 4*20
	return fmt.Sprintf(`<svg class="att-scores" width="%s" height="%d" viewBox="0 0 %s %d" role="img" aria-label="%s">%s</svg>`,
		svg.N(width), tall, svg.N(width), tall, svg.Esc(s.L.T("attn.scores.label", headName(s.layer, s.head))), b.String())
}

// facts are what the head does at now.
func (s *scene) facts() [][2][]figure.Span {
	var rows [][2][]figure.Span
	add := func(name string, value ...figure.Span) {
		rows = append(rows, [2][]figure.Span{{{Text: name}}, value})
	}
	if op := s.offBy(s.layer, s.head); op != "" {
		add(s.L.T("attn.fact.off"), figure.Span{Text: s.L.T("attn.op." + op)})
	}
	if k, a := s.looksAt(); k >= 0 {
		add(s.L.T("attn.fact.looks", s.now+s.first), s.keyToken(k, false), figure.Span{Text: " " + svg.Percent(a)})
	}
	if s.row != nil {
		add(s.L.T("attn.fact.entropy", s.now+s.first), figure.Span{Text: s.L.T("attn.bits", svg.Fixed(entropy(s.row), 2))})
	}
	if s.pattern != nil && !s.square() {
		mean := 0.0
		for q := range s.n {
			mean += entropy(s.pattern.Data[q*s.m:][:s.m]) / float64(s.n)
		}
		add(s.L.T("attn.fact.mean", s.n), figure.Span{Text: s.L.T("attn.bits", svg.Fixed(mean, 2))})
	}
	if norm, rank := s.outputNorm(); rank > 0 {
		add(s.L.T("attn.fact.norm", s.now+s.first), figure.Span{Text: s.L.T("attn.rank", svg.Fixed(norm, 2), rank, s.heads)})
	}
	return rows
}

// token is a token that looks in running text, keyToken one that is looked at; a click chooses it.
func (s *scene) token(i int, bold bool) figure.Span {
	return figure.Span{Text: s.tokens[i].Text, Token: true, Bold: bold, Set: s.rowSet(i), H: s.rowHover(i)}
}

func (s *scene) keyToken(k int, bold bool) figure.Span {
	return figure.Span{Text: s.keys[k].Text, Token: true, Bold: bold, Set: s.columnSet(k), H: s.columnHover(k)}
}

// entropy of a row of attention, in bits: 0 if all rests on one token.
func entropy(row []float32) float64 {
	h := 0.0
	for _, a := range row {
		if a != 0 {
			h -= float64(a) * math.Log2(float64(a))
		}
	}
	return h
}

// resultLimit is how many numbers of attn.result the view has recorded, in all blocks, for a fact: it is as large as all
// else that a run records, and the engine runs once more for it.
const resultLimit = 16 << 20

// outputNorm is the length of what the head adds to the stream at now, and its rank among the heads of its block (1 is
// the longest); rank 0 if it is not known.
func (s *scene) outputNorm() (length float64, rank int) {
	name := s.name("result")
	if !s.records("result") || s.layers*s.n*s.heads*s.in.Model.Hidden > resultLimit {
		return 0, 0
	}
	r := s.in.Activation(protocol.Activation{Name: name, From: s.now, To: s.now + 1, Index: -1})
	if r == nil || len(r.Data) == 0 || len(r.Data)%s.heads != 0 {
		return 0, 0
	}
	size := len(r.Data) / s.heads
	length = norm(r.Data[s.head*size:][:size])
	rank = 1
	for h := range s.heads {
		if norm(r.Data[h*size:][:size]) > length {
			rank++
		}
	}
	return length, rank
}
