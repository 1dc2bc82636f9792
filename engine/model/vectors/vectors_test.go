package vectors_test

import (
	"path/filepath"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
)

// TestVectors opens word vectors of a text, of word2vec's binary form and of an array alone, and embeds words with each.
func TestVectors(t *testing.T) {
	for _, name := range []string{"glove.txt", "word2vec.bin", "embedding_matrix.npy"} {
		ck := enginetest.Checkpoint(t, filepath.Join(enginetest.Root(), "testdata", "formats", "vectors", name))
		m, err := model.Open(enginetest.Config(ck), ck)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		info := m.Info()
		if info.Vocab != 12 || info.Embed != 6 || info.Layers != 0 || info.Logits || len(info.Acts) != 1 {
			t.Errorf("%s: %+v", name, info)
		}
		rec, state := activation.NewRecorder("*"), m.NewState()
		for _, ids := range [][]int{{2, 11}, {0, 2}} {
			if err := m.Forward(state, nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: rec}}); err != nil {
				t.Fatal(err)
			}
		}
		want, row := []float32(nil), make([]float32, 6)
		for _, id := range []int{2, 11, 0, 2} {
			for j := range 6 {
				if m.Embedding(row, id); row[j] != float32((7*id+3*j)%101-50)/64 {
					t.Errorf("%s: word %d is %v", name, id, row)
				}
			}
			want = append(want, row...)
		}
		if got := rec.Get("embed").Data; state.Len() != 4 || !slices.Equal(got, want) {
			t.Errorf("%s: %d tokens, %v", name, state.Len(), got)
		}
		if state.Truncate(1) != 1 || state.Clone().Len() != 1 || m.Forward(state, nn.Input{IDs: []int{12}}) == nil {
			t.Errorf("%s: going back, or a word that is not there", name)
		}
	}
}
