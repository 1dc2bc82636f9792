// Package vectors reads files of word vectors: word2vec's text and binary form, GloVe's and fastText's text, and numbers in tabs.
// They have no header but, some of them, a line with the number of words and of numbers a word. A file is read twice, in pieces:
// once to list its words and prove its form, and once for the numbers, straight to where they stay.
package vectors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

const (
	maxWords = 1 << 20
	maxWidth = 1 << 16 // numbers of a word
	maxWord  = 1024    // bytes
	maxLine  = 2 << 20 // bytes: the longest line of maxWidth numbers
)

// layout is how a file stores its vectors.
type layout struct {
	header bool // it begins with the number of words and of numbers
	words  int  // as the header says
	width  int  // numbers of a word
	named  bool // each line begins with its word
	binary bool
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "vectors", Where: where, Expected: expected, Found: found}
}

// Match reports whether a file's first bytes are those of word vectors: a line of two whole numbers and more behind it, or a word
// (or none) and at least five numbers, three of them with a point, and as many in each line that follows; two columns may be so few
// if tabs part them.
func Match(head []byte) bool {
	first, rest, whole := bytes.Cut(head, []byte("\n"))
	parts := split(bytes.TrimRight(first, "\r"))
	if n, width, ok := counts(parts); ok && whole && n > 0 && width > 1 {
		word, numbers, found := bytes.Cut(rest, []byte(" "))
		if !found {
			word, numbers, found = bytes.Cut(rest, []byte("\t"))
		}
		return found && len(word) <= maxWord && len(numbers) > 0 && (isBinary(numbers[:min(len(numbers), 4*width)]) || isNumber(firstOf(numbers)) || phrase(rest, width))
	}
	if n := len(first); !whole && n >= 500 && first[n-1] != ' ' && first[n-1] != '\t' && len(parts) > 1 {
		parts = parts[:len(parts)-1] // it may be cut
	}
	points := 0
	for _, p := range parts[min(1, len(parts)):] {
		if !isNumber(p) {
			return false
		}
		if bytes.ContainsAny(p, ".eE") {
			points++
		}
	}
	plain := whole && points >= 1 && bytes.Contains(first, []byte("\t")) && isNumber(parts[0])
	return (plain || points >= 3 && len(parts) > 5) && (!whole || alike(rest, len(parts)))
}

// phrase reports whether a text begins with words and then as many numbers, or as many as are there of a line that is cut.
func phrase(text []byte, width int) bool {
	first, _, whole := bytes.Cut(text, []byte("\n"))
	parts := split(bytes.TrimRight(first, "\r"))
	if !whole && len(parts) > 0 {
		parts, width = parts[:len(parts)-1], 1
	}
	return len(parts) > width && !slices.ContainsFunc(parts[len(parts)-width:], func(p []byte) bool { return !isNumber(p) })
}

// alike reports whether the whole lines of text end with as many numbers as the first, of which n are parts.
func alike(text []byte, n int) bool {
	for {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		parts := split(bytes.TrimRight(line, "\r"))
		if !whole || len(parts) == 0 {
			return true
		}
		if len(parts) < n || slices.ContainsFunc(parts[len(parts)-n+1:], func(p []byte) bool { return !isNumber(p) }) {
			return false
		}
		text = rest
	}
}

// counts reads the line that some files begin with.
func counts(parts [][]byte) (words, width int, ok bool) {
	if len(parts) != 2 {
		return 0, 0, false
	}
	words, err := strconv.Atoi(string(parts[0]))
	if err != nil {
		return 0, 0, false
	}
	width, err = strconv.Atoi(string(parts[1]))
	return words, width, err == nil
}

// Open lists the words and proves that each has as many numbers as the first.
func Open(r io.ReaderAt, size int64) (*format.File, error) {
	if size <= 0 {
		return nil, fail(fault.EmptyFile, "", "words and numbers", "0 bytes")
	}
	l, err := look(r, size)
	if err != nil {
		return nil, err
	}
	s, err := newScanner(l, r, size, false)
	if err != nil {
		return nil, err
	}
	list := &list{}
	if err := s.read(list); err != nil {
		return nil, err
	}
	n := s.n
	config, err := json.Marshal(map[string]any{"model_type": "word_vectors", "vocab_size": n, "hidden_size": l.width})
	if err != nil {
		return nil, err
	}
	t := format.Tensor{Size: 4, Bytes: 4 * int64(n) * int64(l.width), Open: func() (io.ReadCloser, error) {
		s, err := newScanner(l, r, size, true)
		return io.NopCloser(&numbers{s: s, row: make([]byte, 4*l.width)}), err
	}}
	t.Info = tensor.Info{Name: "embedding.weight", DType: tensor.F32, Shape: []int{n, l.width}}
	f := &format.File{Tensors: []format.Tensor{t}, Config: config, Metadata: map[string]any{}}
	if l.named {
		f.Metadata["words"] = list.words()
	}
	return f, nil
}

