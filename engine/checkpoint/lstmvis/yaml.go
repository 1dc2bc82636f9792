package lstmvis

import (
	"fmt"
	"strings"

	"loupe/engine/fault"
)

// What is read of YAML 1.2, which is all that descriptions of sets use: maps and lists in blocks and in brackets, over several lines or
// not, plain and quoted text, text that goes on below, | and >, comments, one document. Tags, anchors and aliases are refused by name.
// A library would make a tenth of what the worker is.

const (
	maxYAML  = 1 << 20 // bytes
	maxDepth = 32      // maps and lists in one another
)

// node is a value of YAML: text, a list or a map. Nothing at all is text that is empty and not quoted.
type node struct {
	line   int // from 1
	text   string
	quoted bool
	list   []*node
	keys   []string // of a map, in order
	fields map[string]*node
	kind   string // "text", "list", "map"
}

func (n *node) empty() bool { return n == nil || n.kind == "text" && n.text == "" && !n.quoted }

// line is one line that says something.
type line struct {
	number, indent int
	text           string // without indent; comments are still in it
}

// parser reads lines one after another.
type parser struct {
	lines []line
	raw   []string // all lines, for text after | and >
	i     int
}

// wrong is an error about a line.
func wrong(number int, expected, found string) error {
	return &fault.Error{Code: fault.BadLSTMVis, In: "lstmvis", Where: fmt.Sprint("line ", number), Expected: expected, Found: found}
}

// Texts are the texts of a YAML document by their paths: "dicts.src". Lists are left out. Errors are those of lstm.yml.
func Texts(b []byte) (map[string]string, error) {
	root, err := parse(b)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	var walk func(path string, n *node)
	walk = func(path string, n *node) {
		switch n.kind {
		case "text":
			texts[path] = n.text
		case "map":
			for _, key := range n.keys {
				walk(strings.TrimPrefix(path+"."+key, "."), n.fields[key])
			}
		}
	}
	walk("", root)
	return texts, nil
}

// parse reads a document.
func parse(b []byte) (*node, error) {
	if len(b) > maxYAML {
		return nil, &fault.Error{Code: fault.TooLarge, In: "lstmvis", Expected: "at most 1 MB", Found: fault.Bytes(len(b))}
	}
	p := &parser{raw: strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r", ""), "\n")}
	for i, s := range p.raw {
		text := strings.TrimLeft(s, " ")
		switch rest := strings.TrimSpace(text); {
		case rest == "" || rest[0] == '#' || rest[0] == '%' && len(p.lines) == 0:
			continue
		case s == "..." || strings.HasPrefix(s, "---") && len(p.lines) > 0:
			return p.document()
		case strings.HasPrefix(s, "---"):
			continue
		case text[0] == '\t':
			text = strings.TrimLeft(text, "\t") // it may stand inside brackets
			p.lines = append(p.lines, line{i + 1, -1, strings.TrimRight(text, " \t")})
			continue
		}
		p.lines = append(p.lines, line{i + 1, len(s) - len(text), strings.TrimRight(text, " \t")})
	}
	return p.document()
}

func (p *parser) document() (*node, error) {
	if len(p.lines) == 0 {
		return &node{kind: "text"}, nil
	}
	n, err := p.block(0, 0)
	if err == nil && p.i < len(p.lines) {
		err = wrong(p.lines[p.i].number, "a line as far in as those above", fault.Quote(p.lines[p.i].text))
	}
	return n, err
}

// next is the next line, or nil.
func (p *parser) next() *line {
	if p.i == len(p.lines) {
		return nil
	}
	return &p.lines[p.i]
}

// block reads what begins at the next line: it is in by least or more.
func (p *parser) block(least, depth int) (*node, error) {
	l := p.next()
	switch {
	case depth > maxDepth:
		return nil, wrong(l.number, fmt.Sprintf("at most %d levels", maxDepth), "more")
	case l.indent < 0:
		return nil, wrong(l.number, "spaces before a line", "a tab")
	case isItem(l.text):
		return p.items(l.indent, depth)
	case keyEnd(l.text) >= 0:
		return p.fields(l.indent, depth)
	}
	text, number := l.text, l.number
	p.i++
	return p.value(text, number, least-1, depth)
}

func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

// items reads "- a" lines of that indent.
func (p *parser) items(indent, depth int) (*node, error) {
	n := &node{kind: "list", line: p.next().number}
	for l := p.next(); l != nil && l.indent == indent && isItem(l.text); l = p.next() {
		rest := strings.TrimLeft(l.text[1:], " ")
		var v *node
		var err error
		if rest == "" || rest[0] == '#' {
			p.i++
			v, err = p.below(indent+1, l.number, depth)
		} else { // what follows the dash is a block of its own
			l.indent, l.text = indent+len(l.text)-len(rest), rest
			v, err = p.block(indent+1, depth+1)
		}
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, v)
	}
	return n, nil
}

