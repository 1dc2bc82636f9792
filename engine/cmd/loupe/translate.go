package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"loupe/engine/activation"
	"loupe/engine/protocol"
)

type translateFlags struct {
	text, file, prefix, out string
	reference               string
	beam, best, most        int
	length, coverage        *float64
	wu, json                bool
	rules                   protocol.Decode // of which only these
	change, record          many
	open                    openFlags
}

func parseTranslate(args []string) (model string, r translateFlags, err error) {
	f := flag.NewFlagSet("translate", flag.ContinueOnError)
	f.StringVar(&r.text, "text", "", "")
	f.StringVar(&r.file, "text-file", "", "")
	f.StringVar(&r.prefix, "prefix", "", "")
	f.StringVar(&r.reference, "reference", "", "")
	f.IntVar(&r.beam, "beam", 0, "")
	f.IntVar(&r.best, "n-best", 0, "")
	f.IntVar(&r.most, "max-length", 0, "")
	length := f.Float64("length-penalty", 0, "")
	coverage := f.Float64("coverage-penalty", 0, "")
	f.BoolVar(&r.wu, "wu", false, "")
	ruleFlags(f, &r.rules)
	f.Var(&r.change, "change", "")
	f.Var(&r.record, "record", "")
	f.StringVar(&r.out, "out", "", "")
	f.BoolVar(&r.json, "json", false, "")
	r.open.register(f)
	plain, err := parse(f, args)
	if err != nil {
		return "", r, err
	}
	hasText := false
	f.Visit(func(g *flag.Flag) {
		switch g.Name {
		case "text":
			hasText = true
		case "length-penalty":
			r.length = length
		case "coverage-penalty":
			r.coverage = coverage
		}
	})
	switch {
	case len(plain) != 1:
		return "", r, usage("one MODEL is needed, %d were given", len(plain))
	case hasText == (r.file != ""):
		return "", r, usage("one of --text and --text-file is needed")
	case (len(r.record) > 0) != (r.out != ""):
		return "", r, usage("--record and --out go together")
	case r.file != "" && (r.out != "" || r.reference != ""):
		return "", r, usage("--out and --reference take one --text")
	case r.beam < 0 || r.best < 0 || r.most < 0 || *length-*length != 0 || !(*coverage >= 0) || *coverage-*coverage != 0:
		return "", r, usage("a number is out of its range")
	}
	return plain[0], r, nil
}

// decode is how a source is searched: own is what the model's files say.
func (r *translateFlags) decode(own protocol.Decode) protocol.Decode {
	d := r.rules
	d.Beam, d.Most, d.Length, d.Wu, d.Coverage = r.beam, r.most, own.Length, r.wu || r.length == nil && own.Wu, own.Coverage
	if r.length != nil {
		d.Length = *r.length
	}
	if r.coverage != nil {
		d.Coverage = *r.coverage
	}
	return d
}

// request is the Translate that the flags ask for, but for its source and how that is searched.
func (r *translateFlags) request(x *session) (q protocol.Translate, err error) {
	q.N, q.Top = r.best, 5
	for _, s := range r.change {
		c, err := protocol.ParseChange(s)
		if err != nil {
			return q, usage("--change: %v", err)
		}
		q.Changes = append(q.Changes, c)
	}
	if r.prefix != "" {
		ids, err := x.prefix(r.prefix)
		if err != nil {
			return q, err
		}
		q.Changes = append(q.Changes, protocol.Change{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: protocol.Joined(ids)})
	}
	return q, nil
}

// prefix are the tokens of words of the target, which stand with spaces between them: each is a token as it is shown, or a number.
func (x *session) prefix(words string) (ids []int, err error) {
	for _, w := range strings.Fields(words) {
		found, err := ask[protocol.FindResult](x, protocol.OpFind, protocol.Find{Text: w, N: 100}, nil)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(found.Tokens, func(c protocol.Choice) bool { return strings.Trim(c.Text, "▁ ") == w })
		if i < 0 {
			return nil, fmt.Errorf("--prefix: %q is no token of the target", w)
		}
		ids = append(ids, found.Tokens[i].ID)
	}
	return ids, nil
}

type wordOut struct {
	ID      int     `json:"id"`
	Text    string  `json:"text"`
	LogP    float64 `json:"logp_nats"`
	Rank    int     `json:"rank"`
	Entropy float32 `json:"entropy_nats"`
}
type hypothesisOut struct {
	Text  string    `json:"text"`
	Score float64   `json:"score"`
	LogP  float64   `json:"logp_nats"`
	Ended bool      `json:"ended"`
	Words []wordOut `json:"tokens"`
}
type translationOut struct {
	Text    string          `json:"text"`
	Source  []tokenOut      `json:"source"`
	Decode  protocol.Decode `json:"decode"`
	Forced  int             `json:"forced"`
	Limited bool            `json:"limited"`
	Hyps    []hypothesisOut `json:"hypotheses"`
	Ref     *referenceOut   `json:"reference,omitempty"`
}

// referenceOut is the target of --reference. Left is the step at which the search left it, or -1; Place its place there among what was looked at, or -1.
type referenceOut struct {
	Text  string    `json:"text"`
	Score float64   `json:"score"`
	LogP  float64   `json:"logp_nats"`
	Kind  string    `json:"kind"`
	Rule  string    `json:"rule,omitempty"`
	Left  int       `json:"left"`
	Place int       `json:"place"`
	Words []wordOut `json:"tokens"`
}

