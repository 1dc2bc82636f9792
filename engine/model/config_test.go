package model_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"loupe/engine/checkpoint"
	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
)

// with is a model's config.json with one key changed; nil takes it out.
func with(t *testing.T, ck *checkpoint.Checkpoint, key string, value any) []byte {
	t.Helper()
	var c map[string]any
	if err := json.Unmarshal(ck.Config, &c); err != nil {
		t.Fatal(err)
	}
	c = maps.Clone(c)
	if c[key] = value; value == nil {
		delete(c, key)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestConfigLies holds that a config.json that says what the weights contradict, what is absurd, or what is not done, is
// refused by the key or tensor that is wrong.
func TestConfigLies(t *testing.T) {
	type m = map[string]any
	for _, c := range []struct {
		model, key string
		value      any
		code       fault.Code
		where      string
	}{
		{"llama", "num_attention_heads", 8, fault.WrongShape, `tensor "model.layers.0.self_attn.q_proj.weight"`},
		{"llama", "head_dim", 16, fault.WrongShape, `tensor "model.layers.0.self_attn.q_proj.weight"`},
		{"llama", "head_dim", 1 << 30, fault.BadConfig, "head_dim"},
		{"llama", "head_dim", 7, fault.BadConfig, "partial_rotary_factor"},
		{"llama", "num_key_value_heads", 3, fault.BadConfig, "num_key_value_heads"},
		{"llama", "num_key_value_heads", 0, fault.BadConfig, "num_key_value_heads"},
		{"llama", "num_key_value_heads", 4, fault.WrongShape, `tensor "model.layers.0.self_attn.k_proj.weight"`},
		{"llama", "num_hidden_layers", 3, fault.MissingTensor, `tensor "model.layers.2.input_layernorm.weight"`},
		{"llama", "num_hidden_layers", 2147483647, fault.MissingTensor, `tensor "model.layers.2.input_layernorm.weight"`},
		{"llama", "num_hidden_layers", 1, fault.BadConfig, "num_hidden_layers"},
		{"llama", "num_hidden_layers", -1, fault.BadConfig, "num_hidden_layers"},
		{"llama", "num_hidden_layers", 1e99, fault.BadConfig, ""},
		{"llama", "vocab_size", 41, fault.WrongShape, `tensor "model.embed_tokens.weight"`},
		{"llama", "intermediate_size", 29, fault.WrongShape, `tensor "model.layers.0.mlp.gate_proj.weight"`},
		{"llama", "hidden_act", "softsign", fault.Unsupported, "hidden_act"},
		{"llama", "rms_norm_eps", 2, fault.BadConfig, "rms_norm_eps"},
		{"llama", "max_position_embeddings", 0, fault.BadConfig, "max_position_embeddings"},
		{"llama", "rope_theta", -1, fault.BadConfig, "rope_theta"},
		{"llama", "rope_scaling", m{"type": "xpos", "factor": 2}, fault.Unsupported, "rope_scaling.rope_type"},
		{"llama", "rope_scaling", m{"type": "linear", "factor": -2}, fault.BadConfig, "rope_scaling.factor"},
		{"llama", "num_local_experts", 8, fault.Unsupported, "num_local_experts"},
		{"llama", "kv_lora_rank", 512, fault.Unsupported, "kv_lora_rank"},
		{"llama", "quantization_config", m{"quant_method": "gptq"}, fault.Unsupported, "quantization_config.quant_method"},
		{"llama", "architectures", []string{"LlamaForSequenceClassification"}, fault.Unsupported, "architectures"},
		{"llama-tied", "tie_word_embeddings", nil, fault.BadConfig, "tie_word_embeddings"},
		{"llama-tied", "attention_bias", true, fault.MissingTensor, `tensor "layers.0.self_attn.q_proj.bias"`},
		{"llama-tied", "mlp_bias", true, fault.MissingTensor, `tensor "layers.0.mlp.gate_proj.bias"`},
		{"mistral", "sliding_window", 0, fault.BadConfig, "sliding_window"},
		{"mistral", "model_type", "qwen2", fault.MissingTensor, `tensor "model.layers.0.self_attn.q_proj.bias"`},
		{"qwen3", "layer_types", []string{"full_attention"}, fault.BadConfig, "layer_types"},
		{"qwen3", "layer_types", []string{"full_attention", "chunked_attention"}, fault.Unsupported, "layer_types[1]"},
		{"qwen3", "use_sliding_window", false, fault.BadConfig, "layer_types[0]"},
		{"qwen3", "num_experts", 128, fault.Unsupported, "num_experts"},
		{"phi3", "partial_rotary_factor", 0.9, fault.BadConfig, "partial_rotary_factor"},
		{"phi3", "rope_scaling", m{"type": "longrope", "short_factor": []int{1}}, fault.BadConfig, "rope_scaling.short_factor"},
		{"phi3", "num_key_value_heads", 3, fault.WrongShape, `tensor "model.layers.0.self_attn.qkv_proj.weight"`},
		{"phi3", "intermediate_size", 30, fault.BadConfig, "intermediate_size"},
		{"gemma", "num_key_value_heads", 2, fault.BadConfig, "num_key_value_heads"},
		{"gemma", "hidden_act", "?", fault.Unsupported, "hidden_activation"},
		{"gemma2", "sliding_window", 0, fault.BadConfig, "sliding_window"},
		{"gemma2", "query_pre_attn_scalar", 0, fault.BadConfig, "query_pre_attn_scalar"},
		{"gemma2", "final_logit_softcapping", -3, fault.BadConfig, "final_logit_softcapping"},
		{"gemma2", "tie_word_embeddings", false, fault.MissingTensor, `tensor "lm_head.weight"`},
		{"gemma2", "num_hidden_layers", 1, fault.BadConfig, "num_hidden_layers"},
		{"gemma3", "use_bidirectional_attention", true, fault.Unsupported, "use_bidirectional_attention"},
		{"gemma3", "layer_types", []string{"full_attention", "none"}, fault.Unsupported, "layer_types[1]"},
		{"gemma3", "sliding_window_pattern", -1, fault.BadConfig, "sliding_window_pattern"},
		{"gemma3-nested", "text_config", m{"num_hidden_layers": 4}, fault.WrongShape, `tensor "language_model.model.embed_tokens.weight"`},
		{"gemma3-nested", "text_config", "x", fault.BadConfig, ""},
		{"neox", "num_attention_heads", 5, fault.BadConfig, "num_attention_heads"},
		{"neox", "num_attention_heads", 24, fault.BadConfig, "partial_rotary_factor"},
		{"neox", "hidden_size", 48, fault.WrongShape, `tensor "gpt_neox.embed_in.weight"`},
		{"neox", "num_hidden_layers", 1, fault.BadConfig, "num_hidden_layers"},
		{"neox", "num_hidden_layers", 1 << 30, fault.MissingTensor, `tensor "gpt_neox.layers.2.input_layernorm.weight"`},
		{"neox", "rotary_pct", 2, fault.BadConfig, "partial_rotary_factor"},
		{"neox", "rotary_emb_base", -3, fault.BadConfig, "rope_theta"},
		{"neox", "layer_norm_eps", -1, fault.BadConfig, "layer_norm_eps"},
		{"neox", "hidden_act", "mish", fault.Unsupported, "hidden_act"},
		{"neox", "architectures", []string{"GPTNeoXForSequenceClassification"}, fault.Unsupported, "architectures"},
		{"neox-new", "attention_bias", true, fault.MissingTensor, `tensor "gpt_neox.layers.0.attention.query_key_value.bias"`},
		{"neox-new", "tie_word_embeddings", false, fault.MissingTensor, `tensor "embed_out.weight"`},
		{"phi", "qk_layernorm", true, fault.Unsupported, "qk_layernorm"},
		{"phi", "num_key_value_heads", 3, fault.BadConfig, "num_key_value_heads"},
		{"phi", "num_key_value_heads", 2, fault.WrongShape, `tensor "model.layers.0.self_attn.k_proj.weight"`},
		{"phi", "intermediate_size", -40, fault.BadConfig, "intermediate_size"},
		{"phi", "num_hidden_layers", 1, fault.BadConfig, "num_hidden_layers"},
		{"phi", "vocab_size", 1, fault.WrongShape, `tensor "model.embed_tokens.weight"`},
		{"phi", "architectures", []string{"MixFormerSequentialForCausalLM"}, fault.Unsupported, "architectures"},
		{"neox", "quantization_config", m{"quant_method": "gptq"}, fault.Unsupported, "quantization_config.quant_method"},
		{"phi", "quantization_config", m{"quant_method": "awq"}, fault.Unsupported, "quantization_config.quant_method"},
		{"bert", "quantization_config", m{"quant_method": "bitsandbytes"}, fault.Unsupported, "quantization_config.quant_method"},
		{"bert", "position_embedding_type", "relative_key", fault.Unsupported, "position_embedding_type"},
		{"bert", "is_decoder", true, fault.Unsupported, "is_decoder"},
		{"bert", "add_cross_attention", true, fault.Unsupported, "add_cross_attention"},
		{"bert", "num_attention_heads", 7, fault.BadConfig, "num_attention_heads"},
		{"bert", "num_hidden_layers", 1, fault.BadConfig, "num_hidden_layers"},
		{"bert", "num_hidden_layers", 3, fault.MissingTensor, `tensor "bert.encoder.layer.2.attention.self.query.weight"`},
		{"bert", "type_vocab_size", 0, fault.BadConfig, "type_vocab_size"},
		{"bert", "type_vocab_size", 3, fault.WrongShape, `tensor "bert.embeddings.token_type_embeddings.weight"`},
		{"bert", "tie_word_embeddings", false, fault.MissingTensor, `tensor "cls.predictions.decoder.weight"`},
		{"bert", "model_type", "roberta", fault.Unsupported, "architectures"},
		{"bert", "architectures", []string{"JinaBertForMaskedLM"}, fault.Unsupported, "architectures"},
		{"bert", "pad_token_id", "x", fault.BadConfig, ""},
		{"bert-encoder", "max_position_embeddings", 31, fault.WrongShape, `tensor "embeddings.position_embeddings.weight"`},
		{"distilbert", "dim", 0, fault.BadConfig, "dim"},
		{"distilbert", "n_heads", 5, fault.BadConfig, "n_heads"},
		{"distilbert", "activation", "tanh?", fault.Unsupported, "activation"},
		{"distilbert", "n_layers", 1, fault.BadConfig, "n_layers"},
		{"roberta", "pad_token_id", 31, fault.BadConfig, "pad_token_id"},
		{"roberta", "pad_token_id", -2, fault.BadConfig, "pad_token_id"},
	} {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(c.model))...)
		_, err := model.Open(with(t, ck, c.key, c.value), ck)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || c.where != "" && e.Where != c.where {
			t.Errorf("%s with %s %v: %v, expected %s about %s", c.model, c.key, c.value, err, c.code, c.where)
		}
	}
}

