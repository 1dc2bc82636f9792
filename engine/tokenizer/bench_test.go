package tokenizer

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// megabyte is a text of about 1 MB, English and other.
func megabyte() string {
	return strings.Repeat("The river runs past the old mill, and nobody has counted its stones in 1987; she'd said they're late. ", 1<<20/103)
}

func BenchmarkEncode(b *testing.B) {
	for _, name := range []string{"bytes GPT-2", "bytes o200k", "Llama", "Gemma", "uncased", "Unigram", "unigram.model", "llama.model", "suffix"} {
		tok := loadReferences().by[name].model(b)
		text := megabyte()
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				tok.Encode(text)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	file := filepath.Join("..", "..", "web", "models-large", "all-minilm-l6-v2", "tokenizer.json")
	if f, err := os.ReadFile(file); err == nil {
		b.Run("MiniLM", func(b *testing.B) { benchOpen(b, f) })
	}
	b.Run("49,000 tokens", func(b *testing.B) { benchOpen(b, large(49_000)) })
	b.Run("256,000 tokens", func(b *testing.B) { benchOpen(b, large(256_000)) })
}

func benchOpen(b *testing.B, file []byte) {
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := Open(map[string][]byte{tokenizerJSON: file}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// large is a byte-level tokenizer.json of n tokens.
func large(n int) []byte {
	vocab, merges := map[string]int{}, [][2]string{}
	var names []string
	for _, s := range alphabet {
		vocab[s] = len(vocab)
		names = append(names, s)
	}
	for i := 0; len(vocab) < n; i++ {
		left, right := names[i%len(names)], alphabet[(i*7)%256]
		if s := left + right; vocab[s] == 0 && len(s) < 30 {
			vocab[s] = len(vocab)
			names = append(names, s)
			merges = append(merges, [2]string{left, right})
		}
	}
	b, _ := json.Marshal(map[string]any{"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": merges}, "pre_tokenizer": map[string]any{"type": "ByteLevel"}})
	return b
}

// TestHostileTexts holds that no text takes time that grows with the square of its length.
func TestHostileTexts(t *testing.T) {
	size := 1 << 20
	if testing.Short() || os.Getenv("LINES") == "" {
		size = 1 << 12
	}
	for _, name := range []string{"bytes GPT-2", "bytes Llama 3", "bytes o200k", "bytes DeepSeek", "bytes BLOOM", "bytes NFC", "Llama", "Llama words", "uncased", "Unigram", "unigram.model", "llama.model", "bytes.model", "suffix"} {
		tok := loadReferences().by[name].model(t)
		for _, s := range []string{"a", "ab", " ", "é", "🙂", "0", "\n", " \n", "e\u0301", "\u0301", "A", "'", "/", "Aa", "<s", "漢A", "\u0f72\u0f71"} {
			start := time.Now()
			tok.Encode(strings.Repeat(s, size/len(s)))
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s: %q again and again takes %v", name, s, d)
			} else if os.Getenv("LINES") != "" && d > time.Second {
				fmt.Println(name, s, d)
			}
		}
	}
}
