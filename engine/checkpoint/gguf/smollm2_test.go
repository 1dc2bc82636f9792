package gguf_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/checkpoint"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// golden is what transformers computed of SmolLM2 (testdata/gen-models/smollm2.py).
type golden struct {
	IDs, Greedy                                     []int
	Positions, Queries, Layers, Seen, Tokens, Units []int
	Prompt                                          int
	Margins                                         []float64
	arrays                                          map[string]*tensor.Tensor
}

// smollm2 opens the model and its golden, or skips the test. `make models` fetches the model.
func smollm2(t *testing.T) (model.Model, *checkpoint.Checkpoint, *golden) {
	path := filepath.Join(enginetest.Root(), "web", "models-large", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
	if _, err := os.Stat(path); err != nil {
		t.Skip("the model is not here")
	}
	size := len(enginetest.ReadFile(t, path))
	before := formattest.Allocated()
	ck := enginetest.Checkpoint(t, path)
	m, err := model.Open(ck.Config, ck)
	if err != nil {
		t.Fatal(err)
	}
	if n := formattest.Allocated() - before; n > uint64(size)*11/10 {
		t.Errorf("opening a file of %d bytes took %d bytes of memory", size, n)
	}
	g := &golden{}
	arrays, meta := enginetest.ReadArrays(t, filepath.Join(enginetest.Root(), "testdata", "models", "goldens", "smollm2.safetensors"))
	if err := json.Unmarshal([]byte(meta["golden"].(string)), g); err != nil {
		t.Fatal(err)
	}
	g.arrays = arrays
	return m, ck, g
}

// some is how many of n tokens are run: all in the browser, whose kernels are what this is about. Natively they would take half a
// minute; LOUPE_LONG=1 takes it.
func some(n int) int {
	if runtime.GOOS == "js" || os.Getenv("LOUPE_LONG") != "" {
		return n
	}
	return 12
}

// norm is the length of a vector.
func norm(v []float32) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// near fails the test unless got is want to within tol of a vector's length; it returns the error.
func near(t *testing.T, what string, got, want float32, length, tol float64) float64 {
	e := math.Abs(float64(got)-float64(want)) / length
	if !(e <= tol) {
		t.Errorf("%s is %v, not %v: off by %.2g of the vector's length", what, got, want, e)
	}
	return e
}

// TestSmolLM2 runs a text of 200 tokens through a real model in blocks of 4 bits and compares it with transformers on the widened
// weights in f64: logits and residual streams, attention, and the distribution at every position.
func TestSmolLM2(t *testing.T) {
	m, ck, g := smollm2(t)
	if left := ck.Unread(); len(left) > 0 || len(ck.Warnings) > 0 {
		t.Errorf("unread %v, warnings %v", left, ck.Warnings)
	}
	rec := activation.NewRecorder("*.resid_post", "*.attn.pattern")
	var kl, logit float64
	vocab, top := m.Info().Vocab, g.arrays["top.ids"].Shape[1]
	check := func(pos int, l []float32) {
		length := norm(l)
		near(t, "the logits' length", float32(length), g.arrays["norm"].Data[pos], length, 3e-5)
		kl = max(kl, divergence(l, g, pos, top))
		for i := range top {
			at := pos*top + i
			logit = max(logit, near(t, "a large logit", l[int(g.arrays["top.ids"].Data[at])], g.arrays["top.logits"].Data[at], length, 3e-5))
		}
		for i, p := range g.Positions {
			for j, id := range g.Tokens {
				if p == pos {
					logit = max(logit, near(t, "a logit", l[id], g.arrays["logits"].Data[i*len(g.Tokens)+j], length, 3e-5))
				}
			}
		}
	}
	g.IDs = g.IDs[:some(len(g.IDs))]
	in := nn.Input{IDs: g.IDs, Hooks: &activation.Hooks{Recorder: rec}, Logits: check}
	if err := m.Forward(m.NewState(), in); err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d tokens: logits within %.2g of their length, KL at most %.2g nats", vocab, logit, kl); !(kl <= 1e-6) {
		t.Errorf("KL %.2g nats", kl)
	}
	checkStreams(t, rec, g)
	checkPatterns(t, rec, g)
}

