package enginetest

import (
	"io/fs"
	"path/filepath"
	"testing"
)

// SetFiles are the paths of the files of a set of testdata/lstmvis, with those in folders.
func SetFiles(t testing.TB, name string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(Root(), "testdata", "lstmvis", name), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
