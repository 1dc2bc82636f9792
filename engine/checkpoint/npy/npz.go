package npy

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

const (
	// maxDirectory is how many bytes may be read to list a zip: about 100,000 entries.
	maxDirectory = 16 << 20
	// maxRatio is how many times an array may grow when it is inflated. Weights hardly grow; bombs grow 1000 times.
	maxRatio = 100
	// freeRatio arrays may grow more: small ones of zeros do.
	freeRatio = 16 << 20
)

// MatchZip reports whether a file's first bytes are those of a zip whose first member is an npy file.
func MatchZip(head []byte) bool {
	if len(head) < 30 || string(head[:4]) != "PK\x03\x04" {
		return false
	}
	n := int(binary.LittleEndian.Uint16(head[26:]))
	return bytes.HasSuffix(head[30:min(len(head), 30+n)], []byte(".npy"))
}

// OpenZip lists the arrays of an npz file and reads the header of each.
func OpenZip(r io.ReaderAt, size int64) (*format.File, error) {
	if size <= 0 {
		return nil, failZip(fault.EmptyFile, "", "", "0 bytes")
	}
	members, err := list(r, size)
	if err != nil {
		return nil, err
	}
	f := &format.File{}
	seen := map[string]bool{}
	for _, m := range members {
		name, ok := strings.CutSuffix(m.Name, ".npy")
		if !ok {
			return nil, failZip(fault.BadZip, "zip entry "+fault.Quote(m.Name), "arrays only (.npy)", zipKind(members))
		}
		if seen[name] {
			return nil, failZip(fault.DuplicateTensor, fault.Name(name), "once", "twice")
		}
		seen[name] = true
		t, err := array(m, name)
		if err != nil {
			return nil, err
		}
		f.Tensors = append(f.Tensors, t)
	}
	return f, nil
}

func failZip(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "npz", Where: where, Expected: expected, Found: found}
}

// list reads the zip's directory and proves the sizes in it. Entries are in the order of their bytes.
func list(r io.ReaderAt, size int64) ([]*zip.File, error) {
	limited := &meter{r: r, left: maxDirectory}
	z, err := zip.NewReader(limited, size)
	switch {
	case limited.left < 0:
		return nil, failZip(fault.TooLarge, "zip directory", "at most "+fault.Bytes(maxDirectory), "more")
	case limited.err != nil:
		return nil, zipError("zip directory", limited.err)
	case err != nil:
		return nil, zipError("zip directory", err)
	case len(z.File) > format.MaxTensors:
		return nil, failZip(fault.TooLarge, "zip directory", fmt.Sprintf("at most %d entries", format.MaxTensors), fmt.Sprint(len(z.File)))
	case len(z.File) == 0:
		return nil, failZip(fault.NoWeights, "", "arrays", "an empty zip")
	}
	limited.left = 1 << 62 // what follows is bounded by the entries
	left := uint64(size)
	for _, m := range z.File {
		where := "zip entry " + fault.Quote(m.Name)
		switch {
		case !utf8.ValidString(m.Name):
			return nil, failZip(fault.BadZip, where, "a name in UTF-8", "another encoding")
		case m.Method != zip.Store && m.Method != zip.Deflate:
			return nil, failZip(fault.BadZip, where, "stored or deflated", fmt.Sprint("method ", m.Method))
		case m.Flags&1 != 0:
			return nil, failZip(fault.BadZip, where, "no password", "an encrypted entry")
		case m.CompressedSize64 > left: // overlapping entries make a bomb out of few bytes
			return nil, failZip(fault.BadZip, where, "entries that fit in the file", fault.Bytes(m.CompressedSize64))
		case m.Method == zip.Store && m.CompressedSize64 != m.UncompressedSize64:
			return nil, failZip(fault.BadZip, where, fault.Bytes(m.CompressedSize64), fault.Bytes(m.UncompressedSize64))
		case m.UncompressedSize64 > freeRatio && m.UncompressedSize64/maxRatio > m.CompressedSize64:
			return nil, failZip(fault.TooLarge, where, fmt.Sprintf("at most %d times its compressed size", maxRatio), fault.Bytes(m.UncompressedSize64))
		}
		left -= m.CompressedSize64
	}
	files := slices.Clone(z.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return compare(offset(a), offset(b)) })
	if limited.err != nil {
		return nil, zipError("zip entries", limited.err)
	}
	return files, nil
}

// offset is where a member's bytes begin; a member whose own header is broken fails when it is opened.
func offset(m *zip.File) int64 {
	n, _ := m.DataOffset()
	return n
}

func compare(a, b int64) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

// array reads the header of one member.
func array(m *zip.File, name string) (format.Tensor, error) {
	where := fault.Name(name)
	t := format.Tensor{}
	t.Name = name
	open := func() (io.ReadCloser, error) {
		r, err := m.Open()
		if err != nil {
			return nil, zipError(where, err)
		}
		return &member{r, where}, nil
	}
	r, err := open()
	if err != nil {
		return t, err
	}
	defer r.Close()
	start, err := read(r, &t)
	if err != nil {
		var e *fault.Error
		if errors.As(err, &e) && !strings.HasPrefix(e.Where, where) {
			e.In, e.Where = "npz", where+": "+e.Where
		}
		return t, err
	}
	if have := m.UncompressedSize64; have != uint64(start+t.Bytes) {
		code := fault.BadZip
		if have < uint64(start+t.Bytes) {
			code = fault.Truncated
		}
		return t, failZip(code, where, fault.Bytes(start+t.Bytes), fault.Bytes(have))
	}
	t.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err == nil {
			_, err = io.CopyN(io.Discard, r, start)
		}
		return r, err
	}
	return t, nil
}

// member gives the errors of a zip's entry their types.
type member struct {
	io.ReadCloser
	where string
}

func (m *member) Read(b []byte) (int, error) {
	n, err := m.ReadCloser.Read(b)
	if err != nil && err != io.EOF {
		err = zipError(m.where, err)
	}
	return n, err
}

func zipError(where string, err error) error {
	var corrupt flate.CorruptInputError
	code := fault.Unreadable
	switch {
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm), errors.Is(err, zip.ErrChecksum), errors.As(err, &corrupt):
		code = fault.BadZip
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		code = fault.Truncated
	}
	return &fault.Error{Code: code, In: "npz", Where: where, Err: err}
}

// zipKind says what a zip that is no npz is, by what it holds.
func zipKind(members []*zip.File) string {
	for _, m := range members {
		switch name := m.Name; {
		case strings.HasSuffix(name, "data.pkl"):
			return "a PyTorch file"
		case name == "model.weights.h5" || name == "metadata.json":
			return "a Keras file"
		case strings.HasSuffix(name, ".safetensors"):
			return "a zip with safetensors inside: unpack it"
		}
	}
	return "a zip of other files"
}

// meter reads until left bytes are used up, and keeps the first error that is not the end of the file.
type meter struct {
	r    io.ReaderAt
	left int64
	err  error
}

func (m *meter) ReadAt(b []byte, off int64) (int, error) {
	if m.left -= int64(len(b)); m.left < 0 {
		return 0, errors.New("too much is read")
	}
	n, err := m.r.ReadAt(b, off)
	if err != nil && err != io.EOF && m.err == nil {
		m.err = err
	}
	return n, err
}
