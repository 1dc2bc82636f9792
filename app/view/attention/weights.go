package attention

import (
	"math"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// What the matrix shows of each pair of tokens: the choice o.attn.w.
const (
	byAttention = "attention" // the weights, of which every row sums to 1
	byValue     = "value"     // weight times the norm of the value vector that it lets through (Kobayashi et al. 2020)
	byScore     = "score"     // q·k, whose softmax over a row is the attention
)

// weights is a matrix to show: at(q, k) counts for what q sees.
type weights struct {
	mode  string
	array *protocol.Array // what the memory knows it by
	at    func(q, k int) float64
	top   float64 // the largest magnitude, or 1 for attention
}

// weights is what the matrix shows, or nil while it is not there.
func (s *scene) weights() *weights {
	if s.pattern == nil {
		return nil
	}
	a, m := s.pattern.Data, s.m
	w := &weights{mode: s.mode(), array: s.pattern, top: 1, at: func(q, k int) float64 { return float64(a[q*m+k]) }}
	switch w.mode {
	case byValue:
		norms := s.valueNorms()
		if norms == nil {
			return nil
		}
		w.at = func(q, k int) float64 { return float64(a[q*m+k]) * norms[k] }
		w.top = s.largestOf(w)
	case byScore:
		q := s.in.Activation(protocol.Activation{Name: s.name("attn_scores"), From: 0, To: s.n, Index: s.head})
		if q == nil || len(q.Data) != s.n*m {
			return nil
		}
		w.array, w.at = q, func(r, k int) float64 { return float64(q.Data[r*m+k]) }
		w.top = s.largestOf(w)
	}
	return w
}

func (s *scene) largestOf(w *weights) float64 {
	top := 0.0
	for q := range s.n {
		for k := range s.seen(q) {
			if v := math.Abs(w.at(q, k)); v > top && !math.IsInf(v, 0) {
				top = v
			}
		}
	}
	if top == 0 {
		return 1
	}
	return top
}

// shade is a weight's place on its colour scale: its power of 3/4, as for probabilities, keeps small ones visible.
func (w *weights) shade(q, k int) float64 {
	if w.mode == byScore {
		return w.at(q, k) / w.top
	}
	root := math.Sqrt(w.at(q, k) / w.top)
	return .03 + .97*root*math.Sqrt(root)
}

// valueHead is the head of values that the head lets through: several heads may share one.
func (s *scene) valueHead() int {
	if v := s.act("v"); len(v.Inner) > 0 && v.Inner[0] > 0 {
		return s.head * v.Inner[0] / s.heads
	}
	return s.head
}

// valueNorms are the lengths of the head's value vectors, one a token, or nil.
func (s *scene) valueNorms() []float64 {
	v := s.in.Activation(protocol.Activation{Name: s.name("v"), From: 0, To: -1, Index: s.valueHead()})
	if v == nil || len(v.Data)%s.m != 0 {
		return nil
	}
	out, size := make([]float64, s.m), len(v.Data)/s.m
	for k := range out {
		out[k] = norm(v.Data[k*size : (k+1)*size])
	}
	return out
}

func norm(v []float32) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// mode is the choice of weights, as far as the model records what it needs.
func (s *scene) mode() string {
	switch m := s.in.State.Opt("attn.w", byAttention); {
	case m == byValue && s.records("v"), m == byScore && s.records("attn_scores"):
		return m
	}
	return byAttention
}

func (s *scene) modeControl() figure.Control {
	option := func(mode, needs string) figure.Option {
		o := figure.Option{Value: mode, Label: s.L.T("attn.w." + mode)}
		if needs != "" && !s.records(needs) {
			o.Disabled = s.L.T("attn.unrecorded", s.name(needs))
		}
		return o
	}
	return figure.Control{Kind: "radio", Key: "o.attn.w", Label: s.L.T("attn.w"), Value: s.mode(),
		Options: []figure.Option{option(byAttention, ""), option(byValue, "v"), option(byScore, "attn_scores")}}
}
