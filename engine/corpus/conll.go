package corpus

import (
	"bytes"

	"loupe/engine/annotation"
)

// conll puts words together to texts: spaces between them but where the file says that there is none, an empty line before a paragraph.
func (s *Set) conll(file, text string) error {
	names, sentences, err := annotation.CoNLL(file, text)
	if err != nil {
		return err
	}
	cells := make([][]string, len(names))
	var b []byte
	var d *Document
	docs, from := 0, []int{} // the first word of each document
	words := 0
	end := func() {
		if d != nil {
			d.Text, b = string(bytes.TrimSuffix(b, []byte(" "))), b[:0]
		}
	}
	for _, se := range sentences {
		if se.Document || d == nil {
			end()
			docs++
			name := se.Name
			if name == "" {
				name = row(file, docs)
			}
			s.Documents = append(s.Documents, Document{Name: name})
			from = append(from, words)
			d = &s.Documents[len(s.Documents)-1]
		} else if se.Paragraph {
			b = append(bytes.TrimSuffix(b, []byte(" ")), "\n\n"...)
		}
		d.Sentences = append(d.Sentences, len(b))
		for _, w := range se.Words {
			start := len(b)
			b = append(b, w.Form...)
			d.Words = append(d.Words, [2]int{start, len(b)})
			for i, f := range w.Fields {
				cells[i] = append(cells[i], f)
			}
			words++
			if !w.Joined {
				b = append(b, ' ')
			}
		}
	}
	end()
	if docs == 1 && s.Documents[0].Name == row(file, 1) {
		s.Documents[0].Name = file
	}
	from = append(from, words)
	for i, name := range names {
		tr := annotation.Values(cells[i])
		if tr == nil || len(tr.Labels) > maxTags {
			continue
		}
		for k := range s.Documents {
			s.Documents[k].Tracks = append(s.Documents[k].Tracks, annotation.Track{Name: name, Own: true, Labels: tr.Labels, Values: tr.Values[from[k]:from[k+1]]})
		}
	}
	return nil
}

// maxTags is how many different values a column of CoNLL may have: kinds of words, not words themselves.
const maxTags = 200
