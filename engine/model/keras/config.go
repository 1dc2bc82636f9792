package keras

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Config is what is read of config.json: Keras's own config of the model, and what may be said beside it.
type Config struct {
	Type    string `json:"model_type"` // keras
	Version string `json:"keras_version,omitempty"`
	// Class is not empty where the file is Keras's own: the model stands in it, not in Model.
	Class string          `json:"class_name,omitempty"`
	Model json.RawMessage `json:"config"`
	// Padding n > 0: each text is filled up with id 0 at its left (or with nothing, where ids are masked or one-hot) to n tokens,
	// of which the last n count, as pad_sequences(text, maxlen=n) does. 0: it is taken as it is. nil: as the input's shape tells.
	Padding *int `json:"padding,omitempty"`
	// Corrections of what was guessed go before what the layers say: of every recurrent layer, of every Dense layer but the
	// last, of the last recurrent layer, and of the Embedding.
	Activation string `json:"activation,omitempty"`
	Gate       string `json:"recurrent_activation,omitempty"`
	Dense      string `json:"dense_activation,omitempty"`
	Sequences  *bool  `json:"return_sequences,omitempty"`
	Mask       *bool  `json:"mask_zero,omitempty"`
}

// layer is one layer of Keras's config.
type layer struct {
	Class   string          `json:"class_name"`
	Config  settings        `json:"config"`
	Name    string          `json:"name"` // of a functional model's layer
	Inbound json.RawMessage `json:"inbound_nodes"`
}

// settings are those of all kinds of layers that are read.
type settings struct {
	Name        string          `json:"name"`
	Batch       []*int          `json:"batch_shape"`       // Keras 3
	BatchInput  []*int          `json:"batch_input_shape"` // Keras 1 and 2
	InputDim    int             `json:"input_dim"`
	OutputDim   int             `json:"output_dim"`
	InputLength json.RawMessage `json:"input_length"` // a number, or null
	MaskZero    bool            `json:"mask_zero"`
	MaskValue   float64         `json:"mask_value"`
	Sequence    json.RawMessage `json:"output_sequence_length"`
	Units       int             `json:"units"`
	Activation  json.RawMessage `json:"activation"` // a name, or an object with one
	Gate        json.RawMessage `json:"recurrent_activation"`
	UseBias     *bool           `json:"use_bias"`
	ResetAfter  bool            `json:"reset_after"`
	Sequences   bool            `json:"return_sequences"`
	GoBackwards bool            `json:"go_backwards"`
	Stateful    bool            `json:"stateful"`
	TimeMajor   bool            `json:"time_major"`
	Layer       *layer          `json:"layer"`
	Backward    *layer          `json:"backward_layer"`
	Merge       *string         `json:"merge_mode"`
	Axis        json.RawMessage `json:"axis"`
	Epsilon     float32         `json:"epsilon"`
	Center      *bool           `json:"center"`
	Scale       *bool           `json:"scale"`
	RMSScaling  bool            `json:"rms_scaling"`
}

func (l *layer) name() string {
	if l.Config.Name != "" {
		return l.Config.Name
	}
	return l.Name
}

// where names a layer in errors.
func (l *layer) where() string { return "layer " + fault.Quote(l.name()) }

func (l *layer) bad(expected, found string) error {
	return nn.Fault(fault.BadConfig, l.where(), expected, found)
}

func (l *layer) unsupported(expected, found string) error {
	return nn.Fault(fault.Unsupported, l.where(), expected, found)
}

// readConfig decodes config.json, and gives the layers of the model in their order.
func readConfig(config []byte) (*Config, []layer, error) {
	c := &Config{}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, nil, err
	}
	if c.Padding != nil && (*c.Padding < 0 || *c.Padding > maxPadding) {
		return nil, nil, nn.Fault(fault.BadConfig, "padding", fmt.Sprintf("0 to %d", maxPadding), fmt.Sprint(*c.Padding))
	}
	var m struct {
		Class  string          `json:"class_name"`
		Config json.RawMessage `json:"config"`
	}
	model := []byte(c.Model)
	if c.Class != "" {
		model = config
	}
	if len(model) == 0 || nn.ReadConfig(model, &m) != nil || len(m.Config) == 0 {
		return nil, nil, nn.Fault(fault.BadConfig, "config", "Keras's own config of a model", "none")
	}
	var whole struct {
		Layers []layer
	}
	into := any(&whole)
	if m.Config[0] == '[' { // Sequential before Keras 2.2.3
		into = &whole.Layers
	}
	if err := nn.ReadConfig(m.Config, into); err != nil {
		return nil, nil, err
	}
	layers := whole.Layers
	switch m.Class {
	case "Sequential":
	case "Functional", "Model":
		var err error
		if layers, err = chain(layers); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, nn.Fault(fault.Unsupported, "class_name", "a Sequential or functional model", m.Class)
	}
	if c.Version == "" && slices.ContainsFunc(layers, func(l layer) bool { return l.Config.Batch != nil }) {
		c.Version = "3" // what was batch_input_shape before
	}
	c.correct(layers)
	return c, layers, nil
}

