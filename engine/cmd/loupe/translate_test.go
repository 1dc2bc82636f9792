//go:build !js

package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
)

// TestTranslate holds that the command finds what the reference finds, of a text and of each line of a file; that a prefix and a change are
// carried through; and that what it saves is as long as source and target.
func TestTranslate(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	all := enginetest.Translations(t, "g2p-lstm")
	for _, w := range all {
		lines = append(lines, strings.Join(w.Source, ""))
	}
	write(t, dir, "words.txt", strings.Join(lines, "\n")+"\n")
	read := func(args ...string) (list []translationOut) {
		for line := range strings.SplitSeq(strings.TrimSpace(done(t, append([]string{"translate", "g2p-lstm", "--json"}, args...)...)), "\n") {
			var o translationOut
			if err := json.Unmarshal([]byte(line), &o); err != nil {
				t.Fatal(err)
			}
			list = append(list, o)
		}
		return list
	}
	words := func(h hypothesisOut) (out []string) {
		for _, w := range h.Words {
			out = append(out, w.Text)
		}
		return out
	}
	got := read("--text-file", filepath.Join(dir, "words.txt"), "--beam", "5", "--n-best", "3", "--length-penalty", "0")
	if len(got) != len(all) {
		t.Fatalf("%d answers to %d lines", len(got), len(all))
	}
	for i, o := range got {
		if len(o.Hyps) != 3 || !slices.Equal(words(o.Hyps[0]), all[i].Beam[0].Words) || math.Abs(o.Hyps[0].Score-all[i].Beam[0].Score) > 1e-3 {
			t.Errorf("%s: %+v, not %+v", lines[i], o.Hyps[0], all[i].Beam[0])
		}
	}
	out := filepath.Join(dir, "run.npz")
	one := read("--text", "phonograph", "--prefix", "F OW1", "--change", "decoder.attn.pattern@0,0:onehot=0", "--record", "*output", "--record", "decoder.attn.pattern", "--out", out)[0]
	if h := words(one.Hyps[0]); h[0] != "F" || h[1] != "OW1" {
		t.Errorf("after a prefix: %v", h)
	}
	a, _ := enginetest.ReadArrays(t, out)
	if n := len(one.Hyps[0].Words); !slices.Equal(a["decoder.attn.pattern"].Shape, []int{1, n, 10}) || a["decoder.attn.pattern"].Data[0] != 1 || a["encoder.output"].Shape[0] != 10 {
		t.Errorf("what was saved is %v", a["decoder.attn.pattern"].Shape)
	}
	ruled := read("--text", "phonograph", "--beam", "1", "--min-length", "14", "--no-repeat-ngram", "1", "--early-stopping", "true")[0]
	seen := map[string]bool{}
	for _, w := range words(ruled.Hyps[0]) {
		if seen[w] {
			t.Errorf("%v has %s twice", words(ruled.Hyps[0]), w)
		}
		seen[w] = true
	}
	if d := ruled.Decode; len(ruled.Hyps[0].Words) < 14 || d.Min != 14 || d.NoRepeat != 1 || d.Early != "first" {
		t.Errorf("with rules: %v by %+v", words(ruled.Hyps[0]), d)
	}
	for _, flag := range [][]string{{"--min-length", "-1"}, {"--no-repeat-ngram", "x"}, {"--early-stopping", "soon"}} {
		if code := Main(append([]string{"translate", "g2p-lstm", "--text", "a"}, flag...), discard{}, discard{}); code != 2 {
			t.Errorf("%v: code %d", flag, code)
		}
	}
	ref := read("--text", "phonograph", "--reference", "F OW1 N AH0 G R AE1 F")[0].Ref
	held := read("--text", "phonograph", "--prefix", "F OW1 N AH0 G R AE1 F </s>")[0].Hyps[0]
	if ref == nil || ref.Kind != "model" || ref.Left < 1 || len(ref.Words) != 9 || math.Abs(ref.LogP-held.LogP) > 1e-4*math.Abs(held.LogP) || words(held)[6] != ref.Words[6].Text {
		t.Errorf("the reference %+v, held to it %+v", ref, held)
	}
	for _, bad := range [][]string{{"g2p-lstm"}, {"g2p-lstm", "--text-file", "x", "--reference", "K"}, {"g2p-lstm", "--text", "a", "--change", "x"}, {"g2p-lstm", "--text", "a", "--record", "*"}, {"g2p-lstm", "--text", "a", "--beam", "-1"}} {
		if code := Main(append([]string{"translate"}, bad...), discard{}, discard{}); code != 2 {
			t.Errorf("%v: code %d", bad, code)
		}
	}
	for _, bad := range [][]string{{"char-lstm", "--text", "a"}, {"g2p-lstm", "--text", ""}, {"g2p-lstm", "--text", "a", "--prefix", "nothing"}, {"g2p-lstm", "--text", "a", "--change", "nothing@0:zero"}} {
		if code := Main(append([]string{"translate"}, bad...), discard{}, discard{}); code != 1 {
			t.Errorf("%v: code %d", bad, code)
		}
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
