package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/engine/activation"
	"loupe/engine/protocol"
)

// many is a flag that may be given more than once.
type many []string

func (m *many) String() string     { return strings.Join(*m, " ") }
func (m *many) Set(s string) error { *m = append(*m, s); return nil }

// parse reads flags that may stand before, between and after the plain arguments, which it returns.
func parse(f *flag.FlagSet, args []string) ([]string, error) {
	f.SetOutput(io.Discard)
	var plain []string
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			return nil, usageError{err}
		}
		if args = f.Args(); len(args) > 0 {
			plain, args = append(plain, args[0]), args[1:]
		}
	}
	return plain, nil
}

type runFlags struct {
	text, ids, out     string
	generate, top, k   int
	greedy, json, chat bool
	temperature, p, mp float64
	seed               uint64
	set, record        many
	hasText            bool
	open               openFlags
}

// openFlags say how a model is opened where its files leave it open.
type openFlags struct {
	weights string
	numbers bool
	config  many
}

func (o *openFlags) register(f *flag.FlagSet) {
	f.StringVar(&o.weights, "weights", "", "")
	f.BoolVar(&o.numbers, "numbers", false, "")
	f.Var(&o.config, "config", "")
}

// request is the Open that they ask for.
func (o *openFlags) request() (protocol.Open, error) {
	req := protocol.Open{Weights: o.weights, NoTokenizer: o.numbers}
	for _, c := range o.config {
		key, value, ok := strings.Cut(c, "=")
		var v any
		if !ok {
			return req, usage("--config %q is not KEY=VALUE", c)
		}
		if json.Unmarshal([]byte(value), &v) != nil { // a word
			v = value
		}
		if req.Config == nil {
			req.Config = map[string]any{}
		}
		req.Config[key] = v
	}
	return req, nil
}

func parseRun(args []string) (model string, r runFlags, err error) {
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	f.StringVar(&r.text, "text", "", "")
	f.StringVar(&r.ids, "ids", "", "")
	f.IntVar(&r.generate, "generate", 0, "")
	f.BoolVar(&r.greedy, "greedy", false, "")
	f.Float64Var(&r.temperature, "temperature", 1, "")
	f.IntVar(&r.k, "top-k", 0, "")
	f.Float64Var(&r.p, "top-p", 1, "")
	f.Float64Var(&r.mp, "min-p", 0, "")
	f.Uint64Var(&r.seed, "seed", 0, "")
	f.IntVar(&r.top, "top", 10, "")
	f.Var(&r.set, "set", "")
	f.Var(&r.record, "record", "")
	f.StringVar(&r.out, "out", "", "")
	f.BoolVar(&r.json, "json", false, "")
	f.BoolVar(&r.chat, "chat", false, "")
	r.open.register(f)
	plain, err := parse(f, args)
	if err != nil {
		return "", r, err
	}
	draws := false
	f.Visit(func(g *flag.Flag) {
		r.hasText = r.hasText || g.Name == "text"
		draws = draws || slices.Contains([]string{"temperature", "top-k", "top-p", "min-p", "seed"}, g.Name)
	})
	switch {
	case r.greedy && draws:
		return "", r, usage("--greedy draws nothing: it goes with no other flag of drawing")
	case len(plain) != 1:
		return "", r, usage("one MODEL is needed, %d were given", len(plain))
	case r.hasText == (r.ids != ""):
		return "", r, usage("one of --text and --ids is needed")
	case (len(r.record) > 0) != (r.out != ""):
		return "", r, usage("--record and --out go together")
	case r.generate < 0 || r.top < 0 || r.k < 0 || !(r.temperature >= 0) || !(r.p > 0 && r.p <= 1) || !(r.mp >= 0 && r.mp <= 1):
		return "", r, usage("a number is out of its range")
	}
	return plain[0], r, nil
}

// sampling is the protocol's; --greedy is a temperature of 0.
func (r *runFlags) sampling() protocol.Sampling {
	t := r.temperature
	if r.greedy {
		t = 0
	}
	return protocol.Sampling{T: t, K: r.k, P: r.p, MinP: r.mp, Seed: r.seed}
}

// parseSet reads NAME@POS[,HEAD|UNIT]=VALUE; POS may be * for every position.
func parseSet(s string) (protocol.Change, error) {
	c := protocol.Change{Pos: -1, Index: -1, Op: "set"}
	eq := strings.LastIndexByte(s, '=')
	at := strings.LastIndexByte(s[:max(eq, 0)], '@')
	if at < 1 {
		return c, usage("--set %q is not NAME@POS[,HEAD|UNIT]=VALUE", s)
	}
	pos, idx, hasIdx := strings.Cut(s[at+1:eq], ",")
	c.Name = s[:at]
	v, err := strconv.ParseFloat(s[eq+1:], 32)
	c.Value = float32(v)
	if v-v != 0 {
		err = strconv.ErrRange
	}
	if err == nil && pos != "*" {
		c.Pos, err = strconv.Atoi(pos)
		if c.Pos < 0 {
			err = strconv.ErrRange
		}
	}
	if err == nil && hasIdx {
		c.Index, err = strconv.Atoi(idx)
		if c.Index < 0 {
			err = strconv.ErrRange
		}
	}
	if err != nil {
		return c, usage("--set %q is not NAME@POS[,HEAD|UNIT]=VALUE", s)
	}
	return c, nil
}

