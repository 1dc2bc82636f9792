// Package onmt is OpenNMT-py's models (Klein et al. 2017): an encoder and a decoder of LSTM or GRU layers with attention (Luong et al. 2015),
// or a Transformer, under OpenNMT-py's names of options and tensors.
package onmt

import (
	"fmt"

	"loupe/engine/fault"
	"loupe/engine/nn"
)

// Type is the model_type of config.json.
const Type = "onmt"

// Config is OpenNMT-py's options as config.json has them, and the two vocabularies' sizes and marks.
type Config struct {
	Type    string `json:"model_type"`
	Encoder string `json:"encoder_type"` // "rnn", "brnn", "transformer"
	Decoder string `json:"decoder_type"` // "rnn", "transformer"
	Cell    string `json:"rnn_type"`     // "LSTM", "GRU"

	EncLayers int    `json:"enc_layers"`
	DecLayers int    `json:"dec_layers"`
	SrcEmbed  int    `json:"src_word_vec_size"`
	TgtEmbed  int    `json:"tgt_word_vec_size"`
	Size      int    `json:"rnn_size"`
	EncSize   int    `json:"enc_rnn_size"`
	DecSize   int    `json:"dec_rnn_size"`
	Attention string `json:"global_attention"`          // "general", "dot", "mlp", "none"
	Function  string `json:"global_attention_function"` // "softmax", "sparsemax"
	InputFeed any    `json:"input_feed"`
	Bridge    bool   `json:"bridge"`
	Copy      bool   `json:"copy_attn"`
	ReuseCopy bool   `json:"reuse_copy_attn"`
	CopyType  string `json:"copy_attn_type"` // as global_attention; "": the same
	Coverage  bool   `json:"coverage_attn"`
	Gate      string `json:"context_gate"`       // "source", "target", "both"; "": none
	Generator string `json:"generator_function"` // "softmax" (before v0.8 "log_softmax"), "sparsemax"

	SrcVocab int  `json:"src_vocab_size"`
	TgtVocab int  `json:"tgt_vocab_size"`
	Start    *int `json:"tgt_start"` // ids of <s>, </s>: 2 and 3 where nothing is said
	End      *int `json:"tgt_end"`
}

// readConfig reads and checks a config.
func readConfig(config []byte) (*Config, error) {
	c := &Config{Encoder: "rnn", Decoder: "rnn", Cell: "LSTM", Attention: "general", Function: "softmax", InputFeed: 1.0, Generator: "softmax"}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if c.EncSize <= 0 {
		c.EncSize = c.Size
	}
	if c.DecSize <= 0 {
		c.DecSize = c.Size
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"enc_layers", c.EncLayers}, {"dec_layers", c.DecLayers}, {"src_word_vec_size", c.SrcEmbed}, {"tgt_word_vec_size", c.TgtEmbed},
		{"rnn_size", c.EncSize}, {"rnn_size", c.DecSize}, {"src_vocab_size", c.SrcVocab}, {"tgt_vocab_size", c.TgtVocab}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return nil, err
		}
	}
	if err := oneOf("generator_function", c.Generator, []string{"softmax", "log_softmax"}); err != nil {
		return nil, err
	}
	if c.EncSize != c.DecSize {
		return nil, nn.Fault(fault.Unsupported, "enc_rnn_size", fmt.Sprintf("dec_rnn_size, %d", c.DecSize), fmt.Sprint(c.EncSize))
	}
	if c.Encoder == "transformer" {
		return c, nil
	}
	return c, c.checkRNN()
}

func (c *Config) checkRNN() error {
	for _, k := range []struct {
		key, is string
		can     []string
	}{{"encoder_type", c.Encoder, []string{"rnn", "brnn", "transformer"}}, {"decoder_type", c.Decoder, []string{"rnn"}}, {"rnn_type", c.Cell, []string{"LSTM", "GRU"}},
		{"global_attention", c.Attention, []string{"general", "dot", "mlp"}}, {"global_attention_function", c.Function, []string{"softmax", "sparsemax"}},
		{"copy_attn_type", c.CopyType, []string{"", "general", "dot", "mlp"}}, {"context_gate", c.Gate, []string{"", "source", "target", "both"}}} {
		if err := oneOf(k.key, k.is, k.can); err != nil {
			return err
		}
	}
	switch {
	case c.Copy && !c.feeds():
		return nn.Fault(fault.Unsupported, "copy_attn", "false, for input_feed is 0", "true")
	case c.EncLayers != c.DecLayers:
		return nn.Fault(fault.Unsupported, "enc_layers", fmt.Sprintf("dec_layers, %d", c.DecLayers), fmt.Sprint(c.EncLayers))
	case c.brnn() && c.EncSize%2 != 0:
		return nn.Fault(fault.BadConfig, "rnn_size", "an even number, for the encoder reads both ways", fmt.Sprint(c.EncSize))
	}
	return nil
}

func oneOf(key, is string, can []string) error {
	for _, v := range can {
		if v == is {
			return nil
		}
	}
	return nn.Fault(fault.Unsupported, key, fmt.Sprintf("%q", can), fault.Quote(is))
}

func (c *Config) brnn() bool { return c.Encoder == "brnn" }

// feeds reports whether what attention made of a step is a part of the next one's input.
func (c *Config) feeds() bool {
	switch v := c.InputFeed.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	}
	return true
}

func (c *Config) start() int { return nn.Or(c.Start, 2) }
func (c *Config) end() int   { return nn.Or(c.End, 3) }
