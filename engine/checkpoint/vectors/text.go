package vectors

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"loupe/engine/fault"
)

// split cuts a line at spaces and tabs. What stands between two of them, if it is nothing, is left out.
func split(line []byte) [][]byte {
	return bytes.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
}

// nextLine reads a line of a word and its numbers. A word may have spaces in it: the numbers are the last ones of the line.
func (s *scanner) nextLine() (word []byte, err error) {
	text, blank := []byte(nil), false
	for {
		s.at++
		text, err = line(s.b, s.at)
		if err != nil || len(bytes.Trim(text, " \t")) > 0 {
			break
		}
		blank = true // at the end of the file
	}
	switch {
	case err == io.EOF && s.header && s.n != s.words:
		return nil, fail(fault.BadVectors, lineName(s.at), fmt.Sprintf("%d words, as line 1 says", s.words), fmt.Sprint(s.n))
	case err == io.EOF && s.n == 0:
		return nil, fail(fault.BadVectors, lineName(s.at), "a word and its numbers", "none")
	case err != nil:
		return nil, err
	case blank:
		return nil, fail(fault.BadVectors, lineName(s.at-1), "a word and its numbers", "an empty line")
	case s.header && s.n == s.words:
		return nil, fail(fault.BadVectors, lineName(s.at), fmt.Sprintf("the end after %d words, as line 1 says", s.n), "more")
	}
	word, numbers, err := s.cut(text, s.at)
	if err == nil && s.parse {
		err = parse(s.values, numbers, s.at)
	}
	return word, err
}

// cut takes the numbers from the end of a line; what is before is the word.
func (l *layout) cut(text []byte, at int) (word, numbers []byte, err error) {
	i, numbers := len(text), text
	for range l.width {
		for i > 0 && blank(text[i-1]) {
			i--
		}
		if i == 0 {
			return nil, nil, l.ragged(text, at)
		}
		for i > 0 && !blank(text[i-1]) {
			i--
		}
	}
	word, numbers = text[:max(i-1, 0)], text[i:]
	if l.named && (i == 0 || !isNumber(firstOf(numbers))) || !l.named && len(bytes.Trim(word, " \t")) > 0 {
		return nil, nil, l.ragged(text, at)
	}
	return word, numbers, nil
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// firstOf is what stands before the first space or tab.
func firstOf(text []byte) []byte {
	for i, c := range text {
		if blank(c) {
			return text[:i]
		}
	}
	return text
}

func (l *layout) ragged(text []byte, at int) error {
	n, expected := 0, fmt.Sprintf("%d numbers", l.width)
	parts := split(text)
	if l.named {
		expected = "a word and " + expected
		parts = parts[min(1, len(parts)):]
	}
	for _, p := range parts {
		if isNumber(p) {
			n++
		}
	}
	return fail(fault.BadVectors, lineName(at), expected, fmt.Sprintf("%d numbers", n))
}

// parse reads as many numbers as values has room for.
func parse(values []float32, text []byte, at int) error {
	for i := range values {
		for len(text) > 0 && blank(text[0]) {
			text = text[1:]
		}
		part := firstOf(text)
		v, ok := number(part)
		if !ok {
			return fail(fault.BadVectors, lineName(at), "a number", fault.Quote(string(part)))
		}
		values[i], text = v, text[len(part):]
	}
	return nil
}

// powers of ten that are exact in float64.
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// number reads a decimal number, as float64 and then as float32, as NumPy does. Those of up to 15 digits, which are nearly all,
// are one exact number divided by another.
func number(b []byte) (float32, bool) {
	var digits uint64
	n, after, point := 0, 0, false
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		i++
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			digits = digits*10 + uint64(c-'0')
			if digits > 0 {
				n++
			}
			if point {
				after++
			}
		case c == '.' && !point:
			point = true
		default:
			return slow(b)
		}
		if n > 15 || after > 22 {
			return slow(b)
		}
	}
	if n == 0 && (len(b) == 0 || b[len(b)-1] != '0' && !bytes.ContainsRune(b, '0')) {
		return slow(b)
	}
	v := float64(digits) / powers[after]
	if b[0] == '-' {
		v = math.Copysign(v, -1)
	}
	return float32(v), true
}

// slow reads any decimal number, nan and inf.
func slow(b []byte) (float32, bool) {
	if !isNumber(b) {
		return 0, false
	}
	if unsigned := bytes.TrimLeft(b, "+-"); len(unsigned) == 3 && unsigned[0]|0x20 == 'n' { // C writes "-nan" too
		return float32(math.NaN()), true
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return float32(v), err == nil || math.IsInf(v, 0)
}

// isBinary reports whether b is no text.
func isBinary(b []byte) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 127 || r == utf8.RuneError && n == 1 && utf8.FullRune(b[i:]) {
			return true
		}
		i += n
	}
	return false
}

func digital(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// isNumber reports whether b looks like a number: nothing but what numbers are written with, and a digit first; or nan or inf.
func isNumber(b []byte) bool {
	if i := bytes.IndexFunc(b, func(r rune) bool { return r > 127 || !digital(byte(r)) }); i >= 0 || len(b) == 0 || len(b) > 64 {
		switch string(bytes.ToLower(bytes.TrimLeft(b, "+-"))) {
		case "nan", "inf", "infinity":
			return len(b) <= 9
		}
		return false
	}
	first := bytes.TrimLeft(b, "+-.")
	return len(first) > 0 && first[0] >= '0' && first[0] <= '9'
}
