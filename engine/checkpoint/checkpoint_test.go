package checkpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

const testdata = "../../testdata/formats"

func readFile(t testing.TB, name string) File {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	return bytesFile(name, b)
}

func bytesFile(name string, b []byte) File {
	return File{Name: name, Size: int64(len(b)), R: bytes.NewReader(b)}
}

// tensors is a safetensors file of named tensors, in order.
func tensors(list ...any) []byte {
	var head []string
	var data []byte
	for i := 0; i < len(list); i += 3 {
		begin := len(data)
		switch v := list[i+2].(type) {
		case []float32:
			for _, x := range v {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
			}
			head = append(head, fmt.Sprintf(`"%s":{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`, list[i], list[i+1], begin, len(data)))
		case []int8:
			for _, x := range v {
				data = append(data, byte(x))
			}
			head = append(head, fmt.Sprintf(`"%s":{"dtype":"I8","shape":%s,"data_offsets":[%d,%d]}`, list[i], list[i+1], begin, len(data)))
		}
	}
	h := "{" + strings.Join(head, ",") + "}"
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h...), data...)
}

// TestTypes reads what the reference writers wrote (testdata/gen-formats/files.py), each type as a matrix, transposed, and as
// its rows.
func TestTypes(t *testing.T) {
	for _, name := range []string{"types.safetensors", "types.npz", "deflated.npz", "pytorch/types.pt", "pytorch/types-legacy.pt"} {
		c, err := Open([]File{readFile(t, name)}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range c.Tensors {
			kind := strings.TrimPrefix(info.Name, "t.")
			m, err := c.Matrix(info.Name, 3, 64)
			if err != nil {
				t.Fatalf("%s %s: %v", name, kind, err)
			}
			wantType := tensor.F32
			if kind == "F16" || kind == "BF16" {
				wantType = tensor.DType(kind)
			}
			if m.Type != wantType {
				t.Errorf("%s %s is kept as %s", name, kind, m.Type)
			}
			back, err := c.MatrixT(info.Name, 64, 3)
			if err != nil {
				t.Fatalf("%s %s: %v", name, kind, err)
			}
			row, col := make([]float32, 64), make([]float32, 3)
			for i := range 192 {
				m.Row(row, i/64)
				back.Row(col, i%64)
				if want := value(kind, i); row[i%64] != want || col[i/64] != want {
					t.Fatalf("%s %s[%d] = %v, transposed %v, want %v", name, kind, i, row[i%64], col[i/64], want)
				}
			}
		}
		widened := 0
		for _, w := range c.Warnings {
			if w.Code == "widened" {
				widened++
			}
		}
		if widened == 0 || len(c.Unread()) > 0 {
			t.Errorf("%s: warnings %v, unread %v", name, c.Warnings, c.Unread())
		}
	}
}

func value(kind string, i int) float32 {
	switch kind {
	case "BOOL":
		return map[bool]float32{true: 1}[i%3 == 0]
	case "U8":
		return float32(i)
	case "I64", "I32", "I16", "I8":
		return float32(i - 90)
	}
	return float32(i-90) / 4
}

func TestQ8(t *testing.T) {
	q := make([]int8, 128)
	for i := range q {
		q[i] = int8(i - 64)
	}
	scale := []float32{.5, 2, 1, .25}
	c, err := Open([]File{bytesFile("m.safetensors", tensors("w", "[2,64]", q, "w.scale", "[2,2]", scale))}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Matrix("w", 2, 64)
	if err != nil || m.Type != tensor.Q8 {
		t.Fatalf("%v, %v", m, err)
	}
	row := make([]float32, 64)
	for i, v := range q {
		if m.Row(row, i/64); row[i%64] != float32(v)*scale[i/32] {
			t.Fatalf("w[%d] = %v", i, row[i%64])
		}
	}
	if _, err := c.MatrixT("w", 64, 2); code(err) != fault.UnknownDType {
		t.Errorf("transposed: %v", err)
	}
	c, _ = Open([]File{bytesFile("m.safetensors", tensors("w", "[2,33]", q[:66], "w.scale", "[2,2]", scale))}, "", nil)
	if _, err := c.Matrix("w", 2, 33); code(err) != fault.WrongShape {
		t.Errorf("33 columns: %v", err)
	}
}

func TestScaleARow(t *testing.T) {
	q := make([]int8, 66)
	for i := range q {
		q[i] = int8(i - 40)
	}
	scale := []float32{.5, 2}
	c, err := Open([]File{bytesFile("m.safetensors", tensors("w", "[2,33]", q, "w.scale", "[2,1]", scale))}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Matrix("w", 2, 33)
	if err != nil || m.Type != tensor.F32 {
		t.Fatalf("%v, %v", m, err)
	}
	for i, v := range q {
		if m.F32[i] != float32(v)*scale[i/33] {
			t.Fatalf("w[%d] = %v", i, m.F32[i])
		}
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warned: %v", c.Warnings)
	}
}

func code(err error) fault.Code {
	var e *fault.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Code
}

func TestMissingAndMisshapen(t *testing.T) {
	c, err := Open([]File{bytesFile("dir/m.safetensors", tensors("w", "[2,3]", make([]float32, 6)))}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Matrix("v", 2, 3)
	if code(err) != fault.MissingTensor || !strings.Contains(err.Error(), `"v"`) {
		t.Errorf("missing: %v", err)
	}
	_, err = c.Matrix("w", 3, 2)
	if want := `safetensors: dir/m.safetensors: tensor "w": wrong-shape: expected [3, 2], found [2, 3]`; err == nil || err.Error() != want {
		t.Errorf("misshapen: %v, want %s", err, want)
	}
	if _, err = c.Vector("w", 6); code(err) != fault.WrongShape {
		t.Errorf("a matrix as a vector: %v", err)
	}
	if c.Has("v") || !c.Has("w") || c.Shape("v") != nil || !slices.Equal(c.Shape("w"), []int{2, 3}) {
		t.Error("Has and Shape")
	}
}

// TestUnreadTypes: types of safetensors that no model is stored in are listed, and named when a model asks for them.
func TestUnreadTypes(t *testing.T) {
	for kind, size := range map[string]int{"U16": 2, "U32": 4, "U64": 8, "F8_E4M3": 1, "F8_E5M2": 1, "C64": 8} {
		h := fmt.Sprintf(`{"w":{"dtype":%q,"shape":[1,2],"data_offsets":[0,%d]}}`, kind, 2*size)
		c, err := Open([]File{bytesFile("m.safetensors", append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h...), make([]byte, 2*size)...))}, "", nil)
		if err != nil || c.Tensors[0].DType != tensor.DType(kind) {
			t.Fatalf("%s: %v, %v", kind, err, c)
		}
		if _, err := c.Matrix("w", 1, 2); code(err) != fault.UnknownDType || !strings.HasSuffix(err.Error(), "found "+kind) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestNonFinite(t *testing.T) {
	inf := float32(math.Inf(1))
	c, err := Open([]File{bytesFile("m.safetensors", tensors("w", "[2,2]", []float32{1, inf, inf - inf, 0}))}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Matrix("w", 2, 2); err != nil {
		t.Fatal(err)
	}
	if c.NonFinite("w") != 2 || !slices.Contains(c.Warnings, Warning{"non-finite", "w", 2}) {
		t.Errorf("%d, %v", c.NonFinite("w"), c.Warnings)
	}
}

// TestSortOut gives folders as people drop them.
func TestSortOut(t *testing.T) {
	w := tensors("w", "[1,1]", []float32{1})
	st := func(name string) File { return bytesFile(name, w) }
	text := func(name string) File { return bytesFile(name, []byte("{}")) }
	cases := []struct {
		name  string
		files []File
		code  fault.Code
		found string // in the error
	}{
		{"nothing", nil, fault.NoWeights, ""},
		{"only a config", []File{text("config.json")}, fault.NoWeights, "config.json"},
		{"0 bytes", []File{bytesFile("model.safetensors", nil)}, fault.EmptyFile, "model.safetensors"},
		{"a web page", []File{bytesFile("model.safetensors", []byte("<!DOCTYPE html><html><body>Sign in</body></html>"))}, fault.WrongMagic, "a web page"},
		{"a git LFS pointer", []File{bytesFile("model.safetensors", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00"))}, fault.WrongMagic, "LFS"},
		{"GGML", []File{bytesFile("m.bin", []byte("ggml\x03\x00\x00\x00and so on"))}, fault.WrongMagic, "GGML"},
		{"a pickle", []File{bytesFile("m.pt", []byte("\x80\x02}q\x00."))}, fault.WrongMagic, "pickle"},
		{"PyTorch's oldest form", []File{bytesFile("m.pt", append(append([]byte("sys_info"), make([]byte, 249)...), "ustar\x0000"...))}, fault.WrongMagic, "PyTorch, before version 0.2"},
		{"a picture", []File{bytesFile("cat.png", []byte("\x89PNG\r\n\x1a\nand so on"))}, fault.WrongMagic, "a PNG picture"},
		{"noise", []File{bytesFile("x.bin", []byte{1, 2, 3, 4, 5, 6, 7, 8, 9})}, fault.WrongMagic, "another kind of file"},
		{"noise with a config", []File{text("config.json"), bytesFile("pytorch_model.bin", bytes.Repeat([]byte{1, 200, 0}, 200))}, fault.WrongMagic, "another kind of file"},
		{"0 bytes with a config", []File{text("config.json"), bytesFile("pytorch_model.bin", nil)}, fault.EmptyFile, "pytorch_model.bin"},
		{"two models", []File{st("a/model.safetensors"), st("b/model.safetensors")}, fault.SeveralModels, "a/model.safetensors, b/model.safetensors"},
		{"a part is missing", []File{st("m-00001-of-00003.safetensors"), st("m-00002-of-00003.safetensors")}, fault.Sharded, "m-00003"},
		{"a tensor in two parts", []File{st("m-00001-of-00002.safetensors"), st("m-00002-of-00002.safetensors")}, fault.DuplicateTensor, "m-00002"},
		{"two configs", []File{st("m/model.safetensors"), text("a/config.json"), text("b/config.json")}, fault.SeveralModels, "config.json"},
		{"an empty config", []File{st("model.safetensors"), bytesFile("config.json", nil)}, fault.EmptyFile, "config.json"},
	}
	for _, c := range cases {
		_, err := Open(c.files, "", nil)
		if code(err) != c.code || !strings.Contains(err.Error(), c.found) {
			t.Errorf("%s: got %v, want code %s and %q", c.name, err, c.code, c.found)
		}
	}
	c, err := Open([]File{text("other/config.json"), text("m/config.json"), st(`m\weights.bin`), text("m/README.md"), text("m/.hidden"), text("m/vocab.json")}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != `m\weights.bin` || c.Config == nil || c.Files["vocab.json"] == nil || fmt.Sprint(c.Ignored) != "[m/.hidden m/README.md other/config.json]" {
		t.Errorf("name %s, config %q, files %v, ignored %v", c.Name, c.Config, c.Files, c.Ignored)
	}
}

// TestSentenceModel: a folder of sentence-transformers has two files config.json, of which one is of the pooling.
func TestSentenceModel(t *testing.T) {
	files := []File{bytesFile("m/model.safetensors", tensors("w", "[1,1]", []float32{1})), bytesFile("m/1_Pooling/config.json", []byte(`{"a":1}`)),
		bytesFile("m/config.json", []byte(`{"b":1}`)), bytesFile("m/modules.json", []byte(`[]`))}
	for range files { // in any order
		files = append(files[1:], files[0])
		c, err := Open(files, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if string(c.Config) != `{"b":1}` || string(c.Files["1_pooling/config.json"]) != `{"a":1}` || c.Files["modules.json"] == nil || len(c.Ignored) > 0 {
			t.Errorf("config %s, files %s, ignored %v", c.Config, c.Files, c.Ignored)
		}
	}
}

// TestNthReadFails lets each read fail in turn, until all succeed: always a typed error that names the cause, never a panic.
func TestNthReadFails(t *testing.T) {
	for _, name := range []string{"types.safetensors", "types.npz", "deflated.npz"} {
		file := readFile(t, name)
		for n := 1; ; n++ {
			f := file
			fl := &formattest.Flaky{R: f.R, N: n}
			f.R = fl
			err := readAll(f)
			if fl.N > 0 {
				if err != nil {
					t.Fatal(err)
				}
				if n < 4 {
					t.Errorf("%s was read in %d reads", name, n-1)
				}
				break
			}
			if err == nil || code(err) == "" {
				t.Errorf("%s, read %d: %v", name, n, err)
			} else if code(err) == fault.Unreadable && !errors.Is(err, formattest.ErrBroken) {
				t.Errorf("%s, read %d: %v does not say why", name, n, err)
			}
		}
	}
}

func readAll(f File) error {
	c, err := Open([]File{f}, "", nil)
	if err != nil {
		return err
	}
	for _, x := range c.Tensors {
		if _, err := c.Matrix(x.Name, 3, 64); err != nil {
			return err
		}
	}
	return nil
}

func TestProgressAndCancel(t *testing.T) {
	var last, total int64
	stop := false
	progress := func(_ string, done, of int64) error {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		if last, total = done, of; stop {
			return context.Canceled
		}
		return nil
	}
	c, err := Open([]File{readFile(t, "types.safetensors")}, "", progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range c.Tensors {
		if stop {
			if _, err := c.Matrix(x.Name, 3, 64); code(err) != fault.Cancelled || !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			return
		}
		if _, err := c.Matrix(x.Name, 3, 64); err != nil {
			t.Fatal(err)
		}
		stop = last > total/2
	}
	t.Error("never got half way")
}

// FuzzOpen opens a file of any format and reads its matrices.
func FuzzOpen(f *testing.F) {
	f.Add("model.safetensors", tensors("w", "[1,2]", []float32{1, 2}))
	f.Add("config.json", []byte("{}"))
	for _, name := range []string{"types.safetensors", "deflated.npz", "one.npy", "../gguf/llama-blocks.gguf", "../gguf/types.gguf", "../gguf/gpt2-blocks.gguf"} {
		b, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, b)
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		c, err := Open([]File{bytesFile(name, b)}, "", nil)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("%T is not typed", err)
			}
			return
		}
		for _, x := range c.list {
			switch {
			case len(x.Shape) == 2 && x.Shape[0]*x.Shape[1] < 1<<20:
				_, err = c.Matrix(x.as(), x.Shape[0], x.Shape[1])
				if err == nil {
					_, err = c.MatrixT(x.as(), x.Shape[1], x.Shape[0])
				}
			case len(x.Shape) == 1 && x.Shape[0] < 1<<20:
				_, err = c.Vector(x.as(), x.Shape[0])
			}
			if err != nil && code(err) == "" {
				t.Fatalf("%T is not typed", err)
			}
		}
	})
}
