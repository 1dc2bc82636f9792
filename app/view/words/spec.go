package words

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// number is a choice that is a number within lo and hi, or def.
func (d *drawing) number(key string, def, lo, hi float64) float64 {
	v, err := strconv.ParseFloat(d.opt(key, ""), 64)
	if err != nil || v-v != 0 {
		return def
	}
	return min(hi, max(lo, v))
}

// among is a choice that is one of these, or the first of them.
func (d *drawing) among(key string, values ...string) string {
	v := d.opt(key, "")
	for _, w := range values {
		if v == w {
			return v
		}
	}
	return values[0]
}

// spec is the map that is asked for.
func (d *drawing) spec() figure.MapSpec {
	return figure.MapSpec{Slot: d.slot, Model: d.model, Points: d.points(), Layout: d.layout(), Rows: isolated.Get(d.opt("iso", ""), func() []int { return state.ParseRows(d.opt("iso", ""), 1<<24) })}
}

// isolated keeps the rows that are shown alone.
var isolated = plot.Memory[string, []int]{Size: 4}

// points is what is mapped.
func (d *drawing) points() protocol.Points {
	p := protocol.Points{Source: d.source(), Max: int(d.number("max", 20_000, 1, 100_000))}
	if p.Source == "context" {
		d.contextPoints(&p)
	}
	return p
}

// source is which vectors: the input embedding's, or of a model that has none, the output's.
func (d *drawing) source() string {
	if m := d.in.Model; m.OneHot && m.Logits && d.opt("src", "") == "" {
		return "output"
	}
	return d.among("src", "input", "output", "both", "context")
}

// layout is how: the settings of the state, or what maps start with. Own axes are put in when the words are there; until then it
// is by PCA.
func (d *drawing) layout() protocol.Layout {
	l := protocol.DefaultLayout()
	l.Method = d.method()
	if l.Method == "axes" {
		l.Method = "pca"
	}
	l.Metric, l.Init = d.among("metric", l.Metric, "euclidean"), d.among("init", l.Init, "random")
	l.Dims = int(d.number("dims", 2, 2, 3))
	l.Centre, l.Unit = d.opt("centre", "") == "1", d.opt("unit", "") == "1"
	l.Components = int(d.number("comps", float64(l.Components), 0, 1000))
	l.Perplexity = d.number("perp", l.Perplexity, 1, 500)
	l.LearningRate = d.number("rate", 0, 0, 1e6)
	l.Exaggeration = d.number("exag", l.Exaggeration, 1, 100)
	l.ExaggerationFor = int(d.number("exagfor", float64(l.ExaggerationFor), 0, 100_000))
	l.Iterations = int(d.number("iters", float64(l.Iterations), 1, 100_000))
	l.Seed = uint64(d.number("seed", 7, 0, 1<<40))
	l.Pick = d.picked(l.Dims)
	return l
}

func (d *drawing) method() string { return d.among("by", "tsne", "pca", "axes", "exact") }

// picked are the principal components that were chosen to be shown; nil: the first.
func (d *drawing) picked(dims int) (pick []int) {
	for _, f := range strings.Split(d.opt("pick", ""), ",") {
		if i, err := strconv.Atoi(f); err == nil && i >= 0 && i < 50 {
			pick = append(pick, i)
		}
	}
	if len(pick) < dims {
		return nil
	}
	return pick[:dims]
}
