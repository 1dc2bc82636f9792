package pytorch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

const testdata = "../../../testdata/formats/pytorch"

// read reads a file that torch wrote (testdata/gen-formats/torch_files.py).
func read(t testing.TB, name string) []byte {
	t.Helper()
	return formattest.Read(t, filepath.Join(testdata, name))
}

func open(b []byte) (*format.File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

func openFile(t testing.TB, name string) *format.File {
	t.Helper()
	b := read(t, name)
	if !Match(b[:min(len(b), 512)]) {
		t.Errorf("%s is not known by its first bytes", name)
	}
	f, err := open(b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func code(err error) fault.Code {
	var e *fault.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Code
}

func find(t testing.TB, f *format.File, name string) *format.Tensor {
	t.Helper()
	i := slices.IndexFunc(f.Tensors, func(x format.Tensor) bool { return x.Name == name })
	if i < 0 {
		t.Fatalf("no tensor %s", name)
	}
	return &f.Tensors[i]
}

// raw are a tensor's bytes as they are stored.
func raw(t testing.TB, x *format.Tensor) []byte {
	t.Helper()
	r, err := x.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != x.Bytes {
		t.Fatalf("%s: %d bytes of %d, %v", x.Name, len(b), x.Bytes, err)
	}
	return b
}

// floats are the numbers of an F32 tensor as they are stored.
func floats(t testing.TB, x *format.Tensor) (v []float32) {
	t.Helper()
	o := binary.ByteOrder(binary.LittleEndian)
	if x.BigEndian {
		o = binary.BigEndian
	}
	for b := raw(t, x); len(b) > 0; b = b[4:] {
		v = append(v, math.Float32frombits(o.Uint32(b)))
	}
	return v
}

// TestTypes looks at types and shapes; the numbers of all types are compared in package checkpoint.
func TestTypes(t *testing.T) {
	want := "t.F64 F64 [3 64]8 t.F32 F32 [3 64]4 t.F16 F16 [3 64]2 t.BF16 BF16 [3 64]2 t.I64 I64 [3 64]8 t.I32 I32 [3 64]4 " +
		"t.I16 I16 [3 64]2 t.I8 I8 [3 64]1 t.BOOL BOOL [3 64]1 t.U8 U8 [3 64]1"
	for _, name := range []string{"types.pt", "types-legacy.pt"} {
		var got []string
		for _, x := range openFile(t, name).Tensors {
			got = append(got, fmt.Sprintf("%v%d", x.Info, x.Size))
			if len(raw(t, &x)) != 192*x.Size {
				t.Errorf("%s: %s has %d bytes", name, x.Name, x.Bytes)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s", name, s)
		}
	}
	f := openFile(t, "new-types.pt")
	if x := find(t, f, "f8"); x.Size != 0 || x.DType != "F8_E4M3" || find(t, f, "w").Size != 4 {
		t.Errorf("%v: %d bytes a number", x.Info, x.Size)
	}
}

// TestViews reads tensors that see one storage in every order.
func TestViews(t *testing.T) {
	for _, name := range []string{"views.pt", "views-legacy.pt"} {
		f := openFile(t, name)
		for _, want := range []struct {
			name, shape string
			fortran     bool
			numbers     []float32
		}{
			{"later", "[3]", false, []float32{0, .25, .5}},
			{"transposed", "[4 3]", true, []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
			{"columns", "[3 2]", false, []float32{1, 2, 5, 6, 9, 10}},
			{"steps", "[20]", false, []float32{-22.5, -10, 2.5, 15, 27.5, 40, 52.5, 65, 77.5, 90, 102.5, 115, 127.5, 140, 152.5, 165, 177.5, 190, 202.5, 215}},
			{"turned", "[3 4 2]", false, []float32{0, 12, 1, 13, 2, 14, 3, 15, 4, 16, 5, 17, 6, 18, 7, 19, 8, 20, 9, 21, 10, 22, 11, 23}},
			{"one", "[]", false, []float32{-20.75}},
			{"empty", "[0]", false, nil},
			{"row of one", "[1 4]", false, []float32{4, 5, 6, 7}},
		} {
			x := find(t, f, want.name)
			if got := floats(t, x); fmt.Sprint(x.Shape) != want.shape || x.Fortran != want.fortran || !slices.Equal(got, want.numbers) {
				t.Errorf("%s: %s is %v, Fortran %v, %v", name, want.name, x.Info, x.Fortran, got)
			}
		}
		if a, b := floats(t, find(t, f, "rows")), floats(t, find(t, f, "rows.again")); len(a) != 192 || a[191] != 25.25 || !slices.Equal(a, b) {
			t.Errorf("%s: tied tensors differ", name)
		}
	}
}

func TestBigEndian(t *testing.T) {
	a, b := find(t, openFile(t, "one.pt"), "t.F32"), find(t, openFile(t, "big-endian.pt"), "t.F32")
	if a.BigEndian || !b.BigEndian || !slices.Equal(floats(t, a), floats(t, b)) {
		t.Errorf("%v, %v", a.BigEndian, b.BigEndian)
	}
}

const rnnNames = "mask encoder.weight rnn.weight_ih_l0 rnn.weight_hh_l0 rnn.bias_ih_l0 rnn.bias_hh_l0 " +
	"rnn.weight_ih_l1 rnn.weight_hh_l1 rnn.bias_ih_l1 rnn.bias_hh_l1 decoder.weight decoder.bias"

func names(f *format.File) string {
	var list []string
	for _, x := range f.Tensors {
		if x.As != "" {
			list = append(list, x.As)
		} else {
			list = append(list, x.Name)
		}
	}
	return strings.Join(list, " ")
}

// TestModules names the tensors of whole pickled modules as their state_dict would, and keeps what the modules say.
func TestModules(t *testing.T) {
	for _, name := range []string{"module.pt", "module-legacy.pt", "list.pt"} {
		f := openFile(t, name)
		if got := names(f); got != rnnNames {
			t.Errorf("%s: %s", name, got)
		}
		m := f.Metadata
		for key, want := range map[string]any{"pytorch.class": "__main__.RNNModel", "rnn_type": "LSTM", "nlayers": int64(2), "rnn.mode": "LSTM",
			"rnn.bidirectional": false, "drop.p": 0.2} {
			if m[key] != want {
				t.Errorf("%s: %s is %v", name, key, m[key])
			}
		}
		if a, b := floats(t, find(t, f, "encoder.weight")), floats(t, find(t, f, "decoder.weight")); !slices.Equal(a, b) {
			t.Errorf("%s: the tied weights differ", name)
		}
		for _, x := range f.Tensors {
			if want := map[string]string{"encoder.weight": "encoder.weight", "decoder.weight": "encoder.weight"}[x.Name]; x.Twins != want {
				t.Errorf("%s: %s is a twin of %q", name, x.Name, x.Twins)
			}
		}
		if _, ok := m["rnn._flat_weights_names"]; ok || m["training"] != nil {
			t.Errorf("%s: %v", name, m)
		}
	}
	if path := openFile(t, "list.pt").Metadata["pytorch.path"]; path != "0" {
		t.Errorf("in a list: %v", path)
	}
	script := openFile(t, "script.pt")
	if got := names(script); got != strings.Replace(rnnNames, "mask", "mask passing", 1) || script.Metadata["rnn_type"] != "LSTM" {
		t.Errorf("TorchScript: %s, %v", got, script.Metadata)
	}
}

// TestTraining opens what a training loop saves: the weights among other things, two of the same size, with a prefix.
func TestTraining(t *testing.T) {
	f := openFile(t, "training.pt")
	if got := names(f); got != rnnNames || f.Tensors[1].Name != "module._orig_mod.encoder.weight" {
		t.Errorf("%s", got)
	}
	for key, want := range map[string]any{"pytorch.path": "model_state_dict", "epoch": int64(3), "best_loss": 1.5, "done": true, "name": "tiny",
		"args.nhid": int64(4), "args.model": "LSTM", "args.tied": true} {
		if f.Metadata[key] != want {
			t.Errorf("%s is %v", key, f.Metadata[key])
		}
	}
	if got := string(f.Files["tokenizer.json"]); got != `{"type":"char","vocab":["a","b","c"," ","d","\n","\u003c"]}` {
		t.Errorf("tokenizer.json is %s", got)
	}
	if got := fmt.Sprint(f.Metadata["args.sizes"], f.Metadata["pytorch.classes"]); got != "[1 2] [argparse.Namespace]" {
		t.Errorf("%s", got)
	}
	if got := names(openFile(t, "parameters.pt")); got != "weight" {
		t.Errorf("parameters: %s", got)
	}
	if x := openFile(t, "tensor.pt").Tensors[0]; fmt.Sprint(x.Info) != "tensor F32 [2 3]" {
		t.Errorf("a tensor alone: %v", x.Info)
	}
	corpus := openFile(t, "corpus.pt")
	if got := string(corpus.Files["tokenizer.json"]); names(corpus) != "embed.weight" || got != `{"type":"word","vocab":["\u003ceos\u003e","the","cat","sat","été"]}` {
		t.Errorf("a corpus beside the weights: %s, %s", names(corpus), got)
	}
	if got := fmt.Sprint(corpus.Metadata["chars"]); got != "[a b]" { // of another size than the embedding: no vocabulary of it
		t.Errorf("chars: %s", got)
	}
	p4 := openFile(t, "protocol4.pt")
	if names(p4) != "t.F32" || p4.Metadata["kept"] != "a text" {
		t.Errorf("protocol 4: %s, %v", names(p4), p4.Metadata)
	}
}

func TestUnsupported(t *testing.T) {
	for name, want := range map[string]string{
		"quantised.pt": `pytorch: tensor "w": unsupported: expected a tensor of plain numbers, dense, found a quantised tensor`,
		"sparse.pt":    `pytorch: tensor "w": unsupported: expected a tensor of plain numbers, dense, found a sparse tensor`,
		"expanded.pt":  `pytorch: tensor "w": unsupported: expected each number once, found [4, 5] of 4 bytes (expanded)`,
		"nothing.pt":   `pytorch: pickle: no-weights: expected tensors in a state_dict: save model.state_dict(), found a dict`,
	} {
		if _, err := open(read(t, name)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCut cuts good files at every byte, and turns bits of what is no number in them: an error, or the same tensors, and never a
// panic.
func TestCut(t *testing.T) {
	for _, name := range []string{"one.pt", "protocol4.pt", "views-legacy.pt"} {
		b := read(t, name)
		for n := range b {
			if _, err := open(b[:n]); code(err) == "" {
				t.Fatalf("%s cut at %d of %d bytes: %v", name, n, len(b), err)
			}
		}
		for i := range b {
			c := bytes.Clone(b)
			c[i] ^= 1 << (i % 8)
			readAll(t, c)
		}
	}
}

// readAll opens a file and reads all of it that it says it has; all errors are typed. It returns how many bytes that were.
func readAll(t testing.TB, b []byte) (n int64) {
	f, err := open(b)
	if err != nil {
		if code(err) == "" {
			t.Fatalf("%v has no type", err)
		}
		return 0
	}
	for i := range f.Tensors {
		x := &f.Tensors[i]
		if x.Bytes > int64(len(b)) || x.Bytes != int64(tensor.Numel(x.Shape))*int64(max(x.Size, 0)) && x.Size > 0 {
			t.Fatalf("%v of %d bytes in a file of %d", x.Info, x.Bytes, len(b))
		}
		r, err := x.Open()
		if err == nil {
			var k int64
			k, err = io.Copy(io.Discard, r)
			if n += k; err == nil && k != x.Bytes {
				t.Fatalf("%v: %d bytes of %d", x.Info, k, x.Bytes)
			}
		}
		if err != nil && code(err) == "" {
			t.Fatalf("%v: %v has no type", x.Info, err)
		}
	}
	return n
}

// TestNthReadFails lets each read fail in turn, until all succeed.
func TestNthReadFails(t *testing.T) {
	for _, name := range []string{"views.pt", "views-legacy.pt"} {
		b := read(t, name)
		for n := 1; ; n++ {
			fl := &formattest.Flaky{R: bytes.NewReader(b), N: n}
			_, err := Open(fl, int64(len(b)))
			if fl.N > 0 {
				if err != nil || n < 6 {
					t.Errorf("%s: %v after %d reads", name, err, n)
				}
				break
			}
			if code(err) != fault.Unreadable || !errors.Is(err, formattest.ErrBroken) {
				t.Fatalf("%s, read %d: %v", name, n, err)
			}
		}
	}
}

// FuzzOpen holds that any bytes give a file or a typed error, in memory that the file's size bounds.
func FuzzOpen(f *testing.F) {
	entries, err := os.ReadDir(testdata)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "module-legacy.pt" { // 40 KB of source code
			f.Add(read(f, e.Name()))
		}
	}
	for _, h := range hostile() {
		if len(h.b) < 1<<14 {
			f.Add(h.b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := formattest.Allocated()
		f, err := open(b)
		if err != nil && code(err) == "" {
			t.Fatalf("%v has no type", err)
		}
		if took := formattest.Allocated() - before; took > 2*uint64(len(b))+16<<20 {
			t.Fatalf("%d bytes of memory for a file of %d", took, len(b))
		}
		if f != nil && len(b) < 1<<16 {
			readAll(t, b)
		}
	})
}
