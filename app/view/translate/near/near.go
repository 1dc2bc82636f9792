// Package near draws where a state of the translation lies among those of other sentences.
package near

import (
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

const (
	high     = 214.
	others   = 800 // states that are drawn besides
	nearMost = 100
)

// Panels are the map of states, and the list of the nearest.
func Panels(s *scene.Scene) []figure.Panel {
	in, l := s.In, s.In.L
	space := in.State.Opt("translate.space", "decoder")
	q := protocol.PairsNear{Of: s.Now, Hyp: s.Hyp, Name: s.Seq.Decoder, Pos: s.Step, Metric: in.State.Opt("translate.metric", "cosine"), N: min(max(scene.Int(in, "near.n", 20), 1), nearMost), Map: others}
	switch space {
	case "encoder":
		q.Name, q.Pos = s.Seq.Encoder, s.Src
		if q.Pos < 0 {
			q.Pos = scene.Heaviest(s.Row(s.Step))
		}
	case "context":
		q.Name = s.Seq.Mixed
	}
	pairs := s.Pairs()
	if pairs != nil && pairs.Info != nil {
		q.ID, q.Upto = pairs.Info.ID, pairs.Settled
	}
	if q.ID != 0 && q.Upto == 0 {
		q.ID = 0
	}
	r, _ := in.PairsNear(q)
	m := figure.Panel{ID: "near", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("near.title")}}, Names: q.Name, Width: scene.Aside(in), Height: high, Label: l.T("near.label")}
	m.Controls = []figure.Control{{Kind: "radio", Key: "o.translate.space", Value: space, Options: []figure.Option{{Value: "encoder", Label: l.T("near.encoder")}, {Value: "decoder", Label: l.T("near.decoder")}, {Value: "context", Label: l.T("near.context")}}}}
	tsne := in.State.Opt("translate.map", "") == "tsne"
	m.Controls = append(m.Controls, figure.Control{Kind: "radio", Key: "o.translate.map", Value: in.State.Opt("translate.map", ""), Options: []figure.Option{{Value: "", Label: "PCA"}, {Value: "tsne", Label: "t-SNE"}}})
	nearest := figure.Panel{ID: "nearest", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("near.list")}}}
	nearest.Controls = []figure.Control{{Kind: "select", Key: "o.translate.metric", Value: q.Metric, Options: []figure.Option{{Value: "cosine", Label: l.T("near.cosine")}, {Value: "euclidean", Label: l.T("near.euclidean")}, {Value: "dot", Label: l.T("near.dot")}}},
		{Kind: "select", Key: "o.translate.off", Value: in.State.Opt("translate.off", "0"), Options: []figure.Option{{Value: "-1", Label: l.T("near.before")}, {Value: "0", Label: l.T("near.there")}, {Value: "1", Label: l.T("near.after")}}, Tip: l.T("near.off.tip")},
		{Kind: "number", Key: "o.translate.near.n", Label: l.T("near.n"), Value: strconv.Itoa(q.N), Min: 1, Max: nearMost, Step: 1}}
	nearest.HTML = append(nearest.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: where(s, pairs, r)}}})
	if r == nil {
		m.Busy = l.T("tr.busy")
		return []figure.Panel{m, nearest}
	}
	switch {
	case tsne:
		mapped(s, q, r, &m)
	case r.Own > 0 && len(r.Places) >= 2*r.Own:
		m.SVG = places(s, r, q, space)
		m.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("near.share", svg.Percent(r.Share))}}}}
	}
	nearest.HTML = append(nearest.HTML, figure.Block{Kind: "html", HTML: list(s, r.Rows, true)})
	nearest.Table = table(s, r)
	if e := each(s, q, r, m.Scatter); e != nil {
		return []figure.Panel{m, *e, nearest}
	}
	return []figure.Panel{m, nearest}
}

// where says among which states it was looked, and how far they are.
func where(s *scene.Scene, p *figure.Pairs, r *protocol.PairsNearResult) string {
	l := s.In.L
	n := 0
	if r != nil {
		n = r.Total
	}
	switch {
	case p == nil || p.Err == nil && (p.Info == nil || p.Settled == 0):
		return l.T("near.lately", svg.Count(n))
	case p.Err != nil:
		return l.T("near.failed", p.Name, p.Err.Detail)
	case p.Filled.Done < p.Filled.Total:
		return l.T("near.running", svg.Count(n), p.Name, svg.Percent(float64(p.Filled.Done)/float64(max(1, p.Filled.Total))))
	}
	return l.T("near.of", svg.Count(n), p.Name)
}

// places draws the plane: other states as dots, the nearest within their hull, and the sentence's own one after another.
func places(s *scene.Scene, r *protocol.PairsNearResult, q protocol.PairsNear, space string) string {
	wide := scene.Aside(s.In)
	var b svg.Builder
	n := len(r.Places) / 2
	p := &plane{x: 12, y: 12, w: wide - 24, h: high - 24}
	p.hold(r.Places)
	b.Rect(0, 0, wide, high, "well")
	first := r.Own + len(r.Rows)
	b.Path(p.dots(r.Places[2*first:2*n]), "tr-dots")
	pts := p.points(r.Places[2*r.Own : 2*first])
	if h := outlined(pts, 7); h != "" && len(pts) < r.Total { // around all there is it says nothing
		b.Path(h, "tr-hull")
	}
	for i, at := range pts {
		row := &r.Rows[i]
		b.Circle(at[0], at[1], 3, "tr-near", "data-h", "n"+strconv.Itoa(i), "data-tip", tip(s, row))
	}
	mine := p.points(r.Places[:2*r.Own])
	b.Path(way(mine), "tr-way")
	own(&b, s, r, q, space, mine)
	return b.String()
}

// own are the sentence's states: a click chooses one.
func own(b *svg.Builder, s *scene.Scene, r *protocol.PairsNearResult, q protocol.PairsNear, space string, at [][2]float64) {
	wide := scene.Aside(s.In)
	type label struct{ x0, x1, y float64 }
	var taken []label
	order := []int{q.Pos}
	for i := range r.Own {
		if i != q.Pos {
			order = append(order, i)
		}
	}
	for _, i := range order {
		if i >= r.Own {
			continue
		}
		set, key := chooses(space == "encoder", i)
		class, size, text := "tr-own", 3., "s11 i2 halo"
		if i == q.Pos {
			class, size, text = "tr-own now", 5.5, "s13 b inow halo"
		}
		word := ""
		if i < len(r.Words) {
			word = plot.OneLine(r.Words[i])
		}
		x, y := at[i][0], at[i][1]
		b.Circle(x, y, size, class, "data-h", key, "data-set", set, "data-tip", word)
		w := plot.Width(word, 12) + 4
		put := label{x + size + 3, x + size + 3 + w, y + 4}
		if put.x1 > wide {
			put.x0, put.x1 = x-size-3-w, x-size-3
		}
		free := true
		for _, t := range taken {
			if put.x0 < t.x1 && t.x0 < put.x1 && math.Abs(put.y-t.y) < 12 {
				free = false
			}
		}
		if free {
			taken = append(taken, put)
			b.Text(put.x0, put.y, word, text, "data-h", key, "data-set", set)
		}
	}
}

// chooses is the patch that chooses a state of the sentence, and the name under which it lights up.
func chooses(source bool, i int) (set, key string) {
	if source {
		return "o.translate.src=" + strconv.Itoa(i), "s" + strconv.Itoa(i)
	}
	return "at=" + strconv.Itoa(i+1), "t" + strconv.Itoa(i+1)
}
