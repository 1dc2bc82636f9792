// Package checkpoint opens a model's files: it finds the weights by their content, the config and the tokenizer beside
// them, and gives a model its tensors by name (it is an nn.Weights). Weights stay in the type that the file stores: an
// F32, F16 or Q8 matrix is read straight to where it stays.
//
// A new format is a folder here and a row in formats.
package checkpoint

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"slices"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/npy"
	"loupe/engine/checkpoint/safetensors"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// formats is THE table of file formats. match decides on a file's first headSize bytes; a file that none knows is given
// to the one of its extension, which then says exactly what is wrong with it.
var formats = []row{
	{"safetensors", ".safetensors", safetensors.Match, safetensors.Open},
	{"npz", ".npz", npy.MatchZip, npy.OpenZip},
	{"npy", ".npy", npy.Match, npy.Open},
}

type row struct {
	name, ext string
	match     func(head []byte) bool
	open      func(r io.ReaderAt, size int64) (*format.File, error)
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
	Name     string            // of the weights file
	Format   string            // as formats names it
	Config   []byte            // config.json; nil if there is none
	Files    map[string][]byte // the other small files by base name: tokenizer.json, vocab.json, merges.txt, ..
	Tensors  []tensor.Info     // in the order of the file
	Metadata map[string]any    // what the file says of itself
	Bytes    int64             // of the weights file
	Ignored  []string          // files that were not used
	Warnings []Warning         // grows as tensors are read

	file      File
	tensors   map[string]*format.Tensor
	progress  Progress
	total     int64 // bytes of all tensors
	done      int64
	used      map[string]bool
	nonFinite map[string]int
	scratch   []uint64 // one piece, aligned for any type
}

// Open finds weights, config and tokenizer among files and reads their headers. progress may be nil.
func Open(files []File, progress func(tensor string, done, total int64) error) (*Checkpoint, error) {
	found, err := sortOut(files)
	if err != nil {
		return nil, err
	}
	w := found.weights
	c := &Checkpoint{Name: w.file.Name, Format: w.row.name, Bytes: w.file.Size, Files: map[string][]byte{}, Ignored: found.ignored,
		file: w.file, tensors: map[string]*format.Tensor{}, progress: progress, used: map[string]bool{}, nonFinite: map[string]int{}}
	if err := c.readSide(found.side); err != nil {
		return nil, err
	}
	f, err := w.row.open(w.file.R, w.file.Size)
	if err != nil {
		return nil, inFile(w.file.Name, w.row.name, err)
	}
	c.Metadata = f.Metadata
	for i := range f.Tensors {
		t := &f.Tensors[i]
		c.Tensors = append(c.Tensors, t.Info)
		c.tensors[t.Name] = t
		c.total += t.Bytes
	}
	return c, c.report("")
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
		if base(f.Name) == "config.json" {
			c.Config = b
		} else {
			c.Files[base(f.Name)] = b
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

// Unread lists the tensors that nothing has read, in the order of the file.
func (c *Checkpoint) Unread() []string {
	var names []string
	for _, t := range c.Tensors {
		if !c.used[t.Name] {
			names = append(names, t.Name)
		}
	}
	return names
}

// NonFinite is how many values of a tensor are no number or infinite; known once it was read.
func (c *Checkpoint) NonFinite(name string) int { return c.nonFinite[name] }

// Sample is a hash of a few pieces all over the weights file: it tells files of the same shapes apart, no more.
func (c *Checkpoint) Sample() uint64 {
	const pieces, size = 16, 256
	h := fnv.New64a()
	b := make([]byte, size)
	for i := range int64(pieces) {
		n, _ := c.file.R.ReadAt(b, max(0, (c.Bytes-size))*i/(pieces-1)) // what cannot be read does not count
		h.Write(b[:n])
		h.Write(binary.LittleEndian.AppendUint16(nil, uint16(n)))
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
