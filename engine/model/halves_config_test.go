package model_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
)

// TestHalvesConfig holds that what a config asks for and is not done, or is absurd, is refused by the name of its key.
func TestHalvesConfig(t *testing.T) {
	for _, c := range []struct {
		model, key string
		value      any
		code       fault.Code
	}{
		{"marian", "normalize_before", true, fault.Unsupported},
		{"marian", "add_final_layer_norm", true, fault.Unsupported},
		{"marian", "activation_function", "mish", fault.Unsupported},
		{"marian", "max_position_embeddings", 1 << 30, fault.BadConfig},
		{"marian", "encoder_layers", 1, fault.BadConfig},
		{"marian", "encoder_layers", 0, fault.BadConfig},
		{"marian", "d_model", 25, fault.BadConfig},
		{"marian", "decoder_start_token_id", 40, fault.BadConfig},
		{"marian", "decoder_layers", 3, fault.MissingTensor},
		{"bart", "decoder_layers", 1, fault.BadConfig},
		{"bart", "quantization_config", map[string]any{"quant_method": "gptq"}, fault.Unsupported},
		{"bart", "max_position_embeddings", 33, fault.WrongShape},
		{"t5", "feed_forward_proj", "gated-mish", fault.Unsupported},
		{"t5", "d_kv", 0, fault.BadConfig},
		{"t5", "eos_token_id", -1, fault.BadConfig},
		{"t5", "relative_attention_num_buckets", 2, fault.BadConfig},
		{"t5", "num_layers", 1, fault.BadConfig},
		{"t5", "num_decoder_layers", 3, fault.MissingTensor},
	} {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(c.model))...)
		config := map[string]any{}
		if err := json.Unmarshal(ck.Config, &config); err != nil {
			t.Fatal(err)
		}
		config = maps.Clone(config)
		config[c.key] = c.value
		b, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Open(b, ck)
		var f *fault.Error
		if m != nil || !errors.As(err, &f) || f.Code != c.code {
			t.Errorf("%s with %s %v: %v", c.model, c.key, c.value, err)
			continue
		}
		if c.code != fault.MissingTensor && c.code != fault.WrongShape && !strings.Contains(f.Where, c.key) && !strings.Contains(f.Where, "quantization") {
			t.Errorf("%s with %s %v: the error names %s", c.model, c.key, c.value, f.Where)
		}
	}
}
