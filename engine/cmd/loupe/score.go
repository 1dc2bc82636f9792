package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"loupe/engine/protocol"
)

// scoreOut is what --json prints.
type scoreOut struct {
	*protocol.PairsScore
	Pairs int                 `json:"pairs"`
	Rows  []protocol.ScoreRow `json:"rows"`
}

// score translates the sources of a test set, and compares them with their references.
func score(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("score", flag.ContinueOnError)
	var open openFlags
	open.register(f)
	pairs, references := f.String("pairs", "", ""), f.String("references", "", "")
	b := protocol.Pairs{Score: true}
	f.StringVar(&b.Source, "source", "", "")
	f.StringVar(&b.Target, "target", "", "")
	f.IntVar(&b.Decode.Beam, "beam", 0, "")
	f.IntVar(&b.Decode.Most, "most", 0, "")
	f.Float64Var(&b.Decode.Length, "length-penalty", 0, "")
	f.BoolVar(&b.Decode.Wu, "wu", false, "")
	f.Float64Var(&b.Decode.Coverage, "coverage-penalty", 0, "")
	ruleFlags(f, &b.Decode)
	q := protocol.PairsRows{}
	f.StringVar(&q.Sort, "sort", "order", "")
	f.StringVar(&q.Only, "only", "", "")
	f.IntVar(&q.N, "max", 10_000, "")
	asJSON := f.Bool("json", false, "")
	plain, err := parse(f, args)
	switch {
	case err != nil:
		return err
	case len(plain) != 1:
		return usage("one MODEL is needed, %d were given", len(plain))
	case *pairs == "":
		return usage("--pairs is needed: a file of sources and references")
	case !slices.Contains([]string{"order", "distance", "logp", "gap"}, q.Sort):
		return usage("--sort %q is not order, distance, logp or gap", q.Sort)
	case !slices.Contains([]string{"", "wrong", "search", "model"}, q.Only):
		return usage("--only %q is not wrong, search or model", q.Only)
	}
	request, err := open.request()
	if err != nil {
		return err
	}
	x, m, err := newSession(plain[0], request)
	if err != nil {
		return err
	}
	defer x.close()
	notes(errs, m.Warnings)
	if m.Seq != nil { // what is not said is as the model's files say
		given := map[string]bool{}
		f.Visit(func(g *flag.Flag) { given[g.Name] = true })
		if !given["length-penalty"] {
			b.Decode.Length, b.Decode.Wu = m.Seq.Decode.Length, b.Decode.Wu || m.Seq.Decode.Wu
		}
		if !given["coverage-penalty"] {
			b.Decode.Coverage = m.Seq.Decode.Coverage
		}
	}
	for _, path := range []string{*pairs, *references} {
		if path == "" {
			continue
		}
		file, size, err := openFile(path)
		if err != nil {
			return err
		}
		b.Files = append(b.Files, protocol.FileRef{Ref: len(x.open), Name: filepath.Base(path), Size: size})
		x.open = append(x.open, file)
	}
	info, err := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, b, nil)
	if err != nil {
		return err
	}
	notes(errs, info.Warnings)
	filled, err := x.fillPairs(info, errs)
	if err != nil {
		return err
	}
	q.ID, q.Upto = info.ID, info.Pairs
	rows, err := ask[protocol.PairsRowsResult](x, protocol.OpPairsRows, q, nil)
	if err != nil {
		return err
	}
	if *asJSON {
		return writeJSON(out, scoreOut{filled.Score, info.Pairs, append([]protocol.ScoreRow{}, rows.Rows...)})
	}
	printScore(out, filled.Score, rows.Rows)
	return nil
}

// fillPairs runs the pairs to their end, and says every two seconds how far it is.
func (x *session) fillPairs(info *protocol.PairsInfo, errs io.Writer) (*protocol.PairsFilled, error) {
	for told := time.Now(); ; {
		r, err := ask[protocol.PairsFilled](x, protocol.OpPairsFill, protocol.PairsFill{ID: info.ID, Ms: 500}, nil)
		if err != nil || r.Done == r.Total {
			return r, err
		}
		if now := time.Now(); now.Sub(told) > 2*time.Second {
			told = now
			fmt.Fprintf(errs, "note: %d of %d pairs\n", r.Done, r.Total)
		}
	}
}

// printScore prints the rows as TSV, and what they sum up to.
func printScore(out io.Writer, s *protocol.PairsScore, rows []protocol.ScoreRow) {
	fmt.Fprintln(out, "pair\tkind\tdistance\tchrf\tscore\treference score\treference log p\tleft\tsource\treference\tbest")
	for _, r := range rows {
		fmt.Fprintf(out, "%d\t%s\t%.4g\t%.4g\t%.6g\t%.6g\t%.6g\t%d\t%s\t%s\t%s\n", r.Pair, r.Kind, r.Distance, r.ChrF, r.Score, r.RefScore, r.RefLogP, r.Left, oneLine(r.Source), oneLine(r.Reference), oneLine(r.Best))
	}
	if s != nil {
		fmt.Fprintf(out, "# %d pairs: %.2f%% exact, %.2f%% edits, BLEU %.2f, chrF2 %.2f, log p %.4f a token of the reference, %d errors of search, %d of the model\n",
			s.N, 100*s.Exact, 100*s.Distance, s.BLEU, s.ChrF, s.LogP, s.Search, s.Model)
	}
}

// oneLine is a text as a cell of TSV.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
