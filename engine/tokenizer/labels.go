package tokenizer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/fault"
)

// Labels is what a table says of the rows of a matrix (metadata.tsv, as the Embedding Projector reads it): a word for each, and what
// else there is.
type Labels struct {
	Word    string // the name of the column that Words are; "" = the table has one column alone
	Words   []string
	Columns []Column
}

// Column is a column of a table: a number for each row or, where one cell is none, the index of its text in Labels. An empty cell is
// NaN.
type Column struct {
	Name   string
	Labels []string
	Values []float32
}

// Limits of a table.
const (
	maxLine    = 64 << 10 // bytes of a line
	maxColumns = 1000
)

// ReadLabels reads a table: a word a line, or columns with names above them, of which one is the words: that of such a name, or the
// first. A column without a name or without a value is left out.
func ReadLabels(file string, b []byte) (*Labels, error) {
	rows, err := lines(file, b, maxLine)
	if err != nil {
		return nil, err
	}
	names := strings.Split(rows[0], "\t")
	if len(names) == 1 {
		return &Labels{Words: rows}, nil
	}
	if len(names) > maxColumns {
		return nil, tooLarge(file, "line 1", fmt.Sprintf("at most %d columns", maxColumns), fmt.Sprint(len(names)))
	}
	if rows = rows[1:]; len(rows) == 0 {
		return nil, bad(file, "line 2", "a row below the names", "none")
	}
	word := max(0, slices.IndexFunc(names, func(n string) bool {
		return slices.Contains([]string{"word", "token", "label", "name"}, strings.ToLower(n))
	}))
	l := &Labels{Word: names[word], Words: make([]string, len(rows))}
	all := make([]column, len(names))
	for i, r := range rows {
		k := 0
		for cell := range strings.SplitSeq(r, "\t") {
			if k == word {
				l.Words[i] = cell
			}
			if k < len(all) {
				all[k].look(cell)
			}
			k++
		}
		if k != len(names) {
			return nil, bad(file, fmt.Sprint("line ", i+2), fmt.Sprintf("%d columns, as line 1 has", len(names)), fmt.Sprint(k))
		}
	}
	for i, r := range rows {
		k := 0
		for cell := range strings.SplitSeq(r, "\t") {
			if k != word && all[k].some {
				all[k].set(cell, i, len(rows))
			}
			k++
		}
	}
	for k := range all {
		if k != word && names[k] != "" && all[k].some {
			l.Columns = append(l.Columns, Column{names[k], all[k].labels, all[k].values})
		}
	}
	return l, nil
}

// column is a column that is read: once to see what it holds, once for its values.
type column struct {
	some, text bool // a cell is not empty; a cell is no number
	labels     []string
	index      map[string]int
	values     []float32
}

// look notes what a cell holds.
func (c *column) look(cell string) {
	v, ok := value(cell)
	c.text = c.text || !ok
	c.some = c.some || v == v || !ok
}

// set makes the value of row i, of n.
func (c *column) set(cell string, i, n int) {
	if c.values == nil {
		c.values, c.index = make([]float32, n), map[string]int{}
	}
	cell = strings.TrimSpace(cell)
	if !c.text || cell == "" {
		v, _ := value(cell)
		c.values[i] = float32(v)
		return
	}
	id, ok := c.index[cell]
	if !ok {
		id = len(c.labels)
		c.index[cell], c.labels = id, append(c.labels, cell)
	}
	c.values[i] = float32(id)
}

// value is a cell's number, NaN if it is empty; ok is false if it is none that is finite.
func value(cell string) (v float64, ok bool) {
	cell = strings.TrimSpace(cell)
	if cell == "" || strings.EqualFold(cell, "nan") {
		return math.NaN(), true
	}
	v, err := strconv.ParseFloat(cell, 32)
	return v, err == nil && !math.IsInf(v, 0)
}

// labelsFile is the name of the table among the files beside vectors, or "": metadata.tsv, or one whose name says as much.
func labelsFile(files map[string][]byte) string {
	var found string
	for name := range files {
		if name == "metadata.tsv" {
			return name
		}
		if strings.HasSuffix(name, ".tsv") && (strings.Contains(name, "meta") || strings.Contains(name, "label")) && (found == "" || name < found) {
			found = name
		}
	}
	return found
}

// LabelsOf reads the table among the files beside vectors; nil if there is none. rows is how many it must have, and what says of what.
func LabelsOf(files map[string][]byte, rows int, what string) (*Labels, error) {
	name := labelsFile(files)
	if name == "" {
		return nil, nil
	}
	l, err := ReadLabels(name, files[name])
	if err != nil {
		return nil, err
	}
	if len(l.Words) != rows {
		return nil, &fault.Error{Code: fault.CountsDiffer, In: "tokenizer", File: name, Expected: fmt.Sprintf("%d rows, one for each vector of %s", rows, what), Found: fmt.Sprint(len(l.Words))}
	}
	return l, nil
}

// AddWords makes the words a column too, "label" if it has no name.
func (l *Labels) AddWords() {
	c := column{text: true}
	for i, w := range l.Words {
		c.set(w, i, len(l.Words))
	}
	l.Columns = slices.Insert(l.Columns, 0, Column{cmp.Or(l.Word, "label"), c.labels, c.values})
}
