// Package model opens a model of any architecture that Loupe knows. A new one is a folder here and a row in architectures.
package model

import (
	"encoding/json"
	"slices"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/model/bart"
	"loupe/engine/model/bert"
	"loupe/engine/model/gemma"
	"loupe/engine/model/gpt2"
	"loupe/engine/model/keras"
	"loupe/engine/model/llama"
	"loupe/engine/model/lstmvis"
	"loupe/engine/model/neox"
	"loupe/engine/model/onmt"
	"loupe/engine/model/phi"
	"loupe/engine/model/rnn"
	"loupe/engine/model/t5"
	"loupe/engine/model/vectors"
	"loupe/engine/nn"
)

// Model is a language model. It holds the weights only, and does not change: what a run carries along is in a State.
type Model interface {
	// Info describes the model.
	Info() nn.Info
	// NewState is the state before the first token.
	NewState() nn.State
	// Forward runs tokens that follow those that the state has seen. What a file or a text can make wrong is an
	// *fault.Error; an error of in.Yield is returned as it is.
	Forward(state nn.State, in nn.Input) error
	// Unembed computes the logits [vocab] of the last layer's output, the activation that stands before "logits" in Info.
	Unembed(dst, hidden []float32)
	// Bias is what Unembed adds, [vocab], or nil.
	Bias() []float32
	// Embedding writes a token's input embedding into dst [embed].
	Embedding(dst []float32, id int)
	// OutputEmbedding writes a token's row of W, which Unembed multiplies, into dst [as wide as the activation before "logits"].
	// Only a model with logits has one.
	OutputEmbedding(dst []float32, id int)
}

// architecture is one row of the table.
type architecture struct {
	types []string // values of model_type in config.json
	open  func(config []byte, w nn.Weights) (Model, error)
	// infer makes a config for weights that have none: of their names and shapes, and of what the file says beside them (the
	// settings that a training saved: "n_head", "args.nhid", "rnn.mode"). nil: they do not tell.
	infer   func(w nn.Weights, said map[string]any) (config any, guesses []nn.Guess, ok bool)
	ignores func(tensor string) bool // nil: none
}

// halves are the values of model_type of encoder-decoders (nn.Seq2Seq), which have a tokenizer for each half.
var halves = slices.Concat(bart.Types(), t5.Types(), []string{onmt.Type})

// Halves reports whether config is of an encoder-decoder.
func Halves(config []byte) bool {
	var c struct {
		Type string `json:"model_type"`
	}
	return nn.ReadConfig(config, &c) == nil && slices.Contains(halves, c.Type)
}

// architectures is THE table of architectures.
var architectures = []architecture{
	{[]string{"gpt2"}, func(c []byte, w nn.Weights) (Model, error) { return opened(gpt2.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return gpt2.Infer(w, said) }, gpt2.Ignores},
	{[]string{"gpt_neox"}, func(c []byte, w nn.Weights) (Model, error) { return opened(neox.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return neox.Infer(w, said) }, neox.Ignores},
	{[]string{"phi"}, func(c []byte, w nn.Weights) (Model, error) { return opened(phi.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return phi.Infer(w, said) }, phi.Ignores},
	{llama.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(llama.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return llama.Infer(w, said) }, llama.Ignores},
	{gemma.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(gemma.Open(c, w)) }, nil, gemma.Ignores},
	{bert.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(bert.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return bert.Infer(w, said) }, bert.Ignores},
	{keras.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(keras.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return keras.Infer(w, said) }, nil},
	{rnn.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(rnn.Open(c, w)) },
		func(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) { return rnn.Infer(w, said) }, nil},
	{bart.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(bart.Open(c, w)) }, nil, bart.Ignores},
	{t5.Types(), func(c []byte, w nn.Weights) (Model, error) { return opened(t5.Open(c, w)) }, nil, t5.Ignores},
	{[]string{onmt.Type}, func(c []byte, w nn.Weights) (Model, error) {
		if onmt.IsTransformer(c) {
			return opened(onmt.OpenTransformer(c, w))
		}
		return opened(onmt.Open(c, w))
	}, nil, onmt.Ignores},
	{[]string{vectors.Type}, func(c []byte, w nn.Weights) (Model, error) { return opened(vectors.Open(c, w)) },
		func(w nn.Weights, _ map[string]any) (any, []nn.Guess, bool) { return vectors.Infer(w) }, nil},
	{[]string{lstmvis.Type}, func(c []byte, w nn.Weights) (Model, error) { return opened(lstmvis.Open(c, w)) }, nil, nil},
}

// opened keeps a nil *M from becoming a Model that is not nil.
func opened[M Model](m M, err error) (Model, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// find is the row of a config.
func find(config []byte) (*architecture, error) {
	var c struct {
		Type  string `json:"model_type"`
		Class string `json:"class_name"`
	}
	if err := nn.ReadConfig(config, &c); err != nil {
		return nil, err
	}
	if c.Type == "" && c.Class != "" { // Keras's own, beside model.weights.h5
		c.Type = keras.Types()[0]
	}
	var known []string
	for i := range architectures {
		if slices.Contains(architectures[i].types, c.Type) {
			return &architectures[i], nil
		}
		known = append(known, architectures[i].types...)
	}
	slices.Sort(known)
	return nil, nn.Fault(fault.UnknownFamily, "model_type", strings.Join(known, ", "), c.Type)
}

// Open makes the model that config (config.json) describes, with the weights.
func Open(config []byte, w nn.Weights) (Model, error) {
	a, err := find(config)
	if err != nil {
		return nil, err
	}
	return a.open(config, w)
}

// Infer makes a config for weights that have none, of what names and shapes tell, and of what the file says beside them. What
// they only suggest is a guess.
func Infer(w nn.Weights, said map[string]any) (config []byte, guesses []nn.Guess, ok bool) {
	for _, a := range architectures {
		if a.infer == nil {
			continue
		}
		if c, guesses, ok := a.infer(w, said); ok {
			b, err := json.Marshal(c)
			return b, guesses, err == nil
		}
	}
	return nil, nil, false
}

// Guesses are what an open model took its config to mean where that does not say, if there is any.
func Guesses(m Model) []nn.Guess {
	if g, ok := m.(interface{ Guesses() []nn.Guess }); ok {
		return g.Guesses()
	}
	return nil
}

// Ignores reports whether a tensor that the model of config does not read is known to hold no weights.
func Ignores(config []byte, tensor string) bool {
	a, err := find(config)
	return err == nil && a.ignores != nil && a.ignores(tensor)
}