// below is the block after a line that ends with its key: in by least or more, or nothing.
func (p *parser) below(least, number, depth int) (*node, error) {
	if l := p.next(); l != nil && (l.indent >= least || l.indent < 0) {
		return p.block(least, depth+1)
	}
	return &node{kind: "text", line: number}, nil
}

// fields reads "key: value" lines of that indent.
func (p *parser) fields(indent, depth int) (*node, error) {
	n := &node{kind: "map", line: p.next().number, fields: map[string]*node{}}
	for l := p.next(); l != nil && l.indent == indent && !isItem(l.text); l = p.next() {
		end := keyEnd(l.text)
		if end < 0 {
			return nil, wrong(l.number, "key: value", fault.Quote(l.text))
		}
		key, err := (&flow{s: l.text[:end], line: l.number}).scalar("")
		if err != nil {
			return nil, err
		}
		rest, number := strings.TrimLeft(l.text[end+1:], " \t"), l.number
		p.i++
		var v *node
		switch next := p.next(); {
		case (rest == "" || rest[0] == '#') && next != nil && next.indent == indent && isItem(next.text):
			v, err = p.items(indent, depth+1) // a list may stand as far in as its key
		case rest == "" || rest[0] == '#':
			v, err = p.below(indent+1, number, depth)
		default:
			v, err = p.value(rest, number, indent, depth)
		}
		if err == nil {
			err = n.put(key.text, v, number)
		}
		if err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (n *node) put(key string, v *node, number int) error {
	if n.fields[key] != nil {
		return wrong(number, "each key once", fault.Quote(key)+" twice")
	}
	n.fields[key] = v
	n.keys = append(n.keys, key)
	return nil
}

// value reads what stands after a key, or alone, and what of it stands on further lines, which are in by more than indent.
func (p *parser) value(text string, number, indent, depth int) (*node, error) {
	switch text[0] {
	case '|', '>':
		return p.literal(text[0] == '>', number, indent)
	case '&', '*', '!', '@', '`':
		return nil, wrong(number, "text, a list or a map", fault.Quote(text)+", which is not read")
	}
	f := &flow{s: text, line: number, more: func() (string, bool) {
		if l := p.next(); l != nil {
			p.i++
			return l.text, true
		}
		return "", false
	}}
	if strings.IndexByte(`{["'`, text[0]) >= 0 {
		n, err := f.value("", depth)
		if err == nil {
			err = f.end()
		}
		return n, err
	}
	words := []string{comment(text)}
	for l := p.next(); l != nil && l.indent > indent && comment(words[len(words)-1]) == words[len(words)-1]; l = p.next() {
		if keyEnd(l.text) >= 0 {
			return nil, wrong(l.number, "a line as far in as the key above", fault.Quote(l.text))
		}
		words = append(words, comment(l.text))
		p.i++
	}
	return &node{kind: "text", line: number, text: strings.Join(words, " ")}, nil
}

// literal reads the lines after | or >, which are in by more than indent.
func (p *parser) literal(folded bool, number, indent int) (*node, error) {
	var out []string
	for i := number; i < len(p.raw); i++ {
		s := p.raw[i]
		if text := strings.TrimLeft(s, " "); text != "" && len(s)-len(text) <= indent {
			break
		}
		out = append(out, strings.TrimSpace(s))
	}
	for l := p.next(); l != nil && l.number <= number+len(out); l = p.next() {
		p.i++
	}
	join := "\n"
	if folded {
		join = " "
	}
	return &node{kind: "text", line: number, text: strings.TrimSpace(strings.Join(out, join)), quoted: true}, nil
}

// comment takes a comment off a plain text.
func comment(s string) string {
	if i := strings.Index(s, " #"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// keyEnd is where the colon after a key stands, or -1: the line is no "key: value".
func keyEnd(s string) int {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case i == 0 && (c == '"' || c == '\''):
			quote = c
		case i == 0 && (c == '{' || c == '['), c == '#' && i > 0 && s[i-1] == ' ':
			return -1
		case c == ':' && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\t'):
			return i
		}
	}
	return -1
}