// look tells a file's layout by its first lines.
func look(r io.ReaderAt, size int64) (layout, error) {
	b := newReader(r, size)
	first, err := line(b, 1)
	if err != nil {
		return layout{}, err
	}
	parts := split(first)
	n, width, ok := counts(parts)
	if !ok {
		l := layout{width: len(parts) - 1, named: true}
		if len(parts) > 0 && isNumber(parts[0]) && bytes.ContainsAny(parts[0], ".eE") {
			l.named, l.width = false, len(parts)
		}
		return l, l.check()
	}
	l := layout{header: true, words: n, width: width, named: true}
	if err := l.check(); err != nil {
		return l, err
	}
	head, err := b.Peek(min(maxWord+4*width, b.Size()))
	if err != nil && err != io.EOF {
		return l, readError(err, "line 2")
	}
	if _, numbers, found := bytes.Cut(bytes.TrimLeft(head, "\n"), []byte(" ")); found {
		l.binary = isBinary(numbers[:min(len(numbers), 4*width)])
	}
	return l, nil
}

// check holds the layout within its limits.
func (l *layout) check() error {
	switch {
	case l.header && (l.words < 1 || l.words > maxWords):
		return fail(fault.TooLarge, "line 1", fmt.Sprintf("1 to %d words", maxWords), fmt.Sprint(l.words))
	case l.width < 1:
		return fail(fault.BadVectors, "line 1", "a word and its numbers", "none")
	case l.width > maxWidth:
		return fail(fault.TooLarge, "line 1", fmt.Sprintf("at most %d numbers a word", maxWidth), fmt.Sprint(l.width))
	}
	return nil
}

// scanner goes through a file a word at a time.
type scanner struct {
	layout
	b      *bufio.Reader
	parse  bool      // the numbers are wanted
	values []float32 // of the word that was read last
	n      int       // words read
	at     int       // text: lines read
}

func newScanner(l layout, r io.ReaderAt, size int64, parse bool) (*scanner, error) {
	s := &scanner{layout: l, b: newReader(r, size), parse: parse, values: make([]float32, l.width)}
	if !l.header {
		return s, nil
	}
	s.at = 1
	_, err := line(s.b, 1)
	return s, err
}

// next reads a word, which is valid until the next call, and its numbers; io.EOF after the last one, if the header told the truth.
func (s *scanner) next() (word []byte, err error) {
	if s.binary {
		word, err = s.nextBinary()
	} else {
		word, err = s.nextLine()
	}
	if err == nil {
		s.n++
	}
	return word, err
}

// where is the place of the word that was read last.
func (s *scanner) where() string {
	if s.binary {
		return wordName(s.n)
	}
	return lineName(s.at)
}

// read lists all words.
func (s *scanner) read(list *list) error {
	for {
		word, err := s.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = list.add(word, s)
		}
		if err != nil {
			return err
		}
	}
}

// numbers gives all numbers of a file as bytes, little-endian float32, a word at a time: the second reading.
type numbers struct {
	s    *scanner
	row  []byte
	left []byte // of row
}

func (r *numbers) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(r.left) == 0 {
			if _, err := r.s.next(); err != nil {
				return n, err
			}
			for i, v := range r.s.values {
				binary.LittleEndian.PutUint32(r.row[4*i:], math.Float32bits(v))
			}
			r.left = r.row
		}
		k := copy(b[n:], r.left)
		n, r.left = n+k, r.left[k:]
	}
	return n, nil
}

// list is the words of a file, side by side.
type list struct {
	text []byte
	ends []uint32
}

// add notes the word that s read.
func (l *list) add(word []byte, s *scanner) error {
	switch {
	case len(l.ends) == maxWords:
		return fail(fault.TooLarge, s.where(), fmt.Sprintf("at most %d words", maxWords), "more")
	case len(word) > maxWord:
		return fail(fault.BadVectors, s.where(), fmt.Sprintf("a word of at most %d bytes", maxWord), fault.Bytes(len(word)))
	}
	l.text = append(l.text, word...)
	l.ends = append(l.ends, uint32(len(l.text)))
	return nil
}

// words are the words as strings that share their memory.
func (l *list) words() []string {
	all, at := string(l.text), uint32(0)
	words := make([]string, len(l.ends))
	for i, end := range l.ends {
		words[i], at = all[at:end], end
	}
	return words
}

func newReader(r io.ReaderAt, size int64) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(r, 0, size), int(min(size, 1<<20))+16)
}

// line is the next line without its end; io.EOF after the last one. It is valid until the next call.
func line(b *bufio.Reader, number int) ([]byte, error) {
	text, err := b.ReadSlice('\n')
	long := text
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(long) > maxLine {
			return nil, fail(fault.BadVectors, lineName(number), "a line of at most "+fault.Bytes(maxLine), "a longer one")
		}
		long = bytes.Clone(long)
		text, err = b.ReadSlice('\n')
		long = append(long, text...)
	}
	if err != nil && err != io.EOF {
		return nil, readError(err, lineName(number))
	}
	if err == io.EOF && len(long) == 0 {
		return nil, io.EOF
	}
	return bytes.TrimRight(long, "\r\n"), nil
}

func lineName(line int) string { return fmt.Sprint("line ", line) }

func readError(err error, where string) error {
	e := fault.ReadError(where, err)
	e.In = "vectors"
	return e
}
