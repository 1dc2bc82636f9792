package pytorch

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// maxDirectory is the longest directory of a zip, in bytes: that of more tensors than format.MaxTensors.
const maxDirectory = 16 << 20

// member is a file inside a zip. torch.save compresses nothing; TorchScript does it with source code, which is not read.
type member struct {
	name   string
	header int64 // where its own header begins
	place  place // its bytes
	packed bool  // compressed
}

// stored is an error if a member that is needed is compressed.
func (m *member) stored() error {
	if m.packed {
		return fail(fault.BadZip, "zip entry "+fault.Quote(m.name), "a stored entry, as torch.save writes it", "a compressed one")
	}
	return nil
}

// readZip lists a zip's members and proves that each lies in the file and that none overlaps another. Checksums are
// not looked at, as torch does not: it may write zips without them.
func readZip(r io.ReaderAt, size int64) ([]member, error) {
	dir, at, n, err := readDirectory(r, size)
	if err != nil {
		return nil, err
	}
	members := make([]member, 0, min(n, int64(len(dir)/46)))
	for len(dir) > 0 {
		m, rest, err := readEntry(dir)
		if err != nil {
			return nil, err
		}
		members, dir = append(members, m), rest
	}
	if int64(len(members)) != n {
		return nil, fail(fault.BadZip, "zip directory", fmt.Sprintf("%d entries", n), fmt.Sprint(len(members)))
	}
	slices.SortFunc(members, func(a, b member) int { return int(min(max(a.header-b.header, -1), 1)) })
	end := int64(0)
	for i := range members {
		m := &members[i]
		where := "zip entry " + fault.Quote(m.name)
		if m.header < end {
			return nil, fail(fault.BadZip, where, "entries that do not overlap", fmt.Sprintf("one at byte %d, before %d", m.header, end))
		}
		if err := m.locate(r, at); err != nil {
			return nil, err
		}
		end = m.place.at + m.place.bytes
	}
	return members, nil
}

// readDirectory finds a zip's directory by the record at the end of the file, or by the longer one that it points to. n is how
// many entries it should have.
func readDirectory(r io.ReaderAt, size int64) (dir []byte, at, n int64, err error) {
	tail := make([]byte, min(size, 1<<16+22))
	if err := readAt(r, tail, size-int64(len(tail)), "zip directory"); err != nil {
		return nil, 0, 0, err
	}
	i := strings.LastIndex(string(tail), "PK\x05\x06")
	if i < 0 || len(tail)-i < 22 {
		return nil, 0, 0, fail(fault.Truncated, "end of the file", "a zip's directory", "none: the file is cut, or no zip")
	}
	end := tail[i:]
	ends := size - int64(len(end)) // of the directory
	n, length, at := int64(binary.LittleEndian.Uint16(end[10:])), int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if i >= 20 && string(tail[i-20:i-16]) == "PK\x06\x07" {
		var long [56]byte
		ends = int64(min(binary.LittleEndian.Uint64(tail[i-12:]), 1<<62))
		if ends > size-76 {
			return nil, 0, 0, fail(fault.BadZip, "zip directory", "one inside the file", fmt.Sprint("byte ", ends))
		}
		if err := readAt(r, long[:], ends, "zip directory"); err != nil {
			return nil, 0, 0, err
		}
		if string(long[:4]) != "PK\x06\x06" {
			return nil, 0, 0, fail(fault.BadZip, fmt.Sprint("byte ", ends), "the end of a zip's directory", "other bytes")
		}
		n, length, at = int64(binary.LittleEndian.Uint64(long[32:])), int64(binary.LittleEndian.Uint64(long[40:])), int64(binary.LittleEndian.Uint64(long[48:]))
	}
	switch {
	case length < 0 || at < 0 || at > ends || length != ends-at:
		return nil, 0, 0, fail(fault.BadZip, "zip directory", fmt.Sprintf("one that ends at byte %d", ends), fmt.Sprintf("%s at %d", fault.Bytes(length), at))
	case length > maxDirectory || n < 0 || n > format.MaxTensors+64:
		return nil, 0, 0, fail(fault.TooLarge, "zip directory", fmt.Sprintf("at most %d entries", format.MaxTensors), fmt.Sprint(n))
	}
	dir = make([]byte, length)
	return dir, at, n, readAt(r, dir, at, "zip directory")
}

// readEntry reads one entry of the directory.
func readEntry(dir []byte) (m member, rest []byte, err error) {
	if len(dir) < 46 || string(dir[:4]) != "PK\x01\x02" {
		return m, nil, fail(fault.BadZip, "zip directory", "an entry", "other bytes")
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(dir[at:])) }
	u32 := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(dir[at:])) }
	name, extra, comment := u16(28), u16(30), u16(32)
	if len(dir) < 46+name+extra+comment {
		return m, nil, fail(fault.BadZip, "zip directory", "an entry", "the end")
	}
	m.name = string(dir[46 : 46+name])
	where := "zip entry " + fault.Quote(m.name)
	packed, size, header := u32(20), u32(24), u32(42)
	if !long(dir[46+name:46+name+extra], &size, &packed, &header) {
		return m, nil, fail(fault.BadZip, where, "sizes of 64 bits", "none")
	}
	switch {
	case !utf8.ValidString(m.name):
		return m, nil, fail(fault.BadZip, where, "a name in UTF-8", "another encoding")
	case u16(8)&1 != 0:
		return m, nil, fail(fault.BadZip, where, "no password", "an encrypted entry")
	case packed > 1<<62 || header > 1<<62 || u16(10) == 0 && packed != size:
		return m, nil, fail(fault.BadZip, where, fault.Bytes(packed), fault.Bytes(size))
	}
	m.header, m.place.bytes, m.packed = int64(header), int64(packed), u16(10) != 0
	return m, dir[46+name+extra+comment:], nil
}

// long replaces those of an entry's numbers that do not fit into 32 bits by those of its extra field 1.
func long(extra []byte, numbers ...*uint64) bool {
	var wide []byte
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if n > len(extra)-4 {
			break
		}
		if id == 1 {
			wide = extra[4 : 4+n]
		}
		extra = extra[4+n:]
	}
	for _, n := range numbers {
		if *n != 1<<32-1 {
			continue
		}
		if len(wide) < 8 {
			return false
		}
		*n, wide = binary.LittleEndian.Uint64(wide), wide[8:]
	}
	return true
}

// locate reads a member's own header, behind which its bytes lie; all of it is before byte end.
func (m *member) locate(r io.ReaderAt, end int64) error {
	where := "zip entry " + fault.Quote(m.name)
	var h [30]byte
	if m.header > end-30 {
		return fail(fault.BadZip, where, fmt.Sprintf("a header before byte %d", end), fmt.Sprint(m.header))
	}
	if err := readAt(r, h[:], m.header, where); err != nil {
		return err
	}
	m.place.at = m.header + 30 + int64(binary.LittleEndian.Uint16(h[26:])) + int64(binary.LittleEndian.Uint16(h[28:]))
	switch {
	case string(h[:4]) != "PK\x03\x04":
		return fail(fault.BadZip, where, "a header", "other bytes")
	case m.packed != (binary.LittleEndian.Uint16(h[8:]) != 0):
		return fail(fault.BadZip, where, "what the directory says", "another way to store it")
	case m.place.bytes > end || m.place.at > end-m.place.bytes:
		return fail(fault.Truncated, where, fault.Bytes(m.place.bytes), fmt.Sprintf("%d before the directory", end-m.place.at))
	}
	return nil
}
