package near

import (
	"cmp"
	"math"
	"slices"
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
	total       int // states that were compared
	landed      int // neighbours that are not on the map, and landed on it as the sentence did
}

// each is a small picture of the plane for each state of the sentence, with its neighbours marked (the state pictograms of Seq2Seq-Vis,
// Strobelt et al. 2019, section 4.2). nil: there is nothing yet.
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
	k, note := fromPlane(r, e), l.T("near.each.note", q.N)
	if sc != nil {
		if sc.Map.RestIter() < 0 || len(ownRows(sc.Map)) != e.Own {
			p.Busy = l.T("tr.busy")
			return p
		}
		if k = fromMap(sc.Map, e); k.landed > 0 {
			note = l.T("near.each.landed", q.N, svg.Count(k.landed), svg.Count(len(e.Words)-e.Own))
		}
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
	k := &small{own: e.Places[:2*e.Own], others: r.Places[2*(r.Own+len(r.Rows)):], words: e.Words[:e.Own], total: e.Total}
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
	k := &small{words: e.Words[:e.Own], total: e.Total, equal: true}
	place := func(i int) []float32 { return d.Frame.Y[i*d.Frame.Dims:][:2] }
	for _, i := range ownRows(d) {
		k.own = append(k.own, place(i)...)
	}
	n := d.N() - d.Landed
	for i := range n {
		k.others = append(k.others, place(i)...)
	}
	find := finder(d, e.Sentences == nil)
	at := e.Own
	for _, count := range e.Counts {
		var near []float32
		for m := at; m < at+count; m++ {
			of := protocol.Sentence{}
			if e.Sentences != nil {
				of = e.Sentences[e.Pairs[m]]
			}
			i := find(e.Pairs[m], of, e.Positions[m])
			if i >= n && property(d, "pair", i) >= 0 { // and none of the sentence's own
				k.landed++
			}
			if i >= 0 {
				near = append(near, place(i)...)
			}
		}
		k.near = append(k.near, near)
		k.tips = append(k.tips, commonest(e.Words[at:at+count]))
		at += count
	}
	return k
}

// finder finds the row of a map that a kept state is, -1: none. Numbered: pairs keep their numbers; or else they are known by what they are. What is both on
// the map and among what landed is on the map.
func finder(d *figure.Map, numbered bool) func(pair int, of protocol.Sentence, pos int) int {
	name := func(pair int, of protocol.Sentence, pos int) string {
		if numbered {
			return strconv.Itoa(pair) + " " + strconv.Itoa(pos)
		}
		return strings.Join(of.Source, "\x1f") + "\x1e" + strings.Join(of.Target, "\x1f") + "\x1e" + of.Note + "\x1e" + strconv.Itoa(pos)
	}
	rows := map[string]int{}
	for i := d.N() - 1; i >= 0; i-- {
		if pair := property(d, "pair", i); !numbered || pair == pair {
			rows[name(int(pair), d.Points.Sentences[d.Points.Sentence[i]], int(property(d, "position", i)))] = i
		}
	}
	return func(pair int, of protocol.Sentence, pos int) int {
		if i, ok := rows[name(pair, of, pos)]; ok {
			return i
		}
		return -1
	}
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
		if h := outlined(pts, 3); h != "" && len(pts) < k.total {
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
		word := plot.OneLine(w)
		if n := count[w]; n > 1 {
			word += " ×" + strconv.Itoa(n)
		}
		out = append(out, word)
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
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	return count, order
}
