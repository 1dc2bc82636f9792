package lstmvis

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// show is a node in a line: {a: [b, "c"]}; text that was quoted has quotes.
func show(n *node) string {
	var out []string
	switch n.kind {
	case "list":
		for _, v := range n.list {
			out = append(out, show(v))
		}
		return "[" + strings.Join(out, ", ") + "]"
	case "map":
		for _, k := range n.keys {
			out = append(out, k+": "+show(n.fields[k]))
		}
		return "{" + strings.Join(out, ", ") + "}"
	}
	if n.quoted {
		return fmt.Sprintf("%q", n.text)
	}
	return n.text
}

// TestYAML reads what people write. What is expected is what PyYAML makes of it (BaseLoader), but for spaces after | and tabs in brackets.
func TestYAML(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"a: 1":                                  "{a: 1}",
		"a: 1 # one\n# two\nb:   two words  ":   "{a: 1, b: two words}",
		"a:\n  b:\n    c: d\n  e: f\ng:":        "{a: {b: {c: d}, e: f}, g: }",
		"a:\n- 1\n- 2\nb: 3":                    "{a: [1, 2], b: 3}",
		"a:\n  - x: 1\n    y: 2\n  -\n    z: 3": "{a: [{x: 1, y: 2}, {z: 3}]}",
		"- - 1\n  - 2\n- 3":                     "[[1, 2], 3]",
		"a: {b: 1, c: [x, 'y z', \"\\u00e9\"]}": `{a: {b: 1, c: [x, "y z", "é"]}}`,
		"a: [\n  {b: 1}, # one\n  {b: 2,\n c: 3},\n]\nd: e": "{a: [{b: 1}, {b: 2, c: 3}], d: e}",
		"a: 'it''s'\nb: \"q \\\"x\\\"\"":                    `{a: "it's", b: "q \"x\""}`,
		"a: one\n   two\n   three\nb: x":                    "{a: one two three, b: x}",
		"a: |\n  one\n    two\n\n  three\nb: x":             `{a: "one\ntwo\n\nthree", b: x}`,
		"a: >-\n  one\n  two\nb: x":                         `{a: "one two", b: x}`,
		"---\na: 1\n...\nb: 2":                              "{a: 1}",
		"%YAML 1.2\n---\na: 1\n---\nb: 2":                   "{a: 1}",
		"\ufeffa: 1\r\nb: 2\r\n":                            "{a: 1, b: 2}",
		"a: http://x/y#z":                                   "{a: http://x/y#z}",
		"'a b': 1\n\"c:d\": 2":                              "{a b: 1, c:d: 2}",
		"a: {b, c: }":                                       "{a: {b: , c: }}",
		"a: 'two\n  lines'":                                 `{a: "two lines"}`,
		"a: []\nb: {}\nc: ''\nd: a...b":                     `{a: [], b: {}, c: "", d: a...b}`,
		"a: [\n\t1,\n\t2]":                                  "{a: [1, 2]}",
	} {
		n, err := parse([]byte(in))
		if err != nil {
			t.Errorf("%q: %v", in, err)
		} else if got := show(n); got != want {
			t.Errorf("%q:\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestLongYAML: a long file is read in one pass, however it is made.
func TestLongYAML(t *testing.T) {
	for _, s := range []string{"a: '\n" + strings.Repeat("b\n", 100_000), "a: [\n" + strings.Repeat("b,\n", 75_000), "a: |\n" + strings.Repeat(" b\n", 75_000),
		"a: b\n" + strings.Repeat(" c\n", 75_000), "a: " + strings.Repeat("[]", 100_000), strings.Repeat("- b\n", 60_000), "a: {" + strings.Repeat("b c,", 50_000)} {
		parse([]byte(s)) // errors are TestBadYAML's; one that is quadratic would take long here
	}
	if _, err := parse(make([]byte, maxYAML+1)); err == nil {
		t.Error("a file that is too large")
	}
}

// TestBadYAML: each error names its line.
func TestBadYAML(t *testing.T) {
	deep := strings.Repeat("[", 1000)
	for in, line := range map[string]int{
		"a: 1\na: 2": 2, "a: [1, 2": 1, "a: {b: 1": 1, "a: 'x": 1, "a: &x 1": 1, "a: *x": 1, "a: !!str 1": 1, "a: 1\n  b: 2": 2, "a:\n\tb: 1": 2,
		"a: [1 2]]": 1, "a: 1\nb": 2, "a: " + deep: 1, strings.Repeat("- ", 1000) + "x": 1, "a:\n    b: 1\n  c: 2": 3, "a: \"\\q\"": 1, "[1] x": 1,
	} {
		_, err := parse([]byte(in))
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != fault.BadLSTMVis || e.Where != fmt.Sprint("line ", line) {
			t.Errorf("%.40q: %v, want an error of line %d", in, err, line)
		}
	}
}
