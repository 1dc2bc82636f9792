package nn

import "loupe/engine/tensor"

// Transformer is a stack of blocks around a residual stream, of any family: a family sets what it has and leaves the rest.
// It is the weights, and does not change.
type Transformer struct {
	Context    int            // positions at most; 0 = any
	Embed      *tensor.Matrix // [vocab, d]
	EmbedScale float32        // of the embedding (Gemma); 0 means 1
	Positions  *tensor.Matrix // [positions, d], or nil
	FirstPos   int            // row of Positions that the first token has; if it is not 0, the token FirstPos-1 is padding (RoBERTa)
	Types      *tensor.Matrix // [types, d], of which every token has the first, or nil
	EmbedNorm  *Norm          // of the sum of these, or nil
	Blocks     []Block
	Final      *Norm // or nil
	Head       *Head // or nil: no logits

	At string // what its activations' names begin with: "encoder.", "decoder." or none

	chunk int // positions at a time
}

// Head is how the last layer's output becomes logits: W h + B, h being Norm(Act(Dense(x))) where there is a Dense (BERT), which
// records mlm_head.pre and mlm_head.post, before and after Act, and what its norm records.
type Head struct {
	Dense   *Linear // [d, d], or nil
	Act     func(x []float32)
	Norm    *Norm
	W       *tensor.Matrix // [vocab, d]
	B       []float32      // [vocab], or nil
	SoftCap float32        // c: the logits are c tanh(z/c); 0: as they are (Gemma 2)
	Scale   float32        // of W h; 0 means 1 (T5, whose W is the embedding)
}

// Logits computes dst [n, vocab] of h [n, d], what W multiplies.
func (h *Head) Logits(dst, x []float32, n int) {
	h.W.Mul(dst, x, n)
	h.finish(dst, n)
}

// finish makes logits of what W gave, dst [n, vocab].
func (h *Head) finish(dst []float32, n int) {
	h.scale(dst[:n*h.W.Rows])
	if h.B != nil {
		tensor.AddBias(dst[:n*h.W.Rows], h.B, n)
	}
	if h.SoftCap > 0 {
		tensor.SoftCap(dst[:n*h.W.Rows], h.SoftCap)
	}
}

func (h *Head) scale(x []float32) {
	if h.Scale != 0 {
		for i := range x {
			x[i] *= h.Scale
		}
	}
}

// NewTransformer checks nothing: its parts were made to fit each other.
func NewTransformer(t Transformer) *Transformer {
	d, work := t.Embed.Cols, 1
	for i := range t.Blocks {
		b := &t.Blocks[i]
		work = max(work, d*b.MLP.In.W.Rows, d*b.Attn.Q.W.Rows)
	}
	t.chunk = Chunk(work)
	return &t
}

// full reports whether each position sees those after it, so that all must be run at once.
func (t *Transformer) full() bool { return len(t.Blocks) > 0 && t.Blocks[0].Attn.Full }

// transformerState is the keys and values of the tokens seen, a block each, and what a step uses on the way.
type transformerState struct {
	t   *Transformer
	n   int
	kv  []KV // [blocks]
	mem []KV // [blocks], of a decoder: the source's, which clones share
	Work
}

// NewState has seen nothing.
func (t *Transformer) NewState() State {
	return &transformerState{t: t, kv: make([]KV, len(t.Blocks))}
}

func (s *transformerState) Len() int { return s.n }

// Truncate of what sees all tokens at once goes back to the beginning.
func (s *transformerState) Truncate(n int) int {
	if n < s.n {
		if s.n = max(n, 0); s.t.full() {
			s.n = 0
		}
	}
	return s.n
}

func (s *transformerState) Clone() State {
	c := &transformerState{t: s.t, n: s.n, kv: make([]KV, len(s.kv)), mem: s.mem}
	for l := range s.kv {
		a := &s.t.Blocks[l].Attn
		c.kv[l] = s.kv[l].clone(s.n, a.KVHeads*a.Dim)
	}
	return c
}

// Forward runs in.IDs, a chunk of positions at a time.
func (t *Transformer) Forward(state State, in Input) error {
	s, d := state.(*transformerState), t.Embed.Cols
	from, err := in.Start(s.n, t.Embed.Rows, t.Context, len(t.Blocks), d)
	if err != nil {
		return err
	}
	step := t.chunk
	if t.full() {
		if from != 0 {
			panic("nn: a model that sees all tokens at once was given some of them")
		}
		step = max(len(in.IDs), 1)
	}
	for i := 0; i < len(in.IDs); i += step {
		ids := in.IDs[i:min(i+step, len(in.IDs))]
		p := Pass{Input: &in, Pos: from + i, N: len(ids)}
		s.fit(d, p.N)
		if in.FromLayer > 0 {
			copy(s.x, in.Resid[i*d:(i+p.N)*d])
		} else {
			t.embed(&s.Work, ids, p)
		}
		for l := in.FromLayer; l < len(t.Blocks); l++ {
			var mem *KV
			if s.mem != nil {
				mem = &s.mem[l]
			}
			if err := t.Blocks[l].forward([]*KV{&s.kv[l]}, mem, &s.Work, p, nil); err != nil {
				return err
			}
		}
		if t.Final != nil {
			t.Final.Forward(s.x, s.x, s.scale, p)
		}
		s.n = max(s.n, p.Pos+p.N)
		if err := t.unembed(&s.Work, p); err != nil {
			return err
		}
	}
	return nil
}

