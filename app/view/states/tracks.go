package states

import (
	"math"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
)

// tracks are the strips under the plot: how many units are on, how deep in brackets the text is, what the model finds
// surprising and how unsure it is of what comes next.
func (d *drawing) tracks() []band {
	out := []band{d.unitsOn()}
	if d.depth != nil {
		out = append(out, d.depthSteps())
	}
	run := d.in.Run
	if !d.in.Model.Logits { // nothing is expected
		return append(out, band{h: 8, side: func(*svg.Builder, float64) {}})
	}
	if len(run.Surprisal) == d.n {
		out = append(out, d.bitBars("states.surprisal", run.Surprisal, true))
	}
	if len(run.Entropy) == d.n {
		out = append(out, d.bitBars("states.entropy", run.Entropy, false))
	}
	return append(out, band{h: 8, side: func(*svg.Builder, float64) {}})
}

// unitsOn is a cell a token: its tint and, where there is room, its number.
func (d *drawing) unitsOn() band {
	const h = 18
	scale := &d.in.Palette().Seq
	tint := func(on int) plot.RGB { return scale.At(.8 * float64(on) / float64(d.among)) }
	return band{label: d.l.T("states.units.on"), h: h + 8, scale: d.l.T("states.of", d.among),
		value: func(t int) string {
			return strconv.Itoa(d.counted[t])
		},
		draw: func(b *svg.Builder, y float64) {
			b.Image(d.cols.Left, y, d.cols.Pitch*float64(d.n), h, plot.Picture(1, d.n, func(_, t int) (plot.RGB, bool) {
				return tint(d.counted[t]), d.counted[t] > 0
			}), "")
			for t := 0; t < d.n && d.cols.Pitch >= 18; t++ {
				if on := d.counted[t]; on > 0 {
					b.Text(d.cols.X(t), y+13, strconv.Itoa(on), "s11 mid", "fill", tint(on).Ink())
				} else {
					b.Text(d.cols.X(t), y+13, "0", "s11 mid i3")
				}
			}
		}}
}

// depthSteps is a line of steps, with a number where it changes.
func (d *drawing) depthSteps() band {
	const h = 24
	deepest := 1.
	for _, v := range d.depth {
		deepest = max(deepest, v)
	}
	return band{label: d.l.T("states.depth"), h: h, value: func(t int) string { return strconv.Itoa(int(d.depth[t])) },
		draw: func(b *svg.Builder, y float64) {
			at := func(t int) float64 { return y + h - 5 - d.depth[t]/deepest*(h-10) }
			var path pen
			how := byte('M')
			for t := range d.depth {
				path.to(how, d.cols.Edge(t), at(t))
				path.along('H', d.cols.Edge(t+1))
				how = 'L'
			}
			b.Path(string(path), "st-depth")
			for t := range d.depth {
				if t == 0 || d.depth[t] != d.depth[t-1] {
					b.Text(d.cols.Edge(t)+3, at(t)-2, strconv.Itoa(int(d.depth[t])), "s10 i3 halo")
				}
			}
		}}
}

const bits = 1 / math.Ln2 // in a nat

// bitBars are bars of bits, up to the top of the surprisal scale. Those of surprisal have its colours, in twelve steps,
// so that all bars are twelve paths.
func (d *drawing) bitBars(label string, nats []float32, tinted bool) band {
	const h, steps = 24, 12
	value := func(t int) float64 { return float64(nats[t]) * bits }
	return band{label: d.l.T(label), h: h, value: func(t int) string { return svg.Fixed(value(t), 1) }, scale: d.l.T("states.bits", plot.MaxSurprisal),
		draw: func(b *svg.Builder, y float64) {
			var paths [steps + 1]pen
			for t := 0; t < d.n; t++ {
				if v := value(t); finite(v) {
					k := min(1, v/plot.MaxSurprisal)
					step := 0
					if tinted {
						step = int(math.Ceil(k * steps))
					}
					paths[step].bar(d.cols.Edge(t)+d.cols.Pitch*.15, d.cols.Pitch*.7, y+h-4, y+h-4-k*(h-6))
				}
			}
			for step, p := range paths {
				switch {
				case p == nil:
				case tinted: // never paler than a fifth, or small ones could not be seen
					b.Path(string(p), "", "fill", d.in.Palette().Surprisal.At(max(.25, float64(step)/steps)).CSS())
				default:
					b.Path(string(p), "barsoft")
				}
			}
			b.Line(d.cols.Left, y+h-4, d.cols.Right(), y+h-4, "ax")
		}}
}
