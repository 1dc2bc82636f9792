package nn

import "loupe/engine/tensor"

// Kind is how a block's parts stand around the residual stream x.
type Kind int

const (
	// Sequential: x += attn(ln1(x)); x += mlp(ln2(x)). GPT-2, Llama; with post-norms Gemma.
	Sequential Kind = iota
	// Parallel: x += attn(ln1(x)) + mlp(ln2(x)), ln2 being ln1 where there is only one. GPT-NeoX, Phi.
	Parallel
	// Post: x = ln1(x + attn(x)); x = ln2(x + mlp(x)). BERT.
	Post
)

// Block is one block of a transformer. It records resid_pre, attn_out, resid_mid (not Parallel), mlp_out and resid_post
// [pos, d], what its norms, attention and MLP record, and of a Post block resid_post before its last norm, as
// TransformerLens has it.
type Block struct {
	Kind             Kind
	Ln1, Ln2         *Norm
	Cross            *Cross // of a decoder: between attention and MLP; nil: none
	LnCross          *Norm
	Ln1Post, Ln2Post *Norm // of what attention and MLP give, before it is added; nil: none
	Attn             Attention
	MLP              MLP

	residPre, attnOut, residMid, residCross, mlpOut, residPost string
}

// NewBlock names the activations of a block, "blocks.0".
func NewBlock(b Block, block string) Block {
	b.residCross = block + ".resid_cross"
	b.residPre, b.attnOut, b.residMid = block+".resid_pre", block+".attn_out", block+".resid_mid"
	b.mlpOut, b.residPost = block+".mlp_out", block+".resid_post"
	return b
}

// forward replaces the residual stream w.x [N, d].
// kvs are of the sequence, or of each row; mem is a source's, and attn is given how the rows look at it.
func (b *Block) forward(kvs []*KV, mem *KV, w *Work, p Pass, attn func(i int, weights []float32)) error {
	if err := p.Pause(); err != nil {
		return err
	}
	d := b.Attn.Out.W.Rows
	p.At(b.residPre, w.x, d)
	in := w.x
	if b.Kind != Post {
		b.Ln1.Forward(w.a, w.x, w.scale, p)
		in = w.a
	}
	if err := b.Attn.forward(w.b, in, kvs, w, p); err != nil {
		return err
	}
	if b.Ln1Post != nil {
		b.Ln1Post.Forward(w.b, w.b, w.scale, p)
	}
	p.At(b.attnOut, w.b, d)
	if b.Kind == Parallel {
		if b.Ln2 != nil {
			b.Ln2.Forward(w.a, w.x, w.scale, p)
		}
		tensor.Axpy(w.x, 1, w.b)
	} else {
		tensor.Axpy(w.x, 1, w.b)
		p.At(b.residMid, w.x, d)
		if b.Kind == Post {
			b.Ln1.Forward(w.x, w.x, w.scale, p)
		}
		if b.Cross != nil {
			b.cross(mem, w, p, attn)
		}
		if in = w.x; b.Kind != Post {
			b.Ln2.Forward(w.a, w.x, w.scale, p)
			in = w.a
		}
	}
	return b.feed(in, d, w, p)
}

// cross adds what attention on the source makes of the stream.
func (b *Block) cross(mem *KV, w *Work, p Pass, attn func(i int, weights []float32)) {
	in := w.x
	if b.Kind != Post {
		b.LnCross.Forward(w.a, w.x, w.scale, p)
		in = w.a
	}
	b.Cross.forward(w.b, in, mem, w, p, attn)
	tensor.Axpy(w.x, 1, w.b[:len(w.x)])
	p.At(b.residCross, w.x, b.Attn.Out.W.Rows)
	if b.Kind == Post {
		b.LnCross.Forward(w.x, w.x, w.scale, p)
	}
}

// feed adds what the MLP makes of in to the stream. It goes in pieces, so that it can be interrupted in a long pass.
func (b *Block) feed(in []float32, d int, w *Work, p Pass) error {
	if err := p.Pause(); err != nil {
		return err
	}
	err := p.pieces(d*b.MLP.In.W.Rows, func(i int, part Pass) error {
		return b.MLP.forward(w.b[i*d:(i+part.N)*d], in[i*d:(i+part.N)*d], w, part)
	})
	if err != nil {
		return err
	}
	if b.Ln2Post != nil {
		b.Ln2Post.Forward(w.b, w.b, w.scale, p)
	}
	p.At(b.mlpOut, w.b, d)
	tensor.Axpy(w.x, 1, w.b)
	p.At(b.residPost, w.x, d)
	if b.Kind == Post {
		b.Ln2.Forward(w.x, w.x, w.scale, p)
	}
	return nil
}

func (b *Block) acts() []Act {
	d := []int{b.Attn.Out.W.Rows}
	acts := []Act{{Name: b.residPre, Inner: d}}
	if b.Kind != Post {
		acts = append(acts, b.Ln1.acts()...)
	}
	acts = append(append(append(acts, b.Attn.acts()...), b.Ln1Post.acts()...), Act{Name: b.attnOut, Inner: d})
	if b.Kind != Parallel {
		acts = append(acts, Act{Name: b.residMid, Inner: d})
	}
	if b.Kind == Post {
		acts = append(acts, b.Ln1.acts()...)
	}
	if b.Cross != nil {
		if b.Kind != Post {
			acts = append(acts, b.LnCross.acts()...)
		}
		acts = append(append(acts, b.Cross.acts()...), Act{Name: b.residCross, Inner: d})
		if b.Kind == Post {
			acts = append(acts, b.LnCross.acts()...)
		}
	}
	if b.Kind != Post {
		acts = append(acts, b.Ln2.acts()...)
	}
	acts = append(append(append(acts, b.MLP.acts()...), b.Ln2Post.acts()...), Act{Name: b.mlpOut, Inner: d}, Act{Name: b.residPost, Inner: d})
	if b.Kind == Post {
		acts = append(acts, b.Ln2.acts()...)
	}
	return acts
}
