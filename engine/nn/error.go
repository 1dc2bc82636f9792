package nn

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The codes of an Error; a stable name each, for which the page has a sentence.
const (
	BadConfig     = "bad-config"     // config.json is malformed, or says what the weights contradict
	Unsupported   = "unsupported"    // config.json asks for what this version does not do
	UnknownFamily = "unknown-family" // config.json's model_type is none of ours
	TextTooLong   = "text-too-long"  // more tokens than the model can read
	BadToken      = "bad-token"      // an id outside the vocabulary
)

// Error is why a model cannot be made of a config and weights, or cannot run: what, where, expected, found. What is wrong
// with a tensor is an error of Weights.
type Error struct {
	Code     string
	Where    string // a key of config.json, a tensor, a position
	Expected string
	Found    string
}

func (e *Error) Error() string {
	s := "model: " + e.Where + ": " + e.Code
	if e.Expected != "" {
		s += ": expected " + e.Expected
	}
	if e.Found != "" {
		s += ", found " + e.Found
	}
	return strings.ReplaceAll(s, "\n", " ")
}

// ReadConfig decodes config.json into v; keys that v has not are left out. How deep it nests was checked when it was read
// (engine/checkpoint).
func ReadConfig(config []byte, v any) error {
	if err := json.Unmarshal(config, v); err != nil {
		return &Error{BadConfig, "config.json", "the JSON of a model's config", err.Error()}
	}
	return nil
}

// Positive checks a whole number of a config.
func Positive(key string, n int) error {
	if n < 1 || n > 1<<31-1 {
		return &Error{BadConfig, key, "a whole number above 0", fmt.Sprint(n)}
	}
	return nil
}
