// Package fault is what can be wrong with what a person gives to the engine: a stable code, and what, where, expected and
// found, so that the page can say it in its own language. Every stage that reads a stranger's file uses it.
package fault

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code says what is wrong. It is a stable name: the page has a sentence for each.
type Code string

const (
	// About the files together.
	NoWeights     Code = "no-weights"     // none of the files holds weights that this version reads
	SeveralModels Code = "several-models" // weights of more than one model; Found lists them
	Sharded       Code = "sharded"        // one model in several files, of which Where is missing
	NoConfig      Code = "no-config"      // weights without config.json, of no known family
	BadConfig     Code = "bad-config"     // config.json is not JSON, or says what the weights contradict
	MissingFile   Code = "missing-file"   // lstm.yml names a file that is not among those that were given
	NoTokenizer   Code = "no-tokenizer"   // no file that says how text becomes tokens
	BadTokenizer  Code = "bad-tokenizer"  // a tokenizer file is malformed

	// About one file.
	Unreadable     Code = "unreadable"       // reading failed: the disk, the browser, a file that changed
	EmptyFile      Code = "empty-file"       // 0 bytes
	TooLarge       Code = "too-large"        // more than a limit of ours; Expected is the limit
	WrongMagic     Code = "wrong-magic"      // another kind of file; Found says which, if it is known
	Truncated      Code = "truncated"        // ends before what it announces; Where names the tensor that is cut
	HeaderTooLarge Code = "header-too-large" // safetensors, npy: a header over the format's limit
	HeaderJSON     Code = "header-json"      // safetensors: the header is not JSON of the right form
	BadOffsets     Code = "bad-offsets"      // safetensors: holes, overlaps, or a range that does not fit its shape
	BadZip         Code = "bad-zip"          // npz, PyTorch: not a whole zip, sizes or checksums that lie
	BadNPY         Code = "bad-npy"          // npy: a malformed header
	BadGGUF        Code = "bad-gguf"         // GGUF: a malformed header, or metadata that contradicts itself
	BadHDF5        Code = "bad-hdf5"         // HDF5 (Keras): a malformed structure
	BadPickle      Code = "bad-pickle"       // PyTorch: a pickle that torch.save would not write, or tensors outside their storage
	BadVectors     Code = "bad-vectors"      // word vectors: a line that is not a word and its numbers
	BadLSTMVis     Code = "bad-lstmvis"      // LSTMVis: lstm.yml is not YAML of the right form, or says what its files contradict
	BadSeq2SeqVis  Code = "bad-seq2seqvis"   // Seq2Seq-Vis: s2s.yaml or a dictionary is malformed, or states are of another model than the one that is open
	CountsDiffer   Code = "counts-differ"    // vectors and what lies beside them: as many rows are needed
	BadIndex       Code = "bad-index"        // model.safetensors.index.json and its like: not JSON of the right form, or a path

	// About texts and what is said of them.
	NotText           Code = "not-text"           // a binary file; Found says which, if it is known
	BadEncoding       Code = "bad-encoding"       // bytes of none of the encodings that are told apart
	BadTable          Code = "bad-table"          // CSV, TSV, JSON lines, CoNLL: a malformed line
	NoColumn          Code = "no-column"          // the column that was asked for is not there, or none has text
	BadAnnotations    Code = "bad-annotations"    // a file that says nothing of each token
	AnnotationsDiffer Code = "annotations-differ" // it is about another text; Where says from which line on
	PairsUneven       Code = "pairs-uneven"       // two files that shall have as many lines

	// About one tensor.
	DuplicateTensor Code = "duplicate-tensor" // a name that stands twice
	BadShape        Code = "bad-shape"        // dimensions that overflow, are negative or too many
	UnknownDType    Code = "unknown-dtype"    // a type of numbers that this version does not read
	MissingTensor   Code = "missing-tensor"   // the model needs it, the file has it not
	WrongShape      Code = "wrong-shape"      // the model needs another shape

	// About the model and the text.
	Unsupported   Code = "unsupported"    // config.json asks for what this version does not do
	UnknownFamily Code = "unknown-family" // config.json's model_type is none of ours
	TextTooLong   Code = "text-too-long"  // more tokens than the model can read
	BadToken      Code = "bad-token"      // an id outside the vocabulary

	Cancelled Code = "cancelled" // the progress function asked to stop; Err is its error
)

// Error is anything wrong with a model's files, in parts: what, where, expected, found. All but Code are data that
// may come from a stranger's file.
type Error struct {
	Code     Code
	In       string // who says it: "safetensors", "npy", .., "tokenizer", "model"; empty: "checkpoint"
	File     string
	Where    string // a tensor, a byte, a key
	Expected string
	Found    string
	Err      error // what caused it, if something did
}

// Error is one line: "safetensors: model.safetensors: tensor "x": truncated: expected 24 bytes, found 20 bytes".
func (e *Error) Error() string {
	parts := []string{"checkpoint"}
	if e.In != "" {
		parts[0] = e.In
	}
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

// Name quotes a tensor's name for Where, cut if it is very long.
func Name(name string) string { return "tensor " + Quote(name) }

// Quote is a string from a file, quoted and cut to 80 characters.
func Quote(s string) string {
	if utf8.RuneCountInString(s) > 80 {
		s = string([]rune(s[:min(len(s), 320)])[:80]) + ".."
	}
	return strconv.Quote(s)
}

// Bytes is "n bytes", or "1 byte".
func Bytes[N int | int64 | uint64](n N) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// ReadError makes an error of a read typed: the end of the file is Truncated, anything else Unreadable.
func ReadError(where string, err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		if e.Where == "" {
			e.Where = where
		}
		return e
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Code: Truncated, Where: where, Found: "the end of the file"}
	}
	return &Error{Code: Unreadable, Where: where, Err: err}
}
