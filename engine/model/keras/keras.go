// Package keras is recurrent models of Keras: layers one after another, of an Embedding or one-hot input, SimpleRNN, LSTM, GRU,
// also CuDNN's and in both directions, Dense and norms. Its config.json is Keras's own JSON of the model; tensors are called
// LAYER/WEIGHT as Keras calls them. The cells are nn's, whose weights are put into PyTorch's order when they are read.
//
// A prediction after a text is what model.predict gives of that text. A network of one direction that takes texts as they are
// goes on from token to token. Where a text is filled up to a fixed length, or read in both directions, each beginning of the
// text is a run of its own: what is recorded at a position is what that run ended with.
package keras

import (
	"slices"
	"strings"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// maxPadding is the longest text, in tokens, to which texts may be filled up.
const maxPadding = 4096

// Model is the weights.
type Model struct {
	params  int
	vocab   int
	embed   *tensor.Matrix // [vocab, width]; nil: one-hot
	width   int            // of the input
	stages  []stage
	cells   []*recurrent // those of stages
	head    nn.Head      // [vocab, ..]; W nil: it predicts no tokens
	padding int          // Config.Padding
	masked  bool         // id 0 fills up, and is passed over
	each    bool         // each beginning of a text is a run of its own
	trail   int          // numbers of all cells' states
	chunk   int          // positions at a time
	guesses []nn.Guess
}

// Types are the values of model_type that Open knows.
func Types() []string { return []string{"keras"} }

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, layers, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	b := &builder{config: c, load: nn.Load{W: w}, m: &Model{}, work: 1}
	at := names(layers, w)
	for i := range layers {
		b.at = at[i] + "/"
		if err := b.add(&layers[i]); err != nil {
			return nil, err
		}
		if b.load.Err != nil {
			return nil, b.load.Err
		}
	}
	return b.finish()
}

// Guesses are what nothing said: how texts are filled up.
func (m *Model) Guesses() []nn.Guess { return m.guesses }

// Info describes the model.
func (m *Model) Info() nn.Info {
	last := m.cells[len(m.cells)-1]
	i := nn.Info{Family: m.family(), Layers: len(m.cells), Hidden: last.width(), Embed: m.width, Vocab: m.vocab, Params: m.params, Logits: m.head.W != nil, OneHot: m.embed == nil}
	i.Acts = []nn.Act{{Name: "embed", Inner: []int{m.width}}}
	for _, s := range m.stages {
		i.Acts = append(i.Acts, s.acts()...)
	}
	if m.head.W != nil {
		i.Acts = append(i.Acts, nn.Act{Name: "logits", Inner: []int{m.vocab}})
	}
	return i
}

// family names the kinds of cells: "LSTM", "Bidirectional GRU", "LSTM, GRU".
func (m *Model) family() string {
	var kinds []string
	for _, r := range m.cells {
		if !slices.Contains(kinds, r.kind) {
			kinds = append(kinds, r.kind)
		}
	}
	return strings.Join(kinds, ", ")
}

// Unembed computes the logits [vocab] of what the head multiplies.
func (m *Model) Unembed(dst, hidden []float32) { m.head.Logits(dst, hidden, 1) }

// Bias is the head's bias [vocab], or nil.
func (m *Model) Bias() []float32 { return m.head.B }

// Embedding writes a token's input into dst [embed]: its embedding, or 1 in its place.
func (m *Model) Embedding(dst []float32, id int) { m.input(dst, []int{id}) }

// OutputEmbedding writes a token's row of the head's matrix into dst [as wide as what it multiplies].
func (m *Model) OutputEmbedding(dst []float32, id int) { m.head.W.Row(dst, id) }

// input writes the input of tokens into dst [len(ids), width]. An id of -1 is nothing.
func (m *Model) input(dst []float32, ids []int) {
	for t, id := range ids {
		row := dst[t*m.width : (t+1)*m.width]
		switch {
		case m.embed != nil:
			m.embed.Row(row, max(id, 0)) // pad_sequences fills up with 0
		default:
			clear(row)
			if id >= 0 {
				row[id] = 1
			}
		}
	}
}
