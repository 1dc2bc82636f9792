package corpus

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/engine/annotation"
	"loupe/engine/fault"
)

// maxLabels is how many different values a column may have that becomes a track of labels.
const maxLabels = 50

// textNames are what a column of texts is called, the likeliest first.
var textNames = []string{"text", "sentence", "content", "body", "review", "document", "message", "tweet", "comment", "utterance", "passage", "article", "abstract", "story", "question", "title"}

// table is rows of cells; "" is none.
type table struct {
	names []string
	rows  [][]string
}

// fill makes a document of each row that has a text.
func (s *Set) fill(file string, t *table, column string) error {
	at, err := t.text(file, column)
	if err != nil {
		return err
	}
	s.Columns, s.Column = t.names, t.names[at]
	var docs []int // rows with a text
	for i, r := range t.rows {
		if strings.TrimSpace(cell(r, at)) != "" {
			docs = append(docs, i)
		}
	}
	called := t.title(at, docs)
	tracks := make([]*annotation.Track, 0, len(t.names))
	for c, name := range annotation.Names(t.names) {
		if c == at || c == called {
			continue
		}
		cells := make([]string, len(docs))
		for k, i := range docs {
			cells[k] = cell(t.rows[i], c)
		}
		if tr := annotation.Values(cells); tr != nil && len(tr.Labels) <= maxLabels {
			tr.Name, tr.Own = name, true
			tracks = append(tracks, tr)
		}
	}
	s.Documents = make([]Document, len(docs))
	for k, i := range docs {
		d := Document{Name: row(file, i+1), Text: cell(t.rows[i], at)}
		if called >= 0 {
			d.Name = strings.TrimSpace(cell(t.rows[i], called))
		}
		for _, tr := range tracks {
			d.Words = [][2]int{{0, len(d.Text)}}
			d.Tracks = append(d.Tracks, annotation.Track{Name: tr.Name, Own: true, Labels: tr.Labels, Values: tr.Values[k : k+1]})
		}
		s.Documents[k] = d
	}
	return nil
}

// titles are names of columns that name documents.
var titles = []string{"title", "name", "headline"}

// title is the column that gives each document a name of its own; -1: there is none.
func (t *table) title(text int, docs []int) int {
	for _, want := range titles {
		c := slices.IndexFunc(t.names, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), want) })
		if c < 0 || c == text {
			continue
		}
		seen := map[string]bool{"": true}
		if !slices.ContainsFunc(docs, func(i int) bool {
			name := strings.TrimSpace(cell(t.rows[i], c))
			again := seen[name] || utf8.RuneCountInString(name) > 80
			seen[name] = true
			return again
		}) {
			return c
		}
	}
	return -1
}

// text is the column of the texts.
func (t *table) text(file, column string) (int, error) {
	fail := func(expected, found string) (int, error) {
		return 0, &fault.Error{Code: fault.NoColumn, In: "corpus", File: file, Expected: expected, Found: found}
	}
	if column != "" {
		if at := slices.Index(t.names, column); at >= 0 {
			return at, nil
		}
		return fail(strings.Join(t.names, ", "), fault.Quote(column))
	}
	for _, want := range textNames {
		for i, name := range t.names {
			if strings.EqualFold(strings.TrimSpace(name), want) {
				return i, nil
			}
		}
	}
	best, at := 0, -1
	for c := range t.names {
		n := 0
		for _, r := range t.rows[:min(len(t.rows), 1000)] {
			if _, err := strconv.ParseFloat(cell(r, c), 64); err != nil {
				n += utf8.RuneCountInString(cell(r, c))
			}
		}
		if n > best {
			best, at = n, c
		}
	}
	if at < 0 {
		return fail("a column of texts", "none")
	}
	return at, nil
}

func cell(r []string, c int) string {
	if c >= 0 && c < len(r) {
		return r[c]
	}
	return ""
}

func row(file string, i int) string { return fmt.Sprint(file, ":", i) }

// csv makes documents of CSV or TSV.
func (s *Set) csv(file, text, column string, comma rune) error {
	t, err := csvTable(file, text, comma, isHeader)
	if err != nil {
		return err
	}
	return s.fill(file, t, column)
}

// csvTable reads CSV or TSV. TSV is often written without quotes: where they do not make sense, tabs and ends of lines part it as they stand.
func csvTable(file, text string, comma rune, isHeader func(records [][]string) bool) (*table, error) {
	records, lines, err := annotation.Records(file, text, comma)
	if err != nil && comma == '\t' {
		records, lines, err = unquoted(text)
	}
	if err != nil {
		return nil, err
	}
	t := &table{names: records[0], rows: records[1:]}
	if !isHeader(records) {
		t = &table{rows: records}
		for i := range records[0] {
			t.names = append(t.names, strconv.Itoa(i+1))
		}
	}
	for i, r := range records {
		if len(r) > len(t.names) {
			return nil, &fault.Error{Code: fault.BadTable, In: "csv", File: file, Where: fmt.Sprint("line ", lines[i]),
				Expected: fmt.Sprintf("%d columns, as in the first line", len(t.names)), Found: fmt.Sprint(len(r))}
		}
	}
	t.names = unique(t.names)
	return t, nil
}

func unquoted(text string) (records [][]string, lines []int, err error) {
	line := 0
	for l := range strings.Lines(text) {
		line++
		if l = strings.TrimSuffix(l, "\n"); l != "" {
			records, lines = append(records, strings.Split(l, "\t")), append(lines, line)
		}
	}
	return records, lines, nil
}

// isHeader reports whether the first of some rows is names: one of them is the usual name of texts; or they are short, none is a number, empty or there
// twice, and none is a value of its column further down.
func isHeader(records [][]string) bool {
	seen := map[string]bool{}
	for _, name := range records[0] {
		if slices.Contains(textNames, strings.ToLower(strings.TrimSpace(name))) {
			return true
		}
	}
	for c, name := range records[0] {
		_, err := strconv.ParseFloat(name, 64)
		if strings.TrimSpace(name) == "" || err == nil || len(name) > 40 || seen[name] {
			return false
		}
		seen[name] = true
		if slices.ContainsFunc(records[1:], func(r []string) bool { return cell(r, c) == name }) {
			return false
		}
	}
	return len(records[0]) > 1
}

// unique gives names to the columns that have none, or one that another has.
func unique(names []string) []string {
	out, seen := make([]string, len(names)), map[string]bool{}
	for i, n := range names {
		if n = strings.TrimSpace(n); n == "" || seen[n] {
			n = strings.TrimSpace(fmt.Sprint(n, " ", i+1))
		}
		out[i], seen[n] = n, true
	}
	return out
}

// comma is what parts the cells of CSV: whichever of comma, semicolon and tab the first line has most of, outside quotes.
func comma(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	count, quoted := map[rune]int{}, false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			count[r]++
		}
	}
	best := ','
	for _, r := range ";\t" {
		if count[r] > count[best] {
			best = r
		}
	}
	return best
}
