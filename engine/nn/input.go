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

// Unembed computes the logits of the pass's positions that are asked for, from h [N, d] by head. "logits" is an activation like
// the others: recorded, when it is, at every position. buf is for its own use.
func (p Pass) Unembed(head *Head, h []float32, buf *[]float32) error {
	skip := p.N
	if p.Logits != nil {
		skip = min(max(p.LogitsFrom-p.Pos, 0), p.N)
	}
	if p.Hooks.Wants("logits") {
		skip = 0
	}
	d, v := head.W.Cols, head.W.Rows
	rows := min(max(mostLogits/v, 1), 64)
	for t := skip; t < p.N; t += rows {
		n := min(rows, p.N-t)
		z, err := p.logits(head, h[t*d:(t+n)*d], n, buf)
		if err != nil {
			return err
		}
		p.Hooks.At("logits", p.Pos+t, n, z, v)
		for i := range n {
			if pos := p.Pos + t + i; p.Logits != nil && pos >= p.LogitsFrom {
				if err := p.Pause(); err != nil {
					return err
				}
				p.Logits(pos, z[i*v:(i+1)*v])
			}
		}
	}
	return nil
}

// mostLogits is how many logits are computed at a time: 16 MB.
const mostLogits = 4 << 20

// logits computes z [n, vocab], which is buf's memory, of h [n, d]. A large vocabulary comes in parts, for all n positions at
// once: so each weight is used often, and it can be interrupted.
func (p Pass) logits(head *Head, h []float32, n int, buf *[]float32) ([]float32, error) {
	v := head.W.Rows
	step := (partLogits/(n*head.W.Cols) + 4) &^ 3 // what was packed is cut between fours of rows
	if step >= v {
		*buf = Grow(*buf, n*v)
		if err := p.Pause(); err != nil {
			return nil, err
		}
		head.Logits(*buf, h, n)
		return *buf, nil
	}
	*buf = Grow(*buf, n*(v+step))
	z, part := (*buf)[:n*v], (*buf)[n*v:]
	for lo := 0; lo < v; lo += step {
		if err := p.Pause(); err != nil {
			return nil, err
		}
		hi := min(lo+step, v)
		head.W.Slice(lo, hi).Mul(part, h, n)
		for i := range n {
			copy(z[i*v+lo:i*v+hi], part[i*(hi-lo):])
		}
	}
	head.finish(z, n)
	return z, nil
}

// partLogits is how many multiplications make a part: some milliseconds.
const partLogits = 150_000_000
