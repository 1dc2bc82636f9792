package nn

import (
	"fmt"

	"loupe/engine/fault"
)

// Start checks the call of a model that has seen that many tokens, and returns the position of its first token. context
// 0 has no end; width is of the vectors between layers.
func (in *Input) Start(seen, vocab, context, layers, width int) (int, error) {
	n := len(in.IDs)
	for i, id := range in.IDs {
		if id < 0 || id >= vocab {
			return 0, Fault(fault.BadToken, fmt.Sprintf("ids[%d]", i), fmt.Sprintf("0 to %d", vocab-1), fmt.Sprint(id))
		}
	}
	if in.FromLayer != 0 {
		if in.FromLayer < 0 || in.FromLayer >= layers || n > seen || len(in.Resid) != n*width {
			panic("nn: Input: FromLayer, IDs or Resid do not fit the model and its state")
		}
		return seen - n, nil
	}
	if context > 0 && seen+n > context {
		return 0, Fault(fault.TextTooLong, "text", fmt.Sprintf("at most %d tokens", context), fmt.Sprint(seen+n))
	}
	return seen, nil
}

// Unembed computes the logits of the pass's positions that are asked for, rows at a time, from h [N, d] by head. "logits" is an activation like the others: recorded, when it is, at every position.
func (p Pass) Unembed(head *Head, h []float32, buf *[]float32, rows int) error {
	skip := p.N
	if p.Logits != nil {
		skip = min(max(p.LogitsFrom-p.Pos, 0), p.N)
	}
	if p.Hooks.Wants("logits") {
		skip = 0
	}
	d, v := head.W.Cols, head.W.Rows
	for t := skip; t < p.N; t += rows {
		if err := p.Pause(); err != nil {
			return err
		}
		n := min(rows, p.N-t)
		*buf = Grow(*buf, n*v)
		head.Logits(*buf, h[t*d:], n)
		p.Hooks.At("logits", p.Pos+t, n, *buf, v)
		for i := range n {
			if pos := p.Pos + t + i; p.Logits != nil && pos >= p.LogitsFrom {
				p.Logits(pos, (*buf)[i*v:(i+1)*v])
			}
		}
	}
	return nil
}
