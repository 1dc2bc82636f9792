package pytorch

import (
	"slices"
	"strings"

	"loupe/engine/fault"
)

// call runs the opcodes that, in Python, look classes up and call them. Here a class is its name; what the functions of
// builders stand for is made, and anything else becomes an object that records the call.
func (u *unpickler) call(op byte) bool {
	switch op {
	case 'c': // GLOBAL
		module := u.line()
		u.global(module, u.line())
	case 0x93: // STACK_GLOBAL
		name, _ := u.pop().(string)
		module, ok := u.pop().(string)
		if !ok || name == "" {
			u.bad("", "the name of a class", "another value")
		}
		u.global(module, name)
	case 'R', 0x81: // REDUCE, NEWOBJ
		args := u.tuple()
		u.build(u.pop(), args)
	case 0x92: // NEWOBJ_EX: its keyword arguments matter to no class of builders
		u.pop()
		args := u.tuple()
		u.build(u.pop(), args)
	case 'o': // OBJ
		values := u.popMark()
		if len(values) == 0 {
			u.bad("", "a class", "none")
			return true
		}
		c := values[0]
		u.build(c, u.sequence(values[1:], true))
	case 'i': // INST
		module := u.line()
		name := u.line()
		args := u.sequence(u.popMark(), true)
		u.global(module, name)
		u.build(u.pop(), args)
	case 'b': // BUILD
		state := u.pop()
		u.setState(u.top(), state)
	case 'Q': // BINPERSID
		u.push(u.persistent(u.pop()))
	default:
		return false
	}
	return true
}

// tuple pops the arguments of a call.
func (u *unpickler) tuple() *seq {
	v := u.pop()
	t, ok := v.(*seq)
	if !ok || !t.fixed {
		u.bad("", "a tuple of arguments", kind(v))
		return &seq{fixed: true}
	}
	return t
}

// global pushes a class by its name.
func (u *unpickler) global(module, name string) {
	module = strings.Replace(module, "__builtin__", "builtins", 1) // Python 2's name
	u.spend(int64(len(module)+len(name)) + 48)
	u.push(class{module + "." + name})
}

// setState gives an object its attributes. Those of dicts, lists and tensors (a state_dict's _metadata) are of no use here.
func (u *unpickler) setState(to, state any) {
	switch to := to.(type) {
	case *object:
		to.state = state
	case *dict, *seq, *array:
	default:
		u.bad("", "an object to give attributes to", kind(to))
	}
}

// builders are the functions and classes whose results are known; the key is without module where several modules have it.
var builders = map[string]func(u *unpickler, args []any) any{
	"collections.OrderedDict":                        mapping,
	"collections.defaultdict":                        func(*unpickler, []any) any { return &dict{} },
	"collections.Counter":                            mapping,
	"builtins.dict":                                  mapping,
	"builtins.set":                                   listing,
	"builtins.frozenset":                             listing,
	"builtins.list":                                  listing,
	"torch.Size":                                     tupled,
	"torch._utils._rebuild_tensor":                   rebuildTensor,
	"torch._utils._rebuild_tensor_v2":                rebuildTensor,
	"torch._utils._rebuild_tensor_v3":                rebuildTensor,
	"torch._utils._rebuild_parameter":                first,
	"torch._utils._rebuild_parameter_with_state":     first,
	"torch._tensor._rebuild_from_type_v2":            fromType,
	"torch.nn.parameter.Parameter":                   first,
	"copy_reg._reconstructor":                        reconstruct,
	"copyreg._reconstructor":                         reconstruct,
	"torch._utils._rebuild_qtensor":                  unreadable("a quantised tensor"),
	"torch._utils._rebuild_sparse_tensor":            unreadable("a sparse tensor"),
	"torch._utils._rebuild_sparse_csr_tensor":        unreadable("a sparse tensor"),
	"torch._utils._rebuild_nested_tensor":            unreadable("a nested tensor"),
	"torch._utils._rebuild_meta_tensor_no_storage":   unreadable("a tensor without numbers (meta)"),
	"torch._utils._rebuild_wrapper_subclass":         unreadable("a tensor of another kind"),
	"torch._utils._rebuild_device_tensor_from_numpy": unreadable("a tensor of another device"),
	"torch._utils._rebuild_xla_tensor":               unreadable("a tensor of another device"),
}

