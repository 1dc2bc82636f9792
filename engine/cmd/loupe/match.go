package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"loupe/engine/match"
	"loupe/engine/protocol"
)

// matchFlags say what is selected and searched.
type matchFlags struct {
	textFlags
	lo, hi         int
	corpus         string
	left, right    int
	least, most    int
	cut            protocol.Cut
	strict, across bool
	json           bool
}

// matchOut is what --json prints.
type matchOut struct {
	Source  string     `json:"source"`
	At      [2]int     `json:"at"`
	Units   []int      `json:"units"`
	Total   int        `json:"total"`
	Strict  int        `json:"strict"`
	Capped  bool       `json:"capped"`
	Lengths []int      `json:"lengths"`
	Matches []placeOut `json:"matches"`
}
type placeOut struct {
	Document string   `json:"document"`
	Pos      int      `json:"pos"`
	Length   int      `json:"length"`
	Both     int      `json:"both"`
	Any      int      `json:"any"`
	Before   []string `json:"before"`
	Tokens   []string `json:"tokens"`
	After    []string `json:"after"`
}

func parseMatch(args []string) (m matchFlags, err error) {
	f := flag.NewFlagSet("match", flag.ContinueOnError)
	at := f.String("at", "", "")
	f.Float64Var(&m.cut.Level, "threshold", 0, "")
	f.StringVar(&m.cut.On, "on", "above", "")
	f.IntVar(&m.left, "margin-left", 0, "")
	f.IntVar(&m.right, "margin-right", 0, "")
	f.IntVar(&m.least, "least", 1, "")
	f.IntVar(&m.most, "max", 50, "")
	f.StringVar(&m.corpus, "corpus", "", "")
	f.BoolVar(&m.strict, "strict", false, "")
	f.BoolVar(&m.across, "across", false, "")
	f.BoolVar(&m.json, "json", false, "")
	if err := m.parse(f, args); err != nil {
		return m, err
	}
	level := false
	f.Visit(func(g *flag.Flag) { level = level || g.Name == "threshold" })
	n, err := fmt.Sscanf(*at+"\n", "%d:%d\n", &m.lo, &m.hi)
	switch {
	case err != nil || n != 2 || m.lo < 0 || m.hi <= m.lo:
		return m, usage("--at %q is not a:b, two numbers of tokens, b excluded", *at)
	case !level || m.cut.Level != m.cut.Level:
		return m, usage("--threshold is needed: a number")
	case !slices.Contains([]string{"above", "below", "either"}, m.cut.On):
		return m, usage("--on %q is not above, below or either", m.cut.On)
	case m.left < 0 || m.right < 0 || m.least < 1 || m.most < 0:
		return m, usage("a number is out of its range")
	}
	return m, nil
}

// matchUnits selects units on a stretch of a text, and lists where they are on together, in the same text or in another.
func matchUnits(args []string, out, errs io.Writer) error {
	m, err := parseMatch(args)
	if err != nil {
		return err
	}
	x, source, err := m.session(errs)
	if err != nil {
		return err
	}
	defer x.close()
	texts := protocol.Corpus{Text: m.text, Column: m.column, Sources: []string{source}}
	info, err := x.corpus(texts, m.file, errs)
	if err != nil {
		return err
	}
	o := &matchOut{Source: source, At: [2]int{m.lo, m.hi}, Matches: []placeOut{}}
	if err := x.choose(info, &m, o, errs); err != nil {
		return err
	}
	if m.corpus != "" {
		if info, err = x.corpus(texts, m.corpus, errs); err != nil {
			return err
		}
		if err := x.fill(info, errs); err != nil {
			return err
		}
	}
	r, err := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, protocol.Match{Corpus: info.ID, Upto: info.Tokens, Cuts: []protocol.Cut{m.cut}, Units: o.Units,
		Before: m.left, After: m.right, Least: m.least, Strict: m.strict, Across: m.across, N: m.most, Left: 3, Right: 20}, nil)
	if err != nil {
		return err
	}
	o.take(r)
	if m.json {
		return writeJSON(out, o)
	}
	o.print(out)
	return nil
}

