package lstmvis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/fault"
)

// description is what lstm.yml says.
type description struct {
	name, about string
	files       map[string]string // alias -> file
	words       dataset
	dict        string // alias; empty: none
	states      []state
	metas       []meta
	embedding   *dataset
}

// dataset is a path in one of the files.
type dataset struct {
	file, path string // file is an alias
	line       int
}

// state is one entry of states.types: what units did.
type state struct {
	dataset
	kind      string // "state", "output", or what else it says
	layer     string
	unsigned  bool
	transform string
}

// meta is an annotation: of each token (index self), or of each word of the dictionary (index word_sequence).
type meta struct {
	dataset
	name   string
	dict   string
	word   bool
	kind   string // "discrete" or "scalar"; "" is told by dict
	vector bool   // of type wordvec: several values a token, which are not read
	labels []string
}

// describe reads lstm.yml.
func describe(b []byte) (*description, error) {
	root, err := parse(b)
	if err != nil {
		return nil, err
	}
	if root.kind != "map" {
		return nil, wrong(max(root.line, 1), "name, files, word_sequence and states", fault.Quote(root.text))
	}
	r := &reader{}
	d := &description{name: r.text(root, "name"), about: r.text(root, "description"), files: map[string]string{}}
	files := r.get(root, "files", "map", true)
	for _, alias := range keys(files) {
		d.files[alias] = r.text(files, alias)
	}
	words := r.get(root, "word_sequence", "map", true)
	d.words, d.dict = r.dataset(words, ""), r.alias(words, "dict_file", "dict")
	r.states(d, r.get(root, "states", "map", true))
	metas := r.get(root, "meta", "map", false)
	for _, name := range keys(metas) {
		d.metas = append(d.metas, r.meta(metas, name))
	}
	if e := r.get(root, "word_embedding", "map", false); e != nil {
		at := r.dataset(e, "")
		d.embedding = &at
	}
	return d, r.err
}

func keys(n *node) []string {
	if n == nil {
		return nil
	}
	return n.keys
}

// reader takes values out of nodes. After the first error it gives nothing.
type reader struct{ err error }

func (r *reader) fail(line int, expected, found string) {
	if r.err == nil {
		r.err = wrong(max(line, 1), expected, found)
	}
}

// get is a value of that kind; nil if there is none.
func (r *reader) get(n *node, key, kind string, must bool) *node {
	if n == nil || r.err != nil {
		return nil
	}
	v := n.fields[key]
	switch {
	case v.empty() && must:
		r.fail(n.line, key+": a "+kind, "none")
	case v.empty():
	case v.kind != kind:
		r.fail(v.line, key+": a "+kind, "a "+v.kind)
	default:
		return v
	}
	return nil
}

// text is a value that is text, or "".
func (r *reader) text(n *node, key string) string {
	if v := r.get(n, key, "text", false); v != nil && v.text != "null" && v.text != "~" {
		return v.text
	}
	return ""
}

// alias is the first of some values that is there.
func (r *reader) alias(n *node, keys ...string) string {
	for _, key := range keys {
		if s := r.text(n, key); s != "" {
			return s
		}
	}
	return ""
}

// yes is a value that is true or false; it is false if it is not there.
func (r *reader) yes(n *node, key string) bool {
	switch s := strings.ToLower(r.text(n, key)); s {
	case "", "false", "no", "off", "0":
	case "true", "yes", "on", "1":
		return true
	default:
		r.fail(n.fields[key].line, key+": true or false", fault.Quote(s))
	}
	return false
}

// dataset is {file, path}; file is taken from around it if it says none.
func (r *reader) dataset(n *node, around string) dataset {
	if n == nil {
		return dataset{}
	}
	d := dataset{r.alias(n, "file"), strings.Trim(r.text(n, "path"), "/"), n.line}
	if d.file == "" {
		d.file = around
	}
	switch {
	case d.file == "":
		r.fail(n.line, "file: a name under files", "none")
	case d.path == "":
		r.fail(n.line, "path: a dataset of the file", "none")
	}
	return d
}

func (r *reader) states(d *description, n *node) {
	file := r.text(n, "file")
	list := r.get(n, "types", "list", true)
	if list == nil {
		return
	}
	for _, v := range list.list {
		if v.kind != "map" {
			r.fail(v.line, "{type, layer, path}", fault.Quote(v.text))
			return
		}
		s := state{dataset: r.dataset(v, file), kind: r.text(v, "type"), layer: r.text(v, "layer"), unsigned: r.yes(v, "unsigned"), transform: r.text(v, "transform")}
		if slices.ContainsFunc(d.states, func(o state) bool { return o.file == s.file && o.path == s.path }) {
			r.fail(v.line, "each path once", fault.Quote(s.path)+" twice")
		}
		d.states = append(d.states, s)
	}
	if len(d.states) == 0 || len(d.states) > maxSources {
		r.fail(list.line, fmt.Sprintf("1 to %d types", maxSources), strconv.Itoa(len(d.states)))
	}
}

func (r *reader) meta(metas *node, name string) meta {
	n := r.get(metas, name, "map", true)
	if n == nil {
		return meta{}
	}
	m := meta{dataset: r.dataset(n, ""), name: name, dict: r.alias(n, "dict", "dict_file"), vector: r.text(n, "type") == "wordvec"}
	switch index := r.text(n, "index"); index {
	case "", "self":
	case "word_sequence":
		m.word = true
	default:
		r.fail(n.fields["index"].line, "index: self or word_sequence", fault.Quote(index))
	}
	vis := r.get(n, "vis", "map", false)
	if m.kind = r.text(vis, "type"); m.kind != "" && m.kind != "discrete" && m.kind != "scalar" {
		r.fail(vis.fields["type"].line, "type: discrete or scalar", fault.Quote(m.kind))
	}
	if vis != nil && m.kind == "discrete" && vis.fields["range"] != nil && vis.fields["range"].kind == "list" {
		named := false // they are names of 0, 1, 2, .., or the values themselves
		for _, v := range vis.fields["range"].list {
			m.labels = append(m.labels, v.text)
			_, err := strconv.ParseFloat(v.text, 64)
			named = named || err != nil
		}
		if !named {
			m.labels = nil
		}
	}
	return m
}
