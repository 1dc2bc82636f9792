package service

import (
	"fmt"
	"slices"

	"loupe/engine/checkpoint"
	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// labelsOf reads the table beside word vectors, and holds that vectors, words and table are as many. nil: there is none.
func labelsOf(ck *checkpoint.Checkpoint, tok tokenizer.Tokenizer, info *nn.Info) (*tokenizer.Labels, error) {
	if info.Layers > 0 {
		return nil, nil
	}
	l, err := tokenizer.LabelsOf(ck.Files, info.Vocab, ck.Name)
	if err != nil {
		return nil, err
	}
	words := tokenizer.Rows(tok)
	if words != nil && len(words) != info.Vocab {
		return nil, &fault.Error{Code: fault.CountsDiffer, In: "service", File: ck.Name, Expected: fmt.Sprintf("%d words, one for each vector", info.Vocab), Found: fmt.Sprint(len(words))}
	}
	if l != nil && !slices.Equal(l.Words, words) { // the vectors have words of their own: the table's are another property
		l.AddWords()
	}
	return l, nil
}

// cutWords reports whether vectors are those of the first words of a numbered list, as Keras's num_words makes them.
func cutWords(tok tokenizer.Tokenizer, info *nn.Info) bool {
	return info.Layers == 0 && tokenizer.Rows(tok) == nil && (tok.Kind() == "word" || tok.Kind() == "char")
}

// vectorRemarks has word vectors keep the words of their file, and says which stand there twice, and which vectors are not
// finite.
func (s *Service) vectorRemarks(ck *checkpoint.Checkpoint) {
	warn := func(code, what string, n int) {
		if n > 0 {
			s.about.Warnings = append(s.about.Warnings, protocol.Warning{Code: code, What: what, N: n})
		}
	}
	first, n := "", 0
	for i, w := range tokenizer.Rows(s.tok) {
		if shown := tokenizer.Visible([]byte(w)); w != "" && shown != s.names[i] {
			if s.names[i] = shown; n == 0 {
				first = shown
			}
			n++
		}
	}
	warn("words-twice", first, n)
	for i, w := range s.about.Warnings {
		if w.Code == "vocab-short" {
			s.about.Warnings[i] = protocol.Warning{Code: "words-left-out", N: w.N}
		}
	}
	other := func(w protocol.Warning) bool { return w.Code == "non-finite" }
	if !slices.ContainsFunc(s.about.Warnings, other) {
		return
	}
	s.about.Warnings = slices.DeleteFunc(s.about.Warnings, other)
	first, n = "", 0
	row := make([]float32, s.info.Embed)
	for id := range s.names {
		if s.model.Embedding(row, id); !finite(row) {
			if n == 0 {
				first = fmt.Sprintf("%d (%s)", id+1, s.names[id])
			}
			n++
		}
	}
	warn("rows-not-finite", first, n)
}
