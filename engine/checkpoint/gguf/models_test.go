package gguf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/checkpoint"
	"loupe/engine/checkpoint/gguf"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// folder has what testdata/gen-formats/gguf_models.py wrote.
var folder = filepath.Join(enginetest.Root(), "testdata", "gguf")

func open(t testing.TB, names ...string) *checkpoint.Checkpoint {
	t.Helper()
	var paths []string
	for _, n := range names {
		paths = append(paths, filepath.Join(folder, n+".gguf"))
	}
	return enginetest.Checkpoint(t, paths...)
}

// reference is what the gguf package and transformers make of the files, and the tokens that were run.
func reference(t testing.TB) (map[string]*tensor.Tensor, []int) {
	t.Helper()
	all, meta := enginetest.ReadArrays(t, filepath.Join(folder, "reference.safetensors"))
	var ids []int
	if err := json.Unmarshal([]byte(meta["ids"].(string)), &ids); err != nil {
		t.Fatal(err)
	}
	return all, ids
}

// TestModels runs a model of each architecture by its GGUF file alone, and compares what comes out with transformers: names,
// shapes, orders of rows, norms and config must all be right for that.
func TestModels(t *testing.T) {
	all, ids := reference(t)
	for _, c := range []struct {
		file, family string
		ignored      string // what nothing reads
	}{
		{"llama", "Llama", "[]"}, {"llama-tied", "Llama", "[]"}, {"mistral", "Mistral", "[]"}, {"qwen2", "Qwen2", "[]"}, {"qwen3", "Qwen3", "[]"},
		{"phi3", "Phi-3", "[]"}, {"gemma", "Gemma", "[]"}, {"gemma2", "Gemma 2", "[]"}, {"gemma3", "Gemma 3", "[]"}, {"phi", "Phi", "[]"}, {"phi-fused", "Phi", "[]"},
		{"neox", "GPT-NeoX", "[]"}, {"gpt2-untied", "GPT-2", "[]"}, {"bert-encoder", "BERT", "[]"}, {"distilbert", "DistilBERT", "[]"},
		{"roberta", "BERT", "[]"}, {"llama-blocks", "Llama", "[]"}, {"neox-blocks", "GPT-NeoX", "[]"}, {"gpt2-blocks", "GPT-2", "[]"},
	} {
		t.Run(c.file, func(t *testing.T) {
			ck := open(t, c.file)
			m, err := model.Open(ck.Config, ck)
			if err != nil {
				t.Fatalf("%v\n%s", err, ck.Config)
			}
			if got := fmt.Sprint(ck.Unread()); got != c.ignored || m.Info().Family != c.family || len(ck.Warnings) > 0 {
				t.Errorf("%s, unread %s, warnings %v", m.Info().Family, got, ck.Warnings)
			}
			pooling := string(ck.Files["1_pooling/config.json"])
			if encoder := strings.Contains(c.family, "BERT"); encoder != strings.Contains(pooling, `"pooling_mode_cls_token": true`) {
				t.Errorf("pooling %s", pooling)
			}
			name, last := c.file+"/logits", "logits"
			if all[name] == nil {
				acts := m.Info().Acts
				name, last = c.file+"/hidden", acts[len(acts)-1].Name
			}
			rec := activation.NewRecorder(last)
			if err := m.Forward(m.NewState(), nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: rec}}); err != nil {
				t.Fatal(err)
			}
			worst := enginetest.Same(t, rec, map[string]*tensor.Tensor{last: all[name]}, 2e-5)
			t.Logf("largest relative error of %s %.2g", last, worst)
		})
	}
}

