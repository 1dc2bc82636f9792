package main

import (
	"flag"
	"fmt"
	"io"
	"os"
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

type inspectOut struct {
	Format     string         `json:"format"`
	Family     string         `json:"family"`
	Parameters int            `json:"parameters"`
	Config     map[string]any `json:"config"`
	Tokenizer  struct {
		Kind  string `json:"kind"`
		Vocab int    `json:"vocab_size"`
	} `json:"tokenizer"`
	Tensors []tensorOut `json:"tensors"`
}

func inspect(args []string, out io.Writer) error {
	f := flag.NewFlagSet("inspect", flag.ContinueOnError)
	asJSON := f.Bool("json", false, "")
	names, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usage("a FILE is needed")
	}
	var files []checkpoint.File
	for _, n := range names {
		paths, err := expand(n)
		if err != nil {
			return err
		}
		for _, p := range paths {
			r, err := os.Open(p)
			if err != nil {
				return err
			}
			defer r.Close()
			st, err := r.Stat()
			if err != nil {
				return err
			}
			files = append(files, checkpoint.File{Name: filepath.ToSlash(p), Size: st.Size(), R: r})
		}
	}
	d, err := service.Inspect(files)
	if err != nil {
		return err
	}
	o := inspectOut{Format: d.Format, Family: d.Family, Parameters: d.Params, Config: d.Config}
	o.Tokenizer.Kind, o.Tokenizer.Vocab = d.Tokenizer, d.TokenizerSize
	for _, t := range d.Tensors {
		o.Tensors = append(o.Tensors, tensorOut{t.Name, string(t.DType), t.Shape})
	}
	if *asJSON {
		return writeJSON(out, o)
	}
	fmt.Fprintf(out, "%s, %s, %d parameters, %s tokenizer of %d\n", o.Format, o.Family, o.Parameters, o.Tokenizer.Kind, o.Tokenizer.Vocab)
	for _, t := range o.Tensors {
		fmt.Fprintf(out, "  %-40s %-5s %s\n", t.Name, t.DType, strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ", "))
	}
	return nil
}