// fit makes the buffers fit n positions.
func (w *Work) fit(d, n int) {
	w.x, w.a, w.b = Grow(w.x, n*d), Grow(w.a, n*d), Grow(w.b, n*d)
	w.scale = Grow(w.scale, n)
}

// embed makes the residual stream w.x [N, d] of tokens.
func (t *Transformer) embed(w *Work, ids []int, p Pass) {
	d := t.Embed.Cols
	for i, id := range ids {
		t.Embedding(w.x[i*d:(i+1)*d], id)
	}
	p.At(t.At+"embed", w.x, d)
	if t.Positions != nil {
		pads := 0
		for i, id := range ids {
			row := p.Pos + i + t.FirstPos - pads
			if p.rows {
				row = p.Pos + t.FirstPos
			}
			if t.FirstPos > 0 && id == t.FirstPos-1 && t.At == "" { // RoBERTa's padding has the row before the first, and is not counted
				row = t.FirstPos - 1
				pads++
			}
			t.Positions.Row(w.a[i*d:(i+1)*d], row)
		}
		p.At(t.At+"pos_embed", w.a, d)
		tensor.Axpy(w.x, 1, w.a)
	}
	if t.Types != nil {
		for i := range ids {
			t.Types.Row(w.a[i*d:(i+1)*d], 0)
		}
		p.At("token_type_embed", w.a, d)
		tensor.Axpy(w.x, 1, w.a)
	}
	if t.EmbedNorm != nil {
		t.EmbedNorm.Forward(w.x, w.x, w.scale, p)
	}
}

// unembed gives the logits of w.x [N, d].
func (t *Transformer) unembed(w *Work, p Pass) error {
	if t.Head == nil {
		return nil
	}
	h := w.x
	if dense := t.Head.Dense; dense != nil {
		dense.Forward(w.a, w.x, p.N)
		h = w.a[:p.N*dense.W.Rows]
		p.At("mlm_head.pre", h, dense.W.Rows)
		t.Head.Act(h)
		p.At("mlm_head.post", h, dense.W.Rows)
		t.Head.Norm.Forward(h, h, w.scale, p)
	}
	return p.Unembed(t.Head, h, &w.logits)
}

// Unembed computes the logits [vocab] of what stands before them.
func (t *Transformer) Unembed(dst, hidden []float32) { t.Head.Logits(dst, hidden, 1) }

// Bias is the head's, or nil.
func (t *Transformer) Bias() []float32 {
	if t.Head == nil {
		return nil
	}
	return t.Head.B
}

// Embedding writes a token's embedding into dst [d], scaled as the model takes it.
func (t *Transformer) Embedding(dst []float32, id int) {
	t.Embed.Row(dst, id)
	if t.EmbedScale != 0 {
		for i := range dst[:t.Embed.Cols] {
			dst[i] *= t.EmbedScale
		}
	}
}

// OutputEmbedding writes a token's row of the head's matrix into dst [d], scaled as the head scales it.
func (t *Transformer) OutputEmbedding(dst []float32, id int) {
	t.Head.W.Row(dst, id)
	t.Head.scale(dst[:t.Head.W.Cols])
}

// Info describes the model: what follows from the weights. The family sets Family and Params.
func (t *Transformer) Info() Info {
	d := []int{t.Embed.Cols}
	acts := []Act{{Name: t.At + "embed", Inner: d}}
	if t.Positions != nil {
		acts = append(acts, Act{Name: t.At + "pos_embed", Inner: d})
	}
	if t.Types != nil {
		acts = append(acts, Act{Name: "token_type_embed", Inner: d})
	}
	acts = append(acts, t.EmbedNorm.acts()...)
	for i := range t.Blocks {
		acts = append(acts, t.Blocks[i].acts()...)
	}
	acts = append(acts, t.Final.acts()...)
	if t.Head != nil {
		if t.Head.Dense != nil {
			inner := []int{t.Head.Dense.W.Rows}
			acts = append(acts, Act{Name: "mlm_head.pre", Inner: inner}, Act{Name: "mlm_head.post", Inner: inner})
		}
		acts = append(append(acts, t.Head.Norm.acts()...), Act{Name: "logits", Inner: []int{t.Head.W.Rows}})
	}
	i := Info{Layers: len(t.Blocks), Hidden: t.Embed.Cols, Embed: t.Embed.Cols, Vocab: t.Embed.Rows, Context: t.Context,
		Acts: acts, Logits: t.Head != nil, Here: t.full(), Full: t.full()}
	if len(t.Blocks) > 0 {
		i.Heads = t.Blocks[0].Attn.Heads
	}
	return i
}
