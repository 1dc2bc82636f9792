package near

import (
	"cmp"
	"math"
	"slices"
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

// mapFirst is how many pairs the first map is of, while they are run.
const mapFirst = 40

// mapped is the same states by t-SNE: kept ones evenly drawn, among which the sentence's own land. A loop lists what is in it.
func mapped(s *scene.Scene, q protocol.PairsNear, r *protocol.PairsNearResult, m *figure.Panel) {
	in, l := s.In, s.In.L
	spec := specOf(s, q)
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
	if len(own) == 0 {
		m.Busy = l.T("tr.busy")
	}
	sc := scattered(s, q, d, own)
	if len(own) == r.Own {
		surround(sc, q, r)
	}
	m.Scatter, m.SVG = sc, ""
	m.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: told(s, d)}}}}
	if rows := state.ParseRows(in.State.Opt("translate.loop", ""), d.N()); len(rows) > 0 {
		chosen := -1
		if len(sc.Chosen) > 0 {
			chosen = sc.Chosen[0]
		}
		m.HTML = append(m.HTML, figure.Block{Kind: "html", HTML: looped(s, d, rows, chosen)})
	}
}

// specOf is the map that is asked for: of pairs that are open, or of what was translated lately and the sentence as it is without changes, on which its
// what-ifs land.
func specOf(s *scene.Scene, q protocol.PairsNear) figure.MapSpec {
	of := s.Now
	mine := protocol.Points{Source: "translation", Name: q.Name, Of: &of, Hyp: q.Hyp, Pairs: q.ID, Upto: q.Upto, Near: q.N, Metric: q.Metric}
	spec := figure.MapSpec{Points: protocol.Points{Source: "pairs", Max: mapMost, Name: q.Name, Pairs: q.ID, Upto: upto(s.Pairs(), q.Upto)}, Layout: protocol.DefaultLayout(), Land: &mine}
	if q.ID == 0 {
		spec.Points.Of = &s.Base
		if len(s.Now.Changes) == 0 && q.Hyp == 0 {
			spec.Land = nil
		}
	}
	spec.Layout.Seed = uint64(max(scene.Int(s.In, "seed", 7), 0))
	return spec
}

// scattered are the dots of a map, and the sentence's own, which are joined by a line. A click chooses one of its own, or lists another.
func scattered(s *scene.Scene, q protocol.PairsNear, d *figure.Map, own []int) *figure.Scatter {
	sc := &figure.Scatter{Map: d, Dims: 2, Names: d.Points.Names, Class: make([]uint8, d.N()), Colours: []string{"k7", "k1", "k1"}, Equal: true, CamKey: "o.translate.cam", Cam: s.In.State.Opt("translate.cam", ""), Tool: "lasso"}
	for i := d.N() - d.Landed; i < d.N(); i++ {
		sc.Class[i] = figure.Hidden // neighbours of other states than the chosen one
	}
	at := map[int]int{} // of a row, which state of the sentence it is
	for n, i := range own {
		sc.Class[i], at[i] = 1, n
		mark := figure.ScatterMark{Row: i, Kind: "dot", Label: plot.OneLine(d.Points.Names[i]), Size: 12}
		if n == q.Pos {
			sc.Chosen = []int{i}
			mark.Class, mark.Bold = "now inow", true
		}
		sc.Marks = append(sc.Marks, mark)
	}
	if len(own) > 1 {
		sc.Lines = []figure.ScatterLine{{Rows: own, Kind: "line", Class: "tr-way"}}
	}
	source := q.Name == s.Seq.Encoder
	sc.Set = func(row int, _ bool) string {
		n, mine := at[row]
		if !mine {
			return "o.translate.loop=" + state.FormatRows([]int{row})
		}
		set, _ := chooses(source, n)
		return set
	}
	sc.Loop = func(rows []int, _ string) string { return "o.translate.loop=" + state.FormatRows(rows) }
	sc.Tip = func(row int) string { return plot.OneLine(d.Points.Names[row]) }
	sc.Hover = func(row int) string {
		n, mine := at[row]
		if !mine {
			return ""
		}
		_, key := chooses(source, n)
		return key
	}
	sc.Row = func(h string) int {
		for n, i := range own {
			if _, key := chooses(source, n); key == h {
				return i
			}
		}
		return -1
	}
	return sc
}

// upto is how many of the pairs that were run a map is of: a map is begun anew with more of them, so that there are few steps on the way to all.
func upto(p *figure.Pairs, run int) int {
	if p == nil || run >= p.Filled.Total {
		return run
	}
	n := run
	for next := mapFirst; next <= run; next *= 4 {
		n = next
	}
	return n
}

