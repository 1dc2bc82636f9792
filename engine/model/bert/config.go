package bert

import (
	"fmt"
	"slices"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Config is what is read of config.json. The defaults are transformers'.
type Config struct {
	nn.NotDone
	Type      string   `json:"model_type"`
	Layers    int      `json:"num_hidden_layers"`
	Heads     int      `json:"num_attention_heads"`
	Hidden    int      `json:"hidden_size"`
	Inner     int      `json:"intermediate_size"`
	Positions int      `json:"max_position_embeddings"`
	Types     int      `json:"type_vocab_size"`
	Vocab     int      `json:"vocab_size"`
	Act       string   `json:"hidden_act"`
	Eps       float64  `json:"layer_norm_eps"`
	Pad       int      `json:"pad_token_id"`
	Position  string   `json:"position_embedding_type"`
	Decoder   bool     `json:"is_decoder"`
	Cross     bool     `json:"add_cross_attention"`
	Tied      bool     `json:"tie_word_embeddings"`
	Archs     []string `json:"architectures"`

	keys keys
	kind *kind
}

// keys are the names of what families call differently in a config.
type keys struct{ layers, heads, hidden, inner, act string }

func keysOf(k *kind) keys {
	if k == &distilbert {
		return keys{"n_layers", "n_heads", "dim", "hidden_dim", "activation"}
	}
	return keys{"num_hidden_layers", "num_attention_heads", "hidden_size", "intermediate_size", "hidden_act"}
}

// distil is what DistilBERT calls otherwise.
type distil struct {
	Layers int    `json:"n_layers"`
	Heads  int    `json:"n_heads"`
	Hidden int    `json:"dim"`
	Inner  int    `json:"hidden_dim"`
	Act    string `json:"activation"`
}

func readConfig(config []byte) (*Config, error) {
	c := &Config{Layers: 12, Heads: 12, Hidden: 768, Inner: 3072, Positions: 512, Types: 2, Act: "gelu", Eps: 1e-12, Tied: true, Pad: -1}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if c.kind = kindOf(c.Type); c.kind == nil {
		return nil, nn.Fault(fault.UnknownFamily, "model_type", strings.Join(Types(), ", "), fault.Quote(c.Type))
	}
	c.keys = keysOf(c.kind)
	if c.Vocab == 0 {
		c.Vocab = c.kind.vocab
	}
	if c.Pad == -1 {
		c.Pad = c.kind.pad
	}
	if c.kind == &distilbert {
		d := distil{6, 12, 768, 3072, "gelu"}
		if err := nn.ReadConfig(config, &d); err != nil {
			return nil, err
		}
		c.Layers, c.Heads, c.Hidden, c.Inner, c.Act, c.Types, c.Eps = d.Layers, d.Heads, d.Hidden, d.Inner, d.Act, 0, 1e-12
	}
	return c, c.check()
}

// firstPos is the row of the position embeddings that the first token has: RoBERTa's come after the padding's.
func (c *Config) firstPos() int {
	if c.kind == &roberta {
		return c.Pad + 1
	}
	return 0
}

// check refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	for _, k := range []struct {
		key string
		n   int
	}{{c.keys.layers, c.Layers}, {c.keys.heads, c.Heads}, {c.keys.hidden, c.Hidden}, {c.keys.inner, c.Inner},
		{"vocab_size", c.Vocab}, {"max_position_embeddings", c.Positions}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	switch {
	case c.Hidden%c.Heads != 0:
		return nn.Fault(fault.BadConfig, c.keys.heads, fmt.Sprintf("a divisor of %s %d", c.keys.hidden, c.Hidden), fmt.Sprint(c.Heads))
	case c.kind != &distilbert && (c.Types < 1 || c.Types > 1<<31-1):
		return nn.Fault(fault.BadConfig, "type_vocab_size", "a whole number above 0", fmt.Sprint(c.Types))
	case c.kind == &roberta && (c.Pad < 0 || c.Pad+1 >= c.Positions):
		return nn.Fault(fault.BadConfig, "pad_token_id", fmt.Sprintf("0 or more, and room after it in max_position_embeddings %d", c.Positions), fmt.Sprint(c.Pad))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "layer_norm_eps", "0 to 1", fmt.Sprint(c.Eps))
	case nn.Activations[c.Act] == nil:
		return nn.Fault(fault.Unsupported, c.keys.act, "gelu, gelu_new, gelu_fast, relu or silu", fault.Quote(c.Act))
	case c.Position != "" && c.Position != "absolute":
		return nn.Fault(fault.Unsupported, "position_embedding_type", "absolute", fault.Quote(c.Position))
	case c.Decoder:
		return nn.Fault(fault.Unsupported, "is_decoder", "false", "true")
	case c.Cross:
		return nn.Fault(fault.Unsupported, "add_cross_attention", "false", "true")
	}
	for _, a := range c.Archs {
		if !slices.ContainsFunc(c.kind.archs, func(begin string) bool { return strings.HasPrefix(a, begin) }) {
			return nn.Fault(fault.Unsupported, "architectures", "one that begins with "+strings.Join(c.kind.archs, " or "), fault.Quote(a))
		}
	}
	return c.NotDone.Check()
}
