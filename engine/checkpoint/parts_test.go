package checkpoint

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/fault"
)

func index(name string, parts ...string) File {
	var list []string
	for i, p := range parts {
		list = append(list, fmt.Sprintf(`"t%d": %q`, i, p))
	}
	return bytesFile(name, []byte(`{"metadata": {"total_size": 8}, "weight_map": {`+strings.Join(list, ", ")+`}}`))
}

func shard(name string, value float32) File {
	return bytesFile(name, tensors(fmt.Sprint("t", value), "[1,2]", []float32{value, value}))
}

// TestParts opens a model in several files, with an index and without, in any order.
func TestParts(t *testing.T) {
	for _, files := range [][]File{
		{shard("d/m-00002-of-00003.safetensors", 2), shard("d/m-00003-of-00003.safetensors", 3), shard("d/m-00001-of-00003.safetensors", 1)},
		{shard("d/b.safetensors", 2), index("d/model.safetensors.index.json", "b.safetensors", "A.safetensors", "c.safetensors"),
			shard("d/c.safetensors", 3), shard("d/A.safetensors", 1), index("d/pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin")},
	} {
		c, err := Open(files, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Tensors) != 3 || c.Bytes != 3*files[0].Size || len(c.Ignored) > 0 {
			t.Errorf("%v, %d bytes, ignored %v", c.Tensors, c.Bytes, c.Ignored)
		}
		for i := range 3 {
			m, err := c.Matrix(fmt.Sprint("t", i+1), 1, 2)
			if err != nil || m.F32[1] != float32(i+1) || c.Tensors[i].Name != fmt.Sprint("t", i+1) {
				t.Errorf("%v %v %v", m, err, c.Tensors)
			}
		}
		if _, err := c.Matrix("t3", 1, 1); err == nil || !strings.Contains(err.Error(), c.list[2].file) || c.list[2].file == c.Name {
			t.Errorf("an error of the third part: %v", err)
		}
		sample := c.Sample()
		last := files[len(files)-2]
		last.R = bytes.NewReader(append(make([]byte, last.Size-1), 1))
		for i := range c.parts {
			if c.parts[i].Name == last.Name {
				c.parts[i] = last
			}
		}
		if c.Sample() == sample {
			t.Error("the sample is not of all parts")
		}
	}
}

func TestBadParts(t *testing.T) {
	one := shard("model-00001-of-00002.safetensors", 1)
	huge := func(name string) File {
		return File{Name: name, Size: 3 << 30, R: bytes.NewReader(append(tensors("w", "[1,2]", []float32{1, 2}), make([]byte, HeadSize)...))}
	}
	for _, c := range []struct {
		name  string
		files []File
		code  fault.Code
		found string
	}{
		{"a part is missing", []File{one}, fault.Sharded, `"model-00002-of-00002.safetensors": sharded: expected all 2 files`},
		{"a part of the index is missing", []File{shard("a.safetensors", 1), index("model.safetensors.index.json", "a.safetensors", "b.safetensors")}, fault.Sharded, `"b.safetensors"`},
		{"a part in another folder", []File{one, shard("x/model-00002-of-00002.safetensors", 2)}, fault.SeveralModels, "x/model-00002"},
		{"a path up", []File{one, index("model.safetensors.index.json", "../a.safetensors")}, fault.BadIndex, `"../a.safetensors"`},
		{"a path", []File{one, index("model.safetensors.index.json", "/etc/passwd")}, fault.BadIndex, "passwd"},
		{"a path of Windows", []File{one, index("model.safetensors.index.json", `x\a`)}, fault.BadIndex, "beside the index"},
		{"an address", []File{one, index("model.safetensors.index.json", "https://example.org")}, fault.BadIndex, "example"},
		{"no name", []File{one, index("model.safetensors.index.json", "")}, fault.BadIndex, "beside"},
		{"no parts", []File{one, index("model.safetensors.index.json")}, fault.BadIndex, "weight_map"},
		{"no JSON", []File{one, bytesFile("model.safetensors.index.json", []byte("{"))}, fault.BadIndex, "index.json"},
		{"an empty index", []File{one, bytesFile("model.safetensors.index.json", nil)}, fault.BadIndex, "index.json"},
		{"another form", []File{one, bytesFile("model.safetensors.index.json", []byte(`{"weight_map": [1]}`))}, fault.BadIndex, "index.json"},
		{"nested", []File{one, bytesFile("model.safetensors.index.json", bytes.Repeat([]byte("["), 6000))}, fault.BadIndex, "nesting"},
		{"a huge index", []File{one, {Name: "model.safetensors.index.json", Size: 1 << 40, R: bytes.NewReader(nil)}}, fault.TooLarge, "64 MB"},
		{"too large together", []File{huge("m-00001-of-00002.safetensors"), huge("m-00002-of-00002.safetensors")}, fault.TooLarge, "6442450944"},
		{"too large", []File{{Name: "m.safetensors", Size: 5 << 30, R: huge("").R}}, fault.TooLarge, "m.safetensors: too-large: expected at most 4 GB"},
		{"no such choice", []File{one}, fault.NoWeights, `"other"`},
	} {
		choose := ""
		if c.code == fault.NoWeights {
			choose = "other"
		}
		if _, err := Open(c.files, choose, nil); code(err) != c.code || !strings.Contains(err.Error(), c.found) {
			t.Errorf("%s: got %v, want code %s and %q", c.name, err, c.code, c.found)
		}
	}
}

