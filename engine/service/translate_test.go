package service

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// translators are the built-in encoder-decoders.
var translators = []string{"g2p-lstm", "dates-lstm"}

// asText is a source as a person writes it.
func asText(name string, w enginetest.Translated) string {
	if strings.HasPrefix(name, "g2p") {
		return strings.Join(w.Source, "")
	}
	return strings.Join(w.Source, " ")
}

func translate(x *session, q protocol.Translate) *protocol.Translation {
	x.t.Helper()
	r := ask[protocol.Translation](x, protocol.OpTranslate, q)
	r.Ms = 0
	return r
}

// plain is a request with a beam of 5.
func plain(text string, changes ...protocol.Change) protocol.Translate {
	return protocol.Translate{Text: text, Changes: changes, Decode: protocol.Decode{Beam: 5, Most: 40}, Top: 10}
}

func idsOfHyp(t *protocol.Translation, hyp int) (ids []int) {
	for _, n := range t.Hyps[hyp].Path {
		ids = append(ids, t.Nodes[n].ID)
	}
	return ids
}

func wordsOf(t *protocol.Translation, hyp int) (words []string) {
	for _, n := range t.Hyps[hyp].Path {
		words = append(words, t.Nodes[n].Text)
	}
	return words
}

// TestTranslate holds that beam search finds what the reference's finds, with its scores, and weighs the same on the way.
func TestTranslate(t *testing.T) {
	for _, name := range append([]string{"g2p-transformer"}, translators...) {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			for _, w := range enginetest.Translations(t, name) {
				got := translate(x, plain(asText(name, w)))
				if len(got.Hyps) != len(w.Beam) || len(got.Source) < len(w.Source) {
					t.Fatalf("%v: %d hypotheses of %d source tokens", w.Source, len(got.Hyps), len(got.Source))
				}
				for i, want := range w.Beam {
					if !slices.Equal(wordsOf(got, i), want.Words) || math.Abs(got.Hyps[i].Score-want.Score) > 1e-4*math.Max(1, -want.Score) { // float32 sums
						t.Errorf("%v: hypothesis %d is %v, %g, not %v", w.Source, i, wordsOf(got, i), got.Hyps[i].Score, want)
					}
				}
				checkTree(t, got)
				greedy := translate(x, protocol.Translate{Text: asText(name, w), Decode: protocol.Decode{Beam: 1, Most: 40}, Top: 1})
				if words := wordsOf(greedy, 0); !slices.Equal(words[:len(words)-1], w.Greedy) {
					t.Errorf("%v: a beam of 1 finds %v, not %v", w.Source, words, w.Greedy)
				}
				at := 0
				for step, seen := range w.Steps {
					for k := range seen {
						at++
						if n := got.Nodes[at]; n.Step != step || n.Text != seen[k].Word || math.Abs(n.Sum-seen[k].Sum) > 1e-4*math.Max(1, -seen[k].Sum) {
							t.Fatalf("%v: step %d weighs %+v, not %+v", w.Source, step, n, seen[k])
						}
					}
				}
			}
		})
	}
}

// checkTree holds that sums are sums of the steps, down each hypothesis.
func checkTree(t *testing.T, r *protocol.Translation) {
	t.Helper()
	for i, n := range r.Nodes[1:] {
		if p := r.Nodes[n.Parent]; n.Parent > i || n.Step != p.Step+1 || math.Abs(p.Sum+n.LogP-n.Sum) > 1e-12*math.Abs(n.Sum) || n.LogP > 0 {
			t.Fatalf("node %d: %+v after %+v", i+1, n, p)
		}
	}
	for _, h := range r.Hyps {
		sum := 0.0
		for _, n := range h.Path {
			sum += r.Nodes[n].LogP
		}
		if math.Abs(sum-h.LogP) > 1e-9*math.Max(1, -sum) || h.Ended != (r.Nodes[h.Path[len(h.Path)-1]].State == "ended") {
			t.Errorf("%+v: the steps' log p sum to %g", h, sum)
		}
	}
}

