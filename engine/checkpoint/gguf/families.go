package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// common are the keys that all architectures have.
func (b *builder) common() {
	b.config["num_hidden_layers"] = b.int("block_count", -1)
	b.config["hidden_size"] = b.int("embedding_length", -1)
	b.config["intermediate_size"] = b.int("feed_forward_length", -1)
	b.config["num_attention_heads"] = b.heads()
	b.config["max_position_embeddings"] = b.int("context_length", -1)
	b.config["vocab_size"] = b.rows("token_embd.weight")
	b.config["tie_word_embeddings"] = !b.has("output.weight")
	if t := b.tensor("token_embd.weight"); t != nil {
		if name := map[tensor.DType]string{tensor.F32: "float32", tensor.F16: "float16", tensor.BF16: "bfloat16"}[t.DType]; name != "" {
			b.config["torch_dtype"] = name
		}
	}
	for _, key := range []string{"bos", "eos", "pad"} {
		if id, ok := b.meta["tokenizer.ggml."+map[string]string{"bos": "bos", "eos": "eos", "pad": "padding"}[key]+"_token_id"].(int64); ok {
			b.config[key+"_token_id"] = id
		}
	}
}

func (b *builder) heads() int {
	n := b.int("attention.head_count", -1)
	if n < 1 {
		b.fail(b.arch+".attention.head_count", "a whole number above 0", n)
		return 1
	}
	return n
}

// rows is a tensor's first dimension. It is there in every file of a known architecture.
func (b *builder) rows(name string) int {
	t := b.tensor(name)
	if t == nil || len(t.Shape) == 0 {
		b.fail(fault.Name(name), "a matrix", nil)
		return 1
	}
	return t.Shape[0]
}

// headDim is the width of a head, and what of it is turned by its position.
func (b *builder) headDim() (dim int, part float64) {
	dim = b.int("attention.key_length", b.int("embedding_length", -1)/b.heads())
	rot := b.int("rope.dimension_count", dim)
	return dim, float64(rot) / float64(max(dim, 1))
}

// rope are the keys of rotary positions.
func (b *builder) rope() {
	b.config["rope_theta"] = b.float("rope.freq_base", 10000)
	scaling := map[string]any{}
	kind, _ := b.meta[b.arch+".rope.scaling.type"].(string)
	factor := b.float("rope.scaling.factor", b.float("rope.scale_linear", 0))
	original := b.int("rope.scaling.original_context_length", 0)
	long, short := b.factors("rope_factors_long.weight"), b.factors("rope_factors_short.weight")
	freqs := b.factors("rope_freqs.weight")
	switch {
	case long != nil && short != nil:
		scaling["rope_type"], scaling["long_factor"], scaling["short_factor"] = "longrope", long, short
		if original > 0 {
			b.config["original_max_position_embeddings"] = original
		}
	case freqs != nil: // Llama 3's frequencies, by what each is divided
		scaling = map[string]any{"rope_type": "longrope", "long_factor": freqs, "short_factor": freqs, "attention_factor": 1}
	case kind == "yarn" && factor > 0:
		scaling["rope_type"], scaling["factor"] = "yarn", factor
		if original > 0 {
			scaling["original_max_position_embeddings"] = original
		}
	case factor != 0 && factor != 1 && kind != "none":
		scaling["rope_type"], scaling["factor"] = "linear", factor
	default:
		return
	}
	if _, v := b.value("rope.scaling.attn_factor"); v != nil && freqs == nil {
		scaling["attention_factor"] = b.float("rope.scaling.attn_factor", 1)
	}
	b.config["rope_scaling"] = scaling
}

// factors reads a small tensor of f32, or gives nil.
func (b *builder) factors(name string) []float32 {
	const most = 1 << 14
	t := b.tensor(name)
	if t == nil {
		return nil
	}
	if t.DType != tensor.F32 || len(t.Shape) != 1 || t.Shape[0] > most {
		b.fail(fault.Name(name), fmt.Sprintf("F32 of at most %d numbers", most), string(t.DType)+" "+format.Shape(t.Shape))
		return nil
	}
	t.Known = true
	v := make([]float32, t.Shape[0])
	r, err := t.Open()
	if err == nil {
		err = binary.Read(r, binary.LittleEndian, v)
	}
	if err != nil && b.err == nil {
		b.err = fault.ReadError(fault.Name(name), err)
	}
	for _, x := range v {
		if x != x || math.IsInf(float64(x), 0) {
			b.fail(fault.Name(name), "numbers", x)
		}
	}
	return v
}

func llama(b *builder) {
	dim, part := b.headDim()
	b.config["head_dim"] = dim
	b.config["num_key_value_heads"] = b.int("attention.head_count_kv", b.heads())
	b.config["rms_norm_eps"] = b.float("attention.layer_norm_rms_epsilon", must)
	b.config["hidden_act"] = "silu"
	b.config["attention_bias"] = b.has("blk.0.attn_output.bias")
	b.config["mlp_bias"] = b.has("blk.0.ffn_up.bias")
	if part != 1 {
		b.config["partial_rotary_factor"] = part
	}
	if w := b.int("attention.sliding_window", 0); w > 0 && b.arch == "llama" {
		b.config["model_type"], b.config["sliding_window"] = "mistral", w
	}
	b.rope()
}

