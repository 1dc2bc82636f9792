package words

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// BenchmarkSide draws what stands beside a map of 50,000 words, answers being there: it is drawn again at every change of the state.
func BenchmarkSide(b *testing.B) {
	const n = 50_000
	names := []string{"king", "queen", "man", "woman"}
	for i := len(names); i < n; i++ {
		names = append(names, fmt.Sprintf("word%d", i))
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = rand.Float32()
	}
	d := made(strings.Join(names, " "), nil, stateOf("token=100&o.words.line=man+>+woman"))
	d.in.Run = &protocol.RunResult{}
	for i := range 2000 {
		d.in.Run.Tokens = append(d.in.Run.Tokens, protocol.Token{ID: 100 + i, Text: " x"})
	}
	near := &protocol.MapNearResult{}
	for i := range 12 {
		near.Rows, near.Values = append(near.Rows, 10+i), append(near.Values, .5)
	}
	d.in.Fetch = func(op string, _ any) any {
		switch op {
		case protocol.OpMapNear:
			return near
		case protocol.OpMapAxis:
			return &protocol.Array{Data: x}
		}
		return nil
	}
	b.ReportAllocs()
	for b.Loop() {
		d := begin(d.in)
		d.sideReading()
		d.sideMarks()
		d.side()
	}
}
