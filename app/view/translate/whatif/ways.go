package whatif

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

const waysHigh = 240.

// way is a target's decoder states, word after word, in a plane.
type way struct {
	nth    int // in the list of what is compared, by which it is coloured
	side   *side
	places []float64 // [steps, 2]
}

// ways draws the decoder's states of what is compared, word after word: the sentences of the open model in one plane, each other model's in one of its
// own, for their axes have nothing in common.
func ways(s *scene.Scene, base *other, list []other) []figure.Panel {
	own, apart := []way{{0, &base.side, nil}}, [][]way{}
	for i := range list {
		switch o := &list[i]; {
		case o.side.t == nil || o.side.states == nil || len(o.side.states.Shape) != 2:
		case o.apart:
			apart = append(apart, []way{{i + 1, &o.side, nil}})
		default:
			own = append(own, way{i + 1, &o.side, nil})
		}
	}
	if base.side.states == nil || len(own)+len(apart) < 2 {
		return nil
	}
	wide := scene.Across(s.In, 1)
	if half := scene.Across(s.In, 2); len(apart) > 0 && scene.Half(s.In, half) {
		wide = half
	}
	var out []figure.Panel
	for i, group := range append([][]way{own}, apart...) {
		share := lay(group)
		l, note := s.In.L, "compare.ways.note"
		p := figure.Panel{ID: "ways" + strconv.Itoa(i), Class: scene.Main, Column: scene.Main, Names: s.Seq.Decoder, Width: wide, Height: waysHigh, SVG: waysMarks(group, wide)}
		p.Title = []figure.Span{{Text: l.T("compare.ways")}}
		if i > 0 {
			o := list[group[0].nth-1]
			p.Title, p.Names, note = append(p.Title, figure.Span{Text: ": " + o.name}), "", "compare.ways.model"
		}
		if p.Label = figure.Plain(p.Title); scene.Half(s.In, wide) {
			p.Class += " half"
		}
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T(note, svg.Percent(share))}}}}
		out = append(out, p)
	}
	return out
}

// lay puts ways into the plane of their states, and returns what share of the variance it holds.
func lay(group []way) float64 {
	var rows [][]float32
	for _, w := range group {
		d := w.side.states.Shape[1]
		for t := range w.side.path {
			rows = append(rows, w.side.states.Data[t*d:][:d])
		}
	}
	p := planeOf(group, rows)
	places, share := p.places, p.share
	for i := range group {
		n := 2 * len(group[i].side.path)
		group[i].places, places = places[:n], places[n:]
	}
	return share
}

// laid is a plane that was found, and laids the last ones, by the states in it: they are drawn again and again while others are awaited.
type laid struct {
	places []float64
	share  float64
}

var laids = plot.Memory[[8]*protocol.Array, laid]{Size: 8}

func planeOf(group []way, rows [][]float32) (p laid) {
	var key [8]*protocol.Array
	if len(group) > len(key) {
		p.places, p.share = plane(rows)
		return p
	}
	for i, w := range group {
		key[i] = w.side.states
	}
	return laids.Get(key, func() (p laid) {
		p.places, p.share = plane(rows)
		return p
	})
}

func waysMarks(list []way, wide float64) string {
	var b svg.Builder
	b.Rect(0, 0, wide, waysHigh, "well")
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, w := range list {
		for i, v := range w.places {
			lo[i%2], hi[i%2] = min(lo[i%2], v), max(hi[i%2], v)
		}
	}
	at := func(w way, i int) (x, y float64) {
		return 24 + (wide-72)*(w.places[2*i]-lo[0])/max(hi[0]-lo[0], 1e-9), waysHigh - 16 - (waysHigh-32)*(w.places[2*i+1]-lo[1])/max(hi[1]-lo[1], 1e-9)
	}
	for _, w := range list {
		class := coloured(w.nth)
		var d strings.Builder
		for i := range w.side.path {
			x, y := at(w, i)
			d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + svg.N(x) + "," + svg.N(y))
		}
		b.Path(d.String(), "tr-way "+class)
		for i, n := range w.side.path {
			x, y := at(w, i)
			word := plot.OneLine(n.Text)
			b.Circle(x, y, 3, "tr-own "+class, "data-tip", word)
			b.Text(x+5, y+4, plot.Fit(word, 96, 11), "s11 halo "+class)
		}
	}
	return b.String()
}
