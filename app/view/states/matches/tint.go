package matches

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// tint is what colours a token: how many of the units are on, its surprisal, or an annotation.
type tint struct {
	key    string // of the state: o.states.m.heat
	title  string
	scale  string                       // what the colours mean
	value  func(i int) string           // of a token, in words; "": it has none
	colour func(i int) (plot.RGB, bool) // of numbers
	label  func(i int) int              // of labels: which, or -1
}

// tints are all that the answer has.
func (p *part) tints(l *places) (out []tint) {
	n := len(l.Tokens)
	if l.by == byUnits && len(l.On) == n && l.units > 0 {
		out = append(out, p.countTint(l))
	}
	if len(l.Surprisal) == n && slices.ContainsFunc(l.Surprisal, finite) {
		out = append(out, p.bitsTint(l.Surprisal))
	}
	for i := range l.Tracks {
		if t := &l.Tracks[i]; len(t.Values) == n && n > 0 {
			if t.Labels != nil {
				out = append(out, p.labelTint(t))
			} else {
				out = append(out, p.numberTint(t))
			}
		}
	}
	return out
}

// chosen is the tint of the words.
func (p *part) chosen(all []tint) *tint {
	for i := range all {
		if all[i].key == p.opt("heat") {
			return &all[i]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// countTint has the colours of the track "units on".
func (p *part) countTint(l *places) tint {
	seq := &p.in.Palette().Seq
	return tint{key: byCount, title: p.t("count"), scale: p.t("of", l.units),
		value:  func(i int) string { return p.t("on", int(l.On[i]), l.units) },
		colour: func(i int) (plot.RGB, bool) { return seq.At(.8 * float64(l.On[i]) / float64(l.units)), l.On[i] > 0 }}
}

const bitsOfNat = 1 / math.Ln2

func (p *part) bitsTint(nats []float32) tint {
	scale := &p.in.Palette().Surprisal
	return tint{key: bySurprisal, title: p.track("surprisal"), scale: p.t("bits.scale", plot.MaxSurprisal),
		value: func(i int) string {
			if !finite(nats[i]) {
				return ""
			}
			return p.t("bits", svg.Fixed(float64(nats[i])*bitsOfNat, 1))
		},
		colour: func(i int) (plot.RGB, bool) {
			return scale.At(float64(nats[i]) * bitsOfNat / plot.MaxSurprisal), finite(nats[i])
		}}
}

// numberTint goes from the smallest to the largest value of the rows that are shown; where some are negative, both ways from zero.
func (p *part) numberTint(t *protocol.Track) tint {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range t.Values {
		if finite(v) {
			lo, hi = min(lo, float64(v)), max(hi, float64(v))
		}
	}
	colours, from, by := &p.in.Palette().Seq, lo, hi-lo
	if lo < 0 {
		colours, from, by = &p.in.Palette().Div, 0, max(-lo, hi)
	} else if lo <= hi/2 { // zero is the page
		from, by = 0, hi
	}
	out := tint{key: t.Name, title: p.track(t.Name),
		value: func(i int) string { return number(t.Values[i]) },
		colour: func(i int) (plot.RGB, bool) {
			if by <= 0 {
				return plot.RGB{}, false
			}
			return colours.At(.85 * (float64(t.Values[i]) - from) / by), finite(t.Values[i])
		}}
	if lo <= hi {
		out.scale = p.t("ends", number(float32(lo)), number(float32(hi)))
	}
	return out
}

func (p *part) labelTint(t *protocol.Track) tint {
	label := func(i int) int {
		if v := t.Values[i]; finite(v) && v >= 0 && int(v) < len(t.Labels) {
			return int(v)
		}
		return -1
	}
	order := p.order(t)
	return tint{key: t.Name, title: p.track(t.Name), label: func(i int) int {
		if k := label(i); k >= 0 {
			return order[k]
		}
		return -1
	}, value: func(i int) string {
		if k := label(i); k >= 0 {
			return p.label(t.Name, t.Labels[k])
		}
		return ""
	}}
}

// order numbers an annotation's labels as they come in the text above, then in the rows: a label has the same colour in both.
func (p *part) order(t *protocol.Track) []int {
	var seen []string
	note := func(t *protocol.Track) {
		for _, v := range t.Values {
			if finite(v) && v >= 0 && int(v) < len(t.Labels) && len(seen) < len(t.Labels) && !slices.Contains(seen, t.Labels[int(v)]) {
				seen = append(seen, t.Labels[int(v)])
			}
		}
	}
	if r := p.in.Tracks(); r != nil {
		for i := range r.Tracks {
			if r.Tracks[i].Name == t.Name {
				note(&r.Tracks[i])
			}
		}
	}
	note(t)
	out := make([]int, len(t.Labels))
	for i, label := range t.Labels {
		out[i] = slices.Index(seen, label)
	}
	return out
}

// track is the name of an annotation: those that are built in have one in each language.
func (p *part) track(name string) string {
	if p.l.Has("track." + name) {
		return p.l.T("track." + name)
	}
	return name
}

// label is the name of one of its labels.
func (p *part) label(track, label string) string {
	if key := "track." + track + "." + label; p.l.Has(key) {
		return p.l.T(key)
	}
	if label == "no" || label == "yes" {
		return p.l.T("track." + label)
	}
	return plot.OneLine(label)
}

// number is a value in words: whole ones as they are, others to three figures.
func number(v float32) string {
	x := float64(v)
	switch {
	case !finite(v):
		return ""
	case x == math.Trunc(x) && math.Abs(x) < 1e6:
		return svg.Fixed(x, 0)
	case math.Abs(x) >= 100:
		return svg.Fixed(x, 0)
	case math.Abs(x) >= .01:
		return svg.Fixed(x, 2)
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

func finite(v float32) bool { return v-v == 0 }

// categories is how many labels have colours of their own: the classes st-k1, st-k2, .. of the style sheet.
const categories = 7
