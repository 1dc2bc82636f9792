package service

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
	"loupe/engine/tensor"
)

// edited is the files of a model with its config changed, a null taking a key away, and with its weights changed.
func edited(x *session, name, config string, weights func([]enginetest.Stored) []enginetest.Stored) []protocol.FileRef {
	refs := x.folder(name)
	for i := range refs {
		switch filepath.Base(refs[i].Name) {
		case "config.json":
			var c map[string]any
			if err := json.Unmarshal(x.files[refs[i].Ref], &c); err != nil {
				x.t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(config), &c); err != nil {
				x.t.Fatal(err)
			}
			for k, v := range c {
				if v == nil {
					delete(c, k)
				}
			}
			b, _ := json.Marshal(c)
			refs[i] = x.file(refs[i].Name, b)
		case "model.safetensors":
			if weights != nil {
				refs[i] = x.file(refs[i].Name, enginetest.Safetensors(weights(stored(x.t, name))...))
			}
		}
	}
	return refs
}

// stored is the tensors of a model's file, as zeros.
func stored(t testing.TB, name string) (out []enginetest.Stored) {
	ck := enginetest.Checkpoint(t, filepath.Join(enginetest.Dir(name), "model.safetensors"))
	for _, info := range ck.Tensors {
		out = append(out, enginetest.Stored{Name: info.Name, DType: tensor.F32, Shape: info.Shape})
	}
	return out
}

func without(name string) func([]enginetest.Stored) []enginetest.Stored {
	return func(s []enginetest.Stored) []enginetest.Stored {
		return slices.DeleteFunc(s, func(k enginetest.Stored) bool { return k.Name == name })
	}
}

func reshaped(name string, shape ...int) func([]enginetest.Stored) []enginetest.Stored {
	return func(s []enginetest.Stored) []enginetest.Stored {
		for i := range s {
			if s[i].Name == name {
				s[i].Shape = shape
			}
		}
		return s
	}
}

