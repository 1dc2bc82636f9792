// Package corpus reads texts of any kind that people have (plain text, CSV, TSV, JSON lines, CoNLL; in any of the encodings that are
// told apart) into documents with the annotations that the file brings.
package corpus

import "loupe/engine/annotation"

// Document is one text that is run by itself: no match crosses its ends.
type Document struct {
	Name string // of the file, and of the row where it has many
	Text string
	// Words are spans of Text in bytes that the file marked as words (CoNLL), with what it says of them; nil: it marked none.
	Words  [][2]int
	Tracks []annotation.Track // one value a word
	// Sentences are where sentences begin, in bytes, where the file says so; nil: they are to be found.
	Sentences []int
}

// Set is what files held.
type Set struct {
	Documents []Document
	Encoding  string
	Columns   []string // that a text could be read from; nil: the format has none
	Column    string   // that it was read from
}

// Read reads one file. column is the text's, or "" for the one that looks like it. Its error is a *fault.Error that names the file and the line.
func Read(name string, b []byte, column string) (*Set, error) { panic("not built") }

// Sentences are where the sentences of a text begin, in bytes; the first is 0. A line that ends is the end of a sentence only before an empty one.
func Sentences(text string) []int { panic("not built") }
