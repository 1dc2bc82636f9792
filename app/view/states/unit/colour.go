package unit

import (
	"math"

	"loupe/app/plot"
	"loupe/app/svg"
)

// shade is how values become colours: those of a gate from the page up, others by how far they are from zero on either side.
type shade struct {
	pal  *plot.Palette
	top  float64 // the magnitude that has the strongest colour
	gate bool
	far  bool // some values lie beyond top
}

// isGate reports whether a sigmoid makes an activation.
func isGate(what string) bool {
	switch what {
	case "input_gate", "forget_gate", "output_gate", "reset_gate", "update_gate":
		return true
	}
	return false
}

// shade is one scale for the text and the places of the corpus.
func (p *part) shade(values ...[]float32) shade {
	s := shade{pal: p.in.Palette(), top: 1, gate: isGate(p.src.What)}
	if s.gate {
		return s
	}
	most := 0.
	for _, vs := range values {
		for _, v := range vs {
			if v := math.Abs(float64(v)); finite(v) {
				most = max(most, v)
			}
		}
	}
	if limit := plot.Limit(values...); limit > 0 {
		s.top, s.far = limit, limit < most
	}
	return s
}

func (s *shade) at(v float64) plot.RGB {
	if s.gate {
		return s.pal.Seq.At(v)
	}
	return s.pal.Div.At(v / s.top)
}

// text writes a value to three figures of the largest.
func (s *shade) text(v float64) string { return svg.Fixed(v, decimals(s.top)) }

// decimals is how many make three figures of a number.
func decimals(top float64) int {
	switch {
	case top >= 100:
		return 0
	case top >= 10:
		return 1
	case top >= .1:
		return 2
	}
	return 4
}

// legend is the scale, from x on.
func (s *shade) legend(b *svg.Builder, x, y float64) {
	const w, h, steps = 96, 8, 48
	lo := -s.top
	if s.gate {
		lo = 0
	}
	low := s.text(lo)
	at := x + plot.Width(low, 11) + 6
	b.Text(x, y+h+1, low, "s11 i3")
	b.Image(at, y, w, h, plot.Picture(1, steps, func(_, c int) (plot.RGB, bool) {
		return s.at(lo + (s.top-lo)*(float64(c)+.5)/steps), true
	}), "")
	b.Rect(at, y, w, h, "su-frame")
	b.Text(at+w+6, y+h+1, s.text(s.top), "s11 i3")
}
