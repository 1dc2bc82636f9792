package vectors

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"loupe/engine/fault"
)

// nextBinary reads a word of word2vec's binary form: a word, a space and its numbers, little-endian float32. Some writers end a
// word's numbers with a newline.
func (s *scanner) nextBinary() (word []byte, err error) {
	at := s.n + 1
	if s.n == s.words {
		return nil, s.end()
	}
	if word, err = binaryWord(s.b, at); err != nil {
		return nil, err
	}
	if s.parse {
		return word, binaryRow(s.b, s.values, at)
	}
	if k, err := s.b.Discard(4 * s.width); err != nil {
		return nil, cut(err, at, s.width, k)
	}
	return word, nil
}

// end is io.EOF if nothing but newlines follows.
func (s *scanner) end() error {
	for {
		c, err := s.b.ReadByte()
		switch {
		case err == io.EOF:
			return io.EOF
		case err != nil:
			return readError(err, "the end of the file")
		case c != '\n':
			return fail(fault.BadVectors, "the end of the file", fmt.Sprintf("%d words, as line 1 says", s.words), "more")
		}
	}
}

// binaryWord reads up to a space.
func binaryWord(b *bufio.Reader, at int) ([]byte, error) {
	var word []byte
	for {
		c, err := b.ReadByte()
		switch {
		case err != nil:
			return nil, readError(err, wordName(at))
		case c == ' ':
			return word, nil
		case c == '\n' && len(word) == 0: // of the word before
			continue
		case len(word) == maxWord:
			return nil, fail(fault.BadVectors, wordName(at), fmt.Sprintf("a word of at most %d bytes and a space", maxWord), "more")
		}
		word = append(word, c)
	}
}

// binaryRow reads numbers a piece at a time.
func binaryRow(b *bufio.Reader, values []float32, at int) error {
	var piece [256]byte
	for i := 0; i < len(values); {
		n := min(len(piece)/4, len(values)-i)
		if k, err := io.ReadFull(b, piece[:4*n]); err != nil {
			return cut(err, at, len(values), 4*i+k)
		}
		for j := range n {
			values[i+j] = math.Float32frombits(binary.LittleEndian.Uint32(piece[4*j:]))
		}
		i += n
	}
	return nil
}

// cut is the error of a word whose numbers are not all there.
func cut(err error, at int, width, have int) error {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return readError(err, wordName(at))
	}
	return fail(fault.Truncated, wordName(at), fault.Bytes(4*width), fault.Bytes(have))
}

func wordName(n int) string { return fmt.Sprint("word ", n) }
