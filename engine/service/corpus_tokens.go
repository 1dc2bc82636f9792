package service

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/annotation"
	"loupe/engine/corpus"
	"loupe/engine/desk"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// blockSize is how many bytes of a text are cut into tokens at a time: so that it can be cancelled, and takes little memory.
const blockSize = 64 << 10

// reader makes tokens of the documents of a corpus.
type reader struct {
	s       *Service
	j       *desk.Job
	c       *texts
	most    int // tokens that are kept
	over    bool
	total   int // tokens so far, kept or not
	cut     int // documents that were run in parts
	unknown int
	which   []string // some of them, each once
	read    int      // bytes
	bytes   int      // of all
}

// tokenizeTexts cuts documents into tokens. If they are more than most, evenly drawn documents are kept, or of one that is too long
// its beginning.
func (s *Service) tokenizeTexts(j *desk.Job, set *corpus.Set, most int) (*texts, error) {
	r := &reader{s: s, j: j, c: &texts{counts: make([]int, s.info.Vocab)}, most: most}
	for i := range set.Documents {
		r.bytes += len(set.Documents[i].Text)
	}
	sizes := make([]int, len(set.Documents))
	for i := range set.Documents {
		before := r.total
		if err := r.document(&set.Documents[i]); err != nil {
			return nil, err
		}
		sizes[i] = r.total - before
	}
	if r.over {
		again := &reader{s: s, j: j, c: &texts{counts: r.c.counts}, most: most, bytes: r.bytes}
		clear(again.c.counts)
		for _, i := range drawn(sizes, most) {
			if err := again.document(&set.Documents[i]); err != nil {
				return nil, err
			}
		}
		again.c.warn(protocol.Warning{Code: "corpus-sampled", What: fmt.Sprint(r.total), N: len(again.c.ids)})
		r = again
	}
	c := r.c
	if r.unknown > 0 {
		c.warn(protocol.Warning{Code: "unknown-characters", What: strings.Join(r.which, ""), N: r.unknown})
	}
	if r.cut > 0 {
		c.warn(protocol.Warning{Code: "corpus-cut", What: fmt.Sprint(s.corpusLimit()), N: r.cut})
	}
	return c, c.finish(j.Yield)
}

// finish says what there is, once all tokens are.
func (c *texts) finish(yield func() error) error {
	slices.Sort(c.pieces)
	c.pieces = slices.Compact(c.pieces)
	for i := range c.docs {
		c.sentences(&c.docs[i])
		if err := yield(); err != nil {
			return err
		}
	}
	c.ends = append(c.ends, c.pieces...)
	slices.Sort(c.ends)
	c.ends = slices.Compact(c.ends)
	c.info.Documents, c.info.Tokens = len(c.docs), len(c.ids)
	for _, id := range c.ids {
		c.counts[id]++
	}
	return nil
}

func (c *texts) warn(w protocol.Warning) { c.info.Warnings = append(c.info.Warnings, w) }

// drawn are the numbers of documents, evenly apart, that have at most so many tokens together; of fewer than two, all: the first of
// them are kept, and the beginning of another.
func drawn(sizes []int, most int) []int {
	for m := len(sizes); m > 1; m -= max(1, m/50) {
		sum := 0
		list := make([]int, m)
		for i := range list {
			list[i] = i * len(sizes) / m
			sum += sizes[list[i]]
		}
		if sum <= most {
			return list
		}
	}
	all := make([]int, len(sizes))
	for i := range all {
		all[i] = i
	}
	return all
}

// document adds one document's tokens, as many as are kept.
func (r *reader) document(d *corpus.Document) error {
	c, lo, parts := r.c, len(r.c.ids), 0
	for at := 0; at < len(d.Text); {
		to := r.s.blockEnd(d.Text, at)
		for _, part := range r.parts(d.Text[at:to]) {
			tokens, unknown := r.s.encode(part)
			r.note(part, unknown)
			r.take(tokens, part, at)
			at += len(part)
			if r.s.corpusLimit() > 0 && len(tokens) > 0 {
				parts++
				c.pieces = append(c.pieces, len(c.ids))
			}
		}
		r.j.Progress("corpus", float64(r.read+at), float64(r.bytes), d.Name)
		if err := r.j.Yield(); err != nil {
			return err
		}
	}
	r.read += len(d.Text)
	if parts > 1 {
		r.cut++
	}
	if len(c.ids) > lo {
		c.pieces = append(c.pieces, len(c.ids))
		c.docs = append(c.docs, document{*d, lo, len(c.ids)})
	}
	return nil
}

