// Package beam draws the beam search as a tree, and the n best.
package beam

import (
	"fmt"
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

const (
	rowH  = 21.
	top   = 16.
	most  = 40 // branches that are drawn
	textH = 12.
)

// Panels are the tree.
func Panels(s *scene.Scene) []figure.Panel {
	l := s.In.L
	t := layout(s)
	var b, side svg.Builder
	side.Text(0, top, plot.Fit(l.T("beam.wide", s.T.Decode.Beam), s.Cols.Left-6, 11), "s11 i2")
	t.draw(&b)
	height := top + float64(len(t.rows))*rowH
	t.live(&b, height+2)
	if row := t.refRow(); row > 0 {
		side.Text(0, t.y(row), plot.Fit(l.T("ref.row"), s.Cols.Left-6, 11), "s11 i2")
	}
	side.Text(0, height+6, plot.Fit(l.T("beam.live"), s.Cols.Left-6, 11), "s11 i3")
	p := figure.Panel{ID: "beam", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("beam.title")}}, Width: s.Cols.Width, Height: height + 14,
		SVG: b.String(), Side: side.String(), SideW: s.Cols.Left - 4, Label: l.T("beam.label", len(s.T.Hyps), s.T.Decode.Beam), NowX: s.Cols.X(s.Step), Table: t.table()}
	p.Controls = []figure.Control{{Kind: "switch", Key: "o.translate.pruned", Label: l.T("beam.pruned", t.pruned), Value: s.In.State.Opt("translate.pruned", "")}}
	p.Controls = append(p.Controls, ruleControls(s)...)
	p.HTML = rules(s)
	if t.hidden > 0 {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T("beam.more", t.hidden)}}})
	}
	if s.T.Limited {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T("beam.limit", s.T.Decode.Most)}}})
	}
	if s.T.Forced > 0 {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T("beam.forced", s.T.Forced)}}})
	}
	return []figure.Panel{p, t.compared()}
}

// tree is the nodes in rows: a branch a row, from where it leaves another.
type tree struct {
	s      *scene.Scene
	row    map[int]int // of a node
	rows   [][]int     // nodes of each row, from the left
	won    map[int]bool
	pruned int        // nodes of no hypothesis that is listed
	hidden int        // branches for which there is no room
	ref    *reference // nil: there is none
}

// layout gives each node a row: hypotheses in their order, best first; if all is asked for, then what else was finished, dropped and pruned.
func layout(s *scene.Scene) *tree {
	t := &tree{s: s, row: map[int]int{}, won: map[int]bool{}}
	for _, n := range s.T.Hyps[s.Hyp].Path {
		t.won[n] = true
	}
	t.branch(s.T.Hyps[s.Hyp].Path)
	if s.Ref != nil && s.Ref.Left >= 0 {
		t.refer()
	}
	for _, h := range s.T.Hyps {
		t.branch(h.Path)
	}
	if t.ref == nil {
		t.refer()
	}
	t.pruned = len(s.T.Nodes) - 1 - len(t.row)
	if s.In.State.Opt("translate.pruned", "") == "1" {
		for i, n := range s.T.Nodes { // of what was forbidden, first that which would follow what is drawn
			if _, drawn := t.row[n.Parent]; n.Rule != "" && (drawn || n.Parent == 0) {
				t.branch([]int{i})
			}
		}
		for _, state := range []string{"ended", "limit", "dropped", "live", "banned", "pruned"} {
			for i := range s.T.Nodes {
				if i > 0 && s.T.Nodes[i].State == state {
					t.branch(s.To(i))
				}
			}
		}
	}
	return t
}

// branch places what of a path has no row yet.
func (t *tree) branch(path []int) {
	var fresh []int
	for _, n := range path {
		if _, there := t.row[n]; !there {
			fresh = append(fresh, n)
		}
	}
	if len(fresh) == 0 {
		return
	}
	if len(t.rows) >= most {
		t.hidden++
		return
	}
	for _, n := range fresh {
		t.row[n] = len(t.rows)
	}
	t.rows = append(t.rows, fresh)
}

func (t *tree) y(row int) float64 { return top + float64(row)*rowH }

func (t *tree) node(i int) *protocol.Node { return &t.s.T.Nodes[i] }

