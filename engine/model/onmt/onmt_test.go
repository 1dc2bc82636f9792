package onmt_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// TestOptions holds that models of each option give the log probabilities of OpenNMT-py 1.2.0, and look at the source as it does.
func TestOptions(t *testing.T) {
	root := filepath.Join(enginetest.Root(), "testdata", "onmt")
	dirs, err := os.ReadDir(root)
	if err != nil || len(dirs) != 13 {
		t.Fatal(dirs, err)
	}
	for _, d := range dirs {
		t.Run(d.Name(), func(t *testing.T) {
			dir := filepath.Join(root, d.Name())
			var want struct {
				Source, Target  []int
				LogP, Attention [][]float32
			}
			if err := json.Unmarshal(enginetest.ReadFile(t, filepath.Join(dir, "expected.json")), &want); err != nil {
				t.Fatal(err)
			}
			ck := enginetest.Checkpoint(t, filepath.Join(dir, "model.safetensors"))
			m, err := model.Open(enginetest.ReadFile(t, filepath.Join(dir, "config.json")), ck)
			if err != nil {
				t.Fatal(err)
			}
			s := m.(nn.Seq2Seq)
			if c, ok := m.(nn.Copier); ok {
				c.Copies([]int{-1, -1, -1, -1, 7, 5, -1}) // as the words of vocab.json are
			}
			rec := activation.NewRecorder("*")
			hooks := &activation.Hooks{Recorder: rec}
			state, err := s.Encode(nn.Input{IDs: want.Source, Hooks: hooks})
			if err != nil {
				t.Fatal(err)
			}
			check := func(i int, z []float32) {
				tensor.Softmax(z)
				for k := range z {
					z[k] = float32(math.Log(float64(z[k])))
				}
				if e := enginetest.RelErr(z, want.LogP[i]); e > 1e-5 {
					t.Errorf("step %d: log p differ by %g", i, e)
				}
			}
			if err := m.Forward(state.Clone(), nn.Input{IDs: want.Target, Logits: check, Hooks: hooks}); err != nil {
				t.Fatal(err)
			}
			acts := m.Info().Acts
			for _, a := range acts {
				rows := len(want.Target)
				if a.Source {
					rows = len(want.Source)
				}
				if got := rec.Get(a.Name); got == nil || got.N != rows || !slices.Equal(got.Inner, a.Inner) {
					t.Errorf("%s: said %v, recorded %+v", a.Name, a.Inner, got)
				}
			}
			if n := len(rec.Names()); n != len(acts) {
				t.Errorf("%d activations, %d are said", n, len(acts))
			}
			for i, id := range want.Target {
				// beside another hypothesis, which does not change it
				err := s.Step([]nn.State{state.Clone(), state}, nn.Input{IDs: []int{7, id}, Logits: func(k int, z []float32) {
					if k == 1 {
						check(i, z)
					}
				}}, func(k int, w []float32) {
					if e := enginetest.RelErr(w, want.Attention[i]); k == 1 && e > 1e-5 {
						t.Errorf("step %d: attention differs by %g", i, e)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestRefuses holds that options which are not computed are refused, by their key.
func TestRefuses(t *testing.T) {
	for of, options := range map[string]map[string]any{
		"transformer": {"max_relative_positions": 16, "self_attn_type": "average", "decoder_type": "rnn", "layer_norm": "rms", "num_kv": 1, "multiquery": true,
			"parallel_residual": true, "position_encoding_type": "SinusoidalConcat", "pos_ffn_activation_fn": "gated-gelu", "copy_attn": true,
			"generator_function": "sparsemax", "heads": 3, "transformer_ff": 0, "src_word_vec_size": 8, "enc_layers": 1, "dec_layers": 1},
		"gate-both": {"context_gate": "some", "global_attention_function": "entmax", "encoder_type": "transformer", "global_attention": "none", "enc_layers": 2},
		"copy":      {"copy_attn_type": "none", "input_feed": 0},
	} {
		dir := filepath.Join(enginetest.Root(), "testdata", "onmt", of)
		for key, value := range options {
			var config map[string]any
			if err := json.Unmarshal(enginetest.ReadFile(t, filepath.Join(dir, "config.json")), &config); err != nil {
				t.Fatal(err)
			}
			config[key] = value
			b, err := json.Marshal(config)
			if err != nil {
				t.Fatal(err)
			}
			says := key
			switch {
			case of == "gate-both" && key == "encoder_type":
				says = "src_word_vec_size, decoder_type" // a Transformer that is none: what is met first
			case key == "input_feed":
				says = "copy_attn"
			}
			_, err = model.Open(b, enginetest.Checkpoint(t, filepath.Join(dir, "model.safetensors")))
			var e *fault.Error
			if !errors.As(err, &e) || e.Where == "" || !strings.Contains(says, strings.Trim(e.Where, `"`)) {
				t.Errorf("%s with %s %v: %v", of, key, value, err)
			}
		}
	}
}
