package service

import (
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// limits sets how much may be recorded for the time of a test.
func limits(t *testing.T, all, most int) {
	a, m := recordAll, recordMost
	recordAll, recordMost = all, most
	t.Cleanup(func() { recordAll, recordMost = a, m })
}

// TestLittleRoom holds that where a run cannot record everything, what is asked for is recorded by running again, with the
// same numbers; that what fits in no memory is refused; and that a short text records everything again.
func TestLittleRoom(t *testing.T) {
	x, g := opened(t, "gpt2-untied"), enginetest.ReadGolden(t, "gpt2-untied")
	n := len(g.IDs)
	limits(t, 20<<10, 60<<10)
	c := count(x)
	run := g.Changed[0]
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: changes(run)})
	if got := x.s.base.hooks.Recorder.Names(); !slices.Equal(got, []string{"ln_final.normalized"}) {
		t.Errorf("recorded %v", got)
	}
	for _, name := range []string{"blocks.1.attn.z", "blocks.0.mlp.post", "embed", "blocks.2.attn.pattern", "logits"} {
		a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: name, To: -1, Index: -1, Before: true})
		if e := enginetest.RelErr(a.Data, g.Base.Acts[name].Data); !(e <= 1e-5) {
			t.Errorf("%s: relative error %v", name, e)
		}
		if want := run.Acts[name]; want != nil {
			a = ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: name, To: -1, Index: -1})
			if e := enginetest.RelErr(a.Data, want.Data); !(e <= 1e-5) {
				t.Errorf("%s with changes: relative error %v", name, e)
			}
		}
		if b := x.s.bytes(x.s.base.hooks.Recorder.Globs(), n); b > recordMost {
			t.Errorf("%d bytes are recorded after %s", b, name)
		}
	}
	c.tokens = 0
	ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.0.attn.pattern", To: -1, Index: -1})
	if c.tokens > 0 {
		t.Error("the other layers' patterns were not recorded with the first")
	}
	ask[protocol.EffectsResult](x, protocol.OpEffects, protocol.Effects{Pos: 4, Token: -1, Op: "mean"})
	ask[protocol.Array](x, protocol.OpPatterns, protocol.Patterns{Size: 4})
	mean := protocol.Change{Name: "blocks.1.mlp.post", Pos: -1, Index: 3, Op: "mean"}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: []protocol.Change{mean}})

	limits(t, 1<<10, 7<<10)
	y := opened(t, "gpt2-untied")
	ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{IDs: slices.Concat(g.IDs, g.IDs)})
	if e := y.fails(protocol.OpActivation, protocol.Activation{Name: "blocks.0.attn.result", To: -1, Index: -1}); e.Code != "too-large" {
		t.Errorf("%+v", e)
	}
	limits(t, 96<<10, 96<<10)
	ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{Text: "a"})
	if got := y.s.base.hooks.Recorder.Names(); len(got) < 50 {
		t.Errorf("a short text records %v", got)
	}
}

// TestPadded holds what becomes of tokens that the model has and the tokenizer has not.
func TestPadded(t *testing.T) {
	x := newSession(t)
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: edited(x, "gru", `{"vocab_size": 43}`, func(s []enginetest.Stored) []enginetest.Stored {
		s = reshaped("decoder.bias", 43)(reshaped("decoder.weight", 43, 16)(reshaped("encoder.weight", 43, 12)(s)))
		for i := range s {
			s[i].Fill = func(k int) float32 { return float32(k%11-5) / 10 }
			if s[i].Name == "decoder.bias" {
				s[i].Fill = func(k int) float32 { return float32(k / 42 * 9) } // token 42 is the likeliest
			}
		}
		return s
	})})
	if len(m.Warnings) != 1 || m.Warnings[0].Code != "vocab-padded" || m.Warnings[0].N != 3 {
		t.Errorf("%+v", m.Warnings)
	}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "ab"})
	r := ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: 2, Sampling: greedy})
	if !slices.Equal(r.IDs[2:], []int{42, 42}) {
		t.Errorf("generated %v", r.IDs)
	}
	again := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: r.IDs})
	if k := again.Tokens[2]; k.Text != "<42>" || k.Start != 2 || k.End != 2 || !strings.HasPrefix(again.Text, "ab") {
		t.Errorf("%+v", again.Tokens)
	}
}
