//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// royal are vectors with an axis for each property, so that the sum is exact.
const royal = `7 4
king 3 1 0 0
man 0 1 0 0
woman 0 0 1 0
queen 3 0 1 0
prince 3 1 0 1
ice-cream 0 0 0 2
a,"b" 1 1 1 1
`

func royalFile(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "royal.txt", royal)
	return filepath.Join(dir, "royal.txt")
}

func TestNeighbors(t *testing.T) {
	file := royalFile(t)
	for _, metric := range []string{"cosine", "euclidean", "dot"} {
		for text, want := range map[string]string{"king - man + woman": "queen", "queen - king": "woman", "king": "prince"} {
			var o neighborsOut
			raw := done(t, "neighbors", file, text, "--k", "2", "--metric", metric, "--json")
			if err := json.Unmarshal([]byte(raw), &o); err != nil {
				t.Fatal(err)
			}
			if o.Metric != metric || len(o.Neighbors) != 2 || len(o.Terms) != strings.Count(text, " ")/2+1 {
				t.Errorf("%s", raw)
			}
			if got := o.Neighbors[0].Word; got != want && !(metric == "euclidean" && text == "king") { // the queen is as near as the prince
				t.Errorf("%s, %s: %s, expected %s", text, metric, got, want)
			}
		}
	}
	if out := done(t, "neighbors", file, "king - man + woman"); !strings.Contains(out, `3  "queen"`) || strings.Count(out, "\n") != 5 {
		t.Error(out)
	}
	if out := done(t, "neighbors", "word-vectors", "king", "--k", "1"); !strings.Contains(out, `"edward"`) && !strings.Contains(out, `"henry"`) {
		t.Error(out)
	}
	if out := done(t, "neighbors", "mini-gpt", "being", "--k", "3"); strings.Count(out, "\n") != 4 { // the token is " being"
		t.Error(out)
	}
}

// TestProject holds that the same seed writes the same bytes, and that what is written is read back.
func TestProject(t *testing.T) {
	file, dir := royalFile(t), t.TempDir()
	project := func(name string, more ...string) []byte {
		t.Helper()
		path := filepath.Join(dir, name)
		done(t, append([]string{"project", file, "--out", path, "--iterations", "30"}, more...)...)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	npy := project("a.npy", "--method", "pca", "--dims", "3")
	if !bytes.HasPrefix(npy, []byte("\x93NUMPY")) || !bytes.Contains(npy, []byte("'shape': (7,3,)")) || len(npy) != 128+4*7*3 {
		t.Fatalf("%q", npy)
	}
	for name, comma := range map[string]rune{"a.csv": ',', "a.tsv": '\t'} {
		r := csv.NewReader(bytes.NewReader(project(name, "--method", "pca", "--dims", "3")))
		r.Comma = comma
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 8 || !slices.Equal(rows[0], []string{"name", "x", "y", "z"}) || rows[7][0] != `a,"b"` {
			t.Fatalf("%v %q", err, rows)
		}
		for i, row := range rows[1:] {
			for k, text := range row[1:] {
				v, err := strconv.ParseFloat(text, 32)
				if want := math.Float32frombits(binary.LittleEndian.Uint32(npy[128+4*(3*i+k):])); err != nil || float32(v) != want {
					t.Errorf("%s: row %d: %q, expected %v", name, i, text, want)
				}
			}
		}
	}
	a, b, c := project("b.npy", "--seed", "3"), project("c.npy", "--seed", "3"), project("d.npy", "--seed", "4")
	if !bytes.Equal(a, b) || bytes.Equal(a, c) {
		t.Error("the seed does not decide the places")
	}
	if few := project("e.npy", "--max", "4", "--metric", "euclidean", "--method", "exact"); len(few) != 128+4*4*2 {
		t.Errorf("%d bytes", len(few))
	}
	out := done(t, "project", file, "--out", filepath.Join(dir, "f.npy"), "--perplexity", "40", "--iterations", "10")
	if !strings.HasPrefix(out, "7 rows of 4 numbers, 2 dimensions, 10 iterations, KL ") {
		t.Error(out)
	}
	_, _, errs := loupe("project", file, "--out", filepath.Join(dir, "f.npy"), "--iterations", "1", "--max", "5")
	if !strings.Contains(errs, "note: points-sampled 5 \"7\"\n") || !strings.Contains(errs, "note: perplexity-cut 5 ") {
		t.Error(errs)
	}
}

func TestVectorErrors(t *testing.T) {
	file, dir := royalFile(t), t.TempDir()
	out := filepath.Join(dir, "y.npy")
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "VECTORS", []string{"neighbors", file}},
		{2, "VECTORS", []string{"neighbors", file, "king", "man"}},
		{2, "range", []string{"neighbors", file, "king", "--k", "0"}},
		{2, "metric", []string{"neighbors", file, "king", "--metric", "manhattan"}},
		{1, `"kong" is none of the 7 words`, []string{"neighbors", file, "kong"}},
		{1, `"" is none`, []string{"neighbors", file, "king -"}},
		{1, `"" is none`, []string{"neighbors", file, "king + + man"}},
		{1, "no such file", []string{"neighbors", filepath.Join(dir, "gone"), "king"}},
		{2, "VECTORS", []string{"project", "--out", out}},
		{2, "--out", []string{"project", file}},
		{2, "--out", []string{"project", file, "--out", filepath.Join(dir, "y.png")}},
		{2, "--method", []string{"project", file, "--out", out, "--method", "umap"}},
		{2, "--metric", []string{"project", file, "--out", out, "--metric", "dot"}},
		{2, "range", []string{"project", file, "--out", out, "--dims", "4"}},
		{2, "range", []string{"project", file, "--out", out, "--perplexity", "0"}},
		{2, "range", []string{"project", file, "--out", out, "--perplexity", "NaN"}},
		{2, "range", []string{"project", file, "--out", out, "--max", "0"}},
		{1, "no such file", []string{"project", file, "--out", filepath.Join(dir, "gone", "y.npy"), "--method", "pca"}},
	} {
		code, _, errs := loupe(c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || code == 1 && strings.Count(errs, "\n") != 1 {
			t.Errorf("loupe %q: exit code %d, %q; expected %d, %q", c.args, code, errs, c.code, c.says)
		}
	}
}
