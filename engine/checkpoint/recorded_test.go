package checkpoint

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// setFiles are the files of a set of testdata/lstmvis, in a folder of their own.
func setFiles(t testing.TB, name string) (files []File) {
	t.Helper()
	root := filepath.Join("../../testdata/lstmvis", name)
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(filepath.Dir(root), p)
		files = append(files, bytesFile(filepath.ToSlash(rel), b))
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	return files
}

// replaced are files with one of another content; of a nil one it is left out.
func replaced(files []File, name string, b []byte) (out []File) {
	for _, f := range files {
		switch {
		case f.Name != name:
			out = append(out, f)
		case b != nil:
			out = append(out, bytesFile(name, b))
		}
	}
	return out
}

// edited is a set whose lstm.yml has other words.
func edited(t testing.TB, old, new string) []File {
	t.Helper()
	b, err := os.ReadFile("../../testdata/lstmvis/parens/lstm.yml")
	if err != nil || !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%q: %v", old, err)
	}
	return replaced(setFiles(t, "parens"), "parens/lstm.yml", bytes.Replace(b, []byte(old), []byte(new), 1))
}

// TestRecorded opens sets: rows of any stretch are what the whole tensor has, whatever its type and chunks.
func TestRecorded(t *testing.T) {
	for name, want := range map[string]struct{ config, words string }{
		"parens": {`"tokens":1500,"words":9,"sources":[{"name":"layers.0.cell","type":"state","layer":"1","units":20},{"name":"layers.0.hidden","type":"output","layer":"1","units":20}],` +
			`"metas":[{"name":"depth","rows":1500},{"name":"side","discrete":true,"rows":1500},{"name":"kind","word":true,"discrete":true,"rows":9}]`, " ()012345"},
		"chunked": {`"tokens":400,"words":0,"sources":[{"name":"layers.0.cell","type":"state","layer":"1","units":20},{"name":"layers.0.run_gates","type":"gates","layer":"1","units":20,"transform":"none"}]`, ""},
	} {
		c, err := Open(append(setFiles(t, name), bytesFile("readme.txt", []byte("x"))), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		words, _ := c.Metadata["words"].([]string)
		if !strings.Contains(string(c.Config), want.config) || strings.Join(words, "") != want.words || c.Format != "lstmvis" || c.Name != name+"/lstm.yml" ||
			!slices.Equal(c.Ignored, []string{"readme.txt"}) || len(c.Warnings)+len(c.Unread()) > 0 {
			t.Errorf("%s: %s\n%q, %s %s, ignored %v, %v, unread %v", name, c.Config, words, c.Format, c.Name, c.Ignored, c.Warnings, c.Unread())
		}
		n := c.Shape("words")[0]
		for _, tensor := range []string{"sources.0", "sources.1"} {
			m, err := c.Matrix(tensor, n, 20)
			if err != nil {
				t.Fatal(err)
			}
			row, all := make([]float32, 20), make([]float32, n*20)
			if err := c.Rows(tensor, all, 0); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				if m.Row(row, i); !slices.Equal(row, all[20*i:20*i+20]) {
					t.Fatalf("%s %s row %d: %v, not %v", name, tensor, i, all[20*i:20*i+20], row)
				}
			}
			for _, at := range []int{n - 3, 0, 63, 190} {
				some := make([]float32, 3*20)
				if err := c.Rows(tensor, some, at); err != nil || !slices.Equal(some, all[20*at:20*at+60]) {
					t.Errorf("%s %s rows %d to %d: %v", name, tensor, at, at+3, err)
				}
			}
			if err := c.Rows(tensor, make([]float32, 40), n-1); err == nil {
				t.Errorf("%s %s: rows beyond the end", name, tensor)
			}
		}
	}
	if c, _ := Open(setFiles(t, "parens"), "", nil); !slices.Equal(c.Labels("metas.1"), []string{"open", "close", "other"}) || c.Labels("metas.0") != nil {
		t.Errorf("labels %q, %q", c.Labels("metas.1"), c.Labels("metas.0"))
	}
}

// TestRecordedFlat: files that came without their folders are found by their names.
func TestRecordedFlat(t *testing.T) {
	files := setFiles(t, "chunked")
	for i := range files {
		files[i].Name = filepath.Base(files[i].Name)
	}
	if _, err := Open(files, "", nil); err != nil {
		t.Error(err)
	}
}

