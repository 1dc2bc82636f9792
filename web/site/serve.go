package main

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// types are those that this machine's own table may have wrong or not at all.
var types = map[string]string{
	".wasm": "application/wasm", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8", ".json": "application/json", ".jsonl": "application/jsonl", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png", ".gz": "application/gzip", ".txt": "text/plain; charset=utf-8",
}

// serve serves the folder on this machine, below the path at, and prints its address.
func (s *site) serve(port int, at string) error {
	for ext, kind := range types {
		if err := mime.AddExtensionType(ext, kind); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	at = "/" + strings.Trim(at, "/") + "/"
	if at == "//" {
		at = "/"
	}
	fmt.Printf("Loupe is at http://%s%s\n", l.Addr(), at)
	return http.Serve(l, http.StripPrefix(strings.TrimSuffix(at, "/"), http.HandlerFunc(s.file)))
}

// file serves one file as a good static host does: typed, packed where that was asked for, and checked for change each time.
func (s *site) file(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if path == "" {
		path = "index.html"
	}
	sum, ok := s.files[strings.TrimSuffix(path, ".gz")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // a sandboxed frame is of no origin
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", mime.TypeByExtension(filepath.Ext(path)))
	file := filepath.Join(s.out, filepath.FromSlash(path))
	if _, err := os.Stat(file + ".gz"); err == nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		h.Set("Content-Encoding", "gzip")
		file, path = file+".gz", path+".gz"
	}
	h.Set("ETag", fmt.Sprintf("%q", sum[:16]+filepath.Ext(path)))
	f, err := os.Open(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.ServeContent(w, r, "", st.ModTime(), f)
}
