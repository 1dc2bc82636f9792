package corpus

import (
	"sync"
	"testing"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// fake is an engine that fills 100 tokens a piece, of 1,000.
type fake struct {
	mu      sync.Mutex
	ops     []string
	refuse  *protocol.Error // of open
	tokens  int
	corpora int
	hold    chan struct{} // not nil: a match waits for it
}

type conn struct {
	f       *fake
	replies chan []byte
}

func (f *fake) dial(receive func([]byte), _ func(), _ func(string)) client.Conn {
	c := &conn{f, make(chan []byte, 1000)}
	go func() {
		for b := range c.replies {
			receive(b)
		}
	}()
	return c
}

func (c *conn) Close() {}

func (c *conn) Post(msg []byte, _ map[int]any) {
	r, err := protocol.DecodeRequest(msg)
	if err != nil {
		panic(err)
	}
	kind, body := c.f.answer(r)
	if kind == "" {
		return
	}
	b, err := protocol.EncodeReply(r.ID, kind, body)
	if err != nil {
		panic(err)
	}
	c.replies <- b
}

func (f *fake) answer(r protocol.Request) (protocol.Kind, any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ops = append(f.ops, r.Op)
	switch r.Op {
	case protocol.OpOpen:
		return protocol.Done, &protocol.Model{}
	case protocol.OpCorpusOpen:
		if f.refuse != nil {
			return protocol.Failed, f.refuse
		}
		f.corpora++
		f.tokens = 0
		return protocol.Done, &protocol.CorpusInfo{ID: f.corpora, Tokens: 1000}
	case protocol.OpCorpusFill:
		f.tokens += 100
		return protocol.Done, &protocol.CorpusFilled{Corpus: f.corpora, Tokens: f.tokens, Total: 1000, Done: f.tokens >= 1000}
	case protocol.OpCorpusMatch:
		var q protocol.Match
		if err := r.Bind(&q); err != nil {
			panic(err)
		}
		return protocol.Done, &protocol.PlacesResult{Total: q.Upto}
	case protocol.OpCancel:
		return "", nil
	}
	return protocol.Failed, &protocol.Error{Code: "bad-request"}
}

func (f *fake) count(op string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.ops {
		if o == op {
			n++
		}
	}
	return n
}

type bench struct {
	*testing.T
	a       *Corpus
	f       *fake
	posted  chan func()
	changed int
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, f: &fake{}, posted: make(chan func(), 1000)}
	e := client.New(b.f.dial)
	if _, err := e.Open(t.Context(), nil, protocol.Open{}, nil); err != nil {
		t.Fatal(err)
	}
	b.a = New(e, func(f func()) { b.posted <- f })
	b.a.Changed = func() { b.changed++ }
	b.a.Source = func(kind string) *Source {
		if kind == "none" {
			return nil
		}
		return &Source{Name: kind, Text: "some text"}
	}
	return b
}

func (b *bench) until(what string, ok func() bool) {
	b.Helper()
	end := time.After(5 * time.Second)
	for !ok() {
		select {
		case f := <-b.posted:
			f()
		case <-time.After(10 * time.Millisecond):
		case <-end:
			b.Fatalf("never: %s", what)
		}
	}
}

// rest runs what is posted until the engine has nothing to do.
func (b *bench) rest() {
	b.until("rest", func() bool { return !b.a.c.flying && len(b.posted) == 0 })
}

// draw is a round of drawing that asks for the corpus, or not.
func (b *bench) draw(spec *figure.CorpusSpec, ask func()) (c *figure.Corpus) {
	b.a.Begin()
	if spec != nil {
		c = b.a.Open(*spec)
	}
	if ask != nil {
		ask()
	}
	b.a.End()
	return c
}

var hidden = figure.CorpusSpec{Text: "builtin", Sources: []string{"layers.0.hidden"}}

