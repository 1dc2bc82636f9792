// Package checkpoint opens a model's files: it finds the weights by their content, the config and the tokenizer beside
// them, and gives a model its tensors by name (it is an nn.Weights). Weights stay in the type that the file stores: a
// matrix of floats or of ggml's blocks is read straight to where it stays. A model in several files is one to all others.
//
// A new format is a folder here and a row in formats.
package checkpoint

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/gguf"
	"loupe/engine/checkpoint/keras"
	"loupe/engine/checkpoint/npy"
	"loupe/engine/checkpoint/pytorch"
	"loupe/engine/checkpoint/safetensors"
	"loupe/engine/checkpoint/vectors"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// formats is THE table of file formats. match decides on a file's first HeadSize bytes; a file that none knows is given
// to the one of its extension, which then says exactly what is wrong with it. Of one model in several formats (the folder of
// a download has such twins) the first of the table is taken.
var formats = []row{
	{"safetensors", []string{".safetensors"}, safetensors.Match, safetensors.Open},
	{"pytorch", []string{".pt", ".pth"}, pytorch.Match, pytorch.Open},
	{"gguf", []string{".gguf"}, gguf.Match, gguf.Open},
	{"keras", []string{".keras"}, keras.MatchArchive, keras.OpenArchive},
	{"keras", []string{".h5", ".hdf5"}, keras.Match, keras.Open},
	{"npz", []string{".npz"}, npy.MatchZip, npy.OpenZip},
	{"npy", []string{".npy"}, npy.Match, npy.Open},
	{"vectors", []string{".vec"}, vectors.Match, vectors.Open}, // text: after all that have a magic
}

type row struct {
	name  string
	ext   []string
	match func(head []byte) bool
	open  func(r io.ReaderAt, size int64) (*format.File, error)
}

// File is a file to open: Name may have folders ("gpt2/config.json").
type File struct {
	Name string
	Size int64
	R    io.ReaderAt
}

// Progress is told of each piece that is read: bytes of all tensors done, of total. An error from it ends the reading.
type Progress func(tensor string, done, total int64) error

// Warning is something that a person should know about the weights. Codes: "widened" (N tensors of type What became
// F32) and "non-finite" (tensor What has N values that are no number or infinite).
type Warning struct {
	Code string
	What string
	N    int
}

// Checkpoint is a model's files, open. It reads tensors when a model asks for them.
type Checkpoint struct {
	Name     string            // of the weights file, the first one if there are several
	Format   string            // as formats names it
	Config   []byte            // config.json, or what the weights file tells in its place; nil if neither is there
	Files    map[string][]byte // the other small files by base name: tokenizer.json, vocab.json, merges.txt, ..
	Tensors  []tensor.Info     // in the order of the files, by the files' own names
	Metadata map[string]any    // what the file says of itself
	Bytes    int64             // of all weights files
	Ignored  []string          // files that were not used
	Warnings []Warning         // grows as tensors are read

	parts     []File
	list      []*stored
	tensors   map[string]*stored // by the name that a model asks for
	progress  Progress
	total     int64 // bytes of all tensors
	done      int64
	nonFinite map[string]int
	twins     map[string]*tensor.Matrix // of tensors that are the same
	scratch   []uint64                  // one piece, aligned for any type
}

// stored is a tensor and the file that it lies in.
type stored struct {
	format.Tensor
	file string
	used bool
}

// as is the name by which a model asks for it.
func (t *stored) as() string {
	if t.As != "" {
		return t.As
	}
	return t.Name
}

// Open finds weights, config and tokenizer among files and reads their headers. choose is the name of the weights to take
// where there are several models, or empty. progress may be nil.
func Open(files []File, choose string, progress func(tensor string, done, total int64) error) (*Checkpoint, error) {
	if yml, err := recording(files, choose); yml != nil || err != nil {
		return openRecorded(yml, files, progress, err)
	}
	files, err := projected(files, choose)
	if err != nil {
		return nil, err
	}
	files, beside, err := seq2seqVis(files, choose)
	if err != nil {
		return nil, err
	}
	found, err := sortOut(files, choose)
	if err != nil {
		return nil, err
	}
	found.ignored = append(found.ignored, beside...)
	w := found.weights
	c := &Checkpoint{Name: w.files[0].Name, Format: w.row.name, Bytes: w.size(), Files: map[string][]byte{}, Ignored: found.ignored,
		parts: w.files, tensors: map[string]*stored{}, progress: progress, nonFinite: map[string]int{}, twins: map[string]*tensor.Matrix{}}
	whole, err := c.openParts(w.row)
	if err != nil {
		return nil, err
	}
	c.Metadata, c.Config = whole.Metadata, whole.Config
	for name, b := range whole.Files {
		c.Files[sideName(name)] = b
	}
	if err := c.readSide(found.side); err != nil {
		return nil, err
	}
	return c, c.report("")
}

