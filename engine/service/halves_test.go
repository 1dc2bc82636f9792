package service

import (
	"slices"
	"testing"

	"loupe/engine/protocol"
)

var halfModels = map[string][]string{
	"g2p-lstm":        {protocol.HalfCross},
	"g2p-transformer": {protocol.HalfEncoder, protocol.HalfDecoder, protocol.HalfCross},
	"marian":          {protocol.HalfEncoder, protocol.HalfDecoder, protocol.HalfCross},
	"t5":              {protocol.HalfEncoder, protocol.HalfDecoder, protocol.HalfCross},
}

var allHalves = []string{"", protocol.HalfEncoder, protocol.HalfDecoder, protocol.HalfCross}

// TestHalfPatterns holds that the pictures of heads are the attention of the run, and that what a model has not is refused.
func TestHalfPatterns(t *testing.T) {
	for model, has := range halfModels {
		x := halfOpen(t, model)
		r := ask[protocol.RunResult](x, protocol.OpRun, sourceOf(model))
		for _, half := range allHalves {
			q := protocol.Patterns{Size: 256, Half: half}
			if !slices.Contains(has, half) {
				x.fails(protocol.OpPatterns, q)
				x.fails(protocol.OpEffects, protocol.Effects{Token: -1, Op: "zero", Half: half})
				x.fails(protocol.OpHeadScores, protocol.HeadScores{Half: half})
				continue
			}
			all := ask[protocol.Array](x, protocol.OpPatterns, q)
			n, m := len(r.Tokens), len(r.Tokens)
			switch half {
			case protocol.HalfEncoder:
				n = len(r.Source)
			case protocol.HalfCross: // the last token is not looked from
				n--
			}
			if half != protocol.HalfDecoder {
				m = len(r.Source)
			}
			var want []float32
			names := x.s.about.Attends(half)
			for _, name := range names {
				want = append(want, ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: name, To: n, Index: -1}).Data...)
			}
			heads := max(1, x.s.info.Heads)
			if !slices.Equal(all.Shape, []int{len(names), heads, n, m}) || !slices.Equal(all.Data, want) {
				t.Errorf("%s, %s: patterns %v of %d names, %d x %d", model, half, all.Shape, len(names), n, m)
			}
			if half == protocol.HalfCross {
				x.fails(protocol.OpHeadScores, protocol.HeadScores{Half: half})
				continue
			}
			for i, v := range ask[protocol.HeadScoresResult](x, protocol.OpHeadScores, protocol.HeadScores{Half: half}).Data {
				if !(v > 0 && v < 1) {
					t.Errorf("%s, %s: score %d is %v", model, half, i, v)
				}
			}
		}
	}
}

// TestHalfEffects compares what each head does alone with runs that switch it off and are made to write the same target.
func TestHalfEffects(t *testing.T) {
	for model, has := range halfModels {
		x := halfOpen(t, model)
		run := sourceOf(model)
		r := ask[protocol.RunResult](x, protocol.OpRun, run)
		var ids []int
		for _, k := range r.Tokens[1:] {
			ids = append(ids, k.ID)
		}
		same := protocol.Change{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: protocol.Joined(ids)}
		pos, differ := len(ids)/2, 0
		token := ids[pos]
		for _, half := range has {
			x.fails(protocol.OpEffects, protocol.Effects{Pos: pos, Token: token, Op: "mean", Half: half})
			e := ask[protocol.EffectsResult](x, protocol.OpEffects, protocol.Effects{Pos: pos, Token: token, Op: "zero", Half: half})
			names := x.s.about.Attends(half)
			heads := e.Shape[1]
			for i, v := range e.Data {
				out, whole := x.s.output(names[i/heads])
				c := protocol.Change{Name: out, Pos: -1, Index: i % heads, Op: "zero"}
				if whole {
					c.Index = -1
				}
				y := halfOpen(t, model)
				run.Changes = []protocol.Change{c, same}
				if got := ask[protocol.RunResult](y, protocol.OpRun, run); len(got.Tokens) < pos+2 || got.Tokens[pos+1].ID != token {
					t.Fatalf("%s: %+v is not the same target", model, got.Tokens)
				}
				p := ask[protocol.Prediction](y, protocol.OpPredict, protocol.Predict{Pos: pos, Watch: []int{token}, Sampling: greedy}).Watched[0]
				near(t, model+" "+out+" p", float64(e.P), float64(p.Before), 1e-6)
				near(t, model+" "+out, float64(v), float64(p.P-p.Before), 1e-6)
				if v != 0 {
					differ++
				}
			}
		}
		if differ == 0 {
			t.Errorf("%s: no head does anything", model)
		}
	}
}

// TestHalfRecorded holds how much room recording takes, and that what is asked of one layer is recorded of the others of its half.
func TestHalfRecorded(t *testing.T) {
	for model := range halfModels {
		x := halfOpen(t, model)
		r := ask[protocol.RunResult](x, protocol.OpRun, sourceOf(model))
		if len(r.Source) == len(r.Tokens) && model == "g2p-transformer" {
			t.Fatal("a source and a target of one length show nothing")
		}
		n := 0
		for _, a := range x.s.info.Acts {
			if series := x.s.base.hooks.Recorder.Get(a.Name); series != nil {
				if n++; x.s.bytes([]string{a.Name}, len(r.Tokens)) != 4*len(series.Data) {
					t.Errorf("%s, %s: %d bytes, not %d", model, a.Name, 4*len(series.Data), x.s.bytes([]string{a.Name}, len(r.Tokens)))
				}
			}
		}
		if n < 10 {
			t.Errorf("%s: %d activations are recorded", model, n)
		}
	}
	x := halfOpen(t, "g2p-transformer")
	if got := x.s.siblings("decoder.blocks.1.cross_attn.q"); !slices.Equal(got, []string{"decoder.blocks.0.cross_attn.q", "decoder.blocks.1.cross_attn.q", "decoder.blocks.2.cross_attn.q"}) {
		t.Errorf("siblings: %q", got)
	}
}

// TestHalfSums holds what the view States says of the stream of a decoder whose norms stand before: that it is the sum of what was added.
func TestHalfSums(t *testing.T) {
	x := halfOpen(t, "t5")
	ask[protocol.RunResult](x, protocol.OpRun, sourceOf("t5"))
	part := func(name string) []float32 {
		return ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "decoder.blocks.1." + name, To: -1, Index: -1}).Data
	}
	pre, self, cross, mlp, post := part("resid_pre"), part("attn_out"), part("cross_attn_out"), part("mlp_out"), part("resid_post")
	for i := range post {
		near(t, "the stream", float64(post[i]), float64(pre[i]+self[i]+cross[i]+mlp[i]), 1e-5)
	}
}

// halfOpen opens one of halfModels; those of testdata have no words.
func halfOpen(t testing.TB, model string) *session {
	x := newSession(t)
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.folder(model), NoTokenizer: len(sourceOf(model).IDs) > 0})
	return x
}

// sourceOf is a source that a model reads.
func sourceOf(model string) protocol.Run {
	if model == "g2p-lstm" || model == "g2p-transformer" {
		return protocol.Run{Text: "phonograph"}
	}
	return protocol.Run{IDs: []int{5, 9, 12, 7, 3}, Decode: &protocol.Decode{Beam: 3, Most: 9}}
}