// TestFill fills a corpus as long as it is looked at, and tells now and then.
func TestFill(t *testing.T) {
	b := newBench(t)
	if b.draw(&figure.CorpusSpec{Text: "none", Sources: hidden.Sources}, nil) != nil || b.draw(&figure.CorpusSpec{Text: "builtin"}, nil) != nil {
		t.Error("a corpus of nothing")
	}
	c := b.draw(&hidden, nil)
	b.until("open", func() bool { return c.Info != nil })
	b.until("some", func() bool { return c.Filled.Tokens >= 300 })
	b.draw(nil, nil) // another view
	b.rest()
	at := c.Filled.Tokens
	if at > 500 || b.f.count(protocol.OpCorpusFill) > 5 {
		t.Errorf("nobody looked, and it went on to %d", at)
	}
	if again := b.draw(&hidden, nil); again != c {
		t.Error("the same corpus was read again")
	}
	b.a.Do("pause")
	b.rest()
	if at = c.Filled.Tokens; c.Running || !c.Paused || c.Filled.Done {
		t.Errorf("paused: %+v", c)
	}
	b.a.Busy = func() bool { return true }
	b.a.Do("run")
	b.rest()
	if c.Filled.Tokens != at {
		t.Error("it was filled while the engine had something else to do")
	}
	b.a.Busy = func() bool { return false }
	b.draw(&hidden, nil)
	b.until("all", func() bool { return c.Filled.Done })
	if c.Running || c.Settled != 1000 || b.changed == 0 {
		t.Errorf("done: %+v, told %d times", c, b.changed)
	}
	other := hidden
	other.Cuts = []protocol.Cut{{Level: .5}}
	if b.draw(&other, nil) != c || b.f.count(protocol.OpCorpusOpen) != 1 {
		t.Error("another threshold read the corpus again")
	}
	other.Sources = []string{"layers.0.cell"}
	if d := b.draw(&other, nil); d == c {
		t.Error("other units are the same corpus")
	}
}

// TestAnswers keeps the last answer until there is a new one, of the same kind only.
func TestAnswers(t *testing.T) {
	b := newBench(t)
	c := b.draw(&hidden, nil)
	b.until("all", func() bool { return c.Filled.Done })
	var val any
	var fresh bool
	ask := func(op string, body any) func() {
		return func() { val, fresh = b.a.Ask(op, body) }
	}
	one, two := protocol.Match{Upto: 1, N: 5}, protocol.Match{Upto: 2, N: 5}
	if b.draw(&hidden, ask(protocol.OpCorpusMatch, one)); val != nil || fresh {
		t.Error("an answer before the question")
	}
	for _, step := range []struct {
		q     protocol.Match
		first int // total that stands while the question is asked
	}{{one, 0}, {two, 1}, {one, 2}} {
		b.draw(&hidden, ask(protocol.OpCorpusMatch, step.q))
		if r, _ := val.(*protocol.PlacesResult); step.first > 0 && !fresh && (r == nil || r.Total != step.first) {
			t.Errorf("while %d is asked: %+v", step.q.Upto, r)
		}
		b.until("an answer", func() bool { b.draw(&hidden, ask(protocol.OpCorpusMatch, step.q)); return fresh })
		if r := val.(*protocol.PlacesResult); r.Total != step.q.Upto {
			t.Errorf("%d: %+v", step.q.Upto, r)
		}
	}
	if n := b.f.count(protocol.OpCorpusMatch); n != 2 {
		t.Errorf("%d questions for two", n)
	}
	if b.draw(&hidden, ask(protocol.OpCorpusNear, protocol.CorpusNear{})); val != nil {
		t.Error("an answer of another kind")
	}
	if q, ok := b.a.Last(protocol.OpCorpusMatch).(protocol.Match); !ok || q.Upto != 1 {
		t.Errorf("the last question was %+v", q)
	}
}

// TestRefused says why there is no corpus, and lets go of the one before.
func TestRefused(t *testing.T) {
	b := newBench(t)
	b.f.refuse = &protocol.Error{Code: "not-text", File: "a.bin"}
	c := b.draw(&hidden, nil)
	b.until("the error", func() bool { return c.Err != nil })
	if c.Running || c.Err.Code != "not-text" {
		t.Errorf("%+v", c)
	}
	b.f.refuse = nil
	b.a.Do("again")
	b.until("open", func() bool { return b.a.At() != nil && b.a.At().Info != nil })
	b.a.Close()
	b.until("word to the engine", func() bool { return b.f.count(protocol.OpCorpusClose) == 1 })
	if b.a.At() != nil {
		t.Error("it is still there")
	}
	if v, fresh := b.a.Ask(protocol.OpCorpusMatch, protocol.Match{}); v != nil || fresh {
		t.Error("an answer about nothing")
	}
}
