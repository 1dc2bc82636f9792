package hdf5

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"loupe/engine/fault"
)

// add reads the object at addr into a group.
func (f *file) add(o *Object, name string, addr uint64, depth int) error {
	where := "group " + fault.Quote(o.Name)
	if name == "" || strings.Contains(name, "/") || !utf8.ValidString(name) {
		return fail(fault.BadHDF5, where, "a name", fault.Quote(name))
	}
	if o.byName[name] != nil {
		return fail(fault.DuplicateTensor, where, "once", fault.Quote(name)+" twice")
	}
	m, err := f.object(addr, name, depth+1)
	if err != nil {
		return err
	}
	if o.byName == nil {
		o.byName = map[string]*Object{}
	}
	o.byName[name] = m
	o.Members = append(o.Members, m)
	return nil
}

// symbols reads a group of the old kind: a B-tree of symbol table nodes, whose names lie in a local heap.
func (f *file) symbols(c *cursor, o *Object, depth int) error {
	tree, heap := c.u64(), c.u64()
	if c.err != nil {
		return c.err
	}
	h := f.at(heap, 32, "local heap")
	h.tag("HEAP")
	h.take(4)
	size := h.u64()
	h.u64()
	addr := h.u64()
	if h.err != nil {
		return h.err
	}
	names := f.at(addr, size, "names of "+fault.Quote(o.Name))
	if names.err != nil {
		return names.err
	}
	return f.tree(tree, 0, -1, 8, func(_ []byte, child uint64) error {
		return f.symbolNode(child, names.b, o, depth)
	})
}

// tree walks a B-tree of version 1, kind 0 (groups) or 1 (chunks), and calls leaf with each key [keySize] and child of the
// lowest level. level is the level expected, -1: any.
func (f *file) tree(addr uint64, kind byte, level, keySize int, leaf func(key []byte, child uint64) error) error {
	c := f.at(addr, 24, "B-tree")
	c.tag("TREE")
	if k := c.byte(); c.err == nil && k != kind {
		c.wrong(fmt.Sprint("a tree of kind ", kind), fmt.Sprint(k))
	}
	at, count := int(c.byte()), int(c.u16())
	switch {
	case c.err != nil:
	case level >= 0 && at != level:
		c.wrong(fmt.Sprint("level ", level), fmt.Sprint(at))
	case at >= maxDepth:
		c.wrong(fmt.Sprintf("at most %d levels", maxDepth), fmt.Sprint(at))
	}
	if c.err != nil {
		return c.err
	}
	e := f.at(addr+24, uint64(count*(keySize+8)), "B-tree entries")
	for range count {
		key, child := e.take(keySize), e.u64()
		if e.err != nil {
			break
		}
		var err error
		if at == 0 {
			err = leaf(key, child)
		} else {
			err = f.tree(child, kind, at-1, keySize, leaf)
		}
		if err != nil {
			return err
		}
	}
	return e.err
}

// symbolNode reads the entries of a symbol table node.
func (f *file) symbolNode(addr uint64, names []byte, o *Object, depth int) error {
	c := f.at(addr, 8, "symbol table")
	c.tag("SNOD")
	c.version(1)
	c.take(1)
	count := int(c.u16())
	if c.err != nil {
		return c.err
	}
	c = f.at(addr+8, uint64(count*40), "symbol table entries")
	for range count {
		off, header, cache := c.u64(), c.u64(), c.u32()
		c.take(20)
		switch {
		case c.err != nil:
			return c.err
		case off >= uint64(len(names)):
			c.wrong(fmt.Sprint("a name below ", len(names)), fmt.Sprint(off))
			return c.err
		case cache == 2:
			c.unsupported("members", "a soft link")
			return c.err
		}
		name, _, ended := bytes.Cut(names[off:], []byte{0})
		if !ended {
			c.wrong("a name that ends", "none")
			return c.err
		}
		if err := f.add(o, string(name), header, depth); err != nil {
			return err
		}
	}
	return c.err
}

// link reads a link message: a member of a group of the new kind.
func (f *file) link(c *cursor, o *Object, depth int) error {
	c.version(1)
	flags := c.byte()
	if flags&8 != 0 {
		if kind := c.byte(); kind != 0 {
			c.unsupported("members", "a soft or external link")
		}
	}
	if flags&4 != 0 {
		c.u64() // the order of creation
	}
	if flags&16 != 0 {
		c.byte() // ASCII or UTF-8
	}
	n := c.uint(1 << (flags & 3))
	name := c.take(int(min(n, 1<<30)))
	addr := c.u64()
	if c.err != nil {
		return c.err
	}
	return f.add(o, string(name), addr, depth)
}
