// Package formattest is what the tests of all file formats share.
package formattest

import (
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"
)

// ErrBroken is what Flaky fails with.
var ErrBroken = errors.New("the disk broke")

// Flaky fails at its Nth read.
type Flaky struct {
	R io.ReaderAt
	N int
}

func (f *Flaky) ReadAt(b []byte, off int64) (int, error) {
	if f.N--; f.N == 0 {
		return 0, ErrBroken
	}
	return f.R.ReadAt(b, off)
}

// Allocated is how many bytes were ever allocated.
func Allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

var (
	mu    sync.Mutex
	files = map[string][]byte{}
)

// Read reads a file, each once: in the browser, a read is a request. Nobody writes into the bytes.
func Read(t testing.TB, path string) []byte {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if b, ok := files[path]; ok {
		return b
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files[path] = b
	return b
}
