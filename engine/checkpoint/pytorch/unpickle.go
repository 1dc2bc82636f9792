package pytorch

import (
	"fmt"

	"loupe/engine/fault"
)

// Limits of a pickle. What it makes is bounded by the file's size as well: see source.spend.
const (
	maxMemo  = 1 << 20
	maxMarks = 256 // lists, dicts and calls that are open at once
)

// unpickler runs a pickle of protocol 2 to 5, as far as torch.save writes them (the opcodes are those of Python's
// pickletools). It makes plain values only; nothing is imported, called or executed.
type unpickler struct {
	source
	stack []any
	marks int
	memo  []any
	// storages are those that it speaks of, by key.
	storages map[string]*storage
	// classes are the unknown classes and functions that it named, each once, at most 64.
	classes []string
}

// run reads one pickle, up to its STOP.
func (u *unpickler) run() (any, error) {
	u.stack, u.memo, u.marks = u.stack[:0], u.memo[:0], 0
	for u.err == nil {
		at := u.pos()
		op := u.byte()
		switch {
		case u.err != nil:
		case op == '.':
			v := u.pop()
			return v, u.err
		case !u.scalar(op) && !u.bytes(op) && !u.contain(op) && !u.remember(op) && !u.call(op):
			u.bad(fmt.Sprint("byte ", at), "an opcode of protocol 2 to 5 that torch.save writes", fmt.Sprintf("0x%02x", op))
		}
	}
	return nil, u.err
}

// bad notes what is wrong, if nothing was before.
func (u *unpickler) bad(where, expected, found string) {
	if where == "" {
		where = fmt.Sprint("byte ", u.pos())
	}
	u.fail(fault.BadPickle, where, expected, found)
}

func (u *unpickler) push(v any) {
	if len(u.stack) == cap(u.stack) {
		u.spend(32 * int64(max(len(u.stack), 64)))
	}
	if u.err == nil {
		u.stack = append(u.stack, v)
	}
}

// pop takes the last value. What is popped too often is nil, and an error.
func (u *unpickler) pop() any {
	v := u.top()
	if u.err == nil {
		u.stack = u.stack[:len(u.stack)-1]
	}
	return v
}

func (u *unpickler) top() any {
	if len(u.stack) == 0 {
		u.bad("", "a value on the stack", "none")
		return nil
	}
	v := u.stack[len(u.stack)-1]
	if _, ok := v.(mark); ok {
		u.bad("", "a value on the stack", "a MARK")
		return nil
	}
	return v
}

// popMark takes the values after the last MARK, and the MARK. They are valid until the next push.
func (u *unpickler) popMark() []any {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if _, ok := u.stack[i].(mark); ok {
			values := u.stack[i+1:]
			u.stack = u.stack[:i]
			u.marks--
			return values
		}
	}
	u.bad("", "a MARK on the stack", "none")
	return nil
}

// contain runs the opcodes of lists, tuples, sets and dicts.
func (u *unpickler) contain(op byte) bool {
	switch op {
	case '(':
		if u.marks++; u.marks > maxMarks {
			u.fail(fault.TooLarge, fmt.Sprint("byte ", u.pos()), fmt.Sprintf("at most %d levels of nesting", maxMarks), "more")
		}
		u.push(mark{})
	case ']', 0x8f: // EMPTY_LIST, EMPTY_SET
		u.spend(40)
		u.push(&seq{})
	case ')':
		u.spend(40)
		u.push(&seq{fixed: true})
	case '}':
		u.spend(24)
		u.push(&dict{})
	case 'l', 0x91: // LIST, FROZENSET
		u.push(u.sequence(u.popMark(), false))
	case 't':
		u.push(u.sequence(u.popMark(), true))
	case 0x85, 0x86, 0x87: // TUPLE1, 2, 3
		n := int(op - 0x84)
		if len(u.stack) < n {
			u.bad("", fmt.Sprintf("%d values on the stack", n), fmt.Sprint(len(u.stack)))
			return true
		}
		items := u.sequence(u.stack[len(u.stack)-n:], true)
		u.stack = u.stack[:len(u.stack)-n]
		u.push(items)
	case 'd':
		values := u.popMark()
		d := &dict{}
		u.setItems(d, values)
		u.push(d)
	case 'a':
		v := u.pop()
		u.add(u.top(), v)
	case 'e', 0x90: // APPENDS, ADDITEMS
		values := u.popMark()
		u.add(u.top(), values...)
	case 's':
		v := u.pop()
		k := u.pop()
		u.setItems(u.top(), []any{k, v})
	case 'u':
		values := u.popMark()
		u.setItems(u.top(), values)
	default:
		return false
	}
	return true
}

