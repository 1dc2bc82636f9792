package llama

import (
	"fmt"
	"math"

	"loupe/engine/nn"
)

// Infer makes the config of weights that have none: the family by the names of tensors, sizes by their shapes. What no tensor
// tells, the file may say beside them, or it is a guess: the number of heads, the base of rotary positions, the norms' eps.
func Infer(w nn.Weights, said map[string]any) (config map[string]any, guesses []nn.Guess, ok bool) {
	prefix := ""
	if w.Has("model.embed_tokens.weight") {
		prefix = "model."
	}
	at := prefix + "layers.0."
	embed, down := w.Shape(prefix+"embed_tokens.weight"), w.Shape(at+"mlp.down_proj.weight")
	if len(embed) != 2 || len(down) != 2 || !w.Has(at+"input_layernorm.weight") || w.Has(at+"pre_feedforward_layernorm.weight") {
		return nil, nil, false
	}
	layers := 0
	for w.Has(fmt.Sprintf("%slayers.%d.input_layernorm.weight", prefix, layers)) {
		layers++
	}
	kind := nn.Guess{Key: "model_type", Value: "llama", Why: "names"}
	theta, eps := "10000", "1e-05"
	switch {
	case w.Has(at + "self_attn.qkv_proj.weight"):
		kind.Value = "phi3"
	case w.Has(at + "self_attn.q_norm.weight"):
		kind.Value, theta, eps = "qwen3", "1000000", "1e-06"
	case w.Has(at+"self_attn.q_proj.bias") && !w.Has(at+"self_attn.o_proj.bias"):
		kind.Value, theta, eps = "qwen2", "1000000", "1e-06"
	default:
		kind.Choices = []string{"llama", "mistral", "gemma"}
	}
	config = map[string]any{"model_type": kind.Value, "vocab_size": embed[0], "hidden_size": embed[1], "intermediate_size": down[1], "num_hidden_layers": layers,
		"tie_word_embeddings": !w.Has("lm_head.weight"), "attention_bias": w.Has(at + "self_attn.o_proj.bias"), "mlp_bias": w.Has(at + "mlp.down_proj.bias"),
		"sliding_window": nil, "max_position_embeddings": 2048}
	guesses = append([]nn.Guess{kind}, heads(w, at+"self_attn.", embed[1], config, said)...)
	for _, g := range []nn.Guess{{Key: "rope_theta", Value: theta, Why: "default", Choices: []string{"10000", "100000", "500000", "1000000"}},
		{Key: "rms_norm_eps", Value: eps, Why: "default", Choices: []string{"1e-05", "1e-06"}},
		{Key: "max_position_embeddings", Value: "2048", Why: "default"}} {
		if v, ok := nn.Said(said, g.Key); ok {
			config[g.Key] = v
			continue
		}
		var v float64
		fmt.Sscan(g.Value, &v)
		config[g.Key], guesses = v, append(guesses, g)
	}
	return config, guesses, true
}

// heads sets the number of heads: by the width of one, which norms or rotary frequencies tell, or which is likely to be 64.
func heads(w nn.Weights, at string, d int, config, said map[string]any) (guesses []nn.Guess) {
	q, kv, dim := 0, 0, 0
	if s := w.Shape(at + "o_proj.weight"); len(s) == 2 {
		q = s[1]
	}
	kv = q
	if s := w.Shape(at + "k_proj.weight"); len(s) == 2 {
		kv = s[0]
	} else if s := w.Shape(at + "qkv_proj.weight"); len(s) == 2 && s[0] > q {
		kv = (s[0] - q) / 2
	}
	n, told := nn.Said(said, "num_attention_heads", "n_heads", "n_head")
	if norm, freq := w.Shape(at+"q_norm.weight"), w.Shape(at+"rotary_emb.inv_freq"); len(norm) == 1 {
		dim, told = norm[0], true
	} else if len(freq) == 1 {
		dim, told = 2*freq[0], true
	} else if told && n >= 1 && n <= float64(q) && n == math.Trunc(n) {
		dim = q / int(n)
	} else {
		dim, told = likely(q, kv), false
	}
	if dim < 1 {
		dim = 1
	}
	config["num_attention_heads"], config["num_key_value_heads"] = q/dim, kv/dim
	if q != d {
		config["head_dim"] = dim
	}
	if told {
		return nil
	}
	for _, key := range []string{"num_attention_heads", "num_key_value_heads", "head_dim"} {
		if v, ok := config[key]; ok {
			guesses = append(guesses, nn.Guess{Key: key, Value: fmt.Sprint(v), Why: "shapes"})
		}
	}
	return guesses
}

// likely is the even width of a head that is nearest to 64, of those that make whole heads of queries and of keys.
func likely(q, kv int) (best int) {
	for dim := 2; dim <= min(q, kv); dim += 2 {
		if q%dim == 0 && kv%dim == 0 && (best == 0 || math.Abs(math.Log(float64(dim)/64)) < math.Abs(math.Log(float64(best)/64))) {
			best = dim
		}
	}
	return best
}
