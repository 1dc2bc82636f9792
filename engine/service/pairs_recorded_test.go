package service

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// s2sFiles are files of the project of testdata/formats/s2s, in its folder; with other contents where other has them, nil: left out.
func (x *session) s2sFiles(other map[string][]byte, names ...string) (refs []protocol.FileRef) {
	for _, name := range names {
		f := x.put("formats/s2s/" + name)
		b, changed := other[name]
		if changed && b == nil {
			continue
		}
		if f.Name = "s2s/" + name; changed {
			x.files[f.Ref], f.Size = b, int64(len(b))
		}
		refs = append(refs, f)
	}
	return refs
}

var s2sAll = []string{"embs.h5", "s2s.yaml", "src.dict", "states.h5", "tgt.dict", "v0.1.pt"}

// TestSeq2SeqVis opens a project of Seq2Seq-Vis: its model, and says what is left out; and its recorded states, which have the same neighbours
// as the same pairs that the model is run over, up to float16.
func TestSeq2SeqVis(t *testing.T) {
	x := newSession(t)
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.s2sFiles(nil, s2sAll...)})
	if m.Name != "s2s/v0.1.pt" || m.Seq == nil || m.Tokenizer != "word" || len(m.Warnings) > 0 || !slices.Equal(m.Ignored, []string{"s2s/embs.h5", "s2s/s2s.yaml", "s2s/src.dict", "s2s/states.h5", "s2s/tgt.dict"}) {
		t.Fatalf("%+v", m)
	}
	names := []string{m.Seq.Encoder, m.Seq.Decoder, m.Seq.Mixed}
	near := func(info *protocol.PairsInfo, name string, pos int) []protocol.PairRow {
		return ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: info.ID, Upto: 3, Of: protocol.Translate{Text: "the dog sees cat", Decode: protocol.Decode{Beam: 3, Most: 6}},
			Name: name, Pos: pos, Metric: "dot", N: 40}).Rows
	}
	// what this model makes of a text is short: the decoder's states are asked about at its first position
	places := [3][2]int{{0, 3}, {0, 0}, {0, 0}}
	open := func(b protocol.Pairs) (info *protocol.PairsInfo, rows [3][2][]protocol.PairRow) {
		b.States, b.Decode = names, protocol.Decode{Beam: 3, Most: 6}
		info = ask[protocol.PairsInfo](x, protocol.OpPairsOpen, b)
		f := x.fillAll(info)
		if info.Pairs != 3 || f.Done != 3 || !slices.Equal(f.Rows, []int{10, 13, 13}) || len(info.Warnings) > 0 {
			t.Fatalf("%+v %+v", info, f)
		}
		for i, name := range names {
			for pos := range 2 {
				rows[i][pos] = near(info, name, places[i][pos])
			}
		}
		return info, rows
	}
	_, want := open(protocol.Pairs{Text: "the cat sees the dog\tle chat voit le chien\nthe dog runs\tle chien court\ncat runs\tchat court\n"})
	_, got := open(protocol.Pairs{Name: "states.h5", Files: x.s2sFiles(nil, "s2s.yaml", "src.dict", "states.h5", "tgt.dict")})
	for i, name := range names {
		for pos := range 2 {
			w := want[i][pos]
			if len(w) < 10 || len(got[i][pos]) != len(w) {
				t.Fatalf("%s: %d rows, not %d", name, len(got[i][pos]), len(w))
			}
			for _, g := range got[i][pos] { // in another order where they are as near
				k := slices.IndexFunc(w, func(r protocol.PairRow) bool { return r.Pair == g.Pair && r.Pos == g.Pos && r.Side == g.Side })
				if k < 0 || math.Abs(w[k].Score-g.Score) > 2e-3 || !slices.Equal(w[k].Source, g.Source) || !slices.Equal(w[k].Target, g.Target) {
					t.Errorf("%s: %+v", name, g)
				}
			}
		}
	}
	// Without dictionaries, and of one space alone.
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{States: names[1:2], Files: x.s2sFiles(nil, "states.h5")})
	if len(info.States) != 1 || info.States[0].Units != 4 {
		t.Errorf("%+v", info)
	}
	// Of little room some are drawn.
	info = ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{States: names[1:2], Room: 90, Files: x.s2sFiles(nil, "states.h5")})
	if info.Pairs != 2 || len(info.Warnings) != 1 || info.Warnings[0].Code != "pairs-sampled" {
		t.Errorf("%+v", info)
	}
}

