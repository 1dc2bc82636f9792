package atlas

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// bench is an atlas behind the protocol's bytes. Its maps' vectors are the ones that were put to it last.
type bench struct {
	t       testing.TB
	a       *Atlas
	ctx     context.Context
	vectors []byte
	stages  []string // of progress
	yield   func() error
}

func newBench(t testing.TB) *bench {
	d := &bench{t: t, ctx: context.Background()}
	d.a = New(func(protocol.FileRef) (io.ReaderAt, error) { return bytes.NewReader(d.vectors), nil }, func() error {
		if d.yield != nil {
			return d.yield()
		}
		return nil
	})
	return d
}

// try asks as the page does, and returns the last reply.
func (d *bench) try(op string, body any) protocol.Reply {
	d.t.Helper()
	b, err := protocol.EncodeRequest(7, op, body)
	if err != nil {
		d.t.Fatal(err)
	}
	req, err := protocol.DecodeRequest(b)
	if err != nil {
		d.t.Fatal(err)
	}
	var end []protocol.Reply
	d.a.Handle(d.ctx, req, func(kind protocol.Kind, body any) {
		b, err := protocol.EncodeReply(req.ID, kind, body)
		if err != nil {
			d.t.Fatal(err)
		}
		r, err := protocol.DecodeReply(b)
		if err != nil {
			d.t.Fatal(err)
		}
		if kind != protocol.Progress {
			end = append(end, r)
			return
		}
		var s protocol.Step
		if err := r.Into(&s); err != nil {
			d.t.Fatal(err)
		}
		if d.stages = append(d.stages, s.Stage); s.Done < 0 || s.Done > s.Total {
			d.t.Errorf("%+v", s)
		}
	})
	if len(end) != 1 || end[0].ID != 7 {
		d.t.Fatalf("%s: %d replies end it", op, len(end))
	}
	return end[0]
}

func ask[R any](d *bench, op string, body any) *R {
	d.t.Helper()
	r := d.try(op, body)
	res := new(R)
	if r.Kind != protocol.Done {
		d.t.Fatalf("%s: %s %s", op, r.Kind, r.Body)
	}
	if err := r.Into(res); err != nil {
		d.t.Fatal(err)
	}
	return res
}

// fails asks what cannot be answered, and returns the error.
func (d *bench) fails(op string, body any) *protocol.Error {
	d.t.Helper()
	r := d.try(op, body)
	e := new(protocol.Error)
	if r.Kind != protocol.Failed || r.Into(e) != nil {
		d.t.Fatalf("%s: %s %s", op, r.Kind, r.Body)
	}
	return e
}

// open opens x [n, dim] as a map.
func (d *bench) open(id int, x []float32, dim int, rows []int) *protocol.MapOpened {
	d.t.Helper()
	d.vectors = floats(x)
	return ask[protocol.MapOpened](d, protocol.OpMapOpen, protocol.MapOpen{Map: id, N: len(x) / dim, Dim: dim, Rows: rows,
		Vectors: protocol.FileRef{Size: int64(len(d.vectors))}})
}

func floats(x []float32) (b []byte) {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// run goes on with map 1 until it is done.
func (d *bench) run(l protocol.Layout, run, n int) *protocol.MapFrame {
	d.t.Helper()
	for range 10000 {
		if f := ask[protocol.MapFrame](d, protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: l, Run: run, N: n, Ms: 1e6}); f.Done {
			return f
		}
	}
	d.t.Fatal("it does not end")
	return nil
}

func (d *bench) step(l protocol.Layout, run, n int) *protocol.MapFrame {
	d.t.Helper()
	return ask[protocol.MapFrame](d, protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: l, Run: run, N: n, Ms: 1e6})
}

// clusters are points around centres far from each other, [n, d].
func clusters(n, d int) []float32 {
	r := rand.New(rand.NewPCG(5, 6))
	centres := make([]float64, 5*d)
	for i := range centres {
		centres[i] = 4 * r.NormFloat64()
	}
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(centres[i/d%5*d+i%d] + r.NormFloat64())
	}
	return x
}

// short is a layout that ends soon.
func short(iterations int) protocol.Layout {
	l := protocol.DefaultLayout()
	l.Iterations, l.ExaggerationFor, l.Perplexity = iterations, iterations/3, 10
	return l
}

func finite(v []float32) bool {
	return !slices.ContainsFunc(v, func(f float32) bool { return f-f != 0 })
}

// codes are those of warnings, with their numbers.
func codes(list []protocol.Warning) map[string]int {
	m := map[string]int{}
	for _, w := range list {
		m[w.Code] = w.N
	}
	return m
}

