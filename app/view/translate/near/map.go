package near

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// mapMost is how many states a map by t-SNE has.
const mapMost = 1500

// mapped is the same states by t-SNE: the sentence's own first, then kept ones evenly drawn. A loop lists what is in it.
func mapped(s *scene.Scene, q protocol.PairsNear, m *figure.Panel) {
	in, l := s.In, s.In.L
	of := s.Now
	spec := figure.MapSpec{Points: protocol.Points{Source: "pairs", Max: mapMost, Name: q.Name, Pairs: q.ID, Upto: q.Upto, Of: &of, Hyp: q.Hyp}, Layout: protocol.DefaultLayout()}
	spec.Layout.Seed = uint64(max(scene.Int(in, "seed", 7), 0))
	m.Controls = append(m.Controls, figure.Control{Kind: "number", Key: "o.translate.seed", Label: l.T("near.seed"), Value: strconv.Itoa(int(spec.Layout.Seed)), Min: 0, Max: 1e6, Step: 1})
	d := in.Mapped(spec)
	switch {
	case d == nil || d.Err == nil && d.Frame == nil:
		m.Busy = l.T("tr.busy")
		return
	case d.Err != nil:
		m.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: d.Err.Detail}}}}
		return
	}
	own := ownRows(d)
	sc := &figure.Scatter{Map: d, Dims: 2, Names: d.Points.Names, Class: make([]uint8, d.N()), Colours: []string{"k7", "k1"}, Equal: true, CamKey: "o.translate.cam", Cam: in.State.Opt("translate.cam", ""), Tool: "lasso"}
	for _, i := range own {
		sc.Class[i] = 1
		if i == q.Pos {
			sc.Chosen = []int{i}
		}
		sc.Marks = append(sc.Marks, figure.ScatterMark{Row: i, Kind: "dot", Label: plot.OneLine(d.Points.Names[i]), Size: 12, Bold: i == q.Pos})
	}
	if len(own) > 1 {
		sc.Lines = []figure.ScatterLine{{Rows: own, Kind: "line", Class: "tr-way"}}
	}
	key := "t"
	if q.Name == s.Seq.Encoder {
		key = "s"
	}
	sc.Set = func(row int, _ bool) string {
		switch {
		case row >= len(own):
			return "o.translate.loop=" + state.FormatRows([]int{row})
		case key == "s":
			return "o.translate.src=" + strconv.Itoa(row)
		}
		return "at=" + strconv.Itoa(row+1)
	}
	sc.Loop = func(rows []int, _ string) string { return "o.translate.loop=" + state.FormatRows(rows) }
	sc.Tip = func(row int) string { return plot.OneLine(d.Points.Names[row]) }
	sc.Hover = func(row int) string {
		switch {
		case row >= len(own):
			return ""
		case key == "s":
			return "s" + strconv.Itoa(row)
		}
		return "t" + strconv.Itoa(row+1)
	}
	sc.Row = func(h string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(h, key))
		if key == "t" {
			n--
		}
		if err != nil || !strings.HasPrefix(h, key) || n < 0 || n >= len(own) {
			return -1
		}
		return n
	}
	m.Scatter, m.SVG = sc, ""
	m.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("near.tsne", svg.Count(d.N()), svg.Count(d.Points.Total))}}}}
	if rows := state.ParseRows(in.State.Opt("translate.loop", ""), d.N()); len(rows) > 0 {
		m.HTML = append(m.HTML, figure.Block{Kind: "html", HTML: looped(s, d, rows)})
	}
}

// ownRows are the rows of the sentence itself: those of no pair.
func ownRows(d *figure.Map) (rows []int) {
	for _, c := range d.Points.Columns {
		if c.Name != "pair" {
			continue
		}
		for i, v := range c.Values {
			if v == v {
				return rows
			}
			rows = append(rows, i)
		}
	}
	return rows
}

// looped lists the words of the states in a loop, the commonest first.
func looped(s *scene.Scene, d *figure.Map, rows []int) string {
	count, order := map[string]int{}, []string{}
	for _, i := range rows {
		w := d.Points.Names[i]
		if count[w] == 0 {
			order = append(order, w)
		}
		count[w]++
	}
	for i := range order {
		for k := i; k > 0 && count[order[k]] > count[order[k-1]]; k-- {
			order[k], order[k-1] = order[k-1], order[k]
		}
	}
	var b strings.Builder
	b.WriteString(`<p class="quiet">` + svg.Esc(s.In.L.T("near.loop", len(rows))) + ` <button class="x" data-set="o.translate.loop=" aria-label="×">×</button></p><p class="near">`)
	for i, w := range order {
		if i == 30 {
			b.WriteString("…")
			break
		}
		b.WriteString(`<span>` + svg.Esc(plot.OneLine(w)) + ` <small>` + strconv.Itoa(count[w]) + `</small></span> `)
	}
	b.WriteString(`</p>`)
	return b.String()
}
