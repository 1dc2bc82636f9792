package phi

import "loupe/engine/nn"

// Infer makes the config of weights that have none: sizes from their shapes. Heads and the part of them that is turned are those
// of Phi-2 or, of another width, of Phi-1 and 1.5.
func Infer(w nn.Weights, said map[string]any) (config map[string]any, guesses []nn.Guess, ok bool) {
	at := prefixOf(w)
	first := at + "layers.0."
	embed, up, k := w.Shape(at+"embed_tokens.weight"), w.Shape(first+"mlp.fc1.weight"), w.Shape(first+"self_attn.k_proj.weight")
	if len(embed) != 2 || embed[1] < 1 || len(up) != 2 || len(k) != 2 || !w.Has(first+"self_attn.dense.weight") {
		return nil, nil, false
	}
	d := embed[1]
	c := nn.Inferred{Said: said, Config: map[string]any{"model_type": "phi", "vocab_size": embed[0], "hidden_size": d, "intermediate_size": up[0],
		"num_hidden_layers": nn.Count(w, at+"layers.%d.input_layernorm.weight"), "tie_word_embeddings": !w.Has("lm_head.weight"),
		"qk_layernorm": w.Has(first + "self_attn.q_layernorm.weight")}}
	heads, choices := nn.LikelyHeads(d)
	part := 0.5
	if d == 2560 {
		heads, part = 32, 0.4
	}
	c.Guess("num_attention_heads", heads, "shapes", choices, "n_head")
	if k[0] != d {
		c.Guess("num_key_value_heads", max(heads*k[0]/d, 1), "shapes", nil)
	}
	c.Guess("partial_rotary_factor", part, "default", []string{"0.5", "0.4", "0.25", "1"})
	c.Guess("rope_theta", 10000, "default", nil)
	c.Guess("hidden_act", "gelu_new", "default", []string{"gelu_new", "gelu", "relu"})
	c.Guess("max_position_embeddings", 2048, "default", nil)
	return c.Config, c.Guesses, true
}

// prefixOf is what the names begin with: "model." or nothing.
func prefixOf(w nn.Weights) string {
	if w.Has("embed_tokens.weight") {
		return ""
	}
	return "model."
}
