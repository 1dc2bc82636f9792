// Package near draws where a state of the translation lies among those of other sentences.
package near

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

const (
	high   = 214.
	others = 800 // states that are drawn besides
)

// Panels are the map of states, and the list of the nearest.
func Panels(s *scene.Scene) []figure.Panel {
	in, l := s.In, s.In.L
	space := in.State.Opt("translate.space", "decoder")
	q := protocol.PairsNear{Of: s.Now, Hyp: s.Hyp, Name: s.Seq.Decoder, Pos: s.Step, Metric: in.State.Opt("translate.metric", "cosine"), N: min(max(scene.Int(in, "near.n", 20), 1), 100), Map: others}
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
	list := figure.Panel{ID: "nearest", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("near.list")}}}
	list.Controls = []figure.Control{{Kind: "select", Key: "o.translate.metric", Value: q.Metric, Options: []figure.Option{{Value: "cosine", Label: l.T("near.cosine")}, {Value: "euclidean", Label: l.T("near.euclidean")}, {Value: "dot", Label: l.T("near.dot")}}},
		{Kind: "select", Key: "o.translate.off", Value: in.State.Opt("translate.off", "0"), Options: []figure.Option{{Value: "-1", Label: l.T("near.before")}, {Value: "0", Label: l.T("near.there")}, {Value: "1", Label: l.T("near.after")}}, Tip: l.T("near.off.tip")}}
	list.HTML = append(list.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: where(s, pairs, r)}}})
	if r == nil {
		m.Busy = l.T("tr.busy")
		return []figure.Panel{m, list}
	}
	switch {
	case tsne:
		mapped(s, q, &m)
	case len(r.Rows) > 0 && len(r.Places) >= 2*r.Own:
		m.SVG = places(s, r, q, space)
		m.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("near.share", svg.Percent(r.Share))}}}}
	}
	list.HTML = append(list.HTML, figure.Block{Kind: "html", HTML: rows(s, r)})
	list.Table = table(s, r)
	return []figure.Panel{m, list}
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
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, v := range r.Places {
		lo[i%2], hi[i%2] = min(lo[i%2], float64(v)), max(hi[i%2], float64(v))
	}
	x := func(i int) float64 {
		return 12 + (wide-24)*(float64(r.Places[2*i])-lo[0])/max(hi[0]-lo[0], 1e-9)
	}
	y := func(i int) float64 {
		return high - 12 - (high-24)*(float64(r.Places[2*i+1])-lo[1])/max(hi[1]-lo[1], 1e-9)
	}
	b.Rect(0, 0, wide, high, "well")
	var d strings.Builder
	first := r.Own + len(r.Rows)
	for i := first; i < n; i++ {
		d.WriteString("M" + svg.N(x(i)) + "," + svg.N(y(i)) + "h0")
	}
	b.Path(d.String(), "tr-dots")
	var pts [][2]float64
	for i := r.Own; i < first; i++ {
		pts = append(pts, [2]float64{x(i), y(i)})
	}
	if h := hull(pts); len(h) > 2 {
		b.Path(outline(h), "tr-hull")
	}
	for i, p := range pts {
		row := &r.Rows[i]
		b.Circle(p[0], p[1], 3, "tr-near", "data-h", "n"+strconv.Itoa(i), "data-tip", tip(s, row))
	}
	d.Reset()
	for i := range r.Own {
		d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + svg.N(x(i)) + "," + svg.N(y(i)))
	}
	b.Path(d.String(), "tr-way")
	own(&b, s, r, q, space, x, y)
	return b.String()
}

// own are the sentence's states: a click chooses one.
func own(b *svg.Builder, s *scene.Scene, r *protocol.PairsNearResult, q protocol.PairsNear, space string, x, y func(int) float64) {
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
		set, key := "at="+strconv.Itoa(i+1), "t"+strconv.Itoa(i+1)
		if space == "encoder" {
			set, key = "o.translate.src="+strconv.Itoa(i), "s"+strconv.Itoa(i)
		}
		class, size, text := "tr-own", 3., "s11 i2 halo"
		if i == q.Pos {
			class, size, text = "tr-own now", 5.5, "s13 b inow halo"
		}
		word := ""
		if i < len(r.Words) {
			word = plot.OneLine(r.Words[i])
		}
		b.Circle(x(i), y(i), size, class, "data-h", key, "data-set", set, "data-tip", word)
		w := plot.Width(word, 12) + 4
		at := label{x(i) + size + 3, x(i) + size + 3 + w, y(i) + 4}
		if at.x1 > wide {
			at.x0, at.x1 = x(i)-size-3-w, x(i)-size-3
		}
		free := true
		for _, t := range taken {
			if at.x0 < t.x1 && t.x0 < at.x1 && math.Abs(at.y-t.y) < 12 {
				free = false
			}
		}
		if free {
			taken = append(taken, at)
			b.Text(at.x0, at.y, word, text, "data-h", key, "data-set", set)
		}
	}
}

