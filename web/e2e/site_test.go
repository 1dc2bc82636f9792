package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestBudgets holds what a visitor downloads within what it may be, in bytes as sent.
func TestBudgets(t *testing.T) {
	const mb = 1e6
	size := func(path string) float64 {
		st, err := os.Stat(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		return float64(st.Size())
	}
	var models, first float64
	err := filepath.WalkDir(filepath.Join(folder, "models"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".gz") {
			return err
		}
		rel, _ := filepath.Rel(folder, path)
		if _, err := os.Stat(filepath.Join("..", rel)); err != nil { // not one of web/models
			return nil
		}
		models += size(rel)
		if strings.Contains(rel, "char-lstm") {
			first += size(rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what      string
		size, max float64
	}{
		// All views, of which the map of words, states and translation are the largest; a visitor downloads them once.
		{"the page's program", size("page.wasm.gz"), 2.8 * mb},
		// The Go runtime, fmt and encoding/json alone are some 0.9 MB; the readers of all formats, families and tokenizers, searches and corpora, the rest.
		{"the worker's program", size("worker.wasm.gz"), 2.85 * mb},
		{"the mapper's program", size("mapper.wasm.gz"), 1.5 * mb},
		{"the kernel", size("relaxed.wasm"), 1 << 16},
		{"the kernel without relaxed SIMD", size("kernel.wasm"), 1 << 16},
		{"the style sheet", size("loupe.css.gz"), 32e3},
		{"the list of models", size("models/index.json.gz"), 48e3},
		{"the built-in models", models, 10 * mb},
		{"the first model", first, 1.5 * mb},
	} {
		t.Logf("%-22s %8.0f of %8.0f bytes", x.what, x.size, x.max)
		if x.size == 0 || x.size > x.max {
			t.Errorf("%s: %.0f bytes, may be %.0f", x.what, x.size, x.max)
		}
	}
}

// The same sources give the same bytes in another folder.
func TestSameBytes(t *testing.T) {
	other := t.TempDir()
	cmd := exec.Command(tool, "build", "-o", other)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(folder, path)
		if string(readFile(t, path)) != string(readFile(t, filepath.Join(other, rel))) {
			t.Errorf("%s differs", rel)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Nothing that is served names another site: what the page's policy would stop is not there to begin with.
func TestNamesNoOtherSite(t *testing.T) {
	address := regexp.MustCompile(`(?i)(?:src|href|url)\s*[=(]\s*["']?\s*(?:https?:)?//[^"')\s]+`)
	for _, name := range []string{"index.html", "loupe.css", "manifest.webmanifest", "early.js", "engine.js", "boot.js", "worker.js", "sw.js", "download.js", "fetch.html", "fetch.js"} {
		if found := address.Find(readFile(t, filepath.Join(folder, name))); found != nil {
			t.Errorf("%s: %s", name, found)
		}
	}
}
