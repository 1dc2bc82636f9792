package annotation

import (
	"strings"
	"testing"
)

// prose is a text of n tokens: words with the space before them, in lines and speeches.
func prose(n int) *Text {
	t := &Text{}
	var b strings.Builder
	words := strings.Split("KING:\n|What|,| my| dear| lord|,| is| (|as| they| say|)| \"|true|\"|?\n|  We| don't| know|.|\n\n", "|")
	for i := range n {
		w := words[i%len(words)]
		t.Tokens = append(t.Tokens, Token{i % len(words), b.Len(), b.Len() + len(w)})
		b.WriteString(w)
	}
	t.Text = b.String()
	t.Surprisal, t.Entropy, t.Rank = make([]float32, n), make([]float32, n), make([]float32, n)
	return t
}

// BenchmarkOf makes all built-in annotations of 100,000 tokens.
func BenchmarkOf(b *testing.B) {
	t := prose(100_000)
	counts := make([]int, 50)
	for i := range counts {
		counts[i] = i + 1
	}
	for b.Loop() {
		if len(Of(t, counts)) != len(Builtins) {
			b.Fatal("not all")
		}
	}
}

// BenchmarkEach makes one of them.
func BenchmarkEach(b *testing.B) {
	t := prose(100_000)
	for i := range Builtins {
		b.Run(Builtins[i].Name, func(b *testing.B) {
			for b.Loop() {
				Builtins[i].Make(t, nil)
			}
		})
	}
}
