package service

import (
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// TestSeq2SeqVisWords opens embs.h5 of Seq2Seq-Vis with a dictionary as word vectors; with both, after a choice.
func TestSeq2SeqVisWords(t *testing.T) {
	all := []string{"embs.h5", "src.dict", "tgt.dict"}
	x := newSession(t)
	e := x.fails(protocol.OpOpen, protocol.Open{Files: x.s2sFiles(nil, all...)})
	if e.Code != "several-models" || e.Found != "s2s/embs.h5/decoder.npy, s2s/embs.h5/encoder.npy" {
		t.Fatalf("%+v", e)
	}
	for _, c := range []struct {
		files []string
		name  string
		words int
		last  string
	}{{all, "s2s/embs.h5/encoder.npy", 7, "the"}, {all, "s2s/embs.h5/decoder.npy", 9, "voit"}, {all[:2], "", 7, "the"}} {
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.s2sFiles(nil, c.files...), Weights: c.name})
		if m.Seq != nil || m.Vocab != c.words || m.Hidden != 3 || m.Layers != 0 || len(x.s.names) != c.words || x.s.names[c.words-1] != c.last {
			t.Errorf("%+v, %v", m, x.s.names)
		}
		if r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "cat"}); c.words == 7 && (len(r.Tokens) != 1 || r.Tokens[0].ID != 2) {
			t.Errorf("%+v", r.Tokens)
		}
	}
	bad := x.s2sFiles(map[string][]byte{"src.dict": []byte("0 a\n2 b\n")}, "embs.h5", "src.dict")
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: bad}); e.Code != "bad-seq2seqvis" || e.Where != "id 1" {
		t.Errorf("%+v", e)
	}
	short := x.s2sFiles(map[string][]byte{"src.dict": []byte("0 a\n1 b\n")}, "embs.h5", "src.dict")
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: short}); !slices.Contains([]string{"counts-differ", "vocab-mismatch"}, e.Code) {
		t.Errorf("%+v", e)
	}
}
