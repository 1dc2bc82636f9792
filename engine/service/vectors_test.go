package service

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// TestVectors holds that a text's vector is the mean of what the last layer hands on at its tokens, of models of any kind, and
// that asking for some leaves the session's text alone.
func TestVectors(t *testing.T) {
	for name, last := range map[string]string{"bert-encoder": "blocks.1.ln2.normalized", "bert": "blocks.1.ln2.normalized", "llama": "ln_final.normalized", "lstm": "layers.1.hidden"} {
		x := opened(t, name)
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
		v := ask[protocol.VectorsResult](x, protocol.OpVectors, protocol.Vectors{Texts: []string{"the cat", "a dog sat"}})
		if len(v.Shape) != 2 || v.Shape[0] != 2 || len(v.Modes) != 1 || v.Modes[0] != "mean" || v.Said || v.Normalized {
			t.Fatalf("%s: %+v", name, v)
		}
		a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: last, To: -1, Index: -1})
		if a.Shape[0] != 7 || a.Shape[1] != v.Shape[1] {
			t.Fatalf("%s: %v tokens, %v", name, a.Shape, v.Shape)
		}
		mean := make([]float32, a.Shape[1])
		for i, x := range a.Data {
			mean[i%a.Shape[1]] += x / float32(a.Shape[0])
		}
		if e := enginetest.RelErr(v.Data[:a.Shape[1]], mean); e > 1e-5 {
			t.Errorf("%s: relative error %.2g", name, e)
		}
	}
	x := opened(t, "gru")
	if e := x.fails(protocol.OpVectors, protocol.Vectors{}); e.Code != "bad-request" {
		t.Error(e)
	}
	if e := x.fails(protocol.OpVectors, protocol.Vectors{Texts: []string{"a", ""}}); e.Code != "no-text" {
		t.Error(e)
	}
}

// TestSentenceModel: what the files of a sentence model say is done, or is refused when a vector is asked for; the rest works.
func TestSentenceModel(t *testing.T) {
	open := func(modules string) *session {
		x := newSession(t)
		files := append(x.folder("bert-encoder"), x.file("bert-encoder/modules.json", []byte(modules)),
			x.file("bert-encoder/1_Pooling/config.json", []byte(`{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}`)))
		ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: files})
		return x
	}
	v := ask[protocol.VectorsResult](open(`[{"type": "a.Transformer"}, {"type": "a.Pooling"}, {"type": "a.Normalize"}]`), protocol.OpVectors, protocol.Vectors{Texts: []string{"the cat"}})
	var sum float64
	for _, x := range v.Data {
		sum += float64(x) * float64(x)
	}
	if len(v.Modes) != 1 || v.Modes[0] != "cls" || !v.Said || !v.Normalized || sum < 0.9999 || sum > 1.0001 {
		t.Errorf("%+v, its length %g", v, sum)
	}
	x := open(`[{"type": "a.Transformer"}, {"type": "a.Pooling"}, {"type": "a.Dense"}]`)
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
	if e := x.fails(protocol.OpVectors, protocol.Vectors{Texts: []string{"the cat"}}); e.Code != "unsupported" || e.Where != "[2].type" {
		t.Error(e)
	}
}

// TestMiniLM holds that a real sentence model reads a text and makes its vector as transformers does (testdata/gen-models/minilm.py).
func TestMiniLM(t *testing.T) {
	dir := filepath.Join(enginetest.Root(), "web", "models-large", "all-minilm-l6-v2")
	if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); err != nil {
		t.Skip("the model is not here")
	}
	golden, meta := enginetest.ReadArrays(t, filepath.Join(enginetest.Root(), "testdata", "models", "goldens", "minilm.safetensors"))
	var about struct{ Text string }
	if err := json.Unmarshal([]byte(meta["golden"].(string)), &about); err != nil {
		t.Fatal(err)
	}
	x := newSession(t)
	var files []protocol.FileRef
	for _, name := range []string{"model.safetensors", "config.json", "tokenizer.json"} {
		files = append(files, x.file(name, enginetest.ReadFile(t, filepath.Join(dir, name))))
	}
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: files})
	if m.Logits || m.Family != "BERT" || m.Context != 512 {
		t.Errorf("%+v", m)
	}
	v := ask[protocol.VectorsResult](x, protocol.OpVectors, protocol.Vectors{Texts: []string{about.Text}})
	if e := enginetest.RelErr(v.Data, golden["pool/mean"].Data); len(v.Data) != m.Hidden || !(e <= 1e-5) {
		t.Errorf("the text's vector: relative error %.2g", e)
	}
}