// choose runs the text, and selects the units that are on at the stretch and off beside it, as far as its document goes.
func (x *session) choose(info *protocol.CorpusInfo, m *matchFlags, o *matchOut, errs io.Writer) error {
	if m.hi > info.Tokens {
		return fmt.Errorf("--at %d:%d: the text has %d tokens", m.lo, m.hi, info.Tokens)
	}
	p, err := ask[protocol.CorpusPlaceResult](x, protocol.OpCorpusPlace, protocol.CorpusPlace{Corpus: info.ID, Pos: m.lo, Len: m.hi - m.lo, Most: 1 << 20}, nil)
	if err != nil {
		return err
	}
	if p.Len < m.hi-m.lo {
		return fmt.Errorf("--at %d:%d: not within one document, or what of it is run in one go", m.lo, m.hi)
	}
	from := m.lo - min(m.left, p.Pos+p.Skipped)
	to := m.hi + min(m.right, len(p.IDs)-p.Pos-p.Len)
	rows := make([][]float32, 0, to-from)
	x.s.States = func(pos int, all [][]float32) {
		if pos >= from && pos < to {
			rows = append(rows, slices.Clone(all[0]))
		}
	}
	if err := x.fill(info, errs); err != nil {
		return err
	}
	choose := func(level float64) []int {
		on := func(t, u int) bool {
			v := float64(rows[t][u])
			return m.cut.On != "below" && v >= level || m.cut.On != "above" && -v >= level
		}
		return match.Select(on, len(rows), len(rows[0]), m.lo-from, m.hi-from, m.left, m.right)
	}
	if o.Units = choose(m.cut.Level); len(o.Units) > 0 {
		return nil
	}
	var levels []float64 // at which something changes: the last ones first
	for _, row := range rows[m.lo-from : m.hi-from] {
		for _, v := range row {
			levels = append(levels, float64(v), -float64(v))
		}
	}
	slices.Sort(levels)
	for i := len(levels) - 1; i >= 0; i-- {
		if n := len(choose(levels[i])); n > 0 {
			return fmt.Errorf("no unit is on at all of tokens %d to %d, and off in the margins, at a threshold of %v; at %.4g the first is", m.lo, m.hi-1, m.cut.Level, levels[i])
		}
	}
	return fmt.Errorf("no unit is on at all of tokens %d to %d, and off in the margins, at any threshold", m.lo, m.hi-1)
}

// take lists places.
func (o *matchOut) take(r *protocol.PlacesResult) {
	o.Total, o.Strict, o.Capped, o.Lengths = r.Total, r.Strict, r.Capped, r.Lengths
	at := 0
	for i, p := range r.Rows {
		a, b, c := at+p.Left, at+p.Left+p.Len, at+p.Left+p.Len+p.Right
		o.Matches = append(o.Matches, placeOut{r.Documents[i], p.Pos, max(p.Len, p.Whole), p.Both, p.Any, r.Tokens[at:a], r.Tokens[a:b], r.Tokens[b:c]})
		at = c
	}
}

// print is the form for people.
func (o *matchOut) print(w io.Writer) {
	more := ""
	if o.Capped {
		more = " of more, those of most contrast"
	}
	fmt.Fprintf(w, "%s: %d units %v; %d places%s, all units on at %d of them\n", o.Source, len(o.Units), o.Units, o.Total, more, o.Strict)
	fmt.Fprintf(w, "%8s %6s %6s %6s  %s\n", "pos", "length", "both", "any", "text")
	for _, p := range o.Matches {
		fmt.Fprintf(w, "%8d %6d %6d %6d  %q [%q] %q\n", p.Pos, p.Length, p.Both, p.Any, strings.Join(p.Before, ""), strings.Join(p.Tokens, ""), strings.Join(p.After, ""))
	}
}
