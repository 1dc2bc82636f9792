package model_test

import (
	"errors"
	"testing"

	"loupe/engine/checkpoint"
	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
	"loupe/engine/nn"
)

// FuzzConfig opens weights with any config: it gives a model that runs, or an error that says what and where.
func FuzzConfig(f *testing.F) {
	var all []*checkpoint.Checkpoint
	for _, name := range enginetest.Models {
		ck := enginetest.Checkpoint(f, enginetest.Files(f, enginetest.Dir(name))...)
		f.Add(enginetest.Config(ck))
		all = append(all, ck)
	}
	for _, s := range []string{"", "null", "[]", `{"model_type": "gpt2"}`, `{"model_type": "gpt2", "n_layer": 1e9, "n_head": 0}`,
		`{"model_type": "lstm", "num_layers": 4611686018427387904, "hidden_size": 4611686018427387904}`, `{"model_type": "gru", "vocab_size": -1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, config []byte) {
		for _, ck := range all {
			m, err := model.Open(config, ck)
			var e *fault.Error
			var c *fault.Error
			switch {
			case err == nil:
				if err := m.Forward(m.NewState(), nn.Input{IDs: []int{1, 2, 3}}); err != nil && !errors.As(err, &e) {
					t.Errorf("%s: %v", config, err)
				}
			case !errors.As(err, &e) && !errors.As(err, &c):
				t.Errorf("%s: %v has no type", config, err)
			}
		}
	})
}