// TestBadRecorded gives folders in which something is wrong: each error says what, and where.
func TestBadRecorded(t *testing.T) {
	p := func(name string) []File { return replaced(setFiles(t, "parens"), "parens/"+name, nil) }
	q := func(name, text string) []File { return replaced(setFiles(t, "parens"), "parens/"+name, []byte(text)) }
	for _, c := range []struct {
		what  string
		files []File
		code  fault.Code
		found string // in the error
	}{
		{"no states", p("states.h5"), fault.MissingFile, "states.h5"},
		{"no dictionary and no notes", replaced(p("words.dict"), "parens/notes.h5", nil), fault.MissingFile, "words.dict, notes.h5"},
		{"lstm.yml alone", slices.DeleteFunc(setFiles(t, "parens"), func(f File) bool { return !strings.HasSuffix(f.Name, "lstm.yml") }), fault.MissingFile, "train.h5, words.dict, states.h5"},
		{"0 bytes", q("lstm.yml", ""), fault.EmptyFile, "lstm.yml"},
		{"another text", q("lstm.yml", "hello"), fault.BadLSTMVis, "line 1"},
		{"a list", q("lstm.yml", "- a"), fault.BadLSTMVis, "line 1"},
		{"no states section", edited(t, "\nstates:\n", "\nstatus:\n"), fault.BadLSTMVis, "states: a map"},
		{"no types", edited(t, "types: [", "tips: ["), fault.BadLSTMVis, "types: a list"},
		{"an anchor", edited(t, "name: parentheses", "name: &a parentheses"), fault.BadLSTMVis, "line 1"},
		{"another path", edited(t, "path: states1", "path: states2"), fault.BadLSTMVis, "output1, states1"},
		{"a path twice", edited(t, "path: states1", "path: output1"), fault.BadLSTMVis, "twice"},
		{"states as words", edited(t, "path: words", "path: states1"), fault.BadLSTMVis, "words"},
		{"words of another length", edited(t, "  file: train\n  path: words", "  file: notes\n  path: kinds"), fault.BadLSTMVis, "[9, units]"},
		{"a meta of another length", edited(t, "index: word_sequence", "index: self"), fault.BadLSTMVis, "1500 values"},
		{"an index that is not known", edited(t, "index: word_sequence", "index: sentence"), fault.BadLSTMVis, "sentence"},
		{"states that are no HDF5", q("states.h5", "hello, this is text"), fault.WrongMagic, "states.h5"},
		{"a dictionary without ids", q("words.dict", "a b\n"), fault.BadLSTMVis, "words.dict: line 1"},
		{"an empty dictionary", q("words.dict", "\n"), fault.BadLSTMVis, "words.dict"},
		{"two sets", append(setFiles(t, "parens"), setFiles(t, "chunked")...), fault.SeveralModels, "chunked/lstm.yml, parens/lstm.yml"},
	} {
		_, err := Open(c.files, "", nil)
		if code(err) != c.code || !strings.Contains(err.Error(), c.found) {
			t.Errorf("%s: got %v, want code %s and %q", c.what, err, c.code, c.found)
		}
	}
	c, err := Open(append(setFiles(t, "parens"), setFiles(t, "chunked")...), "chunked/lstm.yml", nil)
	if err != nil || c.Name != "chunked/lstm.yml" {
		t.Errorf("the one that was chosen: %v", err)
	}
}

// FuzzRecorded reads any lstm.yml beside whole files: a set, or an error with a code.
func FuzzRecorded(f *testing.F) {
	for _, name := range []string{"parens", "chunked"} {
		b, err := os.ReadFile("../../testdata/lstmvis/" + name + "/lstm.yml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("a: [b, {c: 'd'}]\ne: |\n  f\n- g"))
	files := setFiles(f, "parens")
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Open(replaced(files, "parens/lstm.yml", b), "", nil)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("%T is not typed", err)
			}
			return
		}
		if err := c.Rows("sources.0", make([]float32, c.Shape("sources.0")[1]), 0); err != nil && code(err) == "" {
			t.Fatalf("%T is not typed", err)
		}
	})
}
