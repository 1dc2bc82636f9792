package atlas

import (
	"context"
	"reflect"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// landing is rows that are to land on a slot's map.
type landing struct {
	want   *protocol.Points // nil: none
	cancel context.CancelFunc
	nth    int                    // of all that landed here: a frame says whose places it has
	points *protocol.PointsResult // nil: they are not there yet
	joined *protocol.PointsResult // the map's and these
}

// land has other rows land than before. Where they will be is not known until a frame says so: until then the map is without.
func (s *slot) land(want *protocol.Points) {
	if reflect.DeepEqual(s.guests.want, want) {
		return
	}
	if s.guests.cancel != nil {
		s.guests.cancel()
	}
	s.guests, s.m.Spec.Land = landing{want: want, nth: s.guests.nth}, want
	if s.m.Opened != nil { // what was to land before may not have been there; this may
		s.m.Err = nil
	}
	if n := s.m.Landed; n > 0 {
		f := *s.m.Frame
		f.Y = f.Y[:len(f.Y)-n*f.Dims]
		s.m.Points, s.m.Frame, s.m.Landed = s.base, &f, 0
	}
	s.invite()
}

// invite brings the rows to the mapper once the map is open there.
func (s *slot) invite() {
	if s.m.Opened == nil || s.guests.want == nil {
		return
	}
	g := &s.guests
	ctx, cancel := context.WithCancel(s.ctx)
	g.nth++
	g.cancel = cancel
	body := protocol.MapLand{Map: s.id, Nth: g.nth}
	want := *g.want
	go func() {
		p, err := client.AskWith[protocol.PointsResult](ctx, s.a.model, protocol.OpPoints, want, nil, nil)
		if err == nil {
			body.N, body.Vectors = p.N, protocol.FileRef{Name: "vectors", Size: 4 * int64(p.N) * int64(p.Dim)}
			_, err = client.AskWith[protocol.MapOpened](ctx, s.a.mapper, protocol.OpMapLand, body, map[int]any{0: client.Held(p.Held)}, nil)
		}
		s.a.Post(func() {
			if ctx.Err() != nil {
				return
			}
			cancel()
			s.settle(err, func() {
				s.guests.points, s.guests.joined = p, figure.Joined(s.base, p)
				s.done = false // a map that is done says with one step where they land
				s.goOn()
			})
		})
	}()
}

// seat adds to a frame's places those of the rows that landed, and says that they are there; it reports whether that is new.
func (s *slot) seat(f *protocol.MapFrame) bool {
	was := s.m.Landed
	s.m.Points, s.m.Landed = s.base, 0
	if g := &s.guests; g.points != nil && f.Nth == g.nth && len(f.Landed) == g.points.N*f.Dims {
		f.Y = append(f.Y, f.Landed...)
		s.m.Points, s.m.Landed = g.joined, g.points.N
	}
	return was != s.m.Landed
}