// openParts reads the headers of all parts and puts their tensors together.
func (c *Checkpoint) openParts(r *row) (*format.File, error) {
	var whole *format.File
	for i, p := range c.parts {
		f, err := r.open(p.R, p.Size)
		if err != nil {
			return nil, inFile(p.Name, r.name, err)
		}
		if f.Parts > 1 && f.Parts != len(c.parts) {
			return nil, &fault.Error{Code: fault.Sharded, In: r.name, File: p.Name, Expected: fmt.Sprintf("all %d files of this model", f.Parts), Found: fmt.Sprint(len(c.parts))}
		}
		if f.Parts > 1 && f.Part != i {
			return nil, &fault.Error{Code: fault.Sharded, In: r.name, File: p.Name, Expected: fmt.Sprintf("part %d of %d", i+1, f.Parts), Found: fmt.Sprintf("part %d", f.Part+1)}
		}
		for range f.Tensors {
			c.list = append(c.list, &stored{file: p.Name})
		}
		if whole == nil {
			whole = f
		} else {
			whole.Tensors = append(whole.Tensors, f.Tensors...)
		}
	}
	if whole.Finish != nil {
		if err := whole.Finish(whole); err != nil {
			return nil, inFile(c.Name, r.name, err)
		}
	}
	for i, t := range c.list {
		t.Tensor = whole.Tensors[i]
		t.used = t.Known
		if c.tensors[t.as()] != nil {
			return nil, &fault.Error{Code: fault.DuplicateTensor, In: r.name, File: t.file, Where: fault.Name(t.as()), Expected: "once", Found: "twice"}
		}
		c.tensors[t.as()] = t
		c.Tensors = append(c.Tensors, t.Info)
		c.total += t.Bytes
	}
	return whole, nil
}

// inFile gives an error of a format its file.
func inFile(name, formatName string, err error) error {
	e := fault.ReadError("", err)
	e.File = name
	if e.In == "" {
		e.In = formatName
	}
	return e
}

// readSide reads the small files.
func (c *Checkpoint) readSide(files []File) error {
	for _, f := range files {
		b := make([]byte, f.Size)
		if e := format.ReadAt(f.R, b, 0, ""); e != nil {
			e.File = f.Name
			return e
		}
		if name := sideName(f.Name); name == "config.json" {
			c.Config = b
		} else {
			c.Files[name] = b
		}
	}
	return nil
}

// report tells progress how far the reading is.
func (c *Checkpoint) report(name string) error {
	if c.progress == nil {
		return nil
	}
	if err := c.progress(name, min(c.done, c.total), c.total); err != nil {
		return &fault.Error{Code: fault.Cancelled, File: c.Name, Err: err}
	}
	return nil
}

// Unread lists the tensors that nothing has read, in the order of the files, by the names that a model asks for.
func (c *Checkpoint) Unread() []string {
	var names []string
	for _, t := range c.list {
		if !t.used {
			names = append(names, t.as())
		}
	}
	return names
}

// NonFinite is how many values of a tensor are no number or infinite; known once it was read.
func (c *Checkpoint) NonFinite(name string) int { return c.nonFinite[name] }

// Sample is a hash of a few pieces all over the weights files: it tells files of the same shapes apart, no more.
func (c *Checkpoint) Sample() uint64 {
	const pieces, size = 16, 256
	h := fnv.New64a()
	b := make([]byte, size)
	for _, p := range c.parts {
		for i := range int64(pieces) {
			n, _ := p.R.ReadAt(b, max(0, (p.Size-size))*i/(pieces-1)) // what cannot be read does not count
			h.Write(b[:n])
			h.Write(binary.LittleEndian.AppendUint16(nil, uint16(n)))
		}
	}
	return h.Sum64()
}

// warn counts a warning, once for each code and what.
func (c *Checkpoint) warn(code, what string, n int) {
	i := slices.IndexFunc(c.Warnings, func(w Warning) bool { return w.Code == code && w.What == what })
	if i < 0 {
		i, c.Warnings = len(c.Warnings), append(c.Warnings, Warning{Code: code, What: what})
	}
	c.Warnings[i].N += n
}
