package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
	"loupe/engine/service"
)

// testEngine is the real service behind a client.Dial, one request at a time as in the worker. A test may have it crash
// or hang at a request.
type testEngine struct {
	mu    sync.Mutex
	seen  []protocol.Request
	fault func(protocol.Request) string // "crash", "hang", "slow" (until it is cancelled) or ""
	dials int
}

func (e *testEngine) requests(op string) (list []protocol.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.seen {
		if r.Op == op {
			list = append(list, r)
		}
	}
	return list
}

func (e *testEngine) setFault(f func(protocol.Request) string) {
	e.mu.Lock()
	e.fault = f
	e.mu.Unlock()
}

// hangs has it never answer an operation.
func (e *testEngine) hangs(op string) {
	e.setFault(func(q protocol.Request) string {
		if q.Op == op {
			return "hang"
		}
		return ""
	})
}

type testConn struct {
	e       *testEngine
	receive func([]byte)
	gone    func(string)
	queue   chan protocol.Request
	mu      sync.Mutex
	files   map[int]any
	closed  bool
	cancels map[uint32]context.CancelFunc
}

func (e *testEngine) dial(receive func([]byte), alive func(), gone func(string)) client.Conn {
	c := &testConn{e: e, receive: receive, gone: gone, queue: make(chan protocol.Request, 1000), cancels: map[uint32]context.CancelFunc{}}
	e.mu.Lock()
	e.dials++
	e.mu.Unlock()
	go c.work()
	return c
}

func (c *testConn) Post(msg []byte, files map[int]any) {
	r, err := protocol.DecodeRequest(msg)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if files != nil {
		c.files = files
	}
	if r.Op == protocol.OpCancel {
		var b protocol.Cancel
		if r.Bind(&b) == nil && c.cancels[b.ID] != nil {
			c.cancels[b.ID]()
		}
		return
	}
	c.queue <- r
}

func (c *testConn) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
}

func (c *testConn) work() {
	s := service.New(func(f protocol.FileRef) (io.ReaderAt, error) { return c.open(f) }, nil)
	for r := range c.queue {
		c.e.mu.Lock()
		c.e.seen = append(c.e.seen, r)
		fault := ""
		if c.e.fault != nil {
			fault = c.e.fault(r)
		}
		c.e.mu.Unlock()
		switch fault {
		case "crash":
			c.gone("out of memory")
			return
		case "hang":
			return
		}
		ctx, cancel := context.WithCancel(context.Background())
		c.mu.Lock()
		c.cancels[r.ID] = cancel
		c.mu.Unlock()
		if fault == "slow" {
			<-ctx.Done()
		}
		s.Handle(ctx, r, func(kind protocol.Kind, body any) {
			b, err := protocol.EncodeReply(r.ID, kind, body)
			if err != nil {
				panic(err)
			}
			c.mu.Lock()
			closed := c.closed
			c.mu.Unlock()
			if !closed {
				c.receive(b)
			}
		})
		cancel()
	}
}

func (c *testConn) open(f protocol.FileRef) (io.ReaderAt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch d := c.files[f.Ref].(type) {
	case []byte:
		return bytes.NewReader(d), nil
	case string:
		return os.Open(filepath.Join("../../web", d))
	}
	return nil, fmt.Errorf("no file %d", f.Ref)
}

// rig is a session whose goroutine is the test's.
type rig struct {
	*Session
	t       testing.TB
	engine  *testEngine
	posted  chan func()
	changes int
	shown   []string // what the address showed; pushed ones with a +
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, engine: &testEngine{}, posted: make(chan func(), 1000)}
	r.Session = NewSession(r.engine.dial, nil, func(f func()) { r.posted <- f })
	r.Session.changed = func() { r.changes++ }
	r.Session.address = func(f string, push bool) {
		if push {
			f = "+" + f
		}
		r.shown = append(r.shown, f)
	}
	return r
}

// until runs what is posted until a condition holds.
func (r *rig) until(what string, ok func() bool) {
	r.t.Helper()
	end := time.After(20 * time.Second)
	for !ok() {
		select {
		case f := <-r.posted:
			f()
		case <-end:
			r.t.Fatalf("never: %s", what)
		}
	}
}

// during runs what is posted for a while.
func (r *rig) during(d time.Duration) {
	end := time.After(d)
	for {
		select {
		case f := <-r.posted:
			f()
		case <-end:
			return
		}
	}
}

// tick lets the engine go on for a moment; it is never true.
func (r *rig) tick() bool {
	r.during(time.Millisecond)
	return false
}

func (r *rig) settled() {
	r.t.Helper()
	r.until("the run", func() bool { return r.idle() && r.typing == nil })
}

// testCards are served models, as web/site lists them.
func testCards(t testing.TB, ids ...string) []figure.Card {
	var cards []figure.Card
	for _, id := range ids {
		c := figure.Card{ID: id, Text: "To be, or not"}
		if id == "parens-lstm" {
			c.Text = "(()(()))"
		}
		dir := "../../web/models/" + id
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() == "card.json" {
				continue
			}
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			c.Files = append(c.Files, figure.CardFile{Path: "models/" + id + "/" + e.Name(), Size: info.Size()})
		}
		cards = append(cards, c)
	}
	return cards
}

// open returns a session with a small model that has read its text.
func open(t testing.TB, fragment string) *rig {
	t.Helper()
	r := newRig(t)
	r.Start(testCards(t, "parens-lstm", "char-rnn"), fragment)
	r.settled()
	return r
}
