package checkpoint

import (
	"encoding/binary"
	"io"
	"path"
	"slices"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/lstmvis"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// A set of LSTMVis is no file of weights but a folder whose lstm.yml says what each file is. It is opened whole here, without the table of
// formats, and its tensors are read by rows: they may be larger than memory.

// recording is the lstm.yml among files, the one that choose names of several; nil: there is none, or choose names something else.
func recording(files []File, choose string) (*File, error) {
	var found []File
	for _, f := range files {
		if lstmvis.Match(f.Name) {
			found = append(found, f)
		}
	}
	if choose != "" {
		found = slices.DeleteFunc(found, func(f File) bool { return f.Name != choose })
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	}
	return nil, &fault.Error{Code: fault.SeveralModels, Expected: "the files of one model", Found: names(found)}
}

// IsRecorded reports whether a file is, by its name, the description of a recorded set.
func IsRecorded(name string) bool { return lstmvis.Match(name) }

// openRecorded opens the set of yml. err, if it is not nil, is why there is none.
func openRecorded(yml *File, files []File, progress Progress, err error) (*Checkpoint, error) {
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Name: yml.Name, Format: lstmvis.Type, Files: map[string][]byte{}, parts: []File{*yml}, tensors: map[string]*stored{},
		progress: progress, nonFinite: map[string]int{}, twins: map[string]*tensor.Matrix{}}
	if yml.Size <= 0 {
		return nil, &fault.Error{Code: fault.EmptyFile, File: yml.Name, Found: "0 bytes"}
	}
	if yml.Size > maxSide {
		return nil, &fault.Error{Code: fault.TooLarge, File: yml.Name, Expected: "at most 64 MB", Found: fault.Bytes(yml.Size)}
	}
	b := make([]byte, yml.Size)
	if e := format.ReadAt(yml.R, b, 0, ""); e != nil {
		return nil, inFile(yml.Name, c.Format, e)
	}
	f, err := lstmvis.Open(b, func(name string) (string, io.ReaderAt, int64) {
		g := besideOf(yml, files, name)
		if g == nil {
			return "", nil, 0
		}
		if !slices.ContainsFunc(c.parts, func(p File) bool { return p.Name == g.Name }) {
			c.parts = append(c.parts, *g)
		}
		return g.Name, g.R, g.Size
	})
	if err != nil {
		if e := fault.ReadError("", err); e.File == "" {
			return nil, inFile(yml.Name, c.Format, e)
		}
		return nil, err
	}
	c.Metadata, c.Config = f.Metadata, f.Config
	for _, t := range f.Tensors {
		s := &stored{Tensor: t, file: yml.Name, used: true}
		c.list, c.tensors[t.As] = append(c.list, s), s
		c.Tensors = append(c.Tensors, t.Info)
	}
	for _, p := range files {
		if !slices.ContainsFunc(c.parts, func(q File) bool { return p.Name == q.Name }) {
			c.Ignored = append(c.Ignored, p.Name)
		}
	}
	for _, p := range c.parts {
		c.Bytes += p.Size
	}
	slices.Sort(c.Ignored)
	return c, c.report("")
}

// besideOf is the file that yml calls name: at that path from its folder or, where files came without their folders, the only one of that
// base name.
func besideOf(yml *File, files []File, name string) *File {
	at := path.Join(dir(yml.Name), strings.ReplaceAll(name, `\`, "/"))
	var same []*File
	for i := range files {
		switch f := &files[i]; {
		case path.Clean(strings.ReplaceAll(f.Name, `\`, "/")) == at:
			return f
		case base(f.Name) == base(name):
			same = append(same, f)
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	return nil
}

// Rows reads whole rows of what was recorded, from row on, as f32 into dst.
func (c *Checkpoint) Rows(name string, dst []float32, row int) error {
	t := c.tensors[name]
	if t == nil || t.Tensor.Rows == nil {
		return c.fail(fault.MissingTensor, name, "rows that were recorded", "none")
	}
	size, f := widenRecorded(t.DType)
	if f == nil {
		return c.fail(fault.UnknownDType, name, "F64, F32, F16, I8 to I64, U8 to U64 or BOOL", string(t.DType))
	}
	width := max(tensor.Numel(t.Shape[1:]), 1)
	order := binary.ByteOrder(binary.LittleEndian)
	if t.BigEndian {
		order = binary.BigEndian
	}
	if c.scratch == nil {
		c.scratch = make([]uint64, 2*piece/8)
	}
	each := max(8*len(c.scratch)/(width*size), 1) // rows at a time
	if width*size > 8*len(c.scratch) {
		c.scratch = make([]uint64, (width*size+7)/8)
	}
	for i := 0; i < len(dst); i += each * width {
		n := min(each*width, len(dst)-i)
		raw := view[byte](c.scratch, n*size)
		if err := t.Tensor.Rows(raw, row+i/width); err != nil {
			return err
		}
		f(dst[i:i+n], raw, order)
	}
	return nil
}

// Labels are what the numbers of an annotation stand for; nil: the files do not say.
func (c *Checkpoint) Labels(name string) []string {
	labels, _ := c.Metadata[name].([]string)
	return labels
}
