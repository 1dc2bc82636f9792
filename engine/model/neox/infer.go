package neox

import "loupe/engine/nn"

// Infer makes the config of weights that have none: sizes from their shapes; the number of heads from what old files have of the
// rotation, in the part of a head that Pythia turns, or from its width; the rest is what Pythia has.
func Infer(w nn.Weights, said map[string]any) (config map[string]any, guesses []nn.Guess, ok bool) {
	at := prefixOf(w)
	first := at + "layers.0."
	embed, up := w.Shape(at+"embed_in.weight"), w.Shape(first+"mlp.dense_h_to_4h.weight")
	if len(embed) != 2 || len(up) != 2 || !w.Has(first+"attention.query_key_value.weight") {
		return nil, nil, false
	}
	d := embed[1]
	c := nn.Inferred{Said: said, Config: map[string]any{"model_type": "gpt_neox", "vocab_size": embed[0], "hidden_size": d, "intermediate_size": up[0],
		"num_hidden_layers": nn.Count(w, at+"layers.%d.input_layernorm.weight"), "tie_word_embeddings": !w.Has("embed_out.weight"),
		"attention_bias": w.Has(first + "attention.query_key_value.bias")}}
	heads, choices := nn.LikelyHeads(d)
	if freq := w.Shape(first + "attention.rotary_emb.inv_freq"); len(freq) == 1 && freq[0] > 0 && d%(8*freq[0]) == 0 {
		heads = d / (8 * freq[0]) // a quarter of a head, two numbers a frequency
	}
	c.Guess("num_attention_heads", heads, "shapes", choices, "n_head")
	c.Guess("rotary_pct", 0.25, "default", nil, "partial_rotary_factor")
	c.Guess("rotary_emb_base", 10000, "default", nil, "rope_theta")
	c.Guess("use_parallel_residual", true, "default", []string{"true", "false"})
	c.Guess("hidden_act", "gelu", "default", []string{"gelu", "gelu_fast", "gelu_new", "relu"})
	if mask := w.Shape(first + "attention.bias"); len(mask) == 4 && mask[3] > 0 {
		c.Config["max_position_embeddings"] = mask[3]
	} else {
		c.Guess("max_position_embeddings", 2048, "default", nil)
	}
	return c.Config, c.Guesses, true
}

// prefixOf is what the names begin with: "gpt_neox." or nothing.
func prefixOf(w nn.Weights) string {
	if w.Has("embed_in.weight") {
		return ""
	}
	return "gpt_neox."
}
