package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
)

// file puts a header before data, as the format has it.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func open(b []byte) (*format.File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

const two = `{"b":{"dtype":"F16","shape":[2,2],"data_offsets":[24,32]},"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`

func TestGood(t *testing.T) {
	f, err := open(file(two+"  ", 32))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(f.Tensors[0].Info, f.Tensors[0].Bytes, f.Tensors[1].Info, f.Tensors[1].Bytes, f.Metadata)
	if want := "a F32 [2 3] 24 b F16 [2 2] 8 map[format:pt]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, h := range []string{`{}`, `{"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, `{"e":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}}`,
		`{"q":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}`, `{"x":{"dtype":"I8","shape":[1],"data_offsets":[0,1],"more":{"a":[1,{}]}}}`} {
		n := map[bool]int{true: 4}[strings.Contains(h, "[0,4]")] + map[bool]int{true: 1}[strings.Contains(h, "[0,1]")]
		if _, err := open(file(h, n)); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
}

// entry1 is a header of one tensor.
func entry1(dtype, shape, offsets string) string {
	return fmt.Sprintf(`{"x":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets)
}

func TestBad(t *testing.T) {
	length := func(n uint64, rest int) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, n), bytes.Repeat([]byte("{"), rest)...)
	}
	cases := []struct {
		name string
		b    []byte
		code fault.Code
	}{
		{"no bytes", nil, fault.EmptyFile},
		{"seven bytes", make([]byte, 7), fault.Truncated},
		{"header length 0", length(0, 0), fault.HeaderJSON},
		{"header longer than the file", length(20, 12), fault.Truncated},
		{"header length over the limit", length(MaxHeader+1, 12), fault.HeaderTooLarge},
		{"header length of 2^63", length(1<<63, 12), fault.HeaderTooLarge},
		{"header length of 2^64-1", length(1<<64-1, 12), fault.HeaderTooLarge},
		{"not JSON", file("{hello}", 0), fault.HeaderJSON},
		{"an array", file("[1,2,3]", 0), fault.HeaderJSON},
		{"not UTF-8", file("{\"\xff\":1}", 0), fault.HeaderJSON},
		{"more after the header", file("{} {}", 0), fault.HeaderJSON},
		{"unclosed", file(`{"a":`, 0), fault.HeaderJSON},
		{"an entry that is no object", file(`{"a":1}`, 0), fault.HeaderJSON},
		{"no dtype", file(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4), fault.HeaderJSON},
		{"no shape", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), fault.HeaderJSON},
		{"no offsets", file(`{"a":{"dtype":"F32","shape":[1]}}`, 4), fault.HeaderJSON},
		{"a key twice", file(`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), fault.HeaderJSON},
		{"a tensor twice", file(`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}`, 2), fault.DuplicateTensor},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), fault.DuplicateTensor},
		{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), fault.HeaderJSON},
		{"unknown dtype", file(entry1(`"F33"`, `[1]`, `[0,4]`), 4), fault.UnknownDType},
		{"dtype of a number", file(entry1(`3`, `[1]`, `[0,4]`), 4), fault.HeaderJSON},
		{"negative dimension", file(entry1(`"F32"`, `[-1]`, `[0,4]`), 4), fault.BadShape},
		{"fractional dimension", file(entry1(`"F32"`, `[1.5]`, `[0,4]`), 4), fault.BadShape},
		{"dimension of 2^64", file(entry1(`"F32"`, `[18446744073709551616]`, `[0,4]`), 4), fault.BadShape},
		{"dimensions that overflow", file(entry1(`"F32"`, `[4294967296,4294967296]`, `[0,0]`), 0), fault.BadShape},
		{"dimensions that overflow to the right size", file(entry1(`"I8"`, `[9223372036854775808,2]`, `[0,0]`), 0), fault.BadShape},
		{"33 dimensions", file(entry1(`"I8"`, "["+strings.Repeat("1,", 32)+"1]", `[0,1]`), 1), fault.BadShape},
		{"half a byte", file(entry1(`"F4"`, `[3]`, `[0,2]`), 2), fault.BadShape},
		{"one offset", file(entry1(`"F32"`, `[1]`, `[0]`), 4), fault.HeaderJSON},
		{"three offsets", file(entry1(`"F32"`, `[1]`, `[0,4,8]`), 4), fault.BadShape},
		{"offsets backwards", file(entry1(`"F32"`, `[1]`, `[4,0]`), 4), fault.BadOffsets},
		{"offsets of another size", file(entry1(`"F32"`, `[1]`, `[0,8]`), 8), fault.BadOffsets},
		{"data that ends early", file(entry1(`"F32"`, `[4]`, `[0,16]`), 15), fault.Truncated},
		{"data that goes on", file(entry1(`"F32"`, `[1]`, `[0,4]`), 5), fault.BadOffsets},
		{"a hole before", file(entry1(`"F32"`, `[1]`, `[4,8]`), 8), fault.BadOffsets},
		{"a hole between", file(`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I8","shape":[1],"data_offsets":[2,3]}}`, 3), fault.BadOffsets},
		{"overlap", file(`{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"I8","shape":[2],"data_offsets":[1,3]}}`, 3), fault.BadOffsets},
		{"deep nesting", file(`{"a":{"x":`+strings.Repeat("[", 100_000), 0), fault.HeaderJSON},
	}
	for _, c := range cases {
		_, err := open(c.b)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: got %v, want code %s", c.name, err, c.code)
		} else if e.In != "safetensors" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q is not one line of safetensors", c.name, err)
		}
	}
}