// sequence is a new list or tuple of values.
func (u *unpickler) sequence(values []any, fixed bool) *seq {
	u.spend(40 + 16*int64(len(values)))
	if u.err != nil {
		return &seq{}
	}
	for _, v := range values {
		if _, ok := v.(mark); ok {
			u.bad("", "values", "a MARK")
		}
	}
	return &seq{items: append([]any(nil), values...), fixed: fixed}
}

// add appends values to a list, a set, or an object whose class may be one.
func (u *unpickler) add(to any, values ...any) {
	u.spend(32 * int64(len(values)))
	switch to := to.(type) {
	case *seq:
		if to.fixed {
			u.bad("", "a list to append to", "a tuple")
			return
		}
		to.items = append(to.items, values...)
	case *object:
		to.items = append(to.items, values...)
	default:
		u.bad("", "a list to append to", kind(to))
	}
}

// setItems puts key, value, key, value, .. into a dict, or into an object whose class may be one.
func (u *unpickler) setItems(to any, values []any) {
	u.spend(64 * int64(len(values)/2))
	pairs := (*[]pair)(nil)
	switch to := to.(type) {
	case *dict:
		pairs = &to.pairs
	case *object:
		pairs = &to.pairs
	default:
		u.bad("", "a dict to set keys of", kind(to))
	}
	if len(values)%2 != 0 {
		u.bad("", "keys and values", "a key without a value")
	}
	for i := 0; u.err == nil && i < len(values); i += 2 {
		*pairs = append(*pairs, pair{values[i], values[i+1]})
	}
}

// remember runs the opcodes of the memo, by which a value stands in several places, and of the stack itself.
func (u *unpickler) remember(op byte) bool {
	switch op {
	case 'q':
		u.put(uint64(u.byte()))
	case 'r':
		u.put(u.uint(4))
	case 0x94: // MEMOIZE
		u.put(uint64(len(u.memo)))
	case 'h':
		u.get(uint64(u.byte()))
	case 'j':
		u.get(u.uint(4))
	case '0':
		u.pop()
	case '1':
		u.popMark()
	case '2':
		u.push(u.top())
	default:
		return false
	}
	return true
}

func (u *unpickler) put(i uint64) {
	if i >= maxMemo {
		u.fail(fault.TooLarge, fmt.Sprint("byte ", u.pos()), fmt.Sprintf("at most %d values in the memo", maxMemo), fmt.Sprint(i))
		return
	}
	v, more := u.top(), int(i)+1-len(u.memo)
	if more > 0 {
		if u.spend(40 * int64(more)); u.err != nil {
			return
		}
		u.memo = append(u.memo, make([]any, more)...)
	}
	u.memo[i] = v
}

func (u *unpickler) get(i uint64) {
	if i >= uint64(len(u.memo)) || u.memo[i] == nil {
		u.bad("", "a place of the memo that was filled", fmt.Sprint(i))
		return
	}
	u.push(u.memo[i])
}

// kind says what a value is, for errors.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a truth value"
	case int64, big:
		return "a whole number"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []byte:
		return "bytes"
	case *seq:
		if v.fixed {
			return "a tuple"
		}
		return "a list"
	case *dict:
		return "a dict"
	case class:
		return "the class " + fault.Quote(v.name)
	case *object:
		return "an object of " + fault.Quote(v.class)
	case *storage:
		return "a storage"
	case *array:
		return "a tensor"
	}
	return "something else"
}
