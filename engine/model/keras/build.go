package keras

import (
	"fmt"
	"slices"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// builder makes a Model of layers in turn.
type builder struct {
	config   *Config
	load     nn.Load
	m        *Model
	width    int  // of what the last layer returns; 0: there is no input yet
	one      bool // it returns one vector, not one a token
	length   int  // of the input, in tokens; 0: not said
	stateful bool
	at       string // what the names of the layer's tensors begin with
	dense    int    // how many there are
	norms    int
	others   int
	work     int // of the largest product
	classes  []string
}

// passes are layers that do nothing when a model is used.
var passes = []string{"Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization"}

// names are what the layers' tensors begin with: the layers' own names or, where the file does not know them all, their classes
// and numbers, by which Keras 3 puts weights into a file ("lstm", "lstm_1").
func names(layers []layer, w nn.Weights) []string {
	own, places, count := make([]string, len(layers)), make([]string, len(layers)), map[string]int{}
	there := func(name string) bool {
		return slices.ContainsFunc([]string{"kernel", "embeddings", "gamma", "beta", "forward/kernel"}, func(s string) bool { return w.Has(name + "/" + s) })
	}
	allOwn, allPlaces := true, true
	for i := range layers {
		class := snake(layers[i].Class)
		own[i], places[i] = layers[i].name(), class
		if n := count[class]; n > 0 {
			places[i] = fmt.Sprintf("%s_%d", class, n)
		}
		if count[class]++; slices.Contains(weighted, layers[i].Class) {
			allOwn, allPlaces = allOwn && there(own[i]), allPlaces && there(places[i])
		}
	}
	if !allOwn && allPlaces {
		return places
	}
	return own
}

// weighted are the layers that have weights.
var weighted = []string{"Embedding", "SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "Bidirectional", "Dense", "TimeDistributed", "LayerNormalization", "BatchNormalization"}

// snake is a class's name as Keras writes it in a path: "TimeDistributed" is "time_distributed", "GRU" is "gru".
func snake(class string) string {
	var out []byte
	for i := range len(class) {
		c := class[i]
		upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
		lower := func(c byte) bool { return c >= 'a' && c <= 'z' }
		if i > 0 && upper(c) && (lower(class[i-1]) || i+1 < len(class) && lower(class[i+1])) {
			out = append(out, '_')
		}
		if upper(c) {
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}

// add adds one layer.
func (b *builder) add(l *layer) error {
	if length, vocab := l.inputLength(); b.width == 0 && l.Class != "TextVectorization" {
		if length < 0 || length > maxPadding {
			return l.unsupported(fmt.Sprintf("an input of at most %d tokens", maxPadding), fmt.Sprint(length))
		}
		b.length = max(b.length, length)
		if vocab > 0 && l.Class != "Embedding" {
			b.width, b.m.vocab, b.m.width = vocab, vocab, vocab
		}
	}
	switch l.Class {
	case "InputLayer":
		return nil
	case "TextVectorization":
		if s := string(l.Config.Sequence); b.width > 0 || s != "" && s != "null" {
			return l.unsupported("a vocabulary alone, whose output_sequence_length is None", s)
		}
		b.length = 0 // it takes a string
		return nil
	case "Embedding":
		return b.embedding(l)
	}
	switch {
	case b.width == 0:
		return l.unsupported("an Embedding, or one-hot input whose shape (length, vocabulary) is known, before it", l.Class)
	case slices.Contains(passes, l.Class):
		return nil
	}
	switch l.Class {
	case "Masking":
		if len(b.m.stages) > 0 || b.m.embed != nil || l.Config.MaskValue != 0 {
			return l.unsupported("a mask of zeros on one-hot input", "another")
		}
		b.m.masked = true
		return nil
	case "SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "Bidirectional":
		return b.recurrent(l)
	case "Dense":
		return b.linear(l, l)
	case "TimeDistributed":
		if l.Config.Layer == nil || l.Config.Layer.Class != "Dense" {
			return l.unsupported("TimeDistributed(Dense)", "TimeDistributed of another layer")
		}
		return b.linear(l, l.Config.Layer)
	case "Activation":
		return b.activation(l, function(l.Config.Activation, ""))
	case "Softmax", "ReLU":
		return b.activation(l, strings.ToLower(l.Class))
	case "LayerNormalization", "BatchNormalization":
		return b.norm(l)
	}
	return l.unsupported("an Embedding, SimpleRNN, LSTM, GRU, Bidirectional, Dense, TimeDistributed(Dense), Activation, LayerNormalization, BatchNormalization or Dropout", l.Class)
}

// embedding reads LAYER/embeddings [input_dim, output_dim].
func (b *builder) embedding(l *layer) error {
	s := &l.Config
	for key, n := range map[string]int{"input_dim": s.InputDim, "output_dim": s.OutputDim} {
		if err := nn.Positive(l.name()+": "+key, n); err != nil {
			return err
		}
	}
	if b.width > 0 {
		return l.unsupported("an Embedding as the first layer", "one after others")
	}
	b.m.embed = b.load.Matrix(b.at+"embeddings", s.InputDim, s.OutputDim)
	b.m.vocab, b.m.width, b.m.masked, b.width = s.InputDim, s.OutputDim, s.MaskZero, s.OutputDim
	return nil
}

// linear reads a Dense layer, LAYER/kernel [width, units] and LAYER/bias [units], whose settings inner has.
func (b *builder) linear(l, inner *layer) error {
	s := &inner.Config
	if err := nn.Positive(l.name()+": units", s.Units); err != nil {
		return err
	}
	d := &dense{name: fmt.Sprintf("dense.%d", b.dense), kind: function(s.Activation, "linear")}
	if d.act = b.config.find(d.kind); d.act == nil {
		return inner.unsupported("an activation function that is known", d.kind)
	}
	kernel, err := b.load.W.MatrixT(b.at+"kernel", s.Units, b.width)
	if err != nil {
		return err
	}
	d.W = kernel
	if s.UseBias == nil || *s.UseBias {
		d.B = b.load.Vector(b.at+"bias", s.Units)
	}
	b.load.Params += s.Units * b.width
	b.work = max(b.work, s.Units*b.width)
	b.dense++
	b.m.stages, b.width = append(b.m.stages, d), s.Units
	return nil
}

// activation is a layer of its own, or that of the Dense layer before it.
func (b *builder) activation(l *layer, kind string) error {
	act := b.config.find(kind)
	if act == nil {
		return l.unsupported("an activation function that is known", kind)
	}
	if n := len(b.m.stages); n > 0 {
		if d, ok := b.m.stages[n-1].(*dense); ok && d.kind == "linear" {
			d.kind, d.act = kind, act
			return nil
		}
	}
	b.m.stages = append(b.m.stages, &alone{b.width, act, fmt.Sprintf("activation.%d", b.others)})
	b.others++
	return nil
}

// norm reads LAYER/gamma, beta and, of BatchNormalization, moving_mean and moving_variance, each [width].
func (b *builder) norm(l *layer) error {
	s := &l.Config
	var axis int
	if a := strings.Trim(string(s.Axis), "[] "); a != "" && a != "null" && nn.ReadConfig([]byte(a), &axis) != nil {
		return l.unsupported("a norm of the last axis", string(s.Axis))
	}
	rank := 2
	if b.one {
		rank = 1
	}
	if axis != -1 && axis != rank || s.RMSScaling {
		return l.unsupported("a norm of the last axis", string(s.Axis))
	}
	vector := func(name string, use *bool, otherwise float32) []float32 {
		if use == nil || *use {
			return b.load.Vector(b.at+name, b.width)
		}
		v := make([]float32, b.width)
		for i := range v {
			v[i] = otherwise
		}
		return v
	}
	gamma, beta := vector("gamma", s.Scale, 1), vector("beta", s.Center, 0)
	at := fmt.Sprintf("norm.%d", b.norms)
	b.norms++
	if l.Class == "LayerNormalization" {
		b.m.stages = append(b.m.stages, &norm{nn.NewNorm(nn.Norm{W: gamma, B: beta, Eps: s.Epsilon}, at), at})
		return nil
	}
	mean, variance := vector("moving_mean", nil, 0), vector("moving_variance", nil, 0)
	if b.load.Err != nil {
		return b.load.Err
	}
	b.m.stages = append(b.m.stages, fold(gamma, beta, mean, variance, s.Epsilon, at+".normalized"))
	return nil
}

// finish decides how texts are run, and takes the last Dense layer as the head if there is a unit a token.
func (b *builder) finish() (*Model, error) {
	m := b.m
	if len(m.cells) == 0 {
		return nil, nn.Fault(fault.Unsupported, "layers", "at least one of SimpleRNN, LSTM, GRU and Bidirectional", "none")
	}
	if d, ok := m.stages[len(m.stages)-1].(*dense); ok && d.W.Rows == m.vocab && (d.kind == "softmax" || d.kind == "linear") {
		m.head = nn.Head{W: d.W, B: d.B}
		m.stages = m.stages[:len(m.stages)-1]
	}
	m.params, m.chunk = b.load.Params, nn.Chunk(2*b.work)
	b.padded()
	m.each = m.padding > 0
	for _, r := range m.cells {
		m.each = m.each || r.back != nil
		m.trail += r.cell.Out() + r.cell.Width()
	}
	return m, nil
}

// padded decides how long a text is filled up to be. A length of the input means that; but a network of one direction with a
// prediction after each token was trained on pieces of that length, and one that keeps its state from batch to batch goes on.
func (b *builder) padded() {
	if p := b.config.Padding; p != nil {
		b.m.padding = *p
		return
	}
	g := nn.Guess{Key: "padding", Why: "default"}
	if b.length > 1 {
		g.Why = "shapes"
		both := slices.ContainsFunc(b.m.cells, func(r *recurrent) bool { return r.back != nil })
		if !b.stateful && (b.one || both) {
			b.m.padding = b.length
		}
	}
	g.Value = fmt.Sprint(b.m.padding)
	b.m.guesses = append(b.m.guesses, g)
}
