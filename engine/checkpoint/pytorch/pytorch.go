// Package pytorch reads what torch.save writes: a pickle and the bytes of its storages, in a zip (since PyTorch 1.6) or one after
// the other (before). TorchScript archives have the same form. The pickle is run by an interpreter that makes plain values only:
// no class is looked up, no function called, whatever a file asks for (unpickler). Every tensor is proved to lie in its storage,
// and every storage in the file, before one is read.
package pytorch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// container is a file's storages and what it is pickled with.
type container struct {
	r         io.ReaderAt
	size      int64
	places    map[string]place // of storages, by key
	bigEndian bool
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "pytorch", Where: where, Expected: expected, Found: found}
}

func readAt(r io.ReaderAt, b []byte, off int64, where string) error {
	if e := format.ReadAt(r, b, off, where); e != nil {
		e.In = "pytorch"
		return e
	}
	return nil
}

// Match reports whether a file's first bytes are those of a file of torch.save: a zip whose first member is one of its own, or
// a pickle of the magic number of the older form.
func Match(head []byte) bool {
	if len(head) > 30 && string(head[:4]) == "PK\x03\x04" {
		n := int(binary.LittleEndian.Uint16(head[26:]))
		name := string(head[30:min(len(head), 30+n)])
		for _, own := range []string{"/data.pkl", "/data/", "/version", "/byteorder", "/constants.pkl", "/code/", "/.data/", "/.format_version", "/extra/"} {
			if strings.Contains(name, own) {
				return true
			}
		}
		return name == "data.pkl"
	}
	return len(head) > 2 && head[0] == 0x80 && head[1] <= 5 && bytes.Contains(head[:min(len(head), 32)], magic)
}

// Open reads the pickle, chooses the weights in it and proves where their numbers are.
func Open(r io.ReaderAt, size int64) (*format.File, error) {
	var head [4]byte
	if size < 4 {
		return nil, fail(fault.EmptyFile, "", "a file of torch.save", fault.Bytes(size))
	}
	if err := readAt(r, head[:], 0, ""); err != nil {
		return nil, err
	}
	c := &container{r: r, size: size, places: map[string]place{}}
	var top any
	var u *unpickler
	var err error
	if string(head[:2]) == "PK" {
		top, u, err = c.openZip()
	} else {
		top, u, err = c.openLegacy()
	}
	if err != nil {
		return nil, err
	}
	return c.file(top, u)
}

// openZip reads the zip's data.pkl. Its members lie in one folder.
func (c *container) openZip() (any, *unpickler, error) {
	members, err := readZip(c.r, c.size)
	if err != nil {
		return nil, nil, err
	}
	var pickle *member
	for i := range members {
		name := members[i].name
		if name != "data.pkl" && !strings.HasSuffix(name, "/data.pkl") {
			continue
		}
		if pickle != nil {
			return nil, nil, fail(fault.BadZip, "zip directory", "one data.pkl", fault.Quote(pickle.name)+" and "+fault.Quote(name))
		}
		pickle = &members[i]
	}
	if pickle == nil {
		return nil, nil, fail(fault.BadZip, "zip directory", "data.pkl, as torch.save writes it", "none")
	}
	folder := strings.TrimSuffix(pickle.name, "data.pkl")
	for _, m := range members {
		name, ok := strings.CutPrefix(m.name, folder)
		if key, isStorage := strings.CutPrefix(name, "data/"); ok && isStorage {
			if _, twice := c.places[key]; twice {
				return nil, nil, fail(fault.BadZip, "zip entry "+fault.Quote(m.name), "once", "twice")
			}
			if err := m.stored(); err != nil {
				return nil, nil, err
			}
			c.places[key] = m.place
		}
		if ok && name == "byteorder" {
			if err := c.byteOrder(m); err != nil {
				return nil, nil, err
			}
		}
	}
	if err := pickle.stored(); err != nil {
		return nil, nil, err
	}
	u := &unpickler{source: newSource(c.r, pickle.place.at, pickle.place.bytes, c.size)}
	top, err := u.run()
	return top, u, err
}

func (c *container) byteOrder(m member) error {
	b := make([]byte, min(m.place.bytes, 8))
	if err := m.stored(); err != nil {
		return err
	}
	if err := readAt(c.r, b, m.place.at, "byteorder"); err != nil {
		return err
	}
	if c.bigEndian = string(b) == "big"; !c.bigEndian && string(b) != "little" {
		return fail(fault.BadZip, "zip entry "+fault.Quote(m.name), "little or big", fault.Quote(string(b)))
	}
	return nil
}

// magic is 0x1950a86a20f9469cfc6c, as a pickle has it.
var magic = []byte{0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19}

// openLegacy reads five pickles (the magic number, the protocol, the machine, the object, the keys of its storages) and finds
// the storages behind them: for each, 8 bytes with the number of its elements, and those, always little-endian.
func (c *container) openLegacy() (any, *unpickler, error) {
	u := &unpickler{source: newSource(c.r, 0, c.size, c.size)}
	number, err := u.run()
	if b, ok := number.(big); err == nil && (!ok || !bytes.Equal(b, magic[2:])) {
		err = fail(fault.BadPickle, "byte 0", "the magic number of torch.save", kind(number))
	}
	if err != nil {
		return nil, nil, err
	}
	version, err := u.run()
	if err == nil && version != int64(1001) {
		err = fail(fault.BadPickle, "the second pickle", "protocol 1001", kind(version))
	}
	if err != nil {
		return nil, nil, err
	}
	if _, err := u.run(); err != nil {
		return nil, nil, err
	}
	top, err := u.run()
	if err != nil {
		return nil, nil, err
	}
	keys, err := u.run()
	if err != nil {
		return nil, nil, err
	}
	return top, u, c.findStorages(keys, u)
}

// findStorages notes where the storages lie that follow the pickles, in the order of keys. How wide their elements are is known
// from the tensors that use them.
func (c *container) findStorages(keys any, u *unpickler) error {
	list, ok := keys.(*seq)
	if !ok || len(list.items) > format.MaxTensors {
		return fail(fault.BadPickle, fmt.Sprint("byte ", u.pos()), "a list of storages", kind(keys))
	}
	at := u.pos()
	for _, k := range list.items {
		key, ok := k.(string)
		s := u.storages[key]
		if !ok || s == nil {
			return fail(fault.BadPickle, "the list of storages", "storages of the tensors", fault.Quote(fmtAny(k)))
		}
		where := "storage " + fault.Quote(key)
		if _, twice := c.places[key]; twice {
			return fail(fault.BadPickle, where, "once", "twice")
		}
		var b [8]byte
		if err := readAt(c.r, b[:], at, where); err != nil {
			return err
		}
		at += 8
		n := binary.LittleEndian.Uint64(b[:])
		if n > 1<<48 || n*s.element.size != s.bytes {
			return fail(fault.BadPickle, where, fmt.Sprintf("%d elements", s.bytes/s.element.size), fmt.Sprint(n))
		}
		if s.bytes > uint64(c.size-at) {
			return fail(fault.Truncated, where, fault.Bytes(s.bytes), fault.Bytes(c.size-at))
		}
		c.places[key] = place{at, int64(s.bytes)}
		at += int64(s.bytes)
	}
	return nil
}
