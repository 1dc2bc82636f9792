package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"loupe/engine/protocol"
)

type projectFlags struct {
	layout protocol.Layout
	out    string
	most   int
}

func parseProject(args []string) (name string, p projectFlags, err error) {
	f := flag.NewFlagSet("project", flag.ContinueOnError)
	p.layout = protocol.DefaultLayout()
	l := &p.layout
	f.StringVar(&l.Method, "method", l.Method, "")
	f.IntVar(&l.Dims, "dims", l.Dims, "")
	f.Float64Var(&l.Perplexity, "perplexity", l.Perplexity, "")
	f.IntVar(&l.Iterations, "iterations", l.Iterations, "")
	f.Uint64Var(&l.Seed, "seed", l.Seed, "")
	f.StringVar(&l.Metric, "metric", l.Metric, "")
	f.IntVar(&p.most, "max", 50_000, "")
	f.StringVar(&p.out, "out", "", "")
	plain, err := parse(f, args)
	switch {
	case err != nil:
		return "", p, err
	case len(plain) != 1:
		return "", p, usage("one VECTORS is needed, %d were given", len(plain))
	case !slices.Contains([]string{"pca", "tsne", "exact"}, l.Method):
		return "", p, usage("--method %q is not pca, tsne or exact", l.Method)
	case !slices.Contains([]string{"cosine", "euclidean"}, l.Metric):
		return "", p, usage("--metric %q is not cosine or euclidean", l.Metric)
	case l.Dims != 2 && l.Dims != 3 || !(l.Perplexity >= 1) || l.Iterations < 0 || p.most < 1:
		return "", p, usage("a number is out of its range")
	case !slices.Contains([]string{".npy", ".tsv", ".csv"}, filepath.Ext(p.out)):
		return "", p, usage("--out is needed: a file .npy, .tsv or .csv")
	}
	return plain[0], p, nil
}

// project writes where the rows are on a map: [n, dims] as .npy, or a table with their names.
func project(args []string, out, errs io.Writer) error {
	name, p, err := parseProject(args)
	if err != nil {
		return err
	}
	v, err := openVectors(name, p.most, errs)
	if err != nil {
		return err
	}
	frame, err := v.run(&p.layout)
	if err != nil {
		return err
	}
	v.note(frame.Warnings)
	if err := v.write(p.out, frame); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows of %d numbers, %d dimensions", v.list.N, v.list.Dim, frame.Dims)
	switch {
	case frame.Iter > 0:
		fmt.Fprintf(out, ", %d iterations, KL %.4f", frame.Iter, frame.KL)
	case p.layout.Method == "pca":
		fmt.Fprintf(out, ", shares of the variance %.4f", frame.Explained[:min(frame.Dims, len(frame.Explained))])
	}
	fmt.Fprintf(out, ": %s\n", p.out)
	return nil
}

// run goes on with the map until it is done.
func (v *vectors) run(l *protocol.Layout) (*protocol.MapFrame, error) {
	for {
		f, err := askMap[protocol.MapFrame](v, protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: *l, Ms: 500})
		if err != nil || f.Done {
			return f, err
		}
		v.progress("iteration %d of %d, KL %.4f", f.Iter, l.Iterations, f.KL)
	}
}

// write writes the places by the file's kind.
func (v *vectors) write(path string, frame *protocol.MapFrame) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if filepath.Ext(path) == ".npy" {
		return writeNPY(f, array{shape: []int{v.list.N, frame.Dims}, data: frame.Y})
	}
	w := csv.NewWriter(f) // quotes what has the separator, a quote or a line's end in it
	if filepath.Ext(path) == ".tsv" {
		w.Comma = '\t'
	}
	if err := w.Write([]string{"name", "x", "y", "z"}[:1+frame.Dims]); err != nil {
		return err
	}
	for i, name := range v.list.Names {
		line := []string{name}
		for _, y := range frame.Y[i*frame.Dims : (i+1)*frame.Dims] {
			line = append(line, strconv.FormatFloat(float64(y), 'g', -1, 32))
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
