//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestScore scores a table, and the same pairs in two files; rows are picked and sorted.
func TestScore(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write(t, dir, "a.tsv", "word\tsaid\ncat\tK AE1 T\ndog\tD AO1 G Z\nphonograph\tF OW1 N AH0 G R AE2 F\n")
	write(t, dir, "a.src", "cat\ndog\nphonograph\n")
	write(t, dir, "a.ref", "K AE1 T\nD AO1 G Z\nF OW1 N AH0 G R AE2 F\n")
	a := done(t, "score", "g2p-lstm", "--pairs", path("a.tsv"), "--json")
	if b := done(t, "score", "g2p-lstm", "--pairs", path("a.src"), "--references", path("a.ref"), "--json"); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	var r scoreOut
	if err := json.Unmarshal([]byte(a), &r); err != nil || r.Pairs != 3 || r.N != 3 || len(r.Rows) != 3 || r.Rows[0].Best != "K AE1 T" || r.Rows[0].Kind != "exact" || r.Rows[1].Distance != 0.5 {
		t.Fatalf("%v %s", err, a)
	}
	text := done(t, "score", "g2p-lstm", "--pairs", path("a.tsv"), "--only", "wrong", "--sort", "gap", "--beam", "1")
	if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) < 3 || !strings.HasPrefix(lines[len(lines)-1], fmt.Sprintf("# %d pairs: ", 3)) || strings.Contains(text, "\tcat\t") {
		t.Error(text)
	}
	write(t, dir, "b.ref", "K AE1 T\n")
	for _, c := range []struct {
		want string
		args []string
	}{{"--pairs is needed", []string{"score", "g2p-lstm"}}, {"--sort", []string{"score", "g2p-lstm", "--pairs", path("a.tsv"), "--sort", "x"}},
		{"pairs-uneven", []string{"score", "g2p-lstm", "--pairs", path("a.src"), "--references", path("b.ref")}}, {"encoder-decoder", []string{"score", "char-lstm", "--pairs", path("a.tsv")}}} {
		var out, errs strings.Builder
		if code := Main(c.args, &out, &errs); code == 0 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%v: %d %s", c.args, code, errs.String())
		}
	}
}
