package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code says what is wrong; the names are those of package checkpoint.
type Code string

const (
	NoTokenizer  Code = "no-tokenizer"  // a file is missing
	BadTokenizer Code = "bad-tokenizer" // a file is malformed
	TooLarge     Code = "too-large"     // more than a limit; Expected is the limit
)

// Error is anything wrong with a tokenizer's files, in parts. All but Code are data that may come from a file.
type Error struct {
	Code                         Code
	File, Where, Expected, Found string
	Err                          error
}

// Error is one line.
func (e *Error) Error() string {
	parts := []string{"tokenizer"}
	for _, s := range []string{e.File, e.Where, string(e.Code)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	var facts []string
	if e.Expected != "" {
		facts = append(facts, "expected "+e.Expected)
	}
	if e.Found != "" {
		facts = append(facts, "found "+e.Found)
	}
	if e.Err != nil {
		facts = append(facts, e.Err.Error())
	}
	if len(facts) > 0 {
		parts = append(parts, strings.Join(facts, ", "))
	}
	return strings.ReplaceAll(strings.Join(parts, ": "), "\n", " ")
}

func (e *Error) Unwrap() error { return e.Err }

func bad(file, where, expected, found string) *Error {
	return &Error{Code: BadTokenizer, File: file, Where: where, Expected: expected, Found: found}
}

// quote is a string from a file, quoted and cut to 80 characters.
func quote(s string) string {
	if r := []rune(s[:min(len(s), 400)]); len(r) > 80 {
		s = string(r[:80]) + ".."
	}
	return strconv.Quote(s)
}

// maxDepth is how deep JSON may be nested. encoding/json goes one call deeper for each level, and the stack of a
// browser's worker is small: beyond some thousand levels the program would end.
const maxDepth = 64

// readJSON decodes a file after a look at its size, its nesting and the number of its values. members is how many keys
// its objects have together: more than a map got means that a key stood twice.
func readJSON(file string, b []byte, v any) (members int, err error) {
	if len(b) > maxFile {
		return 0, &Error{Code: TooLarge, File: file, Expected: "at most 64 MB", Found: fmt.Sprint(len(b), " bytes")}
	}
	if !utf8.Valid(b) {
		return 0, bad(file, "", "UTF-8", "bytes that are not")
	}
	members, e := survey(file, b)
	if e != nil {
		return 0, e
	}
	err = json.Unmarshal(b, v)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return 0, &Error{Code: BadTokenizer, File: file, Where: fmt.Sprint("byte ", syntax.Offset), Expected: "JSON", Err: err}
	case errors.As(err, &kind):
		return 0, bad(file, fmt.Sprintf("%s, byte %d", kind.Field, kind.Offset), kind.Type.String(), kind.Value)
	case err != nil:
		return 0, &Error{Code: BadTokenizer, File: file, Expected: "JSON", Err: err}
	}
	return members, nil
}

// survey counts without decoding.
func survey(file string, b []byte) (members int, err *Error) {
	depth, values, inString := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return 0, bad(file, fmt.Sprint("byte ", i), fmt.Sprintf("at most %d levels of nesting", maxDepth), "more")
			}
		case c == '}' || c == ']':
			depth--
		case c == ':':
			members++
		case c == ',':
			values++
		}
	}
	if values > 4*maxVocab {
		return 0, &Error{Code: TooLarge, File: file, Expected: fmt.Sprintf("at most %d tokens", maxVocab), Found: fmt.Sprint(values, " values")}
	}
	return members, nil
}
