// Package rnn is recurrent language models: an embedding, stacked RNN, LSTM or GRU layers, and a linear decoder. The maths
// is that of torch.nn.RNN, LSTM and GRU; tensors are named as a module with encoder = Embedding, rnn = RNN/LSTM/GRU and
// decoder = Linear names them (PyTorch's word_language_model example), or as the config says; gates have PyTorch's names.
package rnn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Config is what is read of config.json.
type Config struct {
	Type   string `json:"model_type"` // rnn_tanh, rnn_relu, lstm, gru
	Vocab  int    `json:"vocab_size"`
	Embed  int    `json:"embedding_size"`
	Hidden int    `json:"hidden_size"`            // of the last layer
	Sizes  []int  `json:"hidden_sizes,omitempty"` // of all layers, where they differ
	Layers int    `json:"num_layers"`
	Proj   int    `json:"proj_size,omitempty"`           // LSTM: width of the projected hidden state; 0 = none
	Tied   bool   `json:"tie_word_embeddings,omitempty"` // the decoder's weight is the encoder's
	Both   bool   `json:"bidirectional,omitempty"`

	// Names of the tensors, where they are others than word_language_model's.
	Embedding string   `json:"embedding,omitempty"`       // the matrix; oneHot: the first layer reads one-hot vectors
	Cells     []string `json:"layers,omitempty"`          // of each layer, "lstm.*_l0": * stands for weight_ih and so on
	Decoder   string   `json:"decoder,omitempty"`         // the linear layer, "fc" of fc.weight
	Unknown   []string `json:"unknown_tensors,omitempty"` // what the file has besides: a model of another kind
}

// oneHot stands for an embedding that is none: a token is a vector of zeros with a one at its id.
const oneHot = "one-hot"

// families are the kinds of cells, by model_type: the name shown, the gates, and how to read a layer.
var families = map[string]struct {
	family string
	gates  int
	load   func(l *nn.Load, c *Config, suffix string, in, hidden int, at string) nn.Cell
}{
	"rnn_tanh": {"RNN", 1, plain(tensor.Tanh)},
	"rnn_relu": {"RNN", 1, plain(tensor.ReLU)},
	"lstm": {"LSTM", 4, func(l *nn.Load, c *Config, suffix string, in, hidden int, at string) nn.Cell {
		return nn.NewLSTM(l, suffix, in, hidden, c.Proj, at)
	}},
	"gru": {"GRU", 3, func(l *nn.Load, _ *Config, suffix string, in, hidden int, at string) nn.Cell {
		return nn.NewGRU(l, suffix, in, hidden, at)
	}},
}

func plain(act func([]float32)) func(*nn.Load, *Config, string, int, int, string) nn.Cell {
	return func(l *nn.Load, _ *Config, suffix string, in, hidden int, at string) nn.Cell {
		return nn.NewRNN(l, suffix, in, hidden, act, at)
	}
}

func readConfig(config []byte) (*Config, error) {
	c := &Config{}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if len(c.Unknown) > 0 {
		return nil, nn.Fault(fault.Unsupported, "tensors", "an embedding, recurrent layers and one linear layer", "also "+fault.Quote(strings.Join(c.Unknown, ", ")))
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"vocab_size", c.Vocab}, {"embedding_size", c.Embed}, {"hidden_size", c.Hidden}, {"num_layers", c.Layers}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return nil, err
		}
	}
	switch {
	case c.Proj != 0 && (c.Type != "lstm" || c.Proj < 0 || c.Proj >= c.Hidden):
		return nil, nn.Fault(fault.BadConfig, "proj_size", "0, or for an LSTM less than hidden_size", fmt.Sprint(c.Proj))
	case c.Sizes != nil && (len(c.Sizes) != c.Layers || c.Sizes[c.Layers-1] != c.Hidden || c.Proj > 0 || slices.Min(c.Sizes) < 1 || slices.Max(c.Sizes) > 1<<24):
		return nil, nn.Fault(fault.BadConfig, "hidden_sizes", fmt.Sprintf("%d sizes, hidden_size the last", c.Layers), fmt.Sprint(c.Sizes[:min(len(c.Sizes), 8)]))
	case c.Cells != nil && len(c.Cells) != c.Layers:
		return nil, nn.Fault(fault.BadConfig, "layers", fmt.Sprintf("%d names, as num_layers says", c.Layers), fmt.Sprint(len(c.Cells)))
	case c.Embedding == oneHot && (c.Embed != c.Vocab || c.Tied):
		return nil, nn.Fault(fault.BadConfig, "embedding_size", fmt.Sprintf("vocab_size, %d, for one-hot vectors", c.Vocab), fmt.Sprint(c.Embed))
	case c.Both:
		return nil, nn.Fault(fault.Unsupported, "bidirectional", "false", "true")
	case c.Tied && c.Embed != c.out():
		return nil, nn.Fault(fault.BadConfig, "tie_word_embeddings", fmt.Sprintf("false, for embedding_size is not %d", c.out()), "true")
	}
	return c, nil
}

// hidden is the size of a layer's state, or of its cell where that is projected.
func (c *Config) hidden(l int) int {
	if c.Sizes != nil {
		return c.Sizes[l]
	}
	return c.Hidden
}

