package main

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"loupe/engine/protocol"
)

// textFlags say which units of which model are looked at over which text.
type textFlags struct {
	model, text, file, column, source string
	layer                             int
	open                              openFlags
}

func (t *textFlags) register(f *flag.FlagSet) {
	f.StringVar(&t.text, "text", "", "")
	f.StringVar(&t.file, "text-file", "", "")
	f.StringVar(&t.column, "column", "", "")
	f.StringVar(&t.source, "source", "", "")
	f.IntVar(&t.layer, "layer", 0, "")
	t.open.register(f)
}

// parse reads the arguments.
func (t *textFlags) parse(f *flag.FlagSet, args []string) error {
	t.register(f)
	plain, err := parse(f, args)
	switch {
	case err != nil:
		return err
	case len(plain) != 1:
		return usage("one MODEL is needed, %d were given", len(plain))
	case t.text != "" && t.file != "":
		return usage("--text and --text-file do not go together")
	case t.source == "":
		return usage("--source is needed: cell, hidden, resid_post, ..")
	}
	t.model = plain[0]
	return nil
}

// session opens the model; source is the name of the activation that is meant.
func (t *textFlags) session(errs io.Writer) (x *session, source string, err error) {
	open, err := t.open.request()
	if err != nil {
		return nil, "", err
	}
	x, m, err := newSession(t.model, open)
	if err != nil {
		return nil, "", err
	}
	notes(errs, m.Warnings)
	if m.Recorded == 0 && t.text == "" && t.file == "" {
		return nil, "", usage("one of --text and --text-file is needed")
	}
	units := func(a protocol.Act) bool { return len(a.Inner) == 1 && !a.Heads }
	for _, name := range []string{fmt.Sprintf("layers.%d.%s", t.layer, t.source), fmt.Sprintf("blocks.%d.%s", t.layer, t.source), t.source} {
		if slices.ContainsFunc(m.Acts, func(a protocol.Act) bool { return a.Name == name && units(a) }) {
			return x, name, nil
		}
	}
	var has []string
	for _, a := range m.Acts {
		if name := a.Name[strings.LastIndexByte(a.Name, '.')+1:]; units(a) && !slices.Contains(has, name) {
			has = append(has, name)
		}
	}
	return nil, "", fmt.Errorf("layer %d has no %s: sources are %s", t.layer, t.source, strings.Join(has, ", "))
}

// corpus opens a text as the corpus, whole: as 16-bit floats, whatever room they take. A file counts before b.Text.
func (x *session) corpus(b protocol.Corpus, path string, errs io.Writer) (*protocol.CorpusInfo, error) {
	if b.Room, b.Name = 1<<40, "text"; path != "" {
		f, size, err := openFile(path)
		if err != nil {
			return nil, err
		}
		b.Name = filepath.Base(path)
		b.Files = []protocol.FileRef{{Ref: len(x.open), Name: b.Name, Size: size}}
		x.open = append(x.open, f)
	}
	info, err := ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, b, nil)
	if err == nil {
		notes(errs, info.Warnings)
	}
	return info, err
}

// fill runs the corpus to its end, and says every two seconds how far it is.
func (x *session) fill(info *protocol.CorpusInfo, errs io.Writer) error {
	for told := time.Now(); ; {
		r, err := ask[protocol.CorpusFilled](x, protocol.OpCorpusFill, protocol.CorpusFill{Corpus: info.ID, Ms: 500}, nil)
		if err != nil || r.Done {
			return err
		}
		if now := time.Now(); now.Sub(told) > 2*time.Second {
			told = now
			fmt.Fprintf(errs, "note: %d of %d tokens\n", r.Tokens, r.Total)
		}
	}
}

// states writes what the units of a layer do at each token of a text: [tokens, units] of float32.
func states(args []string, out, errs io.Writer) error {
	var t textFlags
	f := flag.NewFlagSet("states", flag.ContinueOnError)
	path := f.String("out", "", "")
	if err := t.parse(f, args); err != nil {
		return err
	}
	if filepath.Ext(*path) != ".npy" {
		return usage("--out is needed: a file .npy")
	}
	x, source, err := t.session(errs)
	if err != nil {
		return err
	}
	defer x.close()
	info, err := x.corpus(protocol.Corpus{Text: t.text, Column: t.column, Sources: []string{source}}, t.file, errs)
	if err != nil {
		return err
	}
	units := info.Sources[0].Units
	if err := x.writeStates(info, *path, errs); err != nil {
		os.Remove(*path)
		return err
	}
	fmt.Fprintf(out, "%s: %d tokens of %d documents, %d units: %s\n", source, info.Tokens, info.Documents, units, *path)
	return nil
}

// writeStates runs the corpus, and writes each token's states as they come.
func (x *session) writeStates(info *protocol.CorpusInfo, path string, errs io.Writer) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriterSize(file, 1<<20) // keeps its first error
	if err := writeNPYHead(w, []int{info.Tokens, info.Sources[0].Units}); err != nil {
		return err
	}
	x.s.States = func(_ int, rows [][]float32) { binary.Write(w, binary.LittleEndian, rows[0]) }
	if err := x.fill(info, errs); err != nil {
		return err
	}
	return w.Flush()
}
