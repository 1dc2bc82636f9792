package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

func file5(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../testdata/hdf5", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) (*Object, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// numbers reads a dataset and widens it.
func numbers(t testing.TB, o *Object) []float64 {
	t.Helper()
	r, err := o.Data.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != o.Data.Bytes {
		t.Fatalf("%s: %d of %d bytes, %v", o.Name, len(b), o.Data.Bytes, err)
	}
	var out []float64
	order := binary.ByteOrder(binary.LittleEndian)
	if o.Data.BigEndian {
		order = binary.BigEndian
	}
	for ; len(b) > 0; b = b[o.Data.Size:] {
		v := 0.0
		switch o.Data.DType {
		case tensor.F64:
			v = math.Float64frombits(order.Uint64(b))
		case tensor.F32:
			v = float64(math.Float32frombits(order.Uint32(b)))
		case tensor.F16:
			v = float64(tensor.F16ToF32(order.Uint16(b)))
		case tensor.BF16:
			v = float64(math.Float32frombits(uint32(order.Uint16(b)) << 16))
		case tensor.I64:
			v = float64(int64(order.Uint64(b)))
		case tensor.I32:
			v = float64(int32(order.Uint32(b)))
		case tensor.I16:
			v = float64(int16(order.Uint16(b)))
		case tensor.I8:
			v = float64(int8(b[0]))
		case tensor.U8, tensor.Bool:
			v = float64(b[0])
		default:
			t.Fatalf("%s: %s", o.Name, o.Data.DType)
		}
		out = append(out, v)
	}
	return out
}

// TestTypes reads what h5py wrote (testdata/gen-formats/hdf5.py), in the forms of old and of new files.
func TestTypes(t *testing.T) {
	for _, name := range []string{"types.h5", "latest.h5"} {
		root, err := open(file5(t, name))
		if err != nil {
			t.Fatal(name, err)
		}
		count := 0
		var walk func(o *Object, path string)
		walk = func(o *Object, path string) {
			for _, m := range o.Members {
				walk(m, path+"/"+m.Name)
			}
			if o.Data == nil || o.Data.DType == "U16" {
				return
			}
			count++
			for i, v := range numbers(t, o) {
				want := float64(i)/4 - 3
				switch {
				case o.Name == "bool":
					want = map[bool]float64{true: 1}[i%3 == 0]
				case o.Name == "scalar":
					want = 1.5
				case o.Data.DType == tensor.U8:
					want = float64(uint8(i - 12))
				case o.Data.DType[0] == 'I':
					want = float64(i - 12)
				}
				if v != want {
					t.Errorf("%s%s[%d] = %v, want %v", name, path, i, v, want)
					break
				}
			}
		}
		walk(root, "")
		if want := map[string]int{"types.h5": 64, "latest.h5": 31}[name]; count != want {
			t.Errorf("%s: %d datasets, want %d", name, count, want)
		}
		for path, want := range map[string]string{"types/f2": "F16 [3 8]", "types/bf16": "BF16 [3 8]", "types/bool": "BOOL [3 8]", "shapes/scalar": "F32 []",
			"shapes/empty": "F32 [0 3]", "shapes/null": "F32 [0]", "chunks/all": "F32 [7 10]", "types/u2": "U16 [3 8]", "compact": "F32 [2 5]"} {
			if o := root.Get(path); o == nil || o.Data == nil || fmt.Sprint(o.Data.DType, o.Data.Shape) != strings.Replace(want, " ", "", 1) && fmt.Sprint(o.Data.DType, " ", o.Data.Shape) != want {
				t.Errorf("%s %s: %v, want %s", name, path, o, want)
			}
		}
	}
}

func TestAttributes(t *testing.T) {
	root, err := open(file5(t, "types.h5"))
	if err != nil {
		t.Fatal(err)
	}
	a := root.Get("attributes").Attrs
	if len(a["long"].(string)) != 70_000 {
		t.Error("long")
	}
	delete(a, "long")
	if got, want := fmt.Sprintf("%#v", a), `map[string]interface {}{"bytes":"fixed", "fixed":[]string{"a", "bcd"}, "float":0.5, "int":7, "ints":[]int64{1, -2, 3}, "names":[]string{"one", "zwei", "三"}, "none":[]string{}, "text":"é and more"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	root, err = open(file5(t, "latest.h5"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(root.Get("attributes").Attrs); got != "map[bytes:fixed fixed:[a bcd] names:[one zwei 三] none:[] text:é and more]" {
		t.Error(got)
	}
}

// TestDense reads members and attributes that a heap and a tree of their own hold.
func TestDense(t *testing.T) {
	root, err := open(file5(t, "dense.h5"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if o := root.Get(fmt.Sprintf("d%02d", i)); o == nil || len(numbers(t, o)) != i%3+1 {
			t.Errorf("member %d: %v", i, o)
		}
		if got := root.Get("d00").Attrs[fmt.Sprintf("a%02d", i)]; got != int64(i) {
			t.Errorf("attribute %d: %v", i, got)
		}
	}
	if len(root.Members) != 20 || len(root.Get("d00").Attrs) != 20 {
		t.Errorf("%d members, %d attributes", len(root.Members), len(root.Get("d00").Attrs))
	}
	root, err = open(file5(t, "dense-many.h5"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if root.Get(fmt.Sprintf("a-group-with-a-long-name-%d", i)) == nil {
			t.Fatalf("member %d is not there", i)
		}
	}
	if len(root.Members) != 300 || root.Attrs["x99"] != "text 99" || len(root.Attrs) != 100 {
		t.Errorf("%d members, %d attributes", len(root.Members), len(root.Attrs))
	}
}

// change is b with other bytes at the places where old stands; it must stand there.
func change(t *testing.T, b []byte, old, with string) []byte {
	t.Helper()
	if len(old) != len(with) || !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%q is not in the file, or is no replacement for %q", with, old)
	}
	return bytes.ReplaceAll(b, []byte(old), []byte(with))
}

// put is b with the bytes after the first mark changed, at that distance from it.
func put(t *testing.T, b []byte, mark string, at int, with ...byte) []byte {
	t.Helper()
	i := bytes.Index(b, []byte(mark))
	if i < 0 {
		t.Fatalf("%q is not in the file", mark)
	}
	b = bytes.Clone(b)
	copy(b[i+at:], with)
	return b
}

// none8 is the address of nothing.
var none8 = []byte{255, 255, 255, 255, 255, 255, 255, 255}

// TestBad: a file for each way to be wrong, and what is said of it.
func TestBad(t *testing.T) {
	small, latest, dense := file5(t, "small.h5"), file5(t, "small-latest.h5"), file5(t, "dense.h5")
	le := func(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
	cases := []struct {
		name  string
		b     []byte
		code  fault.Code
		found string // in the error
	}{
		{"no bytes", nil, fault.EmptyFile, "0 bytes"},
		{"the signature alone", small[:8], fault.BadHDF5, "superblock"},
		{"another file", []byte("GGUF and so on, for a while"), fault.WrongMagic, "GGUF"},
		{"a superblock of version 9", put(t, small, signature, 8, 9), fault.Unsupported, "found 9"},
		{"addresses of 4 bytes", put(t, small, signature, 13, 4), fault.Unsupported, "4 and 8"},
		{"a base address", put(t, small, signature, 24, 1), fault.Unsupported, "base address"},
		{"a file that should go on", put(t, small, signature, 42, 1), fault.Truncated, "superblock"},
		{"a root that is nowhere", put(t, small, signature, 64, none8...), fault.BadHDF5, "an address"},
		{"a root behind the end", put(t, small, signature, 64, le(1<<40)...), fault.BadHDF5, "inside the file"},
		{"a root that is no object", put(t, small, signature, 64, le(8)...), fault.Unsupported, "version [1]"},
		{"a header of another version", put(t, latest, "OHDR", 4, 3), fault.Unsupported, "version [2]"},
		{"a header that is longer than the file", put(t, small, "\x01\x00\x03\x00\x01\x00\x00\x00\x18\x00\x00\x00", 8, 255, 255, 255, 127), "", ""},
		{"no heap", change(t, small, "HEAP", "HEAR"), fault.BadHDF5, "HEAP"},
		{"a heap outside the file", put(t, small, "HEAP", 24, le(1<<50)...), fault.BadHDF5, "inside the file"},
		{"names longer than the file", put(t, small, "HEAP", 8, le(1<<50)...), fault.Truncated, "names"},
		{"names of 2^63 bytes", put(t, small, "HEAP", 8, le(1<<63)...), fault.BadHDF5, "names"},
		{"no names", put(t, small, "HEAP", 8, le(8)...), fault.BadHDF5, "a name"},
		{"no tree", change(t, small, "TREE", "TREF"), fault.BadHDF5, "TREE"},
		{"a tree of chunks for a group", put(t, small, "TREE", 4, 1), fault.BadHDF5, "kind 0"},
		{"a tree with 200 levels", put(t, small, "TREE", 5, 200), fault.BadHDF5, "at most 32 levels"},
		{"a tree whose leaf is one level up", put(t, small, "TREE", 5, 1), fault.BadHDF5, "TREE"},
		{"more entries than the file", put(t, small, "TREE", 6, 255, 255), fault.Truncated, "B-tree entries"},
		{"no symbol table", change(t, small, "SNOD", "SNOT"), fault.BadHDF5, "SNOD"},
		{"more symbols than the file", put(t, small, "SNOD", 6, 255, 255), fault.Truncated, "symbol table"},
		{"a name outside the heap", put(t, small, "SNOD", 8, le(1<<40)...), fault.BadHDF5, "a name below"},
		{"a group in itself", put(t, small, "SNOD", 16, le(96)...), fault.BadHDF5, "at most 32 groups"},
		{"no text heap", change(t, small, "GCOL", "GCOM"), fault.BadHDF5, "GCOL"},
		{"a text heap of 3 bytes", put(t, small, "GCOL", 8, le(3)...), fault.BadHDF5, "at least 16"},
		{"a text heap longer than the file", put(t, small, "GCOL", 8, le(1<<40)...), fault.Truncated, "global heap"},
		{"a text longer than its heap", put(t, small, "GCOL", 24, le(1<<62)...), fault.BadHDF5, "global heap"},
		{"a soft link", file5(t, "soft.h5"), fault.Unsupported, "a soft link"},
		{"no fractal heap", change(t, dense, "FRHP", "FRHQ"), fault.BadHDF5, "FRHP"},
		{"a fractal heap with filters", put(t, dense, "FRHP", 7, 1), fault.Unsupported, "without filters"},
		{"a fractal heap of no width", put(t, dense, "FRHP", 110, 0, 0), fault.BadHDF5, "a table of blocks"},
		{"a block that is none", change(t, dense, "FHDB", "FHDC"), fault.BadHDF5, "FHDB"},
		{"a table that is none", change(t, file5(t, "dense-many.h5"), "FHIB", "FHIC"), fault.BadHDF5, "FHIB"},
		{"no tree of version 2", change(t, dense, "BTHD", "BTHE"), fault.BadHDF5, "BTHD"},
		{"a tree of another kind", put(t, dense, "BTHD", 5, 6), fault.BadHDF5, "a tree of kind"},
		{"a tree of 40 levels", put(t, dense, "BTHD", 12, 40), fault.BadHDF5, "at most 32 levels"},
		{"records of 3 bytes", put(t, dense, "BTHD", 10, 3, 0), fault.BadHDF5, "records of at least"},
		{"records of no bytes", put(t, dense, "BTHD", 10, 0, 0), fault.BadHDF5, "nodes that hold a record"},
		{"a leaf that is none", change(t, dense, "BTLF", "BTLG"), fault.BadHDF5, "BTLF"},
		{"more records than the file", put(t, dense, "BTHD", 24, 255, 255), fault.Truncated, "B-tree node"},
		{"LZF", file5(t, "lzf.h5"), fault.Unsupported, `filter 32000 "lzf"`},
		{"a dataset that grows", file5(t, "grows.h5"), fault.Unsupported, "does not grow"},
		{"chunks that were never written", file5(t, "hole.h5"), fault.BadHDF5, "an address, found none"},
		{"numbers that were never written", file5(t, "never.h5"), fault.BadHDF5, "never written"},
	}
	for _, c := range cases {
		_, err := open(c.b)
		var e *fault.Error
		switch {
		case c.code == "" && err == nil:
		case c.code != "" && (!errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Error(), c.found)):
			t.Errorf("%s: got %v, want code %s and %q", c.name, err, c.code, c.found)
		case e != nil && (e.In != "hdf5" || strings.Contains(e.Error(), "\n")):
			t.Errorf("%s: %q is not one line of hdf5", c.name, err)
		}
	}
}

// everything opens a file and reads all of its numbers.
func everything(b []byte) error {
	root, err := open(b)
	if err != nil {
		return err
	}
	var walk func(o *Object) error
	walk = func(o *Object) error {
		for _, m := range o.Members {
			if err := walk(m); err != nil {
				return err
			}
		}
		if o.Data == nil {
			return nil
		}
		r, err := o.Data.Open()
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, r)
		if err == nil && n != o.Data.Bytes {
			return fmt.Errorf("%d bytes of %d", n, o.Data.Bytes)
		}
		return err
	}
	return walk(root)
}

// TestChunks: what can be wrong with a chunk's bytes is said when they are read.
func TestChunks(t *testing.T) {
	small := file5(t, "small.h5")
	if err := everything(small); err != nil {
		t.Fatal(err)
	}
	zlib := "\x78\x5e"
	if !bytes.Contains(small, []byte(zlib)) {
		zlib = "\x78\x9c"
	}
	for name, b := range map[string][]byte{
		"no zlib": put(t, small, zlib, 0, 0x79), "broken bits": put(t, small, zlib, 2, 0xff, 0xff, 0xff), "a wrong checksum": put(t, small, zlib, 19, 0x55, 0x55, 0x55, 0x55),
	} {
		var e *fault.Error
		if err := everything(b); !errors.As(err, &e) || e.Code != fault.BadHDF5 || !strings.Contains(e.Where, "chunk 0") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range []int{1, 2, 3, 8} {
		want := []byte("the quick brown fox")
		var packed []byte
		n := len(want) / size
		for k := range size {
			for i := range n {
				packed = append(packed, want[i*size+k])
			}
		}
		if got := unshuffle(append(packed, want[n*size:]...), size); !bytes.Equal(got, want) {
			t.Errorf("unshuffle %d: %q", size, got)
		}
	}
	if _, err := inflate([]byte{0x78, 0x9c}, 10); err == nil {
		t.Error("a stream that is cut")
	}
}

// TestCutAndChanged cuts small files at every byte, also with a superblock that knows of it, and changes each byte that says something in two
// ways: an error with a code, or a file all of whose numbers are read.
func TestCutAndChanged(t *testing.T) {
	check := func(what string, b []byte) {
		var e *fault.Error
		if err := everything(b); err != nil && (!errors.As(err, &e) || e.Code == fault.Unreadable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"small.h5", "small-latest.h5"} {
		whole := file5(t, name)
		end := 40
		if whole[8] >= 2 {
			end = 28
		}
		for n := range whole {
			if _, err := open(whole[:n]); err == nil {
				t.Errorf("%s, cut at %d of %d bytes: no error", name, n, len(whole))
			}
			if n > 96 && n%4 == 0 {
				b := bytes.Clone(whole[:n])
				binary.LittleEndian.PutUint64(b[end:], uint64(n))
				check(fmt.Sprint(name, " cut at ", n), b)
			}
			if whole[n] == 0 && n%8 != 0 { // most of it is room for more
				continue
			}
			b := bytes.Clone(whole)
			b[n] ^= 1 << (n % 8)
			check(fmt.Sprint(name, " flipped at ", n), b)
			if n%8 == 0 {
				b[n] = 255
				check(fmt.Sprint(name, " 255 at ", n), b)
			}
		}
	}
}

func TestNthReadFails(t *testing.T) {
	b := file5(t, "latest.h5")
	for n := 1; ; n++ {
		r := &formattest.Flaky{R: bytes.NewReader(b), N: n}
		_, err := Open(r, int64(len(b)))
		if r.N > 0 {
			if err != nil || n < 3 {
				t.Errorf("%d reads, %v", n, err)
			}
			break
		}
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != fault.Unreadable || !errors.Is(err, formattest.ErrBroken) {
			t.Errorf("read %d: %v", n, err)
		}
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// FuzzOpen opens any file: never a panic, an error has its code, and the structure takes at most twice the file and 16 MB.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"small.h5", "small-latest.h5", "latest.h5", "dense.h5", "soft.h5", "grows.h5", "hole.h5", "twice.h5", "empty.h5"} {
		f.Add(file5(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var root *Object
		var err error
		if n, limit := allocated(func() { root, err = open(b) }), 2*int64(len(b))+16<<20; n > limit {
			t.Errorf("%d bytes of memory for a file of %d", n, len(b))
		}
		var e *fault.Error
		if err != nil {
			if !errors.As(err, &e) || e.Code == fault.Unreadable {
				t.Fatalf("%v is no fault.Error", err)
			}
			return
		}
		left := int64(8 << 20)
		var walk func(o *Object)
		walk = func(o *Object) {
			for _, m := range o.Members {
				walk(m)
			}
			if o.Data != nil && o.Data.Bytes > 0 && o.Data.Bytes < left {
				left -= o.Data.Bytes
				r, err := o.Data.Open()
				if err == nil {
					_, err = io.Copy(io.Discard, r)
				}
				if err != nil && !errors.As(err, &e) {
					t.Fatalf("%v is no fault.Error", err)
				}
			}
		}
		walk(root)
	})
}
