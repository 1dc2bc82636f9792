package hdf5

import (
	"bytes"
	"io"
	"math/rand/v2"
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