// TestTensors compares the tensors of models in blocks with what the gguf package widens the blocks to, in transformers' order.
func TestTensors(t *testing.T) {
	all, _ := reference(t)
	for _, file := range []string{"llama-blocks", "neox-blocks", "gpt2-blocks"} {
		ck := open(t, file)
		seen := 0
		for name, want := range all {
			as, ok := strings.CutPrefix(name, file+"/")
			if !ok || !ck.Has(as) {
				continue
			}
			seen++
			got, err := values(ck, as)
			if err != nil || !slices.Equal(ck.Shape(as), want.Shape) || !slices.Equal(got, want.Data) {
				t.Errorf("%s: %v, shape %v, want %v; %v.. want %v..", name, err, ck.Shape(as), want.Shape, got[:4], want.Data[:4])
			}
		}
		if seen != len(ck.Tensors) {
			t.Errorf("%s: %d of %d tensors compared", file, seen, len(ck.Tensors))
		}
	}
}

// values reads a tensor row by row, whatever its type, in the order of its shape.
func values(ck *checkpoint.Checkpoint, name string) ([]float32, error) {
	shape := ck.Shape(name)
	if len(shape) == 1 {
		return ck.Vector(name, shape[0])
	}
	turned := false
	m, err := ck.Matrix(name, shape[0], shape[1])
	if err != nil { // blocks of a matrix [in, out] lie along out's inputs: read it transposed, and turn it
		if m, err = ck.MatrixT(name, shape[1], shape[0]); err != nil {
			return nil, err
		}
		turned = true
	}
	out, row := make([]float32, shape[0]*shape[1]), make([]float32, m.Cols)
	for i := range m.Rows {
		m.Row(row, i)
		for j, v := range row {
			if turned {
				out[j*shape[1]+i] = v
			} else {
				out[i*shape[1]+j] = v
			}
		}
	}
	return out, nil
}

// TestTypes reads every type of numbers, and the values of every type.
func TestTypes(t *testing.T) {
	all, _ := reference(t)
	ck := open(t, "types")
	for _, info := range ck.Tensors {
		want := all["types/"+info.Name]
		if want == nil {
			_, err := ck.Matrix(info.Name, info.Shape[0], info.Shape[1])
			if err == nil || !strings.Contains(err.Error(), `types.gguf: tensor "t.IQ2_S": unknown-dtype: expected `) || !strings.HasSuffix(err.Error(), "found IQ2_S") {
				t.Errorf("%s: %v", info.Name, err)
			}
			continue
		}
		m, err := ck.Matrix(info.Name, info.Shape[0], info.Shape[1])
		if err != nil {
			t.Errorf("%s: %v", info.Name, err)
			continue
		}
		if weights, _ := info.DType.BlockSize(); weights > 0 && m.Type != info.DType || info.DType == tensor.BF16 && m.Type != tensor.BF16 {
			t.Errorf("%s became %s", info.DType, m.Type)
		}
		row := make([]float32, m.Cols)
		for i := range m.Rows {
			if m.Row(row, i); !slices.Equal(row, want.Data[i*m.Cols:(i+1)*m.Cols]) {
				t.Errorf("%s, row %d: %v.., want %v..", info.Name, i, row[:4], want.Data[i*m.Cols:i*m.Cols+4])
				break
			}
		}
	}
	if len(ck.Tensors) != 20 {
		t.Errorf("%d tensors", len(ck.Tensors))
	}
	for key, want := range map[string]any{
		"general.architecture": "none", "tokenizer.chat_template": "{{ messages }}", "some.numbers": []int64{1, 2, 3}, "some.floats": []float64{.5, 1.5},
		"some.flags": []int64{1, 0}, "some.u8": int64(200), "some.i8": int64(-2), "some.u16": int64(60000), "some.i16": int64(-300), "some.i32": int64(-70000),
		"some.u64": int64(1 << 40), "some.i64": int64(-1 << 40), "some.f64": 1e-300, "some.bool": true,
	} {
		if got := ck.Metadata[key]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v %T, want %v", key, got, got, want)
		}
	}
}

