package pytorch

import (
	"fmt"
	"slices"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

const (
	maxLevels  = 2       // how far down in what was saved the weights may lie
	maxModules = 64      // how deep modules may nest
	maxSteps   = 1 << 22 // how many values are looked at on the way
	maxName    = 1024    // bytes of a tensor's name
	// maxShared is how many times the file's size its tensors may have together: tied ones count twice or more.
	maxShared = 4
)

// known are the keys under which people save the weights, the likeliest first: they decide between two of the same size (the
// model and a moving average of it, say).
var known = []string{"state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params", "generator", "decoder"}

// weights are the tensors that a part of what was saved holds, by name.
type weights struct {
	path    []string // the keys that lead there
	names   []string
	arrays  []*array
	class   string // of the module; empty: a state_dict
	within  any    // the module or dict itself
	parents []any  // what it lies in
}

// finder looks for weights in what was saved.
type finder struct {
	best  *weights
	seen  map[any]bool
	steps int
	err   error
}

// step counts n values, so that a file of few bytes that leads to the same ones again and again ends.
func (f *finder) step(n int) bool {
	if f.steps += n; f.steps > maxSteps && f.err == nil {
		f.err = fail(fault.TooLarge, "pickle", fmt.Sprintf("at most %d values around the weights", maxSteps), "more")
	}
	return f.err == nil
}

// look offers v and, up to some levels down, its parts as the weights.
func (f *finder) look(v any, path []string, parents []any) {
	if !f.step(1) {
		return
	}
	switch v.(type) {
	case *dict, *seq, *object:
		if f.seen[v] {
			return
		}
		if f.seen[v] = true; !f.step(len(fields(v))) {
			return
		}
	case *array:
		if len(path) == 0 { // a tensor alone
			f.offer(&weights{names: []string{"tensor"}, arrays: []*array{v.(*array)}, within: v})
		}
		return
	default:
		return
	}
	w := &weights{path: path, within: v, parents: parents}
	if o, ok := v.(*object); ok && o.isModule() {
		w.class = o.class
		f.module(w, o, "", 0)
		f.offer(w)
		return
	}
	for i, p := range parts(v) {
		key, ok := p.key.(string)
		if !ok {
			key = fmt.Sprint(i)
		}
		if a, isArray := p.value.(*array); isArray && ok {
			w.add(key, a)
		} else if len(path) < maxLevels {
			f.look(p.value, append(path[:len(path):len(path)], key), append(parents[:len(parents):len(parents)], v))
		}
	}
	f.offer(w)
}

// parts are fields, and the members of a list by their place.
func parts(v any) []pair {
	s, ok := v.(*seq)
	if !ok {
		return fields(v)
	}
	var out []pair
	for _, x := range s.items {
		switch x.(type) {
		case *dict, *object, *seq:
			out = append(out, pair{nil, x})
		}
	}
	return out
}

// add puts a tensor in, in place of another of that name.
func (w *weights) add(name string, a *array) {
	if a != nil {
		w.names, w.arrays = append(w.names, name), append(w.arrays, a)
	}
}

// offer keeps w if it is the best so far: the one with the most tensors, then the one with the likelier key.
func (f *finder) offer(w *weights) {
	if len(w.names) > 0 && (f.best == nil || len(w.names) > len(f.best.names) || len(w.names) == len(f.best.names) && w.rank() < f.best.rank()) {
		f.best = w
	}
}

func (w *weights) rank() int {
	for i, k := range known {
		if len(w.path) > 0 && w.path[len(w.path)-1] == k {
			return i
		}
	}
	return len(known)
}

// module names the tensors of a pickled nn.Module as its state_dict would.
func (f *finder) module(w *weights, o *object, prefix string, depth int) {
	attrs := o.attrs()
	if attrs == nil || !f.step(64+len(attrs.pairs)) {
		return
	}
	if depth > maxModules || len(prefix) > maxName {
		f.err = fail(fault.TooLarge, "module "+fault.Quote(prefix), fmt.Sprintf("at most %d modules in one another", maxModules), "more")
		return
	}
	if o.scripted() {
		for _, p := range attrs.pairs {
			if name, ok := p.key.(string); ok {
				f.part(w, name, p.value, prefix, depth)
			}
		}
		return
	}
	for _, group := range []string{"_parameters", "_buffers", "_modules"} {
		d, _ := attrs.get(group).(*dict)
		if d == nil {
			continue
		}
		var passing map[string]bool
		if s, ok := attrs.get("_non_persistent_buffers_set").(*seq); ok && group == "_buffers" && f.step(len(s.items)) {
			passing = texts(s.items)
		}
		for _, p := range d.pairs {
			if name, ok := p.key.(string); ok && !passing[name] {
				f.part(w, name, p.value, prefix, depth)
			}
		}
	}
}

// texts are the strings among items.
func texts(items []any) map[string]bool {
	set := map[string]bool{}
	for _, v := range items {
		if s, ok := v.(string); ok {
			set[s] = true
		}
	}
	return set
}

// part is a parameter or a module of a module.
func (f *finder) part(w *weights, name string, v any, prefix string, depth int) {
	if !f.step(1) {
		return
	}
	switch v := v.(type) {
	case *array:
		w.add(prefix+name, v)
	case *object:
		f.module(w, v, prefix+name+".", depth+1)
	}
}

// file describes the weights that were found in what was saved.
func (c *container) file(top any, u *unpickler) (*format.File, error) {
	if f, ok, err := c.onmt(top); ok {
		return f, err
	}
	find := &finder{seen: map[any]bool{}}
	find.look(top, nil, nil)
	switch w := find.best; {
	case find.err != nil:
		return nil, find.err
	case w == nil && len(u.classes) > 0:
		return nil, fail(fault.NoWeights, "pickle", "tensors in a state_dict: save model.state_dict()", strings.Join(u.classes[:min(len(u.classes), 4)], ", "))
	case w == nil:
		return nil, fail(fault.NoWeights, "pickle", "tensors in a state_dict: save model.state_dict()", kind(top))
	case len(w.names) > format.MaxTensors:
		return nil, fail(fault.TooLarge, "pickle", fmt.Sprintf("at most %d tensors", format.MaxTensors), fmt.Sprint(len(w.names)))
	}
	tensors, err := c.tensors(find.best)
	if err != nil {
		return nil, err
	}
	f := &format.File{Tensors: tensors, Metadata: map[string]any{}, Files: map[string][]byte{}}
	about(f, find.best, u)
	return f, nil
}

// tensors proves and describes all tensors; of two with one name the later one counts, as in a dict.
func (c *container) tensors(w *weights) ([]format.Tensor, error) {
	strip := prefix(w.names)
	var tensors []format.Tensor
	at := make(map[string]int, len(w.names))
	var total int64
	for i, name := range w.names {
		if name == "" || len(name) > maxName {
			return nil, fail(fault.BadPickle, fault.Name(name), fmt.Sprintf("a name of 1 to %d bytes", maxName), fault.Bytes(len(name)))
		}
		t, err := c.tensor(name, w.arrays[i])
		if err != nil {
			return nil, err
		}
		if total += t.Bytes; total > maxShared*c.size {
			return nil, fail(fault.TooLarge, fault.Name(name), fmt.Sprintf("tensors of at most %d times the file", maxShared), "more")
		}
		if strip != "" {
			t.As = strings.TrimPrefix(name, strip)
		}
		if j, twice := at[name]; twice {
			tensors[j] = t
			continue
		}
		at[name] = len(tensors)
		tensors = append(tensors, t)
	}
	tie(tensors, w, at)
	return tensors, nil
}

// tie names those that are the same numbers.
func tie(tensors []format.Tensor, w *weights, at map[string]int) {
	first := map[string]int{}
	for i, name := range w.names {
		a := w.arrays[i]
		key := fmt.Sprint(a.storage.key, a.storage.begin, a.offset, a.element, a.shape, a.stride)
		t := &tensors[at[name]]
		if j, ok := first[key]; ok && j != at[name] && len(a.shape) == 2 {
			tensors[j].Twins, t.Twins = tensors[j].Name, tensors[j].Name
		} else {
			first[key] = at[name]
		}
	}
}

// prefix is what DataParallel and torch.compile put before every name.
func prefix(names []string) (all string) {
	for _, p := range []string{"module.", "_orig_mod.", "module."} {
		if !slices.ContainsFunc(names, func(n string) bool { return !strings.HasPrefix(n, all+p) || n == all+p }) {
			all += p
		}
	}
	return all
}
