package viewtest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// paired is the pairs of views.
type paired struct {
	kind, name string // "builtin", "file"; "": there are none
	file       protocol.FileRef
	key        string // the spec that pairs is of
	pairs      *figure.Pairs
}

// Pairs gives views the first n pairs that come with the model, run to the end.
func (e *Engine) Pairs(n int) {
	e.t.Helper()
	var card struct{ Pairs string }
	b, err := os.ReadFile(filepath.Join(Root(e.t), e.dir, "card.json"))
	if err == nil {
		err = json.Unmarshal(b, &card)
	}
	if err != nil || card.Pairs == "" {
		e.t.Fatalf("viewtest: %s: no card with pairs: %v", e.dir, err)
	}
	text, err := os.ReadFile(filepath.Join(Root(e.t), "web", "texts", card.Pairs))
	if err != nil {
		e.t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	e.bringPairs("builtin", card.Pairs, bytes.Join(lines[:min(n+1, len(lines))], nil)) // and the head
}

// BringPairs gives views pairs of a person's.
func (e *Engine) BringPairs(name, text string) { e.bringPairs("file", name, []byte(text)) }

func (e *Engine) bringPairs(kind, name string, text []byte) {
	e.pairs = paired{kind: kind, name: name, file: protocol.FileRef{Ref: len(e.files), Name: name, Size: int64(len(text))}}
	e.files = append(e.files, text)
}

// pairsOf is figure.Input.PairsOf: the pairs as they are when they have been run.
func (e *Engine) pairsOf(spec figure.PairsSpec) *figure.Pairs {
	e.t.Helper()
	k := &e.pairs
	if spec.Text == "" || spec.Text != k.kind {
		return nil
	}
	raw, err := json.Marshal(spec)
	if err != nil {
		e.t.Fatal(err)
	}
	if k.pairs != nil && k.key == string(raw) {
		return k.pairs
	}
	p := &figure.Pairs{Spec: spec, Name: k.name, Info: new(protocol.PairsInfo)}
	k.key, k.pairs, e.lib.kept = string(raw), p, map[string]any{}
	body := protocol.Pairs{Files: []protocol.FileRef{k.file}, Name: k.name, Source: spec.Source, Target: spec.Target, States: spec.States, Score: spec.Score, Decode: spec.Decode}
	if err := e.Ask(protocol.OpPairsOpen, body, p.Info); err != nil {
		p.Info, p.Err = nil, asError(err)
		return p
	}
	for p.Filled.Done < p.Info.Pairs {
		p.Filled = protocol.PairsFilled{}
		if err := e.Ask(protocol.OpPairsFill, protocol.PairsFill{ID: p.Info.ID, Ms: 1000}, &p.Filled); err != nil {
			p.Err = asError(err)
			return p
		}
	}
	p.Settled, p.Filled.Ms = p.Filled.Done, 0 // no figure hangs on the machine's speed
	return p
}
