package tokenizer

import "loupe/engine/fault"

// bad is a tokenizer's file that is malformed.
func bad(file, where, expected, found string) *fault.Error {
	return &fault.Error{Code: fault.BadTokenizer, In: "tokenizer", File: file, Where: where, Expected: expected, Found: found}
}

// missing is a tokenizer that lacks a file.
func missing(file, expected, found string) *fault.Error {
	return &fault.Error{Code: fault.NoTokenizer, In: "tokenizer", File: file, Expected: expected, Found: found}
}

// tooLarge is a file with more than a limit.
func tooLarge(file, where, expected, found string) *fault.Error {
	return &fault.Error{Code: fault.TooLarge, In: "tokenizer", File: file, Where: where, Expected: expected, Found: found}
}

// readJSON decodes a file; members is how many keys its objects have together.
func readJSON(file string, b []byte, v any) (members int, err error) {
	return fault.JSON(fault.BadTokenizer, file, b, v)
}