// draw writes edges, words and sums.
func (t *tree) draw(b *svg.Builder) {
	c := t.s.Cols
	if t.s.Step < c.Steps {
		b.Rect(c.X(t.s.Step)-c.Pitch()/2+1, 2, c.Pitch()-2, float64(len(t.rows))*rowH+2, "nowband")
	}
	for r := len(t.rows) - 1; r >= 0; r-- {
		for _, i := range t.rows[r] {
			n := t.node(i)
			if n.Parent <= 0 {
				continue
			}
			class := "tr-edge"
			if t.won[i] {
				class = "tr-edge on"
			}
			b.Path(t.curve(n.Step, t.row[n.Parent], r, t.node(n.Parent).Text, n.Text), class)
		}
	}
	for r, row := range t.rows {
		for _, i := range row {
			t.word(b, r, i)
		}
		if t.ref != nil && t.ref.row == r {
			continue
		}
		last := t.node(row[len(row)-1])
		class := "s11 end i3"
		if last.State == "ended" || last.State == "limit" {
			class = "s11 end i2"
			if t.won[row[len(row)-1]] {
				class = "s11 end b"
			}
			b.Line(c.X(last.Step)+t.half(last.Text)+2, t.y(r)-4, c.Width-42, t.y(r)-4, "tr-lead")
		}
		if last.State != "pruned" && last.State != "banned" {
			b.Text(c.Width, t.y(r), svg.Fixed(last.Score, 2), class, "data-tip", t.tip(row[len(row)-1]))
		}
	}
	if t.ref != nil {
		t.ref.draw(b, t)
	}
}

// half is half of a word's width, and room beside it.
func (t *tree) half(text string) float64 {
	return min(plot.Width(plot.OneLine(text), textH), t.s.Cols.Pitch()-12)/2 + 4
}

// curve is the edge to a word at a step, from the one before it.
func (t *tree) curve(step, from, to int, before, word string) string {
	x0, x1 := t.s.Cols.X(step-1)+t.half(before), t.s.Cols.X(step)-t.half(word)
	y0, y1, bend := t.y(from)-4, t.y(to)-4, (x1-x0)*.5
	return "M" + svg.N(x0) + "," + svg.N(y0) + "C" + svg.N(x0+bend) + "," + svg.N(y0) + " " + svg.N(x1-bend) + "," + svg.N(y1) + " " + svg.N(x1) + "," + svg.N(y1)
}

// word is one node: a click chooses the hypothesis that goes through it or, where none does, has the target begin so.
func (t *tree) word(b *svg.Builder, r, i int) {
	c, n := t.s.Cols, t.node(i)
	class := "i2"
	switch {
	case t.won[i]:
		class = "b"
	case n.State == "banned":
		class = "i3 struck"
	case n.State == "pruned", n.State == "dropped":
		class = "i3"
	}
	set := ""
	for h, hyp := range t.s.T.Hyps {
		for _, k := range hyp.Path {
			if k == i && set == "" {
				set = fmt.Sprintf("o.translate.hyp=%d&at=%d", h, n.Step+1)
			}
		}
	}
	if set == "" {
		var ids []int
		for _, k := range t.s.To(i) {
			ids = append(ids, t.node(k).ID)
		}
		set = scene.Changing(scene.Prefixed(t.s.Now.Changes, ids)) + "&at=" + strconv.Itoa(n.Step+1)
	}
	plot.Token{Text: n.Text, Px: textH, Anchor: "middle", Max: c.Pitch() - 12, Class: class,
		Attrs: []string{"data-h", "t" + strconv.Itoa(n.Step+1), "data-set", set, "data-tip", t.tip(i)}}.Draw(b, c.X(n.Step), t.y(r))
}

func (t *tree) tip(i int) string {
	n, l := t.node(i), t.s.In.L
	tip := l.T("beam.tip", plot.OneLine(n.Text), svg.Fixed(n.LogP, 3), svg.Percent(math.Exp(n.LogP)), svg.Fixed(n.Sum, 3), t.fate(n))
	if n.Score != n.Sum {
		tip += "\n" + l.T("beam.score", svg.Fixed(n.Score, 3))
	}
	return tip
}

// live is how many hypotheses went on after each step.
func (t *tree) live(b *svg.Builder, y float64) {
	for step, n := range t.s.T.Live {
		b.Text(t.s.Cols.X(step), y+4, strconv.Itoa(n), "s10 i3 mid")
	}
}

// table is the search as numbers.
func (t *tree) table() *figure.Table {
	l := t.s.In.L
	return &figure.Table{Head: []string{l.T("tr.th.step"), l.T("tr.th.word"), l.T("beam.th.after"), "log p", l.T("tr.th.sum"), l.T("tr.th.rank"), l.T("beam.th.state")}, Make: func() (rows [][]string) {
		for _, n := range t.s.T.Nodes[1:] {
			rows = append(rows, []string{strconv.Itoa(n.Step), plot.OneLine(n.Text), plot.OneLine(t.s.T.Nodes[n.Parent].Text), svg.Fixed(n.LogP, 4), svg.Fixed(n.Sum, 4), strconv.Itoa(n.Rank + 1), t.fate(&n)})
		}
		if t.ref != nil {
			rows = append(rows, t.ref.table(t.s)...)
		}
		return rows
	}}
}
