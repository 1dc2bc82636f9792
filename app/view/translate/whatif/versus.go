package whatif

import (
	"math"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// side is a target and what wrote it, before (the first of each pair) or after.
type side struct {
	name   string // what it is called beside the other
	second bool
	t      *protocol.Translation
	path   []protocol.Node
	looks  [][]float32     // at the source, a row a word; nil: not there yet, or there is no attention
	states *protocol.Array // of the decoder, [steps, d]; nil: not there yet
}

// of is the one of a pair that is this side's; -1: it has none.
func (d *side) of(p scene.Pair) int {
	if d.second {
		return p.B
	}
	return p.A
}

// looks are how each step looks at the source.
func looks(k *scene.Look) (out [][]float32) {
	if k == nil {
		return nil
	}
	for t := range k.Steps {
		out = append(out, k.Row(t))
	}
	return out
}

// versus is a target beside another: their words aligned, and the tokens of their sources.
type versus struct {
	s             *scene.Scene
	was, now      side
	words, source []scene.Pair
	band          *side           // the one of the two that the text band shows; nil: neither
	apart         bool            // they are of two models: states have nothing in common
	from, into    []protocol.Node // the tokens of the two sources
	top           float64         // of the scale of differences of attention
	left, pitch   float64         // of the columns of words
	cell          float64         // height of a token of the source
}

// alike are the tokens of two sources, aligned by their texts. One that another stands in the place of is that one's counterpart; of two models (apart),
// which may cut a source otherwise, only the same text is.
func alike(was, now *protocol.Translation, apart bool) (out []scene.Pair) {
	for _, p := range scene.AlignText(read(was), read(now)) {
		if apart && !p.Same && p.A >= 0 && p.B >= 0 {
			out = append(out, scene.Pair{A: p.A, B: -1}, scene.Pair{A: -1, B: p.B})
			continue
		}
		out = append(out, p)
	}
	return out
}

// beside has two targets side by side, with how the tokens of their sources are aligned.
func beside(s *scene.Scene, was, now side, source []scene.Pair, apart bool) *versus {
	now.second = true
	v := &versus{s: s, was: was, now: now, source: source, apart: apart, words: scene.AlignText(was.path, now.path), from: read(was.t), into: read(now.t)}
	v.top = v.most()
	return v
}

// read are the tokens of a source as those of a target are.
func read(t *protocol.Translation) (out []protocol.Node) {
	for _, k := range t.Source {
		out = append(out, protocol.Node{ID: k.ID, Text: k.Text})
	}
	return out
}

// weight is how much its one of a pair of words looks at its one of a pair of tokens of the source; NaN: one of them is not there.
func (d *side) weight(words, tokens scene.Pair) float64 {
	word, token := d.of(words), d.of(tokens)
	if word < 0 || token < 0 || word >= len(d.looks) || token >= len(d.looks[word]) {
		return math.NaN()
	}
	return float64(d.looks[word][token])
}

// link ties a mark to the tokens of the text band: "s" and a token of the source, "t" and a word of the target, counted from its start.
func (v *versus) link(kind string, p scene.Pair, start int) []string {
	if v.band == nil || v.band.of(p) < 0 {
		return nil
	}
	return []string{"data-h", kind + strconv.Itoa(v.band.of(p)+start)}
}

// difference is by how much more the word i of now looks at the token j of the source than its counterpart does; NaN: one of them is not there.
func (v *versus) difference(j, i int) float64 {
	return v.now.weight(v.words[i], v.source[j]) - v.was.weight(v.words[i], v.source[j])
}

// least is the top of a scale of differences at least: smaller ones are not blown up.
const least = .05

// most is the largest difference of attention, up to which its colours go.
func (v *versus) most() float64 {
	top := least
	for j := range v.source {
		for i := range v.words {
			if d := math.Abs(v.difference(j, i)); d > top {
				top = d
			}
		}
	}
	return top
}

// change is what a pair of words has to do with the difference of log p of the two targets: all of what is new, less all of what is gone. They sum
// to that difference.
func (v *versus) change(w scene.Pair) float64 {
	d := 0.0
	if w.B >= 0 {
		d = v.now.path[w.B].LogP
	}
	if w.A >= 0 {
		d -= v.was.path[w.A].LogP
	}
	return d
}

// entropy is that of the prediction of its one of a pair of words, in bits; NaN: there is none.
func (d *side) entropy(p scene.Pair) float64 {
	if word := d.of(p); word >= 0 {
		if next := d.t.Nodes[d.path[word].Parent].Next; next != nil {
			return float64(next.Entropy) / math.Ln2
		}
	}
	return math.NaN()
}

// moved is 1 - cosine of the decoder's states of each pair, NaN where one has no partner; nil: not there yet, or they are of two models.
func (v *versus) moved() []float64 {
	a, z := v.was.states, v.now.states
	if v.apart || a == nil || z == nil || len(a.Shape) != 2 || len(z.Shape) != 2 || a.Shape[0] < len(v.was.path) || z.Shape[0] < len(v.now.path) {
		return nil
	}
	d := a.Shape[1]
	out := make([]float64, len(v.words))
	for i, w := range v.words {
		out[i] = math.NaN()
		if w.A >= 0 && w.B >= 0 {
			out[i] = 1 - cosine(a.Data[w.A*d:][:d], z.Data[w.B*d:][:d])
		}
	}
	return out
}

func cosine(a, b []float32) float64 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for i, v := range a {
		ab += float64(v) * float64(b[i])
		aa += float64(v) * float64(v)
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return min(1, ab/math.Sqrt(aa*bb))
}

// title is a word or token and its counterpart, where that is another: "two → red".
func title(was, now []protocol.Node, p scene.Pair) string {
	switch {
	case p.A < 0:
		return plot.OneLine(now[p.B].Text)
	case p.B < 0 || p.Same:
		return plot.OneLine(was[p.A].Text)
	}
	return plot.OneLine(was[p.A].Text) + " → " + plot.OneLine(now[p.B].Text)
}

// tip is a cell of the attention in words: how much is looked here and there, and the difference.
func (v *versus) tip(j, i int) string {
	if j < 0 || j >= len(v.source) || i < 0 || i >= len(v.words) {
		return ""
	}
	l, w, k := v.s.In.L, v.words[i], v.source[j]
	tip := l.T("versus.on", title(v.was.path, v.now.path, w), title(v.from, v.into, k))
	for _, d := range []*side{&v.was, &v.now} {
		value := l.T("versus.absent")
		if x := d.weight(w, k); x == x {
			value = svg.Fixed(x, 3)
		}
		tip += "\n" + d.name + ": " + value
	}
	if d := v.difference(j, i); d == d {
		tip += "\n" + l.T("versus.difference", svg.Signed(d, 3))
	}
	return tip
}