// TestTwins drops folders of downloads: one model in several forms, and several models, of which one is chosen.
func TestTwins(t *testing.T) {
	npy := readFile(t, "one.npy")
	twinOf := func(name string) File { f := npy; f.Name = name; return f }
	files := []File{twinOf("m/embedding.npy"), shard("m/model.safetensors", 1), shard("m/onnx/model.safetensors", 2), shard("m/2_Dense/model.safetensors", 3),
		shard("m/consolidated.safetensors", 4), bytesFile("m/training_args.bin", []byte("\x80\x02}q\x00.")), shard("m/mmproj-f16.gguf", 6), bytesFile("m/spiece.model", []byte("x"))}
	c, err := Open(files, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "[m/2_Dense/model.safetensors m/consolidated.safetensors m/embedding.npy m/mmproj-f16.gguf m/onnx/model.safetensors m/training_args.bin]"
	if c.Name != "m/model.safetensors" || fmt.Sprint(c.Ignored) != want || c.Files["spiece.model"] == nil {
		t.Errorf("%s, ignored %v", c.Name, c.Ignored)
	}
	files = append(files, shard("m/model-fp16.safetensors", 5))
	if _, err = Open(files, "", nil); code(err) != fault.SeveralModels || !strings.Contains(err.Error(), "found m/model-fp16.safetensors, m/model.safetensors") {
		t.Error(err)
	}
	for _, name := range []string{"m/model-fp16.safetensors", "m/embedding.npy", "m/onnx/model.safetensors"} {
		if c, err = Open(files, name, nil); err != nil || c.Name != name || len(c.Ignored) != 7 {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

// FuzzIndex opens two parts with any index, under any names.
func FuzzIndex(f *testing.F) {
	f.Add("a.safetensors", "b.safetensors", []byte(`{"weight_map": {"t1": "a.safetensors", "t2": "b.safetensors"}}`))
	f.Add("m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors", []byte(`{"weight_map": {}}`))
	f.Add("m-00000-of-00000.x", "m-99999-of-99999.gguf", []byte(`{"weight_map": {"t": "m-00000-of-00000.x"}}`))
	f.Add("d/m-00002-of-00001.safetensors", `d\m-00001-of-00001.safetensors`, []byte("{"))
	f.Fuzz(func(t *testing.T, one, two string, list []byte) {
		c, err := Open([]File{shard(one, 1), shard(two, 2), bytesFile("model.safetensors.index.json", list)}, "", nil)
		if err != nil && code(err) == "" {
			t.Fatalf("%T is not typed", err)
		}
		if err == nil && len(c.parts)+len(c.Ignored) != 2 {
			t.Fatalf("%d parts, ignored %v", len(c.parts), c.Ignored)
		}
	})
}

// TestLists: a list of words has any name, where no tokenizer has its own.
func TestLists(t *testing.T) {
	text := func(name string) File { return bytesFile(name, []byte("[1, 2]")) }
	files := []File{shard("m/model.safetensors", 1), text("m/tokens.txt"), text("m/char_to_idx.json"), text("m/sp.model"), text("m/README.txt"),
		text("m/.x.json"), text("other/words2.txt"), text("m/notes.md"), bytesFile("m/empty.txt", nil), {Name: "m/corpus.txt", Size: maxLists + 1, R: bytes.NewReader(make([]byte, HeadSize))}}
	c, err := Open(files, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Files) != 3 || c.Files["tokens.txt"] == nil || c.Files["char_to_idx.json"] == nil || c.Files["sp.model"] == nil || len(c.Ignored) != 6 {
		t.Errorf("%v, ignored %v", c.Files, c.Ignored)
	}
	c, err = Open(append(files, text("m/vocab.txt")), "", nil)
	if err != nil || len(c.Files) != 1 || len(c.Ignored) != 9 {
		t.Errorf("%v, %v, ignored %v", err, c.Files, c.Ignored)
	}
}

// as gives a file another name.
func as(name string, f File) File { f.Name = name; return f }

// TestOtherParts opens PyTorch's files as shards, and prefers safetensors to PyTorch's to GGUF where all three lie in a folder.
func TestOtherParts(t *testing.T) {
	one, two := readFile(t, "pytorch/tensor.pt"), readFile(t, "pytorch/parameters.pt")
	parts := []File{as("m/pytorch_model-00002-of-00002.bin", two), as("m/pytorch_model-00001-of-00002.bin", one),
		index("m/pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin")}
	c, err := Open(parts, "", nil)
	if err != nil || c.Format != "pytorch" || len(c.Tensors) != 2 {
		t.Fatal(c, err)
	}
	if m, err := c.Matrix("weight", 2, 3); err != nil || c.tensors["weight"].file != parts[0].Name {
		t.Errorf("%v %v", m, err)
	}
	if _, err := Open(parts[1:], "", nil); code(err) != fault.Sharded || !strings.Contains(err.Error(), `"pytorch_model-00002-of-00002.bin"`) {
		t.Error(err)
	}
	all := append(parts, as("m/x.gguf", readFile(t, "../gguf/llama.gguf")))
	if c, err = Open(all, "", nil); err != nil || c.Format != "pytorch" || fmt.Sprint(c.Ignored) != "[m/x.gguf]" {
		t.Errorf("%v %v", c, err)
	}
	all = append(all, shard("m/model.safetensors", 1))
	if c, err = Open(all, "", nil); err != nil || c.Format != "safetensors" || len(c.Ignored) != 3 {
		t.Errorf("%v %v", c, err)
	}
	if c, err = Open(all, "m/x.gguf", nil); err != nil || c.Format != "gguf" || c.Config == nil {
		t.Errorf("%v %v", c, err)
	}
}
