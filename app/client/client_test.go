package client

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"loupe/engine/protocol"
)

// fake is an engine that answers as a test says.
type fake struct {
	mu      sync.Mutex
	engines []*fakeConn
	answer  func(c *fakeConn, r protocol.Request)
}

type fakeConn struct {
	f       *fake
	receive func([]byte)
	gone    func(string)
	closed  bool
	files   map[int]any
	asked   []protocol.Request
}

func (f *fake) dial(receive func([]byte), _ func(), gone func(string)) Conn {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &fakeConn{f: f, receive: receive, gone: gone}
	f.engines = append(f.engines, c)
	return c
}

func (c *fakeConn) Post(msg []byte, files map[int]any) {
	r, err := protocol.DecodeRequest(msg)
	if err != nil {
		panic(err)
	}
	c.f.mu.Lock()
	c.asked = append(c.asked, r)
	if files != nil {
		c.files = files
	}
	c.f.mu.Unlock()
	go c.f.answer(c, r)
}

func (c *fakeConn) Close() {
	c.f.mu.Lock()
	c.closed = true
	c.f.mu.Unlock()
}

func (c *fakeConn) reply(id uint32, k protocol.Kind, body any) {
	b, err := protocol.EncodeReply(id, k, body)
	if err != nil {
		panic(err)
	}
	c.receive(b)
}

// opens answers Open and Run; any other question is left to rest.
func opens(c *fakeConn, r protocol.Request) {
	switch r.Op {
	case protocol.OpOpen:
		c.reply(r.ID, protocol.Progress, protocol.Step{Stage: "weights", Done: 1, Total: 2})
		c.reply(r.ID, protocol.Done, &protocol.Model{Logits: true, Name: "m"})
	case protocol.OpRun:
		c.reply(r.ID, protocol.Done, &protocol.RunResult{Rev: 1, Surprisal: []float32{1}})
	}
}

var files = []File{{Name: "m.safetensors", Size: 3, Data: []byte("abc")}}

func newOpen(t *testing.T, f *fake) *Engine {
	t.Helper()
	e := New(f.dial)
	steps := 0
	if _, err := e.Open(context.Background(), files, protocol.Open{NoTokenizer: true}, func(protocol.Step) { steps++ }); err != nil || steps != 1 {
		t.Fatalf("%v, %d steps", err, steps)
	}
	return e
}

func code(err error) string {
	var e *protocol.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Code
}

func within(t *testing.T, what string, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		t.Fatal(what + " never settled")
		return nil
	}
}

func ask(e *Engine, ctx context.Context, op string) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := Ask[protocol.RunResult, protocol.Array](ctx, e, op, protocol.Run{}, nil)
		done <- err
	}()
	return done
}

func TestOpenAndAsk(t *testing.T) {
	f := &fake{answer: opens}
	e := newOpen(t, f)
	r, err := Ask[protocol.RunResult, protocol.Array](context.Background(), e, protocol.OpRun, protocol.Run{Text: "x"}, nil)
	if err != nil || r.Rev != 1 || len(r.Surprisal) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if string(f.engines[0].files[0].([]byte)) != "abc" {
		t.Error("the file did not reach the engine")
	}
	if _, err := Ask[protocol.RunResult, protocol.Array](context.Background(), New(f.dial), protocol.OpRun, protocol.Run{}, nil); code(err) != "no-model" {
		t.Errorf("without a model: %v", err)
	}
}

// TestFailedOpenTakesNothingAway holds that the model that was open stays, and that its engine runs on.
func TestFailedOpenTakesNothingAway(t *testing.T) {
	f := &fake{answer: opens}
	e := newOpen(t, f)
	f.answer = func(c *fakeConn, r protocol.Request) {
		if r.Op == protocol.OpOpen {
			c.reply(r.ID, protocol.Failed, &protocol.Error{Code: "truncated", File: "bad"})
			return
		}
		opens(c, r)
	}
	if _, err := e.Open(context.Background(), files, protocol.Open{}, nil); code(err) != "truncated" {
		t.Fatal(err)
	}
	if err := within(t, "run", ask(e, context.Background(), protocol.OpRun)); err != nil {
		t.Fatal(err)
	}
	if f.engines[0].closed || !f.engines[1].closed {
		t.Error("the wrong engine was ended")
	}
}

