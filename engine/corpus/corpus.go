// Package corpus reads texts of any kind that people have (plain text, CSV, TSV, JSON lines, CoNLL; in any of the encodings that are
// told apart) into documents with the annotations that the file brings.
package corpus

import (
	"path"
	"strings"

	"loupe/engine/annotation"
	"loupe/engine/charset"
	"loupe/engine/fault"
)

// Document is one text that is run by itself: no match crosses its ends.
type Document struct {
	Name string // of the file, and of the row where it has many
	Text string
	// Words are spans of Text in bytes that the file says something of: its words (CoNLL), or the whole text (a row of a table); nil: it says nothing.
	Words  [][2]int
	Tracks []annotation.Track // one value a word. All documents of a Set have the same tracks with the same labels
	// Sentences are where sentences begin, in bytes, where the file says so; nil: they are to be found.
	Sentences []int
}

// Set is what a file held.
type Set struct {
	Documents []Document
	Encoding  string
	Replaced  int      // bytes that are no characters of that encoding, which became U+FFFD
	Columns   []string // that a text could be read from; nil: the format has none
	Column    string   // that it was read from
}

// Read reads one file. Its format is told by the name and the content:
//   - CSV (commas or semicolons) and TSV: a document a row;
//   - JSON lines, or a JSON array: a document an object or string;
//   - CoNLL: documents as the file marks them;
//   - anything else is plain text: documents are parted by form feeds.
//
// column is the text's, or "" for the one that looks like it: that is named text, sentence or so, or has the longest texts. The other columns become
// tracks if they are numbers or have at most 50 different values. Line ends become \n. Its error is a *fault.Error that names the file and the line.
func Read(name string, b []byte, column string) (*Set, error) {
	in, err := decode(name, b)
	if err != nil {
		return nil, err
	}
	text, set := in.S, &Set{Encoding: in.Encoding, Replaced: in.Replaced}
	kind, named := kindOf(name, text)
	switch kind {
	case "json":
		err = set.json(name, text, column)
	case "conll":
		err = set.conll(name, text)
	case "csv":
		err = set.csv(name, text, column, comma(text))
	case "tsv":
		err = set.csv(name, text, column, '\t')
	}
	if kind == "plain" || err != nil && !named && column == "" { // it only looked like a table
		set.plain(name, text)
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if len(set.Documents) == 0 {
		return nil, &fault.Error{Code: fault.EmptyFile, In: "corpus", File: name, Expected: "some text", Found: "none"}
	}
	return set, nil
}

// decode is a file as text, whose lines end in \n.
func decode(name string, b []byte) (*charset.Text, error) {
	in, err := charset.Decode(name, b)
	if err == nil && strings.Contains(in.S, "\r") {
		in.S = strings.ReplaceAll(strings.ReplaceAll(in.S, "\r\n", "\n"), "\r", "\n")
	}
	return in, err
}

// Sentences are where the sentences of a text begin, in bytes; the first is 0. A line that ends is the end of a sentence only before an empty one.
func Sentences(text string) []int { return annotation.Sentences(text) }

// kindOf is the format of a file, and whether its name, or a mark inside, says so.
func kindOf(name, text string) (kind string, named bool) {
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".jsonl", ".ndjson":
		return "json", true
	case ".csv":
		return "csv", true
	case ".tsv", ".tab":
		return "tsv", true
	}
	switch {
	case annotation.IsCoNLL(name, text):
		return "conll", true
	case isJSON(text):
		return "json", false
	case tabbed(text):
		return "tsv", false
	}
	return "plain", false
}

// tabbed reports whether the first lines, three or more, have as many tabs each, one at least, and none begins with one.
func tabbed(text string) bool {
	lines, tabs := 0, 0
	for l := range strings.Lines(text) {
		n := strings.Count(l, "\t")
		if n == 0 || l[0] == '\t' || lines > 0 && n != tabs {
			return false
		}
		tabs = n
		if lines++; lines == 20 {
			break
		}
	}
	return lines >= 3
}

// plain parts a text at form feeds.
func (s *Set) plain(name, text string) {
	parts := 0
	for part := range strings.SplitSeq(text, "\f") {
		if strings.TrimSpace(part) != "" {
			parts++
			s.Documents = append(s.Documents, Document{Name: row(name, parts), Text: part})
		}
	}
	if parts == 1 {
		s.Documents[0].Name = name
	}
}
