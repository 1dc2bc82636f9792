package service

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// put is a file of testdata, to open.
func (x *session) put(path string) protocol.FileRef {
	b := enginetest.ReadFile(x.t, filepath.Join(enginetest.Root(), "testdata", path))
	ref := len(x.files) + 1
	x.files[ref] = b
	return protocol.FileRef{Name: filepath.Base(path), Size: int64(len(b)), Ref: ref}
}

// TestPyTorch opens what a training saved, alone: the model is told by its tensors, and what was guessed is said.
func TestPyTorch(t *testing.T) {
	for name, want := range map[string]string{
		"pt-onehot": "lstm LSTM char; model_type=lstm, layers=lstm.*_l0, lstm.*_l1, embedding=one-hot, decoder=fc",
		"pt-cells":  "gru GRU char; model_type=gru, layers=net.cells.0.*, net.cells.1.*, embedding=net.embed.weight, decoder=net.out",
		"pt-module": "rnn_relu RNN char; ",
	} {
		x := newSession(t)
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.folder(name)})
		kind, _, _ := strings.Cut(m.Config[strings.Index(m.Config, `"model_type":"`)+14:], `"`)
		var guesses []string
		for _, g := range m.Guesses {
			guesses = append(guesses, g.Key+"="+g.Value)
		}
		if got := kind + " " + m.Family + " " + m.Tokenizer + "; " + strings.Join(guesses, ", "); got != want || m.Format != "pytorch" || len(m.Warnings) > 0 {
			t.Errorf("%s: %s, %v", name, got, m.Warnings)
		}
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
		if len(r.Tokens) != 7 || len(r.Surprisal) != 7 {
			t.Errorf("%s: %+v", name, r.Tokens)
		}
	}
}

// TestWordVectors opens word vectors, which predict nothing, and looks for neighbours of a word.
func TestWordVectors(t *testing.T) {
	for _, files := range [][]string{{"glove.txt"}, {"word2vec.bin"}, {"fasttext.vec"}, {"vectors.tsv", "metadata.tsv"}, {"embedding_matrix.npy", "metadata.tsv"}} {
		x := newSession(t)
		var refs []protocol.FileRef
		for _, f := range files {
			refs = append(refs, x.put("formats/vectors/"+f))
		}
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
		if m.Format != "vectors" && m.Format != "npy" || m.Tokenizer != "word" || m.Vocab != 12 || m.Layers != 0 || m.Logits {
			t.Errorf("%v: %+v", files, m)
		}
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat sat"})
		a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "embed", To: -1, Index: -1})
		if len(r.Tokens) != 3 || r.Tokens[1].ID != 2 || !slices.Equal(a.Shape, []int{3, 6}) || a.Data[6] != -0.5625 {
			t.Errorf("%v: %+v, %v %v", files, r.Tokens, a.Shape, a.Data)
		}
	}
	x := newSession(t)
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{x.put("formats/vectors/embedding_matrix.npy")}}); e.Code != "no-tokenizer" {
		t.Errorf("an array alone: %+v", e)
	}
}
