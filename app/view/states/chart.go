package states

import (
	"math"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// chart is one source as the view shows it.
type chart struct {
	src      source
	i        int // which of the sources it is
	first    int // units of the sources before it: units count through all of them
	n        int // tokens
	raw      []float32
	rawWas   []float32 // without the changes, or nil
	x        []float32 // [n, src.units] as it is drawn: raw, or its tanh; nil while it is computed
	was      []float32
	squashed bool    // x is the tanh of raw
	stored   bounds  // the scale of raw
	scale    bounds  // of x
	level    float64 // the threshold, on scale
	cut      protocol.Cut
	low      []float32 // of each unit the least signal in the range, and the greatest beside it: see selection.spans
	high     []float32
	on       []int // units on through the range
	order    []int // of a heat map: the unit of each row
	cor      []float64
	way      []float64
	top, h   float64 // its place in the picture
}

// known keeps what was learned of the last activations: it does not change as now moves.
var known = plot.Memory[seen, learned]{Size: 8}

// seen names an activation's numbers.
type seen struct {
	x, was   *float32
	what     string
	squashed bool // x is the tanh of raw
	chief    bool // which units follow depth, and how far they move, is asked of the first source alone
}

// learned is what follows from the activation alone.
type learned struct {
	x, was        []float32
	stored, scale bounds
	cor, way      []float64
}

// show makes a source of the state's ready to be drawn.
func (d *drawing) show(src source, i, first int) *chart {
	s := &chart{src: src, i: i, first: first, n: d.n, squashed: d.tanh && wide(src.what)}
	s.raw = d.values(src.name(), false)
	if len(d.in.State.Changes) > 0 {
		s.rawWas = d.values(src.name(), true)
	}
	k := known.Get(seen{address(s.raw), address(s.rawWas), src.what, s.squashed, i == 0}, func() learned { return s.learn(d.depth) })
	s.x, s.was, s.stored, s.scale, s.cor, s.way = k.x, k.was, k.stored, k.scale, k.cor, k.way
	return s
}

// learn finds the scales and, of the first source, which units follow the depth of brackets and how far each moves.
func (s *chart) learn(depth []float64) (k learned) {
	k.x, k.was = s.raw, s.rawWas
	k.stored = boundsOf(s.src.what, s.raw, s.rawWas)
	k.scale = k.stored
	if s.squashed {
		k.x, k.was = tanhs(s.raw), tanhs(s.rawWas)
		k.scale = bounds{lo: -1, hi: 1}
	}
	x := s.raw
	if s.rawWas != nil { // a change does not choose another unit
		x = s.rawWas
	}
	if x == nil || s.i > 0 {
		return k
	}
	if depth != nil {
		k.cor = correlations(x, s.src.units, depth)
	}
	k.way = ways(x, s.src.units)
	return k
}

func tanhs(x []float32) []float32 {
	if x == nil {
		return nil
	}
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(math.Tanh(float64(v)))
	}
	return out
}

// wide reports whether values of a kind may lie beyond ±1, so that their tanh is worth a look: a hidden state is a tanh already.
func wide(what string) bool {
	return !isGate(what) && what != "hidden" && what != "cell_gate" && what != "new_gate"
}

// address tells one answer's numbers from another's.
func address(v []float32) *float32 {
	if len(v) == 0 {
		return nil
	}
	return &v[0]
}

// cutAt sets the threshold, in the scale that is shown; the cut is of the value as stored.
func (s *chart) cutAt(level float64, on string) {
	s.level, s.cut = level, protocol.Cut{Level: level, On: on}
	if s.squashed {
		s.cut.Level = min(math.MaxFloat32, max(-math.MaxFloat32, math.Atanh(min(1, max(-1, level)))))
	}
}

// shownOf is a stored value as it is drawn.
func (s *chart) shownOf(v float32) float64 {
	if s.squashed {
		return math.Tanh(float64(v))
	}
	return float64(v)
}

// cutText is when a unit is on, in the fewest signs: "≥ 0.30".
func (s *chart) cutText() string { return s.cutOf(s.level, s.scale.decimals()) }

// cutOf is the same of another threshold.
func (s *chart) cutOf(l float64, decimals int) string {
	switch s.cut.On {
	case "below":
		return "≤ " + svg.Fixed(-l, decimals)
	case "either":
		return "|x| ≥ " + svg.Fixed(l, decimals)
	}
	return "≥ " + svg.Fixed(l, decimals)
}

// base is raw without the changes that are made, by which units are selected: so are the places of a corpus, which is run without them.
func (s *chart) base() []float32 {
	if s.rawWas != nil {
		return s.rawWas
	}
	return s.raw
}

// isOn reports whether unit u is on at token t.
func (s *chart) isOn(t, u int) bool {
	return signal(s.cut.On, s.raw[t*s.src.units+u]) >= float32(s.cut.Level)
}

// at is unit u's value at token t.
func (s *chart) at(t, u int) float64 { return float64(s.x[t*s.src.units+u]) }

// of is unit u of x over the text.
func (s *chart) of(x []float32, u int) []float32 {
	out := make([]float32, s.n)
	for t := range out {
		out[t] = x[t*s.src.units+u]
	}
	return out
}