// TestLongContext holds that a model that could read very long texts takes no memory for them before they come.
func TestLongContext(t *testing.T) {
	for _, name := range []string{"llama", "qwen2", "gemma3"} {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(name))...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := model.Open(with(t, ck, "max_position_embeddings", 1<<30), ck)
		runtime.ReadMemStats(&after)
		if err != nil || m.Info().Context != 1<<30 {
			t.Fatalf("%s: %v", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
			t.Errorf("%s: opening took %d MB", name, n>>20)
		}
	}
}

// TestUnread holds which tensors a model leaves: those that hold nothing for it are known, and others are listed.
func TestUnread(t *testing.T) {
	for name, want := range map[string][]string{
		"llama":         {},
		"gemma3-nested": {"vision_tower.vision_model.post_layernorm.weight", "multi_modal_projector.mm_soft_emb_norm.weight"},
		"neox":          {},
		"bert":          {"bert.pooler.dense.weight", "bert.pooler.dense.bias", "cls.seq_relationship.weight", "cls.seq_relationship.bias"},
		"roberta":       {},
	} {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(name))...)
		if _, err := model.Open(ck.Config, ck); err != nil {
			t.Fatal(err)
		}
		left := slices.DeleteFunc(ck.Unread(), func(n string) bool { return model.Ignores(ck.Config, n) })
		slices.Sort(left)
		if slices.Sort(want); !slices.Equal(left, want) {
			t.Errorf("%s leaves %v, expected %v", name, left, want)
		}
	}
}

