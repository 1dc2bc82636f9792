package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"loupe/engine/checkpoint"
	"loupe/engine/service"
)

type tensorOut struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
}

type tokenizerOut struct {
	Kind  string `json:"kind"`
	Vocab int    `json:"vocab_size"`
}

// seqOut is what only an encoder-decoder has. Beam is 0 where its files say none.
type seqOut struct {
	Source tokenizerOut `json:"source_tokenizer"`
	Beam   int          `json:"num_beams"`
	Most   int          `json:"max_length"`
	Cross  []string     `json:"cross_attention"`
}

type inspectOut struct {
	Format     string         `json:"format"`
	Family     string         `json:"family"`
	Parameters int            `json:"parameters"`
	Config     map[string]any `json:"config"`
	Tokenizer  tokenizerOut   `json:"tokenizer"` // of an encoder-decoder the target's
	Seq        *seqOut        `json:"encoder_decoder,omitempty"`
	Guesses    []string       `json:"guesses"` // keys of config that no file says
	Tensors    []tensorOut    `json:"tensors"`
}

func (t tokenizerOut) String() string {
	if t.Kind == "" {
		return "no tokenizer"
	}
	return fmt.Sprintf("%s tokenizer of %d", t.Kind, t.Vocab)
}

func inspect(args []string, out, _ io.Writer) error {
	f := flag.NewFlagSet("inspect", flag.ContinueOnError)
	asJSON := f.Bool("json", false, "")
	names, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usage("a FILE is needed")
	}
	paths, err := expandAll(names)
	if err != nil {
		return err
	}
	var files []checkpoint.File
	for _, p := range paths {
		r, size, err := openFile(p)
		if err != nil {
			return err
		}
		defer r.Close()
		files = append(files, checkpoint.File{Name: filepath.ToSlash(p), Size: size, R: r})
	}
	d, err := service.Inspect(files)
	if err != nil {
		return err
	}
	o := inspectOut{Format: d.Format, Family: d.Family, Parameters: d.Params, Config: d.Config, Guesses: []string{}, Tensors: []tensorOut{}}
	if o.Config == nil {
		o.Config = map[string]any{}
	}
	o.Tokenizer = tokenizerOut{d.Tokenizer, d.TokenizerSize}
	if q := d.Seq; q != nil {
		o.Seq = &seqOut{tokenizerOut{d.Source, d.SourceSize}, q.Beam, q.Most, q.Cross}
	}
	for _, t := range d.Tensors {
		o.Tensors = append(o.Tensors, tensorOut{t.Name, string(t.DType), t.Shape})
	}
	for _, g := range d.Guesses {
		o.Guesses = append(o.Guesses, g.Key)
	}
	if *asJSON {
		return writeJSON(out, o)
	}
	fmt.Fprintf(out, "%s, %s, %d parameters, %s\n", o.Format, cmp.Or(o.Family, "unknown family"), o.Parameters, o.Tokenizer)
	if q := o.Seq; q != nil {
		fmt.Fprintf(out, "encoder-decoder: source %s; beam %d, at most %d tokens (0: its files say none); looks at the source in %s\n", q.Source, q.Beam, q.Most, strings.Join(q.Cross, ", "))
	}
	for _, g := range d.Guesses {
		fmt.Fprintf(out, "guessed from %s: %s %s\n", g.Why, g.Key, g.Value)
	}
	for _, t := range o.Tensors {
		fmt.Fprintf(out, "  %-40s %-5s %s\n", t.Name, t.DType, strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ", "))
	}
	return nil
}
