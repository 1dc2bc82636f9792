package service

import (
	"fmt"

	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/sample"
	"loupe/engine/tensor"
)

// unit lists the largest of the weights that feed a unit, and of what it adds to the logits by the straight way (nn.Weighted).
func (s *Service) unit(j *desk.Job, b protocol.Unit) (*protocol.UnitResult, error) {
	a := s.act(b.Name)
	switch {
	case a == nil:
		return nil, desk.BadRequest("activation", "one of this model's", b.Name)
	case b.Unit < 0 || b.Unit >= a.Inner[0]:
		return nil, desk.BadRequest("unit of "+b.Name, fmt.Sprintf("0 to %d", a.Inner[0]-1), b.Unit)
	}
	r := &protocol.UnitResult{}
	m, ok := s.model.(nn.Weighted)
	if !ok || a.Heads || len(a.Inner) > 1 {
		return r, nil
	}
	n := min(max(b.N, 1), 1000)
	rows := m.Incoming(b.Name, b.Unit)
	if b.Name == "embed" {
		rows = []nn.Row{s.embedRow(b.Unit)}
	}
	for _, row := range rows {
		from := row.From
		if from == "embed" {
			from = "token"
		}
		r.In = append(r.In, protocol.WeightList{Into: row.Into, From: from, Tensor: row.Tensor})
	}
	tokens, err := s.byToken(j, rows)
	if err != nil {
		return nil, err
	}
	for i, w := range tokens {
		l := &r.In[i]
		l.Rows = largest(w, n)
		for k := range l.Rows {
			if c := &l.Rows[k]; l.From == "token" {
				c.Text = s.names[c.ID]
			}
		}
	}
	return r, s.promotes(j, m, b, n, r)
}

// embedRow is the row by which tokens feed a unit of the embedding.
func (s *Service) embedRow(unit int) nn.Row {
	w := make([]float32, s.info.Embed)
	w[unit] = 1
	return nn.Row{Into: "embed", From: "embed", W: w}
}

// byToken are the weights of rows, but of those from the embedding one for each token: W times its embedding.
func (s *Service) byToken(j *desk.Job, rows []nn.Row) ([][]float32, error) {
	out, some := make([][]float32, len(rows)), false
	for i, row := range rows {
		if out[i] = row.W; row.From == "embed" {
			out[i], some = make([]float32, s.info.Vocab), true
		}
	}
	if !some {
		return out, nil
	}
	e := make([]float32, s.info.Embed)
	for id := range s.info.Vocab {
		if id%256 == 0 {
			if err := j.Yield(); err != nil {
				return nil, err
			}
		}
		s.model.Embedding(e, id)
		for i, row := range rows {
			if row.From == "embed" {
				out[i][id] = tensor.Dot(row.W, e)
			}
		}
	}
	return out, nil
}

// promotes lists the tokens whose logits a unit raises and lowers most.
func (s *Service) promotes(j *desk.Job, m nn.Weighted, b protocol.Unit, n int, r *protocol.UnitResult) error {
	w := m.Unembedding()
	if w == nil || b.Name == "logits" {
		return nil
	}
	v := m.Outgoing(b.Name, b.Unit)
	if b.Name == s.final { // what the matrix multiplies itself
		v = make([]float32, w.Cols)
		v[b.Unit] = 1
	}
	if v == nil {
		return nil
	}
	z := make([]float32, w.Rows)
	step := (8<<20/w.Cols + 4) &^ 3 // some milliseconds; what was packed is cut between fours of rows
	for lo := 0; lo < w.Rows; lo += step {
		if err := j.Yield(); err != nil {
			return err
		}
		hi := min(lo+step, w.Rows)
		w.Slice(lo, hi).MulVec(z[lo:hi], v)
	}
	if !finite(z) {
		return nil
	}
	order := sample.Order(z)
	for i := range min(n, len(z)) {
		up, down := int(order[i]), int(order[len(order)-1-i])
		r.Up = append(r.Up, protocol.Choice{ID: up, Text: s.names[up], P: z[up]})
		r.Down = append(r.Down, protocol.Choice{ID: down, Text: s.names[down], P: z[down]})
	}
	r.OutTensor = w.Name
	return nil
}

// largest are the n largest numbers by size, each with its index. What is no number has no size.
func largest(w []float32, n int) (out []protocol.Choice) {
	size := make([]float32, len(w))
	for i, v := range w {
		if v-v == 0 {
			size[i] = max(v, -v)
		}
	}
	for _, i := range sample.Order(size)[:min(n, len(w))] {
		if v := w[i]; v-v == 0 {
			out = append(out, protocol.Choice{ID: int(i), P: v})
		}
	}
	return out
}
