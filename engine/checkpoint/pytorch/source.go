package pytorch

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"loupe/engine/fault"
)

// source reads a part of a file a window at a time, and keeps the accounts of what is made of it. After the first error
// it gives zeros: look at err after each opcode.
type source struct {
	r       io.ReaderAt
	at, end int64 // of what is not in window yet
	window  []byte
	buf     []byte
	left    int64 // bytes of memory that may still be taken
	err     error
}

// newSource reads size bytes at off. A pickle may make values of as many bytes of memory as the file has, and 8 MB: a
// vocabulary takes six times its bytes, and stands beside weights.
func newSource(r io.ReaderAt, off, size, file int64) source {
	return source{r: r, at: off, end: off + size, left: file + 8<<20, buf: make([]byte, min(size, 1<<16))}
}

// pos is the place in the file of the next byte.
func (s *source) pos() int64 { return s.at - int64(len(s.window)) }

// remaining is how many bytes follow.
func (s *source) remaining() int64 { return s.end - s.pos() }

func (s *source) fail(code fault.Code, where, expected, found string) {
	if s.err == nil {
		s.err = fail(code, where, expected, found)
	}
}

// spend takes n bytes of memory into account.
func (s *source) spend(n int64) {
	if s.left -= n; s.left < 0 {
		s.fail(fault.TooLarge, fmt.Sprint("byte ", s.pos()), "a pickle whose values take no more memory than the file", "more")
	}
}

// next gives n bytes, n <= len(buf), which are valid until the next call.
func (s *source) next(n int) []byte {
	if s.err == nil && len(s.window) < n {
		if s.remaining() < int64(n) {
			s.fail(fault.Truncated, fmt.Sprint("byte ", s.pos()), fault.Bytes(n), fault.Bytes(s.remaining()))
		} else {
			s.fill()
		}
	}
	if s.err != nil {
		return make([]byte, n)
	}
	b := s.window[:n]
	s.window = s.window[n:]
	return b
}

// fill moves what is left of the window to the front of buf and reads on.
func (s *source) fill() {
	kept := copy(s.buf, s.window)
	n := int(min(int64(len(s.buf)-kept), s.end-s.at))
	s.err = readAt(s.r, s.buf[kept:kept+n], s.at, "pickle")
	s.at += int64(n)
	s.window = s.buf[:kept+n]
}

func (s *source) byte() byte { return s.next(1)[0] }

// uint is a little-endian number of n bytes, at most 8.
func (s *source) uint(n int) uint64 {
	var b [8]byte
	copy(b[:], s.next(n))
	return binary.LittleEndian.Uint64(b[:])
}

// take gives a new slice of n bytes, which is proved to be there before it is made.
func (s *source) take(n uint64) []byte {
	switch {
	case s.err != nil:
		return nil
	case n > uint64(s.remaining()):
		s.fail(fault.Truncated, fmt.Sprint("byte ", s.pos()), fault.Bytes(n), fault.Bytes(s.remaining()))
		return nil
	}
	if s.spend(int64(n) + 32); s.err != nil {
		return nil
	}
	b := make([]byte, n)
	k := copy(b, s.window)
	s.window = s.window[k:]
	if k < len(b) {
		s.err = readAt(s.r, b[k:], s.at, "pickle")
		s.at += int64(len(b) - k)
	}
	return b
}

// line is the text up to a newline, at most 1024 bytes.
func (s *source) line() string {
	var b []byte
	for s.err == nil {
		c := s.byte()
		if c == '\n' {
			break
		}
		if b = append(b, c); len(b) > 1024 {
			s.fail(fault.BadPickle, fmt.Sprint("byte ", s.pos()), "a name of at most 1024 bytes", "a longer one")
		}
	}
	s.spend(int64(len(b)) + 32)
	return string(b)
}

// scalar runs the opcodes of numbers and constants.
func (u *unpickler) scalar(op byte) bool {
	switch op {
	case 0x80: // PROTO
		if v := u.byte(); v > 5 {
			u.bad("", "protocol 2 to 5", fmt.Sprint(v))
		}
	case 0x95: // FRAME: its length says nothing that is needed
		u.next(8)
	case 'N':
		u.push(nil)
	case 0x88:
		u.push(true)
	case 0x89:
		u.push(false)
	case 'J':
		u.number(int64(int32(u.uint(4))))
	case 'K':
		u.number(int64(u.byte()))
	case 'M':
		u.number(int64(u.uint(2)))
	case 'G': // BINFLOAT is big-endian
		u.spend(8)
		u.push(math.Float64frombits(binary.BigEndian.Uint64(u.next(8))))
	case 0x8a: // LONG1
		u.long(u.take(uint64(u.byte())))
	case 0x8b: // LONG4
		u.long(u.take(u.uint(4)))
	default:
		return false
	}
	return true
}

func (u *unpickler) number(n int64) {
	u.spend(8)
	u.push(n)
}

// long is a little-endian two's complement number.
func (u *unpickler) long(b []byte) {
	if len(b) > 8 {
		u.push(big(b))
		return
	}
	var v [8]byte
	if len(b) > 0 && b[len(b)-1]&0x80 != 0 {
		v = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
	}
	copy(v[:], b)
	u.number(int64(binary.LittleEndian.Uint64(v[:])))
}

// bytes runs the opcodes of strings and bytes. Python 2's strings are of bytes; here they are strings.
func (u *unpickler) bytes(op byte) bool {
	switch op {
	case 'X', 'T':
		u.push(string(u.take(u.uint(4))))
	case 0x8c, 'U': // SHORT_BINUNICODE, SHORT_BINSTRING
		u.push(string(u.take(uint64(u.byte()))))
	case 0x8d: // BINUNICODE8
		u.push(string(u.take(u.uint(8))))
	case 'B':
		u.push(u.take(u.uint(4)))
	case 'C':
		u.push(u.take(uint64(u.byte())))
	case 0x8e, 0x96: // BINBYTES8, BYTEARRAY8
		u.push(u.take(u.uint(8)))
	default:
		return false
	}
	return true
}