// TestBadModels holds that each way in which a config and weights can be wrong has its error, which says where; that
// the model that was open stays; and that nothing is allocated on a liar's word.
func TestBadModels(t *testing.T) {
	for _, c := range []struct {
		model, config string
		weights       func([]enginetest.Stored) []enginetest.Stored
		code, where   string
	}{
		{"gpt2-tied", `{"n_layer": 1000000000}`, nil, "missing-tensor", `transformer.h.2.ln_1.weight`},
		{"gpt2-tied", `{"n_layer": 1}`, nil, "bad-config", "n_layer"},
		{"gpt2-tied", `{"n_layer": 0}`, nil, "bad-config", "n_layer"},
		{"gpt2-tied", `{"n_layer": -3}`, nil, "bad-config", "n_layer"},
		{"gpt2-tied", `{"n_layer": 1e99}`, nil, "bad-config", "config.json"},
		{"gpt2-tied", `{"n_layer": 99999999999999}`, nil, "bad-config", "n_layer"},
		{"gpt2-tied", `{"n_layer": "two"}`, nil, "bad-config", "config.json"},
		{"gpt2-tied", `{"n_head": 5}`, nil, "bad-config", "n_head"},
		{"gpt2-tied", `{"n_embd": 2147483647, "n_head": 1}`, nil, "bad-config", "n_inner"},
		{"gpt2-tied", `{"n_embd": 30}`, nil, "wrong-shape", "transformer.wte.weight"},
		{"gpt2-tied", `{"vocab_size": 41}`, nil, "wrong-shape", "transformer.wte.weight"},
		{"gpt2-tied", `{"n_positions": 2000000000}`, nil, "wrong-shape", "transformer.wpe.weight"},
		{"gpt2-tied", `{"n_inner": 95}`, nil, "wrong-shape", "transformer.h.0.mlp.c_fc.weight"},
		{"gpt2-tied", `{"activation_function": "mish"}`, nil, "unsupported", "activation_function"},
		{"gpt2-tied", `{"add_cross_attention": true}`, nil, "unsupported", "add_cross_attention"},
		{"gpt2-tied", `{"architectures": ["GPT2ForSequenceClassification"]}`, nil, "unsupported", "architectures"},
		{"gpt2-tied", `{"layer_norm_epsilon": -1}`, nil, "bad-config", "layer_norm_epsilon"},
		{"gpt2-tied", `{"tie_word_embeddings": false}`, nil, "bad-config", "tie_word_embeddings"},
		{"gpt2-tied", `{"model_type": "flan"}`, nil, "unknown-family", "model_type"},
		{"gpt2-tied", `{"model_type": null}`, nil, "unknown-family", "model_type"},
		{"gpt2-tied", `{"model_type": ["gpt2"]}`, nil, "bad-config", "config.json"},
		{"gpt2-tied", `{}`, without("transformer.h.1.attn.c_proj.bias"), "missing-tensor", "transformer.h.1.attn.c_proj.bias"},
		{"gpt2-tied", `{}`, without("transformer.wte.weight"), "missing-tensor", "wte.weight"},
		{"gpt2-tied", `{}`, reshaped("transformer.ln_f.bias", 25), "wrong-shape", "transformer.ln_f.bias"},
		{"gpt2-tied", `{}`, reshaped("transformer.h.0.attn.c_attn.weight", 72, 25), "wrong-shape", "transformer.h.0.attn.c_attn.weight"},
		{"gpt2-untied", `{}`, reshaped("lm_head.weight", 39, 24), "wrong-shape", "lm_head.weight"},
		{"lstm", `{"num_layers": 1000000000}`, nil, "missing-tensor", "rnn.weight_ih_l2"},
		{"lstm", `{"num_layers": 1}`, nil, "bad-config", "num_layers"},
		{"lstm", `{"hidden_size": null}`, nil, "bad-config", "hidden_size"},
		{"lstm", `{"hidden_size": 536870912}`, nil, "wrong-shape", "rnn.weight_ih_l0"},
		{"lstm", `{"model_type": "gru"}`, nil, "wrong-shape", "rnn.weight_ih_l0"},
		{"lstm", `{"model_type": "rnn_sigmoid"}`, nil, "unknown-family", "model_type"},
		{"lstm", `{"proj_size": 16}`, nil, "bad-config", "proj_size"},
		{"lstm", `{"proj_size": 5}`, nil, "missing-tensor", "rnn.weight_hr_l0"},
		{"gru", `{"proj_size": 5}`, nil, "bad-config", "proj_size"},
		{"lstm", `{"bidirectional": true}`, nil, "unsupported", "bidirectional"},
		{"lstm", `{"tie_word_embeddings": true}`, nil, "bad-config", "tie_word_embeddings"},
		{"lstm", `{}`, without("rnn.bias_hh_l1"), "missing-tensor", "rnn.bias_hh_l1"},
		{"lstm", `{}`, reshaped("decoder.weight", 40, 16, 1), "wrong-shape", "decoder.weight"},
		{"lstm", `{"vocab_size": 39}`, func(s []enginetest.Stored) []enginetest.Stored {
			return reshaped("decoder.bias", 39)(reshaped("decoder.weight", 39, 16)(reshaped("encoder.weight", 39, 12)(s)))
		}, "vocab-mismatch", ""},
	} {
		x := opened(t, "rnn-tanh")
		refs := edited(x, c.model, c.config, c.weights)
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		e := x.fails(protocol.OpOpen, protocol.Open{Files: refs})
		runtime.ReadMemStats(&m1)
		if e.Code != c.code || !strings.Contains(e.File+" "+e.Where, c.where) || e.File == "" {
			t.Errorf("%s %s: %+v, expected %s at %s", c.model, c.config, *e, c.code, c.where)
		}
		if n := m1.TotalAlloc - m0.TotalAlloc; n > 16<<20 {
			t.Errorf("%s %s: %d bytes allocated", c.model, c.config, n)
		}
		if r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "abc"}); len(r.Tokens) != 3 {
			t.Errorf("%s %s: the model that was open is gone", c.model, c.config)
		}
	}
}

