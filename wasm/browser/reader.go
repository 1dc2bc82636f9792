//go:build js

package browser

import (
	"io"
	"syscall/js"
)

// blobReader reads a File or a Blob by slices: no more than what is asked for is ever in memory.
type blobReader struct {
	blob, reader js.Value // reader is a FileReaderSync
}

func (r *blobReader) ReadAt(p []byte, off int64) (n int, err error) {
	err = try(func() error {
		piece := r.blob.Call("slice", off, off+int64(len(p)))
		n = js.CopyBytesToGo(p, uint8Array.New(r.reader.Call("readAsArrayBuffer", piece)))
		return nil
	})
	return n, short(n, len(p), err)
}

// arrayReader reads a Uint8Array.
type arrayReader struct{ array js.Value }

func (r *arrayReader) ReadAt(p []byte, off int64) (n int, err error) {
	n = js.CopyBytesToGo(p, r.array.Call("subarray", off, off+int64(len(p))))
	return n, short(n, len(p), nil)
}

// short is the error of a read of n of want bytes, as io.ReaderAt has it.
func short(n, want int, err error) error {
	if err == nil && n < want {
		return io.EOF
	}
	return err
}
