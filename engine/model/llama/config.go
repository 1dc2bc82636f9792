package llama

import (
	"fmt"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Config is what is read of config.json. A pointer is nil where the file says null.
type Config struct {
	Type       string   `json:"model_type"`
	Vocab      int      `json:"vocab_size"`
	Hidden     int      `json:"hidden_size"`
	Inner      int      `json:"intermediate_size"`
	Layers     int      `json:"num_hidden_layers"`
	Heads      int      `json:"num_attention_heads"`
	KVHeads    *int     `json:"num_key_value_heads"` // nil: as Heads
	HeadDim    *int     `json:"head_dim"`            // nil: Hidden / Heads
	Act        string   `json:"hidden_act"`
	Eps        float64  `json:"rms_norm_eps"`
	Tied       bool     `json:"tie_word_embeddings"`
	AttnBias   bool     `json:"attention_bias"`
	MLPBias    bool     `json:"mlp_bias"`
	Window     *int     `json:"sliding_window"`
	UseWindow  bool     `json:"use_sliding_window"` // Qwen
	FromWindow int      `json:"max_window_layers"`  // Qwen: the first layer that has it
	LayerTypes []string `json:"layer_types"`        // Qwen
	Archs      []string `json:"architectures"`
	nn.Rope
	nn.NotDone
}

// kinds are the families by model_type: their names, and what transformers takes for what a config.json does not say.
var kinds = map[string]struct {
	name     string
	defaults Config
}{
	"llama": {"Llama", Config{Vocab: 32000, Hidden: 4096, Inner: 11008, Layers: 32, Heads: 32, Rope: nn.Rope{Positions: 2048}}},
	"mistral": {"Mistral", Config{Vocab: 32000, Hidden: 4096, Inner: 14336, Layers: 32, Heads: 32, KVHeads: to(8), Window: to(4096),
		Rope: nn.Rope{Positions: 131072}}},
	"qwen2": {"Qwen2", Config{Vocab: 151936, Hidden: 4096, Inner: 22016, Layers: 32, Heads: 32, KVHeads: to(32), Window: to(4096), FromWindow: 28,
		Rope: nn.Rope{Positions: 32768}}},
	"qwen3": {"Qwen3", Config{Vocab: 151936, Hidden: 4096, Inner: 22016, Layers: 32, Heads: 32, KVHeads: to(32), HeadDim: to(128), Window: to(4096),
		FromWindow: 28, Rope: nn.Rope{Positions: 32768}}},
	"phi3": {"Phi-3", Config{Vocab: 32064, Hidden: 3072, Inner: 8192, Layers: 32, Heads: 32, Eps: 1e-5, Rope: nn.Rope{Positions: 4096}}},
}

func to(n int) *int { return &n }

// Types are the values of model_type that this package opens.
func Types() (types []string) {
	for t := range kinds {
		types = append(types, t)
	}
	return types
}

func readConfig(config []byte) (*Config, error) {
	var kind struct {
		Type string `json:"model_type"`
	}
	if err := nn.ReadConfig(config, &kind); err != nil {
		return nil, err
	}
	c := kinds[kind.Type].defaults
	c.KVHeads, c.HeadDim, c.Window = clone(c.KVHeads), clone(c.HeadDim), clone(c.Window) // decoding writes into them
	c.Act, c.Theta = "silu", 10000
	if c.Eps == 0 {
		c.Eps = 1e-6
	}
	if err := nn.ReadConfig(config, &c); err != nil {
		return nil, err
	}
	return &c, c.check()
}

func clone(p *int) *int {
	if p == nil {
		return nil
	}
	return to(*p)
}

// check fills in what follows from the rest, and refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	if c.KVHeads == nil {
		c.KVHeads = &c.Heads
	}
	if c.HeadDim == nil {
		c.HeadDim = to(c.Hidden / max(c.Heads, 1))
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"vocab_size", c.Vocab}, {"hidden_size", c.Hidden}, {"intermediate_size", c.Inner}, {"num_hidden_layers", c.Layers}, {"num_attention_heads", c.Heads},
		{"num_key_value_heads", *c.KVHeads}, {"head_dim", *c.HeadDim}, {"max_position_embeddings", c.Positions}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	switch {
	case c.Heads%*c.KVHeads != 0:
		return nn.Fault(fault.BadConfig, "num_key_value_heads", fmt.Sprintf("a divisor of num_attention_heads %d", c.Heads), fmt.Sprint(*c.KVHeads))
	case *c.HeadDim > nn.MaxHeadDim:
		return nn.Fault(fault.BadConfig, "head_dim", fmt.Sprintf("at most %d", nn.MaxHeadDim), fmt.Sprint(*c.HeadDim))
	case c.Type == "phi3" && *c.HeadDim%4 != 0: // fused projections are cut between fours of rows
		return nn.Fault(fault.BadConfig, "head_dim", "a multiple of 4", fmt.Sprint(*c.HeadDim))
	case c.Type == "phi3" && c.Inner%4 != 0:
		return nn.Fault(fault.BadConfig, "intermediate_size", "a multiple of 4", fmt.Sprint(c.Inner))
	case c.Window != nil && *c.Window < 1:
		return nn.Fault(fault.BadConfig, "sliding_window", "a whole number above 0, or null", fmt.Sprint(*c.Window))
	case c.LayerTypes != nil && len(c.LayerTypes) != c.Layers:
		return nn.Fault(fault.BadConfig, "layer_types", fmt.Sprintf("num_hidden_layers %d", c.Layers), fmt.Sprint(len(c.LayerTypes)))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "rms_norm_eps", "0 to 1", fmt.Sprint(c.Eps))
	case nn.Activations[c.Act] == nil:
		return nn.Fault(fault.Unsupported, "hidden_act", "silu, gelu or relu", fault.Quote(c.Act))
	}
	for _, a := range c.Archs {
		if !strings.HasSuffix(a, "ForCausalLM") && !strings.HasSuffix(a, "Model") {
			return nn.Fault(fault.Unsupported, "architectures", "..ForCausalLM", fault.Quote(a))
		}
	}
	return c.NotDone.Check()
}

// window is how many positions layer l sees, or 0 for all.
func (c *Config) window(l int) (int, error) {
	if c.Window == nil {
		return 0, nil
	}
	switch c.Type {
	case "mistral", "phi3":
		return *c.Window, nil
	case "qwen2", "qwen3":
		if c.LayerTypes == nil && c.UseWindow && l >= c.FromWindow {
			return *c.Window, nil
		}
		if c.LayerTypes == nil {
			return 0, nil
		}
		switch c.LayerTypes[l] {
		case "full_attention":
			return 0, nil
		case "sliding_attention":
			if c.UseWindow {
				return *c.Window, nil
			}
			return 0, nn.Fault(fault.BadConfig, fmt.Sprintf("layer_types[%d]", l), "full_attention, for use_sliding_window is false", "sliding_attention")
		}
		return 0, nn.Fault(fault.Unsupported, fmt.Sprintf("layer_types[%d]", l), "full_attention or sliding_attention", fault.Quote(c.LayerTypes[l]))
	}
	return 0, nil
}
