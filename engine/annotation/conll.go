package annotation

import (
	"fmt"
	"path"
	"strings"

	"loupe/engine/fault"
)

// Sentence is one of a CoNLL file.
type Sentence struct {
	Words []Word
	// Document and Paragraph say that it is the first of one; Name is the document's, if the file has it.
	Document, Paragraph bool
	Name                string
}

// Word is a line of a CoNLL file: a word as it stands in the text, and what is said of it; "" where nothing is.
type Word struct {
	Form   string
	Fields []string
	Line   int  // of the file, from 1
	Joined bool // no space follows
}

// conllU are the columns of CoNLL-U that are kept, by their place. (CoNLL-X has the same.)
var conllU = []struct {
	name string
	at   int
}{{"lemma", 2}, {"upos", 3}, {"xpos", 4}, {"feats", 5}, {"deprel", 7}}

// IsCoNLL reports whether a text is CoNLL by its file's name or by its first lines: a word a line with what is said of it.
func IsCoNLL(name, text string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".conll", ".conllu", ".conllx", ".conll03", ".iob", ".iob2", ".bio", ".bioes":
		return true
	case ".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson":
		return false
	}
	lines, width := 0, 0
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		f := strings.Fields(l)
		switch {
		case strings.HasPrefix(l, "-DOCSTART-"), strings.HasPrefix(l, "# sent_id ="), strings.HasPrefix(l, "# newdoc"):
			return true
		case len(f) == 0, l[0] == '#' && lines == 0:
			continue
		case isNumbered(l):
			return true
		case len(f) < 2, width > 0 && len(f) != width, len(l) > 200, strings.Contains(l, "\t"), !isTag(f[len(f)-1]):
			return false
		}
		width = len(f)
		if lines++; lines == 50 {
			break
		}
	}
	return lines >= 3
}

// isNumbered reports whether a line is the first word of a sentence of CoNLL-U.
func isNumbered(line string) bool {
	return strings.HasPrefix(line, "1\t") && strings.Count(line, "\t") == 9 || strings.HasPrefix(line, "1-") && strings.Count(line, "\t") == 9
}

// isTag reports whether s looks like a label: B-PER, NN, O, _.
func isTag(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_$") == "" || strings.HasPrefix(s, "B-") || strings.HasPrefix(s, "I-")
}

// CoNLL reads the CoNLL formats: CoNLL-U and CoNLL-X (ten columns that tabs part, the first a number; of words that are written as one, the written
// one counts), and the older ones (columns that white space parts, the word first: part of speech, chunk, named entity). names are those of
// Word.Fields.
func CoNLL(file, text string) (names []string, sentences []Sentence, err error) {
	var s Sentence
	s.Document = true
	end := func() {
		if len(s.Words) > 0 {
			sentences = append(sentences, s)
			s = Sentence{}
		}
	}
	width, isU, upto, line := 0, false, "", 0
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimRight(l, "\r\n")
		switch f := strings.Fields(l); {
		case len(f) == 0:
			end()
			upto = ""
			continue
		case f[0] == "-DOCSTART-":
			end()
			s.Document = true
			continue
		case l[0] == '#' && len(s.Words) == 0 && (width == 0 || isU):
			s.comment(l)
			continue
		}
		f := fields(l)
		if width == 0 {
			width, isU = len(f), numbered(f)
			names = columns(width, isU)
		}
		if len(f) != width || width < 2 || isU && !numbered(f) {
			return nil, nil, &fault.Error{Code: fault.BadTable, In: "conll", File: file, Where: fmt.Sprint("line ", line), Expected: expects(width, isU), Found: fault.Quote(l)}
		}
		if !isU {
			s.Words = append(s.Words, Word{Form: f[0], Fields: f[1:], Line: line})
			continue
		}
		w := Word{Form: f[1], Line: line}
		for _, c := range conllU {
			w.Fields = append(w.Fields, none(f[c.at]))
		}
		w.Joined = strings.Contains(f[9], "SpaceAfter=No")
		from, to, several := strings.Cut(f[0], "-")
		switch {
		case strings.Contains(f[0], "."): // a word that is not written
		case several:
			upto = to
			w.Fields = nil
			s.Words = append(s.Words, w)
		case upto != "": // a part of the one before, which takes what is said of its first part
			if last := &s.Words[len(s.Words)-1]; last.Fields == nil {
				last.Fields = w.Fields
			}
			if from == upto {
				upto = ""
			}
		default:
			s.Words = append(s.Words, w)
		}
	}
	end()
	for i := range sentences { // a range whose parts the file lacks
		for j := range sentences[i].Words {
			if w := &sentences[i].Words[j]; w.Fields == nil {
				w.Fields = make([]string, len(names))
			}
		}
	}
	if len(sentences) == 0 {
		return nil, nil, &fault.Error{Code: fault.BadTable, In: "conll", File: file, Expected: "a word a line", Found: "none"}
	}
	return names, sentences, nil
}

// comment reads a line that begins with #.
func (s *Sentence) comment(l string) {
	key, value, _ := strings.Cut(strings.TrimSpace(l[1:]), "=")
	switch key = strings.TrimSpace(key); {
	case strings.HasPrefix(key, "newdoc"):
		s.Document, s.Name = true, strings.TrimSpace(value)
	case strings.HasPrefix(key, "newpar"):
		s.Paragraph = true
	}
}

func expects(width int, isU bool) string {
	if isU {
		return "10 columns, of which the first is a number"
	}
	return fmt.Sprintf("%d columns", max(width, 2))
}

// fields are the columns of a line: where it has tabs, what those part.
func fields(l string) []string {
	if strings.Contains(l, "\t") {
		return strings.Split(l, "\t")
	}
	return strings.Fields(l)
}

// numbered reports whether a line's columns are those of CoNLL-U: ten, of which the first is a number (1, 1-2, 1.1).
func numbered(f []string) bool {
	return len(f) == 10 && strings.Trim(f[0], "0123456789-.") == "" && f[0] != "" && f[0][0] >= '0' && f[0][0] <= '9'
}

// columns are the names of what stands beside a word in a file of width columns.
func columns(width int, isU bool) (names []string) {
	if isU {
		for _, c := range conllU {
			names = append(names, c.name)
		}
		return names
	}
	switch width {
	case 2:
		return []string{"tag"}
	case 3:
		return []string{"pos", "chunk"}
	case 4:
		return []string{"pos", "chunk", "ner"}
	}
	for i := 2; i <= width; i++ {
		names = append(names, fmt.Sprint("column ", i))
	}
	return names
}

func none(s string) string {
	if s == "_" {
		return ""
	}
	return s
}