// translate writes the best targets of each source: of --text-file, of each line.
func translate(args []string, out, errs io.Writer) error {
	name, r, err := parseTranslate(args)
	if err != nil {
		return err
	}
	open, err := r.open.request()
	if err != nil {
		return err
	}
	texts := []string{r.text}
	if r.file != "" {
		b, err := os.ReadFile(r.file)
		if err != nil {
			return err
		}
		texts = strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n"), "\n")
	}
	for _, t := range texts {
		if !utf8.ValidString(t) {
			return fmt.Errorf("the text is not UTF-8")
		}
	}
	x, m, err := newSession(name, open)
	if err != nil {
		return err
	}
	defer x.close()
	if m.Seq == nil {
		return fmt.Errorf("%s is no encoder-decoder: %s", name, m.Family)
	}
	q, err := r.request(x)
	if err != nil {
		return err
	}
	notes(errs, m.Warnings)
	for _, q.Text = range texts {
		q.Decode = r.decode(m.Seq.DecodeOf(q.Text))
		t, err := ask[protocol.Translation](x, protocol.OpTranslate, q, nil)
		if err != nil {
			return err
		}
		if len(t.Source) == 0 && r.file == "" {
			return fmt.Errorf("the source has no tokens")
		}
		if r.out != "" {
			if err := x.recordTranslated(m, q, r.record, r.out); err != nil {
				return err
			}
		}
		notes(errs, t.Warnings)
		var ref *protocol.ReferenceResult
		if r.reference != "" {
			if ref, err = ask[protocol.ReferenceResult](x, protocol.OpReference, protocol.Reference{Of: q, Text: r.reference}, nil); err != nil {
				return err
			}
			notes(errs, ref.Warnings)
		}
		if err := writeTranslation(out, t, r.reference, ref, r.json); err != nil {
			return err
		}
	}
	return nil
}

// recordTranslated saves the activations of the best target that match the globs.
func (x *session) recordTranslated(m *protocol.Model, q protocol.Translate, globs []string, path string) error {
	var arrays []array
	for _, a := range m.Acts {
		if !activation.MatchAny(globs, a.Name) {
			continue
		}
		v, err := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: q, Name: a.Name}, nil)
		if err != nil {
			return err
		}
		arrays = append(arrays, array{a.Name, v.Shape, v.Data})
	}
	if len(arrays) == 0 {
		return fmt.Errorf("--record %s: this model records nothing of that name", strings.Join(globs, " "))
	}
	return writeNPZ(path, arrays)
}

// writeTranslation writes a line of JSON, or for people a line a target, and one for the reference, if it is not nil.
func writeTranslation(w io.Writer, t *protocol.Translation, reference string, ref *protocol.ReferenceResult, asJSON bool) error {
	o := translationOut{Text: t.Text, Source: []tokenOut{}, Decode: t.Decode, Forced: t.Forced, Limited: t.Limited, Hyps: []hypothesisOut{}}
	for _, k := range t.Source {
		o.Source = append(o.Source, tokenOut{k.ID, k.Text})
	}
	for _, h := range t.Hyps {
		hyp := hypothesisOut{Text: h.Text, Score: h.Score, LogP: h.LogP, Ended: h.Ended}
		for _, i := range h.Path {
			n := t.Nodes[i]
			hyp.Words = append(hyp.Words, wordOut{n.ID, n.Text, n.LogP, n.Rank, t.Nodes[n.Parent].Next.Entropy})
		}
		o.Hyps = append(o.Hyps, hyp)
	}
	if ref != nil {
		o.Ref = &referenceOut{Text: reference, Score: ref.Score, LogP: ref.LogP, Kind: ref.Kind, Rule: ref.Rule, Left: ref.Left, Place: ref.Place}
		for _, k := range ref.Tokens {
			o.Ref.Words = append(o.Ref.Words, wordOut{k.ID, k.Text, k.LogP, k.Rank, float32(k.Entropy)})
		}
	}
	if asJSON {
		return writeJSON(w, o)
	}
	for _, h := range o.Hyps {
		more := ""
		if !h.Ended {
			more = "\t(cut at the limit of length)"
		}
		fmt.Fprintf(w, "%9.4f\t%s%s\n", h.Score, h.Text, more)
	}
	if o.Ref != nil {
		fmt.Fprintf(w, "%9.4f\t%s\t(the reference: %s)\n", ref.Score, reference, stands(ref))
	}
	return nil
}

// stands says how a reference stands to the winner, and where the search left it.
func stands(r *protocol.ReferenceResult) string {
	how := map[string]string{"exact": "it is the winner", "search": "it scores better, the search lost it", "model": "the model prefers the winner"}[r.Kind]
	if r.Rule != "" {
		how = "the search never writes it, " + r.Rule
	}
	if r.Left >= 0 {
		how += fmt.Sprintf("; left at step %d, %s", r.Left, r.Tokens[r.Left].Text)
		if r.Place >= 0 {
			how += fmt.Sprintf(", as no. %d", r.Place+1)
		}
	}
	return how
}
