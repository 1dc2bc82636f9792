package pytorch

import (
	"strings"
)

// What a pickle makes, besides nil, bool, int64, float64, string and []byte. Nothing else is ever made: a class that
// this package does not know is an object, a record of what it would have been called with.
type (
	// seq is a list, a tuple or a set.
	seq struct {
		items []any
		fixed bool // a tuple
	}
	// dict keeps the order of the file. A key may stand twice; the last one counts.
	dict struct{ pairs []pair }
	pair struct{ key, value any }
	// class is a Python class or function, by name: never looked up, never called.
	class struct{ name string }
	// object is an instance of an unknown class.
	object struct {
		class string
		args  *seq // of its constructor
		state any  // what __setstate__ or its __dict__ would get: usually a *dict
		items []any
		pairs []pair
	}
	// big is a whole number of more than 8 bytes, as it stands.
	big []byte
	// mark is on the stack where a MARK is.
	mark struct{}
)

// get is the value of a key, nil if there is none.
func (d *dict) get(key string) any {
	for i := len(d.pairs) - 1; i >= 0; i-- {
		if d.pairs[i].key == key {
			return d.pairs[i].value
		}
	}
	return nil
}

// attrs are the attributes of an object, as far as they are kept in its __dict__: nil if there are none.
func (o *object) attrs() *dict {
	state := o.state
	if t, ok := state.(*seq); ok && t.fixed && len(t.items) == 2 { // (__dict__, __slots__)
		state = t.items[0]
	}
	d, _ := state.(*dict)
	return d
}

// isModule reports whether an object is an nn.Module, by its attributes.
func (o *object) isModule() bool {
	d := o.attrs()
	if d == nil {
		return false
	}
	_, ok := d.get("_modules").(*dict)
	return ok || o.scripted()
}

// scripted reports whether an object is a module of a TorchScript archive: its attributes are parameters and modules.
func (o *object) scripted() bool { return strings.HasPrefix(o.class, "__torch__.") }

// fields are the pairs of whatever has named parts; a list's parts are named by their place.
func fields(v any) []pair {
	switch v := v.(type) {
	case *dict:
		return v.pairs
	case *object:
		if d := v.attrs(); d != nil {
			return append(d.pairs[:len(d.pairs):len(d.pairs)], v.pairs...)
		}
		return v.pairs
	}
	return nil
}
