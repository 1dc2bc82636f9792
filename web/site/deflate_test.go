package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// What is packed is unpacked by another's code, and what has some order is smaller than by another's.
func TestPacked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 70000)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	source, err := os.ReadFile("deflate.go")
	if err != nil {
		t.Fatal(err)
	}
	few := make([]byte, piece+3*window) // matches of all lengths and distances, over the end of a piece
	for i := 0; i < len(few); {
		if n := r.IntN(400); i > 3 && n > 20 {
			d := 1 + r.IntN(min(i, window))
			for range min(n, len(few)-i) {
				few[i] = few[i-d]
				i++
			}
		} else {
			few[i] = byte(r.IntN(9) * r.IntN(9))
			i++
		}
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "one": []byte("a"), "two": []byte("ab"), "zeros": make([]byte, 3*piece), "random": random, "source": source, "few": few,
		"piece": few[:piece], "text": []byte(strings.Repeat("to be or not to be ", 999)),
	} {
		z := packed(b, "what "+name)
		g, err := gzip.NewReader(bytes.NewReader(z))
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := io.ReadAll(g)
		if err != nil || !bytes.Equal(got, b) || g.Comment != "what "+name {
			t.Errorf("%s: %d bytes of %d, %q, %v", name, len(got), len(b), g.Comment, err)
		}
		var std bytes.Buffer
		w, _ := gzip.NewWriterLevel(&std, gzip.BestCompression)
		w.Write(b)
		w.Close()
		if (name == "source" || name == "few") && len(z) > std.Len() {
			t.Errorf("%s: packed %d, by compress/gzip %d", name, len(z), std.Len())
		}
		t.Logf("%s: %d, packed %d, by compress/gzip %d", name, len(b), len(z), std.Len())
	}
}
