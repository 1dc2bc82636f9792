package keras

import (
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Unembedding, Incoming and Outgoing are nn.Weighted's.
func (m *Model) Unembedding() *tensor.Matrix { return m.head.W }

func (m *Model) Incoming(act string, unit int) []nn.Row {
	from := "embed"
	for _, s := range m.stages {
		if rows := s.incoming(act, unit, from); rows != nil {
			return rows
		}
		acts := s.acts()
		from = acts[len(acts)-1].Name
	}
	return nil
}

func (m *Model) Outgoing(act string, unit int) []float32 {
	if r, ok := m.stages[len(m.stages)-1].(*recurrent); ok && r.back == nil {
		if c, ok := r.cell.(*nn.LSTM); ok {
			return c.Outgoing(act, unit)
		}
	}
	return nil
}

// incoming of both directions: a unit of what they make together is fed as it is in its own.
func (r *recurrent) incoming(act string, unit int, from string) []nn.Row {
	if r.back == nil {
		return r.cell.Incoming(act, unit, from)
	}
	if act == r.name {
		side, n := r.cell, r.cell.Out()
		if r.merge != "concat" {
			return append(side.Incoming(hidden(side), unit, from), r.back.Incoming(hidden(r.back), unit, from)...)
		}
		if unit >= n {
			side, unit = r.back, unit-n
		}
		return side.Incoming(hidden(side), unit, from)
	}
	return append(r.cell.Incoming(act, unit, from), r.back.Incoming(act, unit, from)...)
}

// hidden is the name of a cell's hidden state.
func hidden(c nn.Cell) string {
	acts := c.Acts()
	return acts[len(acts)-1].Name
}

func (d *dense) incoming(act string, unit int, from string) []nn.Row {
	if act != d.name+".pre" && act != d.name+".post" {
		return nil
	}
	return []nn.Row{nn.RowOf(d.name+".pre", from, d.W, unit)}
}

func (a *alone) incoming(string, int, string) []nn.Row  { return nil }
func (l *norm) incoming(string, int, string) []nn.Row   { return nil }
func (a *affine) incoming(string, int, string) []nn.Row { return nil }
