package viewtest

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"path/filepath"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// library is the text that the corpus of views is made of, and the corpus.
type library struct {
	kind, name string // "builtin", "file"; "": there is none
	file       protocol.FileRef
	card       figure.Card // of "builtin"
	filled     int         // tokens that are run; 0: all
	key        string      // the spec that corpus is of
	corpus     *figure.Corpus
	kept       map[string]any // answers, by question
}

// Corpus gives views the corpus that comes with the model, its first documents: Input then has the model's card. It is run to that many tokens,
// 0: to the end.
func (e *Engine) Corpus(documents, tokens int) {
	e.t.Helper()
	var card struct{ ID, Corpus string }
	b, err := os.ReadFile(filepath.Join(Root(e.t), e.dir, "card.json"))
	if err == nil {
		err = json.Unmarshal(b, &card)
	}
	if err != nil || card.Corpus == "" {
		e.t.Fatalf("viewtest: %s: no card with a corpus: %v", e.dir, err)
	}
	text, err := os.ReadFile(filepath.Join(Root(e.t), "web", "texts", card.Corpus))
	if err != nil {
		e.t.Fatal(err)
	}
	if lines := bytes.SplitAfter(text, []byte("\n")); documents < len(lines) {
		text = bytes.Join(lines[:documents], nil)
	}
	e.bring("builtin", card.Corpus, text, tokens)
	e.lib.card = figure.Card{ID: card.ID, Corpus: &figure.CardFile{Path: "texts/" + card.Corpus, Size: int64(len(text))}}
}

// Bring gives views a text of a person's as corpus, run to that many tokens, 0: to the end. The name's ending says what kind of file it is.
func (e *Engine) Bring(name, text string, tokens int) { e.bring("file", name, []byte(text), tokens) }

func (e *Engine) bring(kind, name string, text []byte, tokens int) {
	e.lib = library{kind: kind, name: name, filled: tokens, file: protocol.FileRef{Ref: len(e.files), Name: name, Size: int64(len(text))}}
	e.files = append(e.files, text)
}

// furnish gives an input what it needs to ask about the corpus.
func (e *Engine) furnish(in *figure.Input) {
	in.Corpora, in.AskCorpus, in.PairsOf = e.corpora, e.askCorpus, e.pairsOf
	switch e.lib.kind {
	case "file":
		in.Dropped = e.lib.name
	case "builtin":
		in.Cards, in.State.Model = []figure.Card{e.lib.card}, e.lib.card.ID
	}
}

// corpora is figure.Input.Corpora: the corpus as it is when it has been run.
func (e *Engine) corpora(spec figure.CorpusSpec) *figure.Corpus {
	e.t.Helper()
	l := &e.lib
	body := protocol.Corpus{Sources: spec.Sources, Column: spec.Column, Cuts: spec.Cuts}
	if spec.Text != "set" {
		if spec.Text != l.kind {
			return nil
		}
		body.Name, body.Files = path.Base(l.name), []protocol.FileRef{l.file}
	}
	plain := spec
	plain.Cuts = nil // others do not make another corpus
	raw, err := json.Marshal(plain)
	if err != nil {
		e.t.Fatal(err)
	}
	if l.corpus != nil && l.key == string(raw) {
		l.corpus.Spec.Cuts = spec.Cuts
		return l.corpus
	}
	c := &figure.Corpus{Spec: spec, Name: body.Name, Info: new(protocol.CorpusInfo)}
	l.key, l.corpus, l.kept = string(raw), c, map[string]any{}
	if err := e.Ask(protocol.OpCorpusOpen, body, c.Info); err != nil {
		c.Info, c.Err = nil, asError(err)
		return c
	}
	ms := 1000
	if l.filled > 0 {
		ms = 0 // the least piece: as many tokens on every machine
	}
	for !c.Filled.Done && (l.filled == 0 || c.Filled.Tokens < l.filled) {
		c.Filled = protocol.CorpusFilled{}
		if err := e.Ask(protocol.OpCorpusFill, protocol.CorpusFill{Corpus: c.Info.ID, Ms: ms}, &c.Filled); err != nil {
			c.Err = asError(err)
			return c
		}
	}
	c.Running, c.Settled = !c.Filled.Done, c.Filled.Tokens
	c.Filled.Ms = 0 // no figure hangs on the machine's speed
	return c
}

// askCorpus is figure.Input.AskCorpus. A question that the engine refuses fails the test.
func (e *Engine) askCorpus(op string, body any) (val any, fresh bool) {
	e.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		e.t.Fatal(err)
	}
	key := op + string(raw)
	if v, ok := e.lib.kept[key]; ok {
		return v, true
	}
	v := Result(op)
	if v == nil {
		e.t.Fatalf("viewtest: a view may not ask for %q", op)
	}
	if err := e.Ask(op, body, v); err != nil {
		e.t.Errorf("viewtest: %s %s: %v", op, raw, err)
		return nil, true
	}
	if p, ok := v.(*protocol.PlacesResult); ok {
		p.Ms = 0
	}
	if e.lib.kept == nil { // no corpus is open: it was about the run
		e.lib.kept = map[string]any{}
	}
	e.lib.kept[key] = v
	return v, true
}
