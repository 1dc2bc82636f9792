package service

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// openedSet is a session with a set of testdata/lstmvis open.
func openedSet(t testing.TB, name string, other map[string][]byte) (*session, *protocol.Model) {
	x := newSession(t)
	var refs []protocol.FileRef
	for _, p := range enginetest.SetFiles(t, name) {
		rel, err := filepath.Rel(filepath.Join(enginetest.Root(), "testdata", "lstmvis"), p)
		if err != nil {
			t.Fatal(err)
		}
		rel = filepath.ToSlash(rel)
		b := enginetest.ReadFile(t, p)
		if o, ok := other[rel]; ok {
			b = o
		}
		refs = append(refs, x.file(rel, b))
	}
	return x, ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
}

// TestRecordedWindow opens a set, goes through it and reads states: all of them are those of the parentheses LSTM that was recorded.
func TestRecordedWindow(t *testing.T) {
	x, m := openedSet(t, "parens", nil)
	if m.Family != "LSTMVis" || m.Recorded != 1500 || m.Title != "parentheses" || m.Logits || m.Params != 0 || len(m.Warnings) > 0 || len(m.Ignored) > 0 || m.Tokenizer != "char" {
		t.Errorf("%+v", m)
	}
	first := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "is not read"})
	if first.From != 0 || len(first.Tokens) != firstWindow || !strings.HasPrefix(first.Text, "(") || first.Surprisal[3] == first.Surprisal[3] {
		t.Errorf("%d tokens from %d: %s", len(first.Tokens), first.From, first.Text)
	}
	all := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Window: [2]int{0, 1500}})
	lstm := opened(t, "parens-lstm")
	ask[protocol.RunResult](lstm, protocol.OpRun, protocol.Run{Text: all.Text})
	for _, w := range [][2]int{{0, 1500}, {700, 760}, {701, 761}, {701, 781}, {1480, 2000}, {5000, 5060}, {-3, 10}, {0, 60}} {
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Window: w})
		n := len(r.Tokens)
		if n < 13 || r.From < 0 || r.From+n > 1500 || w[0] >= 0 && w[1] <= 1500 && (r.From != w[0] || n != w[1]-w[0]) || r.Text != all.Text[r.From:r.From+n] {
			t.Fatalf("%v: %d tokens from %d", w, n, r.From)
		}
		for _, name := range []string{"layers.0.cell", "layers.0.hidden"} {
			got := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: name, To: -1, Index: -1})
			want := ask[protocol.Array](lstm, protocol.OpActivation, protocol.Activation{Name: name, From: r.From, To: r.From + n, Index: -1})
			if e := enginetest.RelErr(got.Data, want.Data); e > 1e-5 || len(got.Data) != 20*n {
				t.Errorf("%v %s: relative error %.2g", w, name, e)
			}
		}
	}
}

// TestRecordedRefuses: what only a model can do has an error of its own, and leaves the text alone.
func TestRecordedRefuses(t *testing.T) {
	x, _ := openedSet(t, "parens", nil)
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{})
	for op, body := range map[string]any{protocol.OpPredict: protocol.Predict{N: 3}, protocol.OpGenerate: protocol.Generate{N: 3}, protocol.OpVectors: protocol.Vectors{Texts: []string{"()"}},
		protocol.OpMemory: protocol.Memory{Pos: 3, Most: 2}, protocol.OpSummary: protocol.Summary{}, protocol.OpUnit: protocol.Unit{Name: "layers.0.cell", N: 3},
		protocol.OpRun: protocol.Run{Changes: []protocol.Change{{Name: "layers.0.cell", Pos: 1, Index: 2, Op: "zero"}}}} {
		if e := x.fails(op, body); e.Code != "recorded" {
			t.Errorf("%s: %+v", op, e)
		}
	}
	if a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "layers.0.cell", To: -1, Index: 3}); len(a.Data) != firstWindow {
		t.Errorf("%d values", len(a.Data))
	}
}