// sameTranslation holds that two translations are the same, bit for bit.
func sameTranslation(t *testing.T, what string, a, b *protocol.Translation) {
	t.Helper()
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%s: another translation: %v %g, not %v %g", what, wordsOf(b, 0), b.Hyps[0].Score, wordsOf(a, 0), a.Hyps[0].Score)
	}
}

// TestWhatIf holds that a prefix that the winner has anyway, and attention as it is anyway, change nothing at all, and that undoing is the
// first run bit for bit.
func TestWhatIf(t *testing.T) {
	for _, name := range translators {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			for _, w := range enginetest.Translations(t, name) {
				text := asText(name, w)
				first := translate(x, plain(text))
				ids := idsOfHyp(first, 0)
				for n := 1; n <= len(ids); n++ {
					sameTranslation(t, fmt.Sprint("prefix of ", n), first, translate(x, plain(text, prefixOf(ids[:n]))))
				}
				attn := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: plain(text), Name: "decoder.attn.pattern"})
				steps, n := attn.Shape[1], attn.Shape[2]
				if steps != len(ids) || n != len(first.Source) {
					t.Fatalf("attention is %v of %d steps and %d source tokens", attn.Shape, len(ids), len(first.Source))
				}
				for step := range steps {
					own := rowOf("decoder.attn.pattern", step, attn.Data[step*n:][:n])
					changes := []protocol.Change{own}
					if step > 0 {
						changes = append(changes, prefixOf(ids[:step]))
					}
					got := translate(x, plain(text, changes...))
					if !slices.Equal(idsOfHyp(got, 0), ids) || math.Abs(got.Hyps[0].LogP-first.Hyps[0].LogP) > 1e-5 { // the row is written with six figures
						t.Errorf("%s: own attention at step %d makes %v", text, step, wordsOf(got, 0))
					}
				}
				translate(x, plain(text, protocol.Change{Name: "encoder.output", Pos: 0, Index: -1, Op: "zero"}))
				x.s.seq.kept = nil
				sameTranslation(t, "undone", first, translate(x, plain(text)))
			}
		})
	}
}

func prefixOf(ids []int) protocol.Change {
	return protocol.Change{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: protocol.Joined(ids)}
}

func rowOf(name string, step int, row []float32) protocol.Change {
	var parts []string
	for _, v := range row {
		parts = append(parts, fmt.Sprintf("%.6g", v))
	}
	return protocol.Change{Name: name, Pos: step, Index: 0, Op: "row", Row: strings.Join(parts, "_")}
}

// TestEdits makes every kind of change at random, and holds that the answer's steps are those of the model run by hand with it, its words given.
func TestEdits(t *testing.T) {
	for _, name := range translators {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			r := rand.New(rand.NewPCG(1, 2))
			moved := 0
			for _, w := range enginetest.Translations(t, name) {
				text := asText(name, w)
				first := translate(x, plain(text))
				for range 6 {
					changes := edits(r, x, first)
					got := translate(x, plain(text, changes...))
					checkTree(t, got)
					if got.Hyps[0].LogP != first.Hyps[0].LogP {
						moved++
					}
					byHand(t, x, plain(text, changes...), got)
				}
			}
			if moved < 15 {
				t.Errorf("%d of 30 edits changed anything", moved)
			}
		})
	}
}

