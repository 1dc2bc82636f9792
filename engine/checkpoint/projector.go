package checkpoint

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// projected gives the files of a set of vectors for the Embedding Projector the form that they have elsewhere. Its config names a
// file of raw float32 numbers and their shape: that file gets an npy header. The labels that it names become metadata.tsv. Of
// several sets that are there the one that choose names is taken, or the first.
func projected(files []File, choose string) ([]File, error) {
	at := slices.IndexFunc(files, func(f File) bool { return strings.HasSuffix(base(f.Name), "projector_config.json") })
	if at < 0 || files[at].Size > maxSide {
		return files, nil
	}
	b := make([]byte, files[at].Size)
	if e := format.ReadAt(files[at].R, b, 0, ""); e != nil {
		e.File = files[at].Name
		return nil, e
	}
	var config struct {
		Embeddings []struct {
			Shape  []uint64 `json:"tensorShape"`
			Tensor string   `json:"tensorPath"`
			Labels string   `json:"metadataPath"`
		} `json:"embeddings"`
	}
	if _, err := fault.JSON(fault.BadConfig, files[at].Name, b, &config); err != nil {
		return nil, err
	}
	for _, e := range config.Embeddings {
		i := slices.IndexFunc(files, func(f File) bool { return base(f.Name) == base(e.Tensor) })
		if i < 0 || choose != "" && files[i].Name != choose {
			continue
		}
		files = append([]File(nil), files...) // the caller's stay as they are
		if path.Ext(base(e.Tensor)) != ".tsv" {
			n, ok := format.Count(e.Shape)
			if len(e.Shape) != 2 || !ok || n > maxWeights || int64(4*n) != files[i].Size {
				return nil, &fault.Error{Code: fault.BadShape, File: files[i].Name, Where: "tensorShape of " + files[at].Name,
					Expected: "the shape of " + fault.Bytes(files[i].Size) + " of float32", Found: format.Shape(e.Shape)}
			}
			files[i] = asNPY(files[i], e.Shape)
		}
		if k := slices.IndexFunc(files, func(f File) bool { return base(f.Name) == base(e.Labels) }); k >= 0 {
			files[k].Name = path.Join(dir(files[k].Name), "metadata.tsv")
		}
		break
	}
	return files, nil
}

// asNPY puts an npy header before raw numbers.
func asNPY(f File, shape []uint64) File {
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", shape[0], shape[1])
	head = fmt.Sprintf("\x93NUMPY\x01\x00\x76\x00%-117s\n", head) // 128 bytes
	return File{Name: f.Name, Size: f.Size + int64(len(head)), R: &headed{head, f.R}}
}

// headed reads a header and then a file.
type headed struct {
	head string
	r    io.ReaderAt
}

func (h *headed) ReadAt(b []byte, off int64) (n int, err error) {
	if off < int64(len(h.head)) {
		if n = copy(b, h.head[off:]); n == len(b) {
			return n, nil
		}
		off = int64(len(h.head))
	}
	k, err := h.r.ReadAt(b[n:], off-int64(len(h.head)))
	return n + k, err
}