// surround marks the nearest of the chosen state on the map, with their hull where it is at rest.
func surround(sc *figure.Scatter, q protocol.PairsNear, r *protocol.PairsNearResult) {
	d := sc.Map
	find := finder(d, q.ID != 0)
	at := map[[2]float64]int{}
	var pts [][2]float64
	for _, k := range r.Rows {
		if i := find(k.Pair, protocol.Sentence{Source: k.Source, Target: k.Target, Note: k.Note}, k.Pos); i >= 0 {
			sc.Class[i] = 2
			p := [2]float64{float64(d.Frame.Y[i*d.Frame.Dims]), float64(d.Frame.Y[i*d.Frame.Dims+1])}
			at[p], pts = i, append(pts, p)
		}
	}
	if d.RestIter() < 0 || len(pts) == r.Total {
		return
	}
	var line []int
	for _, p := range hull(pts, 0) {
		line = append(line, at[p])
	}
	if len(line) > 2 {
		sc.Lines = append(sc.Lines, figure.ScatterLine{Rows: append(line, line[0]), Kind: "line", Class: "tr-hull"})
	}
}

// told says of which states the map is, and how the sentence came there.
func told(s *scene.Scene, d *figure.Map) string {
	l := s.In.L
	if d.Spec.Land == nil {
		return l.T("near.tsne", svg.Count(d.N()), svg.Count(d.Points.Total))
	}
	n := d.N() - d.Landed
	text := l.T("near.tsne.of", svg.Count(n), svg.Count(d.Points.Total))
	switch {
	case n == d.Points.Total && d.Spec.Points.Of == nil:
		text = l.T("near.tsne.all", svg.Count(n))
	case d.Spec.Points.Of != nil:
		text = l.T("near.tsne.base", svg.Count(n))
	}
	switch {
	case d.Landed == 0:
		return text
	case d.RestIter() < 0:
		return text + " " + l.T("near.tsne.moving")
	}
	return text + " " + l.T("near.tsne.landed")
}

// property is what is known of a row of a map; NaN: nothing.
func property(d *figure.Map, name string, row int) float32 {
	for _, c := range d.Points.Columns {
		if c.Name == name {
			return c.Values[d.Point(row)]
		}
	}
	return float32(math.NaN())
}

// ownRows are the rows of the sentence itself: those of no pair, among those that landed if any were to. Empty: they have no place yet.
func ownRows(d *figure.Map) (rows []int) {
	from := 0
	if d.Spec.Land != nil {
		from = d.N() - d.Landed
	}
	for i := from; i < d.N(); i++ {
		if v := property(d, "pair", i); v != v {
			rows = append(rows, i)
		}
	}
	return rows
}

// loopMost is how many states of a loop are listed.
const loopMost = 200

// looped lists the states in a loop as pairs of sentences, with the word of each marked: those first that are nearest to the chosen state on the map.
func looped(s *scene.Scene, d *figure.Map, rows []int, chosen int) string {
	l := s.In.L
	words := make([]string, len(rows))
	for i, row := range rows {
		words[i] = d.Points.Names[row]
	}
	var b strings.Builder
	b.WriteString(`<p class="quiet">` + svg.Esc(l.T("near.loop", len(rows))) + ` <button class="x" data-set="o.translate.loop=" aria-label="` + svg.Esc(l.T("near.loop.drop")) + `">×</button></p><p class="near">`)
	count, order := counted(words)
	for i, w := range order {
		if i == 30 {
			b.WriteString("…")
			break
		}
		b.WriteString(`<span>` + svg.Esc(plot.OneLine(w)) + ` <small>` + strconv.Itoa(count[w]) + `</small></span> `)
	}
	b.WriteString(`</p>` + list(s, inLoop(d, nearestFirst(d, rows, chosen)), false))
	if len(rows) > loopMost {
		b.WriteString(`<p class="quiet">` + svg.Esc(l.T("near.loop.cut", loopMost)) + `</p>`)
	}
	return b.String()
}

// inLoop are rows of a map as places in pairs.
func inLoop(d *figure.Map, rows []int) (out []protocol.PairRow) {
	for _, row := range rows[:min(len(rows), loopMost)] {
		i := d.Point(row)
		of := d.Points.Sentences[d.Points.Sentence[i]]
		k := protocol.PairRow{Pair: -1, Side: "target", Pos: int(property(d, "position", row)), Source: of.Source, Target: of.Target, Note: of.Note, Reference: of.Reference}
		if pair := property(d, "pair", row); pair == pair {
			k.Pair = int(pair)
		}
		for _, c := range d.Points.Columns {
			if c.Name == "side" && len(c.Labels) > 0 {
				k.Side = c.Labels[0]
			}
		}
		out = append(out, k)
	}
	return out
}

// nearestFirst are rows by their distance on the map from one; as they are if that is none.
func nearestFirst(d *figure.Map, rows []int, from int) []int {
	dims := d.Frame.Dims
	if from < 0 || len(d.Frame.Y) < d.N()*dims {
		return rows
	}
	far := func(i int) (sum float64) {
		for k := range dims {
			v := float64(d.Frame.Y[i*dims+k] - d.Frame.Y[from*dims+k])
			sum += v * v
		}
		return sum
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(far(a), far(b)) })
	return rows
}
