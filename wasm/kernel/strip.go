//go:build ignore

// Strip removes the table and the globals that wasm-ld always writes (the stack pointer among them). A kernel that
// used one would then no longer be a valid module: so that kernel.wasm has none is proof that it has no stack.
// In relaxed.wasm it writes f32x4.relaxed_madd where clang 14 wrote the number that the instruction had before it became a
// standard; the other module, which has none, shows that these bytes stand for nothing else.
// It adds a section that holds the hash of the C files, by which a test sees that they have not changed since.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := strip(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
}

func strip(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.Write(b[:8])
	for i := 8; i < len(b); {
		size, n := binary.Uvarint(b[i+1:])
		end := i + 1 + n + int(size)
		const table, global, code = 4, 6, 10
		switch id := b[i]; id {
		case table, global:
		case code:
			out.Write(bytes.ReplaceAll(b[i:end], []byte{0xfd, 0xaf, 0x01}, []byte{0xfd, 0x85, 0x02}))
		default:
			out.Write(b[i:end])
		}
		i = end
	}
	sources, err := filepath.Glob("*.[ch]") // sorted
	if err != nil {
		return err
	}
	hash := sha256.New()
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		hash.Write(text)
	}
	const name = "\x06source"
	out.Write([]byte{0, byte(len(name) + sha256.Size)})
	out.WriteString(name)
	out.Write(hash.Sum(nil))
	return os.WriteFile(path, out.Bytes(), 0o644)
}
