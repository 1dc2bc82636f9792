package attention

import (
	"fmt"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// madeInput is a model of layers x heads on n tokens whose attention the test makes up, by what(layer, head, query, key).
func madeInput(n, layers, heads int, st *state.State, what func(l, h, q, k int) float64) *figure.Input {
	m := &protocol.Model{Logits: true, Name: "made", Layers: layers, Heads: heads, Hidden: 8 * heads, Params: 1000, Vocab: 1000}
	for l := range layers {
		for _, part := range []string{"pattern", "v", "result", "attn_scores"} {
			m.Acts = append(m.Acts, protocol.Act{Name: fmt.Sprintf("blocks.%d.attn.%s", l, part), Inner: []int{heads}, Heads: part == "pattern" || part == "attn_scores"})
		}
	}
	run := &protocol.RunResult{}
	for i := range n {
		run.Tokens = append(run.Tokens, protocol.Token{ID: i % 7, Text: []string{" the", "cat", "<img onerror=x>", "\n", " a", "中文", " understanding"}[i%7]})
	}
	fill := func(size int, at func(i int) float64) *protocol.Array {
		a := &protocol.Array{Shape: []int{size}, Data: make([]float32, size)}
		for i := range a.Data {
			a.Data[i] = float32(at(i))
		}
		return a
	}
	size := min(n, thumb)
	patterns := fill(layers*heads*size*size, func(i int) float64 {
		return what(i/size/size/heads, i/size/size%heads, i/size%size*n/max(size, 1), i%size*n/max(size, 1))
	})
	patterns.Shape = []int{layers, heads, size, size}
	kept := map[string]any{}
	fetch := func(op string, body any) any {
		switch b := body.(type) {
		case protocol.Activation:
			var l int
			var part string
			fmt.Sscanf(b.Name, "blocks.%d.attn.%s", &l, &part)
			key := fmt.Sprint(b)
			if kept[key] == nil {
				switch part {
				case "pattern", "attn_scores":
					kept[key] = fill(n*n, func(i int) float64 {
						if q, k := i/n, i%n; k <= q {
							return what(l, b.Index, q, k)
						}
						return 0
					})
				case "v":
					kept[key] = fill(n*8, func(i int) float64 { return float64(i%5) - 2 })
				default:
					kept[key] = fill(heads*8*heads, func(i int) float64 { return float64(i%9) - 4 })
				}
			}
			return kept[key]
		case protocol.Patterns:
			return patterns
		case protocol.HeadScores:
			if kept[op] == nil {
				kept[op] = &protocol.HeadScoresResult{Array: *fill(layers*heads*4, func(i int) float64 {
					if i%4 == i/4%5 { // a head of each kind in turn, and one of none
						return .7
					}
					return .05
				})}
			}
			return kept[op]
		case protocol.Effects:
			return &protocol.EffectsResult{Array: *fill(layers*heads, func(i int) float64 { return float64(i*31%11-5) / 1000 }), Token: 3, P: .2}
		case protocol.Predict:
			p := &protocol.Prediction{}
			for i := range 12 {
				p.Rows = append(p.Rows, protocol.Row{ID: i, Text: run.Tokens[i%max(n, 1)].Text, P: float32(.3 / float64(i+1)), Before: -1})
			}
			return p
		}
		return nil
	}
	return &figure.Input{Model: m, Run: run, State: st, Width: 1376, L: lang.English, Fetch: fetch}
}

// even spreads attention evenly.
func even(_, _, q, _ int) float64 { return 1 / float64(q+1) }
