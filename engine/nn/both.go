package nn

import (
	"slices"

	"loupe/engine/activation"
)

// Both is one layer that reads a sequence forwards and backwards: torch.nn.LSTM and its like with bidirectional=True. Each of its activations is
// those of the two side by side, [pos, 2*width], the forward one first.
type Both struct{ Forth, Back Cell }

// Acts are the activations that it records, the hidden state last.
func (b *Both) Acts() []Act {
	acts := b.Forth.Acts()
	for i := range acts {
		acts[i].Inner = []int{2 * acts[i].Inner[0]}
	}
	return acts
}

// Forward reads x [n, in] whole, and returns the hidden states [n, 2*out] and the last ones of each direction: h [2*out] and, of an
// LSTM, c [2*cell], the backward one's after it has read the first token.
func (b *Both) Forward(x []float32, p Pass) (states, h, c []float32) {
	n, d, w := p.N, b.Forth.Out(), b.Forth.Width()
	in := len(x) / n
	states, h, c = make([]float32, n*2*d), make([]float32, 2*d), make([]float32, 2*w)
	var recorders [2]*activation.Recorder
	for way, cell := range [...]Cell{b.Forth, b.Back} {
		input := *p.Input
		input.Hooks = b.way(p.Hooks, way, n)
		if input.Hooks != nil {
			recorders[way] = input.Hooks.Recorder
		}
		own := x
		if way == 1 {
			own = turned(x, in)
		}
		dst, cells := make([]float32, n*d), make([]float32, n*w)
		cell.Forward(dst, cells, own, make([]float32, d), make([]float32, w), &CellWork{}, Pass{Input: &input, Pos: 0, N: n})
		copy(h[way*d:], dst[(n-1)*d:])
		copy(c[way*w:], cells[max(n-1, 0)*w:])
		if way == 1 {
			dst = turned(dst, d)
		}
		for t := range n {
			copy(states[t*2*d+way*d:], dst[t*d:(t+1)*d])
		}
	}
	b.record(p, recorders)
	return states, h, c
}

// turned is rows of a width in the opposite order.
func turned(x []float32, width int) []float32 {
	out := make([]float32, 0, len(x))
	for i := len(x) - width; i >= 0; i -= width {
		out = append(out, x[i:i+width]...)
	}
	return out
}

// way are the hooks of one direction of n steps: what changes its half, with positions as it counts them, and a recorder of its own.
func (b *Both) way(hooks *activation.Hooks, way, n int) *activation.Hooks {
	if hooks == nil {
		return nil
	}
	own := &activation.Hooks{}
	var names []string
	for _, a := range b.Forth.Acts() {
		if hooks.Recorder.Wants(a.Name) {
			names = append(names, a.Name)
		}
		width := a.Inner[0]
		for _, v := range hooks.Interventions {
			if v.Name != a.Name || v.Pos >= n {
				continue
			}
			if v.Index != activation.All {
				if v.Index -= way * width; v.Index < 0 || v.Index >= width {
					continue
				}
			}
			if len(v.Mean) == 2*width {
				v.Mean = v.Mean[way*width:][:width]
			}
			if way == 1 && v.Pos != activation.All {
				v.Pos, v.To = n-min(max(v.To, v.Pos+1), n), n-v.Pos
			}
			own.Interventions = append(own.Interventions, v)
		}
	}
	own.Recorder = activation.NewRecorder(names...)
	return own
}

// record joins what the two directions recorded.
func (b *Both) record(p Pass, ways [2]*activation.Recorder) {
	for _, a := range b.Forth.Acts() {
		forth, back := ways[0].Get(a.Name), ways[1].Get(a.Name)
		if forth == nil || back == nil {
			continue
		}
		w := a.Inner[0]
		turnedBack := turned(back.Data, w)
		joined := make([]float32, 0, 2*len(forth.Data))
		for t := range p.N {
			joined = append(slices.Grow(joined, 2*w), forth.Data[t*w:(t+1)*w]...)
			joined = append(joined, turnedBack[t*w:(t+1)*w]...)
		}
		p.Hooks.Record(a.Name, p.Pos, p.N, joined, 2*w)
	}
}
