package gpt2

import (
	"fmt"
	"math"

	"loupe/engine/nn"
)

// Infer makes the config of weights that have none: sizes from their shapes, the number of heads from what the file says of its
// training, or a guess. Weights whose linear layers are torch.nn.Linear, not transformers' Conv1D, are nanoGPT's, which has
// another GELU.
func Infer(w nn.Weights, said map[string]any) (config map[string]any, guesses []nn.Guess, ok bool) {
	prefix := prefixOf(w)
	wte, wpe, qkv := w.Shape(prefix+"wte.weight"), w.Shape(prefix+"wpe.weight"), w.Shape(prefix+"h.0.attn.c_attn.weight")
	if len(wte) != 2 || len(wpe) != 2 || len(qkv) != 2 {
		return nil, nil, false
	}
	d, layers := wte[1], 0
	for w.Has(fmt.Sprintf("%sh.%d.ln_1.weight", prefix, layers)) {
		layers++
	}
	config = map[string]any{"model_type": "gpt2", "vocab_size": wte[0], "n_embd": d, "n_positions": wpe[0], "n_layer": layers,
		"tie_word_embeddings": !w.Has("lm_head.weight") || linear(w, prefix)}
	if fc := w.Shape(prefix + "h.0.mlp.c_fc.weight"); len(fc) == 2 {
		config["n_inner"] = max(fc[0], fc[1])
	}
	if n, said := nn.Said(said, "n_head", "num_attention_heads", "n_heads"); said && n > 0 && n == math.Trunc(n) {
		config["n_head"] = int(n)
	} else {
		guess := nn.Guess{Key: "n_head", Why: "shapes"}
		config["n_head"], guess.Choices = nn.LikelyHeads(d)
		guess.Value = fmt.Sprint(config["n_head"])
		guesses = append(guesses, guess)
	}
	act := nn.Guess{Key: "activation_function", Value: "gelu_new", Why: "names", Choices: []string{"gelu_new", "gelu", "relu"}}
	if linear(w, prefix) {
		act.Value = "gelu"
	}
	config["activation_function"] = act.Value
	return config, append(guesses, act), true
}

// prefixOf is what the names begin with: "transformer." or nothing.
func prefixOf(w nn.Weights) string {
	if !w.Has("wte.weight") && w.Has("transformer.wte.weight") {
		return "transformer."
	}
	return ""
}

// linear reports whether the linear layers are stored as [out, in]: c_attn has three times as many outputs as inputs.
func linear(w nn.Weights, prefix string) bool {
	s := w.Shape(prefix + "h.0.attn.c_attn.weight")
	return len(s) == 2 && s[0] == 3*s[1]
}