// TestRecordedAttention: rows of neighbours have the attention that the file has, which is the model's up to float16; a row that does not sum to one is
// counted, named and left out.
func TestRecordedAttention(t *testing.T) {
	x := newSession(t)
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.s2sFiles(nil, s2sAll...)})
	vocabulary := strings.Fields(string(x.files[x.put("formats/s2s/tgt.dict").Ref]))
	var ids []string
	for _, w := range []string{"le", "chat", "voit", "le", "chien"} {
		ids = append(ids, vocabulary[slices.Index(vocabulary, w)-1])
	}
	of := protocol.Translate{Text: "the cat sees the dog", Decode: protocol.Decode{Beam: 2, Most: 6},
		Changes: []protocol.Change{{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: strings.Join(ids, "_")}}}
	want := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: of, Name: "decoder.attn.pattern"})
	near := func(states []byte, name string) (*protocol.PairsInfo, []protocol.PairRow) {
		info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{States: []string{name}, Files: x.s2sFiles(map[string][]byte{"states.h5": states}, "states.h5")})
		x.fillAll(info)
		return info, ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: info.ID, Upto: 3, Of: of, Name: name, Metric: "cosine", N: 40}).Rows
	}
	file := x.files[x.put("formats/s2s/states.h5").Ref]
	info, rows := near(file, m.Seq.Decoder)
	checked := 0
	var first []byte // of pair 0, as the file has it
	for _, r := range rows {
		if len(r.Look) != len(r.Source) {
			t.Fatalf("%+v", r)
		}
		for j, w := range r.Look {
			if r.Pair == 0 && r.Pos < 5 {
				if checked++; math.Abs(float64(w-want.Data[r.Pos*5+j])) > 1e-3 {
					t.Errorf("pair 0, step %d, token %d: %v, not %v", r.Pos, j, w, want.Data[r.Pos*5+j])
				}
			}
			if r.Pair == 0 && r.Pos == 0 {
				first = binary.LittleEndian.AppendUint16(first, half(w))
			}
		}
	}
	if checked != 25 || len(info.Warnings) > 0 {
		t.Fatalf("%d weights, %+v", checked, info.Warnings)
	}
	if _, rows := near(file, m.Seq.Encoder); rows[0].Look != nil {
		t.Error("a state of the source has attention")
	}
	at := bytes.Index(file, first)
	if at < 0 || bytes.Contains(file[at+1:], first) {
		t.Fatal("the row is not in the file once")
	}
	broken := slices.Clone(file)
	copy(broken[at:], make([]byte, len(first)))
	info, rows = near(broken, m.Seq.Decoder)
	if w := info.Warnings; len(w) != 1 || w[0].Code != "attention-sums" || w[0].What != "attn[0, 0]" || w[0].N != 1 {
		t.Errorf("%+v", w)
	}
	for _, r := range rows {
		if (r.Look == nil) != (r.Pair == 0 && r.Pos == 0) {
			t.Errorf("%+v", r)
		}
	}
}

// half is the float16 of a number that is one, positive and not too small.
func half(v float32) uint16 {
	b := math.Float32bits(v)
	return uint16(b>>13&0x3ff | (b>>23-127+15)<<10)
}

// TestSeq2SeqVisErrors: files of another model, and what is no project, are said, and what was open stays.
func TestSeq2SeqVisErrors(t *testing.T) {
	x := newSession(t)
	for yml, code := range map[string]string{"model: v0.2.pt": "missing-file v0.2.pt", "dicts:\n src: a": "bad-seq2seqvis model", "model: &a b": "bad-seq2seqvis line 1"} {
		e := x.fails(protocol.OpOpen, protocol.Open{Files: x.s2sFiles(map[string][]byte{"s2s.yaml": []byte(yml)}, s2sAll...)})
		if got := e.Code + " " + e.Where; got != code || e.File != "s2s/s2s.yaml" {
			t.Errorf("%s: %+v", yml, e)
		}
	}
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.s2sFiles(nil, s2sAll...)})
	text := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Text: "the cat\tle chat\n", States: []string{"encoder.output"}})
	states := protocol.Pairs{States: []string{"encoder.output"}}
	for _, c := range []struct {
		what  string
		pairs func(*protocol.Pairs)
		want  string
	}{
		{"scores", func(b *protocol.Pairs) { b.Score = true }, "pairs-recorded"},
		{"another state", func(b *protocol.Pairs) { b.States = []string{"decoder.embed"} }, "bad-request"},
		{"another word", func(b *protocol.Pairs) {
			b.Files = x.s2sFiles(map[string][]byte{"src.dict": []byte("2 cow\n")}, "states.h5", "src.dict")
		}, "bad-seq2seqvis src.dict, id 2"},
		{"too many words", func(b *protocol.Pairs) {
			b.Files = x.s2sFiles(map[string][]byte{"tgt.dict": []byte("9 vache\n")}, "states.h5", "tgt.dict")
		}, "bad-seq2seqvis tgt.dict"},
		{"a line of LSTMVis", func(b *protocol.Pairs) {
			b.Files = x.s2sFiles(map[string][]byte{"tgt.dict": []byte("chat 4\n")}, "states.h5", "tgt.dict")
		}, "bad-seq2seqvis line 1"},
		{"no states", func(b *protocol.Pairs) { b.Files = x.s2sFiles(nil, "embs.h5", "src.dict") }, "bad-seq2seqvis src"},
		{"cut", func(b *protocol.Pairs) { b.Files[0].Size /= 2 }, "truncated"},
	} {
		b := states
		b.Files = x.s2sFiles(nil, "states.h5")
		c.pairs(&b)
		if e := x.fails(protocol.OpPairsOpen, b); strings.TrimSpace(e.Code+" "+e.Where) != c.want && e.Code != c.want {
			t.Errorf("%s: %+v", c.what, e)
		}
	}
	if _, _, err := x.s.thePairs(text.ID, 1); err != nil {
		t.Error("the pairs that were open are gone")
	}
	other := opened(t, "g2p-lstm")
	if e := other.fails(protocol.OpPairsOpen, protocol.Pairs{States: []string{"encoder.output"}, Files: other.s2sFiles(nil, "states.h5")}); e.Code != "bad-seq2seqvis" || e.Where != "encoder_out" || e.Found != "4" {
		t.Errorf("%+v", e)
	}
}