// edits are one or two changes.
func edits(r *rand.Rand, x *session, t *protocol.Translation) (out []protocol.Change) {
	src, ids := len(t.Source), idsOfHyp(t, 0)
	step := r.IntN(len(ids))
	for range 1 + r.IntN(2) {
		switch r.IntN(7) {
		case 0:
			out = append(out, protocol.Change{Name: protocol.SourceChange, Pos: r.IntN(src), Index: -1, Op: "set", Value: float32(4 + r.IntN(x.s.seq.Vocab-4))})
		case 1:
			out = append(out, prefixOf(append(slices.Clone(ids[:step]), 4+r.IntN(x.s.info.Vocab-4))))
		case 2:
			out = append(out, protocol.Change{Name: "decoder.attn.pattern", Pos: step, Index: 0, Op: "onehot", Value: float32(r.IntN(src))})
		case 3:
			out = append(out, protocol.Change{Name: "decoder.attn.pattern", Pos: step, Index: 0, Op: "uniform"},
				protocol.Change{Name: "decoder.attn.pattern", Pos: step, Index: 0, Op: "weight", Row: fmt.Sprint(r.IntN(src), "_0.75")})
		case 4:
			out = append(out, protocol.Change{Name: "decoder.layers.0.cell", Pos: -1, Index: r.IntN(100), Op: "set", Value: 1})
		case 5:
			out = append(out, protocol.Change{Name: "encoder.layers.0.hidden", Pos: r.IntN(src), Index: r.IntN(100), Op: "scale", Value: -2})
		case 6:
			out = append(out, protocol.Change{Name: "encoder.output", Pos: r.IntN(src), Index: -1, Op: "like", Row: "0 " + t.Text})
		}
	}
	return out
}

// byHand holds that the winner's log p is that of its words where they are given.
func byHand(t *testing.T, x *session, q protocol.Translate, got *protocol.Translation) {
	t.Helper()
	for hyp := range got.Hyps {
		logits := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: q, Hyp: hyp, Name: "logits"})
		v := logits.Shape[1]
		sum := 0.0
		for i, n := range got.Hyps[hyp].Path {
			sum += logP(logits.Data[i*v:][:v], got.Nodes[n].ID)
		}
		if math.Abs(sum-got.Hyps[hyp].LogP) > 1e-4*math.Max(1, -sum) {
			t.Errorf("%v: hypothesis %d: log p %g, and %g where its words are given", q.Changes, hyp, got.Hyps[hyp].LogP, sum)
		}
	}
}

func logP(z []float32, id int) float64 {
	m, sum := float64(slices.Max(z)), 0.0
	for _, v := range z {
		sum += math.Exp(float64(v) - m)
	}
	return float64(z[id]) - m - math.Log(sum)
}

// TestRunOfTranslator holds that a run's target is the winner, and its activations and predictions the winner's.
func TestRunOfTranslator(t *testing.T) {
	x := opened(t, "g2p-lstm")
	got := translate(x, plain("phonograph"))
	run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "phonograph", Decode: &protocol.Decode{Beam: 5, Most: 40}})
	if len(run.Source) != 10 || run.SourceText != "phonograph" || len(run.Tokens) != len(got.Hyps[0].Path)+1 || run.Tokens[0].Text != "<s>" {
		t.Fatalf("%+v", run)
	}
	sum := 0.0
	for i, n := range got.Hyps[0].Path {
		sum += float64(run.Surprisal[i+1])
		if run.Tokens[i+1].ID != got.Nodes[n].ID {
			t.Errorf("token %d is %s, not %s", i+1, run.Tokens[i+1].Text, got.Nodes[n].Text)
		}
	}
	if math.Abs(sum+got.Hyps[0].LogP) > 1e-4 {
		t.Errorf("surprisals sum to %g, log p is %g", sum, got.Hyps[0].LogP)
	}
	enc := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "encoder.output", To: -1, Index: -1})
	dec := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "decoder.layers.0.hidden", To: -1, Index: -1})
	if enc.Shape[0] != 10 || dec.Shape[0] != len(run.Tokens) {
		t.Errorf("%v %v", enc.Shape, dec.Shape)
	}
	p := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: 2, N: 3, Sampling: protocol.Sampling{T: 1, P: 1}})
	if want := math.Exp(got.Nodes[got.Hyps[0].Path[2]].LogP); math.Abs(float64(p.Actual.P)-want) > 1e-4 {
		t.Errorf("p of %s is %g, not %g", p.Actual.Text, p.Actual.P, want)
	}
	changes := []protocol.Change{{Name: "decoder.attn.pattern", Pos: 2, Op: "onehot", Value: 9}}
	changed := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "phonograph", Changes: changes})
	if len(changed.Before) != len(changed.Tokens) || reflect.DeepEqual(changed.Before, changed.Surprisal) {
		t.Error("there is no before")
	}
	// Another source with the same changes is read anew.
	again := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "photograph", Changes: changes})
	fresh := opened(t, "g2p-lstm")
	if want := ask[protocol.RunResult](fresh, protocol.OpRun, protocol.Run{Text: "photograph", Changes: changes}); !slices.Equal(again.Surprisal[1:], want.Surprisal[1:]) {
		t.Errorf("surprisals %v, and %v of a fresh session", again.Surprisal, want.Surprisal)
	}
}