// TestSplit opens a model in three files, given in any order, and says which one is missing.
func TestSplit(t *testing.T) {
	ck := open(t, "split-00003-of-00003", "split-00001-of-00003", "split-00002-of-00003")
	if len(ck.Tensors) != 5 || ck.Metadata["general.architecture"] != "none" {
		t.Errorf("%v, %v", ck.Tensors, ck.Metadata)
	}
	for i, x := range ck.Tensors {
		m, err := ck.Matrix(x.Name, 2, 3)
		if err != nil || x.Name != fmt.Sprint("t", i) || m.F32[5] != float32(i) {
			t.Errorf("%s: %v %v", x.Name, m, err)
		}
	}
	for _, c := range []struct {
		want string
		name []string // file, and what it is called
	}{
		{`split-00002-of-00003.gguf": sharded: expected all 3 files of this model, found 2, without this one`,
			[]string{"split-00003-of-00003", "split-00003-of-00003", "split-00001-of-00003", "split-00001-of-00003"}},
		{"one.gguf: sharded: expected all 3 files of this model, found 1", []string{"split-00001-of-00003", "one"}},
		{"x-00001-of-00003.gguf: sharded: expected part 1 of 3, found part 2", []string{"split-00001-of-00003", "x-00002-of-00003",
			"split-00002-of-00003", "x-00001-of-00003", "split-00003-of-00003", "x-00003-of-00003"}},
	} {
		var files []checkpoint.File
		for i := 0; i < len(c.name); i += 2 {
			b := enginetest.ReadFile(t, filepath.Join(folder, c.name[i]+".gguf"))
			files = append(files, checkpoint.File{Name: c.name[i+1] + ".gguf", Size: int64(len(b)), R: bytes.NewReader(b)})
		}
		if _, err := checkpoint.Open(files, "", nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestConfigBeside: a config.json that lies beside the file goes before its own, and small files of both are there.
func TestConfigBeside(t *testing.T) {
	b := enginetest.ReadFile(t, filepath.Join(folder, "llama.gguf"))
	text := func(name, s string) checkpoint.File {
		return checkpoint.File{Name: name, Size: int64(len(s)), R: strings.NewReader(s)}
	}
	ck, err := checkpoint.Open([]checkpoint.File{{Name: "m/x.gguf", Size: int64(len(b)), R: bytes.NewReader(b)}, text("m/config.json", "{}"),
		text("m/tokenizer.model", "x"), text("m/mmproj-x.gguf", "GGUF")}, "", nil)
	if err != nil || string(ck.Config) != "{}" || ck.Files["tokenizer.model"] == nil || fmt.Sprint(ck.Ignored) != "[m/mmproj-x.gguf]" {
		t.Errorf("%v %s %v", err, ck.Config, ck.Ignored)
	}
}

// TestNonFinite breaks the scale of one block: its weights are counted, and said.
func TestNonFinite(t *testing.T) {
	b := bytes.Clone(enginetest.ReadFile(t, filepath.Join(folder, "llama-blocks.gguf")))
	good := open(t, "llama-blocks")
	f, err := gguf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range f.Tensors {
		if x.Name != "blk.0.attn_output.weight" { // Q4_1, where a block begins with its scale
			continue
		}
		r, _ := x.Open()
		raw, err := io.ReadAll(r)
		if err != nil || bytes.Count(b, raw) != 1 {
			t.Fatal(err)
		}
		at := bytes.Index(b, raw) + 3*20
		b[at], b[at+1] = 0, 0x7c
	}
	ck, err := checkpoint.Open([]checkpoint.File{{Name: "m.gguf", Size: int64(len(b)), R: bytes.NewReader(b)}}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	const name = "model.layers.0.self_attn.o_proj.weight"
	m, err := ck.Matrix(name, 64, 64)
	want, err2 := good.Matrix(name, 64, 64)
	if err != nil || err2 != nil || ck.NonFinite(name) != 32 || !slices.Contains(ck.Warnings, checkpoint.Warning{Code: "non-finite", What: "blk.0.attn_output.weight", N: 32}) {
		t.Errorf("%v %v, %d, %v", err, err2, ck.NonFinite(name), ck.Warnings)
	}
	got, expected := make([]float32, 64), make([]float32, 64)
	m.Row(got, 5)
	if want.Row(expected, 5); !slices.Equal(got, expected) {
		t.Error("other rows changed")
	}
}
