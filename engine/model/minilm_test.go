package model_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"loupe/engine/analysis"
	"loupe/engine/enginetest"
	"loupe/engine/model"
)

// TestMiniLM compares a real sentence model with transformers: vectors between the layers, attention, and the vector of the whole
// text (testdata/gen-models/minilm.py). `make models` fetches the model.
func TestMiniLM(t *testing.T) {
	dir := filepath.Join(enginetest.Root(), "web", "models-large", "all-minilm-l6-v2")
	if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); err != nil {
		t.Skip("the model is not here")
	}
	ck := enginetest.Checkpoint(t, filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "config.json"))
	m, err := model.Open(ck.Config, ck)
	if err != nil {
		t.Fatal(err)
	}
	if left := ck.Unread(); !slices.Equal(slices.DeleteFunc(left, func(n string) bool { return model.Ignores(ck.Config, n) }),
		[]string{"pooler.dense.bias", "pooler.dense.weight"}) {
		t.Errorf("left %v", left)
	}
	golden, meta := enginetest.ReadArrays(t, filepath.Join(enginetest.Root(), "testdata", "models", "goldens", "minilm.safetensors"))
	var about struct{ IDs, Positions, Queries []int }
	if err := json.Unmarshal([]byte(meta["golden"].(string)), &about); err != nil {
		t.Fatal(err)
	}
	rec, _ := record(t, m, about.IDs)
	hidden := rec.Get(last(m)).Data
	for name, want := range golden {
		kind, act := filepath.Dir(name), filepath.Base(name)
		var got []float32
		switch kind {
		case "hidden":
			for _, p := range about.Positions {
				got = append(got, rec.Get(act).At(p)...)
			}
		case "pattern":
			for h := range m.Info().Heads {
				for _, q := range about.Queries {
					got = append(got, rec.Get(act).Head(q, h)...)
				}
			}
		default:
			p := analysis.Pooling{Modes: []string{act}, Normalize: kind == "unit"}
			got = p.Pool(hidden, m.Info().Hidden)
		}
		if len(got) != len(want.Data) {
			t.Fatalf("%s: %d numbers, expected %d", name, len(got), len(want.Data))
		}
		e := enginetest.RelErr(got, want.Data)
		if t.Logf("%s: %.2g", name, e); !(e <= tolerance) {
			t.Errorf("%s: relative error %.2g", name, e)
		}
	}
}
