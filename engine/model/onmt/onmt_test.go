package onmt_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"loupe/engine/enginetest"
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
			state, err := s.Encode(nn.Input{IDs: want.Source})
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
			if err := m.Forward(state.Clone(), nn.Input{IDs: want.Target, Logits: check}); err != nil {
				t.Fatal(err)
			}
			for i, id := range want.Target {
				err := s.Step([]nn.State{state}, nn.Input{IDs: []int{id}, Logits: func(_ int, z []float32) { check(i, z) }}, func(_ int, w []float32) {
					if e := enginetest.RelErr(w, want.Attention[i]); e > 1e-5 {
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
