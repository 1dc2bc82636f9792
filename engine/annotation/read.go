package annotation

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/charset"
	"loupe/engine/fault"
)

// table is a file of annotations: columns of cells, a row a token or a word.
type table struct {
	file    string
	columns []column
	row     func(i int) string // where row i stands in the file, in words
	rows    int
	words   bool // rows are words, whatever their number
}

type column struct {
	name  string
	cells []string // "" = none
}

// Read reads a file of annotations of a text, in any encoding:
//   - TSV: a line with the names of the columns, then a line a token. White space in a token may be written as \n, \t, \s. CSV is read likewise;
//   - CoNLL;
//   - JSON: {"name": [values]} or [{"name": .., "values": [..]}], of numbers, strings, truths and nulls.
//
// A column whose values are all numbers is a number, another is labels. A column that repeats the text of the tokens (it is named token, word, text,
// form or so, or is the first and does) is compared with them. Where there are as many rows as tokens, or as tokens that stand for some text, each has
// its row; otherwise, if the text is repeated, rows are words, and a token takes that of the word that its first character (white space apart)
// stands in. Errors say from which line on the file is about another text.
func Read(name string, b []byte, t *Text) ([]Track, error) {
	in, err := charset.Decode(name, b)
	if err != nil {
		return nil, err
	}
	tab, err := parse(name, in.S)
	if err != nil {
		return nil, err
	}
	forms := tab.forms(t)
	rows, err := tab.match(t, forms)
	if err != nil {
		return nil, err
	}
	var out []Track
	var names []string
	for _, c := range tab.columns {
		names = append(names, c.name)
	}
	names = Names(names)
	for i, c := range tab.columns {
		if i == forms {
			continue
		}
		tr := Values(c.cells)
		if tr == nil {
			continue
		}
		tr.Name, tr.Own = names[i], true
		values := tr.Values
		tr.Values = make([]float32, len(rows))
		for k, r := range rows {
			tr.Values[k] = nan
			if r >= 0 {
				tr.Values[k] = values[r]
			}
		}
		out = append(out, *tr)
	}
	if len(out) == 0 {
		return nil, tab.fail(fault.BadAnnotations, "", "a column of values", "none")
	}
	return out, nil
}

func (t *table) fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "annotations", File: t.file, Where: where, Expected: expected, Found: found}
}

// Names makes names of tracks that files brought: each other than those of all others and of the built-in ones, and fit for an address, where some marks
// part names.
func Names(names []string) []string {
	taken := map[string]bool{}
	for _, b := range Builtins {
		taken[b.Name] = true
	}
	out := make([]string, len(names))
	for i, name := range names {
		name = strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' || strings.ContainsRune(",:;&=~", r) {
				return '_'
			}
			return r
		}, strings.ToValidUTF8(name, "")))
		if r := []rune(name); len(r) > 40 {
			name = string(r[:40])
		}
		if name == "" {
			name = fmt.Sprint("column ", i+1)
		}
		base := name
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s (%d)", base, n)
		}
		out[i], taken[name] = name, true
	}
	return out
}

// Values are cells as numbers, if all are, or as labels in the order of their first occurrence; "" is none. It is nil if all are.
func Values(cells []string) *Track {
	tr := &Track{Values: make([]float32, len(cells))}
	any, numbers := false, true
	for i, c := range cells {
		tr.Values[i] = nan
		if c == "" {
			continue
		}
		any = true
		x, err := strconv.ParseFloat(c, 32)
		switch {
		case err != nil && !strings.EqualFold(c, "null") || math.IsInf(x, 0):
			numbers = false
		case err == nil:
			tr.Values[i] = float32(x)
		}
	}
	switch {
	case !any:
		return nil
	case numbers:
		return tr
	}
	index := map[string]int{}
	for i, c := range cells {
		tr.Values[i] = nan
		if c == "" {
			continue
		}
		at, ok := index[c]
		if !ok {
			at = len(index)
			index[c] = at
			tr.Labels = append(tr.Labels, c)
		}
		tr.Values[i] = float32(at)
	}
	return tr
}

