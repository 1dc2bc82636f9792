package keras

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/hdf5"
	"loupe/engine/fault"
)

const (
	// maxDirectory is how many bytes may be read to list an archive, which has a handful of members.
	maxDirectory = 1 << 20
	// maxRatio is how many times a member may grow when it is inflated. Weights hardly grow; bombs grow 1000 times.
	maxRatio = 100
	// freeRatio bytes may grow more: JSON does.
	freeRatio = 1 << 20
	// maxSmall is the longest config and vocabulary.
	maxSmall = 64 << 20
)

// The members of an archive.
const (
	configName  = "config.json"
	aboutName   = "metadata.json"
	weightsName = "model.weights.h5"
)

// MatchArchive reports whether a file's first bytes are those of a zip whose first member is one of a Keras archive.
func MatchArchive(head []byte) bool {
	if len(head) < 30 || string(head[:4]) != "PK\x03\x04" {
		return false
	}
	n := int(binary.LittleEndian.Uint16(head[26:]))
	name := string(head[30:min(len(head), 30+n)])
	return name == aboutName || name == weightsName || name == configName
}

// OpenArchive reads a .keras archive: config.json, metadata.json and, in HDF5, model.weights.h5.
func OpenArchive(r io.ReaderAt, size int64) (*format.File, error) {
	if size <= 0 {
		return nil, fail(fault.EmptyFile, "", "", "0 bytes")
	}
	a := &archive{r: r, size: size, members: map[string]*zip.File{}}
	if err := a.list(); err != nil {
		return nil, err
	}
	var about struct {
		Version string `json:"keras_version"`
	}
	b, err := a.small(aboutName)
	if err == nil {
		_, err = fault.JSON(fault.BadConfig, aboutName, b, &about)
	}
	if err != nil {
		return nil, err
	}
	m := &saved{version: about.Version, files: map[string][]byte{}, seen: map[string]bool{}}
	if b, err = a.small(configName); err == nil {
		err = m.readConfig(configName, b)
	}
	if err != nil {
		return nil, err
	}
	if err := a.vocabulary(m); err != nil {
		return nil, err
	}
	weights, n, err := a.section(weightsName)
	if err != nil {
		return nil, err
	}
	root, err := hdf5.Open(weights, n)
	if err != nil {
		return nil, err
	}
	return m.file(root)
}

// archive is a zip whose directory was read.
type archive struct {
	r       io.ReaderAt
	size    int64
	members map[string]*zip.File
}

// list reads the directory and proves the sizes in it.
func (a *archive) list() error {
	limited := &meter{r: a.r, left: maxDirectory}
	z, err := zip.NewReader(limited, a.size)
	switch {
	case limited.left < 0:
		return fail(fault.TooLarge, "zip directory", "at most "+fault.Bytes(maxDirectory), "more")
	case limited.err != nil:
		return zipError("zip directory", limited.err)
	case err != nil:
		return zipError("zip directory", err)
	}
	limited.left = 1 << 62 // what follows is bounded by the members
	for _, m := range z.File {
		where := "zip entry " + fault.Quote(m.Name)
		_, twice := a.members[m.Name]
		switch {
		case twice:
			return fail(fault.BadZip, where, "once", "twice")
		case m.Method != zip.Store && m.Method != zip.Deflate:
			return fail(fault.BadZip, where, "stored or deflated", fmt.Sprint("method ", m.Method))
		case m.Flags&1 != 0:
			return fail(fault.BadZip, where, "no password", "an encrypted entry")
		case m.CompressedSize64 > uint64(a.size):
			return fail(fault.BadZip, where, "an entry that fits in the file", fault.Bytes(m.CompressedSize64))
		case m.Method == zip.Store && m.CompressedSize64 != m.UncompressedSize64:
			return fail(fault.BadZip, where, fault.Bytes(m.CompressedSize64), fault.Bytes(m.UncompressedSize64))
		case m.UncompressedSize64 > freeRatio && m.UncompressedSize64/maxRatio > m.CompressedSize64:
			return fail(fault.TooLarge, where, fmt.Sprintf("at most %d times its compressed size", maxRatio), fault.Bytes(m.UncompressedSize64))
		}
		a.members[m.Name] = m
	}
	if a.members[weightsName] == nil {
		return fail(fault.WrongMagic, "", "a Keras archive, with "+weightsName, "a zip of other files")
	}
	for _, name := range []string{configName, aboutName} {
		if a.members[name] == nil {
			return fail(fault.BadZip, "", name, "a zip without it")
		}
	}
	return nil
}

// whole reads a member into memory.
func (a *archive) whole(name string) ([]byte, error) {
	m, where := a.members[name], "zip entry "+fault.Quote(name)
	r, err := m.Open()
	if err != nil {
		return nil, zipError(where, err)
	}
	defer r.Close()
	b := make([]byte, m.UncompressedSize64)
	if _, err = io.ReadFull(r, b); err == nil {
		_, err = r.Read(make([]byte, 1)) // the end, where the checksum is looked at
	}
	if err != io.EOF {
		return nil, zipError(where, err)
	}
	return b, nil
}

// small reads a member that is a text.
func (a *archive) small(name string) ([]byte, error) {
	if n := a.members[name].UncompressedSize64; n > maxSmall {
		return nil, fail(fault.TooLarge, name, "at most 64 MB", fault.Bytes(n))
	}
	return a.whole(name)
}

// section gives a member to read from. One that is stored stays in the file, and its checksum is not looked at.
func (a *archive) section(name string) (io.ReaderAt, int64, error) {
	m := a.members[name]
	if m.Method != zip.Store {
		b, err := a.whole(name)
		return bytes.NewReader(b), int64(len(b)), err
	}
	where := "zip entry " + fault.Quote(name)
	at, err := m.DataOffset()
	n := int64(m.UncompressedSize64)
	switch {
	case err != nil:
		return nil, 0, zipError(where, err)
	case at < 0 || at > a.size-n:
		return nil, 0, fail(fault.Truncated, where, fault.Bytes(at+n), fault.Bytes(a.size))
	}
	return io.NewSectionReader(a.r, at, n), n, nil
}

func zipError(where string, err error) error {
	code := fault.BadZip
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		code = fault.Truncated
	case err == nil:
		err = errors.New("more bytes than its size")
	default:
		var e *fault.Error
		if errors.As(err, &e) {
			code = e.Code
		}
	}
	return &fault.Error{Code: code, In: "keras", Where: where, Err: err}
}

// meter reads until left bytes are used up, and keeps the first error that is not the end of the file.
type meter struct {
	r    io.ReaderAt
	left int64
	err  error
}

func (m *meter) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, zip.ErrFormat
	}
	if m.left -= int64(len(b)); m.left < 0 {
		return 0, errors.New("too much is read")
	}
	n, err := m.r.ReadAt(b, off)
	if err != nil && err != io.EOF && m.err == nil {
		m.err = fault.ReadError("", err)
		err = m.err
	}
	return n, err
}

// vocabulary makes a word list of what a TextVectorization layer keeps beside the weights.
func (a *archive) vocabulary(m *saved) error {
	const name = "assets/layers/text_vectorization/vocabulary.txt"
	if a.members[name] == nil {
		return nil
	}
	b, err := a.small(name)
	if err == nil {
		m.files["tokenizer.json"], err = wordList(name, string(b))
	}
	return err
}
