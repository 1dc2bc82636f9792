//go:build !js

package main

import (
	"path/filepath"
	"testing"

	"loupe/engine/enginetest"
)

// TestStatesOfASet writes what a folder of LSTMVis recorded, with files in folders of its own: it is what the model does on that text.
func TestStatesOfASet(t *testing.T) {
	dir := t.TempDir()
	set := filepath.Join(enginetest.Root(), "testdata", "lstmvis")
	out := filepath.Join(dir, "a.npy")
	for _, name := range []string{"chunked", "chunked/lstm.yml"} {
		done(t, "states", filepath.Join(set, name), "--layer", "0", "--source", "run_gates", "--out", out)
		if shape, _ := readNPY(t, out); shape != [2]int{400, 20} {
			t.Errorf("%s: %v", name, shape)
		}
	}
	done(t, "states", filepath.Join(set, "parens"), "--layer", "0", "--source", "hidden", "--out", out)
	_, got := readNPY(t, out)
	write(t, dir, "text.txt", setText(t))
	done(t, "states", "parens-lstm", "--text-file", filepath.Join(dir, "text.txt"), "--layer", "0", "--source", "hidden", "--out", out)
	if _, want := readNPY(t, out); enginetest.RelErr(got, want) > 1e-5 {
		t.Errorf("relative error %.2g", enginetest.RelErr(got, want))
	}
}

// setText is the text that the set was recorded at.
func setText(t *testing.T) string {
	ck := enginetest.Checkpoint(t, enginetest.SetFiles(t, "parens")...)
	ids, words := make([]float32, 1500), ck.Metadata["words"].([]string)
	if err := ck.Rows("words", ids, 0); err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, id := range ids {
		text += words[int(id)]
	}
	return text
}
