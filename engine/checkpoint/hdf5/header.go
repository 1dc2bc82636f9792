package hdf5

import (
	"fmt"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// The kinds of messages in an object's header that are read.
const (
	msgSpace     = 0x01
	msgLinkInfo  = 0x02
	msgType      = 0x03
	msgExternal  = 0x07
	msgLink      = 0x06
	msgLayout    = 0x08
	msgFilters   = 0x0b
	msgAttribute = 0x0c
	msgContinue  = 0x10
	msgSymbols   = 0x11
	msgAttrInfo  = 0x15
)

// message is one message of an object's header.
type message struct {
	kind uint16
	cursor
}

// object reads an object's header and all that is below it.
func (f *file) object(addr uint64, name string, depth int) (*Object, error) {
	if depth > maxDepth {
		return nil, fail(fault.BadHDF5, "group "+fault.Quote(name), fmt.Sprintf("at most %d groups in one another", maxDepth), "more")
	}
	if f.objects++; f.objects > format.MaxTensors {
		return nil, fail(fault.TooLarge, "", fmt.Sprintf("at most %d objects", format.MaxTensors), "more")
	}
	messages, err := f.header(addr, name)
	if err != nil {
		return nil, err
	}
	o := &Object{Name: name, Attrs: map[string]any{}}
	d := dataset{f: f, what: "dataset " + fault.Quote(name)}
	for i := range messages {
		c := &messages[i].cursor
		switch messages[i].kind {
		case msgSpace:
			d.shape, d.empty = space(c)
		case msgType:
			d.kind = datatype(c)
		case msgLayout:
			d.layout(c)
		case msgFilters:
			d.pipeline(c)
		case msgExternal:
			c.unsupported("numbers in this file", "a list of other files")
		case msgAttribute:
			f.attribute(c, o.Attrs)
		case msgAttrInfo:
			f.denseAttributes(c, o.Attrs)
		case msgSymbols:
			err = f.symbols(c, o, depth)
		case msgLink:
			err = f.link(c, o, depth)
		case msgLinkInfo:
			err = f.denseLinks(c, o, depth)
		}
		if err == nil {
			err = c.err
		}
		if err != nil {
			return nil, err
		}
	}
	if d.stored != 0 {
		o.Data, err = d.tensor(o.Attrs)
	}
	return o, err
}

// header reads the messages of an object header, version 1 or 2, and of the blocks where it goes on. The checksums of
// version 2 are not looked at: what they guard is checked one by one.
func (f *file) header(addr uint64, name string) ([]message, error) {
	what := "header of " + fault.Quote(name)
	c := f.at(addr, min(16, f.size-min(addr, f.size)), what)
	if string(c.take(4)) == "OHDR" {
		return f.header2(addr, what)
	}
	c.i = 0
	c.version(1)
	c.take(1)
	count := int(c.u16())
	c.take(4)
	size := uint64(c.u32())
	if c.err != nil {
		return nil, c.err
	}
	var out []message
	blocks := []*cursor{f.at(addr+16, size, what)}
	for i := 0; i < len(blocks); i++ {
		b := blocks[i]
		for b.more() >= 8 && len(out) < count {
			kind, n, flags := b.u16(), b.u16(), b.byte()
			b.take(3)
			next, err := f.message(b, kind, int(n), flags, &out)
			if err != nil {
				return nil, err
			}
			if next != nil {
				blocks = append(blocks, next)
			}
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	return out, nil
}

// header2 reads an object header of version 2.
func (f *file) header2(addr uint64, what string) ([]message, error) {
	c := f.at(addr, min(64, f.size-addr), what)
	c.tag("OHDR")
	c.version(2)
	flags := c.byte()
	if flags&0x20 != 0 {
		c.take(16) // times
	}
	if flags&0x10 != 0 {
		c.take(4) // when attributes become dense
	}
	size := c.uint(1 << (flags & 3))
	if c.err != nil {
		return nil, c.err
	}
	var out []message
	blocks := []*cursor{f.at(addr+uint64(c.i), size, what)}
	for i := 0; i < len(blocks); i++ {
		b := blocks[i]
		if i > 0 {
			b.tag("OCHK")
			b.b = b.b[:max(len(b.b)-4, b.i)] // without its checksum
		}
		head := 4
		if flags&4 != 0 {
			head = 6
		}
		for b.more() >= head {
			kind, n, mflags := uint16(b.byte()), b.u16(), b.byte()
			b.take(head - 4) // the order of creation
			next, err := f.message(b, kind, int(n), mflags, &out)
			if err != nil {
				return nil, err
			}
			if next != nil {
				blocks = append(blocks, next)
			}
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	return out, nil
}

// message takes the body of one message from b, n bytes, and adds it to out, or returns the block where the header goes on.
func (f *file) message(b *cursor, kind uint16, n int, flags byte, out *[]message) (*cursor, error) {
	m := message{kind, cursor{what: fmt.Sprintf("%s, message %#x", b.what, kind)}}
	m.b = b.take(n)
	if b.err != nil {
		return nil, b.err
	}
	switch kind {
	case msgContinue:
		addr, size := m.u64(), m.u64()
		if m.err != nil {
			return nil, m.err
		}
		*out = append(*out, message{kind: kind}) // version 1 counts it
		next := f.at(addr, size, "continued header")
		return next, next.err
	case msgSpace, msgType, msgFilters, msgAttribute, msgLayout:
		if flags&2 != 0 {
			m.unsupported("a message of its own", "one that objects share")
			return nil, m.err
		}
	}
	*out = append(*out, m)
	return nil, f.pay(0, m.what)
}
