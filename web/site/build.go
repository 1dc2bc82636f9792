package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// styles are joined to one file, in this order.
var styles = []string{"boot", "base", "shell", "figure", "dialog", "start", "prediction", "states", "states-matches", "states-unit", "states-memory", "attention", "map", "words", "words-side", "translate", "translate-whatif", "translate-beam", "translate-near"}

// plain are files of web that are served as they are.
var plain = []string{"early.js", "engine.js", "download.js", "scatter.js", "boot.js", "fetch.html", "fetch.js", "worker.js", "kernel.js", "manifest.webmanifest"}

// site is the folder that is served.
type site struct {
	out      string
	files    map[string]string // SHA-256 by path, without the packed twins
	programs map[string]int64  // packed size
	version  string
	first    string              // the model that opens
	models   map[string][]string // the built-in ones' files, by id
}

func newSite(out string) *site {
	return &site{out: out, files: map[string]string{}, programs: map[string]int64{}, models: map[string][]string{}}
}

func (s *site) build() error {
	steps := []func() error{s.buildPrograms, s.copyPlain, s.joinStyles, s.addModels, s.finish, s.pack, s.removeOld}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) copyPlain() error {
	for _, name := range plain {
		if err := s.copy(name, filepath.Join("web", name)); err != nil {
			return err
		}
	}
	icons, err := filepath.Glob("web/icons/*")
	if err != nil {
		return err
	}
	for _, icon := range icons {
		if err := s.copy("icons/"+filepath.Base(icon), icon); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) joinStyles() error {
	var all bytes.Buffer
	for _, name := range styles {
		b, err := os.ReadFile("web/css/" + name + ".css")
		if err != nil {
			return err
		}
		all.Write(b)
	}
	return s.write("loupe.css", all.Bytes())
}

// finish writes what knows all other files: the version is the hash of theirs.
func (s *site) finish() error {
	index, err := os.ReadFile("web/index.html")
	if err != nil {
		return err
	}
	worker, err := os.ReadFile("web/sw.js")
	if err != nil {
		return err
	}
	h := sha256.New()
	for _, path := range s.paths() {
		fmt.Fprintln(h, path, s.files[path])
	}
	h.Write(index)
	h.Write(worker)
	s.version = hex.EncodeToString(h.Sum(nil))[:12]

	boot, _ := json.Marshal(map[string]any{"version": s.version, "programs": s.programs, "first": s.first, "models": s.models})
	if err := s.write("index.html", fill(index, html.EscapeString(string(boot)))); err != nil {
		return err
	}
	core, models := map[string]string{}, map[string]string{}
	for path, sum := range s.files {
		switch {
		case path == "index.html":
			core[""] = sum
		case strings.HasPrefix(path, "texts/"): // kept when all is, as the models are
			models[path] = sum
		case path == "models/index.json" || !strings.HasPrefix(path, "models/"):
			core[path] = sum
		}
	}
	for _, files := range s.models {
		for _, path := range files {
			models[path] = s.files[path]
		}
	}
	kept, _ := json.Marshal(map[string]any{"version": s.version, "core": core, "models": models})
	return s.write("sw.js", fill(worker, string(kept)))
}

func fill(text []byte, build string) []byte {
	return bytes.Replace(text, []byte("{{BUILD}}"), []byte(build), 1)
}

func (s *site) paths() []string {
	var all []string
	for path := range s.files {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// pack puts a gzip twin beside each text and program, for hosts that send it or do not pack themselves.
func (s *site) pack() error {
	for _, path := range s.paths() {
		if ext := filepath.Ext(path); slices.Contains([]string{".html", ".js", ".css", ".json", ".jsonl", ".svg", ".txt", ".webmanifest"}, ext) {
			if _, err := s.gzip(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// gzip packs a file, if its twin is not of the same content already, and gives the packed size. The twin's header says
// what it is of.
func (s *site) gzip(path string) (int64, error) {
	file := filepath.Join(s.out, path)
	twin := file + ".gz"
	if f, err := os.Open(twin); err == nil {
		defer f.Close()
		z, err := gzip.NewReader(f)
		st, _ := f.Stat()
		if err == nil && z.Comment == s.files[path] {
			return st.Size(), nil
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	z.Comment = s.files[path]
	z.Write(b)
	if err := z.Close(); err != nil {
		return 0, err
	}
	return int64(packed.Len()), os.WriteFile(twin, packed.Bytes(), 0o644)
}

// write puts a file into the folder.
func (s *site) write(path string, b []byte) error {
	s.files[path] = sum(b)
	return keep(filepath.Join(s.out, path), b)
}

func (s *site) copy(path, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return s.write(path, b)
}

// link puts a large file into the folder without copying it, where that can be.
func (s *site) link(path, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	s.files[path] = hex.EncodeToString(h.Sum(nil))
	file := filepath.Join(s.out, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	os.Remove(file)
	if os.Link(from, file) == nil {
		return nil
	}
	return s.copy(path, from)
}

// removeOld removes what an earlier build left, and the folders that are empty then.
func (s *site) removeOld() error {
	var folders []string
	err := filepath.WalkDir(s.out, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			folders = append(folders, file)
			return nil
		}
		path, err := filepath.Rel(s.out, file)
		if err != nil {
			return err
		}
		if _, ok := s.files[strings.TrimSuffix(filepath.ToSlash(path), ".gz")]; ok {
			return nil
		}
		return os.Remove(file)
	})
	for _, folder := range slices.Backward(folders) {
		os.Remove(folder) // one that holds a file stays
	}
	return err
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
