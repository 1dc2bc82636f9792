package service

import (
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// TestVectors holds that a text's vector is the mean of what the last layer hands on at its tokens, of models of any kind, and
// that asking for some leaves the session's text alone.
func TestVectors(t *testing.T) {
	for name, last := range map[string]string{"bert-encoder": "blocks.1.ln2.normalized", "bert": "blocks.1.ln2.normalized", "llama": "ln_final.normalized", "lstm": "layers.1.hidden"} {
		x := opened(t, name)
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
		v := ask[protocol.VectorsResult](x, protocol.OpVectors, protocol.Vectors{Texts: []string{"the cat", "a dog sat"}})
		if len(v.Shape) != 2 || v.Shape[0] != 2 || len(v.Modes) != 1 || v.Modes[0] != "mean" || v.Said || v.Normalized {
			t.Fatalf("%s: %+v", name, v)
		}
		a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: last, To: -1, Index: -1})
		if a.Shape[0] != 7 || a.Shape[1] != v.Shape[1] {
			t.Fatalf("%s: %v tokens, %v", name, a.Shape, v.Shape)
		}
		mean := make([]float32, a.Shape[1])
		for i, x := range a.Data {
			mean[i%a.Shape[1]] += x / float32(a.Shape[0])
		}
		if e := enginetest.RelErr(v.Data[:a.Shape[1]], mean); e > 1e-5 {
			t.Errorf("%s: relative error %.2g", name, e)
		}
	}
	x := opened(t, "gru")
	if e := x.fails(protocol.OpVectors, protocol.Vectors{}); e.Code != "bad-request" {
		t.Error(e)
	}
	if e := x.fails(protocol.OpVectors, protocol.Vectors{Texts: []string{"a", ""}}); e.Code != "no-text" {
		t.Error(e)
	}
}