// out is the width of the last layer's hidden state.
func (c *Config) out() int {
	if c.Proj > 0 {
		return c.Proj
	}
	return c.Hidden
}

// embedding, cell and linear are the names of tensors: the embedding, what a layer's names begin and end with, and the decoder.
func (c *Config) embedding() string { return cmp.Or(c.Embedding, "encoder.weight") }

func (c *Config) cell(l int) (prefix, suffix string) {
	name := standardCell(l)
	if c.Cells != nil {
		name = c.Cells[l]
	}
	prefix, suffix, _ = strings.Cut(name, "*")
	return prefix, suffix
}

func (c *Config) linear() string { return cmp.Or(c.Decoder, "decoder") }

// Model is the weights.
type Model struct {
	config  Config
	params  int
	encoder *tensor.Matrix // [vocab, embed]; nil: tokens are one-hot vectors
	cells   []nn.Cell
	decoder nn.Head // [vocab, out]
	width   int     // of all layers' states together
	chunk   int     // positions at a time; step by step, a product takes twice as long
}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: dropped{w}}
	m := &Model{config: *c, chunk: nn.Chunk(2 * 4 * c.Hidden * (c.Hidden + c.Embed))}
	if c.Embedding != oneHot {
		m.encoder = load.Matrix(c.embedding(), c.Vocab, c.Embed)
	}
	for l, in := 0, c.Embed; l < c.Layers && load.Err == nil; l++ {
		prefix, suffix := c.cell(l)
		load.Prefix, load.NoBias = prefix, !w.Has(prefix+"bias_ih"+suffix) && !w.Has(prefix+"bias_hh"+suffix)
		cell := families[c.Type].load(load, c, suffix, in, c.hidden(l), fmt.Sprintf("layers.%d", l))
		if load.Err != nil {
			break
		}
		m.cells, in, m.width = append(m.cells, cell), cell.Out(), m.width+cell.Out()+cell.Width()
	}
	load.Prefix = ""
	if err := load.NoMore("num_layers", c.Layers, fmt.Sprintf("rnn.weight_ih_l%d", c.Layers)); err != nil && c.Cells == nil {
		return nil, err
	}
	if m.decoder.W = m.encoder; !c.Tied {
		m.decoder.W = load.Matrix(c.linear()+".weight", c.Vocab, c.out())
	}
	if bias := c.linear() + ".bias"; w.Has(bias) {
		m.decoder.B = load.Vector(bias, c.Vocab)
	}
	m.params = load.Params
	return m, load.Err
}

// dropped gives weight_hh of layers whose training forgets some of its numbers, as AWD-LSTM's does: those that are trained are
// called weight_hh_l0_raw.
type dropped struct{ nn.Weights }

func (w dropped) Matrix(name string, rows, cols int) (*tensor.Matrix, error) {
	return w.Weights.Matrix(recurrent(w, name), rows, cols)
}

// recurrent is the name of what is trained under a name.
func recurrent(w nn.Weights, name string) string {
	if raw := name + "_raw"; strings.Contains(name, "weight_hh") && w.Has(raw) {
		return raw
	}
	return name
}

// Types are the values of model_type that Open knows.
func Types() (names []string) {
	for name := range families {
		names = append(names, name)
	}
	return names
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	c := &m.config
	acts := []nn.Act{{Name: "embed", Inner: []int{c.Embed}}}
	for _, cell := range m.cells {
		acts = append(acts, cell.Acts()...)
	}
	acts = append(acts, nn.Act{Name: "logits", Inner: []int{c.Vocab}})
	i := nn.Info{Family: families[c.Type].family, Layers: c.Layers, Hidden: c.out(), Embed: c.Embed, Vocab: c.Vocab, Params: m.params, Acts: acts, Logits: true, OneHot: m.encoder == nil}
	if c.Proj > 0 {
		i.Cell = c.Hidden
	}
	return i
}

// Unembed computes the logits [vocab] of the last layer's hidden state.
func (m *Model) Unembed(dst, hidden []float32) { m.decoder.Logits(dst, hidden, 1) }

// Bias is the decoder's bias [vocab], or nil.
func (m *Model) Bias() []float32 { return m.decoder.B }

// Embedding writes a token's embedding into dst [embed].
func (m *Model) Embedding(dst []float32, id int) {
	if m.encoder != nil {
		m.encoder.Row(dst, id)
		return
	}
	clear(dst)
	dst[id] = 1
}

// OutputEmbedding writes a token's row of the decoder's matrix into dst [out].
func (m *Model) OutputEmbedding(dst []float32, id int) { m.decoder.W.Row(dst, id) }

// Unembedding, Incoming and Outgoing are nn.Weighted's.
func (m *Model) Unembedding() *tensor.Matrix { return m.decoder.W }

func (m *Model) Incoming(act string, unit int) []nn.Row {
	from := "embed"
	for _, cell := range m.cells {
		if rows := cell.Incoming(act, unit, from); rows != nil {
			return rows
		}
		acts := cell.Acts()
		from = acts[len(acts)-1].Name
	}
	return nil
}

func (m *Model) Outgoing(act string, unit int) []float32 {
	if c, ok := m.cells[len(m.cells)-1].(*nn.LSTM); ok {
		return c.Outgoing(act, unit)
	}
	return nil
}