// divergence is the KL divergence from the reference's distribution to that of the logits, in nats, over the largest logits and
// all others together.
func divergence(l []float32, g *golden, pos, top int) (kl float64) {
	most := float64(l[0])
	for _, x := range l {
		most = max(most, float64(x))
	}
	var sum float64
	for _, x := range l {
		sum += math.Exp(float64(x) - most)
	}
	z := most + math.Log(sum)
	restP, restQ := 1.0, 1.0
	for i := range top {
		at := pos*top + i
		logP := float64(g.arrays["top.logits"].Data[at]) - float64(g.arrays["logsumexp"].Data[pos])
		logQ := float64(l[int(g.arrays["top.ids"].Data[at])]) - z
		kl += math.Exp(logP) * (logP - logQ)
		restP, restQ = restP-math.Exp(logP), restQ-math.Exp(logQ)
	}
	if restP > 1e-6 && restQ > 1e-6 {
		kl += restP * math.Log(restP/restQ)
	}
	return kl
}

func checkStreams(t *testing.T, rec *activation.Recorder, g *golden) {
	var worst float64
	norms, numbers := g.arrays["resid_post.norm"], g.arrays["resid_post"]
	for l := range norms.Shape[0] {
		s := rec.Get(activationName(l, "resid_post"))
		for pos := range g.IDs {
			length := norm(s.At(pos))
			worst = max(worst, near(t, "a stream's length", float32(length), norms.Data[l*norms.Shape[1]+pos], length, 3e-5))
		}
	}
	for i, l := range g.Layers {
		for j, pos := range g.Positions {
			if pos >= len(g.IDs) {
				continue
			}
			v := rec.Get(activationName(l, "resid_post")).At(pos)
			for k, unit := range g.Units {
				at := (i*len(g.Positions)+j)*len(g.Units) + k
				worst = max(worst, near(t, "a stream's number", v[unit], numbers.Data[at], norm(v), 3e-5))
			}
		}
	}
	t.Logf("residual streams within %.2g of their length", worst)
}

func checkPatterns(t *testing.T, rec *activation.Recorder, g *golden) {
	var worst float64
	want := g.arrays["pattern"] // [seen, head, query, key]
	heads, keys := want.Shape[1], want.Shape[3]
	for i, l := range g.Seen {
		for h := range heads {
			for j, q := range g.Queries {
				if q >= len(g.IDs) {
					continue
				}
				for k, got := range rec.Get(activationName(l, "attn.pattern")).Head(q, h) {
					at := ((i*heads+h)*len(g.Queries)+j)*keys + k
					worst = max(worst, near(t, "attention", got, want.Data[at], 1, 2e-5))
				}
			}
		}
	}
	t.Logf("attention within %.2g", worst)
}

func activationName(layer int, name string) string { return fmt.Sprintf("blocks.%d.%s", layer, name) }

// TestSmolLM2Greedy continues a text as transformers does.
func TestSmolLM2Greedy(t *testing.T) {
	if some(100) < 100 {
		t.Skip("natively only with LOUPE_LONG=1")
	}
	m, _, g := smollm2(t)
	state, ids := m.NewState(), g.IDs[:g.Prompt]
	for i, want := range g.Greedy {
		var got int
		in := nn.Input{IDs: ids, LogitsFrom: state.Len() + len(ids) - 1, Logits: func(_ int, l []float32) { got = slices.Index(l, slices.Max(l)) }}
		if err := m.Forward(state, in); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("token %d is %d, not %d, which is ahead by %.2g", i, got, want, g.Margins[i])
		}
		ids = []int{got}
	}
}
