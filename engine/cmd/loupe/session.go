package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"loupe/engine/checkpoint"
	"loupe/engine/protocol"
	"loupe/engine/service"
)

// session is a service behind plain calls.
type session struct {
	s    *service.Service
	open []*os.File
}

// newSession opens the model that a name means: a file, a folder, or a built-in model.
func newSession(name string, open protocol.Open) (*session, *protocol.Model, error) {
	x := &session{}
	paths, err := expand(name)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range paths {
		f, size, err := openFile(p)
		if err != nil {
			return nil, nil, err
		}
		x.open = append(x.open, f)
		open.Files = append(open.Files, protocol.FileRef{Ref: len(open.Files), Name: filepath.ToSlash(p), Size: size})
	}
	x.s = service.New(func(r protocol.FileRef) (io.ReaderAt, error) { return x.open[r.Ref], nil }, nil)
	m, err := ask[protocol.Model](x, protocol.OpOpen, open, nil)
	return x, m, err
}

// close closes the model's files.
func (x *session) close() {
	for _, f := range x.open {
		f.Close()
	}
}

func openFile(path string) (f *os.File, size int64, err error) {
	if f, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

// expandAll is expand of several names, each file once.
func expandAll(names []string) (paths []string, err error) {
	for _, n := range names {
		more, err := expand(n)
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			if !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths, nil
}

// expand lists the files of a path: itself, the files of a folder, or those of a built-in model. A single
// weights file brings the small files beside it, a set of LSTMVis all that is in its folder.
func expand(name string) ([]string, error) {
	st, err := os.Stat(name)
	if err != nil {
		if dir := builtIn(name); dir != "" {
			name = dir
			st, err = os.Stat(dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: no such file, folder or built-in model", name)
	}
	dir, only := name, ""
	if !st.IsDir() {
		dir, only = filepath.Dir(name), filepath.Base(name)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	recorded := func(e fs.DirEntry) bool { return (only == "" || only == e.Name()) && checkpoint.IsRecorded(e.Name()) }
	if slices.ContainsFunc(entries, recorded) {
		return below(dir)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() || only != "" && e.Name() != only && !small(dir, e) {
			continue
		}
		out = append(out, filepath.Join(dir, e.Name()))
	}
	sort.Strings(out)
	return out, nil
}

// small reports whether a file of a folder may belong to a weights file there: a config, a tokenizer, an index; not other weights.
func small(dir string, e os.DirEntry) bool {
	info, err := e.Info()
	if err != nil || info.Size() >= 64<<20 || !slices.Contains([]string{".json", ".txt", ".model", ".jinja", ".tsv"}, filepath.Ext(e.Name())) {
		return false
	}
	f, err := os.Open(filepath.Join(dir, e.Name()))
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, checkpoint.HeadSize)
	n, _ := io.ReadFull(f, head)
	return !checkpoint.IsWeights(head[:n])
}

// builtIn is the folder of a built-in model, looked for from here upwards, or "".
func builtIn(name string) string {
	if name != filepath.Base(name) {
		return ""
	}
	dir, err := os.Getwd()
	for err == nil {
		for _, place := range []string{"web/models", "web/models-large"} {
			p := filepath.Join(dir, place, name)
			if st, e := os.Stat(p); e == nil && st.IsDir() {
				return p
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
	return ""
}

// ask sends one request and returns its result; partial is called for each part before it.
func ask[R any](x *session, op string, body any, partial func(any)) (*R, error) {
	handle := func(r protocol.Request, reply func(protocol.Kind, any)) { x.s.Handle(context.Background(), r, reply) }
	return askOf[R](handle, op, body, func(k protocol.Kind, b any) {
		if k == protocol.Partial && partial != nil {
			partial(b)
		}
	})
}

// askOf is ask of whatever handles requests; on is called for each reply before the result.
func askOf[R any](handle func(protocol.Request, func(protocol.Kind, any)), op string, body any, on func(protocol.Kind, any)) (*R, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var res *R
	handle(protocol.Request{ID: 1, Op: op, Body: raw}, func(k protocol.Kind, b any) {
		switch k {
		case protocol.Done:
			res, _ = b.(*R)
		case protocol.Failed:
			err = b.(*protocol.Error)
		default:
			on(k, b)
		}
	})
	if err == nil && res == nil {
		err = fmt.Errorf("%s: no answer", op)
	}
	return res, err
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// below lists all files of a folder, and of the folders in it.
func below(dir string) (paths []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}
