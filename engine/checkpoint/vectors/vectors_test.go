package vectors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
)

const testdata = "../../../testdata/formats/vectors"

// read reads a file of testdata/gen-formats/vector_files.py.
func read(t testing.TB, name string) []byte {
	t.Helper()
	return formattest.Read(t, filepath.Join(testdata, name))
}

func open(b []byte) (*format.File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

func code(err error) fault.Code {
	var e *fault.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Code
}

// numbersOf reads all numbers of a file.
func numbersOf(f *format.File) ([]float32, error) {
	r, err := f.Tensors[0].Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v, err
}

const (
	words = "</s> the cat sat on mat été 中 a-b 1990 0.5 …"
	width = 6
)

// TestGood reads every form; the numbers are those of vector_files.py.
func TestGood(t *testing.T) {
	all := strings.Fields(words)
	for name, want := range map[string][]string{"word2vec.txt": all, "fasttext.vec": all, "glove.txt": all, "word2vec.bin": all, "gensim.bin": all,
		"vectors.tsv": nil, "windows.tsv": all[1:], "spaces.txt": {"the", "cat", "sat", "at name.com", ". . ."}} {
		b := read(t, name)
		if !Match(b[:min(len(b), 512)]) {
			t.Errorf("%s is not known by its first bytes", name)
		}
		f, err := open(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, _ := f.Metadata["words"].([]string)
		n, first := len(want), 1
		if want == nil {
			n = len(all)
		}
		if n == len(all) {
			first = 0
		}
		config := fmt.Sprintf(`{"hidden_size":%d,"model_type":"word_vectors","vocab_size":%d}`, width, n)
		if !slices.Equal(got, want) || string(f.Config) != config || fmt.Sprint(f.Tensors[0].Info) != fmt.Sprintf("embedding.weight F32 [%d %d]", n, width) {
			t.Errorf("%s: %q, %s, %v", name, got, f.Config, f.Tensors[0].Info)
		}
		v, err := numbersOf(f)
		if err != nil || len(v) != n*width {
			t.Fatalf("%s: %d numbers, %v", name, len(v), err)
		}
		for k, x := range v {
			i, j := k/width+first, k%width
			if w := float32((7*i+3*j)%101-50) / 64; math.Abs(float64(x-w)) > 1e-6 {
				t.Fatalf("%s: word %d has %v at %d, expected %v", name, i, x, j, w)
			}
		}
	}
}

// TestMatch holds that other texts are no vectors.
func TestMatch(t *testing.T) {
	for s, want := range map[string]bool{
		"": false, "hello": false, "the cat sat on the mat": false, "the\ncat\nsat\n": false, "1 2\n": false, "10 20": false, "12 3\nthe cat\n": false,
		"the 1.5 2.5": false, "the 1.5 2.5 -3.5 4 5 ": true, "step 1 0.5 0.3 0.2": false, "a 1 0.5 0.3 0.2 0.1\nthe end\n": false, "a 1 0.5 0.3 0.2 0.1\nb c 1 2 3 4 5\n": true, "a,1.5,2.5": false, "0.1\t0.2\n0.3\t0.4\n": true, "the 12345\ncat 12\n": false,
		"{\"a\": 1.5}": false, "#version: 0.2\nt h\n": false, "2 3\nthe 1 2 3\n": true, "2 3\nthe 1.5": true, "2 3\nnew york 1 2 3\n": true, "2 3\nnew york 1 2\n": false, "2 30\nnew york 1 2": true, "2 30\nthe mat of 1": false, "2 3\na \x00\x00\x80\x3f": true,
		"<!doctype html>\n": false, "1.5 2.5 3.5 4.5": false, "1.5 2.5 3.5 4.5 5.5 6.5": true, "12 8 9 10 11": false,
	} {
		if Match([]byte(s)) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

// TestBad holds every way to be wrong to its code and place.
func TestBad(t *testing.T) {
	bin := func(words ...string) []byte { return []byte("2 2\n" + strings.Join(words, "")) }
	const num = "\x00\x00\x80\x3f\x00\x00\x80\xbf"
	for _, c := range []struct {
		name  string
		b     []byte
		code  fault.Code
		where string
	}{
		{"no bytes", nil, fault.EmptyFile, ""},
		{"a word alone", []byte("the\n"), fault.BadVectors, "line 1"},
		{"an empty first line", []byte("\nthe 1.5 2.5\n"), fault.BadVectors, "line 1"},
		{"a number too few", []byte("the 1.5 2.5\ncat 1.5\n"), fault.BadVectors, "line 2"},
		{"a number too few, with a header", []byte("2 2\nthe 1.5 2.5\n1.5\n"), fault.BadVectors, "line 3"},
		{"a text among numbers", []byte("the 1.5 2.5\ncat 1.5 x\n"), fault.BadVectors, "line 2"},
		{"two points", []byte("the 1.5 2.5\ncat 1.5 2.5.5\n"), fault.BadVectors, "line 2"},
		{"a number of letters", []byte("the 1.5 2.5\ncat e5 2.5\n"), fault.BadVectors, "line 2"},
		{"an empty line between", []byte("the 1.5 2.5\n\ncat 1.5 2.5\n"), fault.BadVectors, "line 2"},
		{"fewer words than line 1 says", []byte("3 2\nthe 1.5 2.5\ncat 1.5 2.5\n"), fault.BadVectors, "line 4"},
		{"more words than line 1 says", []byte("1 2\nthe 1.5 2.5\ncat 1.5 2.5\n"), fault.BadVectors, "line 3"},
		{"0 words", []byte("0 2\nthe 1.5 2.5\n"), fault.TooLarge, "line 1"},
		{"-1 words", []byte("-1 2\nthe 1.5 2.5\n"), fault.TooLarge, "line 1"},
		{"2^40 words", []byte("1099511627776 2\nthe 1.5 2.5\n"), fault.TooLarge, "line 1"},
		{"0 numbers", []byte("1 0\nthe\n"), fault.BadVectors, "line 1"},
		{"2^31 numbers", []byte("1 2147483648\nthe 1.5\n"), fault.TooLarge, "line 1"},
		{"a header alone", []byte("2 2\n"), fault.BadVectors, "line 2"},
		{"a word of 2000 bytes", []byte("2 1\n" + strings.Repeat("a", 2000) + " 1.5\nb 1.5\n"), fault.BadVectors, "line 2"},
		{"tabs: a column too many", []byte("0.5\t1.5\n0.5\t1.5\t2.5\n"), fault.BadVectors, "line 2"},
		{"a line of 3 MB", []byte("the 1.5 2.5\n" + strings.Repeat("1.5 ", 800_000)), fault.BadVectors, "line 2"},
		{"binary: cut in a word", bin("the "+num, "ca"), fault.Truncated, "word 2"},
		{"binary: cut in numbers", bin("the "+num, "cat "+num[:5]), fault.Truncated, "word 2"},
		{"binary: more than line 1 says", bin("the "+num, "cat "+num, "x "+num), fault.BadVectors, "the end of the file"},
		{"binary: a word without an end", bin("the "+num, strings.Repeat("a", 2000)), fault.BadVectors, "word 2"},
	} {
		f, err := open(c.b)
		if err == nil {
			_, err = numbersOf(f)
		}
		var e *fault.Error
		if errors.As(err, &e); code(err) != c.code || e.Where != c.where {
			t.Errorf("%s: got %v, want code %s at %s", c.name, err, c.code, c.where)
		}
	}
}

func TestNumber(t *testing.T) {
	for s, want := range map[string]float32{"0": 0, "-0.0": float32(math.Copysign(0, -1)), "1": 1, "-1.5": -1.5, "+2.25": 2.25, ".5": .5, "-.5": -.5, "1e-3": .001,
		"1.0E+02": 100, "0.1": .1, "0.123456789012345678": 0.123456789012345678, "123456789012345678": 123456789012345678, "0.000000000000000000000001": 1e-24,
		"3.4e38": 3.4e38, "nan": float32(math.NaN()), "-nan": float32(math.NaN()), "NaN": float32(math.NaN()), "+Infinity": float32(math.Inf(1)), "-inf": float32(math.Inf(-1)), "1e400": float32(math.Inf(1))} {
		if v, ok := number([]byte(s)); !ok || math.Float32bits(v) != math.Float32bits(want) && want == want {
			t.Errorf("%q is %v, %v", s, v, ok)
		}
	}
	for _, s := range []string{"", "-", ".", "e", "1e", "--1", "1-1", "0x10", "1_0", "one", "nanny", "+", "1.2.3", "-."} {
		if v, ok := number([]byte(s)); ok {
			t.Errorf("%q is %v", s, v)
		}
	}
}

// TestCut cuts good files at every byte: an error, or fewer words, and never a panic.
func TestCut(t *testing.T) {
	for _, name := range []string{"word2vec.txt", "glove.txt", "word2vec.bin"} {
		b := read(t, name)
		for n := range b {
			f, err := open(b[:n])
			if err == nil {
				_, err = numbersOf(f)
			}
			if err == nil && name != "glove.txt" && n < len(b)-9 || err != nil && code(err) == "" {
				t.Fatalf("%s cut at %d of %d bytes: %v", name, n, len(b), err)
			}
		}
	}
}

func TestReadFails(t *testing.T) {
	for _, name := range []string{"glove.txt", "word2vec.bin"} {
		b := read(t, name)
		for n := 1; n < 10; n++ {
			fl := &formattest.Flaky{R: bytes.NewReader(b), N: n}
			f, err := Open(fl, int64(len(b)))
			if err == nil {
				_, err = numbersOf(f)
			}
			if fl.N <= 0 && (code(err) != fault.Unreadable || !errors.Is(err, formattest.ErrBroken)) {
				t.Errorf("%s, read %d: %v", name, n, err)
			}
		}
	}
}

// TestMemory holds that a large text is not held in memory: its words and one piece are.
func TestMemory(t *testing.T) {
	var b bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintf(&b, "word%d", i)
		for j := range 50 {
			fmt.Fprintf(&b, " %.6f", float64((i+j)%1000)/1000)
		}
		b.WriteByte('\n')
	}
	before := formattest.Allocated()
	if _, err := open(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if took := formattest.Allocated() - before; took > 6<<20 {
		t.Errorf("%d bytes of memory for a file of %d", took, b.Len())
	}
}

// FuzzOpen holds that any bytes give words and numbers or a typed error, in memory that the file's size bounds.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"word2vec.txt", "fasttext.vec", "glove.txt", "word2vec.bin", "gensim.bin", "vectors.tsv", "windows.tsv", "spaces.txt"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		Match(b[:min(len(b), 512)])
		before := formattest.Allocated()
		f, err := open(b)
		if took := formattest.Allocated() - before; took > 2*uint64(len(b))+16<<20 {
			t.Fatalf("%d bytes of memory for a file of %d", took, len(b))
		}
		if err == nil {
			var v []float32
			if v, err = numbersOf(f); err == nil && int64(4*len(v)) != f.Tensors[0].Bytes {
				t.Fatalf("%d numbers, expected %d bytes", len(v), f.Tensors[0].Bytes)
			}
		}
		if err != nil && code(err) == "" {
			t.Fatalf("%v has no type", err)
		}
	})
}
