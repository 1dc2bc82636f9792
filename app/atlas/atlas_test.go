package atlas

import (
	"testing"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// fake is an engine or a mapper that a test answers for.
type fake struct {
	answer func(r protocol.Request) (protocol.Kind, any) // Kind "" = no answer
	conns  []*fakeConn
	seen   chan protocol.Request
	files  chan map[int]any
}

type fakeConn struct {
	f       *fake
	receive func([]byte)
	gone    func(string)
	closed  bool
	replies chan []byte
}

func newFake(answer func(protocol.Request) (protocol.Kind, any)) *fake {
	return &fake{answer: answer, seen: make(chan protocol.Request, 10_000), files: make(chan map[int]any, 1000)}
}

func (f *fake) dial(receive func([]byte), _ func(), gone func(string)) client.Conn {
	c := &fakeConn{f: f, receive: receive, gone: gone, replies: make(chan []byte, 10_000)}
	go func() {
		for b := range c.replies { // in order, as a worker has it
			c.receive(b)
		}
	}()
	f.conns = append(f.conns, c)
	return c
}

func (c *fakeConn) Post(msg []byte, files map[int]any) {
	r, err := protocol.DecodeRequest(msg)
	if err != nil {
		panic(err)
	}
	c.f.seen <- r
	if len(files) > 0 {
		c.f.files <- files
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

func (c *fakeConn) Close() { c.closed = true }

// bench is an atlas over a fake engine and a fake mapper whose maps have three rows and end after 20 steps.
type bench struct {
	t              *testing.T
	a              *Atlas
	engine, mapper *fake
	posted         chan func()
	moved, changed int
	iter           int
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, posted: make(chan func(), 10_000)}
	b.engine = newFake(func(r protocol.Request) (protocol.Kind, any) {
		switch r.Op {
		case protocol.OpOpen:
			return protocol.Done, &protocol.Model{}
		case protocol.OpPoints:
			return protocol.Done, &protocol.PointsResult{Held: "k1", N: 3, Dim: 2, Names: protocol.Names{"a", "b", "c"}, IDs: []float32{0, 1, 2}}
		}
		return protocol.Failed, &protocol.Error{Code: "bad-request"}
	})
	b.mapper = newFake(func(r protocol.Request) (protocol.Kind, any) {
		switch r.Op {
		case protocol.OpMapOpen:
			return protocol.Done, &protocol.MapOpened{N: 3}
		case protocol.OpMapStep:
			var s protocol.MapStep
			if err := r.Bind(&s); err != nil {
				t.Error(err)
			}
			f := &protocol.MapFrame{Run: s.Run, Iter: b.iter, Dims: 2, KL: 1, Done: b.iter >= 20, Y: make([]float32, 6)}
			b.iter++
			return protocol.Done, f
		}
		return protocol.Done, nil
	})
	model := client.New(b.engine.dial)
	if _, err := model.Open(t.Context(), nil, protocol.Open{}, nil); err != nil {
		t.Fatal(err)
	}
	b.a = New(b.engine.dial, b.mapper.dial, model, func(f func()) { b.posted <- f })
	b.a.Moved = func(int) { b.moved++ }
	b.a.Changed = func() { b.changed++ }
	return b
}

// until runs what is posted until ok, or fails.
func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	end := time.After(5 * time.Second)
	for !ok() {
		select {
		case f := <-b.posted:
			f()
		case <-end:
			b.t.Fatalf("never: %s", what)
		}
	}
}

// rest runs what is posted until no step is in flight.
func (b *bench) rest() {
	b.t.Helper()
	b.until("rest", func() bool {
		for _, s := range b.a.slots {
			if s != nil && (s.flying > 0 || s.m.ID == 0 && s.m.Err == nil) {
				return false
			}
		}
		return len(b.posted) == 0
	})
}

func (b *bench) draw(specs ...figure.MapSpec) (maps []*figure.Map) {
	b.a.Begin()
	for _, s := range specs {
		maps = append(maps, b.a.Map(s))
	}
	b.a.End()
	return maps
}

func spec(slot int) figure.MapSpec {
	return figure.MapSpec{Slot: slot, Points: protocol.Points{Source: "input", Max: 3}, Layout: protocol.DefaultLayout()}
}

func (b *bench) steps() (n int) {
	for {
		select {
		case r := <-b.mapper.seen:
			if r.Op == protocol.OpMapStep {
				n++
			}
		default:
			return n
		}
	}
}

// TestRun makes a map from its vectors to its last iteration, and only as long as it is looked at.
func TestRun(t *testing.T) {
	b := newBench(t)
	m := b.draw(spec(0))[0]
	b.until("vectors", func() bool { return m.Points != nil })
	b.until("an open map", func() bool { return m.Opened != nil })
	if files := <-b.mapper.files; files[0] != client.Held("k1") {
		t.Errorf("the mapper got %v", files)
	}
	b.until("the first frame", func() bool { return m.Frame != nil })
	if !m.Running || m.RestIter() != -1 {
		t.Error("it does not move")
	}
	b.draw() // another view
	b.rest()
	if at := m.Frame.Iter; at > 5 || m.Frame.Done {
		t.Errorf("nobody looked, and it went on to %d", at)
	}
	b.draw(spec(0))
	b.until("the end", func() bool { return !m.Running })
	b.rest()
	if m.Frame.Iter < 20 || len(m.Curve) < 5 || b.moved < 5 || m.RestIter() < 0 {
		t.Errorf("frame %+v, %d of the curve, moved %d times", m.Frame, len(m.Curve), b.moved)
	}
	if n := b.steps(); n > 24 {
		t.Errorf("%d steps for 21 frames", n)
	}
	b.iter = 0
	b.a.Do("run 0")
	if m.Run != 2 || len(m.Curve) != 0 || !m.Running {
		t.Errorf("an ended map does not begin anew: %+v", m)
	}
}

// TestPause pauses, steps by one, and goes on.
func TestPause(t *testing.T) {
	b := newBench(t)
	m := b.draw(spec(0))[0]
	b.until("the first frames", func() bool { return m.Frame != nil && m.Frame.Iter >= 3 })
	b.a.Do("pause 0")
	b.rest()
	at := m.Frame.Iter
	if m.Running || at > 6 {
		t.Errorf("paused, and at %d", at)
	}
	for i := range 3 {
		b.a.Do("step 0")
		b.rest()
		if m.Frame.Iter != at+i+1 || m.Running {
			t.Errorf("step %d: at %d, was at %d", i, m.Frame.Iter, at)
		}
	}
	b.a.Do("run 0")
	b.until("the end", func() bool { return !m.Running && m.Frame.Done })
	b.a.Do("pause 0")
	s := spec(0)
	s.Layout.Dims = 3
	b.steps()
	b.draw(s)
	b.rest()
	s.Layout.Perplexity = 7
	b.draw(s)
	b.rest()
	if n := b.steps(); n != 1 {
		t.Errorf("paused, and three dimensions asked for: %d steps", n)
	}
	b.a.Do("pause 7")
	b.a.Do("run x")
}

// TestSettings changes a setting of a map, then what it shows.
func TestSettings(t *testing.T) {
	b := newBench(t)
	s := spec(0)
	m := b.draw(s)[0]
	b.until("the end", func() bool { return m.Frame != nil && m.Frame.Done && !m.Running })
	b.rest()
	s.Layout.Perplexity = 5
	if again := b.draw(s)[0]; again != m || !m.Running {
		t.Error("a setting makes another map, or none")
	}
	b.rest()
	s.Rows = []int{2, 0, 9}
	other := b.draw(s)[0]
	if other == m || other.ID != 0 {
		t.Error("other rows are the same map")
	}
	if other.Points == nil || other.Frame == nil || len(other.Frame.Y) != 4 || other.RestIter() != -1 {
		t.Error("the map before is gone before the other is there")
	}
	b.until("the other map", func() bool { return other.ID != 0 && other.Frame.Iter > 0 })
	if len(other.Rows) != 2 || other.N() != 2 || other.Point(0) != 2 {
		t.Errorf("rows %v", other.Rows)
	}
}

// TestTwo has two maps, of which the second is forgotten when it is not drawn any more.
func TestTwo(t *testing.T) {
	b := newBench(t)
	second := spec(1)
	second.Model = "other"
	b.a.Files = func(id string) []client.File { return []client.File{{Name: id}} }
	maps := b.draw(spec(0), second)
	b.until("two maps", func() bool { return maps[0].Frame != nil && maps[1].Frame != nil })
	if maps[0].ID == maps[1].ID || len(b.engine.conns) != 2 || !b.engine.conns[1].closed {
		t.Error("the other model's engine is still there")
	}
	b.draw(spec(0))
	if b.a.At(1) != nil || b.a.At(0) != maps[0] {
		t.Error("the second map is still there")
	}
}

// TestFall loses the mapper: the map begins again in another one, once.
func TestFall(t *testing.T) {
	b := newBench(t)
	s := spec(0)
	m := b.draw(s)[0]
	b.until("a frame", func() bool { return m.Frame != nil })
	answer := b.mapper.answer
	b.mapper.answer = func(r protocol.Request) (protocol.Kind, any) {
		if r.Op == protocol.OpMapStep {
			return "", nil
		}
		return answer(r)
	}
	b.mapper.conns[0].gone("out of memory")
	b.until("another map", func() bool { return b.a.At(0) != m && b.a.At(0).Opened != nil })
	b.draw(s)
	b.mapper.conns[1].gone("out of memory")
	b.until("an error", func() bool { return b.a.At(0).Err != nil })
	if now := b.draw(s)[0]; now.Err.Code != "crashed" || now.Running {
		t.Errorf("%+v", now)
	}
}

// TestRefused says why there are no vectors.
func TestRefused(t *testing.T) {
	b := newBench(t)
	b.engine.answer = func(protocol.Request) (protocol.Kind, any) {
		return protocol.Failed, &protocol.Error{Code: "no-embedding"}
	}
	m := b.draw(spec(0))[0]
	b.until("an error", func() bool { return m.Err != nil })
	if m.Err.Code != "no-embedding" || m.Running || b.changed == 0 {
		t.Errorf("%+v", m)
	}
}
