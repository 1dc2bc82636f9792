// Package t5 is T5 (Raffel et al. 2020), T5 v1.1 and mT5 (Xue et al. 2021): two halves with RMS norms before each layer, no biases, scores that are
// not scaled, and no positions but a bias of each head by the distance of query and key. The maths and the tensors' names are those of
// transformers (models/t5/modeling_t5.py).
package t5

import (
	"fmt"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Config is what is read of config.json. The defaults are transformers'.
type Config struct {
	nn.NotDone
	nn.Generation
	Type      string  `json:"model_type"`
	Vocab     int     `json:"vocab_size"`
	Width     int     `json:"d_model"`
	Head      int     `json:"d_kv"`
	Inner     int     `json:"d_ff"`
	Layers    int     `json:"num_layers"`
	DecLayers int     `json:"num_decoder_layers"`
	Heads     int     `json:"num_heads"`
	Buckets   int     `json:"relative_attention_num_buckets"`
	Distance  int     `json:"relative_attention_max_distance"`
	Eps       float64 `json:"layer_norm_epsilon"`
	Proj      string  `json:"feed_forward_proj"`
	Tied      bool    `json:"tie_word_embeddings"`

	Pad int `json:"pad_token_id"`

	gated bool
	act   string
}

// Types are the values of model_type that Open knows.
func Types() []string { return []string{"t5", "mt5"} }

func readConfig(config []byte) (*Config, error) {
	c := &Config{Vocab: 32128, Width: 512, Head: 64, Inner: 2048, Layers: 6, Heads: 8, Buckets: 32, Distance: 128, Eps: 1e-6, Proj: "relu", Tied: true}
	var of struct {
		Type string `json:"model_type"`
	}
	if err := nn.ReadConfig(config, &of); err != nil {
		return nil, err
	}
	if of.Type == "mt5" {
		c.Vocab, c.Inner, c.Layers, c.Heads, c.Proj, c.Tied = 250112, 1024, 8, 6, "gated-gelu", false
	}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if c.DecLayers == 0 {
		c.DecLayers = c.Layers
	}
	return c, c.check()
}

// check refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	for _, k := range []struct {
		key string
		n   int
	}{{"vocab_size", c.Vocab}, {"d_model", c.Width}, {"d_kv", c.Head}, {"d_ff", c.Inner}, {"num_layers", c.Layers}, {"num_decoder_layers", c.DecLayers},
		{"num_heads", c.Heads}, {"relative_attention_num_buckets", c.Buckets}, {"relative_attention_max_distance", c.Distance}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	if c.act, c.gated = strings.CutPrefix(c.Proj, "gated-"); c.Proj == "gated-gelu" {
		c.act = "gelu_new" // as transformers reads it
	}
	switch {
	case c.Head > nn.MaxHeadDim || c.Heads > nn.MaxHeadDim:
		return nn.Fault(fault.BadConfig, "d_kv, num_heads", fmt.Sprintf("at most %d", nn.MaxHeadDim), fmt.Sprintf("%d, %d", c.Head, c.Heads))
	case c.Buckets < 4:
		return nn.Fault(fault.BadConfig, "relative_attention_num_buckets", "at least 4", fmt.Sprint(c.Buckets))
	case c.Distance <= c.Buckets/2:
		return nn.Fault(fault.BadConfig, "relative_attention_max_distance", "more than half of relative_attention_num_buckets", fmt.Sprintf("%d of %d", c.Distance, c.Buckets))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "layer_norm_epsilon", "0 to 1", fmt.Sprint(c.Eps))
	case nn.Activations[c.act] == nil:
		return nn.Fault(fault.Unsupported, "feed_forward_proj", "relu, gated-gelu, or another function, gated or not", fault.Quote(c.Proj))
	}
	s := c.seq()
	if err := s.Check(c.Vocab); err != nil {
		return err
	}
	return c.NotDone.Check()
}

// seq is what the config says of tokens and of the search.
func (c *Config) seq() nn.Seq { return c.Generation.Seq(c.Pad, 1) }