// TestContext holds how many tokens a model reads: what its config says, and of LongRoPE what its short factors are for.
func TestContext(t *testing.T) {
	for name, want := range map[string]int{"llama": 64, "mistral": 64, "phi3": 64, "gemma3-nested": 64, "gpt2-tied": 32, "neox": 32, "bert": 32, "roberta": 24} {
		if got := enginetest.Open(t, name).Info().Context; got != want {
			t.Errorf("%s reads %d tokens, expected %d", name, got, want)
		}
	}
	if s := fmt.Sprint(enginetest.Open(t, "qwen3").Info().Family, enginetest.Open(t, "gemma3-nested").Info().Family); s != "Qwen3Gemma 3" {
		t.Errorf("families %s", s)
	}
}

// TestInferLlama holds that weights of Llama's kind without a config are known by their names and shapes, that what no tensor
// tells is a guess, and that the model runs when the guesses are corrected.
func TestInferLlama(t *testing.T) {
	for name, keys := range map[string][]string{
		"llama":      {"model_type", "rope_theta", "rms_norm_eps", "max_position_embeddings"}, // rotary frequencies tell the heads
		"llama-tied": {"model_type", "num_attention_heads", "num_key_value_heads", "rope_theta", "rms_norm_eps", "max_position_embeddings"},
		"qwen2":      {"model_type", "num_attention_heads", "num_key_value_heads", "rope_theta", "rms_norm_eps", "max_position_embeddings"},
		"qwen3":      {"model_type", "rope_theta", "rms_norm_eps", "max_position_embeddings"},
		"phi3":       {"model_type", "num_attention_heads", "num_key_value_heads", "rope_theta", "rms_norm_eps", "max_position_embeddings"},
	} {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(name))...)
		var real, made map[string]any
		if err := json.Unmarshal(ck.Config, &real); err != nil {
			t.Fatal(err)
		}
		b, guesses, ok := model.Infer(ck, nil)
		if !ok {
			t.Errorf("%s: not known", name)
			continue
		}
		if err := json.Unmarshal(b, &made); err != nil {
			t.Fatal(err)
		}
		var guessed []string
		for _, g := range guesses {
			guessed = append(guessed, g.Key)
			delete(made, g.Key)
			if v, ok := real[g.Key]; ok { // as a person corrects it; else what transformers takes
				made[g.Key] = v
			}
		}
		if !slices.Equal(guessed, keys) {
			t.Errorf("%s: guessed %v, expected %v", name, guessed, keys)
		}
		if made["model_type"] != real["model_type"] {
			t.Errorf("%s: is a %v", name, made["model_type"])
		}
		for _, key := range []string{"rope_scaling", "rope_parameters", "partial_rotary_factor", "original_max_position_embeddings", "use_sliding_window",
			"sliding_window", "max_window_layers", "layer_types"} { // what weights never tell
			made[key] = real[key]
		}
		if b, err := json.Marshal(made); err != nil {
			t.Fatal(err)
		} else if m, err := model.Open(b, ck); err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			g := enginetest.ReadGolden(t, name)
			rec, _ := record(t, m, g.IDs)
			enginetest.Same(t, rec, g.Base.Acts, tolerance)
		}
	}
	if _, _, ok := model.Infer(enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir("gemma2"))...), nil); ok {
		t.Error("a Gemma 2 was taken for a Llama")
	}
}