// TestBadTranslations asks for what cannot be.
func TestBadTranslations(t *testing.T) {
	x := opened(t, "g2p-lstm")
	if r := translate(x, plain("")); len(r.Hyps) != 0 || len(r.Source) != 0 {
		t.Errorf("of nothing: %+v", r)
	}
	if r := translate(x, plain("caf9!")); len(r.Warnings) != 1 || r.Warnings[0].Code != "unknown-characters" || r.Warnings[0].What != "9!" {
		t.Errorf("%+v", r.Warnings)
	}
	q := plain("cat")
	q.Decode.Beam = 99
	if r := translate(x, q); r.Decode.Beam != x.s.info.Vocab || len(r.Warnings) != 1 || r.Warnings[0].Code != "beam-narrowed" {
		t.Errorf("a beam of %d: %+v", r.Decode.Beam, r.Warnings)
	}
	q = plain("cat")
	q.Decode.Length = 1e9
	x.fails(protocol.OpTranslate, q)
	q = plain("phonograph")
	q.Decode.Most = 3
	if r := translate(x, q); !r.Limited || r.Hyps[0].Ended || len(r.Hyps[0].Path) != 3 || r.Nodes[r.Hyps[0].Path[2]].State != "limit" {
		t.Errorf("limit: %+v", r.Hyps)
	}
	if r := translate(x, plain("cat", protocol.Change{Name: "decoder.attn.pattern", Pos: 30, Op: "uniform"})); len(r.Warnings) != 1 || r.Warnings[0].Code != "change-beyond" {
		t.Errorf("%+v", r.Warnings)
	}
	if r := translate(x, plain("cat", protocol.Change{Name: "decoder.attn.pattern", Pos: 1, Op: "row", Row: "0.5_0.5"})); len(r.Warnings) != 1 || r.Warnings[0].Code != "row-length" {
		t.Errorf("%+v", r.Warnings)
	}
	for _, c := range []protocol.Change{
		{Name: "decoder.attn.pattern", Pos: 1, Op: "row", Row: "0.5_0.4"}, {Name: "decoder.attn.pattern", Pos: 1, Op: "row", Row: "x"}, {Name: "decoder.attn.pattern", Pos: 1, Op: "row", Row: "-1_2_0"},
		{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: "3_40"}, {Name: protocol.PrefixChange, Index: -1, Op: "row", Row: "4000"}, {Name: protocol.SourceChange, Pos: 1, Index: -1, Op: "set", Value: 999},
		{Name: "encoder.output", Pos: 0, Index: -1, Op: "like", Row: "9 cat"}, {Name: "decoder.attentional", Pos: 0, Index: -1, Op: "like", Row: "0 cat"}, {Name: "decoder.attentional", Pos: 0, Index: 0, Op: "mean"}, {Name: protocol.TokenChange, Pos: 0, Index: -1, Op: "set"},
	} {
		x.fails(protocol.OpTranslate, plain("cat", c))
	}
	for _, op := range []string{protocol.OpGenerate, protocol.OpPatterns, protocol.OpHeadScores, protocol.OpEffects, protocol.OpCorpusOpen, protocol.OpMemory} {
		x.fails(op, struct{}{})
	}
	opened(t, "char-lstm").fails(protocol.OpTranslate, plain("cat"))
}
