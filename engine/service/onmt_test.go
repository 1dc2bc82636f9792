package service

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// TestOpenNMT opens one model as OpenNMT-py's versions save it, and translates as the same weights beside a config.json do: to the bit.
func TestOpenNMT(t *testing.T) {
	translate := func(files ...string) string {
		x := newSession(t)
		var refs []protocol.FileRef
		for _, f := range files {
			refs = append(refs, x.put("formats/onmt/"+f))
		}
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
		if m.Seq == nil || m.Seq.Source != 7 || m.Vocab != 9 || m.Tokenizer != "word" || len(m.Warnings) > 0 || len(m.Ignored) > 0 {
			t.Fatalf("%v: %+v", files, m)
		}
		r := ask[protocol.Translation](x, protocol.OpTranslate, protocol.Translate{Text: "the cat sees a dog", Decode: protocol.Decode{Beam: 3, Most: 6}, N: 3})
		if len(r.Source) != 5 || r.Source[3].ID != 0 || len(r.Warnings) == 0 {
			t.Errorf("%v: %+v, %v", files, r.Source, r.Warnings)
		}
		var b strings.Builder
		for _, h := range r.Hyps {
			fmt.Fprintln(&b, h.Text, h.Score, h.LogP, len(h.Path))
		}
		return b.String()
	}
	want := translate("folder/model.safetensors", "folder/config.json", "folder/vocab.json")
	if strings.Count(want, "\n") != 3 {
		t.Fatal(want)
	}
	for _, version := range []string{"v0.1", "v0.8", "v1.2", "v3"} {
		if got := translate(version + ".pt"); got != want {
			t.Errorf("%s:\n%swant\n%s", version, got, want)
		}
	}
	for file, code := range map[string]string{"no-opt": "bad-config opt", "no-target": "bad-config vocab.tgt", "image": "unsupported opt.model_type",
		"copy": "missing-tensor tensor generator.linear_copy.weight", "short": "wrong-shape tensor encoder.embeddings.make_embedding.emb_luts.0.weight"} {
		x := newSession(t)
		e := x.fails(protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{x.put("formats/onmt/" + file + ".pt")}})
		if got := e.Code + " " + strings.ReplaceAll(e.Where, `"`, ""); got != code || e.File != file+".pt" {
			t.Errorf("%s: %s, %+v", file, got, e)
		}
	}
}

// TestCopies holds that words of a source are copied as OpenNMT-py 1.2.0 does, by their texts in the two vocabularies.
func TestCopies(t *testing.T) {
	for _, name := range []string{"onmt/copy", "onmt/copy-reuse"} {
		x := newSession(t)
		var refs []protocol.FileRef
		for _, f := range []string{"model.safetensors", "config.json", "vocab.json"} {
			refs = append(refs, x.put(name+"/"+f))
		}
		ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
		var want struct {
			Source, Target []int
			LogP           [][]float32
		}
		if err := json.Unmarshal(enginetest.ReadFile(t, filepath.Join(enginetest.Root(), "testdata", name, "expected.json")), &want); err != nil {
			t.Fatal(err)
		}
		state, err := x.s.seq.Encode(nn.Input{IDs: want.Source})
		if err != nil {
			t.Fatal(err)
		}
		err = x.s.model.Forward(state, nn.Input{IDs: want.Target, Logits: func(i int, z []float32) {
			if e := enginetest.RelErr(z, want.LogP[i]); e > 1e-5 {
				t.Errorf("%s, step %d: log p differ by %g", name, i, e)
			}
			var sum float64
			for _, z := range z {
				sum += math.Exp(float64(z))
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("%s, step %d: p sum to %g", name, i, sum)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		r := ask[protocol.Translation](x, protocol.OpTranslate, protocol.Translate{Text: "ann bob cy ann", Decode: protocol.Decode{Beam: 3, Most: 6}, N: 3})
		if len(r.Source) != 4 || len(r.Hyps) != 3 {
			t.Errorf("%s: %+v", name, r)
		}
		x.s.seq.Seq2Seq.(nn.Copier).Copies(nil) // of no copies the numbers are others: the test sees what it is for
		if state, err = x.s.seq.Encode(nn.Input{IDs: want.Source}); err != nil {
			t.Fatal(err)
		}
		err = x.s.model.Forward(state, nn.Input{IDs: want.Target, Logits: func(i int, z []float32) {
			if enginetest.RelErr(z, want.LogP[i]) < 1e-3 {
				t.Errorf("%s, step %d: nothing was copied", name, i)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
}