// TestRecordedOdd: ids that the dictionary has not, values that are no numbers, no dictionary.
func TestRecordedOdd(t *testing.T) {
	x, m := openedSet(t, "parens", map[string][]byte{"parens/words.dict": []byte("  0\n( 1\n")})
	if m.Vocab != 9 || !slices.ContainsFunc(m.Warnings, func(w protocol.Warning) bool { return w.Code == "vocab-padded" && w.N == 7 }) {
		t.Errorf("vocabulary %d, %v", m.Vocab, m.Warnings)
	}
	r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{})
	if !slices.ContainsFunc(r.Tokens, func(k protocol.Token) bool { return k.Text == "<2>" }) {
		t.Errorf("%+v", r.Tokens[:20])
	}
	states := slices.Clone(enginetest.ReadFile(t, filepath.Join(enginetest.Root(), "testdata", "lstmvis", "parens", "states.h5")))
	at := len(states) - 4*20*1500 // the last dataset: some number of it
	for i := range 4 {
		states[at+80*20+i] = 0xff
	}
	x, _ = openedSet(t, "parens", map[string][]byte{"parens/states.h5": states})
	warned := func(from, to int) bool {
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Window: [2]int{from, to}})
		return slices.ContainsFunc(r.Warnings, func(w protocol.Warning) bool { return w.Code == "not-a-number" })
	}
	if !warned(0, 300) || warned(300, 600) {
		t.Error("a value that is no number is not said, or where there is none")
	}
	yml := string(enginetest.ReadFile(t, filepath.Join(enginetest.Root(), "testdata", "lstmvis", "parens", "lstm.yml")))
	x, m = openedSet(t, "parens", map[string][]byte{"parens/lstm.yml": []byte(yml + "word_embedding: {file: states, path: output1}\n")})
	if a := ask[protocol.Array](x, protocol.OpMap, protocol.Map{Max: 100}); m.Embed != 20 || !slices.Equal(a.Shape, []int{9, 2}) {
		t.Errorf("an embedding of %d, its map %v", m.Embed, a.Shape)
	}
	x, m = openedSet(t, "chunked", nil)
	if m.Title != "chunks" || m.Recorded != 400 || m.Tokenizer != "numbers" {
		t.Errorf("%+v", m)
	}
}

// TestRecordedCorpus: a set is a corpus by itself, with its annotations, and a window has them too.
func TestRecordedCorpus(t *testing.T) {
	x, _ := openedSet(t, "parens", nil)
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Window: [2]int{100, 200}})
	info := ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, protocol.Corpus{Sources: []string{"layers.0.cell", "layers.0.hidden"}})
	if info.Tokens != 1500 || info.Documents != 1 || info.Keeps != "f16" {
		t.Errorf("%+v", info)
	}
	for done := false; !done; {
		done = ask[protocol.CorpusFilled](x, protocol.OpCorpusFill, protocol.CorpusFill{Corpus: info.ID, Ms: 20}).Done
	}
	r := ask[protocol.RankResult](x, protocol.OpCorpusRank, protocol.Rank{Corpus: info.ID, Upto: 1500, Track: "depth", N: 3})
	if r.Tokens != 1500 || r.Rows[0].Unit != 15 || math.Abs(r.Rows[0].Value) < .95 {
		t.Errorf("what follows the depth: %+v", r.Rows)
	}
	cell := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "layers.0.cell", To: -1, Index: -1})
	near := ask[protocol.PlacesResult](x, protocol.OpCorpusNear, protocol.CorpusNear{Corpus: info.ID, Upto: 1500, Pos: 7, Metric: "euclidean", N: 1})
	if len(cell.Data) != 2000 || near.Rows[0].Pos != 107 { // its own place; f16 is near enough
		t.Errorf("nearest: %+v", near.Rows)
	}
	tracks := ask[protocol.TracksResult](x, protocol.OpTracks, protocol.Tracks{}).Tracks
	for _, name := range []string{"depth", "side", "kind"} {
		i := slices.IndexFunc(tracks, func(k protocol.Track) bool { return k.Own && k.Name == name })
		if slices.ContainsFunc(tracks, func(k protocol.Track) bool { return !k.Own && k.Name == name }) {
			t.Errorf("%s is there twice", name)
		}
		if i < 0 || len(tracks[i].Values) != 100 || !slices.ContainsFunc(info.Tracks, func(k protocol.Track) bool { return k.Own && k.Name == name }) {
			t.Errorf("no %s", name)
		}
	}
}

// TestRecordedDepth: what is counted from before the window is counted there, too; "chunked" has no depth of its own.
func TestRecordedDepth(t *testing.T) {
	x, _ := openedSet(t, "chunked", map[string][]byte{"chunked/lstm.yml": []byte("files: {all: data/all.hdf5, words: notes/half.h5}\nword_sequence: {file: all, path: ids, dict_file: words}\n" +
		"states: {file: all, types: [{type: state, layer: 1, path: run/c}]}\n"), "chunked/notes/half.h5": []byte("  0\n( 1\n) 2\n0 3\n1 4\n2 5\n3 6\n4 7\n5 8\n")})
	all := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Window: [2]int{0, 400}}).Text
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Window: [2]int{150, 200}})
	tracks := ask[protocol.TracksResult](x, protocol.OpTracks, protocol.Tracks{}).Tracks
	i := slices.IndexFunc(tracks, func(k protocol.Track) bool { return k.Name == "depth" })
	if i < 0 || len(tracks[i].Values) != 50 {
		t.Fatalf("%+v", tracks)
	}
	for k, v := range tracks[i].Values {
		to := all[:150+k+1]
		if want := strings.Count(to, "(") - strings.Count(to, ")"); v != float32(want) {
			t.Fatalf("depth %v at %d, want %d", v, 150+k, want)
		}
	}
}
