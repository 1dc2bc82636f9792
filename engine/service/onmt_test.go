package service

import (
	"fmt"
	"strings"
	"testing"

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
		"copy": "unsupported copy_attn", "short": "wrong-shape tensor encoder.embeddings.make_embedding.emb_luts.0.weight"} {
		x := newSession(t)
		e := x.fails(protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{x.put("formats/onmt/" + file + ".pt")}})
		if got := e.Code + " " + strings.ReplaceAll(e.Where, `"`, ""); got != code || e.File != file+".pt" {
			t.Errorf("%s: %s, %+v", file, got, e)
		}
	}
}
