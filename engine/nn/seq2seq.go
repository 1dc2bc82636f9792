package nn

// Seq2Seq is a model of two halves: an encoder reads a source whole, and a decoder writes a target, token by token, attending to what
// the encoder made of the source. What Info, Forward, Unembed, Embedding and OutputEmbedding say is about the decoder; Info's
// activations are those of both, the encoder's first: "encoder.*" have a row for each token of the source (Act.Source), of which
// "encoder.output" is what the decoder attends to; "decoder.*" and "logits" a row for each of the target. Position t of the
// decoder reads token t and predicts the next; token 0 is Seq.Start.
type Seq2Seq interface {
	Seq() Seq
	// Encode runs in.IDs, all tokens of a source as the encoder is to read them, and returns the decoder's state before its first
	// token. It records and changes "encoder.*". NewState's states have read no source, and are of no use to Forward.
	Encode(in Input) (State, error)
	// Step is Forward of one token in each of several states, which have seen the same source and as many tokens: hypotheses of a search.
	// in.IDs[i] follows states[i]; in.Logits is called with i in place of the position. Hooks change, and do not record. attn, if
	// not nil, is given how each looks at the source [tokens of the source]: of a model with one attention its weights, else the
	// mean over the heads of the last layer. The slices are reused.
	Step(states []State, in Input, attn func(i int, weights []float32)) error
	// SourceEmbedding writes the input embedding of a token of the source into dst [Seq.Embed].
	SourceEmbedding(dst []float32, id int)
}

// Copier is a Seq2Seq model that may copy words of the source, which it knows once it is told what they are in the target's vocabulary.
type Copier interface {
	// Copies is called once, before the first Encode: to [source vocab] are the target's ids, or -1.
	Copies(to []int)
}

// Seq is what a Seq2Seq model's tokens are, and how its files say that a target is looked for.
type Seq struct {
	Vocab   int     // of the source
	Embed   int     // width of the source's embedding
	Context int     // longest source in tokens; 0 = any
	Start   int     // the decoder's first token
	Ends    []int   // after which a target is over
	Never   []int   // that are never written: padding, <unk>, ..
	Bad     [][]int // words of several tokens that are never written
	First   int     // the token that a target must begin with after Start (forced_bos_token_id); -1: any
	Last    int     // that it must end with at the limit of length (forced_eos_token_id); -1: none

	Renorm bool // log p are those among what is not forbidden (renormalize_logits)
	Manner
	Tasks []Task
	Cross []string // the activations [head, query, key] by which the decoder looks at the source, a layer each
	Mixed string   // the activation that is what attention reads off the source: the context vector; of a Transformer the last cross_attn_out
}

// Manner is how a target is looked for.
type Manner struct {
	Beam     int     // num_beams; 0: nothing is said
	Length   float64 // length_penalty of transformers; NaN: nothing is said
	Most     int     // longest target in tokens, Start not counted; 0: any
	Min      int     // min_length of transformers: no end follows fewer tokens, Start counted
	NoRepeat int     // no_repeat_ngram_size of transformers; 0: any may be repeated
	Early    string  // early_stopping: "heuristic" (false), "first" (true), "never"; "": nothing is said
}

// Task is how a target is looked for where the source begins with Prefix.
type Task struct {
	Prefix string
	Manner
}
