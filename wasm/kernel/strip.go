//go:build ignore

// Strip removes the table and the globals that wasm-ld always writes (the stack pointer among them). A kernel that
// used one would then no longer be a valid module: so that kernel.wasm has none is proof that it has no stack.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

func main() {
	path := os.Args[1]
	b, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
	var out bytes.Buffer
	out.Write(b[:8])
	for i := 8; i < len(b); {
		size, n := binary.Uvarint(b[i+1:])
		end := i + 1 + n + int(size)
		const table, global = 4, 6
		if id := b[i]; id != table && id != global {
			out.Write(b[i:end])
		}
		i = end
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
}
