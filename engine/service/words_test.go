package service

import (
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// TestWords holds which tokens of a large vocabulary a map shows.
func TestWords(t *testing.T) {
	s := &Service{names: []string{"[PAD]", "[unused0]", "!", "a", " the", "x1", "▁cat", "of", "né"}}
	s.info.Vocab = len(s.names)
	for n, want := range map[int][]int{2: {4, 6}, 4: {4, 6, 7, 8}, 6: {0, 1, 4, 6, 7, 8}, 9: {0, 1, 2, 3, 4, 5, 6, 7, 8}} {
		if got := s.words(n, s.isWord); !slices.Equal(got, want) {
			t.Errorf("%d: %v, expected %v", n, got, want)
		}
	}
	m := ask[protocol.Array](opened(t, "mini-gpt"), protocol.OpMap, protocol.Map{Max: 64})
	if len(m.IDs) != 64 || len(m.Data) != 128 || !slices.IsSorted(m.IDs) || len(m.Names[0]) < 2 {
		t.Errorf("%v %v", m.IDs, m.Names)
	}
}
