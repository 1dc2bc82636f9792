package pytorch

import (
	"bytes"
	"testing"
	"fmt"
	"os"
	"path/filepath"

	"loupe/engine/checkpoint/format"
)

const testdata = "../../../testdata/formats/pytorch"

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) (*format.File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

func TestX(t *testing.T) {
	l, _ := os.ReadDir(testdata)
	for _, e := range l {
		b := read(t, e.Name())
		f, err := open(b)
		fmt.Println(e.Name(), Match(b[:min(512, len(b))]), err)
		if err != nil { continue }
		for _, x := range f.Tensors { fmt.Println("   ", x.Info, x.As, x.Size, x.Fortran, x.BigEndian) }
		fmt.Println("   ", f.Metadata)
		for n, b := range f.Files { fmt.Println("   ", n, string(b)) }
	}
}