// parts are what of a block is run in one go.
func (r *reader) parts(block string) []string {
	if limit := r.s.corpusLimit(); limit > 0 {
		return r.s.parts(block, limit)
	}
	return []string{block}
}

// note counts what no token stands for.
func (r *reader) note(text string, unknown []tokenizer.Span) {
	r.unknown += len(unknown)
	for _, u := range unknown {
		if s := text[u.Start:u.End]; len(r.which) < 8 && !slices.Contains(r.which, s) {
			r.which = append(r.which, s)
		}
	}
}

// take adds the tokens of a text that stands at a byte of its document.
func (r *reader) take(tokens []tokenizer.Token, text string, at int) {
	r.total += len(tokens)
	r.over = r.over || r.total > r.most
	c := r.c
	tokens = tokens[:min(len(tokens), max(0, r.most-len(c.ids)))]
	if n := len(c.ids) + len(tokens); n > cap(c.ids) { // as many as there will be, if all of the texts is like this
		all := min(r.most, 64+int(1.05*float64(n)*float64(r.bytes)/float64(r.read+at+len(text))))
		c.ids, c.start, c.end = slices.Grow(c.ids, all-len(c.ids)), slices.Grow(c.start, all-len(c.ids)), slices.Grow(c.end, all-len(c.ids))
	}
	for _, k := range tokens {
		c.ids, c.start, c.end = append(c.ids, int32(k.ID)), append(c.start, int32(at+k.Start)), append(c.end, int32(at+k.End))
	}
}

// sentences notes where the sentences of a document end.
func (c *texts) sentences(d *document) {
	begins := d.Sentences
	if begins == nil {
		begins = corpus.Sentences(d.Text)
	}
	for _, t := range annotation.Begins(c.text(d), begins) {
		if t > 0 {
			c.ends = append(c.ends, d.lo+t)
		}
	}
}

// corpusLimit is how many tokens of a document are run in one go; 0: all, whatever their number.
func (s *Service) corpusLimit() int {
	if s.info.Context == 0 && s.info.Heads == 0 && !s.info.Full {
		return 0
	}
	return s.about.Context
}

// blockEnd is where the block of a text ends that begins at a byte: where cutting it changes no token, or, where a document is run in
// parts anyway, between words.
func (s *Service) blockEnd(text string, from int) int {
	to := from + blockSize
	if len(text) <= to || s.corpusLimit() == 0 && !s.linesApart() {
		return len(text)
	}
	kind := s.tok.Kind()
	anywhere := kind == "char" || s.corpusLimit() > 0
	words := anywhere || kind == "word" || kind == "numbers"
	ends := func(i int) bool { return words && text[i] == ' ' || lineEnd(text, i) }
	for i := to; i > from+blockSize/2; i-- {
		if ends(i) {
			return i
		}
	}
	for i := to; i < len(text); i++ {
		if ends(i) || anywhere && utf8.RuneStart(text[i]) {
			return i
		}
	}
	return len(text)
}

// linesApart reports whether the lines of a text can be cut into tokens one by one: the tokenizer puts nothing before or after a text.
func (s *Service) linesApart() bool {
	ids := func(text string) (ids []int) {
		tokens, _ := s.tok.Encode(text)
		for _, k := range tokens {
			ids = append(ids, k.ID)
		}
		return ids
	}
	return slices.Equal(ids("a\nb"), append(ids("a\n"), ids("b")...))
}

// lineEnd reports whether a line ends before byte i of a text, and another begins, with no other white space around.
func lineEnd(text string, i int) bool {
	if i < 2 || text[i-1] != '\n' {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i-1])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return !unicode.IsSpace(before) && !unicode.IsSpace(after)
}
