// Package hdf5 reads what h5py writes of HDF5, so far as Keras uses it: groups, attributes and datasets of numbers, as the
// HDF5 File Format Specification, version 3.0, describes them. All of a file's structure is read and proved at once, and no
// number of a dataset.
//
// Addresses in a file may point anywhere, also back. What keeps a forged file from costing more than its size is one account
// (file.left): each piece of structure that is read is paid from it, and what is read twice is paid twice. Calls that go
// deeper on the file's word are counted.
package hdf5

import (
	"fmt"
	"io"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

const (
	signature = "\x89HDF\r\n\x1a\n"
	// none is the address of what is not there.
	none = 1<<64 - 1
	// free is how many bytes of structure may be read of any file; its own size comes on top.
	free = 8 << 20
	// overhead is what each piece costs besides its bytes: about the memory of what is made of it.
	overhead = 256
	// maxDepth is of groups in groups and of a B-tree's levels.
	maxDepth = 32
)

// Object is a group or a dataset.
type Object struct {
	Name string // in its group; empty: the root
	// Attrs are its attributes of the types string, []string, int64, []int64, float64 and []float64. Others are left out.
	Attrs   map[string]any
	Members []*Object      // of a group, as the file has them: h5py sorts by name
	Data    *format.Tensor // of a dataset; its Name is empty. nil: a group

	byName map[string]*Object
}

// Get is the object at a path below o ("a/b"), or nil.
func (o *Object) Get(path string) *Object {
	for _, name := range strings.Split(path, "/") {
		if o = o.byName[name]; o == nil {
			return nil
		}
	}
	return o
}

// Match reports whether a file's first bytes are those of an HDF5 file.
func Match(head []byte) bool { return strings.HasPrefix(string(head), signature) }

// Open reads the whole structure of an HDF5 file and returns its root group. The root's datasets read from r when they are opened.
func Open(r io.ReaderAt, size int64) (*Object, error) {
	if size <= 0 {
		return nil, fail(fault.EmptyFile, "", "", "0 bytes")
	}
	f := &file{r: r, size: uint64(size), left: free + size, pages: map[uint64][]byte{}, heaps: map[uint64]map[uint16][]byte{}}
	root, err := f.superblock()
	if err != nil {
		return nil, err
	}
	return f.object(root, "", 0)
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "hdf5", Where: where, Expected: expected, Found: found}
}

// superblock reads where the root group is. All numbers of a file are little-endian; addresses and lengths have 8 bytes, as
// in every file that h5py writes.
func (f *file) superblock() (root uint64, err error) {
	c := f.at(0, min(f.size, 96), "superblock")
	if s := string(c.take(8)); c.err == nil && s != signature {
		return 0, fail(fault.WrongMagic, "byte 0", "an HDF5 file", fault.Quote(s))
	}
	version := c.byte()
	switch version {
	case 0, 1:
		c.take(4)
	case 2, 3:
	default:
		c.unsupported("superblock version 0 to 3", fmt.Sprint(version))
	}
	if o, l := c.byte(), c.byte(); o != 8 || l != 8 {
		c.unsupported("addresses and lengths of 8 bytes", fmt.Sprintf("%d and %d", o, l))
	}
	c.take(1)
	if version < 2 {
		c.take(8 + 4*int(version)) // the groups' tree sizes, which the nodes say themselves
	}
	if base := c.u64(); base != 0 {
		c.unsupported("a base address of 0", fmt.Sprint(base))
	}
	c.u64() // free space, or the superblock's extension
	end := c.u64()
	if c.err == nil && end > f.size {
		return 0, fail(fault.Truncated, "superblock", fault.Bytes(end), fault.Bytes(f.size))
	}
	if version < 2 {
		c.take(16) // the driver, and the root's name
	}
	return c.u64(), c.err
}
