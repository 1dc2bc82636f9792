package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits of JSON that a file brings. encoding/json goes one call deeper for each level of nesting, and the stack of a
// browser's worker is small: beyond some thousand levels the program would end, and nothing could catch it.
const (
	maxDepth  = 64
	maxValues = 4 << 20
	maxJSON   = 64 << 20 // bytes
)

// JSON decodes a file after a look at its size, its nesting and the number of its values; code is what an error of its form
// has. members is how many keys its objects have together: more than a map got means that a key stood twice.
func JSON(code Code, file string, b []byte, v any) (members int, err error) {
	bad := func(where, expected, found string) error {
		return &Error{Code: code, File: file, Where: where, Expected: expected, Found: found}
	}
	switch {
	case len(b) > maxJSON:
		return 0, &Error{Code: TooLarge, File: file, Expected: "at most 64 MB", Found: Bytes(len(b))}
	case !utf8.Valid(b):
		return 0, bad("", "UTF-8", "bytes that are not")
	}
	members, values, deep := survey(b)
	switch {
	case deep >= 0:
		return 0, bad(fmt.Sprint("byte ", deep), fmt.Sprintf("at most %d levels of nesting", maxDepth), "more")
	case values > maxValues:
		return 0, &Error{Code: TooLarge, File: file, Expected: fmt.Sprintf("at most %d values", maxValues), Found: fmt.Sprint(values)}
	}
	err = json.Unmarshal(b, v)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return 0, &Error{Code: code, File: file, Where: fmt.Sprint("byte ", syntax.Offset), Expected: "JSON", Err: err}
	case errors.As(err, &kind):
		return 0, bad(fmt.Sprintf("%s, byte %d", kind.Field, kind.Offset), kind.Type.String(), kind.Value)
	case err != nil:
		return 0, &Error{Code: code, File: file, Expected: "JSON", Err: err}
	}
	return members, nil
}

// survey counts without decoding. deep is the byte at which the nesting grows too deep, or -1.
func survey(b []byte) (members, values, deep int) {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return 0, 0, i
			}
		case c == '}' || c == ']':
			depth--
		case c == ':':
			members++
		case c == ',':
			values++
		}
	}
	return members, values, -1
}