// TestRemarks holds what is said of a model that opens with something to be said.
func TestRemarks(t *testing.T) {
	x := newSession(t)
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: edited(x, "gru", `{}`, func(s []enginetest.Stored) []enginetest.Stored {
		s[0].Fill = func(i int) float32 { return float32(math.Inf(i%2 - 1)) }
		return append(s, enginetest.Stored{Name: "rnn.more", DType: tensor.F32, Shape: []int{2}})
	})})
	var codes []string
	for _, w := range m.Warnings {
		codes = append(codes, w.Code+" "+w.What)
	}
	if !slices.Equal(m.Ignored, []string{"rnn.more"}) || !slices.Contains(codes, "unused-tensors rnn.more") || !slices.ContainsFunc(codes, func(c string) bool { return strings.HasPrefix(c, "non-finite ") }) {
		t.Errorf("ignored %v, warnings %v", m.Ignored, codes)
	}
}

// TestNaN holds that weights that are not numbers say so: when the model opens, when it runs, and where it begins.
func TestNaN(t *testing.T) {
	x := newSession(t)
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: edited(x, "gpt2-tied", `{}`, func(s []enginetest.Stored) []enginetest.Stored {
		for i := range s {
			s[i].Fill = func(k int) float32 { return float32(k%7) / 7 }
			if s[i].Name == "transformer.h.1.mlp.c_fc.bias" {
				s[i].Fill = func(k int) float32 { return float32(math.NaN()) }
			}
		}
		return s
	})})
	if len(m.Warnings) != 1 || m.Warnings[0] != (protocol.Warning{Code: "non-finite", What: "transformer.h.1.mlp.c_fc.bias", N: 96}) {
		t.Errorf("warnings %+v", m.Warnings)
	}
	r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "not-a-number" || r.Warnings[0].What != "blocks.1.mlp.pre" {
		t.Errorf("warnings %+v", r.Warnings)
	}
	if e := x.fails(protocol.OpPredict, protocol.Predict{Pos: 2, N: 5, Sampling: greedy}); e.Code != "not-a-number" || e.Found != "blocks.1.mlp.pre" {
		t.Errorf("%+v", e)
	}
	if e := x.fails(protocol.OpGenerate, protocol.Generate{N: 2, Sampling: greedy}); e.Code != "not-a-number" {
		t.Errorf("%+v", e)
	}
	ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.0.attn.z", To: -1, Index: -1})
	if e := x.fails(protocol.OpEffects, protocol.Effects{Pos: 2, Token: 3, Op: "zero"}); e.Code != "not-a-number" {
		t.Errorf("%+v", e)
	}
}

// TestNoConfig holds that weights alone open where their shapes tell all, and say what is missing where they do not.
func TestNoConfig(t *testing.T) {
	for _, name := range []string{"gemma2", "rnn-tanh", "lstm", "lstm-proj", "lstm-tied", "gru"} {
		x := newSession(t)
		refs := slices.DeleteFunc(x.folder(name), func(f protocol.FileRef) bool { return filepath.Base(f.Name) == "config.json" })
		if name == "gemma2" {
			if e := x.fails(protocol.OpOpen, protocol.Open{Files: refs}); e.Code != "no-config" {
				t.Errorf("%s: %+v", name, e)
			}
			continue
		}
		ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
		a := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
		same(t, name, a, ask[protocol.RunResult](opened(t, name), protocol.OpRun, protocol.Run{Text: "the cat"}))
	}
}

