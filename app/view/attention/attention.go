// Package attention draws what attention heads look at: all heads small, one head large, what kind of head it is, and
// what becomes of the prediction when it is switched off. It knows heads by their activations (blocks.L.attn.pattern,
// .v, .z, .result; encoder.* and decoder.* of an encoder-decoder, of which it shows one attention at a time), not by an architecture.
package attention

import (
	"fmt"
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/engine/protocol"
)

// Needs is what a model must record to fill the view.
var Needs = []string{".attn.pattern"}

// Draw draws the view.
func Draw(in *figure.Input) figure.Figure {
	s := newScene(in)
	if s.n == 0 || s.heads == 0 || s.layers == 0 {
		return figure.Figure{Reading: []figure.Span{{Text: in.L.T("attn.empty")}}}
	}
	return figure.Figure{
		Reading: s.reading(),
		Layout:  s.place.class,
		Chosen:  fmt.Sprintf("layer=%d&head=%d", s.layer, s.head),
		Panels:  s.panels(),
	}
}

// panels are those that the model fills: without predictions there is nothing that a head changes in the end.
func (s *scene) panels() []figure.Panel {
	list := []figure.Panel{s.oneHead(), s.whatItDoes()}
	if !s.whole() {
		list = append([]figure.Panel{s.allHeads()}, list...)
	}
	if s.in.Model.Logits {
		list = append(list, s.switching())
	}
	return list
}

// scene is what all panels share: the text, the head that is looked at, and what is known of it so far.
type scene struct {
	in            *figure.Input
	L             *lang.Catalogue
	pal           *plot.Palette
	half          string           // of an encoder-decoder: which attention
	patterns      []string         // their names, one a block
	tokens, keys  []protocol.Token // those that look, and those that are looked at
	n, m          int              // how many
	first         int              // the position of the first of tokens in its text
	now           int              // of tokens
	pos           int              // the position whose prediction is shown
	layers, heads int
	full          bool      // every token sees all others
	layer, head   int       // the one that is looked at
	scores        []float32 // [layers, heads, 4], or nil while they are measured
	place         place
	pattern       *protocol.Array // [n, m] of the head, or nil
	row           []float32       // of now, [seen(now)], or nil
	pred          *protocol.Prediction
	effects       *protocol.EffectsResult
}

func newScene(in *figure.Input) *scene {
	s := &scene{in: in, L: in.L, pal: in.Palette()}
	s.chooseHalf()
	if s.layers = len(s.patterns); s.layers > 0 {
		s.heads = s.act("pattern").Inner[0]
	}
	if s.n == 0 || s.m == 0 || s.heads == 0 {
		return s
	}
	if s.square() {
		if r := in.HeadScores(s.half); r != nil && len(r.Data) == s.layers*s.heads*4 {
			s.scores = r.Data
		}
	}
	s.choose()
	s.place = placeFor(in.Width, max(s.n, s.m), s.whole())
	s.full = s.act("pattern").Full
	a := in.Activation(protocol.Activation{Name: s.name("pattern"), From: 0, To: s.n, Index: s.head})
	if a != nil && len(a.Data) == s.n*s.m {
		s.pattern, s.row = a, a.Data[s.now*s.m:][:s.seen(s.now)]
	}
	if in.Model.Logits && s.measuresEffects() {
		s.effects = in.Effects(protocol.Effects{Pos: s.pos, Token: s.asked(), Op: s.op(), Half: s.half})
		if e := s.effects; e != nil && len(e.Data) != s.layers*s.heads {
			s.effects = nil
		}
	}
	var watch []int
	if t := s.asked(); t >= 0 {
		watch = append(watch, t)
	} else if s.effects != nil && len(in.State.Changes) > 0 { // the likeliest before the changes may be so no more
		watch = append(watch, s.effects.Token)
	}
	s.pred = in.Prediction(s.pos, 12, watch...)
	return s
}

// asked is the token that the page asks about, or -1 for the likeliest.
func (s *scene) asked() int {
	if t := s.in.State.Token; t < s.in.Model.Vocab {
		return t
	}
	return -1
}

// choose takes the head of the state, or the strongest induction head of those that it leaves open.
func (s *scene) choose() {
	l, h := s.in.State.Layer, s.in.State.Head
	if l >= s.layers {
		l = -1
	}
	if h >= s.heads {
		h = -1
	}
	s.layer, s.head = max(l, 0), max(h, 0)
	best := s.score(s.layer, s.head, induction)
	for i := 0; i < s.layers; i++ {
		for j := 0; j < s.heads; j++ {
			if v := s.score(i, j, induction); (l < 0 || l == i) && (h < 0 || h == j) && v > best {
				best, s.layer, s.head = v, i, j
			}
		}
	}
}

// name is an activation of the block of the head.
func (s *scene) name(part string) string {
	return strings.TrimSuffix(s.patterns[s.layer], "pattern") + part
}

// seen is how many tokens, from the first on, a token may look at.
func (s *scene) seen(q int) int {
	if s.full {
		return s.m
	}
	return q + 1
}

// act is an activation of the block's attention, or an empty one that the model does not record.
func (s *scene) act(part string) protocol.Act {
	name := s.name(part)
	for _, a := range s.in.Model.Acts {
		if a.Name == name {
			return a
		}
	}
	return protocol.Act{}
}

// records reports whether the model records it.
func (s *scene) records(part string) bool { return s.act(part).Name != "" }

// headName is how a head is called everywhere: block.head.
func headName(l, h int) string { return fmt.Sprintf("%d.%d", l, h) }

// word is a token that looks in plain text, keyWord one that is looked at.
func (s *scene) word(i int) string    { return plot.OneLine(s.tokens[i].Text) }
func (s *scene) keyWord(k int) string { return plot.OneLine(s.keys[k].Text) }

// looksAt is the token that the head attends to most at now, and how much; -1 if no weight is a number.
func (s *scene) looksAt() (token int, weight float64) {
	token = -1
	for k, a := range s.row {
		if v := float64(a); v > weight && !math.IsInf(v, 0) {
			token, weight = k, v
		}
	}
	return token, weight
}

// place is how wide the panels are and which layout holds them.
type place struct {
	class                    string
	heads, one, what, effect float64
	narrow                   bool
}

// Sizes of the layouts, the same as in attention.css.
const (
	headsWidth = 506
	whatWidth  = 236
	columnGap  = 52
	whatGap    = 40
	shortText  = 26 // tokens that leave room for what the head does beside the matrix
)

// placeFor gives n tokens their place; alone: there is no grid of heads.
func placeFor(w float64, n int, alone bool) place {
	right := w - headsWidth - columnGap
	switch {
	case alone && w >= 688:
		return place{class: "att att-alone", one: w - whatWidth - whatGap, what: whatWidth, effect: min(w, twoColumns)}
	case w < 688:
		return place{class: "att att-narrow", heads: w, one: w, what: w, effect: w, narrow: true}
	case w < 1100:
		return place{class: "att att-mid", heads: min(headsWidth, w-whatWidth-whatGap), one: w, what: whatWidth, effect: w}
	case n <= shortText && right-whatWidth-whatGap >= 520:
		return place{class: "att att-short", heads: headsWidth, one: right - whatWidth - whatGap, what: whatWidth, effect: right}
	}
	return place{class: "att att-long", heads: headsWidth, one: right, what: headsWidth, effect: right}
}
