// Package prediction draws what the model expects next: softmax(W h + b) after the token under the caret, what the
// temperature and the cuts leave of it to draw from, and how each token of the text was expected.
package prediction

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// Needs is what a model must record for this view.
var Needs = []string{"logits"}

const (
	wideFrom  = 1000 // width from which the facts stand beside the bars
	factsWide = 316
	gutter    = 56
	maxRows   = 200
	foundMax  = 8 // tokens that the field lists
)

// view is one drawing at work.
type view struct {
	in     *figure.Input
	at     int // now
	p      *protocol.Prediction
	find   string
	found  []protocol.Choice
	apart  []protocol.Row // asked for and not among the likeliest: chosen, found, next in the text
	chosen protocol.Row   // the token that the formula is about
	picked bool           // chosen by the person
	busy   bool           // the field's tokens are being looked for
	log    bool
	width  float64 // of the bars
}

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	v := &view{in: in, at: in.State.At, find: in.State.Opt("prediction.find", ""), log: in.State.Opt("prediction.scale", "") == "log", width: in.Width}
	f := figure.Figure{Layout: "pd"}
	if in.Width >= wideFrom {
		f.Layout, v.width = "pd pd-wide", in.Width-factsWide-gutter
	}
	n := len(in.Run.Tokens)
	if n == 0 {
		f.Reading = v.say("prediction.no-text", nil)
		return f
	}
	if v.at < 0 || v.at >= n {
		v.at = n - 1
	}
	if v.broken() {
		f.Reading = v.say("prediction.not-finite", map[string]figure.Span{"n": {Text: strconv.Itoa(v.at)}})
		f.Panels = []figure.Panel{v.strip()}
		return f
	}
	if v.fetch() {
		f.Reading = v.reading()
	}
	f.Panels = []figure.Panel{v.bars(), v.facts(), v.strip()}
	return f
}

// broken reports whether the model has no prediction here: its logits are not finite.
func (v *view) broken() bool {
	e := v.in.Run.Entropy
	return v.at < len(e) && e[v.at] != e[v.at]
}

// fetch asks for the prediction, with the tokens to list besides the likeliest. False: it is not there yet.
func (v *view) fetch() bool {
	var watch []int
	if t := v.in.State.Token; t >= 0 && t < v.in.Model.Vocab {
		watch = append(watch, t)
	}
	if v.find != "" {
		if r := v.in.Find(v.find, foundMax); r == nil {
			v.busy = true
		} else if v.found = r.Tokens; len(v.found) > 0 && !slices.Contains(watch, v.found[0].ID) {
			watch = append(watch, v.found[0].ID)
		}
	}
	v.p = v.in.Prediction(v.at, v.rows(), watch...)
	if v.p == nil || len(v.p.Rows) == 0 {
		v.p = nil
		return false
	}
	v.chosen = v.p.Rows[0]
	more := slices.Clone(v.p.Watched)
	if v.p.Actual != nil {
		more = append(more, *v.p.Actual)
	}
	for _, r := range more {
		if r.ID == v.in.State.Token {
			v.chosen, v.picked = r, true
		}
		if r.Rank >= len(v.p.Rows) && !slices.ContainsFunc(v.apart, func(a protocol.Row) bool { return a.ID == r.ID }) {
			v.apart = append(v.apart, r)
		}
	}
	slices.SortFunc(v.apart, func(a, b protocol.Row) int { return a.Rank - b.Rank })
	return true
}

// rows is how many of the likeliest tokens are listed.
func (v *view) rows() int {
	n := 16
	if v.in.Touch || v.in.Width < 700 {
		n = 10
	}
	if k, err := strconv.Atoi(v.in.State.Opt("prediction.rows", "")); err == nil && k > 0 {
		n = min(k, maxRows)
	}
	return min(n, max(v.in.Model.Vocab, 1))
}

func (v *view) t(key string, args ...any) string {
	return v.in.L.T(v.in.Key("prediction."+key), args...)
}

func (v *view) say(key string, parts map[string]figure.Span) []figure.Span {
	return figure.Sentence(v.in.L.T(v.in.Key(key)), parts)
}

// changed reports whether the run has changes, so that there is a before.
func (v *view) changed() bool { return v.p != nil && v.p.Rows[0].Before >= 0 }

// others are the tokens that are not listed, and their probability together.
func (v *view) others() (n int, p float64) {
	p = 1
	for _, list := range [][]protocol.Row{v.p.Rows, v.apart} {
		for _, r := range list {
			p -= float64(r.P)
		}
		n += len(list)
	}
	return v.in.Model.Vocab - n, max(0, p)
}

// bits writes nats in bits, to three figures.
func bits(nats float64) string {
	b := nats / math.Ln2
	switch {
	case b >= 99.95:
		return svg.Fixed(b, 0)
	case b >= 9.995:
		return svg.Fixed(b, 1)
	}
	return svg.Fixed(b, 2)
}

// few writes a number of tokens that is no whole number: a perplexity.
func few(x float64) string {
	if x >= 99.95 {
		return svg.Count(int(x + .5))
	}
	return svg.Fixed(x, 1)
}
