package service

import (
	"context"
	"encoding/json"
	"testing"

	"loupe/engine/protocol"
)

// FuzzRequest sends any request to a session with a model and a text: one reply ends it, and none is a panic's.
func FuzzRequest(f *testing.F) {
	for op, body := range map[string]string{
		protocol.OpRun:        `{"text": "the cat", "changes": [{"name": "blocks.0.attn.z", "pos": -1, "index": 1, "op": "mean"}]}`,
		protocol.OpPredict:    `{"pos": 2, "n": 5, "watch": [1], "sampling": {"t": 1, "p": 1}}`,
		protocol.OpActivation: `{"name": "blocks.1.attn.pattern", "from": 1, "to": 3, "index": -1}`,
		protocol.OpPatterns:   `{"size": 4}`,
		protocol.OpHeadScores: `{}`,
		protocol.OpEffects:    `{"pos": 1, "token": -1, "op": "zero"}`,
		protocol.OpGenerate:   `{"n": 3, "sampling": {"t": 0.5, "p": 0.9, "seed": 1}}`,
		protocol.OpMap:        `{"max": 5}`,
		protocol.OpPoints:     `{"source": "context", "text": "the cat\nThe Cats", "word": "the", "max": 3, "layers": [-1, 1]}`,
		protocol.OpFind:       `{"text": "a", "n": 3}`,
		protocol.OpCorpusOpen: `{"text": "the cat\fthe dog", "sources": ["blocks.0.resid_post"], "room": 9, "cuts": [{"level": 1, "on": "either"}]}`,
		protocol.OpCorpusFill: `{"corpus": 1, "ms": 1}`,
		protocol.OpCorpusMatch: `{"corpus": 1, "upto": 20, "cuts": [{"level": 0, "on": "above"}], "units": [1, 2, 2], "before": 1, "after": 2, "least": 1,
			"max": 3, "n": 5, "left": 3, "right": 1, "tracks": ["class", "surprisal", "none"]}`,
		protocol.OpCorpusLift:     `{"corpus": 1, "upto": 20, "cuts": [{"level": 0, "on": "above"}], "units": [0], "across": true, "strict": true}`,
		protocol.OpCorpusNear:     `{"corpus": 1, "upto": 20, "pos": 2, "metric": "cosine", "n": 3, "left": 1}`,
		protocol.OpCorpusFind:     `{"corpus": 1, "upto": 20, "text": "The", "from": 1, "n": 3}`,
		protocol.OpCorpusRank:     `{"corpus": 1, "upto": 20, "track": "class", "label": "letter", "n": 3}`,
		protocol.OpCorpusUnit:     `{"corpus": 1, "upto": 20, "unit": 3, "n": 2, "bins": 4, "right": 2}`,
		protocol.OpCorpusPlace:    `{"corpus": 1, "pos": 3, "len": 2, "most": 4}`,
		protocol.OpCorpusAnnotate: `{"files": [{"ref": 0, "name": "x.json", "size": 3}]}`,
		protocol.OpTracks:         `{"own": 1}`,
		protocol.OpOpen:           `{"files": [{"ref": 0, "name": "x", "size": -1}]}`,
	} {
		f.Add(op, body)
	}
	fuzzed(f, func(t testing.TB) *session {
		x := opened(t, "gpt2-tied")
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
		x.corpus(protocol.Corpus{Text: "the cat sat\fthe dog", Sources: []string{"blocks.0.resid_post"}})
		return x
	})
}

// FuzzTranslateRequest sends any request to a session with an encoder-decoder and a source.
func FuzzTranslateRequest(f *testing.F) {
	of := `{"text": "cat", "changes": [{"name": "prefix", "index": -1, "op": "row", "row": "5_6"}, {"name": "source", "pos": 1, "index": -1, "op": "set", "value": 7},
		{"name": "decoder.blocks.0.cross_attn.pattern", "pos": 2, "index": -1, "op": "onehot", "value": 1}, {"name": "encoder.output", "pos": 0, "index": -1, "op": "like", "row": "1 dog"}],
		"decode": {"beam": 3, "most": 9, "length": 1, "wu": true, "coverage": 0.2, "min": 6, "norepeat": 2, "early": "never"}, "n": 2, "top": 3}`
	for op, body := range map[string]string{
		protocol.OpRun:        `{"text": "cat", "changes": [{"name": "decoder.blocks.0.mlp.post", "pos": -1, "index": 1, "op": "zero"}], "decode": {"beam": 2}}`,
		protocol.OpTranslate:  of,
		protocol.OpReference:  `{"of": ` + of + `, "text": "K AE1 9"}`,
		protocol.OpTranslated: `{"of": ` + of + `, "hyp": 1, "name": "decoder.blocks.1.cross_attn.pattern"}`,
		protocol.OpAlike:      `{"id": 5, "n": 3, "source": true}`,
		protocol.OpPredict:    `{"pos": 2, "n": 5, "watch": [1], "sampling": {"t": 1, "p": 1}}`,
		protocol.OpActivation: `{"name": "decoder.blocks.1.attn.pattern", "from": 1, "to": 3, "index": -1}`,
		protocol.OpPatterns:   `{"size": 4, "half": "cross"}`,
		protocol.OpHeadScores: `{"half": "decoder"}`,
		protocol.OpEffects:    `{"pos": 1, "token": -1, "op": "zero", "half": "encoder"}`,
		protocol.OpGenerate:   `{"n": 3, "sampling": {"t": 0.5, "p": 0.9, "seed": 1}}`,
		protocol.OpMap:        `{"max": 5}`,
		protocol.OpPoints:     `{"source": "embed", "max": 3}`,
		protocol.OpFind:       `{"text": "a", "n": 3, "source": true}`,
		protocol.OpCorpusOpen: `{"text": "cat\fdog", "sources": ["decoder.blocks.0.resid_post"], "room": 9}`,
		protocol.OpTracks:     `{"own": 1}`,
		protocol.OpSummary:    `{"most": 0}`,
	} {
		f.Add(op, body)
	}
	fuzzed(f, func(t testing.TB) *session {
		x := opened(t, "g2p-transformer")
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "cat", Decode: &protocol.Decode{Beam: 2, Most: 9}})
		return x
	})
}

// fuzzed sends one request to a session that is opened.
func fuzzed(f *testing.F, open func(testing.TB) *session) {
	f.Fuzz(func(t *testing.T, op, body string) {
		if !json.Valid([]byte(body)) {
			return
		}
		x := open(t)
		x.survives(op, body)
		if op != protocol.OpOpen {
			ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the dog"})
		}
	})
}

// survives sends a request that may be anything: one reply ends it, and none is a panic's. What goes on for long is cancelled.
func (x *session) survives(op, body string) {
	n := 0
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x.yield = func() error {
		if n++; n > 1000 { // a long Generate, or search
			cancel()
		}
		return nil
	}
	a := x.send(ctx, op, json.RawMessage(body))
	x.yield = nil
	var e protocol.Error
	if a.last.Kind == protocol.Failed && (a.last.Into(&e) != nil || e.Code == "engine" || e.Code == "") {
		x.t.Fatalf("%s %s: %+v", op, body, e)
	}
}
