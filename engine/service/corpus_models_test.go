package service

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// TestCorpusOfEveryModel runs a corpus of two documents on every tiny model, and holds states, surprisal and rank to those of a run of each.
func TestCorpusOfEveryModel(t *testing.T) {
	for _, name := range enginetest.Models {
		x := opened(t, name)
		text, _ := x.s.tok.Spell(enginetest.ReadGolden(t, name).IDs)
		text = strings.ToValidUTF8(strings.NewReplacer("\f", "", "\r", "").Replace(text), "")
		var sources []string
		for _, a := range x.s.about.Acts {
			if len(a.Inner) == 1 && !a.Heads && a.Name != "logits" {
				sources = append(sources, a.Name)
			}
		}
		sources = sources[max(0, len(sources)-mostSources):]
		info := x.corpus(protocol.Corpus{Text: text + "\f" + text[:len(text)/2] + "e", Sources: sources})
		if info.Documents != 2 {
			t.Errorf("%s: %+v", name, info)
			continue
		}
		c, row := x.s.corpus, make([]float32, x.s.corpus.store.Units())
		for _, d := range c.docs {
			run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: d.Text})
			if len(run.Tokens) != d.hi-d.lo {
				t.Fatalf("%s: %d tokens, expected %d", name, d.hi-d.lo, len(run.Tokens))
			}
			first := 0
			for _, k := range info.Sources {
				a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: k.Name, To: -1, Index: -1})
				for i := range run.Tokens {
					c.store.Row(row, d.lo+i)
					for u := range k.Units {
						want, got := a.Data[i*k.Units+u], row[first+u]
						if math.Abs(float64(want-got)) > 1e-3*max(1e-3, math.Abs(float64(want))) { // 16-bit floats
							t.Fatalf("%s: %s: token %d, unit %d: %v, expected %v", name, k.Name, d.lo+i, u, got, want)
						}
					}
				}
				first += k.Units
			}
			for i := range run.Tokens {
				if int(c.ids[d.lo+i]) != run.Tokens[i].ID || int(c.start[d.lo+i]) != run.Tokens[i].Start || int(c.end[d.lo+i]) != run.Tokens[i].End {
					t.Fatalf("%s: token %d is not %+v", name, d.lo+i, run.Tokens[i])
				}
				if !x.s.corpusPredicts() {
					continue
				}
				want, got := float64(run.Surprisal[i]), float64(c.score.surprisal[d.lo+i])
				if math.Abs(want-got) > 1e-4 || (want != want) != (got != got) || math.Abs(float64(run.Entropy[i]-c.score.entropy[d.lo+i])) > 1e-4 {
					t.Fatalf("%s: token %d: %v nats, expected %v", name, d.lo+i, got, want)
				}
				if r := c.score.rank[d.lo+i]; run.Rank[i] >= 0 && r != uint16(run.Rank[i]) || run.Rank[i] < 0 && r != noRank {
					t.Errorf("%s: token %d: rank %d, expected %v", name, d.lo+i, r, run.Rank[i])
				}
			}
		}
	}
}

// TestBlocks holds that a long text becomes the same tokens in blocks as at once, of a model that may read it in one go.
func TestBlocks(t *testing.T) {
	plays, err := os.ReadFile(filepath.Join("..", "..", "web", "texts", "shakespeare.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	prose := strings.ReplaceAll(string(plays), `\n`, "\n") + strings.Repeat("x", blockSize) + " end\n\n\n" + string(plays[:3*blockSize/2])
	for name, apart := range map[string]bool{"mini-gpt": true, "char-lstm": true, "word-vectors": true, "base-unigram.json": false, "base-uncased.json": false, "llama.model": false} {
		s := opened(t, "mini-gpt").s
		if file := enginetest.Root() + "/testdata/tokenizers/" + name; strings.Contains(name, ".") {
			as := map[bool]string{true: "tokenizer.json", false: name}[strings.HasSuffix(name, ".json")]
			if s.tok, err = tokenizer.Open(map[string][]byte{as: enginetest.ReadFile(t, file)}, nil); err != nil {
				t.Fatal(err)
			}
		} else {
			s = opened(t, name).s
		}
		s.info = nn.Info{Vocab: s.tok.Size()}
		if s.corpusLimit() != 0 {
			t.Fatal("it is to be run in one go")
		}
		want, unknown := s.encode(prose)
		blocks := 0
		var got []tokenizer.Token
		without := 0
		for at := 0; at < len(prose); blocks++ {
			to := s.blockEnd(prose, at)
			some, u := s.encode(prose[at:to])
			without += len(u)
			for _, k := range some {
				got = append(got, tokenizer.Token{ID: k.ID, Start: at + k.Start, End: at + k.End})
			}
			at = to
		}
		if !slices.Equal(got, want) || without != len(unknown) {
			t.Errorf("%s: %d tokens, expected %d", name, len(got), len(want))
		}
		if apart != (blocks > 1) {
			t.Errorf("%s: %d blocks", name, blocks)
		}
	}
}
