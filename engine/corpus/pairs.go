package corpus

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"loupe/engine/fault"
)

// Pairs are sources and, or not, a reference of each.
type Pairs struct {
	Sources, References []string // as many; "" is no reference
	Encoding            string
	Replaced            int      // bytes that are no characters of that encoding, which became U+FFFD
	Columns             []string // of a table; nil: it is none
	Source, Target      string   // the columns that were taken; Target "": there is none
}

// File is the bytes of a file.
type File struct {
	Name string
	Data []byte
}

// What columns of sources and of references are called, the likeliest first.
var (
	sourceNames = []string{"source", "src", "input", "source_text", "sourcetext", "from", "word", "question", "text", "sentence"}
	targetNames = []string{"target", "tgt", "reference", "ref", "translation", "output", "mt", "target_text", "targettext", "to", "pronunciation", "phonemes", "answer", "label", "summary"}
	// Two columns that are called by languages are a source and its reference, in their order.
	languages = []string{"en", "de", "fr", "es", "it", "pt", "nl", "ru", "zh", "ja", "ko", "ar", "cs", "pl", "fi", "ro", "tr", "uk", "hi", "vi",
		"english", "german", "french", "spanish", "italian", "portuguese", "dutch", "russian", "chinese", "japanese", "korean", "arabic"}
)

// ReadPairs reads one file, or two:
//   - a table (CSV, TSV, JSON lines or a JSON array), a pair a row, whose columns are those of the names source and target, or "" for those that look
//     like them;
//   - lines, a source each, with a tab and its reference, or without;
//   - two files of as many lines, sources and their references. If only the second one's name says that it has the sources (.src), it has them.
//
// White space around sources and references is cut off; a row without a source is left out. Its error is a *fault.Error.
func ReadPairs(files []File, source, target string) (*Pairs, error) {
	switch len(files) {
	case 1:
		return readPairs(files[0], source, target)
	case 2:
		return readTwo(files)
	}
	return nil, &fault.Error{Code: fault.BadTable, In: "pairs", Expected: "one table, or two files of as many lines", Found: fmt.Sprintf("%d files", len(files))}
}

func readPairs(f File, source, target string) (*Pairs, error) {
	in, err := decode(f.Name, f.Data)
	if err != nil {
		return nil, err
	}
	p := &Pairs{Encoding: in.Encoding, Replaced: in.Replaced}
	t, err := pairsTable(f.Name, in.S, source, target)
	if err != nil {
		return nil, err
	}
	from, to, err := t.pair(f.Name, source, target)
	if err != nil {
		return nil, err
	}
	if len(t.names) > 1 {
		p.Columns, p.Source = t.names, t.names[from]
	}
	if to >= 0 {
		p.Target = t.names[to]
	}
	for _, r := range t.rows {
		p.add(cell(r, from), cell(r, to))
	}
	return p, p.some(f.Name)
}

// add adds a pair, if it has a source.
func (p *Pairs) add(source, reference string) {
	if source = strings.TrimSpace(source); source != "" {
		p.Sources, p.References = append(p.Sources, source), append(p.References, strings.TrimSpace(reference))
	}
}

// some refuses a file without any.
func (p *Pairs) some(file string) error {
	if len(p.Sources) == 0 {
		return &fault.Error{Code: fault.EmptyFile, In: "pairs", File: file, Expected: "some sources", Found: "none"}
	}
	return nil
}

