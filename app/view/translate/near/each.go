package near

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// A small picture of a state: its size, what stands above it, and what is left between two.
const (
	smallWide, smallHigh = 60., 46.
	smallHead, smallGap  = 16., 6.
	smallMost            = 150 // dots of others
)

// small is what the small pictures show: places [n, 2] of the sentence's states, of the neighbours of each, and of others.
type small struct {
	own, others []float32
	near        [][]float32
	words       []string
	tips        []string
	equal       bool
}

// each is a small picture of the plane for each state of the sentence, with its neighbours marked (the state pictograms of Seq2Seq-Vis,
// Strobelt et al. 2019, section 4.2). By t-SNE, neighbours that are not on the map are nowhere. nil: there is nothing yet.
func each(s *scene.Scene, q protocol.PairsNear, r *protocol.PairsNearResult, sc *figure.Scatter) *figure.Panel {
	l := s.In.L
	e, _ := s.In.PairsEach(protocol.PairsEach{ID: q.ID, Upto: q.Upto, Of: q.Of, Hyp: q.Hyp, Name: q.Name, Metric: q.Metric, N: q.N})
	if r.Total == 0 {
		return nil
	}
	p := &figure.Panel{ID: "each", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("near.each")}}, Width: scene.Aside(s.In), Height: smallHead + smallHigh, Label: l.T("near.each.label")}
	if e == nil || e.Own != r.Own || len(e.Counts) == 0 {
		p.Busy = l.T("tr.busy")
		return p
	}
	all, placed := 0, 0
	for _, n := range e.Counts {
		all += n
	}
	k := fromPlane(r, e)
	note := l.T("near.each.note", q.N)
	if sc != nil {
		if sc.Map.RestIter() < 0 || len(ownRows(sc.Map)) != e.Own {
			p.Busy = l.T("tr.busy")
			return p
		}
		k = fromMap(sc.Map, e)
		for _, near := range k.near {
			placed += len(near) / 2
		}
		note = l.T("near.each.tsne", q.N, svg.Count(placed), svg.Count(all))
	}
	if len(e.Counts) < e.Own {
		note += " " + l.T("near.each.cut", len(e.Counts), e.Own)
	}
	p.SVG, p.Height = k.draw(s, q)
	p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: note}}}}
	return p
}

// fromPlane has them in two principal components.
func fromPlane(r *protocol.PairsNearResult, e *protocol.PairsEachResult) *small {
	k := &small{own: e.Places[:2*e.Own], others: r.Places[2*(r.Own+len(r.Rows)):], words: e.Words[:e.Own]}
	at := e.Own
	for _, n := range e.Counts {
		k.near = append(k.near, e.Places[2*at:2*(at+n)])
		k.tips = append(k.tips, commonest(e.Words[at:at+n]))
		at += n
	}
	return k
}

// fromMap has them where a map has put them.
func fromMap(d *figure.Map, e *protocol.PairsEachResult) *small {
	k := &small{words: e.Words[:e.Own], equal: true}
	place := func(i int) []float32 { return d.Frame.Y[i*d.Frame.Dims:][:2] }
	for _, i := range ownRows(d) {
		k.own = append(k.own, place(i)...)
	}
	rows := map[string]int{} // of a pair's number, or what it is, and a position
	for i := range d.N() - d.Landed {
		k.others = append(k.others, place(i)...)
		of := d.Points.Sentences[d.Points.Sentence[i]]
		name := said(of)
		if e.Sentences == nil {
			name = strconv.Itoa(int(property(d, "pair", i)))
		}
		rows[name+"\x1e"+strconv.Itoa(int(property(d, "position", i)))] = i
	}
	at := e.Own
	for _, n := range e.Counts {
		var near []float32
		for m := at; m < at+n; m++ {
			name := strconv.Itoa(e.Pairs[m])
			if e.Sentences != nil {
				name = said(e.Sentences[e.Pairs[m]])
			}
			if i, ok := rows[name+"\x1e"+strconv.Itoa(e.Positions[m])]; ok {
				near = append(near, place(i)...)
			}
		}
		k.near = append(k.near, near)
		k.tips = append(k.tips, commonest(e.Words[at:at+n]))
		at += n
	}
	return k
}

// said is a sentence as one text.
func said(s protocol.Sentence) string {
	return strings.Join(s.Source, "\x1f") + "\x1e" + strings.Join(s.Target, "\x1f") + "\x1e" + s.Note
}

// draw draws the pictures in rows, and says how high they are. A click chooses the state.
func (k *small) draw(s *scene.Scene, q protocol.PairsNear) (marks string, high float64) {
	wide := scene.Aside(s.In)
	cols := max(1, math.Floor((wide+smallGap)/(smallWide+smallGap)))
	w := (wide+smallGap)/cols - smallGap
	p := &plane{x: 3, y: 3, w: w - 6, h: smallHigh - 6, equal: k.equal}
	for _, places := range append([][]float32{k.own, k.others}, k.near...) {
		p.hold(places)
	}
	var b svg.Builder
	ground, line := p.dots(thinned(k.others, smallMost)), way(p.points(k.own))
	mine := p.points(k.own)
	for i := range k.near {
		set, key := chooses(q.Name == s.Seq.Encoder, i)
		word, text, class, size := plot.OneLine(k.words[i]), "s11 i2", "tr-own tiny", 2.
		if i == q.Pos {
			text, class, size = "s11 b inow", "tr-own tiny now", 3.
		}
		x, y := math.Mod(float64(i), cols)*(w+smallGap), math.Floor(float64(i)/cols)*(smallHead+smallHigh+smallGap)
		b.Open("tr-each", "transform", "translate("+svg.N(x)+" "+svg.N(y+smallHead)+")", "data-set", set, "data-h", key, "data-tip", word+"\n"+k.tips[i])
		b.Text(0, -5, plot.Fit(word, w, 11), text)
		b.Rect(0, 0, w, smallHigh, "well")
		if ground != "" {
			b.Path(ground, "tr-dots tiny")
		}
		b.Path(line, "tr-way tiny")
		pts := p.points(k.near[i])
		if h := outlined(pts, 3); h != "" {
			b.Path(h, "tr-hull")
		}
		b.Path(p.dots(k.near[i]), "tr-close")
		b.Circle(mine[i][0], mine[i][1], size, class)
		b.Close()
	}
	rows := math.Ceil(float64(len(k.near)) / cols)
	return b.String(), rows*(smallHead+smallHigh+smallGap) - smallGap
}

// thinned are at most so many of places [n, 2], evenly drawn.
func thinned(places []float32, most int) (out []float32) {
	n := len(places) / 2
	most = min(n, most)
	for i := range most {
		out = append(out, places[2*(i*n/most):][:2]...)
	}
	return out
}

// commonest are some words, those that are there most often first.
func commonest(words []string) string {
	count, order := counted(words)
	var out []string
	for i, w := range order {
		if i == 6 {
			out = append(out, "…")
			break
		}
		w = plot.OneLine(w)
		if n := count[order[i]]; n > 1 {
			w += " ×" + strconv.Itoa(n)
		}
		out = append(out, w)
	}
	return strings.Join(out, ", ")
}

// counted counts words, and puts the commonest first; of equals the first.
func counted(words []string) (count map[string]int, order []string) {
	count = map[string]int{}
	for _, w := range words {
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
	return count, order
}
