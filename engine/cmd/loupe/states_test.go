//go:build !js

package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
)

const nested = "(((  3)2(3)))0(  ((3)2)((3)))"

// readNPY reads the numbers of a file of float32, and the shape of two dimensions.
func readNPY(t *testing.T, path string) (shape [2]int, x []float32) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 10 + int(binary.LittleEndian.Uint16(b[8:]))
	head := string(b[10:n])
	if _, err := fmt.Sscanf(head[strings.Index(head, "'shape'"):], "'shape': (%d,%d,)", &shape[0], &shape[1]); err != nil {
		t.Fatalf("%q: %v", head, err)
	}
	for b = b[n:]; len(b) > 0; b = b[4:] {
		x = append(x, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	if len(x) != shape[0]*shape[1] {
		t.Fatalf("%v: %d numbers", shape, len(x))
	}
	return shape, x
}

// TestStates holds that states of a text are those of a run, bit for bit, and that each document begins anew.
func TestStates(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	done(t, "states", "parens-lstm", "--text", nested, "--layer", "0", "--source", "cell", "--out", path("a.npy"))
	shape, a := readNPY(t, path("a.npy"))
	if shape != [2]int{len(nested), 20} {
		t.Fatalf("shape %v", shape)
	}
	done(t, "run", "parens-lstm", "--text", nested, "--record", "layers.0.cell", "--out", path("b.npz"), "--json")
	if got, _ := enginetest.ReadArrays(t, path("b.npz")); !slices.Equal(got["layers.0.cell"].Data, a) {
		t.Error("the states are not those of a run")
	}
	write(t, dir, "two.jsonl", `{"text": "((1"}`+"\n"+`{"text": "`+nested+`"}`+"\n")
	done(t, "states", "parens-lstm", "--text-file", path("two.jsonl"), "--source", "layers.0.cell", "--out", path("c.npy"))
	if shape, c := readNPY(t, path("c.npy")); shape[0] != 3+len(nested) || !slices.Equal(c[3*20:], a) {
		t.Errorf("two documents: %v", shape)
	}
}

// TestMatchUnits selects on a stretch of a text, and holds the choice and the places to their definition.
func TestMatchUnits(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "two.txt", nested+"\f"+nested+"(1)")
	npy := filepath.Join(dir, "a.npy")
	done(t, "states", "parens-lstm", "--text", nested, "--source", "cell", "--out", npy)
	shape, x := readNPY(t, npy)
	args := []string{"match", "parens-lstm", "--text", nested, "--layer", "0", "--source", "cell", "--at", "17:20", "--threshold", "1", "--on", "either", "--margin-right", "1"}
	var o matchOut
	if err := json.Unmarshal([]byte(done(t, append(args, "--json", "--corpus", filepath.Join(dir, "two.txt"))...)), &o); err != nil {
		t.Fatal(err)
	}
	var units []int
	for u := range shape[1] {
		on := func(p int) bool { return math.Abs(float64(x[p*shape[1]+u])) >= 1 }
		if on(17) && on(18) && on(19) && !on(20) {
			units = append(units, u)
		}
	}
	if o.Source != "layers.0.cell" || !slices.Equal(o.Units, units) || len(units) == 0 {
		t.Fatalf("units %v, expected %v", o.Units, units)
	}
	found := map[int]bool{}
	for _, m := range o.Matches {
		at := m.Pos % len(nested)
		if m.Both < len(units) || at+m.Length > len(nested) || m.Pos >= 2*len(nested) {
			continue
		}
		found[m.Pos] = true
		for p := at; p <= at+m.Length && p < len(nested); p++ {
			for _, u := range units {
				if on := math.Abs(float64(x[p*shape[1]+u])) >= 1; on != (p < at+m.Length) {
					t.Errorf("%+v: unit %d at token %d", m, u, p)
				}
			}
		}
		if m.Document != fmt.Sprint("two.txt:", 1+m.Pos/len(nested)) || strings.Join(m.Tokens, "") != nested[at:at+m.Length] {
			t.Errorf("%+v", m)
		}
	}
	if !found[15] || !found[15+len(nested)] || o.Strict < len(found) { // the run of which tokens 17 to 19 are the end
		t.Errorf("places %v", found)
	}
	if plain := done(t, args...); !strings.HasPrefix(plain, "layers.0.cell: ") || !strings.Contains(plain, "both") {
		t.Error(plain)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "--out", []string{"states", "parens-lstm", "--text", "(", "--source", "cell"}},
		{2, "--source", []string{"states", "parens-lstm", "--text", "(", "--out", npy}},
		{2, "--text", []string{"states", "parens-lstm", "--source", "cell", "--out", npy}},
		{2, "together", []string{"states", "parens-lstm", "--source", "cell", "--text", "(", "--text-file", npy, "--out", npy}},
		{1, "sources are", []string{"states", "parens-lstm", "--text", "(", "--source", "resid", "--out", npy}},
		{1, "not-text", []string{"states", "parens-lstm", "--text-file", npy, "--source", "cell", "--out", filepath.Join(dir, "y.npy")}},
		{1, "no tokens", []string{"states", "parens-lstm", "--text", "abc", "--source", "cell", "--out", npy}},
		{2, "--at", append(slices.Clone(args), "--at", "3")},
		{2, "--at", append(slices.Clone(args), "--at", "3:3")},
		{2, "--on", append(slices.Clone(args), "--on", "beside")},
		{2, "--threshold", []string{"match", "parens-lstm", "--text", "(", "--source", "cell", "--at", "0:1"}},
		{1, "has 29 tokens", append(slices.Clone(args), "--at", "3:90")},
		{1, "at 5.472 the first is", append(slices.Clone(args), "--threshold", "80")},
		{1, "not within one document", []string{"match", "parens-lstm", "--text", "((\f((", "--source", "cell", "--at", "1:3", "--threshold", "0"}},
	} {
		if code, _, errs := loupe(c.args...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("loupe %q: exit code %d, %q; expected %d, %q", c.args, code, errs, c.code, c.says)
		}
	}
}
