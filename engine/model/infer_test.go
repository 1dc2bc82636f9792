package model_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// TestInfer holds that weights of NeoX, Phi and BERT without a config are known by their names and shapes, that what no tensor tells
// is a guess, and that the model computes what it did when these are corrected and nothing else.
func TestInfer(t *testing.T) {
	neox := []string{"num_attention_heads", "rotary_pct", "rotary_emb_base", "use_parallel_residual", "hidden_act"}
	phi := []string{"partial_rotary_factor", "rope_theta", "hidden_act", "max_position_embeddings"}
	for name, keys := range map[string][]string{
		"neox":         neox, // its mask tells the positions
		"neox-new":     append(slices.Clone(neox), "max_position_embeddings"),
		"phi":          append([]string{"num_attention_heads"}, phi...),
		"phi-new":      append([]string{"num_attention_heads", "num_key_value_heads"}, phi...),
		"bert":         {"num_attention_heads", "hidden_act", "layer_norm_eps"},
		"bert-encoder": {"model_type", "num_attention_heads", "hidden_act", "layer_norm_eps"},
		"distilbert":   {"n_heads", "activation"},
		"roberta":      {"num_attention_heads", "hidden_act", "pad_token_id", "layer_norm_eps"},
	} {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(name))...)
		var real, made map[string]any
		if err := json.Unmarshal(ck.Config, &real); err != nil {
			t.Fatal(err)
		}
		b, guesses, ok := model.Infer(ck, map[string]any{"training.n_head": int64(2)})
		if !ok {
			t.Errorf("%s: not known", name)
			continue
		}
		if err := json.Unmarshal(b, &made); err != nil {
			t.Fatal(err)
		}
		if heads := fmt.Sprint(made["num_attention_heads"], made["n_heads"]); heads != "2 <nil>" && heads != "<nil> 2" {
			t.Errorf("%s: the file says 2 heads, the config %s", name, heads)
		}
		b, guesses, _ = model.Infer(ck, nil)
		if err := json.Unmarshal(b, &made); err != nil {
			t.Fatal(err)
		}
		var guessed []string
		for _, g := range guesses {
			guessed = append(guessed, g.Key)
			if made[g.Key] = real[g.Key]; real[g.Key] == nil { // said by rope_parameters, or transformers' default
				delete(made, g.Key)
			}
			if len(g.Choices) > 0 && !slices.Contains(g.Choices, g.Value) {
				t.Errorf("%s: %s %s is not among %v", name, g.Key, g.Value, g.Choices)
			}
		}
		if !slices.Equal(guessed, keys) {
			t.Errorf("%s: guessed %v, expected %v", name, guessed, keys)
		}
		made["rope_parameters"] = real["rope_parameters"]
		if b, err := json.Marshal(made); err != nil {
			t.Fatal(err)
		} else if m, err := model.Open(b, ck); err != nil {
			t.Errorf("%s: %s: %v", name, b, err)
		} else {
			g := enginetest.ReadGolden(t, name)
			rec, _ := record(t, m, g.IDs)
			enginetest.Same(t, rec, g.Base.Acts, tolerance)
		}
	}
}

// onlyShapes is weights of which only names and shapes are known.
type onlyShapes map[string][]int

func (s onlyShapes) Names() []string         { return slices.Sorted(maps.Keys(s)) }
func (s onlyShapes) Has(name string) bool    { return s[name] != nil }
func (s onlyShapes) Shape(name string) []int { return s[name] }
func (s onlyShapes) Vector(name string, n int) ([]float32, error) {
	return nil, nn.Fault(fault.MissingTensor, name, "", "")
}
func (s onlyShapes) Matrix(name string, rows, cols int) (*tensor.Matrix, error) {
	return nil, nn.Fault(fault.MissingTensor, name, "", "")
}
func (s onlyShapes) MatrixT(name string, rows, cols int) (*tensor.Matrix, error) {
	return s.Matrix(name, rows, cols)
}

// TestInferOdd holds that tensors of the right names, all of odd shapes or one, give a config that is refused, not a crash.
func TestInferOdd(t *testing.T) {
	for _, name := range enginetest.Models {
		ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir(name))...)
		for _, shape := range [][]int{{0, 0}, {7, 3}, {0}, {1, 1, 0, 0}} {
			all, one := onlyShapes{}, onlyShapes{}
			for _, n := range ck.Names() {
				all[n], one[n] = shape, ck.Shape(n)
			}
			openOdd(all)
			for n, was := range one {
				one[n] = shape
				openOdd(one)
				one[n] = was
			}
		}
	}
}

func openOdd(w nn.Weights) {
	if b, _, ok := model.Infer(w, nil); ok {
		model.Open(b, w)
	}
}
