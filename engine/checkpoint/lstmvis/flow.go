package lstmvis

import (
	"fmt"
	"strconv"
	"strings"

	"loupe/engine/fault"
)

// flow reads what stands in brackets or quotes, line after line.
type flow struct {
	s    string // what is left of the line
	line int
	more func() (string, bool) // the next line; nil: there is none
}

// skip goes to what comes next, over spaces, comments and ends of lines. At the end of all it is at "".
func (f *flow) skip() {
	for {
		s := strings.TrimLeft(f.s, " \t")
		if s != "" && !(s[0] == '#' && (len(s) < len(f.s) || f.s == s)) {
			f.s = s
			return
		}
		f.s = ""
		if f.more == nil {
			return
		}
		next, ok := f.more()
		if !ok {
			return
		}
		f.s = next
	}
}

// end holds that nothing but a comment follows.
func (f *flow) end() error {
	if s := strings.TrimLeft(f.s, " \t"); s != "" && s[0] != '#' {
		return wrong(f.line, "the end of the line", fault.Quote(s))
	}
	return nil
}

// value reads a list, a map or text that ends before one of ends.
func (f *flow) value(ends string, depth int) (*node, error) {
	f.skip()
	switch {
	case depth > maxDepth:
		return nil, wrong(f.line, fmt.Sprintf("at most %d levels", maxDepth), "more")
	case strings.HasPrefix(f.s, "["):
		return f.items(depth)
	case strings.HasPrefix(f.s, "{"):
		return f.fields(depth)
	}
	return f.scalar(ends)
}

// items reads [a, b].
func (f *flow) items(depth int) (*node, error) {
	n := &node{kind: "list", line: f.line}
	f.s = f.s[1:]
	for {
		if f.skip(); f.take("]") {
			return n, nil
		}
		v, err := f.value(",]", depth+1)
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, v)
		if err := f.comma("]"); err != nil {
			return nil, err
		}
	}
}

// fields reads {a: b, c: d}.
func (f *flow) fields(depth int) (*node, error) {
	n := &node{kind: "map", line: f.line, fields: map[string]*node{}}
	f.s = f.s[1:]
	for {
		if f.skip(); f.take("}") {
			return n, nil
		}
		key, err := f.scalar(":,}")
		if err != nil {
			return nil, err
		}
		v := &node{kind: "text", line: f.line}
		if f.skip(); f.take(":") {
			if f.skip(); !strings.HasPrefix(f.s, ",") && !strings.HasPrefix(f.s, "}") {
				if v, err = f.value(",}", depth+1); err != nil {
					return nil, err
				}
			}
		}
		if err = n.put(key.text, v, f.line); err == nil {
			err = f.comma("}")
		}
		if err != nil {
			return nil, err
		}
	}
}

// take takes what comes next, if it is that.
func (f *flow) take(what string) bool {
	rest, ok := strings.CutPrefix(f.s, what)
	if ok {
		f.s = rest
	}
	return ok
}

// comma takes a comma, or stands before the bracket that ends.
func (f *flow) comma(end string) error {
	f.skip()
	if f.take(",") || strings.HasPrefix(f.s, end) {
		return nil
	}
	found := fault.Quote(f.s)
	if f.s == "" {
		found = "the end of the file"
	}
	return wrong(f.line, "a comma or "+end, found)
}

// scalar reads quoted text, or plain text that ends before one of ends.
func (f *flow) scalar(ends string) (*node, error) {
	f.skip()
	n := &node{kind: "text", line: f.line}
	if f.s != "" && (f.s[0] == '"' || f.s[0] == '\'') {
		n.quoted = true
		return n, f.quotedText(n, f.s[0])
	}
	i := 0
	for ; i < len(f.s); i++ {
		c := f.s[i]
		colon := c != ':' || i+1 == len(f.s) || strings.IndexByte(" \t,]}", f.s[i+1]) >= 0 // a:b is one word
		if strings.IndexByte(ends, c) >= 0 && colon || c == '#' && i > 0 && f.s[i-1] == ' ' {
			break
		}
	}
	n.text, f.s = strings.TrimSpace(f.s[:i]), f.s[i:]
	if n.text != "" && strings.IndexByte("&*!@`|>%", n.text[0]) >= 0 {
		return nil, wrong(f.line, "text, a list or a map", fault.Quote(n.text)+", which is not read")
	}
	return n, nil
}

// quotedText reads up to the closing quote, which may stand on a further line.
func (f *flow) quotedText(n *node, quote byte) error {
	s := []byte(f.s[1:])
	for i := 0; ; i++ {
		for i >= len(s) { // it goes on below
			next, ok := "", false
			if f.more != nil {
				next, ok = f.more()
			}
			if !ok {
				return wrong(f.line, "a closing "+string(quote), "the end of the file")
			}
			s = append(append(s, ' '), next...)
		}
		switch {
		case quote == '"' && s[i] == '\\':
			i++
		case s[i] != quote:
		case quote == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		default:
			f.s = string(s[i+1:])
			return n.unquote(string(s[:i]), quote)
		}
	}
}

// unquote takes the escapes out of a text.
func (n *node) unquote(s string, quote byte) error {
	if quote == '\'' {
		n.text = strings.ReplaceAll(s, "''", "'")
		return nil
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `\/`, "/") + `"`)
	if err != nil {
		return wrong(n.line, "text in quotes", fault.Quote(s))
	}
	n.text = text
	return nil
}