func phi3(b *builder) {
	llama(b)
	b.config["sliding_window"] = nil
	if w := b.int("attention.sliding_window", 0); w > 0 {
		b.config["sliding_window"] = w
	}
}

func gemma(b *builder) {
	llama(b)
	b.config["hidden_act"], b.config["hidden_activation"] = "gelu_pytorch_tanh", "gelu_pytorch_tanh"
}

// gemma2 has two keys that no GGUF file says: the scale of attention is 1/sqrt(head_dim) in all but the 27B models, which
// llama.cpp knows by their layers too.
func gemma2(b *builder) {
	gemma(b)
	dim, _ := b.headDim()
	b.config["query_pre_attn_scalar"] = dim
	if layers := b.int("block_count", -1); layers == 46 && b.arch == "gemma2" || layers == 62 && b.arch == "gemma3" {
		b.config["query_pre_attn_scalar"] = b.int("embedding_length", -1) / b.heads()
	}
	b.config["sliding_window"] = b.int("attention.sliding_window", 4096)
	b.config["attn_logit_softcapping"], b.config["final_logit_softcapping"] = nil, nil
	if b.arch == "gemma2" || b.meta["gemma3.attn_logit_softcapping"] != nil {
		b.config["attn_logit_softcapping"] = b.float("attn_logit_softcapping", 50)
	}
	if b.arch == "gemma2" || b.meta["gemma3.final_logit_softcapping"] != nil {
		b.config["final_logit_softcapping"] = b.float("final_logit_softcapping", 30)
	}
}

func gemma3(b *builder) {
	gemma2(b)
	b.config["rope_theta"] = b.float("rope.freq_base", 1e6)
	b.config["rope_local_base_freq"] = b.float("rope.freq_base_swa", 10000)
	switch v := b.meta["gemma3.attention.sliding_window_pattern"].(type) {
	case []int64:
		var types []string
		for _, sliding := range v {
			types = append(types, map[bool]string{true: "sliding_attention", false: "full_attention"}[sliding != 0])
		}
		b.config["layer_types"] = types
	default:
		b.config["sliding_window_pattern"] = b.int("attention.sliding_window_pattern", 6)
	}
}

func phi2(b *builder) {
	_, b.config["partial_rotary_factor"] = b.headDim()
	b.config["num_key_value_heads"] = b.int("attention.head_count_kv", b.heads())
	b.config["layer_norm_eps"] = b.float("attention.layer_norm_epsilon", must)
	b.config["hidden_act"] = "gelu_new"
	b.rope()
}

func neox(b *builder) {
	_, b.config["rotary_pct"] = b.headDim()
	b.config["rotary_emb_base"] = b.float("rope.freq_base", 10000)
	b.config["layer_norm_eps"] = b.float("attention.layer_norm_epsilon", must)
	b.config["hidden_act"] = "gelu"
	b.config["attention_bias"] = b.has("blk.0.attn_qkv.bias")
	parallel, said := b.meta["gptneox.use_parallel_residual"].(bool)
	b.config["use_parallel_residual"] = parallel || !said
}

func gpt2(b *builder) {
	for to, from := range map[string]string{"n_layer": "num_hidden_layers", "n_head": "num_attention_heads", "n_embd": "hidden_size",
		"n_inner": "intermediate_size", "n_positions": "max_position_embeddings"} {
		b.config[to] = b.config[from]
		delete(b.config, from)
	}
	b.config["layer_norm_epsilon"] = b.float("attention.layer_norm_epsilon", must)
	b.config["activation_function"] = "gelu_new"
}

// bert's positions begin at 0: those of RoBERTa's kind were cut, and are read as BERT's.
func bert(b *builder) {
	b.config["layer_norm_eps"] = b.float("attention.layer_norm_epsilon", must)
	b.config["hidden_act"] = "gelu"
	b.config["type_vocab_size"] = b.rows("token_types.weight")
	b.config["max_position_embeddings"] = b.rows("position_embd.weight")
	delete(b.config, "tie_word_embeddings")
	b.config["architectures"] = []string{"BertModel"}
}

func distil(b *builder) {
	for to, from := range map[string]string{"n_layers": "num_hidden_layers", "n_heads": "num_attention_heads", "dim": "hidden_size",
		"hidden_dim": "intermediate_size"} {
		b.config[to] = b.config[from]
		delete(b.config, from)
	}
	b.config["activation"] = "gelu"
	b.config["max_position_embeddings"] = b.rows("position_embd.weight")
	delete(b.config, "tie_word_embeddings")
	b.config["architectures"] = []string{"DistilBertModel"}
}

// pooling tells how one vector is made of its tokens', as sentence-transformers has it (llama.cpp's enum llama_pooling_type).
func (b *builder) pooling() {
	kind := b.int("pooling_type", 0)
	if kind >= 1 && kind <= 3 {
		b.file.Files = map[string][]byte{"1_pooling/config.json": fmt.Appendf(nil,
			`{"pooling_mode_mean_tokens": %v, "pooling_mode_cls_token": %v, "pooling_mode_lasttoken": %v}`, kind == 1, kind == 2, kind == 3)}
	}
}
