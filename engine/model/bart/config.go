// Package bart is BART (Lewis et al. 2020) and what shares its layers: MarianMT (Junczys-Dowmunt et al. 2018). The maths and the tensors' names
// are those of transformers (models/bart/modeling_bart.py, models/marian/modeling_marian.py).
package bart

import (
	"fmt"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Config is what is read of config.json. The defaults are transformers'.
type Config struct {
	nn.NotDone
	nn.Generation
	Type      string `json:"model_type"`
	Vocab     int    `json:"vocab_size"`
	TgtVocab  int    `json:"decoder_vocab_size"`
	Width     int    `json:"d_model"`
	EncLayers int    `json:"encoder_layers"`
	DecLayers int    `json:"decoder_layers"`
	EncHeads  int    `json:"encoder_attention_heads"`
	DecHeads  int    `json:"decoder_attention_heads"`
	EncInner  int    `json:"encoder_ffn_dim"`
	DecInner  int    `json:"decoder_ffn_dim"`
	Act       string `json:"activation_function"`
	Scaled    bool   `json:"scale_embedding"`
	Positions int    `json:"max_position_embeddings"`
	Before    bool   `json:"normalize_before"`
	FinalNorm bool   `json:"add_final_layer_norm"`
	NormEmbed *bool  `json:"normalize_embedding"`
	Tied      *bool  `json:"tie_word_embeddings"`
	Shared    *bool  `json:"share_encoder_decoder_embeddings"`

	Pad *int `json:"pad_token_id"`
}

// Types are the values of model_type that Open knows.
func Types() []string { return []string{"bart", "marian"} }

func readConfig(config []byte) (*Config, error) {
	c := &Config{Width: 1024, EncLayers: 12, DecLayers: 12, EncHeads: 16, DecHeads: 16, EncInner: 4096, DecInner: 4096, Act: "gelu", Positions: 1024}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"vocab_size", c.Vocab}, {"d_model", c.Width}, {"encoder_layers", c.EncLayers}, {"decoder_layers", c.DecLayers}, {"encoder_attention_heads", c.EncHeads},
		{"decoder_attention_heads", c.DecHeads}, {"encoder_ffn_dim", c.EncInner}, {"decoder_ffn_dim", c.DecInner}, {"max_position_embeddings", c.Positions}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return nil, err
		}
	}
	if c.TgtVocab == 0 {
		c.TgtVocab = c.Vocab
	}
	switch {
	case c.Before:
		return nil, nn.Fault(fault.Unsupported, "normalize_before", "false", "true")
	case c.FinalNorm:
		return nil, nn.Fault(fault.Unsupported, "add_final_layer_norm", "false", "true")
	case nn.Activations[c.Act] == nil:
		return nil, nn.Fault(fault.Unsupported, "activation_function", "gelu, gelu_new, gelu_fast, relu, silu or swish", fault.Quote(c.Act))
	case c.marian() && c.Positions > mostPositions:
		return nil, nn.Fault(fault.BadConfig, "max_position_embeddings", fmt.Sprintf("at most %d", mostPositions), fmt.Sprint(c.Positions))
	case c.Width%c.EncHeads != 0 || c.Width%c.DecHeads != 0:
		return nil, nn.Fault(fault.BadConfig, "d_model", fmt.Sprintf("a multiple of the heads, %d and %d", c.EncHeads, c.DecHeads), fmt.Sprint(c.Width))
	}
	return c, c.NotDone.Check()
}

// mostPositions is more than any model has: of positions that are computed, no file's size is a bound.
const mostPositions = 1 << 16

func (c *Config) marian() bool { return c.Type == "marian" }

// seq is what the config says of tokens and of the search.
func (c *Config) seq() nn.Seq {
	eos, pad, start := 2, 1, 2 // BART's
	if c.marian() {
		eos, pad, start = 0, 58100, 58100
	}
	s := c.Generation.Seq(start, eos)
	if c.Type == "bart" && c.ForcedEOS == nil {
		s.Last = s.Ends[0]
	}
	if c.marian() {
		s.Never = append([]int{nn.Or(c.Pad, pad)}, s.Never...)
	}
	if s.Most == 0 || s.Most > c.Positions {
		s.Most = c.Positions
	}
	return s
}