// parse tells the format by the name and the content.
func parse(name, s string) (*table, error) {
	t := &table{file: name}
	ext := strings.ToLower(path.Ext(name))
	switch first := strings.TrimSpace(s); {
	case ext == ".json" || ext != ".tsv" && ext != ".csv" && (strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[{")):
		return t, t.json(s)
	case IsCoNLL(name, s):
		return t, t.conll(s)
	case ext == ".csv":
		return t, t.csv(s)
	}
	return t, t.tsv(s)
}

func (t *table) tsv(s string) error {
	head, rest, _ := strings.Cut(s, "\n")
	for _, name := range strings.Split(strings.TrimSuffix(head, "\r"), "\t") {
		t.columns = append(t.columns, column{name: name})
	}
	t.row = func(i int) string { return fmt.Sprint("line ", i+2) }
	for l := range strings.Lines(rest) {
		l = strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r")
		if err := t.add(strings.Split(l, "\t")); err != nil {
			return err
		}
	}
	return nil
}

// add adds a row; one that is too short is filled up.
func (t *table) add(cells []string) error {
	if len(cells) > len(t.columns) {
		return t.fail(fault.BadTable, t.row(t.rows), fmt.Sprintf("at most %d columns, as in the first line", len(t.columns)), fmt.Sprint(len(cells)))
	}
	for i := range t.columns {
		c := ""
		if i < len(cells) {
			c = cells[i]
		}
		t.columns[i].cells = append(t.columns[i].cells, c)
	}
	t.rows++
	return nil
}

func (t *table) csv(s string) error {
	records, lines, err := Records(t.file, s, ',')
	if err != nil {
		return err
	}
	for _, name := range records[0] {
		t.columns = append(t.columns, column{name: name})
	}
	t.row = func(i int) string { return fmt.Sprint("line ", lines[i+1]) }
	for _, r := range records[1:] {
		if err := t.add(r); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) conll(s string) error {
	names, sentences, err := CoNLL(t.file, s)
	if err != nil {
		return err
	}
	t.columns = []column{{name: "form"}}
	for _, n := range names {
		t.columns = append(t.columns, column{name: n})
	}
	var lines []int
	for _, se := range sentences {
		for _, w := range se.Words {
			lines = append(lines, w.Line)
			t.columns[0].cells = append(t.columns[0].cells, w.Form)
			for i, f := range w.Fields {
				t.columns[i+1].cells = append(t.columns[i+1].cells, f)
			}
		}
	}
	t.rows, t.words = len(lines), true
	t.row = func(i int) string { return fmt.Sprint("line ", lines[i]) }
	return nil
}

// json reads both forms; the columns of the first are in the order of their names.
func (t *table) json(s string) error {
	type named struct {
		Name   string `json:"name"`
		Values []any  `json:"values"`
	}
	var list []named
	if strings.HasPrefix(strings.TrimSpace(s), "[") {
		if _, err := fault.JSON(fault.BadAnnotations, t.file, []byte(s), &list); err != nil {
			return err
		}
	} else {
		var m map[string][]any
		if _, err := fault.JSON(fault.BadAnnotations, t.file, []byte(s), &m); err != nil {
			return err
		}
		for name, values := range m {
			list = append(list, named{name, values})
		}
		slices.SortFunc(list, func(a, b named) int { return strings.Compare(a.Name, b.Name) })
	}
	t.row = func(i int) string { return fmt.Sprint("value ", i+1) }
	for i, c := range list {
		if i > 0 && len(c.Values) != t.rows {
			return t.fail(fault.BadAnnotations, fault.Quote(c.Name), fmt.Sprintf("%d values, as %s has", t.rows, fault.Quote(list[0].Name)), fmt.Sprint(len(c.Values)))
		}
		t.rows = len(c.Values)
		cells := make([]string, t.rows)
		for k, v := range c.Values {
			switch v := v.(type) {
			case nil:
			case string:
				cells[k] = v
			case bool:
				cells[k] = strconv.FormatBool(v)
			case float64:
				cells[k] = strconv.FormatFloat(v, 'g', -1, 64)
			default:
				return t.fail(fault.BadAnnotations, fmt.Sprintf("%s, value %d", fault.Quote(c.Name), k+1), "a number, a string, true, false or null", "a list or an object")
			}
		}
		t.columns = append(t.columns, column{c.Name, cells})
	}
	if len(list) == 0 {
		return t.fail(fault.BadAnnotations, "", "lists of values", "none")
	}
	return nil
}
