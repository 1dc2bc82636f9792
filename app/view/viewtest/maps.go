package viewtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"loupe/app/figure"
	"loupe/engine/atlas"
	"loupe/engine/protocol"
)

// mapper answers questions about maps, in the browser a worker of its own.
type mapper struct {
	e    *Engine
	a    *atlas.Atlas
	held map[string][]byte
	next []byte // the vectors that the next map is opened with
	maps map[string]*figure.Map
}

func newMapper(e *Engine) *mapper {
	m := &mapper{e: e, held: map[string][]byte{}, maps: map[string]*figure.Map{}}
	m.a = atlas.New(func(protocol.FileRef) (io.ReaderAt, error) { return bytes.NewReader(m.next), nil }, nil)
	e.s.Hold = func(key string, b []byte) { m.held[key] = b }
	return m
}

// ask is Engine.Ask, of the mapper.
func (m *mapper) ask(op string, body, result any) error {
	return roundTrip(op, body, result, func(req protocol.Request, reply func(protocol.Kind, any)) {
		m.a.Handle(context.Background(), req, reply)
	})
}

// Map is figure.Input.Maps: the map as it is in the end.
func (m *mapper) Map(spec figure.MapSpec) *figure.Map {
	m.e.t.Helper()
	if spec.Land != nil {
		return m.land(spec)
	}
	raw, err := json.Marshal(spec)
	if err != nil {
		m.e.t.Fatal(err)
	}
	if done, ok := m.maps[string(raw)]; ok {
		return done
	}
	f := &figure.Map{ID: len(m.maps) + 1, Spec: spec, Rows: spec.Rows, Run: 1, Points: new(protocol.PointsResult), Opened: new(protocol.MapOpened)}
	m.maps[string(raw)] = f
	if spec.Model != "" {
		m.e.t.Fatal("viewtest: maps of another model are not made")
	}
	if err := m.e.Ask(protocol.OpPoints, spec.Points, f.Points); err != nil {
		f.Points, f.Opened, f.Err = nil, nil, asError(err)
		return f
	}
	m.next = m.held[f.Points.Held]
	open := protocol.MapOpen{Map: f.ID, N: f.Points.N, Dim: f.Points.Dim, Rows: spec.Rows, Names: f.Points.Names, Vectors: protocol.FileRef{Size: int64(len(m.next))}}
	if err := m.ask(protocol.OpMapOpen, open, f.Opened); err != nil {
		f.Opened, f.Err = nil, asError(err)
		return f
	}
	for f.Frame == nil || !f.Frame.Done {
		frame := new(protocol.MapFrame)
		if err := m.ask(protocol.OpMapStep, protocol.MapStep{Map: f.ID, Layout: spec.Layout, Run: 1, N: 50, Ms: 1e9}, frame); err != nil {
			f.Err = asError(err)
			return f
		}
		if f.Frame = frame; frame.Iter > 0 {
			f.Curve = append(f.Curve, figure.CurvePoint{Iter: frame.Iter, KL: frame.KL})
		}
	}
	return f
}

// land is the map of a spec, with the rows that land on it.
func (m *mapper) land(spec figure.MapSpec) *figure.Map {
	m.e.t.Helper()
	plain, p, frame := spec, new(protocol.PointsResult), new(protocol.MapFrame)
	plain.Land = nil
	base := m.Map(plain)
	if base.Err != nil {
		return base
	}
	f := *base
	f.Spec = spec
	if err := m.e.Ask(protocol.OpPoints, *spec.Land, p); err != nil {
		f.Err = asError(err)
		return &f
	}
	m.next = m.held[p.Held]
	if err := m.ask(protocol.OpMapLand, protocol.MapLand{Map: f.ID, N: p.N, Vectors: protocol.FileRef{Size: int64(len(m.next))}}, new(protocol.MapOpened)); err != nil {
		m.e.t.Fatal(err)
	}
	if err := m.ask(protocol.OpMapStep, protocol.MapStep{Map: f.ID, Layout: spec.Layout, Run: 1, N: 1}, frame); err != nil {
		m.e.t.Fatal(err)
	}
	frame.Y = append(frame.Y, frame.Landed...)
	f.Points, f.Frame, f.Landed = figure.Joined(base.Points, p), frame, p.N
	return &f
}

func asError(err error) *protocol.Error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return e
	}
	return &protocol.Error{Code: "failed", Detail: err.Error()}
}
