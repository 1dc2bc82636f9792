package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"loupe/engine/protocol"
)

type termOut struct {
	Word   string  `json:"word"`
	Weight float64 `json:"weight"`
}
type neighborOut struct {
	Word  string  `json:"word"`
	Row   int     `json:"row"`
	Value float32 `json:"value"`
}
type neighborsOut struct {
	Terms     []termOut     `json:"terms"`
	Metric    string        `json:"metric"`
	Neighbors []neighborOut `json:"neighbors"`
}

// neighbors lists the rows nearest to a word, or to a sum of words.
func neighbors(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("neighbors", flag.ContinueOnError)
	k := f.Int("k", 10, "")
	metric := f.String("metric", "cosine", "")
	asJSON := f.Bool("json", false, "")
	plain, err := parse(f, args)
	switch {
	case err != nil:
		return err
	case len(plain) != 2:
		return usage("VECTORS and a WORD are needed")
	case *k < 1:
		return usage("a number is out of its range")
	case !slices.Contains([]string{"cosine", "euclidean", "dot"}, *metric):
		return usage("--metric %q is not cosine, euclidean or dot", *metric)
	}
	v, err := openVectors(plain[0], everyRow, errs)
	if err != nil {
		return err
	}
	terms, err := v.terms(plain[1])
	if err != nil {
		return err
	}
	r, err := askMap[protocol.MapNearResult](v, protocol.OpMapNear, protocol.MapNear{Map: 1, Terms: terms, Metric: *metric, K: *k})
	if err != nil {
		return err
	}
	if len(r.Rows) == 0 {
		return fmt.Errorf("%q has no neighbours: its vector is not finite, or alone", plain[1])
	}
	o := neighborsOut{Metric: *metric}
	for _, t := range terms {
		o.Terms = append(o.Terms, termOut{v.list.Names[t.Row], t.Weight})
	}
	for i, row := range r.Rows {
		o.Neighbors = append(o.Neighbors, neighborOut{v.list.Names[row], row, r.Values[i]})
	}
	if *asJSON {
		return writeJSON(out, o)
	}
	fmt.Fprintf(out, "%5s  %-24s %10s\n", "row", "word", *metric)
	for _, n := range o.Neighbors {
		fmt.Fprintf(out, "%5d  %-24q %10.4f\n", n.Row, n.Word, n.Value)
	}
	return nil
}

// terms reads "king - man + woman". A name that has such signs in it is taken whole.
func (v *vectors) terms(text string) ([]protocol.Term, error) {
	if row := v.row(text); row >= 0 {
		return []protocol.Term{{Row: row, Weight: 1}}, nil
	}
	var terms []protocol.Term
	weight, word := 1.0, []string{}
	end := func() error {
		name := strings.Join(word, " ")
		row := v.row(name)
		if row < 0 {
			return fmt.Errorf("%q is none of the %d words", name, v.list.N)
		}
		terms, word = append(terms, protocol.Term{Row: row, Weight: weight}), nil
		return nil
	}
	for i, f := range strings.Fields(text) {
		if f != "+" && f != "-" {
			word = append(word, f)
			continue
		}
		if i > 0 {
			if err := end(); err != nil {
				return nil, err
			}
		}
		if weight = 1; f == "-" {
			weight = -1
		}
	}
	return terms, end()
}

// row is the row of a word: of that name, or else the one whose name it is without the spaces around; -1: none.
func (v *vectors) row(word string) int {
	if i := slices.Index(v.list.Names, word); i >= 0 {
		return i
	}
	return slices.IndexFunc(v.list.Names, func(name string) bool { return strings.TrimSpace(name) == word })
}
