package states

import (
	"math"
	"slices"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// depthOf is how deep in brackets and quotes the text is after each token, or nil if it has none. In a window of a recorded set some may have
// been opened before it: there it is what the engine says, which reads what stands before.
func depthOf(in *figure.Input) []float64 {
	own := depths(in.Run.Tokens)
	r := (*protocol.TracksResult)(nil)
	if in.Model.Recorded > 0 {
		r = in.Tracks()
	}
	if r == nil {
		return own
	}
	i := slices.IndexFunc(r.Tracks, func(t protocol.Track) bool {
		return t.Name == "depth" && len(t.Labels) == 0 && len(t.Values) == len(own) && !slices.ContainsFunc(t.Values, func(v float32) bool { return v != v })
	})
	if i < 0 {
		return own
	}
	out := make([]float64, len(own))
	for k, v := range r.Tracks[i].Values {
		out[k] = float64(v)
	}
	return out
}

// depths is how deep in brackets and double quotes the text is after each token, or nil if it has none.
// A bracket that closes what was not opened last counts for nothing.
func depths(tokens []protocol.Token) []float64 {
	var open []rune // what would close each that is open
	out, any := make([]float64, len(tokens)), false
	for i, t := range tokens {
		before := len(open)
		for _, r := range t.Text {
			last := rune(0)
			if len(open) > 0 {
				last = open[len(open)-1]
			}
			if c, ok := closes[r]; r == last && last != 0 {
				open = open[:len(open)-1]
			} else if ok {
				open = append(open, c)
			}
		}
		any = any || len(open) != before // a mark like [CLS] opens nothing
		out[i] = float64(len(open))
	}
	if !any {
		return nil
	}
	return out
}

// closes says what closes a bracket or a quotation. The apostrophe is none.
var closes = map[rune]rune{'(': ')', '[': ']', '{': '}', '"': '"', '“': '”', '«': '»', '（': '）', '「': '」', '『': '』', '【': '】', '《': '》'}

// correlations are Pearson's r of each unit with y over the text, NaN where one of them does not vary. It goes through x
// in its own order, a token at a time.
func correlations(x []float32, units int, y []float64) []float64 {
	n := float64(len(y))
	my, yy := 0., 0.
	mx, xx, xy := make([]float64, units), make([]float64, units), make([]float64, units)
	for t := range y {
		my += y[t] / n
		for u, v := range x[t*units : (t+1)*units] {
			mx[u] += float64(v) / n
		}
	}
	for t := range y {
		b := y[t] - my
		yy += b * b
		for u, v := range x[t*units : (t+1)*units] {
			a := float64(v) - mx[u]
			xx[u] += a * a
			xy[u] += a * b
		}
	}
	for u := range xy {
		if xx[u] < 1e-12*n || yy == 0 {
			xy[u] = math.NaN()
		} else {
			xy[u] /= math.Sqrt(xx[u] * yy)
		}
	}
	return xy
}

// ways are how far each unit moves over the text: the sum of its steps, the first from 0.
func ways(x []float32, units int) []float64 {
	out := make([]float64, units)
	for u := range out {
		out[u] = math.Abs(float64(x[u]))
	}
	for i := units; i < len(x); i++ {
		out[i%units] += math.Abs(float64(x[i]) - float64(x[i-units]))
	}
	return out
}
