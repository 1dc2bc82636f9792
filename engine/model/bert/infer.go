package bert

import (
	"fmt"

	"loupe/engine/nn"
)

// Infer makes the config of weights that have none: the family from names, sizes from shapes. Without a head, BERT and RoBERTa
// have the same names: RoBERTa's positions are two more than a power of two. Heads are 64 wide, but for the small models of 384
// and 312 (MiniLM, TinyBERT), which have twelve.
func Infer(w nn.Weights, said map[string]any) (config map[string]any, guesses []nn.Guess, ok bool) {
	for _, k := range kinds {
		for _, at := range []string{"", k.prefix} {
			words, places := w.Shape(at+"embeddings.word_embeddings.weight"), w.Shape(at+"embeddings.position_embeddings.weight")
			in := w.Shape(at + fmt.Sprintf(k.layer, 0) + k.in + ".weight")
			if len(words) == 2 && len(places) == 2 && len(in) == 2 {
				c := k.infer(w, at, words, places, in[0], said)
				return c.Config, c.Guesses, true
			}
		}
	}
	return nil, nil, false
}

// infer makes the config of a family's weights, whose names begin with at.
func (k *kind) infer(w nn.Weights, at string, words, places []int, inner int, said map[string]any) nn.Inferred {
	d := words[1]
	c := nn.Inferred{Said: said, Config: map[string]any{"vocab_size": words[0], "max_position_embeddings": places[0]}}
	if k == &bert && at == "" {
		if w.Has(roberta.headDense + ".weight") {
			k = &roberta
		} else if !w.Has(bert.headDense + ".weight") {
			if n := places[0] - 2; n > 2 && n&(n-1) == 0 {
				k = &roberta
			}
			c.Guess("model_type", k.types[0], "shapes", []string{"bert", "roberta"})
		}
	}
	c.Config["model_type"] = k.types[0]
	c.Config["tie_word_embeddings"] = !w.Has(k.decoder + ".weight")
	key := keysOf(k)
	c.Config[key.hidden], c.Config[key.inner] = d, inner
	c.Config[key.layers] = nn.Count(w, at+k.layer+k.out+".weight")
	heads, choices := nn.LikelyHeads(d)
	if d == 384 || d == 312 {
		heads = 12
	}
	c.Guess(key.heads, heads, "shapes", choices, "n_head")
	c.Guess(key.act, "gelu", "default", []string{"gelu", "gelu_new", "relu", "silu"})
	if k == &distilbert {
		return c
	}
	if types := w.Shape(at + "embeddings.token_type_embeddings.weight"); len(types) == 2 {
		c.Config["type_vocab_size"] = types[0]
	}
	if k == &roberta {
		c.Guess("pad_token_id", roberta.pad, "default", nil)
		c.Guess("layer_norm_eps", 1e-5, "default", []string{"1e-05", "1e-12"})
	} else {
		c.Guess("layer_norm_eps", 1e-12, "default", []string{"1e-12", "1e-05"})
	}
	return c
}