// TestCutAndFlipped cuts a file at every byte, and flips every bit of its header: an error, or a file that still says what
// its bytes are.
func TestCutAndFlipped(t *testing.T) {
	whole := file(two, 32)
	for n := range whole {
		if _, err := open(whole[:n]); err == nil {
			t.Errorf("cut at %d of %d bytes: no error", n, len(whole))
		}
	}
	for i := range 8 * (8 + len(two)) {
		b := bytes.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		f, err := open(b)
		if err != nil {
			continue
		}
		sum := int64(0)
		for _, x := range f.Tensors {
			sum += x.Bytes
		}
		if sum != 32 {
			t.Errorf("bit %d flipped: tensors of %d bytes in 32", i, sum)
		}
	}
}

// TestClaim holds that what a small file claims takes no memory.
func TestClaim(t *testing.T) {
	for _, b := range [][]byte{
		file(entry1(`"F32"`, `[32768,32768]`, `[0,4294967296]`), 4), binary.LittleEndian.AppendUint64(nil, MaxHeader),
		append(binary.LittleEndian.AppendUint64(nil, 1<<62), '{'),
	} {
		before := formattest.Allocated()
		if _, err := open(b); err == nil {
			t.Error("no error")
		}
		if n := formattest.Allocated() - before; n > 1<<16 {
			t.Errorf("%d bytes of memory for a file of %d", n, len(b))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(file(two, 32))
	f.Add(file(entry1(`"F32"`, `[2,2]`, `[0,16]`), 16))
	f.Add(file(`{"q":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}`, 1))
	f.Add(file(`{"x":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1],"more":{"a":[1,{}]}}, "__metadata__": {}}  `, 1))
	b, err := os.ReadFile("../../../testdata/formats/types.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		before := formattest.Allocated()
		file, err := open(b)
		if n := formattest.Allocated() - before; n > 2*uint64(len(b))+16<<20 {
			t.Fatalf("%d bytes of memory for a file of %d", n, len(b))
		}
		var e *fault.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("%T is not typed", err)
			}
			return
		}
		var sum int64
		for _, x := range file.Tensors {
			if sum += x.Bytes; x.Bytes < 0 {
				t.Fatalf("%v has %d bytes", x.Info, x.Bytes)
			}
		}
		if header := int64(binary.LittleEndian.Uint64(b)); sum+8+header != int64(len(b)) {
			t.Fatalf("%d bytes of tensors in a file of %d", sum, len(b))
		}
	})
}
