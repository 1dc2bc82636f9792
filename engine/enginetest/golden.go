// Package enginetest is what tests of the engine share: models with recorded activations (testdata/models), random models made in
// memory, and comparisons.
package enginetest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/checkpoint"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/checkpoint/npy"
	"loupe/engine/checkpoint/safetensors"
	"loupe/engine/model"
	"loupe/engine/tensor"
)

// Models are the tiny models of testdata/models that have goldens.
var Models = []string{"gpt2-tied", "gpt2-untied", "gpt2-relu", "neox", "neox-new", "phi", "phi-new", "bert", "bert-encoder", "distilbert", "roberta",
	"llama", "llama-tied", "llama-yarn",
	"mistral", "qwen2", "qwen3", "phi3", "gemma", "gemma2", "gemma3", "gemma3-nested", "rnn-tanh", "rnn-relu", "lstm", "lstm-proj", "lstm-tied", "gru",
	"keras-lstm", "keras-weights", "keras-gru", "keras-both", "keras2-onehot", "keras2-gru", "keras2-cudnn",
	"pt-onehot", "pt-module", "pt-cells", "pt-awd"}

// Halves are those of two halves (nn.Seq2Seq): their goldens are of a source and a target.
var Halves = []string{"marian", "bart", "t5", "t5-gated"}

// Golden is what PyTorch computed of a model of testdata/models.
type Golden struct {
	IDs     []int // the text, or the source
	Target  []int // of Halves: as the decoder reads it
	Greedy  []int // its likeliest continuation
	Base    Run   // without changes: every activation
	Changed []Run // with changes: some
}

// Run is one run of the text: its activations by name, [position, ..] or [head, query, key].
type Run struct {
	Changes []activation.Intervention
	Acts    map[string]*tensor.Tensor
}

// Root is the repository's root.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Dir is the folder of a model of testdata/models, or of web/models.
func Dir(name string) string {
	for _, place := range []string{"testdata/models", "web/models"} {
		if dir := filepath.Join(Root(), filepath.FromSlash(place), name); isDir(dir) {
			return dir
		}
	}
	panic("enginetest: no model " + name)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// ReadFile reads a file, each once: in the browser, a read is a request. Nobody writes into the bytes.
func ReadFile(t testing.TB, path string) []byte {
	t.Helper()
	return formattest.Read(t, path)
}

// Checkpoint opens files by their paths.
func Checkpoint(t testing.TB, paths ...string) *checkpoint.Checkpoint {
	t.Helper()
	var files []checkpoint.File
	for _, p := range paths {
		b := ReadFile(t, p)
		files = append(files, checkpoint.File{Name: p, Size: int64(len(b)), R: bytes.NewReader(b)})
	}
	ck, err := checkpoint.Open(files, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return ck
}

// Files are the paths of a folder's files.
func Files(t testing.TB, dir string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		paths = append(paths, filepath.Join(dir, e.Name()))
	}
	return paths
}

// Open opens a model of testdata/models or web/models.
func Open(t testing.TB, name string) model.Model {
	t.Helper()
	ck := Checkpoint(t, Files(t, Dir(name))...)
	m, err := model.Open(Config(ck), ck)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Config is the config of a checkpoint, or the one that its tensors tell.
func Config(ck *checkpoint.Checkpoint) []byte {
	if ck.Config != nil {
		return ck.Config
	}
	config, _, _ := model.Infer(ck, ck.Metadata)
	return config
}

// ReadGolden reads testdata/models/goldens/NAME.safetensors.
func ReadGolden(t testing.TB, name string) *Golden {
	t.Helper()
	acts, meta := readTensors(t, filepath.Join(Root(), "testdata", "models", "goldens", name+".safetensors"))
	var about struct {
		IDs, Target, Greedy []int
		Changes             [][]activation.Intervention
	}
	if err := json.Unmarshal([]byte(meta["golden"].(string)), &about); err != nil {
		t.Fatalf("golden %s: %v", name, err)
	}
	g := &Golden{IDs: about.IDs, Target: about.Target, Greedy: about.Greedy}
	g.Base = Run{nil, acts["0"]}
	for i, cs := range about.Changes {
		for k := range cs {
			if cs[k].Op == activation.Mean {
				cs[k].Mean = Mean(g.Base.Acts[cs[k].Name])
			}
		}
		g.Changed = append(g.Changed, Run{cs, acts[strconv.Itoa(i+1)]})
	}
	return g
}

// readTensors reads a golden's tensors, named RUN/ACTIVATION, and its metadata.
func readTensors(t testing.TB, path string) (map[string]map[string]*tensor.Tensor, map[string]any) {
	all, meta := arrays(t, path, ReadFile(t, path))
	out := map[string]map[string]*tensor.Tensor{}
	for name, x := range all {
		run, act, _ := strings.Cut(name, "/")
		if out[run] == nil {
			out[run] = map[string]*tensor.Tensor{}
		}
		out[run][act] = x
	}
	return out, meta
}

// ReadArrays reads the f32 arrays of a safetensors or npz file, and its metadata.
func ReadArrays(t testing.TB, path string) (map[string]*tensor.Tensor, map[string]any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return arrays(t, path, b)
}

func arrays(t testing.TB, path string, b []byte) (map[string]*tensor.Tensor, map[string]any) {
	open := safetensors.Open
	if strings.HasSuffix(path, ".npz") {
		open = npy.OpenZip
	}
	f, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*tensor.Tensor{}
	for _, info := range f.Tensors {
		x := tensor.New(info.Shape...)
		r, err := info.Open()
		if err == nil {
			err = binary.Read(r, binary.LittleEndian, x.Data)
		}
		if err != nil || info.DType != tensor.F32 {
			t.Fatalf("%s: %s %s: %v", path, info.Name, info.DType, err)
		}
		out[info.Name] = x
	}
	return out, f.Metadata
}

// Mean is the mean over x's first axis.
func Mean(x *tensor.Tensor) []float32 {
	n := x.Shape[0]
	out := make([]float32, len(x.Data)/n)
	for i := range out {
		var sum float64
		for p := range n {
			sum += float64(x.Data[p*len(out)+i])
		}
		out[i] = float32(sum / float64(n))
	}
	return out
}
