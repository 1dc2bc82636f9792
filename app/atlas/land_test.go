package atlas

import (
	"slices"
	"sync/atomic"
	"testing"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// landBench is a bench whose engine gives two rows of a translation, which the mapper has land.
func landBench(t *testing.T) (b *bench, landed *atomic.Int64) {
	b, landed = newBench(t), new(atomic.Int64)
	engine, mapper := b.engine.answer, b.mapper.answer
	b.engine.answer = func(r protocol.Request) (protocol.Kind, any) {
		var p protocol.Points
		if r.Op == protocol.OpPoints && r.Bind(&p) == nil && p.Source == "translation" {
			return protocol.Done, &protocol.PointsResult{Held: "k2", N: 2, Dim: 2, Names: protocol.Names{p.Name + "1", p.Name + "2"}, IDs: []float32{0, 1}}
		}
		return engine(r)
	}
	b.mapper.answer = func(r protocol.Request) (protocol.Kind, any) {
		if r.Op == protocol.OpMapLand {
			var body protocol.MapLand
			if err := r.Bind(&body); err != nil || body.N != 2 || body.Vectors.Size != 16 {
				t.Errorf("%+v %v", body, err)
			}
			landed.Store(int64(body.Nth))
			return protocol.Done, &protocol.MapOpened{N: 2}
		}
		kind, res := mapper(r)
		if f, ok := res.(*protocol.MapFrame); ok && landed.Load() > 0 && f.Iter > 0 {
			f.Landed, f.Nth = []float32{1, 2, 3, 4}, int(landed.Load())
		}
		return kind, res
	}
	return b, landed
}

func landSpec(name string) figure.MapSpec {
	s := spec(0)
	s.Land = &protocol.Points{Source: "translation", Name: name}
	return s
}

// TestLand: other rows land on the same map, which they do not begin anew, also when it is done; what landed before is gone at once.
func TestLand(t *testing.T) {
	b, landed := landBench(t)
	m := b.draw(landSpec("a"))[0]
	b.until("they land", func() bool { return m.Landed == 2 })
	b.until("the end", func() bool { return !m.Running })
	b.rest()
	if m.N() != 5 || len(m.Frame.Y) != 10 || !slices.Equal(m.Points.Names, []string{"a", "b", "c", "a1", "a2"}) || m.Frame.Y[9] != 4 || !m.Frame.Done {
		t.Fatalf("%d rows, %v, %v", m.N(), m.Points.Names, m.Frame.Y)
	}
	b.steps()
	if again := b.draw(landSpec("b"))[0]; again != m || m.N() != 3 || len(m.Frame.Y) != 6 || m.Landed != 0 {
		t.Errorf("another map, or one that has what landed before: %d rows", m.N())
	}
	b.until("others land", func() bool { return m.Landed == 2 && !m.Running })
	b.rest()
	if m.Points.Names[4] != "b2" || m.Run != 1 || landed.Load() != 2 {
		t.Errorf("%v, run %d, %d landings", m.Points.Names, m.Run, landed.Load())
	}
	if n := b.steps(); n > 2 {
		t.Errorf("%d steps for a map that was done", n)
	}
	landed.Store(7) // a frame that says whose places it has: not these
	b.a.Do("restart 0")
	b.until("a frame", func() bool { return m.Frame.Run == 2 })
	if m.Landed != 0 || m.N() != 3 {
		t.Error("places of other rows are taken for theirs")
	}
	b.draw(spec(0))
	b.rest()
	if m.Landed != 0 || m.Spec.Land != nil {
		t.Error("none are wanted, and there are some")
	}
}

// TestLandLate: rows that are no longer wanted when they are there do not land, and those that are land in another mapper.
func TestLandLate(t *testing.T) {
	b, _ := landBench(t)
	m := b.draw(landSpec("a"))[0]
	b.until("an open map", func() bool { return m.Opened != nil })
	b.draw(landSpec("b"))
	b.until("they land", func() bool { return m.Landed == 2 })
	if m.Points.Names[3] != "b1" {
		t.Errorf("%v landed", m.Points.Names)
	}
	b.mapper.conns[0].gone("out of memory")
	b.until("another map", func() bool { return b.a.At(0) != m })
	m = b.draw(landSpec("b"))[0]
	b.until("they land again", func() bool { return m.Landed == 2 })
	if m.Points.Names[4] != "b2" {
		t.Errorf("%v", m.Points.Names)
	}
}

// TestLandFails: what could not land says so, and is no hindrance to what lands after it.
func TestLandFails(t *testing.T) {
	b, _ := landBench(t)
	answer := b.engine.answer
	b.engine.answer = func(r protocol.Request) (protocol.Kind, any) {
		var p protocol.Points
		if r.Op == protocol.OpPoints && r.Bind(&p) == nil && p.Name == "none" {
			return protocol.Failed, &protocol.Error{Code: "bad-request"}
		}
		return answer(r)
	}
	m := b.draw(landSpec("none"))[0]
	b.until("the error", func() bool { return m.Err != nil })
	b.draw(landSpec("a"))
	b.until("others to land", func() bool { return m.Landed == 2 && !m.Running })
	if m.Err != nil || m.Points.Names[3] != "a1" {
		t.Errorf("%v, %v", m.Err, m.Points.Names)
	}
}