// pairsTable is a file as a table; of lines one of a column, or of as many as they have tabs.
func pairsTable(file, text, source, target string) (*table, error) {
	isHeader := func(records [][]string) bool {
		return slices.ContainsFunc(records[0], func(name string) bool {
			return name != "" && (name == source || name == target) || known(name, sourceNames) >= 0 || known(name, targetNames) >= 0 || known(name, languages) >= 0
		}) && len(records[0]) > 1
	}
	kind, named := kindOf(file, text)
	var t *table
	var err error
	switch {
	case kind == "json":
		t, err = jsonTable(file, text)
	case kind == "csv":
		t, err = csvTable(file, text, comma(text), isHeader)
	case kind == "tsv" && named:
		t, err = csvTable(file, text, '\t', isHeader)
	default:
		named = false
	}
	if t != nil && err == nil || named {
		return t, err
	}
	records, _, _ := unquoted(text)
	if len(records) == 0 {
		return &table{names: []string{"1"}}, nil
	}
	if isHeader(records) {
		return &table{names: unique(records[0]), rows: records[1:]}, nil
	}
	t = &table{rows: records}
	for _, r := range records {
		for len(t.names) < len(r) {
			t.names = append(t.names, fmt.Sprint(len(t.names)+1))
		}
	}
	return t, nil
}

// known is the place of a name in a list, whatever its case; -1: it is not there.
func known(name string, list []string) int {
	return slices.Index(list, strings.ToLower(strings.TrimSpace(name)))
}

// pair are the columns of sources and of references; -1: there are none of these.
func (t *table) pair(file, source, target string) (from, to int, err error) {
	for _, name := range []string{source, target} {
		if name != "" && !slices.Contains(t.names, name) {
			return 0, 0, &fault.Error{Code: fault.NoColumn, In: "pairs", File: file, Expected: strings.Join(t.names, ", "), Found: fault.Quote(name)}
		}
	}
	from, to = slices.Index(t.names, source), slices.Index(t.names, target)
	if source == "" {
		from = t.column(sourceNames, to)
	}
	if target == "" {
		to = t.column(targetNames, from)
	}
	if from < 0 {
		from = t.other(to)
	}
	if to < 0 {
		if to = t.other(from); to >= 0 && len(t.names) > 2 && !t.spoken(to) && t.names[to] != "2" {
			to = -1 // of many, a name must say so
		}
	}
	return from, to, nil
}

// column is the column that has the likeliest of some names; -1: none but the one that is taken.
func (t *table) column(names []string, taken int) int {
	best, at := len(names), -1
	for c := range t.names {
		if k := known(t.names[c], names); k >= 0 && k < best && c != taken {
			best, at = k, c
		}
	}
	return at
}

// spoken reports whether a column is called by a language.
func (t *table) spoken(c int) bool { return known(t.names[c], languages) >= 0 }

// other is the first column that is not taken, of those that are called by languages, if there are any; -1: there is none.
func (t *table) other(taken int) int {
	at := -1
	for c := len(t.names) - 1; c >= 0; c-- {
		if c != taken && (at < 0 || t.spoken(c) || !t.spoken(at)) {
			at = c
		}
	}
	return at
}

// readTwo reads sources and references line by line.
func readTwo(files []File) (*Pairs, error) {
	ends := func(i int, names []string) bool {
		return known(strings.TrimPrefix(path.Ext(files[i].Name), "."), names) >= 0
	}
	if !ends(0, sourceNames) && (ends(1, sourceNames) || ends(0, targetNames)) {
		files = []File{files[1], files[0]}
	}
	p := &Pairs{}
	var lines [2][]string
	for i, f := range files {
		in, err := decode(f.Name, f.Data)
		if err != nil {
			return nil, err
		}
		if p.Replaced += in.Replaced; p.Encoding == "" || p.Encoding == "UTF-8" {
			p.Encoding = in.Encoding
		}
		if s := strings.TrimRight(in.S, "\n"); s != "" {
			lines[i] = strings.Split(s, "\n")
		}
	}
	if a, b := len(lines[0]), len(lines[1]); a != b {
		return nil, &fault.Error{Code: fault.PairsUneven, In: "pairs", File: files[1].Name, Expected: fmt.Sprintf("%d (%s)", a, files[0].Name), Found: fmt.Sprint(b)}
	}
	for i, source := range lines[0] {
		p.add(source, lines[1][i])
	}
	return p, p.some(files[0].Name)
}
