package service

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// session is a Service as the page has it: every request and reply goes through its bytes.
type session struct {
	t     testing.TB
	s     *Service
	files map[int][]byte
	yield func() error
	held  map[string][]byte // what the page holds
}

func newSession(t testing.TB) *session {
	x := &session{t: t, files: map[int][]byte{}, held: map[string][]byte{}}
	x.s = New(func(f protocol.FileRef) (io.ReaderAt, error) {
		b, ok := x.files[f.Ref]
		if !ok {
			return nil, os.ErrNotExist
		}
		return bytes.NewReader(b), nil
	}, func() error {
		if x.yield != nil {
			return x.yield()
		}
		return nil
	})
	x.s.Hold = func(key string, b []byte) {
		if x.held[key] != nil {
			t.Errorf("%s is held twice", key)
		}
		x.held[key] = b
	}
	return x
}

// answer is what a request was answered with.
type answer struct {
	last    protocol.Reply
	partial []protocol.Reply
	steps   int
}

// send sends a request and holds that exactly one reply ends it.
func (x *session) send(ctx context.Context, op string, body any) *answer {
	x.t.Helper()
	raw, err := protocol.EncodeRequest(7, op, body)
	if err != nil {
		x.t.Fatal(err)
	}
	req, err := protocol.DecodeRequest(raw)
	if err != nil {
		x.t.Fatal(err)
	}
	a, ended := &answer{}, 0
	x.s.Handle(ctx, req, func(kind protocol.Kind, body any) {
		b, err := protocol.EncodeReply(7, kind, body)
		if err != nil {
			x.t.Fatalf("%s: %v", op, err)
		}
		r, err := protocol.DecodeReply(b)
		if err != nil {
			x.t.Fatal(err)
		}
		switch {
		case ended > 0:
			x.t.Errorf("%s: %s after the end", op, kind)
		case kind == protocol.Progress:
			a.steps++
		case kind == protocol.Partial:
			a.partial = append(a.partial, r)
		default:
			a.last, ended = r, ended+1
		}
	})
	if ended != 1 {
		x.t.Errorf("%s: %d replies end it", op, ended)
	}
	return a
}

// ask sends a request that must be done, and returns its result.
func ask[R any](x *session, op string, body any) *R {
	x.t.Helper()
	a := x.send(context.Background(), op, body)
	r := new(R)
	if a.last.Kind != protocol.Done {
		x.t.Fatalf("%s: %s %s", op, a.last.Kind, a.last.Body)
	}
	if err := a.last.Into(r); err != nil {
		x.t.Fatal(err)
	}
	return r
}

// fails sends a request that must fail, and returns its error.
func (x *session) fails(op string, body any) *protocol.Error {
	x.t.Helper()
	a := x.send(context.Background(), op, body)
	e := &protocol.Error{}
	if a.last.Kind != protocol.Failed {
		x.t.Fatalf("%s: %s, expected a failure", op, a.last.Kind)
	}
	if err := a.last.Into(e); err != nil {
		x.t.Fatal(err)
	}
	if e.Code == "" || e.Detail == "" || e.Code == "engine" {
		x.t.Errorf("%s: error %+v", op, e)
	}
	return e
}

// file adds a file and returns its reference.
func (x *session) file(name string, b []byte) protocol.FileRef {
	ref := len(x.files)
	x.files[ref] = b
	return protocol.FileRef{Ref: ref, Name: name, Size: int64(len(b))}
}

// folder is the files of a model of testdata/models or web/models.
func (x *session) folder(name string) (refs []protocol.FileRef) {
	for _, p := range enginetest.Files(x.t, enginetest.Dir(name)) {
		refs = append(refs, x.file(name+"/"+filepath.Base(p), enginetest.ReadFile(x.t, p)))
	}
	return refs
}

// opened is a session with a model open.
func opened(t testing.TB, name string) *session {
	x := newSession(t)
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.folder(name)})
	return x
}

// counted is a model that counts the tokens that it runs and the hidden states that it unembeds.
type counted struct {
	model.Model
	tokens, unembeds int
}

func (c *counted) Forward(s nn.State, in nn.Input) error {
	c.tokens += len(in.IDs)
	return c.Model.Forward(s, in)
}

func (c *counted) Unembed(dst, h []float32) {
	c.unembeds++
	c.Model.Unembed(dst, h)
}

func count(x *session) *counted {
	c := &counted{Model: x.s.model}
	x.s.model = c
	return c
}

func TestOpen(t *testing.T) {
	hashes := map[string]string{}
	for _, name := range append([]string{"mini-gpt", "char-lstm", "char-gru", "char-rnn", "parens-lstm"}, enginetest.Models...) {
		x := newSession(t)
		refs := x.folder(name)
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: refs})
		if m.Layers < 1 || m.Hidden < 1 || m.Vocab < 9 || m.Context < 1 || m.Params < 100 || len(m.Acts) < 3 || m.Format == "" || m.Config == "" {
			t.Errorf("%s: %s, %d layers, %d tokens", name, m.Format, m.Layers, m.Vocab)
		}
		more := name == "gemma3-nested" || name == "bert" // a vision tower; what is not of the language model
		if len(m.Warnings) > 0 != more || len(m.Ignored) > 0 != more {
			t.Errorf("%s: %+v %v", name, m.Warnings, m.Ignored)
		}
		if slices.ContainsFunc(m.Acts, func(a protocol.Act) bool { return strings.HasSuffix(a.Name, ".attn.pattern") }) != (m.Heads > 0) {
			t.Errorf("%s: %s with %d heads", name, m.Family, m.Heads)
		}
		if other := hashes[m.Hash]; other != "" || len(m.Hash) != 16 {
			t.Errorf("%s: hash %q, as %q", name, m.Hash, other)
		}
		hashes[m.Hash] = name
	}
}