// correct puts the corrections into the layers.
func (c *Config) correct(layers []layer) {
	lastCell, lastDense := -1, -1
	for i := range layers {
		l := &layers[i]
		switch l.Class {
		case "Embedding":
			if c.Mask != nil {
				l.Config.MaskZero = *c.Mask
			}
		case "Dense":
			lastDense = i
		case "SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "Bidirectional":
			lastCell = i
			for _, cell := range []*layer{l, l.Config.Layer, l.Config.Backward} {
				if cell == nil {
					continue
				}
				cell.Config.Activation = instead(cell.Config.Activation, c.Activation)
				cell.Config.Gate = instead(cell.Config.Gate, c.Gate)
			}
		}
	}
	for i := range layers[:max(lastDense, 0)] {
		if layers[i].Class == "Dense" {
			layers[i].Config.Activation = instead(layers[i].Config.Activation, c.Dense)
		}
	}
	if lastCell >= 0 && c.Sequences != nil {
		for _, cell := range []*layer{&layers[lastCell], layers[lastCell].Config.Layer, layers[lastCell].Config.Backward} {
			if cell != nil {
				cell.Config.Sequences = *c.Sequences
			}
		}
	}
}

// instead is a function's name in the place of another, if it is not empty.
func instead(raw json.RawMessage, name string) json.RawMessage {
	if name == "" {
		return raw
	}
	return json.RawMessage(strconv.Quote(name))
}

// chain puts the layers of a functional model in order, of which each must follow the one before it.
func chain(layers []layer) ([]layer, error) {
	layers = slices.DeleteFunc(layers, func(l layer) bool { return l.Class == "NotEqual" || l.Class == "Any" }) // they make masks, in Keras 3
	names := map[string]bool{}
	for _, l := range layers {
		names[l.name()] = true
	}
	next := map[string]int{} // by the name of the layer before; "" is of the input
	for i := range layers {
		l := &layers[i]
		before := map[string]bool{}
		var inbound any
		if len(l.Inbound) > 0 {
			if err := nn.ReadConfig(l.Inbound, &inbound); err != nil {
				return nil, err
			}
		}
		mentions(inbound, names, before)
		if len(before) > 1 {
			return nil, l.unsupported("a layer that has one input: layers one after another", fmt.Sprint(len(before)))
		}
		from := ""
		for name := range before {
			from = name
		}
		if _, fork := next[from]; fork {
			return nil, l.unsupported("layers one after another", "a model that branches, or has two inputs")
		}
		next[from] = i
	}
	var out []layer
	at := ""
	for range layers {
		i, ok := next[at]
		if !ok {
			return nil, nn.Fault(fault.BadConfig, "inbound_nodes", "layers one after another", "a circle")
		}
		out, at = append(out, layers[i]), layers[i].name()
	}
	return out, nil
}

// mentions collects the names that stand anywhere in v. The nesting was limited when it was decoded.
func mentions(v any, names, found map[string]bool) {
	switch v := v.(type) {
	case string:
		if names[v] {
			found[v] = true
		}
	case []any:
		for _, x := range v {
			mentions(x, names, found)
		}
	case map[string]any:
		for _, x := range v {
			mentions(x, names, found)
		}
	}
}

// inputLength is the number of tokens that a layer says it takes, and for one-hot input how many tokens there are; 0: not said.
func (l *layer) inputLength() (length, vocab int) {
	shape := l.Config.Batch
	if shape == nil {
		shape = l.Config.BatchInput
	}
	dim := func(i int) int {
		if i >= len(shape) || shape[i] == nil {
			return 0
		}
		return *shape[i]
	}
	var n int
	if nn.ReadConfig(l.Config.InputLength, &n) == nil && n > 0 {
		return n, 0
	}
	return dim(1), dim(2)
}

// function is the name of an activation function: Keras writes the name, or an object around it.
func function(raw json.RawMessage, otherwise string) string {
	var name string
	if nn.ReadConfig(raw, &name) == nil && name != "" {
		return strings.ToLower(name)
	}
	var o struct {
		Class  string          `json:"class_name"`
		Config json.RawMessage `json:"config"`
	}
	if nn.ReadConfig(raw, &o) == nil && o.Class != "" {
		if nn.ReadConfig(o.Config, &name) == nil && name != "" {
			return strings.ToLower(name)
		}
		return strings.ToLower(o.Class)
	}
	return otherwise
}

// modern reports whether the model is of Keras 3.
func (c *Config) modern() bool {
	major, _, _ := strings.Cut(c.Version, ".")
	return len(major) == 1 && major >= "3" || len(major) > 1
}