// hull is the convex hull of points (Andrew 1979), moved outwards a little.
func hull(p [][2]float64) (out [][2]float64) {
	if len(p) < 3 {
		return nil
	}
	p = append([][2]float64{}, p...)
	sort.Slice(p, func(a, b int) bool { return p[a][0] < p[b][0] || p[a][0] == p[b][0] && p[a][1] < p[b][1] })
	turn := func(a, b, c [2]float64) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	for range 2 {
		from := len(out)
		for _, c := range p {
			for len(out) >= from+2 && turn(out[len(out)-2], out[len(out)-1], c) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, c)
		}
		out = out[:len(out)-1]
		for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
			p[i], p[j] = p[j], p[i]
		}
	}
	var mx, my float64
	for _, c := range out {
		mx, my = mx+c[0]/float64(len(out)), my+c[1]/float64(len(out))
	}
	for i, c := range out {
		if d := math.Hypot(c[0]-mx, c[1]-my); d > 0 {
			out[i] = [2]float64{c[0] + 7*(c[0]-mx)/d, c[1] + 7*(c[1]-my)/d}
		}
	}
	return out
}

func outline(p [][2]float64) string {
	var b strings.Builder
	for i, c := range p {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + svg.N(c[0]) + "," + svg.N(c[1]))
	}
	return b.String() + "z"
}

func tip(s *scene.Scene, r *protocol.PairRow) string {
	return s.Sentence(r.Source) + "\n" + strings.Join(r.Target, " ")
}

// rows are the nearest as pairs of sentences, with the word of the state marked, or the one before or after it.
func rows(s *scene.Scene, r *protocol.PairsNearResult) string {
	off, between := scene.Int(s.In, "off", 0), " "
	if s.Seq.Tokenizer != "word" {
		between = ""
	}
	var b strings.Builder
	b.WriteString(`<ul class="pairs">`)
	for i := range r.Rows {
		k := &r.Rows[i]
		b.WriteString(`<li data-h="n` + strconv.Itoa(i) + `"><button data-do="` + svg.Esc(figure.DoTranslate+s.Sentence(k.Source)) + `" data-tip="` + svg.Esc(s.In.L.T("compare.swap")) + `">`)
		marked(&b, k.Source, k.Pos+off, k.Side == "source", between)
		b.WriteString(`</button><span class="num">` + svg.Fixed(k.Score, 2) + `</span><span class="en">`)
		marked(&b, k.Target, k.Pos+off, k.Side == "target", " ")
		b.WriteString(`</span>`)
		if k.Note != "" {
			b.WriteString(`<small class="quiet">` + svg.Esc(k.Note) + `</small>`)
		}
		b.WriteString(`</li>`)
	}
	b.WriteString(`</ul>`)
	return b.String()
}

func marked(b *strings.Builder, words []string, at int, here bool, between string) {
	for i, w := range words {
		if here && i == at {
			b.WriteString(`<mark>` + svg.Esc(plot.OneLine(w)) + `</mark>` + between)
		} else {
			b.WriteString(svg.Esc(plot.OneLine(w)) + between)
		}
	}
}

func table(s *scene.Scene, r *protocol.PairsNearResult) *figure.Table {
	l := s.In.L
	t := &figure.Table{Head: []string{l.T("near.th.score"), l.T("tr.source"), l.T("tr.target"), l.T("near.th.side"), l.T("near.th.pos")}}
	for _, k := range r.Rows {
		t.Rows = append(t.Rows, []string{svg.Fixed(k.Score, 4), s.Sentence(k.Source), strings.Join(k.Target, " "), l.T("tr." + k.Side), strconv.Itoa(k.Pos)})
	}
	return t
}
