package gemma

import (
	"encoding/json"
	"fmt"
	"math"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Config is what is read of config.json. A pointer is nil where the file says null.
type Config struct {
	Type       string          `json:"model_type"`
	Text       json.RawMessage `json:"text_config"` // of a Gemma 3 that also sees: all of this again
	Vocab      int             `json:"vocab_size"`
	Hidden     int             `json:"hidden_size"`
	Inner      int             `json:"intermediate_size"`
	Layers     int             `json:"num_hidden_layers"`
	Heads      int             `json:"num_attention_heads"`
	KVHeads    int             `json:"num_key_value_heads"`
	HeadDim    int             `json:"head_dim"`
	OldAct     string          `json:"hidden_act"`        // Gemma
	Act        string          `json:"hidden_activation"` // Gemma 2 and 3
	Eps        float64         `json:"rms_norm_eps"`
	Tied       bool            `json:"tie_word_embeddings"`
	AttnBias   bool            `json:"attention_bias"`
	PreScale   float64         `json:"query_pre_attn_scalar"` // Gemma 2 and 3: in place of HeadDim in the scale of the scores
	Window     int             `json:"sliding_window"`
	Pattern    int             `json:"sliding_window_pattern"` // Gemma 3: every such layer has no window
	NewPattern int             `json:"_sliding_window_pattern"`
	LayerTypes []string        `json:"layer_types"`
	AttnCap    *float64        `json:"attn_logit_softcapping"`  // Gemma 2
	FinalCap   *float64        `json:"final_logit_softcapping"` // Gemma 2 and 3
	LocalTheta float64         `json:"rope_local_base_freq"`    // Gemma 3: rope_theta of the layers with a window
	nn.Rope
	nn.NotDone
}

// kinds are the families by model_type: their names, and what transformers takes for what a config.json does not say.
var kinds = map[string]struct {
	name     string
	defaults Config
}{
	"gemma": {"Gemma", Config{Vocab: 256000, Hidden: 3072, Inner: 24576, Layers: 28, Heads: 16, KVHeads: 16, Pattern: 1,
		Rope: nn.Rope{Theta: 1e4, Positions: 8192}}},
	"gemma2": {"Gemma 2", Config{Vocab: 256000, Hidden: 2304, Inner: 9216, Layers: 26, Heads: 8, KVHeads: 4, Pattern: 2,
		Rope: nn.Rope{Theta: 1e4, Positions: 8192}}},
	"gemma3_text": {"Gemma 3", Config{Vocab: 262208, Hidden: 2304, Inner: 9216, Layers: 26, Heads: 8, KVHeads: 4, Pattern: 6,
		Rope: nn.Rope{Theta: 1e6, Positions: 131072}}},
}

// Types are the values of model_type that this package opens.
func Types() []string { return []string{"gemma", "gemma2", "gemma3", "gemma3_text"} }

func readConfig(config []byte) (*Config, error) {
	var outer struct {
		Type string          `json:"model_type"`
		Text json.RawMessage `json:"text_config"`
	}
	if err := nn.ReadConfig(config, &outer); err != nil {
		return nil, err
	}
	if outer.Type == "gemma3" {
		outer.Type = "gemma3_text"
	}
	c := kinds[outer.Type].defaults
	c.HeadDim, c.OldAct, c.Act, c.Eps, c.Tied, c.PreScale, c.Window, c.LocalTheta = 256, "gelu_pytorch_tanh", "gelu_pytorch_tanh", 1e-6, true, 256, 4096, 1e4
	if outer.Type == "gemma2" {
		attn, final := 50.0, 30.0
		c.AttnCap, c.FinalCap = &attn, &final
	}
	for _, b := range [][]byte{config, outer.Text} {
		if b == nil {
			continue
		}
		if err := nn.ReadConfig(b, &c); err != nil {
			return nil, err
		}
	}
	c.Type = outer.Type
	return &c, c.check()
}

// check fills in what follows from the rest, and refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	if c.Type == "gemma" {
		c.Act, c.PreScale = c.OldAct, float64(c.HeadDim)
	}
	if c.NewPattern != 0 {
		c.Pattern = c.NewPattern
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"vocab_size", c.Vocab}, {"hidden_size", c.Hidden}, {"intermediate_size", c.Inner}, {"num_hidden_layers", c.Layers}, {"num_attention_heads", c.Heads},
		{"num_key_value_heads", c.KVHeads}, {"head_dim", c.HeadDim}, {"max_position_embeddings", c.Positions}, {"sliding_window", c.Window},
		{"sliding_window_pattern", c.Pattern}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	switch {
	case c.Heads%c.KVHeads != 0:
		return nn.Fault(fault.BadConfig, "num_key_value_heads", fmt.Sprintf("a divisor of num_attention_heads %d", c.Heads), fmt.Sprint(c.KVHeads))
	case c.HeadDim > nn.MaxHeadDim:
		return nn.Fault(fault.BadConfig, "head_dim", fmt.Sprintf("at most %d", nn.MaxHeadDim), fmt.Sprint(c.HeadDim))
	case c.LayerTypes != nil && len(c.LayerTypes) != c.Layers:
		return nn.Fault(fault.BadConfig, "layer_types", fmt.Sprintf("num_hidden_layers %d", c.Layers), fmt.Sprint(len(c.LayerTypes)))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "rms_norm_eps", "0 to 1", fmt.Sprint(c.Eps))
	case !(c.PreScale > 0 && c.PreScale < 1e9):
		return nn.Fault(fault.BadConfig, "query_pre_attn_scalar", "a number above 0", fmt.Sprint(c.PreScale))
	case nn.Activations[c.Act] == nil:
		return nn.Fault(fault.Unsupported, "hidden_activation", "gelu_pytorch_tanh, gelu, silu or relu", fault.Quote(c.Act))
	}
	for key, v := range map[string]*float64{"attn_logit_softcapping": c.AttnCap, "final_logit_softcapping": c.FinalCap} {
		if v != nil && !(*v > 1e-6 && *v < 1e9) {
			return nn.Fault(fault.BadConfig, key, "a number above 0, or null", fmt.Sprint(*v))
		}
	}
	return c.NotDone.Check()
}

// sliding reports whether layer l has a window.
func (c *Config) sliding(l int) (bool, error) {
	switch {
	case c.Type == "gemma":
		return false, nil
	case c.LayerTypes == nil:
		return (l+1)%c.Pattern != 0, nil
	case c.LayerTypes[l] == "sliding_attention":
		return true, nil
	case c.LayerTypes[l] == "full_attention":
		return false, nil
	}
	return false, nn.Fault(fault.Unsupported, fmt.Sprintf("layer_types[%d]", l), "full_attention or sliding_attention", fault.Quote(c.LayerTypes[l]))
}

// rotaries are the rotary positions of the layers without a window and with one. Gemma 3's differ: those with a window have a
// base of their own and no scaling.
func (c *Config) rotaries() (full, sliding *nn.Rotary, err error) {
	if full, err = c.Rotary(c.HeadDim, false); err != nil {
		return nil, nil, err
	}
	if c.Type != "gemma3_text" {
		return full, full, nil
	}
	local := c.Rope
	if local.Parameters == nil {
		local.Theta, local.Scaling = c.LocalTheta, nil
	}
	sliding, err = local.Rotary(c.HeadDim, true)
	return full, sliding, err
}

// scale is of the scores.
func (c *Config) scale() float32 { return float32(math.Pow(c.PreScale, -0.5)) }
