package tensor

import (
	"encoding/binary"
	"math"
	"os"
	"strings"
	"testing"
)

// golden is blocks of one type and what ggml's reference makes of them (testdata/gen-formats/quants.py).
type golden struct {
	typ    DType
	blocks []byte
	want   []float32
}

func goldens(t *testing.T) (all []golden) {
	t.Helper()
	b, err := os.ReadFile("../../testdata/tensor/quants.bin")
	if err != nil {
		t.Fatal(err)
	}
	for len(b) > 0 {
		g := golden{typ: DType(strings.TrimRight(string(b[:8]), "\x00"))}
		size, n := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
		g.blocks, b = b[16:16+size], b[16+size:]
		for i := range n {
			g.want = append(g.want, math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		}
		b = b[4*n:]
		all = append(all, g)
	}
	return all
}

// TestBlocksAsGGML: rows have the same bits as ggml's, packed or not.
func TestBlocksAsGGML(t *testing.T) {
	all := goldens(t)
	if len(all) != len(blocks) {
		t.Errorf("goldens of %d types, expected %d", len(all), len(blocks))
	}
	for _, g := range all {
		weights, size := g.typ.BlockSize()
		rows := len(g.blocks) / size
		for _, count := range []int{rows, rows - 10} { // the last ten have infinite scales among them
			m := NewMatrix(g.typ, count, weights)
			copy(m.Raw, g.blocks)
			for _, packed := range []bool{false, true} {
				if packed {
					m.Pack()
				}
				row := make([]float32, weights)
				for r := range count {
					m.Row(row, r)
					for i, v := range row {
						if want := g.want[r*weights+i]; math.Float32bits(v) != math.Float32bits(want) && (v == v || want == want) {
							t.Fatalf("%s packed %v: weight %d of row %d is %g, expected %g", g.typ, packed, i, r, v, want)
						}
					}
				}
			}
		}
	}
}
