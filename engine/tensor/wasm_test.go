//go:build !js

package tensor

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// forKernels runs a test on the kernels as they are built: plain, and with relaxed SIMD.
func forKernels(t *testing.T, test func(t *testing.T, b []byte)) {
	for _, name := range []string{"kernel.wasm", "relaxed.wasm"} {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile("../../wasm/kernel/" + name)
			if err != nil {
				t.Fatal(err)
			}
			test(t, b)
		})
	}
}

// TestKernelModule reads the sections of a kernel: a module in Go's memory may have no data, no stack and nothing else of
// its own.
func TestKernelModule(t *testing.T) { forKernels(t, kernelModule) }

func kernelModule(t *testing.T, b []byte) {
	if string(b[:8]) != "\x00asm\x01\x00\x00\x00" {
		t.Fatal("not a WASM module of version 1")
	}
	if len(b) > 64<<10 {
		t.Errorf("%d bytes: it is fetched before anything runs, and should stay below 64 KB", len(b))
	}
	section := map[byte][]byte{}
	for r := (reader{b[8:]}); len(r.b) > 0; {
		id := r.byte()
		section[id] = r.take(r.number())
	}
	// 4 table, 5 memory, 6 global, 8 start, 9 element, 11 data, 12 data count. Without a global there is no stack pointer:
	// a function that used one would make the module invalid.
	for _, id := range []byte{4, 5, 6, 8, 9, 11, 12} {
		if section[id] != nil {
			t.Errorf("section %d: a kernel must have none", id)
		}
	}
	if want := "\x01\x03env\x06memory\x02"; len(section[2]) < len(want) || string(section[2][:len(want)]) != want {
		t.Errorf("imports %q, expected only env.memory", section[2])
	}
	exports, wanted := exportedFunctions(t, section[7]), wantedKernels(t)
	if !slices.Equal(exports, wanted) {
		t.Errorf("exports %v, Go imports %v", exports, wanted)
	}
}

// TestKernelIsOfItsSource: the hash of the C files that strip.go wrote into a kernel is that of the files beside it.
func TestKernelIsOfItsSource(t *testing.T) { forKernels(t, kernelIsOfItsSource) }

func kernelIsOfItsSource(t *testing.T, b []byte) {
	sources, _ := filepath.Glob("../../wasm/kernel/*.[ch]")
	if len(sources) == 0 {
		t.Fatal("no sources")
	}
	hash := sha256.New()
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		hash.Write(text)
	}
	if !bytes.HasSuffix(b, append([]byte("\x06source"), hash.Sum(nil)...)) {
		t.Error("the C files changed after kernel.wasm was built: make kernel")
	}
}

// reader reads WASM's encoding.
type reader struct{ b []byte }

func (r *reader) byte() byte { return r.take(1)[0] }

func (r *reader) number() int {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) take(n int) []byte {
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func exportedFunctions(t *testing.T, section []byte) (names []string) {
	r := reader{section}
	for range r.number() {
		names = append(names, string(r.take(r.number())))
		if kind := r.byte(); kind != 0 {
			t.Errorf("export %s is of kind %d, not a function", names[len(names)-1], kind)
		}
		r.number()
	}
	slices.Sort(names)
	return names
}

// wantedKernels are the kernels that Go asks for.
func wantedKernels(t *testing.T) (names []string) {
	for _, file := range []string{"simd_js.go", "../projection/tsne/simd_js.go", "../match/simd_js.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^//go:wasmimport kernel (\w+)$`).FindAllSubmatch(source, -1) {
			names = append(names, string(m[1]))
		}
	}
	slices.Sort(names)
	return names
}
