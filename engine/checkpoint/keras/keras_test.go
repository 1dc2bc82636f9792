package keras

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
)

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../testdata/keras", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) (*format.File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

func openArchive(b []byte) (*format.File, error) {
	return OpenArchive(bytes.NewReader(b), int64(len(b)))
}

// list is a file's tensors, sorted.
func list(f *format.File) string {
	var out []string
	for _, t := range f.Tensors {
		out = append(out, fmt.Sprintf("%s %s%v", t.Name, t.DType, t.Shape))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestGood: whatever the file, a layer's weights have the same names.
func TestGood(t *testing.T) {
	const tiny = "dense/bias F32[5], dense/kernel F32[2 5], embedding/embeddings F32[5 3], lstm/bias F32[8], lstm/kernel F32[3 8], lstm/recurrent_kernel F32[2 8]"
	const kinds = "batch_normalization/beta F32[4], batch_normalization/gamma F32[4], batch_normalization/moving_mean F32[4], batch_normalization/moving_variance F32[4], " +
		"bidirectional/backward/bias F32[2 6], bidirectional/backward/kernel F32[3 6], bidirectional/backward/recurrent_kernel F32[2 6], " +
		"bidirectional/forward/bias F32[2 6], bidirectional/forward/kernel F32[3 6], bidirectional/forward/recurrent_kernel F32[2 6], " +
		"dense_4/bias F32[5], dense_4/kernel F32[2 5], layer_normalization/beta F32[4], layer_normalization/gamma F32[4], " +
		"time_distributed/bias F32[4], time_distributed/kernel F32[4 4], top/bias F32[8], top/kernel F32[4 8], top/recurrent_kernel F32[2 8], words/embeddings F32[5 3]"
	number := func(s string) string { // Keras counts its layers all through a program
		for _, of := range []string{"dense", "embedding", "lstm"} {
			for i := range 9 {
				s = strings.ReplaceAll(s, fmt.Sprintf("%s_%d/", of, i), of+"/")
			}
		}
		return s
	}
	for name, want := range map[string]string{
		"tiny.h5": tiny, "tiny.keras": tiny, "tiny.weights.h5": tiny, "trained.h5": tiny, "trained.keras": tiny, "deflated.keras": tiny,
		"float16.keras": strings.ReplaceAll(tiny, "F32", "F16"), "bfloat16.keras": strings.ReplaceAll(tiny, "F32", "BF16"),
		"kinds.h5": kinds, "kinds.keras": kinds,
	} {
		read := open
		if strings.HasSuffix(name, ".keras") {
			read = openArchive
		}
		f, err := read(load(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := number(list(f)); got != number(want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		weightsOnly := name == "tiny.weights.h5"
		if weightsOnly != (f.Config == nil) || !weightsOnly && (!bytes.HasPrefix(f.Config, []byte(`{"model_type":"keras","keras_version":"3.12.0","config":{`)) || f.Metadata["keras_version"] != "3.12.0") {
			t.Errorf("%s: %.80s %v", name, f.Config, f.Metadata)
		}
		if layers := f.Metadata["layer_names"].([]string); len(layers) < 3 || f.Metadata["layers_in_order"] != strings.HasSuffix(name, "y.h5") && f.Metadata["layers_in_order"] != (strings.HasSuffix(name, ".h5") && !weightsOnly) {
			t.Errorf("%s: %v", name, f.Metadata)
		}
		for _, x := range f.Tensors {
			values(t, name, x)
		}
	}
}

// values holds that a tensor's numbers are i/4 - 3.
func values(t *testing.T, file string, x format.Tensor) {
	r, err := x.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != x.Bytes {
		t.Fatalf("%s %s: %d bytes, %v", file, x.Name, len(b), err)
	}
	for i := 0; x.DType == "F32" && i < len(b)/4; i++ {
		if v := math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])); v != float32(i)/4-3 {
			t.Errorf("%s %s[%d] = %v", file, x.Name, i, v)
			return
		}
	}
}

// TestVocabulary: the words of a model that takes text.
func TestVocabulary(t *testing.T) {
	f, err := openArchive(load(t, "text.keras"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(f.Files["tokenizer.json"]), `{"type":"word","unk_token":"[UNK]","vocab":["\u003cpad\u003e","[UNK]","the","sat","on","mat","dog","cat"]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := wordList("v", "a\nb\nc"); err == nil {
		t.Error("a list that does not begin with nothing")
	}
	if _, err := wordList("v", "\n\xff\nc"); err == nil {
		t.Error("no UTF-8")
	}
}

func TestNames(t *testing.T) {
	for class, want := range map[string]string{"LSTM": "lstm", "SimpleRNN": "simple_rnn", "TimeDistributed": "time_distributed", "GRU": "gru", "CuDNNLSTM": "cu_dnnlstm", "Conv1D": "conv1d", "": ""} {
		if got := snake(class); got != want {
			t.Errorf("%s: %s, want %s", class, got, want)
		}
	}
	attrs := map[string]any{"layer_names0": []string{"a", "b"}, "layer_names1": []string{"c"}, "weight_names": []string{"x"}, "no": 3}
	if got := fmt.Sprint(listed(attrs, "layer_names"), listed(attrs, "weight_names"), listed(attrs, "no"), listed(attrs, "none") == nil); got != "[a b c] [x] [] true" {
		t.Error(got)
	}
	for name, want := range map[string]string{"bidirectional_1/forward_lstm_1/kernel:0": "forward/kernel", "lstm/lstm_cell/recurrent_kernel:0": "recurrent_kernel", "x/backward_gru/gru_cell/bias": "backward/bias"} {
		if got := direction(name) + leaf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for _, head := range []string{"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x0d\x00\x00\x00metadata.json", "PK\x03\x04" + strings.Repeat("\x00", 22) + "\x10\x00\x00\x00model.weights.h5"} {
		if !MatchArchive([]byte(head)) || MatchArchive([]byte(head[:29])) || MatchArchive([]byte(head[:33])) {
			t.Errorf("%q", head)
		}
	}
}

// member is a file in an archive.
type member struct {
	name   string
	b      []byte
	method uint16
	extra  []byte
}

// archived is a zip of members.
func archived(members ...member) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: m.method, Extra: m.extra})
		if err == nil {
			_, err = w.Write(m.b)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// parts are the members of tiny.keras.
func parts(t testing.TB) (about, config, weights member) {
	b := load(t, "tiny.keras")
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]member{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = member{f.Name, b, zip.Store, nil}
	}
	return all[aboutName], all[configName], all[weightsName]
}

func (m member) with(b []byte) member      { m.b = b; return m }
func (m member) by(method uint16) member   { m.method = method; return m }
func (m member) called(name string) member { m.name = name; return m }

// TestBadArchive: a .keras file for each way to be wrong.
func TestBadArchive(t *testing.T) {
	a, c, w := parts(t)
	good := archived(a, c, w)
	if _, err := openArchive(good); err != nil {
		t.Fatal(err)
	}
	if again := archived(c, w, a); !MatchArchive(again) { // packed again, in another order
		t.Error("an archive that begins with config.json")
	}
	i := bytes.Index(good, w.b)
	patched := func(b []byte, at int, with ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], with)
		return b
	}
	entry := bytes.LastIndex(good, []byte("PK\x01\x02")) // of the weights
	a64 := a
	a64.extra = append([]byte{1, 0, 8, 0}, bytes.Repeat([]byte{255}, 8)...) // its offset in 64 bits
	before := archived(c, w, a64)
	before = patched(before, bytes.LastIndex(before, []byte("PK\x01\x02"))+42, 255, 255, 255, 255)
	deflated := archived(a, c, w.by(zip.Deflate))
	packed := bytes.Index(deflated, []byte(weightsName)) + len(weightsName)
	cases := []struct {
		name  string
		b     []byte
		code  fault.Code
		found string
	}{
		{"no bytes", nil, fault.EmptyFile, "0 bytes"},
		{"no zip", []byte("PK\x03\x04 and no more"), fault.BadZip, "not a valid zip"},
		{"an empty zip", archived(), fault.WrongMagic, "a zip of other files"},
		{"no config", archived(a, w), fault.BadZip, "config.json"},
		{"no metadata", archived(c, w), fault.BadZip, "metadata.json"},
		{"no weights", archived(c, a), fault.WrongMagic, "model.weights.h5"},
		{"weights twice", archived(a, c, w, w), fault.BadZip, "twice"},
		{"a password", patched(good, entry+8, 1), fault.BadZip, "encrypted"},
		{"another compression", patched(good, entry+10, 12), fault.BadZip, "method 12"},
		{"sizes that differ", patched(good, entry+24, 9, 9), fault.BadZip, "bytes"},
		{"a member larger than the file", patched(good, entry+20, 0, 0, 0, 9, 0, 0, 0, 9), fault.BadZip, "fits in the file"},
		{"a member behind the end", patched(good, entry+42, 0xff, 0xff, 0xff, 0x3f), "", ""},
		{"a member before the beginning", before, fault.BadZip, ""},
		{"a bomb", archived(a, c, w.with(make([]byte, 64<<20)).by(zip.Deflate)), fault.TooLarge, "100 times"},
		{"a config that is no JSON", archived(a, c.with([]byte("{")), w), fault.BadConfig, "config.json"},
		{"a config of nothing", archived(a, c.with([]byte(`{"class_name": "Sequential"}`)), w), fault.BadConfig, "a model's config"},
		{"layers that are a number", archived(a, c.with([]byte(`{"class_name": "Sequential", "config": {"layers": 3}}`)), w), fault.BadConfig, "Layers"},
		{"a config nested too deep", archived(a, c.with([]byte(strings.Repeat(`{"config":`, 5000))), w), fault.BadConfig, "nesting"},
		{"metadata that is no JSON", archived(a.with([]byte("3.12")), c, w), fault.BadConfig, "metadata.json"},
		{"weights that are no HDF5", archived(a, c, w.with([]byte("GGUF and what may follow"))), fault.WrongMagic, "HDF5"},
		{"weights of no bytes", archived(a, c, w.with(nil)), fault.EmptyFile, ""},
		{"weights that are cut", archived(a, c, w.with(w.b[:len(w.b)-1])), fault.Truncated, "superblock"},
		{"damaged weights", patched(good, i+bytes.Index(w.b, []byte("TREE")), 'X'), fault.BadHDF5, "TREE"},
		{"weights of something else", archived(a, c, w.with(bytes.ReplaceAll(w.b, []byte("layers\x00"), []byte("lawyer\x00")))), fault.WrongMagic, "something else"},
		{"deflated bytes that are none", patched(deflated, packed+8, 0xff, 0xff, 0xff, 0xff, 0xff), fault.BadZip, weightsName},
		{"a vocabulary that is no list", archived(a, c, w, w.called("assets/layers/text_vectorization/vocabulary.txt").with([]byte("one line"))), fault.BadTokenizer, "1 lines"},
	}
	for _, c := range cases {
		_, err := openArchive(c.b)
		var e *fault.Error
		if !errors.As(err, &e) || c.code != "" && e.Code != c.code || !strings.Contains(e.Error(), c.found) {
			t.Errorf("%s: got %v, want code %s and %q", c.name, err, c.code, c.found)
		}
	}
}

// TestBad: HDF5 that is whole, of a model that is not.
func TestBad(t *testing.T) {
	b := load(t, "tiny.h5")
	swap := func(old, with string) []byte {
		if !bytes.Contains(b, []byte(old)) || len(old) != len(with) {
			t.Fatalf("%q is not in the file", old)
		}
		return bytes.Replace(b, []byte(old), []byte(with), 1)
	}
	cases := []struct {
		name  string
		b     []byte
		code  fault.Code
		found string
	}{
		{"no bytes", nil, fault.EmptyFile, ""},
		{"no layer names", swap("layer_names", "layer_nomes"), fault.WrongMagic, "something else"},
		{"a config that is no JSON", swap(`{"class_name": "Sequential"`, `{"class_name"! "Sequential"`), fault.BadConfig, "model_config"},
		{"a config of another kind", swap(`"config": {"name": "sequential", `, `"konfig": {"name": "sequential", `), fault.BadConfig, "a model's config"},
		{"a layer that is not there", swap("dense\x00", "tense\x00"), fault.MissingTensor, `layer "dense"`},
		{"a weight that is not there", swap("recurrent_kernel\x00", "recurrent_kernal\x00"), fault.MissingTensor, "recurrent_kernal"},
	}
	for _, c := range cases {
		_, err := open(c.b)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Error(), c.found) {
			t.Errorf("%s: got %v, want code %s and %q", c.name, err, c.code, c.found)
		}
	}
}

// TestCut cuts files at every byte.
func TestCut(t *testing.T) {
	for _, name := range []string{"tiny.h5", "deflated.keras", "tiny.keras"} {
		read, b := open, load(t, name)
		if strings.HasSuffix(name, ".keras") {
			read = openArchive
		}
		for n := range b {
			_, err := read(b[:n])
			var e *fault.Error
			if !errors.As(err, &e) || e.Code == fault.Unreadable {
				t.Fatalf("%s, cut at %d of %d bytes: %v", name, n, len(b), err)
			}
		}
	}
}

func TestNthReadFails(t *testing.T) {
	for _, name := range []string{"tiny.keras", "deflated.keras", "tiny.h5"} {
		read, b := OpenArchive, load(t, name)
		if name == "tiny.h5" {
			read = Open
		}
		for n := 1; ; n++ {
			r := &formattest.Flaky{R: bytes.NewReader(b), N: n}
			_, err := read(r, int64(len(b)))
			if r.N > 0 {
				if err != nil || n < 3 {
					t.Errorf("%s: %d reads, %v", name, n, err)
				}
				break
			}
			var e *fault.Error
			if !errors.As(err, &e) || e.Code != fault.Unreadable || !errors.Is(err, formattest.ErrBroken) {
				t.Errorf("%s, read %d: %v", name, n, err)
			}
		}
	}
}

// checked opens a file and holds what must hold of any.
func checked(t *testing.T, b []byte, read func(b []byte) (*format.File, error)) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := read(b)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 2*uint64(len(b))+16<<20 {
		t.Errorf("%d bytes of memory for a file of %d", n, len(b))
	}
	var e *fault.Error
	if err != nil {
		if !errors.As(err, &e) || e.Code == fault.Unreadable {
			t.Fatalf("%v is no fault.Error", err)
		}
		return
	}
	seen := map[string]bool{}
	for _, x := range f.Tensors {
		if seen[x.Name] || x.Bytes < 0 {
			t.Fatalf("%v, %d bytes", x.Info, x.Bytes)
		}
		seen[x.Name] = true
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"tiny.h5", "tiny.weights.h5"} {
		f.Add(load(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checked(t, b, open) })
}

func FuzzOpenArchive(f *testing.F) {
	a, c, w := parts(f)
	f.Add(load(f, "deflated.keras"))
	f.Add(archived(a, c, w))
	f.Fuzz(func(t *testing.T, b []byte) { checked(t, b, openArchive) })
}
