package hdf5

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// TestRows reads stretches of rows of every dataset, in any order, and holds that they are what a reading of all gives.
func TestRows(t *testing.T) {
	r, seen := rand.New(rand.NewPCG(1, 2)), map[int]bool{}
	for _, name := range []string{"types.h5", "latest.h5", "small.h5", "small-latest.h5", "dense.h5"} {
		root, err := open(file5(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var walk func(o *Object)
		walk = func(o *Object) {
			for _, m := range o.Members {
				walk(m)
			}
			if o.Data == nil || len(o.Data.Shape) == 0 || o.Data.Bytes == 0 {
				return
			}
			f, err := o.Data.Open()
			if err != nil {
				t.Fatal(err)
			}
			all, err := io.ReadAll(f)
			if err != nil {
				t.Fatal(err)
			}
			n := o.Data.Shape[0]
			width := len(all) / n
			for range 20 {
				from := r.IntN(n)
				b := make([]byte, (1+r.IntN(n-from))*width)
				if err := o.Data.Rows(b, from); err != nil || !bytes.Equal(b, all[from*width:from*width+len(b)]) {
					t.Fatalf("%s %s: rows from %d: %v", name, o.Name, from, err)
				}
				seen[len(b)/width] = true
			}
			for _, bad := range []struct{ n, from int }{{width, -1}, {width, n}, {width * (n + 1), 0}, {width*n - 1, 0}} {
				if width > 1 && o.Data.Rows(make([]byte, bad.n), bad.from) == nil {
					t.Errorf("%s %s: %d bytes from row %d", name, o.Name, bad.n, bad.from)
				}
			}
		}
		walk(root)
	}
	if len(seen) < 5 {
		t.Errorf("stretches of %v rows alone: the files prove little", seen)
	}
}

// TestRowsNeverWritten: rows of chunks that are missing are 0 in a recording, and those that are there are read; a whole tensor must be whole.
func TestRowsNeverWritten(t *testing.T) {
	b, err := os.ReadFile("../../../testdata/formats/s2s/states.h5") // 12 rows in chunks of 10, of which the second were never written
	if err != nil {
		t.Fatal(err)
	}
	root, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	d := root.Get("src").Data
	row := make([]byte, int(d.Bytes)/d.Shape[0])
	for i, want := range map[int]byte{0: 6, 2: 2, 9: 0, 11: 0} { // "the", "cat", none
		if err := d.Rows(row, i); err != nil || row[0] != want {
			t.Errorf("row %d begins with %d, not %d: %v", i, row[0], want, err)
		}
	}
	if _, err := d.Open(); err == nil {
		t.Error("opened whole")
	}
}
