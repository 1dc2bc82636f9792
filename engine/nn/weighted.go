package nn

import (
	"slices"

	"loupe/engine/tensor"
)

// Weighted is a model that can say by which weights a unit is fed, and what it adds to the logits.
type Weighted interface {
	// Incoming are the rows of weights that a unit of an activation [pos, units] is computed from: one a gate and activation that is
	// multiplied. nil where weights do not feed it directly.
	Incoming(act string, unit int) []Row
	// Outgoing is what one more of such a unit adds to what the matrix of the logits multiplies, by the straight way there. nil where there
	// is none.
	//
	// A transformer's way is the residual stream (nostalgebraist 2020, "interpreting GPT: the logit lens"; Dar et al. 2023, "Analyzing
	// Transformers in Embedding Space"), past the later blocks. Of the norms on it (the final one, Gemma's after the MLP) the weights count
	// and, of a LayerNorm, that it takes away the mean; their scales, a number a position each, do not: the change of the logits is what
	// Outgoing says, divided by them. Of mlp.pre it is mlp.post's. Of an LSTM's cell it is the way through h = o * tanh(c) where o
	// is 1, by one more of tanh(c).
	Outgoing(act string, unit int) []float32
	// Unembedding is that matrix [vocab, d], or nil.
	Unembedding() *tensor.Matrix
}

// Row is one unit's row of a matrix: W . From is a part of what Into's function gets.
type Row struct {
	Into   string // an activation
	From   string // another; of the layer before, of the same one a token ago, or "embed"
	Tensor string // the matrix's name
	W      []float32
}

// RowOf is row i of a matrix, by which from feeds into.
func RowOf(into, from string, m *tensor.Matrix, i int) Row {
	r := Row{Into: into, From: from, Tensor: m.Name, W: make([]float32, m.Cols)}
	m.Row(r.W, i)
	return r
}

// column is column i of a matrix.
func column(m *tensor.Matrix, i int) []float32 {
	dst := make([]float32, m.Rows)
	m.MulVec(dst, one(m.Cols, i))
	return dst
}

// one is a vector of zeros with a one at i.
func one(n, i int) []float32 {
	x := make([]float32, n)
	x[i] = 1
	return x
}

// incoming are row i of a cell's products, of the gate that it belongs to. from is what In multiplies, own what Rec does.
func (g *gates) incoming(gate string, i int, from, own string) []Row {
	return []Row{RowOf(gate, from, g.In.W, i), RowOf(gate, own, g.Rec.W, i)}
}

// Incoming is Cell's.
func (c *RNN) Incoming(act string, i int, from string) []Row {
	if act != c.hidden {
		return nil
	}
	return c.incoming(act, i, from, act)
}

// lstmFeeds are the gates, by their order in the file, that each activation of an LSTM is computed from, in the order of LSTM.name.
var lstmFeeds = [][]int{{0}, {1}, {2}, {3}, {0, 1, 2}, {0, 1, 2, 3}}

// Incoming is Cell's. A projected hidden state is W_hr times o * tanh(c), for which the cell stands.
func (c *LSTM) Incoming(act string, i int, from string) (rows []Row) {
	k := slices.Index(c.name[:], act)
	if k == 5 && c.Proj != nil {
		return []Row{RowOf(act, c.name[4], c.Proj, i)}
	}
	for g := range c.name[:4] {
		if k >= 0 && slices.Contains(lstmFeeds[k], g) {
			rows = append(rows, c.incoming(c.name[g], g*c.Width()+i, from, c.name[5])...)
		}
	}
	return rows
}

// Outgoing is what one more of tanh(c) adds to the hidden state where the output gate is open: nil of another activation than the cell.
func (c *LSTM) Outgoing(act string, i int) []float32 {
	switch {
	case act != c.name[4]:
		return nil
	case c.Proj != nil:
		return column(c.Proj, i)
	}
	return one(c.Out(), i)
}

// Incoming is Cell's.
func (c *GRU) Incoming(act string, i int, from string) (rows []Row) {
	for g, gate := range c.name[:3] {
		if act == gate || act == c.name[3] {
			rows = append(rows, c.incoming(gate, g*c.Out()+i, from, c.name[3])...)
		}
	}
	return rows
}

// Incoming is Weighted's: of mlp.pre, mlp.pre_linear, mlp.post (what each is computed from) and, where no norm follows it, mlp_out.
func (t *Transformer) Incoming(act string, i int) []Row {
	for l := range t.Blocks {
		if rows := t.Blocks[l].incoming(act, i); rows != nil {
			return rows
		}
	}
	return nil
}

func (b *Block) incoming(act string, i int) (rows []Row) {
	m := &b.MLP
	if act == b.mlpOut && b.Ln2Post == nil {
		return []Row{RowOf(act, m.post, m.Out.W, i)}
	}
	from := b.Ln2
	if b.Kind == Post || from == nil {
		from = b.Ln1
	}
	if act == m.pre || act == m.post {
		gate := &m.In
		if m.Gate != nil {
			gate = m.Gate
		}
		rows = append(rows, RowOf(m.pre, from.normalized, gate.W, i))
	}
	if m.Gate != nil && (act == m.linear || act == m.post) {
		rows = append(rows, RowOf(m.linear, from.normalized, m.In.W, i))
	}
	return rows
}

// Outgoing is Weighted's. Where norms stand in the residual stream (BERT), or layers before the logits, there is no straight way.
func (t *Transformer) Outgoing(act string, i int) []float32 {
	if t.Head == nil || t.Head.Dense != nil {
		return nil
	}
	var v []float32
	if (act == "embed" || act == "pos_embed") && t.EmbedNorm == nil {
		v = one(t.Embed.Cols, i)
	}
	for l := range t.Blocks {
		if b := &t.Blocks[l]; b.Kind == Post {
			return nil
		} else if v == nil {
			v = b.outgoing(act, i)
		}
	}
	if v != nil && t.Final != nil {
		t.Final.straight(v)
	}
	return v
}

// outgoing is what one more of a unit adds to the residual stream.
func (b *Block) outgoing(act string, i int) []float32 {
	m := &b.MLP
	switch act {
	case b.residPre, b.residMid, b.residPost, b.attnOut, b.mlpOut:
		return one(b.Attn.Out.W.Rows, i)
	case m.pre, m.linear, m.post:
		v := column(m.Out.W, i)
		if b.Ln2Post != nil {
			b.Ln2Post.straight(v)
		}
		return v
	}
	return nil
}

// straight is what the norm makes of a small change v of what it gets, times its scale, which is taken to stay.
func (l *Norm) straight(v []float32) {
	if !l.RMS {
		var mean float64
		for _, x := range v {
			mean += float64(x) / float64(len(v))
		}
		for i := range v {
			v[i] -= float32(mean)
		}
	}
	tensor.Mul(v, l.W)
}

// Unembedding is Weighted's.
func (t *Transformer) Unembedding() *tensor.Matrix {
	if t.Head == nil {
		return nil
	}
	return t.Head.W
}