func TestOpen(t *testing.T) {
	d := newBench(t)
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	x := []float32{1, 2, nan, 0, 0, 0, 1, 2, 3, inf, 0, 0, 1, 2}
	o := d.open(1, x, 2, nil)
	w := codes(o.Warnings)
	if o.N != 7 || w["points-not-finite"] != 2 || w["points-zero"] != 2 || w["points-equal"] != 3 {
		t.Errorf("%+v", o)
	}
	if c := d.a.charts[1]; !slices.Equal(c.x, []float32{1, 2, 0, 0, 1, 2, 0, 0, 1, 2}) || !slices.Equal(c.rows, []int32{0, 2, 3, 5, 6}) ||
		!slices.Equal(c.in, []int32{0, -1, 1, 2, -1, 3, 4}) {
		t.Errorf("%v %v %v", c.x, c.rows, c.in)
	}
	if o := d.open(1, x, 2, []int{6, 2}); o.N != 2 || !slices.Equal(d.a.charts[1].x, []float32{1, 2, 0, 0}) {
		t.Errorf("%+v, %v", o, d.a.charts[1].x)
	}
	if o := d.open(2, []float32{float32(math.Copysign(0, -1)), 1, 0, 1}, 2, nil); codes(o.Warnings)["points-equal"] != 1 {
		t.Errorf("-0 is not 0: %+v", o)
	}
	big := clusters(3000, 100) // more than is read at once
	if d.open(3, big, 100, nil); !slices.Equal(d.a.charts[3].x, big) {
		t.Error("the vectors are others")
	}
	all := []int{}
	for i := range 3000 {
		all = append(all, 2999-i)
	}
	if d.open(4, big, 100, all); !slices.Equal(d.a.charts[4].vector(0), big[2999*100:]) {
		t.Error("the rows are others")
	}
	d.vectors = floats(x)[:50]
	for _, c := range []struct {
		code string
		body protocol.MapOpen
	}{
		{"bad-request", protocol.MapOpen{N: 7, Dim: 2, Vectors: protocol.FileRef{Size: 50}}},
		{"bad-request", protocol.MapOpen{N: -1, Dim: 2, Vectors: protocol.FileRef{Size: -8}}},
		{"bad-request", protocol.MapOpen{N: 0, Dim: 0}},
		{"bad-request", protocol.MapOpen{N: 6, Dim: 2, Rows: []int{6}, Vectors: protocol.FileRef{Size: 48}}},
		{"truncated", protocol.MapOpen{N: 7, Dim: 2, Vectors: protocol.FileRef{Size: 56}}},
	} {
		if e := d.fails(protocol.OpMapOpen, c.body); e.Code != c.code {
			t.Errorf("%+v: %+v", c.body, e)
		}
	}
}

func TestNoMap(t *testing.T) {
	d := newBench(t)
	d.open(1, clusters(20, 3), 3, nil)
	ask[struct{}](d, protocol.OpMapClose, protocol.MapClose{Map: 1})
	ask[struct{}](d, protocol.OpMapClose, protocol.MapClose{Map: 1})
	for op, body := range map[string]any{
		protocol.OpMapStep: protocol.MapStep{Map: 1}, protocol.OpMapNear: protocol.MapNear{Map: 1}, protocol.OpMapAxis: protocol.MapAxis{Map: 1},
		protocol.OpMapSets: protocol.MapSets{Map: 1}, protocol.OpMapQuality: protocol.MapQuality{Map: 1}, protocol.OpMapAgree: protocol.MapAgree{MapA: 1},
		protocol.OpMapTable: protocol.MapTable{Map: 1}} {
		if e := d.fails(op, body); e.Code != "no-map" {
			t.Errorf("%s: %+v", op, e)
		}
	}
	if e := d.fails("map.fly", nil); e.Code != "bad-request" {
		t.Errorf("%+v", e)
	}
	if e := d.fails(protocol.OpMapStep, "x"); e.Code != "bad-request" {
		t.Errorf("%+v", e)
	}
}

// A fault of ours is an error of its request, and the map goes on.
func TestPanic(t *testing.T) {
	d := newBench(t)
	d.open(1, clusters(50, 3), 3, nil)
	d.step(short(9), 1, 1)
	d.yield = func() error { panic("on purpose") }
	if e := d.fails(protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: short(9), Run: 1}); e.Code != "engine" {
		t.Errorf("%+v", e)
	}
	d.yield = nil
	if f := d.run(short(9), 1, 0); f.Iter != 9 {
		t.Errorf("%+v", f)
	}
}
