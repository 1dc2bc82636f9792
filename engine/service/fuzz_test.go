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
		protocol.OpOpen:       `{"files": [{"ref": 0, "name": "x", "size": -1}]}`,
	} {
		f.Add(op, body)
	}
	f.Fuzz(func(t *testing.T, op, body string) {
		if !json.Valid([]byte(body)) {
			return
		}
		x := opened(t, "gpt2-tied")
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
		n := 0
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		x.yield = func() error {
			if n++; n > 1000 { // a long Generate
				cancel()
			}
			return nil
		}
		a := x.send(ctx, op, json.RawMessage(body))
		var e protocol.Error
		if a.last.Kind == protocol.Failed && (a.last.Into(&e) != nil || e.Code == "engine") {
			t.Errorf("%s %s: %+v", op, body, e)
		}
		x.yield = nil
		if op != protocol.OpOpen {
			ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the dog"})
		}
	})
}
