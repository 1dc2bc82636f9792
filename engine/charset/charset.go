// Package charset makes text of bytes in any of the encodings that people's files have, and says which it took them for.
package charset

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"loupe/engine/fault"
)

// Text is what was read.
type Text struct {
	S        string
	Encoding string // "UTF-8", "UTF-16", "windows-1252", "Shift_JIS", ..
	Replaced int    // characters that stand for bytes that are none in this encoding (U+FFFD)
}

// Decode reads a file as text: UTF-8, with or without a mark; UTF-16, by its mark or its zeros; else the encoding in which most of its
// characters are common ones (see guess). A binary file is an error that says what it looks like.
func Decode(file string, b []byte) (*Text, error) {
	fail := func(code fault.Code, expected, found string) (*Text, error) {
		return nil, &fault.Error{Code: code, In: "text", File: file, Expected: expected, Found: found}
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return fail(fault.EmptyFile, "", fault.Bytes(len(b)))
	}
	if kind := binary(b); kind != "" {
		return fail(fault.NotText, "text", kind)
	}
	if big, mark, ok := isUTF16(b); ok {
		s, replaced := fromUTF16(b[mark:], big)
		return &Text{s, "UTF-16", replaced}, nil
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if n := controls(b); n > len(b)/100 {
		return fail(fault.NotText, "text", fmt.Sprintf("%d control characters", n))
	}
	if utf8.Valid(b) {
		return &Text{string(b), "UTF-8", 0}, nil
	}
	if whole, broken := sequences(b); whole > 10*broken { // UTF-8 with some damage
		s := string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
		return &Text{s, "UTF-8", broken}, nil
	}
	s, encoding, ok := guess(b)
	if !ok {
		return fail(fault.BadEncoding, strings.Join(Names(), ", "), "bytes that are none of these")
	}
	return &Text{s, encoding, strings.Count(s, "\uFFFD")}, nil
}

// binary names the kind of a file that is no text, by how it begins.
func binary(b []byte) string {
	for _, k := range []struct{ magic, kind string }{
		{"%PDF", "PDF"}, {"PK\x03\x04", "zip, or a document of an office program"}, {"\x1f\x8b", "gzip"}, {"\x89PNG", "PNG"}, {"\xff\xd8\xff", "JPEG"},
		{"\x89HDF", "HDF5"}, {"GGUF", "GGUF"}, {"\xd0\xcf\x11\xe0", "a document of an office program"}, {"{\\rtf", "RTF"}, {"BZh", "bzip2"},
		{"\xfd7zXZ", "xz"}, {"7z\xbc\xaf", "7z"}, {"SQLite format", "SQLite"}, {"PAR1", "Parquet"}, {"\x93NUMPY", "npy"}, {"\x80\x02", "pickle"}, {"\x80\x04", "pickle"},
	} {
		if bytes.HasPrefix(b, []byte(k.magic)) {
			return k.kind
		}
	}
	return ""
}

// controls counts control characters, of those that text does not have.
func controls(b []byte) (n int) {
	for _, c := range b {
		if c < ' ' && (c < '\t' || c > '\r') && c != 0x1b || c == 0x7f {
			n++
		}
	}
	return n
}

// isUTF16 tells UTF-16 by its mark or, without one, by zeros at every other byte: at least a third of either the even or the odd ones are 0, and few
// of the others. mark is how long the mark is.
func isUTF16(b []byte) (big bool, mark int, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}) && !bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}):
		return false, 2, true
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return true, 2, true
	}
	head := b[:min(len(b)&^1, 1<<16)]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	few, many := min(zeros[0], zeros[1]), max(zeros[0], zeros[1])
	return zeros[0] > zeros[1], 0, len(b)%2 == 0 && many > len(head)/6 && 8*few < many
}

func fromUTF16(b []byte, big bool) (s string, replaced int) {
	var out strings.Builder
	out.Grow(len(b) / 2)
	unit := func(i int) rune {
		if big {
			return rune(b[i])<<8 | rune(b[i+1])
		}
		return rune(b[i+1])<<8 | rune(b[i])
	}
	for i := 0; i+1 < len(b); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			pair := utf8.RuneError
			if i+3 < len(b) {
				pair = utf16.DecodeRune(r, unit(i+2))
			}
			if r = pair; r == utf8.RuneError {
				replaced++
			} else {
				i += 2
			}
		}
		out.WriteRune(r)
	}
	if len(b)%2 == 1 {
		out.WriteRune(utf8.RuneError)
		replaced++
	}
	return out.String(), replaced
}

// sequences counts the characters of more than one byte that are whole UTF-8, and the runs of bytes that are none.
func sequences(b []byte) (whole, broken int) {
	run := false
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		bad := r == utf8.RuneError && n == 1
		if bad && !run {
			broken++
		}
		if n > 1 {
			whole++
		}
		run = bad
		i += n
	}
	return whole, broken
}
