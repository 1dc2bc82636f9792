// Package vectors is sets of word vectors (word2vec, GloVe, fastText, the embedding of another model alone): a model without layers,
// that embeds each word and predicts nothing.
package vectors

import (
	"fmt"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Type is the value of model_type.
const Type = "word_vectors"

// Config is what is read of config.json.
type Config struct {
	Type      string `json:"model_type"`
	Vocab     int    `json:"vocab_size"`
	Width     int    `json:"hidden_size"`
	Embedding string `json:"embedding,omitempty"` // the tensor; empty: embedding.weight
}

// Model is the weights.
type Model struct {
	config Config
	table  *tensor.Matrix // [vocab, width]
}

// State is the number of tokens seen: nothing is carried from one to the next.
type State struct{ n int }

// Open reads the vectors.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c := Config{Embedding: "embedding.weight"}
	if err := nn.ReadConfig(config, &c); err != nil {
		return nil, err
	}
	if c.Vocab == 0 || c.Width == 0 {
		return nil, nn.Fault(fault.BadShape, c.Embedding, "one row or more of one number or more", fmt.Sprintf("[%d, %d]", c.Vocab, c.Width))
	}
	for key, n := range map[string]int{"vocab_size": c.Vocab, "hidden_size": c.Width} {
		if err := nn.Positive(key, n); err != nil {
			return nil, err
		}
	}
	table, err := w.Matrix(c.Embedding, c.Vocab, c.Width)
	if err != nil {
		return nil, err
	}
	return &Model{c, table}, nil
}

// Infer makes the config of a file that has one matrix and nothing else: its rows are taken for the vectors.
func Infer(w nn.Weights) (*Config, []nn.Guess, bool) {
	names := w.Names()
	if len(names) != 1 {
		return nil, nil, false
	}
	s := w.Shape(names[0])
	if len(s) != 2 {
		return nil, nil, false
	}
	return &Config{Type: Type, Vocab: s[0], Width: s[1], Embedding: names[0]}, []nn.Guess{{Key: "model_type", Value: Type, Why: "shapes"}}, true
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	c := &m.config
	return nn.Info{Family: "Word vectors", Hidden: c.Width, Embed: c.Width, Vocab: c.Vocab, Params: c.Vocab * c.Width,
		Acts: []nn.Act{{Name: "embed", Inner: []int{c.Width}}}}
}

// NewState has seen nothing.
func (m *Model) NewState() nn.State { return &State{} }

func (s *State) Len() int { return s.n }

func (s *State) Truncate(n int) int {
	s.n = min(s.n, n)
	return s.n
}

func (s *State) Clone() nn.State { return &State{s.n} }

// chunk is how many positions are embedded at a time.
const chunk = 256

// Forward embeds in.IDs.
func (m *Model) Forward(state nn.State, in nn.Input) error {
	s := state.(*State)
	from, err := in.Start(s.n, m.config.Vocab, 0, 0, m.config.Width)
	if err != nil {
		return err
	}
	x := make([]float32, min(len(in.IDs), chunk)*m.config.Width)
	for i := 0; i < len(in.IDs); i += chunk {
		ids := in.IDs[i:min(i+chunk, len(in.IDs))]
		p := nn.Pass{Input: &in, Pos: from + i, N: len(ids)}
		if err := p.Pause(); err != nil {
			return err
		}
		nn.Embed(x, m.table, ids)
		p.At("embed", x[:len(ids)*m.config.Width], m.config.Width)
		s.n += len(ids)
	}
	return nil
}

// Unembed is never called: Info says that there are no logits.
func (m *Model) Unembed(_, _ []float32) { panic(fmt.Sprintf("vectors: %s have no logits", Type)) }

// Bias is nil.
func (m *Model) Bias() []float32 { return nil }

// Embedding writes a word's vector into dst [width].
func (m *Model) Embedding(dst []float32, id int) { m.table.Row(dst, id) }

// OutputEmbedding is never called, as Unembed.
func (m *Model) OutputEmbedding(_ []float32, _ int) { panic("vectors: word vectors have no logits") }
