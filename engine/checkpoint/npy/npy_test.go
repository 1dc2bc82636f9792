package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// file is an npy file of version 1 with that header and n bytes of data.
func file(header string, n int) []byte {
	b := append([]byte(magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func dict(descr, fortran, shape string) string {
	return fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, }          \n", descr, fortran, shape)
}

func open(b []byte) (*format.File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

type entry struct {
	name string
	data []byte
}

func zipped(method uint16, entries ...entry) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err == nil {
			_, err = w.Write(e.data)
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

func openZip(b []byte) (*format.File, error) { return OpenZip(bytes.NewReader(b), int64(len(b))) }

func TestGood(t *testing.T) {
	cases := []struct {
		b    []byte
		want string
	}{
		{file(dict("'<f4'", "False", "(2, 3)"), 24), "arr_0 F32 [2 3] false false 24"},
		{file(dict("'>f4'", "True", "(2, 3)"), 24), "arr_0 F32 [2 3] true true 24"},
		{file(dict("'|i1'", "False", "(3,)"), 3), "arr_0 I8 [3] false false 3"},
		{file(dict("'<f8'", "False", "()"), 8), "arr_0 F64 [] false false 8"},
		{file(dict("'<f2'", "False", "(2L, 0L)"), 0), "arr_0 F16 [2 0] false false 0"},
		{append(append([]byte(magic), 2, 0), append(binary.LittleEndian.AppendUint32(nil, 55), append([]byte("{'shape':(1,),'fortran_order':False,'descr':\"<f4\"}     "), 0, 0, 0, 0)...)...), "arr_0 F32 [1] false false 4"},
	}
	for _, c := range cases {
		f, err := open(c.b)
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
			continue
		}
		x := f.Tensors[0]
		if got := fmt.Sprint(x.Info, " ", x.Fortran, x.BigEndian, " ", x.Bytes); got != c.want && strings.Replace(got, "  ", " ", -1) != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestBad(t *testing.T) {
	good := dict("'<f4'", "False", "(2,)")
	cases := []struct {
		name string
		b    []byte
		code fault.Code
	}{
		{"no bytes", nil, fault.EmptyFile},
		{"five bytes", []byte("\x93NUMP"), fault.Truncated},
		{"other magic", append([]byte("\x93NUMPX\x01\x00"), 0, 0), fault.BadNPY},
		{"version 4", append([]byte(magic), 4, 0, 0, 0), fault.BadNPY},
		{"header longer than the file", append([]byte(magic), 1, 0, 200, 0), fault.Truncated},
		{"header over the limit", append([]byte(magic), 2, 0, 0xff, 0xff, 0xff, 0xff), fault.HeaderTooLarge},
		{"not a dict", file("[1, 2]", 0), fault.BadNPY},
		{"a dict that does not end", file("{'descr': '<f4', ", 0), fault.BadNPY},
		{"no shape", file("{'descr': '<f4', 'fortran_order': False}", 0), fault.BadNPY},
		{"a key twice", file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4), fault.BadNPY},
		{"another key", file("{'descr': '<f4', 'fortran_order': False, 'x': 1, 'shape': ()}", 4), fault.BadNPY},
		{"more after the dict", file(good+"x", 8), fault.BadNPY},
		{"objects", file(dict("'|O'", "False", "(2,)"), 8), fault.UnknownDType},
		{"records", file(dict("[('a', '<f4')]", "False", "(2,)"), 8), fault.UnknownDType},
		{"complex", file(dict("'<c8'", "False", "(2,)"), 16), fault.UnknownDType},
		{"a fortran_order of 1", file(dict("'<f4'", "1", "(2,)"), 8), fault.BadNPY},
		{"negative dimension", file(dict("'<f4'", "False", "(-2,)"), 8), fault.BadShape},
		{"dimension of 2^63", file(dict("'<f4'", "False", "(9223372036854775808,)"), 8), fault.BadShape},
		{"dimensions that overflow", file(dict("'<f4'", "False", "(4611686018427387903, 4)"), 0), fault.BadShape},
		{"33 dimensions", file(dict("'<f4'", "False", "("+strings.Repeat("1,", 33)+")"), 4), fault.BadShape},
		{"data that ends early", file(good, 7), fault.Truncated},
		{"data that goes on", file(good, 9), fault.BadNPY},
	}
	for _, c := range cases {
		_, err := open(c.b)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: got %v, want code %s", c.name, err, c.code)
		}
	}
}

func TestZip(t *testing.T) {
	one := file(dict("'<f4'", "False", "(2,)"), 8)
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		f, err := openZip(zipped(method, entry{"a.npy", one}, entry{"b/c.npy", one}))
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Tensors) != 2 || f.Tensors[1].Name != "b/c" {
			t.Errorf("tensors %v", f.Tensors)
		}
		r, err := f.Tensors[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); len(b) != 8 || err != nil {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
	}
	stored := zipped(zip.Store, entry{"a.npy", one})
	flipped := bytes.Clone(stored)
	flipped[bytes.Index(flipped, one)+len(one)-1] ^= 1 // the checksum is wrong now
	bomb := zipped(zip.Deflate, entry{"a.npy", file(dict("'<f4'", "False", "(8388608,)"), 32<<20)})
	lie := bytes.Clone(stored)
	at := bytes.LastIndex(lie, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lie[at+24:], 1<<31) // the size when inflated
	cases := []struct {
		name string
		b    []byte
		code fault.Code
	}{
		{"no bytes", nil, fault.EmptyFile},
		{"no zip", []byte("PK\x03\x04 and so on, not a zip at all"), fault.BadZip},
		{"an empty zip", zipped(zip.Store), fault.NoWeights},
		{"the same array twice", zipped(zip.Store, entry{"a.npy", one}, entry{"a.npy", one}), fault.DuplicateTensor},
		{"another file", zipped(zip.Store, entry{"a.npy", one}, entry{"x/data.pkl", one}), fault.BadZip},
		{"a broken array", zipped(zip.Store, entry{"a.npy", one[:12]}), fault.Truncated},
		{"an array that goes on", zipped(zip.Store, entry{"a.npy", append(bytes.Clone(one), 1)}), fault.BadZip},
		{"a bomb", bomb, fault.TooLarge},
		{"a size that lies", lie, fault.BadZip},
	}
	for _, c := range cases {
		_, err := openZip(c.b)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: got %v, want code %s", c.name, err, c.code)
		}
	}
	f, err := openZip(flipped)
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Tensors[0].Open()
	if err == nil {
		_, err = io.ReadAll(r)
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.BadZip {
		t.Errorf("a wrong checksum: %v", err)
	}
	for n := range stored {
		if _, err := openZip(stored[:n]); err == nil {
			t.Errorf("cut at %d of %d bytes: no error", n, len(stored))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(file(dict("'<f4'", "False", "(2, 3)"), 24))
	f.Add(file(dict("'>i8'", "True", "(2L,)"), 16))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := open(b)
		if err == nil && x.Tensors[0].Bytes > int64(len(b)) {
			t.Fatalf("%d bytes of %d", x.Tensors[0].Bytes, len(b))
		}
	})
}

func FuzzOpenZip(f *testing.F) {
	one := file(dict("'<f4'", "False", "(2,)"), 8)
	f.Add(zipped(zip.Store, entry{"a.npy", one}))
	f.Add(zipped(zip.Deflate, entry{"a.npy", one}, entry{"b.npy", one}))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := openZip(b)
		if err != nil {
			return
		}
		for i := range x.Tensors {
			if r, err := x.Tensors[i].Open(); err == nil {
				io.Copy(io.Discard, io.LimitReader(r, 1<<20))
				r.Close()
			}
		}
	})
}
