//go:build !js

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/engine/enginetest"
)

// TestNotes holds that what was left out of a text is said, and not on standard output.
func TestNotes(t *testing.T) {
	code, out, errs := loupe("run", enginetest.Dir("gru"), "--text", "a😀b", "--json")
	if code != 0 || !strings.HasPrefix(errs, "note: unknown-characters 1 ") || strings.Contains(out, "note") {
		t.Errorf("exit code %d, %q, %q", code, out, errs)
	}
}

// TestErrors holds the exit codes, and that bad input is said in one line.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "empty.safetensors", "")
	write(t, dir, "notes.txt", "hello, this is text and no weights")
	two := filepath.Join(dir, "two")
	if err := os.Mkdir(two, 0o700); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(enginetest.Dir("gru"), "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, two, "a.safetensors", string(b))
	write(t, two, "b.safetensors", string(b))
	gru := enginetest.Dir("gru")
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "usage", nil},
		{2, "usage", []string{"fly"}},
		{0, "", []string{"help"}},
		{2, "FILE", []string{"inspect"}},
		{2, "not defined", []string{"inspect", "--nonsense", gru}},
		{1, "no such file", []string{"inspect", filepath.Join(dir, "gone")}},
		{1, "empty-file", []string{"inspect", filepath.Join(dir, "empty.safetensors")}},
		{1, "wrong-magic", []string{"inspect", filepath.Join(dir, "notes.txt")}},
		{1, "several-models", []string{"inspect", two}},
		{2, "MODEL", []string{"run", "--text", "a"}},
		{2, "MODEL", []string{"run", gru, gru, "--text", "a"}},
		{2, "--text and --ids", []string{"run", gru}},
		{2, "--text and --ids", []string{"run", gru, "--text", "a", "--ids", "1"}},
		{2, "--ids", []string{"run", gru, "--ids", "1,x"}},
		{2, "go together", []string{"run", gru, "--text", "a", "--record", "*"}},
		{2, "range", []string{"run", gru, "--text", "a", "--top-p", "0"}},
		{2, "range", []string{"run", gru, "--text", "a", "--temperature", "NaN"}},
		{2, "range", []string{"run", gru, "--text", "a", "--generate", "-1"}},
		{2, "greedy", []string{"run", gru, "--text", "a", "--greedy", "--seed", "3"}},
		{2, "--set", []string{"run", gru, "--text", "a", "--set", "embed"}},
		{2, "--set", []string{"run", gru, "--text", "a", "--set", "embed@x=1"}},
		{2, "--set", []string{"run", gru, "--text", "a", "--set", "embed@0=NaN"}},
		{2, "--set", []string{"run", gru, "--text", "a", "--set", "embed@0,-1=1"}},
		{1, "embedding.x", []string{"run", gru, "--text", "a", "--set", "embedding.x@0=1"}},
		{1, "0 to 11", []string{"run", gru, "--text", "a", "--set", "embed@0,12=1"}},
		{1, "0 to 39", []string{"run", gru, "--ids", "40"}},
		{1, "no tokens", []string{"run", gru, "--text", ""}},
		{1, "no tokens", []string{"run", gru, "--text", "😀"}},
		{1, "UTF-8", []string{"run", gru, "--text", "a\xff"}},
		{1, "nothing of that name", []string{"run", gru, "--text", "a", "--record", "blocks.*", "--out", filepath.Join(dir, "x.npz")}},
		{1, "no such file", []string{"run", gru, "--text", "a", "--record", "*", "--out", filepath.Join(dir, "gone", "x.npz")}},
		{1, "no such file", []string{"run", "no-such-model", "--text", "a"}},
	} {
		code, _, errs := loupe(c.args...)
		if code != c.code || !strings.Contains(strings.ToLower(errs), strings.ToLower(c.says)) || code == 1 && strings.Count(errs, "\n") != 1 {
			t.Errorf("loupe %q: exit code %d, %q; expected %d, %q", c.args, code, errs, c.code, c.says)
		}
	}
}
