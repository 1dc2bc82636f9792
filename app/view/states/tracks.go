package states

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const rowH = 18 // of a track of cells

// tracks are the strips under the plots: how many units are on, then the annotations that are chosen.
func (d *drawing) tracks() []band {
	out := []band{d.unitsOn()}
	all := d.annotations()
	for _, name := range d.chosenTracks(all) {
		out = append(out, d.track(name, all))
	}
	return append(out, band{h: 8, side: func(*svg.Builder, float64) {}})
}

// annotations are those of the text: those that need no question first, then the engine's and those that files brought.
func (d *drawing) annotations() (names []string) {
	if d.depth != nil {
		names = append(names, "depth")
	}
	run := d.in.Run
	if d.in.Model.Logits && len(run.Surprisal) == d.n {
		names = append(names, "surprisal")
	}
	if d.in.Model.Logits && len(run.Entropy) == d.n {
		names = append(names, "entropy")
	}
	if r := d.in.Tracks(); r != nil {
		for _, t := range r.Tracks {
			if len(t.Values) == d.n && !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

// usual are shown before a person has chosen.
var usual = []string{"depth", "surprisal", "entropy"}

// chosenTracks are those of all that are shown, in the order of the state.
func (d *drawing) chosenTracks(all []string) (out []string) {
	names := usual
	if text := d.in.State.Opt("states.tracks", "usual"); text != "usual" {
		names = strings.Split(text, ",")
	}
	for _, name := range names {
		if slices.Contains(all, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// trackMenu switches each annotation on and off.
func (d *drawing) trackMenu() figure.Control {
	now := d.in.State.Opt("states.tracks", "usual")
	c := figure.Control{Kind: "select", Key: "o.states.tracks", Label: d.l.T("states.tracks"), Value: now,
		Options: []figure.Option{{Value: now, Label: d.l.T("states.tracks.choose")}}}
	all := d.annotations()
	shown := d.chosenTracks(all)
	for _, name := range all {
		next, mark := append(slices.Clone(shown), name), "\u2003 "
		if i := slices.Index(shown, name); i >= 0 {
			next, mark = slices.Delete(slices.Clone(shown), i, i+1), "✓ "
		}
		value := strings.Join(next, ",")
		if value == "" {
			value = "none"
		}
		c.Options = append(c.Options, figure.Option{Value: value, Label: mark + d.trackName(name)})
	}
	return c
}

// trackName is an annotation's name in words; a file's own is as it is.
func (d *drawing) trackName(name string) string {
	if d.l.Has("track." + name) {
		return d.l.T("track." + name)
	}
	return name
}

// track is the strip of an annotation.
func (d *drawing) track(name string, all []string) band {
	label := d.trackName(name)
	switch name {
	case "depth":
		if d.depth != nil {
			return d.steps(label, d.depth)
		}
	case "surprisal":
		b := d.bitBars(label, d.in.Run.Surprisal, true)
		if was := d.in.Run.Before; len(was) == d.n {
			b = d.hollow(b, was)
		}
		return b
	case "entropy":
		return d.bitBars(label, d.in.Run.Entropy, false)
	}
	for i := range d.in.Tracks().Tracks {
		if t := &d.in.Tracks().Tracks[i]; t.Name == name {
			return d.ofTrack(label, t)
		}
	}
	return band{}
}

// ofTrack draws labels as cells, whole numbers as steps and others as bars.
func (d *drawing) ofTrack(label string, t *protocol.Track) band {
	if len(t.Labels) > 0 {
		return d.cells(label, t)
	}
	v, whole := make([]float64, d.n), true
	for i, x := range t.Values {
		v[i] = float64(x)
		whole = whole && (x != x || x >= 0 && x == float32(math.Trunc(float64(x))))
	}
	if whole {
		return d.steps(label, v)
	}
	b := d.bars(term{what: "", v: t.Values, scale: boundsOf("", t.Values)})
	b.label, b.h = label, 24
	return b
}

// cells are cells with their labels as words. The first seven labels of the text have colours.
func (d *drawing) cells(label string, t *protocol.Track) band {
	word := func(i int) string {
		k := int(t.Values[i])
		if v := float64(t.Values[i]); !finite(v) || k < 0 || k >= len(t.Labels) {
			return "–"
		}
		if t.Own {
			return t.Labels[k]
		}
		return d.labelName(t.Name, t.Labels[k])
	}
	beside := func(int) string { return "" } // the cell says it
	return band{label: label, h: rowH, value: word, now: beside, draw: func(b *svg.Builder, y float64) {
		var order []float32
		var tints, edges [7]pen
		var words svg.Builder  // over the cells
		for i := 0; i < d.n; { // neighbours that have the same label share a cell
			from, v, w := i, t.Values[i], word(i)
			for i < d.n && word(i) == w {
				i++
			}
			k := slices.Index(order, v)
			if k < 0 && v == v {
				k, order = len(order), append(order, v)
			}
			x, to := d.cols.Edge(from)+.5, d.cols.Edge(i)-.5
			if k >= 0 && k < len(tints) {
				tints[k].bar(x, to-x, y, y+rowH-2)
				edges[k].bar(x, 2.5, y, y+rowH-2)
			}
			if plot.Width(w, 11) <= to-x-5 {
				words.Text((x+to)/2+1, y+12, w, "s11 mid i2")
			}
		}
		for k := range tints {
			if tints[k] != nil {
				b.Path(string(tints[k]), "st-k"+strconv.Itoa(k+1)+" st-tint")
				b.Path(string(edges[k]), "st-k"+strconv.Itoa(k+1))
			}
		}
		b.WriteString(words.String())
	}}
}

// unitsOn is a cell a token: its tint and, where there is room, its number.
func (d *drawing) unitsOn() band {
	scale := &d.in.Palette().Seq
	tint := func(on int) plot.RGB { return scale.At(.8 * float64(on) / float64(d.among)) }
	return band{label: d.l.T("states.units.on"), h: rowH + 2, scale: d.l.T("states.of", d.among),
		value: func(t int) string { return strconv.Itoa(d.counted[t]) },
		draw: func(b *svg.Builder, y float64) {
			b.Image(d.cols.Left, y, d.cols.Pitch*float64(d.n), rowH, plot.Picture(1, d.n, func(_, t int) (plot.RGB, bool) {
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

// steps is a line of steps, with a number where it changes or, if its numbers are large, where it turns. What is not a number is a gap.
func (d *drawing) steps(label string, v []float64) band {
	const h = 26
	most := 1.
	for _, v := range v {
		most = max(most, v)
	}
	text := func(t int) string {
		if !finite(v[t]) {
			return "–"
		}
		return strconv.Itoa(int(v[t]))
	}
	return band{label: label, h: h, value: text, draw: func(b *svg.Builder, y float64) {
		at := func(t int) float64 { return y + h - 4 - v[t]/most*(h-14) }
		var path pen
		how, room := byte('M'), d.cols.Left
		for t := range v {
			if !finite(v[t]) {
				how = 'M'
				continue
			}
			path.to(how, d.cols.Edge(t), at(t))
			path.along('H', d.cols.Edge(t+1))
			if x := d.cols.Edge(t); (how == 'M' || v[t] != v[t-1]) && x >= room && (most <= 12 || turns(v, t)) {
				b.Text(x+3, at(t)-2, text(t), "s10 i3 halo")
				room = x + plot.Width(text(t), 10) + 4
			}
			how = 'L'
		}
		b.Path(string(path), "st-depth")
	}}
}

// turns reports whether a line of many steps ends, begins, falls or is about to fall: where its numbers stand.
func turns(v []float64, t int) bool {
	return t == 0 || t == len(v)-1 || !(v[t] >= v[t-1]) || !(v[t+1] >= v[t])
}

const bits = 1 / math.Ln2 // in a nat

// bitBars are bars of bits, up to the top of the surprisal scale. Those of surprisal have its colours, in twelve steps,
// so that all bars are twelve paths.
func (d *drawing) bitBars(label string, nats []float32, tinted bool) band {
	const h, steps = 24, 12
	value := func(t int) float64 { return float64(nats[t]) * bits }
	return band{label: label, h: h, value: func(t int) string { return svg.Fixed(value(t), 1) }, scale: d.l.T("states.bits", plot.MaxSurprisal),
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

// hollow adds to a strip of bits what they were before the changes, as outlines.
func (d *drawing) hollow(k band, nats []float32) band {
	draw, value := k.draw, k.value
	k.now = value
	k.draw = func(b *svg.Builder, y float64) {
		draw(b, y)
		var p pen
		for t, v := range nats {
			if v := float64(v) * bits; finite(v) {
				p.bar(d.cols.Edge(t)+d.cols.Pitch*.15, d.cols.Pitch*.7, y+k.h-4, y+k.h-4-min(1, v/plot.MaxSurprisal)*(k.h-6))
			}
		}
		b.Path(string(p), "st-hollow")
	}
	k.value = func(t int) string {
		if was := svg.Fixed(float64(nats[t])*bits, 1); was != value(t) {
			return was + " → " + value(t)
		}
		return value(t)
	}
	return k
}
