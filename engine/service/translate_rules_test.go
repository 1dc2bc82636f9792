package service

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// TestRulesOfFiles opens a BART beside whose config.json stands a generation_config.json: a request that says nothing is searched as that says, and as
// transformers' generate does; -1 takes a rule off.
func TestRulesOfFiles(t *testing.T) {
	source, list := enginetest.Generations(t, "bart")
	plain, compared := list[1].Sequences, 0 // with no rule
	for _, g := range list {
		if g.Min == 0 || g.Beams == 1 || g.Early == nil && !g.Renorm {
			continue
		}
		x := newSession(t)
		said := map[string]any{"num_beams": g.Beams, "max_length": g.Most, "early_stopping": g.Early, "min_length": g.Min, "no_repeat_ngram_size": g.NoRepeat,
			"bad_words_ids": g.Bad, "forced_bos_token_id": 0, "forced_eos_token_id": 2, "length_penalty": g.Length, "renormalize_logits": g.Renorm, "repetition_penalty": 1.5}
		b, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: append(x.folder("bart"), x.file("bart/generation_config.json", b)), NoTokenizer: true})
		if !slices.Contains(m.Warnings, protocol.Warning{Code: "search-undone", What: "repetition_penalty", N: 1}) {
			t.Errorf("what is not done is not said: %v", m.Warnings)
		}
		if d := m.Seq.Decode; m.Seq.Renorm != g.Renorm || d.Beam != g.Beams || d.Min != g.Min || d.NoRepeat != g.NoRepeat || d.Length != g.Length || m.Seq.Most != g.Most-1 {
			t.Fatalf("%v opens as %+v", said, m.Seq)
		}
		q := protocol.Translate{IDs: source, Decode: protocol.Decode{Length: g.Length}}
		r := translate(x, q)
		checkTree(t, r)
		if len(r.Hyps) != len(g.Sequences) || r.Decode.Min != g.Min || r.Decode.NoRepeat != g.NoRepeat || r.Decode.Early != m.Seq.Decode.Early {
			t.Fatalf("%v: %d targets, by %+v", said, len(r.Hyps), r.Decode)
		}
		for i, w := range g.Sequences {
			if compared++; !slices.Equal(idsOfHyp(r, i), w) || math.Abs(r.Hyps[i].Score-g.Scores[i]) > 2e-5*math.Abs(g.Scores[i]) {
				t.Errorf("%v: %d: %v %g, not %v %g", said, i, idsOfHyp(r, i), r.Hyps[i].Score, w, g.Scores[i])
			}
		}
		explicit := protocol.Translate{IDs: source, Decode: r.Decode}
		sameTranslation(t, "as it says that it was done", r, translate(x, explicit))
		if g.Bad == nil && g.Most == 13 && g.Beams == 4 {
			q.Decode = protocol.Decode{Min: -1, NoRepeat: -1, Early: "heuristic"}
			if free := translate(x, q); !slices.Equal(idsOfHyp(free, 0), plain[0]) || free.Decode.Min != -1 || free.Decode.NoRepeat != -1 {
				t.Errorf("without rules %v by %+v, not %v", idsOfHyp(free, 0), free.Decode, plain[0])
			}
		}
	}
	if compared < 40 {
		t.Errorf("%d targets were compared", compared)
	}
}

// TestRules holds what rules do: no end comes too early, nothing is written twice, what they forbid is told with the model's own log p, and a person's
// prefix is free of them.
func TestRules(t *testing.T) {
	for _, name := range []string{"g2p-lstm", "dates-lstm", "g2p-transformer"} {
		x := opened(t, name)
		banned := map[string]int{}
		for _, w := range enginetest.Translations(t, name) {
			q := plain(asText(name, w))
			free := translate(x, q)
			q.Decode.Min, q.Decode.NoRepeat = len(free.Hyps[0].Path)+3, 1
			for _, q.Decode.Beam = range []int{1, 5} {
				r := translate(x, q)
				checkTree(t, r)
				for _, h := range r.Hyps {
					seen := map[int]bool{x.s.seq.Start: true}
					for _, n := range h.Path {
						if seen[r.Nodes[n].ID] {
							t.Errorf("%s: %q has %q twice", name, h.Text, r.Nodes[n].Text)
						}
						seen[r.Nodes[n].ID] = true
					}
					if h.Ended && len(h.Path) < q.Decode.Min {
						t.Errorf("%s: %q ends at %d", name, h.Text, len(h.Path))
					}
				}
				for _, n := range r.Nodes {
					if (n.State == "banned") != (n.Rule != "") || n.State == "banned" && n.Next != nil {
						t.Errorf("%s: %+v", name, n)
					}
					banned[n.Rule]++
				}
			}
			twice := idsOfHyp(free, 0)[:1]
			twice = append(twice, twice[0], twice[0])
			q.Changes = []protocol.Change{prefixOf(twice)}
			if r := translate(x, q); r.Forced != 3 || !slices.Equal(idsOfHyp(r, 0)[:3], twice) {
				t.Errorf("%s: the prefix %v gives %v", name, twice, idsOfHyp(r, 0))
			}
		}
		if banned["min-length"] == 0 || banned["no-repeat"] == 0 {
			t.Errorf("%s: rules forbade %v", name, banned)
		}
	}
}