// build pushes what calling callee with args stands for.
func (u *unpickler) build(callee any, args *seq) {
	name := ""
	switch c := callee.(type) {
	case class:
		name = c.name
	case *object: // a function that another function would have made
		name = c.class
	default:
		u.bad("", "a class or function to call", kind(callee))
		return
	}
	u.spend(128)
	if u.err != nil {
		return
	}
	if _, ok := callee.(class); ok && builders[name] != nil {
		u.push(builders[name](u, args.items))
		return
	}
	if len(u.classes) < 64 && !slices.Contains(u.classes, name) {
		u.classes = append(u.classes, name)
	}
	u.push(&object{class: name, args: args})
}

// mapping is a dict of (another dict, or pairs, or nothing).
func mapping(u *unpickler, args []any) any {
	d := &dict{}
	if len(args) == 0 {
		return d
	}
	if from, ok := args[0].(*dict); ok {
		u.spend(32 * int64(len(from.pairs)))
		d.pairs = slices.Clone(from.pairs)
		return d
	}
	if from, ok := args[0].(*seq); ok {
		for _, v := range from.items {
			p, ok := v.(*seq)
			if !ok || len(p.items) != 2 {
				u.bad("", "pairs of key and value", kind(v))
				return d
			}
			u.setItems(d, p.items)
		}
	}
	return d
}

// listing is a list of the members of another.
func listing(u *unpickler, args []any) any {
	if len(args) == 1 {
		if from, ok := args[0].(*seq); ok {
			return u.sequence(from.items, false)
		}
	}
	return &seq{}
}

func tupled(u *unpickler, args []any) any {
	s, _ := listing(u, args).(*seq)
	return &seq{items: s.items, fixed: true}
}

// first is a parameter: its tensor.
func first(u *unpickler, args []any) any {
	if len(args) > 0 {
		if t, ok := args[0].(*array); ok {
			return t
		}
	}
	return &object{class: "torch.nn.parameter.Parameter"}
}

// reconstruct is an object of the class args[0], before it gets its attributes.
func reconstruct(u *unpickler, args []any) any {
	if len(args) == 0 {
		u.bad("", "a class", "none")
		return nil
	}
	c, ok := args[0].(class)
	if !ok {
		u.bad("", "a class", kind(args[0]))
	}
	if len(u.classes) < 64 && !slices.Contains(u.classes, c.name) {
		u.classes = append(u.classes, c.name)
	}
	return &object{class: c.name}
}

// fromType is a tensor of a subclass: args are (function, class, its arguments, attributes).
func fromType(u *unpickler, args []any) any {
	if len(args) >= 3 {
		f, isClass := args[0].(class)
		in, isTuple := args[2].(*seq)
		if isClass && isTuple && (f.name == "torch._utils._rebuild_tensor_v2" || f.name == "torch._utils._rebuild_tensor_v3") {
			return rebuildTensor(u, in.items)
		}
	}
	return &array{unreadable: "a tensor of another kind"}
}

// unreadable makes tensors that have no plain numbers.
func unreadable(what string) func(*unpickler, []any) any {
	return func(*unpickler, []any) any { return &array{unreadable: what} }
}

// persistent is what a persistent id stands for: ("storage", type, key, place, elements[, view]) or ("module", class, ..).
func (u *unpickler) persistent(id any) any {
	t, _ := id.(*seq)
	if t == nil || len(t.items) < 2 {
		u.bad("", "a persistent id of torch.save", kind(id))
		return nil
	}
	c, isClass := t.items[1].(class)
	switch {
	case t.items[0] == "module" && isClass:
		return c
	case t.items[0] == "storage" && isClass && len(t.items) >= 5:
		return u.storage(c, t.items)
	}
	u.bad("", "a persistent id of torch.save", fault.Quote(fmtAny(t.items[0])))
	return nil
}

func fmtAny(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return kind(v)
}
