package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// parse reads {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {"k": "v"}}.
// It walks the tokens with no recursion, so that nesting cannot overflow a browser's small stack.
func parse(header []byte) (entries []entry, meta map[string]any, err error) {
	w := walker{dec: json.NewDecoder(bytes.NewReader(header))}
	w.dec.UseNumber()
	seen := map[string]bool{}
	err = w.object("header", func(name string) error {
		if seen[name] {
			return fail(fault.DuplicateTensor, fault.Name(name), "once", "twice")
		}
		seen[name] = true
		if name == "__metadata__" {
			meta, err = w.metadata()
			return err
		}
		if len(entries) == format.MaxTensors {
			return fail(fault.HeaderTooLarge, w.at(), fmt.Sprintf("at most %d tensors", format.MaxTensors), "more")
		}
		e, err := w.entry(name)
		entries = append(entries, e)
		return err
	})
	if err == nil && !onlySpace(header[w.dec.InputOffset():]) {
		err = w.wrong("the end of the header", "more")
	}
	return entries, meta, err
}

// walker reads JSON of a known form, token by token.
type walker struct{ dec *json.Decoder }

func (w *walker) at() string { return fmt.Sprint("header byte ", w.dec.InputOffset()) }

func (w *walker) wrong(expected, found string) error {
	return fail(fault.HeaderJSON, w.at(), expected, found)
}

func (w *walker) token() (json.Token, error) {
	t, err := w.dec.Token()
	if err != nil {
		return nil, &fault.Error{Code: fault.HeaderJSON, In: "safetensors", Where: w.at(), Expected: "JSON", Err: err}
	}
	return t, nil
}

// object reads { key: value, .. }; value must read the value.
func (w *walker) object(what string, value func(key string) error) error {
	t, err := w.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return w.wrong(what+": an object", kind(t))
	}
	for {
		t, err := w.token()
		if err != nil || t == json.Delim('}') {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return w.wrong(what+": a key", kind(t))
		}
		if err := value(key); err != nil {
			return err
		}
	}
}

func (w *walker) metadata() (map[string]any, error) {
	meta := map[string]any{}
	err := w.object("__metadata__", func(key string) error {
		if _, ok := meta[key]; ok {
			return w.wrong("__metadata__: each key once", fault.Quote(key)+" twice")
		}
		s, err := w.string("__metadata__: " + fault.Quote(key))
		meta[key] = s
		return err
	})
	return meta, err
}

func (w *walker) entry(name string) (entry, error) {
	e, seen := entry{name: name}, map[string]bool{}
	err := w.object(fault.Name(name), func(key string) (err error) {
		if seen[key] {
			return w.wrong(fault.Name(name)+": each key once", fault.Quote(key)+" twice")
		}
		seen[key] = true
		switch key {
		case "dtype":
			e.dtype, err = w.string(fault.Name(name) + ": dtype")
		case "shape":
			e.shape, err = w.numbers(name, "shape", format.MaxRank)
		case "data_offsets":
			var o []uint64
			if o, err = w.numbers(name, "data_offsets", 2); err == nil && len(o) != 2 {
				err = w.wrong(fault.Name(name)+": two data_offsets", fmt.Sprint(len(o)))
			} else if err == nil {
				e.begin, e.end = o[0], o[1]
			}
		default:
			err = w.skip() // the reference ignores what it does not know
		}
		return err
	})
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if err == nil && !seen[key] {
			err = w.wrong(fault.Name(name)+": "+key, "none")
		}
	}
	return e, err
}

// skip passes over one value of any kind.
func (w *walker) skip() error {
	for depth := 0; ; {
		t, err := w.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (w *walker) string(what string) (string, error) {
	t, err := w.token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", w.wrong(what+": a string", kind(t))
	}
	return s, nil
}

// numbers reads an array of at most limit whole numbers.
func (w *walker) numbers(name, key string, limit int) ([]uint64, error) {
	what := fault.Name(name) + ": " + key
	t, err := w.token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('[') {
		return nil, w.wrong(what+": an array", kind(t))
	}
	list := []uint64{}
	for {
		t, err := w.token()
		if err != nil || t == json.Delim(']') {
			return list, err
		}
		n, ok := t.(json.Number)
		if !ok {
			return nil, w.wrong(what+": whole numbers", kind(t))
		}
		v, err := strconv.ParseUint(n.String(), 10, 64)
		if err != nil {
			return nil, fail(fault.BadShape, what, "whole numbers of 64 bits", fault.Quote(n.String()))
		}
		if len(list) == limit {
			return nil, fail(fault.BadShape, what, fmt.Sprintf("at most %d numbers", limit), "more")
		}
		list = append(list, v)
	}
}

// kind says what a token is.
func kind(t json.Token) string {
	switch v := t.(type) {
	case json.Delim:
		return fault.Quote(v.String())
	case string:
		return fault.Quote(v)
	case nil:
		return "null"
	}
	return fault.Quote(fmt.Sprint(t))
}
