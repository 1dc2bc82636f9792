package whatif

import (
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

const waysHigh = 240.

// way is a sentence's decoder states, word after word, in the plane of the pairs' states.
type way struct {
	places []float32 // [steps, 2]
	words  []string
}

// ways draws the decoder's states of the sentences that are compared, in one plane: that of the pairs that the model was run over. nil: there are no
// pairs, or the answers are not there yet.
func ways(s *scene.Scene, texts []string) *figure.Panel {
	l := s.In.L
	pairs := s.Pairs()
	if pairs == nil || pairs.Info == nil || pairs.Settled == 0 || len(texts) == 0 {
		return nil
	}
	var list []way
	for _, text := range append([]string{s.Base.Text}, texts...) {
		q := s.Base
		q.Text = text
		r, fresh := s.In.PairsNear(protocol.PairsNear{ID: pairs.Info.ID, Upto: pairs.Settled, Of: q, Name: s.Seq.Decoder, Metric: "cosine", N: 1, Map: 1})
		if r == nil || !fresh || len(r.Places) < 2*r.Own {
			continue
		}
		list = append(list, way{r.Places[:2*r.Own], r.Words[:r.Own]})
	}
	p := &figure.Panel{ID: "ways", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("compare.ways")}}, Names: s.Seq.Decoder, Label: l.T("compare.ways"),
		Width: s.Cols.Width, Height: waysHigh, HTML: []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("compare.ways.note", pairs.Name)}}}}}
	p.SVG = waysMarks(list, s.Cols.Width)
	return p
}

func waysMarks(list []way, wide float64) string {
	var b svg.Builder
	b.Rect(0, 0, wide, waysHigh, "well")
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, w := range list {
		for i, v := range w.places {
			lo[i%2], hi[i%2] = min(lo[i%2], float64(v)), max(hi[i%2], float64(v))
		}
	}
	at := func(w way, i int) (x, y float64) {
		return 24 + (wide-72)*(float64(w.places[2*i])-lo[0])/max(hi[0]-lo[0], 1e-9), waysHigh - 16 - (waysHigh-32)*(float64(w.places[2*i+1])-lo[1])/max(hi[1]-lo[1], 1e-9)
	}
	for k, w := range list {
		class := []string{"way1", "way2", "way3", "way4", "way5", "way6"}[k%6]
		var d strings.Builder
		for i := range w.words {
			x, y := at(w, i)
			d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + svg.N(x) + "," + svg.N(y))
		}
		b.Path(d.String(), "tr-way "+class)
		for i, word := range w.words {
			x, y := at(w, i)
			b.Circle(x, y, 3, "tr-own "+class, "data-tip", plot.OneLine(word))
			b.Text(x+5, y+4, plot.OneLine(word), "s11 halo "+class)
		}
	}
	return b.String()
}
