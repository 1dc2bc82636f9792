package atlas

import (
	"context"
	"math"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

const (
	ahead  = 2                      // steps that are in flight, so that the mapper does not wait for the page to draw
	stepMs = 12                     // of a step: less than a frame
	calmMs = 480                    // of a step where motion is not wanted
	tellMs = 150 * time.Millisecond // between two drawings for progress
)

// slot is one map on its way.
type slot struct {
	a         *Atlas
	id        int // of the map in the mapper
	m         *figure.Map
	ctx       context.Context
	cancel    context.CancelFunc
	looked    bool // it is on the page
	done      bool // there is nothing more to do
	elsewhere bool // the settings put the rows elsewhere, and they are not there yet
	flying    int  // steps that were asked and not answered
	asked     int  // steps that were asked, in all
	shown     int  // of those, the one whose frame is shown: two answers that come together may change places
	told      time.Time
	base      *protocol.PointsResult // the points that the mapper has
	guests    landing
}

// hold makes a slot that does nothing yet.
func (a *Atlas) hold(spec figure.MapSpec) *slot {
	a.lastID++
	s := &slot{a: a, id: a.lastID, m: &figure.Map{Spec: spec, Rows: spec.Rows, Run: 1}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// begin starts a map.
func (a *Atlas) begin(spec figure.MapSpec) *slot {
	a.falls = 0
	s := a.hold(spec)
	s.open()
	return s
}

// takeOver shows what is known from the map that was there before, of the same vectors but other rows, until there is a frame.
func (s *slot) takeOver(was *figure.Map) {
	s.m.Points = was.Points
	s.keepRows()
	f := was.Frame
	if f == nil {
		return
	}
	at := make(map[int]int, was.N()) // point -> row of the map before
	for i := range was.N() {
		at[was.Point(i)] = i
	}
	y := make([]float32, 0, s.m.N()*f.Dims)
	for i := range s.m.N() {
		row, ok := at[s.m.Point(i)]
		for k := range f.Dims {
			v := float32(math.NaN())
			if ok {
				v = f.Y[row*f.Dims+k]
			}
			y = append(y, v)
		}
	}
	s.m.Frame = &protocol.MapFrame{Run: s.m.Run, Dims: f.Dims, Kept: 1, Y: y}
}

// close ends what is under way, and has the mapper forget the map.
func (s *slot) close() {
	s.cancel()
	if s.m.Opened == nil {
		return
	}
	go client.AskWith[struct{}](context.Background(), s.a.mapper, protocol.OpMapClose, protocol.MapClose{Map: s.id}, nil, nil) //nolint:errcheck // a mapper that is gone has forgotten it
}

// open brings the vectors to the mapper.
func (s *slot) open() {
	s.update()
	s.a.mapper.Start() // it is fetched while the vectors are read
	go func() {
		p, err := s.points()
		s.then(err, func() {
			s.m.Points, s.base = p, p
			s.keepRows()
			s.a.Changed()
			go s.hand(p)
		})
	}()
}

// keepRows leaves out rows that the points do not have: an address may name any.
func (s *slot) keepRows() {
	if s.m.Rows == nil {
		return
	}
	rows := make([]int, 0, len(s.m.Rows))
	for _, r := range s.m.Rows {
		if r >= 0 && r < s.m.Points.N {
			rows = append(rows, r)
		}
	}
	if s.m.Rows = rows; len(rows) == 0 {
		s.m.Rows = nil
	}
}

// points has an engine give the vectors.
func (s *slot) points() (*protocol.PointsResult, error) {
	e := s.a.model
	if id := s.m.Spec.Model; id != "" {
		e = client.New(s.a.dial)
		defer e.Close()
		files := s.a.Files(id)
		if len(files) == 0 {
			return nil, &protocol.Error{Code: "no-model", Where: id, Detail: "atlas: no model " + id + " is served"}
		}
		if _, err := e.Open(s.ctx, files, protocol.Open{}, s.progress); err != nil {
			return nil, err
		}
	}
	return client.AskWith[protocol.PointsResult](s.ctx, e, protocol.OpPoints, s.m.Spec.Points, nil, func(st *protocol.Step) { s.progress(*st) })
}

// hand gives the vectors to the mapper.
func (s *slot) hand(p *protocol.PointsResult) {
	body := protocol.MapOpen{Map: s.id, N: p.N, Dim: p.Dim, Rows: s.m.Rows, Names: p.Names,
		Vectors: protocol.FileRef{Name: "vectors", Size: 4 * int64(p.N) * int64(p.Dim)}}
	o, err := client.AskWith[protocol.MapOpened](s.ctx, s.a.mapper, protocol.OpMapOpen, body, map[int]any{0: client.Held(p.Held)},
		func(st *protocol.Step) { s.progress(*st) })
	s.then(err, func() {
		s.m.Opened, s.m.ID = o, s.id
		s.invite()
		s.goOn()
		s.a.Changed()
	})
}

// then takes an answer on the session's goroutine, unless nobody wants it any more.
func (s *slot) then(err error, f func()) { s.a.Post(func() { s.settle(err, f) }) }

func (s *slot) settle(err error, f func()) {
	if s.ctx.Err() != nil {
		return
	}
	if err == nil {
		f()
		return
	}
	if e := client.AsError(err); e != nil && !client.Lost(e) {
		s.m.Err, s.m.Step = e, nil
		s.update()
		s.a.Changed()
	}
}

// progress says what is being done before there is a frame.
func (s *slot) progress(st protocol.Step) {
	s.a.Post(func() {
		s.m.Step = &st
		if now := time.Now(); now.Sub(s.told) > tellMs && s.ctx.Err() == nil {
			s.told = now
			s.a.Changed()
		}
	})
}

// restart has the map begin anew.
func (s *slot) restart() {
	s.m.Run++
	s.m.Curve, s.m.Err, s.done = nil, nil, false
}

// goOn has the mapper do the next steps, as long as the map is looked at and wants to move.
func (s *slot) goOn() {
	for s.m.Opened != nil && s.m.Err == nil && s.looked && !s.done && s.flying < s.wants() {
		s.step(0)
	}
	s.update()
}

// wants is how many steps are to be in flight. One that is paused shows what its settings ask for at once: places without iterations.
func (s *slot) wants() int {
	switch {
	case !s.m.Paused:
		return ahead
	case s.m.Frame == nil, s.elsewhere:
		return 1
	}
	return 0
}

// update says whether the map moves.
func (s *slot) update() {
	s.m.Running = s.m.Err == nil && (s.flying > 0 || !s.m.Paused && !s.done)
}

// step asks for n iterations, or for what can be done in the time of a frame.
func (s *slot) step(n int) {
	s.flying++
	s.asked++
	nth := s.asked
	body := protocol.MapStep{Map: s.id, Layout: s.m.Spec.Layout, Run: s.m.Run, N: n, Ms: stepMs}
	if s.a.Calm {
		body.Ms = calmMs
	}
	wait := client.Put[protocol.MapFrame](s.ctx, s.a.mapper, protocol.OpMapStep, body, nil, func(st *protocol.Step) { s.progress(*st) })
	go func() {
		f, err := wait()
		s.a.Post(func() {
			s.flying--
			s.settle(err, func() {
				if nth > s.shown && f.Run == s.m.Run {
					s.shown = nth
					s.frame(f, &body)
				} else {
					s.goOn()
				}
			})
		})
	}()
}

// frame takes a frame. One of settings that are no longer wanted does not end the work.
func (s *slot) frame(f *protocol.MapFrame, asked *protocol.MapStep) {
	s.a.falls = 0
	was, staged := s.m.Frame, s.m.Step != nil
	staged = s.seat(f) || staged
	s.m.Frame, s.m.Step = f, nil
	if c := s.m.Curve; f.Iter == 0 || len(c) > 0 && f.Iter < c[len(c)-1].Iter {
		s.m.Curve = nil
	}
	if c := s.m.Curve; f.Iter > 0 && (len(c) == 0 || f.Iter > c[len(c)-1].Iter) {
		s.m.Curve = append(c, figure.CurvePoint{Iter: f.Iter, KL: f.KL})
	}
	wanted := sameLayout(&asked.Layout, &s.m.Spec.Layout)
	s.elsewhere = s.elsewhere && !wanted
	s.done = f.Done && wanted
	s.goOn()
	s.a.Moved(s.m.Spec.Slot)
	if staged || was == nil || was.Dims != f.Dims || !s.m.Running || len(was.Warnings) != len(f.Warnings) {
		s.a.Changed()
	}
}