func TestNoModel(t *testing.T) {
	x := newSession(t)
	for _, op := range []string{protocol.OpRun, protocol.OpPredict, protocol.OpActivation, protocol.OpGenerate, "nonsense"} {
		if e := x.fails(op, struct{}{}); e.Code != "no-model" {
			t.Errorf("%s: %s", op, e.Code)
		}
	}
	if e := x.fails(protocol.OpOpen, protocol.Open{}); e.Code != "no-weights" {
		t.Error(e)
	}
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{{Ref: 99, Name: "gone.safetensors", Size: 3}}}); e.Code != "unreadable" || e.File != "gone.safetensors" {
		t.Error(e)
	}
}

// TestPanic holds that a panic is an error and that the service goes on.
func TestPanic(t *testing.T) {
	x := opened(t, "gru")
	good := x.s.model
	x.s.model = nil
	x.s.model = broken{good}
	a := x.send(context.Background(), protocol.OpRun, protocol.Run{Text: "abc"})
	var e protocol.Error
	if a.last.Into(&e); a.last.Kind != protocol.Failed || e.Code != "engine" {
		t.Errorf("%s %+v", a.last.Kind, e)
	}
	x.s.model = good
	if r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "abc"}); len(r.Tokens) != 3 {
		t.Errorf("%d tokens", len(r.Tokens))
	}
}

type broken struct{ model.Model }

func (broken) Forward(nn.State, nn.Input) error { panic("broken") }

// TestBadRequests holds that whatever a request says is answered with an error that says what was wrong.
func TestBadRequests(t *testing.T) {
	x := opened(t, "gpt2-tied")
	for _, op := range []string{protocol.OpPredict, protocol.OpGenerate, protocol.OpPatterns} {
		if e := x.fails(op, json.RawMessage(`{"size": 8}`)); e.Code != "no-text" {
			t.Errorf("%s without a text: %s", op, e.Code)
		}
	}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat"})
	change := func(name string, pos, index int, op string) protocol.Run {
		return protocol.Run{Text: "the cat", Changes: []protocol.Change{{Name: name, Pos: pos, Index: index, Op: op}}}
	}
	for _, c := range []struct {
		op   string
		body any
	}{
		{"nonsense", struct{}{}},
		{protocol.OpRun, json.RawMessage(`[]`)},
		{protocol.OpRun, json.RawMessage(`{"text": 3}`)},
		{protocol.OpRun, protocol.Run{IDs: []int{3, 40}}},
		{protocol.OpRun, protocol.Run{IDs: []int{-1}}},
		{protocol.OpRun, change("blocks.9.attn.z", 0, 0, "zero")},
		{protocol.OpRun, change("", 0, 0, "zero")},
		{protocol.OpRun, change("embed", 0, 24, "zero")},
		{protocol.OpRun, change("embed", 0, -2, "zero")},
		{protocol.OpRun, change("embed", -2, 0, "zero")},
		{protocol.OpRun, change("embed", 0, 0, "explode")},
		{protocol.OpRun, change("blocks.0.attn.pattern", 0, 0, "mean")},
		{protocol.OpPredict, protocol.Predict{Pos: 7}},
		{protocol.OpPredict, protocol.Predict{Pos: -1}},
		{protocol.OpPredict, protocol.Predict{Sampling: protocol.Sampling{T: -1, P: 1}}},
		{protocol.OpGenerate, protocol.Generate{N: 1, Sampling: protocol.Sampling{P: 2}}},
		{protocol.OpActivation, protocol.Activation{Name: "nothing", To: -1, Index: -1}},
		{protocol.OpActivation, protocol.Activation{Name: "embed", From: -1, To: -1, Index: -1}},
		{protocol.OpActivation, protocol.Activation{Name: "embed", From: 5, To: 4, Index: -1}},
		{protocol.OpActivation, protocol.Activation{Name: "embed", To: -1, Index: 24}},
		{protocol.OpActivation, protocol.Activation{Name: "blocks.0.attn.pattern", To: -1, Index: 3}},
		{protocol.OpEffects, protocol.Effects{Pos: 3, Token: 40, Op: "zero"}},
		{protocol.OpEffects, protocol.Effects{Pos: 3, Token: -1, Op: "set"}},
		{protocol.OpEffects, protocol.Effects{Pos: 99, Token: -1, Op: "zero"}},
	} {
		if e := x.fails(c.op, c.body); e.Code != "bad-request" {
			t.Errorf("%s %v: %+v", c.op, c.body, e)
		}
	}
	y := opened(t, "lstm")
	ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{Text: "the cat"})
	for _, op := range []string{protocol.OpPatterns, protocol.OpHeadScores, protocol.OpEffects} {
		if e := y.fails(op, struct{}{}); e.Code != "bad-request" {
			t.Errorf("%s of an LSTM: %+v", op, e)
		}
	}
	if r := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: 6, N: 3}); len(r.Rows) != 3 {
		t.Error("the session is not usable any more")
	}
}
