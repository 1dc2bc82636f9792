package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"loupe/engine/checkpoint"
	"loupe/engine/fault"
	"loupe/engine/tokenizer"
)

// placed is a token in JSON: bytes Start to End of the text; of a mark that the model's tokenizer adds they are the same.
type placed struct {
	ID    int    `json:"id"`
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// tokenize shows the tokens of a text. The weights are not needed, unless the tokenizer is in their file.
func tokenize(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("tokenize", flag.ContinueOnError)
	text := f.String("text", "", "")
	asJSON := f.Bool("json", false, "")
	names, err := parse(f, args)
	if err != nil {
		return err
	}
	given := false
	f.Visit(func(x *flag.Flag) { given = given || x.Name == "text" })
	if len(names) != 1 || !given {
		return usage("a MODEL and --text are needed")
	}
	tok, err := openTokenizer(names[0])
	if err != nil {
		return err
	}
	tokens, unknown := tok.Encode(*text)
	for _, u := range unknown {
		fmt.Fprintf(errs, "note: no token for %q, bytes %d to %d\n", (*text)[u.Start:u.End], u.Start, u.End)
	}
	list := make([]placed, len(tokens))
	for i, k := range tokens {
		list[i] = placed{k.ID, tokenizer.Visible(tok.Bytes(k.ID)), k.Start, k.End}
	}
	if *asJSON {
		return writeJSON(out, list)
	}
	for _, k := range list {
		fmt.Fprintf(out, "%7d  %-24q %d..%d\n", k.ID, k.Text, k.Start, k.End)
	}
	return nil
}

// openTokenizer opens the tokenizer of a model: a file, a folder, or a built-in model.
func openTokenizer(name string) (tokenizer.Tokenizer, error) {
	paths, err := expand(name)
	if err != nil {
		return nil, err
	}
	side := map[string][]byte{}
	var files []checkpoint.File
	for _, p := range paths {
		r, size, err := openFile(p)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		files = append(files, checkpoint.File{Name: filepath.ToSlash(p), Size: size, R: r})
		switch filepath.Ext(p) {
		case ".json", ".txt", ".model":
			if size < 64<<20 {
				if side[strings.ToLower(filepath.Base(p))], err = os.ReadFile(p); err != nil {
					return nil, err
				}
			}
		}
	}
	tok, err := tokenizer.Open(side, nil)
	var e *fault.Error
	if err == nil || errors.As(err, &e) && e.Code != fault.NoTokenizer {
		return tok, err
	}
	ck, inFile := checkpoint.Open(files, "", nil)
	if inFile != nil {
		return nil, err // what is missing is a tokenizer, whatever else there is
	}
	return tokenizer.Open(ck.Files, ck.Metadata)
}