func TestSecondOpenEndsTheFirst(t *testing.T) {
	f := &fake{answer: opens}
	e := newOpen(t, f)
	waiting := ask(e, context.Background(), "slow")
	for { // until it is asked
		f.mu.Lock()
		n := len(f.engines[0].asked)
		f.mu.Unlock()
		if n == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if _, err := e.Open(context.Background(), files, protocol.Open{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := within(t, "a question to the old model", waiting); code(err) != "closed" {
		t.Error(err)
	}
	if !f.engines[0].closed || f.engines[1].closed {
		t.Error("the wrong engine was ended")
	}
}

// TestCrash loses the engine while it works: the question settles, a new engine opens the same files, and says so.
func TestCrash(t *testing.T) {
	f := &fake{answer: opens}
	e := newOpen(t, f)
	again := make(chan error, 1)
	e.Restarted = func(err, failed *protocol.Error) {
		if failed != nil {
			again <- failed
		} else {
			again <- err
		}
	}
	waiting := ask(e, context.Background(), "slow")
	time.Sleep(20 * time.Millisecond)
	f.engines[0].gone("out of memory")
	if err := within(t, "the question", waiting); code(err) != "crashed" {
		t.Error(err)
	}
	if err := within(t, "the restart", again); code(err) != "crashed" {
		t.Error(err)
	}
	if err := within(t, "run", ask(e, context.Background(), protocol.OpRun)); err != nil {
		t.Error(err)
	}
	if len(f.engines) != 2 || f.engines[1].asked[0].Op != protocol.OpOpen {
		t.Fatal("the model was not opened again")
	}
	var with protocol.Open
	if err := f.engines[1].asked[0].Bind(&with); err != nil || !with.NoTokenizer || len(with.Files) != 1 {
		t.Errorf("it was opened again with %+v, %v", with, err)
	}
}

func TestCancel(t *testing.T) {
	f := &fake{answer: func(c *fakeConn, r protocol.Request) {
		if r.Op == protocol.OpCancel {
			var b protocol.Cancel
			r.Bind(&b)
			c.reply(b.ID, protocol.Cancelled, nil)
			return
		}
		opens(c, r)
	}}
	e := newOpen(t, f)
	ctx, cancel := context.WithCancel(context.Background())
	waiting := ask(e, ctx, "slow")
	time.Sleep(10 * time.Millisecond)
	cancel()
	if err := within(t, "the question", waiting); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if len(f.engines) != 1 {
		t.Error("an engine that stops when asked was ended")
	}
}

// TestDeafEngine does not stop when asked: it is ended and started again.
func TestDeafEngine(t *testing.T) {
	f := &fake{answer: opens}
	e := newOpen(t, f)
	again := make(chan error, 1)
	e.Restarted = func(err, _ *protocol.Error) { again <- err }
	ctx, cancel := context.WithCancel(context.Background())
	waiting := ask(e, ctx, "slow")
	time.Sleep(10 * time.Millisecond)
	cancel()
	if err := within(t, "the question", waiting); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := within(t, "the restart", again); code(err) != "hung" {
		t.Error(err)
	}
}

func TestNonsenseFromTheEngine(t *testing.T) {
	f := &fake{answer: opens}
	e := newOpen(t, f)
	again := make(chan error, 1)
	e.Restarted = func(err, _ *protocol.Error) { again <- err }
	waiting := ask(e, context.Background(), "slow")
	time.Sleep(10 * time.Millisecond)
	f.engines[0].receive([]byte{1, 2})
	if err := within(t, "the question", waiting); code(err) != "crashed" {
		t.Error(err)
	}
	within(t, "the restart", again)
}