// TestGuesses holds that what was inferred is said, and can be corrected; and that a corrected key is none that was guessed.
func TestGuesses(t *testing.T) {
	x := newSession(t)
	refs := slices.DeleteFunc(x.folder("gpt2-tied"), func(f protocol.FileRef) bool { return filepath.Base(f.Name) == "config.json" })
	keys := func(m *protocol.Model) (keys []string) {
		for _, g := range m.Guesses {
			if g.Value == "" || g.Why == "" || !slices.Contains(g.Choices, g.Value) {
				t.Errorf("%+v", g)
			}
			keys = append(keys, g.Key)
		}
		return keys
	}
	if m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs}); !slices.Equal(keys(m), []string{"n_head", "activation_function"}) {
		t.Errorf("%+v", m.Guesses)
	}
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs, Config: map[string]any{"n_head": 3}})
	if !slices.Equal(keys(m), []string{"activation_function"}) || m.Heads != 3 || !strings.Contains(m.Config, `"n_head":3`) {
		t.Errorf("%+v", m)
	}
	a := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
	same(t, "corrected", a, ask[protocol.RunResult](opened(t, "gpt2-tied"), protocol.OpRun, protocol.Run{Text: "the cat"}))
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: refs, Config: map[string]any{"n_head": 5}}); e.Code != "bad-config" || e.Where != "n_head" {
		t.Errorf("%+v", e)
	}
	other := edited(x, "gpt2-tied", `{"model_type": "flan"}`, nil) // a family that a person knows better
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: other}); e.Code != "unknown-family" || !strings.Contains(e.Expected, "gpt2") {
		t.Errorf("%+v", e)
	}
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: other, Config: map[string]any{"model_type": "gpt2"}})
	a = ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
	same(t, "of another family", a, ask[protocol.RunResult](opened(t, "gpt2-tied"), protocol.OpRun, protocol.Run{Text: "the cat"}))
	x = opened(t, "gpt2-tied") // numbers for tokens
	m = ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.folder("gpt2-tied"), NoTokenizer: true})
	r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "3 7 11"})
	if m.Tokenizer != "numbers" || len(r.Tokens) != 3 || r.Tokens[1].ID != 7 || r.Tokens[1].Text != "7" {
		t.Errorf("%s %+v", m.Tokenizer, r.Tokens)
	}
}

// TestMemory holds that a model that opens takes the memory of its file and little more: no second copy on the way.
func TestMemory(t *testing.T) {
	const v, d = 8000, 512
	var vocab []string
	for i := range v {
		vocab = append(vocab, fmt.Sprint(i))
	}
	tok, _ := json.Marshal(map[string]any{"type": "word", "vocab": vocab, "unknown": "0"})
	config := fmt.Sprintf(`{"model_type": "lstm", "vocab_size": %d, "embedding_size": %d, "hidden_size": %d, "num_layers": 3}`, v, d, d)
	tensors := []enginetest.Stored{{Name: "encoder.weight", DType: tensor.F16, Shape: []int{v, d}}, {Name: "decoder.weight", DType: tensor.F16, Shape: []int{v, d}},
		{Name: "decoder.bias", DType: tensor.F16, Shape: []int{v}}}
	for l := range 3 {
		for _, n := range []string{"ih", "hh"} {
			tensors = append(tensors, enginetest.Stored{Name: fmt.Sprintf("rnn.weight_%s_l%d", n, l), DType: tensor.F16, Shape: []int{4 * d, d}},
				enginetest.Stored{Name: fmt.Sprintf("rnn.bias_%s_l%d", n, l), DType: tensor.F16, Shape: []int{4 * d}})
		}
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"model.safetensors": enginetest.Safetensors(tensors...), "config.json": []byte(config), "tokenizer.json": tok} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x := newSession(t)
	var refs []protocol.FileRef
	for _, p := range enginetest.Files(t, dir) {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, x.file(filepath.Base(p), b))
	}
	size := uint64(refs[1].Size)
	runtime.GC()
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
	runtime.ReadMemStats(&m1)
	if n := m1.TotalAlloc - m0.TotalAlloc; n > size+size*3/10 {
		t.Errorf("%d bytes were allocated for a file of %d", n, size)
	}
}
