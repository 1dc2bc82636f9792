// Package words draws the map of words: what vectors a model has for its tokens (or for each place where a word stands in a text), which lie
// together, and how they relate. It draws any set of vectors; it knows no architecture.
package words

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// drawing is what the parts of the figure share.
type drawing struct {
	in   *figure.Input
	l    *lang.Catalogue
	m    *figure.Map            // nil: the model has no such vectors
	p    *protocol.PointsResult // nil: not there yet
	n    int                    // rows of the map
	two  *figure.Map            // the map beside it, or nil
	row  int                    // the chosen row of the map, or -1
	sel  []int                  // the selected rows of the map
	wide bool
}

// opt is a choice of this view.
func (d *drawing) opt(key, def string) string { return d.in.State.Opt("words."+key, def) }

func (d *drawing) t(key string, args ...any) string { return d.l.T("words."+key, args...) }

// number is a choice that is a number within lo and hi, or def.
func (d *drawing) number(key string, def, lo, hi float64) float64 {
	v, err := strconv.ParseFloat(d.opt(key, ""), 64)
	if err != nil || v-v != 0 {
		return def
	}
	return min(hi, max(lo, v))
}

// points is what is mapped.
func (d *drawing) points() protocol.Points {
	p := protocol.Points{Source: d.opt("src", "input"), Max: int(d.number("max", 20_000, 1, 100_000))}
	if p.Source == "context" {
		p.Word = d.opt("occ", "")
	}
	return p
}

// layout is how: the settings of the state, or what maps start with.
func (d *drawing) layout() protocol.Layout {
	l := protocol.DefaultLayout()
	l.Method, l.Metric, l.Init = d.opt("by", l.Method), d.opt("metric", l.Metric), d.opt("init", l.Init)
	l.Dims = int(d.number("dims", 2, 2, 3))
	l.Centre, l.Unit = d.opt("centre", "") == "1", d.opt("unit", "") == "1"
	l.Components = int(d.number("comps", float64(l.Components), 0, 1000))
	l.Perplexity = d.number("perp", l.Perplexity, 1, 500)
	l.LearningRate = d.number("rate", 0, 0, 1e6)
	l.Exaggeration = d.number("exag", l.Exaggeration, 1, 100)
	l.ExaggerationFor = int(d.number("exagfor", float64(l.ExaggerationFor), 0, 100_000))
	l.Iterations = int(d.number("iters", float64(l.Iterations), 1, 100_000))
	l.Seed = uint64(d.number("seed", 7, 0, 1<<40))
	for _, f := range strings.Split(d.opt("pick", ""), ",") {
		if i, err := strconv.Atoi(f); err == nil && i >= 0 && i < 50 {
			l.Pick = append(l.Pick, i)
		}
	}
	return l
}

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	d := &drawing{in: in, l: in.L, row: -1, wide: in.Width >= 1100}
	d.m = in.Mapped(figure.MapSpec{Points: d.points(), Layout: d.layout(), Rows: state.ParseRows(d.opt("iso", ""), 1<<20)})
	if d.m == nil || d.m.Points == nil {
		return figure.Figure{Reading: []figure.Span{{Text: d.t("busy")}}, Layout: "wd"}
	}
	d.p, d.n = d.m.Points, d.m.N()
	return figure.Figure{Layout: "wd"}
}