func parseIDs(s string) ([]int, error) {
	var ids []int
	for _, f := range strings.Split(s, ",") {
		id, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil {
			return nil, usage("--ids %q: %q is not a number", s, f)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

type tokenOut struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}
type topOut struct {
	ID    int     `json:"id"`
	Text  string  `json:"text"`
	Logit float32 `json:"logit"`
	Prob  float32 `json:"prob"`
}
type positionOut struct {
	Surprisal *float32 `json:"surprisal_nats"`
	Rank      *int     `json:"rank"`
	Entropy   *float32 `json:"entropy_nats"`
	Top       []topOut `json:"top"`
}
type generatedOut struct {
	ID   int     `json:"id"`
	Text string  `json:"text"`
	Prob float32 `json:"prob"`
}
type runOut struct {
	Tokens    []tokenOut     `json:"tokens"`
	Positions []positionOut  `json:"positions"`
	Generated []generatedOut `json:"generated"`
}

func run(args []string, out, errs io.Writer) error {
	name, r, err := parseRun(args)
	if err != nil {
		return err
	}
	req := protocol.Run{Text: r.text}
	if r.ids != "" {
		if req.IDs, err = parseIDs(r.ids); err != nil {
			return err
		}
	}
	if !utf8.ValidString(r.text) {
		return fmt.Errorf("--text is not UTF-8")
	}
	for _, s := range r.set {
		c, err := parseSet(s)
		if err != nil {
			return err
		}
		req.Changes = append(req.Changes, c)
	}
	open, err := r.open.request()
	if err != nil {
		return err
	}
	x, model, err := newSession(name, open)
	if err != nil {
		return err
	}
	if r.chat {
		c, err := ask[protocol.ChatResult](x, protocol.OpChat, protocol.Chat{Text: req.Text, On: true}, nil)
		if err != nil {
			return err
		}
		req.Text = c.Text
	}
	res, err := ask[protocol.RunResult](x, protocol.OpRun, req, nil)
	if err != nil {
		return err
	}
	if len(res.Tokens) == 0 {
		return fmt.Errorf("the text has no tokens")
	}
	o, err := x.report(model, res, &r)
	if err != nil {
		return err
	}
	if r.out != "" {
		if err := x.record(model, r.record, r.out); err != nil {
			return err
		}
	}
	for _, g := range model.Guesses {
		fmt.Fprintf(errs, "note: guessed from %s: %s %s\n", g.Why, g.Key, g.Value)
	}
	notes(errs, append(model.Warnings, res.Warnings...))
	if r.json {
		return writeJSON(out, o)
	}
	print(out, o)
	return nil
}

// notes says warnings.
func notes(errs io.Writer, list []protocol.Warning) {
	for _, n := range list {
		fmt.Fprintf(errs, "note: %s\n", strings.TrimSpace(fmt.Sprintf("%s %d %q", n.Code, n.N, n.What)))
	}
}

// report asks for what --json prints.
func (x *session) report(m *protocol.Model, res *protocol.RunResult, r *runFlags) (*runOut, error) {
	o := &runOut{Generated: []generatedOut{}}
	for i, t := range res.Tokens {
		o.Tokens = append(o.Tokens, tokenOut{t.ID, t.Text})
		p := positionOut{Top: []topOut{}}
		if rank := int(res.Rank[i]); rank >= 0 {
			p.Surprisal, p.Rank = &res.Surprisal[i], &rank
		}
		if !m.Logits {
			o.Positions = append(o.Positions, p)
			continue
		}
		p.Entropy = &res.Entropy[i]
		pred, err := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: i, N: r.top, Sampling: r.sampling()}, nil)
		if err != nil {
			return nil, err
		}
		for _, w := range pred.Rows {
			p.Top = append(p.Top, topOut{w.ID, w.Text, w.Logit, w.P})
		}
		o.Positions = append(o.Positions, p)
	}
	if r.generate > 0 {
		_, err := ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: r.generate, Sampling: r.sampling()}, func(b any) {
			g := b.(protocol.Generated)
			o.Generated = append(o.Generated, generatedOut{g.Token.ID, g.Token.Text, g.P})
		})
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

// record saves the activations that match the globs.
func (x *session) record(m *protocol.Model, globs []string, path string) error {
	var arrays []array
	for _, a := range m.Acts {
		if !activation.MatchAny(globs, a.Name) {
			continue
		}
		v, err := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: a.Name, To: -1, Index: -1}, nil)
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

// print is the form for people.
func print(w io.Writer, o *runOut) {
	fmt.Fprintf(w, "%5s  %-14s %10s %6s  %s\n", "pos", "token", "surprisal", "rank", "likeliest next")
	for i, t := range o.Tokens {
		p, sur, rank := o.Positions[i], "", ""
		if p.Surprisal != nil {
			sur, rank = fmt.Sprintf("%.4f", *p.Surprisal), fmt.Sprint(*p.Rank)
		}
		next := ""
		for _, c := range p.Top[:min(3, len(p.Top))] {
			next += fmt.Sprintf("%q %.4f  ", c.Text, c.Prob)
		}
		fmt.Fprintf(w, "%5d  %-14q %10s %6s  %s\n", i, t.Text, sur, rank, next)
	}
	for _, g := range o.Generated {
		fmt.Fprint(w, g.Text)
	}
	if len(o.Generated) > 0 {
		fmt.Fprintln(w)
	}
}
