package beam

import (
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// reference is the target that a person compares with, in the tree: it shares its nodes as far as the search had it alive, and then has words of its
// own in a row.
type reference struct {
	*protocol.ReferenceResult
	row    int // of its own words; -1: it has none, for the search has all of it
	shared int // words that the tree has
}

// refer gives a reference its row: below the target that is shown where it left the beam, else where its hypothesis is.
func (t *tree) refer() {
	r := t.s.Ref
	if r == nil {
		return
	}
	t.ref = &reference{ReferenceResult: r, row: -1, shared: len(r.Tokens)}
	if r.Left >= 0 {
		t.ref.row, t.ref.shared = len(t.rows), r.Left
	}
	var fresh []int
	for i, k := range r.Tokens {
		if _, there := t.row[k.Node]; k.Node < 0 || there {
			continue
		}
		if t.row[k.Node] = len(t.rows); i < t.ref.shared {
			fresh = append(fresh, k.Node)
		}
	}
	if len(fresh) > 0 || t.ref.row >= 0 {
		t.rows = append(t.rows, fresh)
	}
}

// refRow is the row in which the reference ends; 0: the first, or there is none.
func (t *tree) refRow() int {
	switch {
	case t.ref == nil:
		return 0
	case t.ref.row >= 0:
		return t.ref.row
	}
	return t.row[t.ref.Tokens[len(t.ref.Tokens)-1].Node]
}

// draw writes its way through the tree, the words that only it has, and its score.
func (r *reference) draw(b *svg.Builder, t *tree) {
	c := t.s.Cols
	row := func(i int) int {
		if i < r.shared {
			return t.row[r.Tokens[i].Node]
		}
		return r.row
	}
	for i := 1; i < len(r.Tokens); i++ {
		b.Path(t.curve(i, row(i-1), row(i), r.Tokens[i-1].Text, r.Tokens[i].Text), "tr-ref")
	}
	if r.row < 0 {
		return
	}
	y := t.y(r.row)
	x := c.X(r.Left) - t.half(r.Tokens[r.Left].Text) - 5
	b.Circle(x, y-4, 3, "tr-left", "data-tip", figure.Plain(r.where(t.s)))
	for i := r.shared; i < len(r.Tokens); i++ {
		k := &r.Tokens[i]
		plot.Token{Text: k.Text, Px: textH, Anchor: "middle", Max: c.Pitch() - 12, Class: "i2",
			Attrs: []string{"data-set", r.begin(t.s, i), "data-tip", r.tip(t.s, i)}}.Draw(b, c.X(i), y)
	}
	last := len(r.Tokens) - 1
	b.Line(c.X(last)+t.half(r.Tokens[last].Text)+2, y-4, c.Width-42, y-4, "tr-lead")
	b.Text(c.Width, y, svg.Fixed(r.Score, 2), "s11 end i2", "data-tip", t.s.In.L.T("ref.score.tip", svg.Fixed(r.LogP, 3), svg.Fixed(r.Score, 3), svg.Fixed(r.Winner, 3)))
}

// begin is the patch that has the target begin as the reference does, up to a step.
func (r *reference) begin(s *scene.Scene, step int) string {
	var ids []int
	for _, k := range r.Tokens[:step+1] {
		ids = append(ids, k.ID)
	}
	return scene.Changing(scene.Prefixed(s.Now.Changes, ids)) + "&at=" + strconv.Itoa(step+1)
}

func (r *reference) tip(s *scene.Scene, step int) string {
	k, sum := r.Tokens[step], 0.0
	for _, k := range r.Tokens[:step+1] {
		sum += k.LogP
	}
	return s.In.L.T("ref.tip", plot.OneLine(k.Text), svg.Fixed(k.LogP, 3), svg.Percent(math.Exp(k.LogP)), k.Rank+1, svg.Fixed(sum, 3))
}

// says is how the reference stands to the winner, and where the search left it.
func (r *reference) says(s *scene.Scene) []figure.Span {
	l, key := s.In.L, "ref."+r.Kind
	if r.Kind != "exact" && (r.Rule != "" || r.Left >= 0 && r.Left < s.T.Forced) { // it could not be found
		key = "ref.scores"
	}
	out := figure.Sentence(l.T(key), map[string]figure.Span{"ref": {Text: svg.Fixed(r.Score, 2), Bold: true}, "won": {Text: svg.Fixed(r.Winner, 2), Bold: true}})
	out = append(out, r.where(s)...)
	if r.Rule != "" {
		out = append(out, figure.Span{Text: l.T("ref.rule", l.T("ref.rule."+r.Rule))})
	}
	if r.Left >= 0 {
		out = append(out, figure.Span{Text: " "}, figure.Span{Text: l.T("ref.begin", plot.OneLine(r.Tokens[r.Left].Text)), Set: r.begin(s, r.Left)})
	}
	return out
}

// where says at which step the beam had it no more, and why.
func (r *reference) where(s *scene.Scene) []figure.Span {
	l := s.In.L
	if r.Left < 0 {
		if r.Kind == "exact" {
			return nil
		}
		return []figure.Span{{Text: l.T("ref.whole")}}
	}
	looked := 0
	for _, n := range s.T.Nodes {
		if n.Step == r.Left && n.State != "banned" {
			looked++
		}
	}
	k := r.Tokens[r.Left]
	key, args := "ref.none", []any{r.Left, plot.OneLine(k.Text), looked}
	switch {
	case r.Left < s.T.Forced:
		key = "ref.held"
	case looked == 0:
		key = "ref.over"
	case k.Node < 0:
	case s.T.Nodes[k.Node].State == "dropped":
		key = "ref.over"
	case s.T.Nodes[k.Node].State == "banned":
		key = "ref.banned"
	default:
		key, args = "ref.place", []any{r.Left, plot.OneLine(k.Text), r.Place + 1, s.T.Live[r.Left]}
	}
	return []figure.Span{{Text: l.T(key, args...)}}
}

// table is the reference as rows of the tree's.
func (r *reference) table(s *scene.Scene) (rows [][]string) {
	sum, after := 0.0, s.T.Nodes[0].Text
	for i, k := range r.Tokens {
		sum += k.LogP
		state := "ref.state"
		if r.Left >= 0 && i >= r.Left {
			state = "ref.state.left"
		}
		rows = append(rows, []string{strconv.Itoa(i), plot.OneLine(k.Text), plot.OneLine(after), svg.Fixed(k.LogP, 4), svg.Fixed(sum, 4), strconv.Itoa(k.Rank + 1), s.In.L.T(state)})
		after = k.Text
	}
	return rows
}

// compared is the field in which a reference is typed, and how it stands.
func (t *tree) compared() figure.Panel {
	l, text := t.s.In.L, t.s.Reference()
	p := figure.Panel{ID: "reference", Class: scene.Main, Column: scene.Main, Label: l.T("ref.field")}
	p.Controls = []figure.Control{{Kind: "text", Key: "o.translate.ref", Label: l.T("ref.field"), Value: text, Tip: l.T("ref.field.tip"), Lead: true}}
	if text != "" {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.translate.ref=", Label: "×", Tip: l.T("ref.drop"), Lead: true})
	}
	switch {
	case t.ref != nil:
		p.HTML = []figure.Block{{Kind: "note", Spans: t.ref.says(t.s)}}
		for _, w := range t.ref.Warnings {
			p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T("warn."+w.Code, w.What, w.N)}}})
		}
	case text != "":
		p.Busy = l.T("tr.busy")
	}
	return p
}