// TestRenorm holds that where log p are among what is not forbidden, those of a reference are too: of the winner they are the search's.
func TestRenorm(t *testing.T) {
	x := opened(t, "g2p-transformer")
	q := protocol.Translate{Text: "phonograph", Decode: protocol.Decode{Min: 13, NoRepeat: 2}, Top: 1}
	whole := translate(x, q)
	x.s.seq.Renorm, x.s.seq.kept = true, nil
	r := translate(x, q)
	checkTree(t, r)
	ref := ask[protocol.ReferenceResult](x, protocol.OpReference, protocol.Reference{Of: q, Text: r.Hyps[0].Text})
	more := 0
	for i, n := range r.Hyps[0].Path {
		if math.Abs(ref.Tokens[i].LogP-r.Nodes[n].LogP) > 1e-4 {
			t.Errorf("step %d: log p %g, and %g of the reference", i, r.Nodes[n].LogP, ref.Tokens[i].LogP)
		}
	}
	for i, n := range r.Nodes[1:min(len(r.Nodes), len(whole.Nodes))] {
		if o := whole.Nodes[i+1]; o.ID == n.ID && o.Parent == n.Parent && n.LogP > o.LogP+1e-6 && n.Rule == "" {
			more++
		}
	}
	if more == 0 || len(ref.Tokens) != len(r.Hyps[0].Path) || ref.Kind != "exact" {
		t.Errorf("%d log p are larger; the winner as a reference is %s", more, ref.Kind)
	}
}

// TestRulesBad holds that rules that make no sense are refused, in every request that has them.
func TestRulesBad(t *testing.T) {
	x := opened(t, "g2p-lstm")
	for _, d := range []protocol.Decode{{Min: -2}, {Min: 1 << 40}, {NoRepeat: -2}, {NoRepeat: 1 << 40}, {Early: "soon"}, {Early: "First"}} {
		for op, body := range map[string]any{protocol.OpTranslate: protocol.Translate{Text: "cat", Decode: d}, protocol.OpRun: protocol.Run{Text: "cat", Decode: &d},
			protocol.OpPairsOpen: protocol.Pairs{Text: "cat\tK AE1 T\n", Score: true, Decode: d}} {
			if e := x.fails(op, body); e.Code != "bad-request" || e.Where != "decode" {
				t.Errorf("%s %+v: %+v", op, d, e)
			}
		}
	}
	none := protocol.Decode{Beam: 2, Most: 400, Min: 400, NoRepeat: 1}
	if e := x.fails(protocol.OpTranslate, protocol.Translate{Text: "cat", Decode: none}); e.Code != "bad-request" || e.Where != "decode" {
		t.Errorf("rules that leave nothing to write: %+v", e)
	}
}

// TestTasks holds that a source that begins as one of a task is searched as the files say of that.
func TestTasks(t *testing.T) {
	x := opened(t, "g2p-lstm")
	x.s.about.Seq.Tasks = []protocol.Task{{Prefix: "ph", Most: 7, Decode: protocol.Decode{Beam: 2, Min: 5, NoRepeat: 1, Early: "first"}}}
	d := translate(x, protocol.Translate{Text: "phonograph"}).Decode
	if d != (protocol.Decode{Beam: 2, Most: 7, Min: 5, NoRepeat: 1, Early: "first"}) {
		t.Errorf("of the task: %+v", d)
	}
	if d := translate(x, protocol.Translate{Text: "cat"}).Decode; d.Beam != 5 || d.Min != 0 || d.NoRepeat != 0 || d.Early != "heuristic" {
		t.Errorf("of another: %+v", d)
	}
	if r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "phonograph"}); len(r.Tokens) > 8 {
		t.Errorf("a run writes %d tokens", len(r.Tokens))
	}
}
