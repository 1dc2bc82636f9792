// Package atlas makes the maps that views ask for: it has the model's engine give the vectors, hands them to the mapper, and has it go on
// step by step for as long as a map is looked at. All its methods are called on the session's goroutine.
package atlas

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// Slots is how many maps stand side by side.
const Slots = 2

// Atlas is the maps of the open model.
type Atlas struct {
	// Moved is called with each new frame of a slot's map: what stands where its places say is to be moved. Changed is called when
	// anything else about a map is new: the view is to be drawn again.
	Moved   func(slot int)
	Changed func()
	// Files are those of a served model, by its ID: of a map of another model than the open one.
	Files func(model string) []client.File
	// Calm has a map move twice a second only.
	Calm bool
	// Post runs a function on the session's goroutine.
	Post func(func())

	dial   client.Dial // of engines
	model  *client.Engine
	mapper *client.Engine
	slots  [Slots]*slot
	asked  [Slots]bool // in this round of drawing
	lastID int
	falls  int // of the mapper, since it last made a frame
}

// New returns an atlas without maps. model gives vectors; engine starts one for another model, mapper starts a mapper once one is needed.
func New(engine, mapper client.Dial, model *client.Engine, post func(func())) *Atlas {
	a := &Atlas{dial: engine, model: model, mapper: client.New(mapper), Post: post,
		Moved: func(int) {}, Changed: func() {}, Files: func(string) []client.File { return nil }}
	a.mapper.Restarted = func(err, _ *protocol.Error) { a.Post(func() { a.fell(err) }) }
	return a
}

// Map is figure.Input.Maps.
func (a *Atlas) Map(spec figure.MapSpec) *figure.Map {
	if spec.Slot < 0 || spec.Slot >= Slots {
		return nil
	}
	a.asked[spec.Slot] = true
	s := a.slots[spec.Slot]
	switch {
	case s == nil || !sameRows(&s.m.Spec, &spec):
		was := s
		if s = a.begin(spec); was != nil {
			if was.close(); was.m.Points != nil && was.m.Spec.Model == spec.Model && reflect.DeepEqual(was.m.Spec.Points, spec.Points) {
				s.takeOver(was.m)
			}
		}
		a.slots[spec.Slot] = s
	case !sameLayout(&s.m.Spec.Layout, &spec.Layout):
		s.elsewhere = s.elsewhere || elsewhere(&s.m.Spec.Layout, &spec.Layout)
		s.m.Spec = spec
		s.done = false
		if s.m.Opened != nil && s.m.Err != nil { // what was asked before could not be done; this may
			s.m.Err = nil
		}
	}
	s.looked = true
	s.land(spec.Land)
	s.goOn()
	return s.m
}

// sameRows reports whether two specs are of the same vectors.
func sameRows(a, b *figure.MapSpec) bool {
	return a.Model == b.Model && reflect.DeepEqual(a.Points, b.Points) && reflect.DeepEqual(a.Rows, b.Rows)
}

func sameLayout(a, b *protocol.Layout) bool { return reflect.DeepEqual(a, b) }

// elsewhere reports whether a change puts all rows elsewhere at once, without an iteration.
func elsewhere(a, b *protocol.Layout) bool {
	still := b.Method == "pca" || b.Method == "axes"
	return still || a.Method != b.Method || a.Dims != b.Dims || a.Init != b.Init || a.Seed != b.Seed
}

// Begin starts a round of drawing.
func (a *Atlas) Begin() { a.asked = [Slots]bool{} }

// End has maps that the round did not ask for rest; a second one that is gone is forgotten.
func (a *Atlas) End() {
	for i, s := range a.slots {
		if s == nil || a.asked[i] {
			continue
		}
		s.looked = false
		if i > 0 && a.asked[0] {
			s.close()
			a.slots[i] = nil
		}
	}
}

// Forget drops all maps: another model is open.
func (a *Atlas) Forget() {
	for i, s := range a.slots {
		if s != nil {
			s.close()
			a.slots[i] = nil
		}
	}
}

// Ask puts a question about maps to the mapper.
func Ask[R any](ctx context.Context, a *Atlas, op string, body any) (*R, error) {
	return client.AskWith[R](ctx, a.mapper, op, body, nil, nil)
}

// Table brings the neighbours of every row of a slot's map.
func (a *Atlas) Table(slot, k int, then func(*figure.Map, *protocol.MapTableResult, *protocol.Error)) {
	if slot < 0 || slot >= Slots || a.slots[slot] == nil || a.slots[slot].m.Opened == nil {
		return
	}
	m := a.slots[slot].m
	l := m.Spec.Layout
	go func() {
		r, err := Ask[protocol.MapTableResult](context.Background(), a, protocol.OpMapTable,
			protocol.MapTable{Map: m.ID, Metric: l.Metric, Centre: l.Centre, Unit: l.Unit, K: k})
		a.Post(func() { then(m, r, client.AsError(err)) })
	}()
}

// At is the map of a slot, or nil.
func (a *Atlas) At(slot int) *figure.Map {
	if slot < 0 || slot >= Slots || a.slots[slot] == nil {
		return nil
	}
	return a.slots[slot].m
}

// Do does what figure.DoMap names: "pause 0". "run" goes on, and begins anew what has ended.
func (a *Atlas) Do(what string) {
	verb, arg, _ := strings.Cut(what, " ")
	i, _ := strconv.Atoi(arg)
	if i < 0 || i >= Slots || a.slots[i] == nil {
		return
	}
	s := a.slots[i]
	switch verb {
	case "pause", "stop":
		s.m.Paused = true
	case "run":
		if s.done {
			s.restart()
		}
		s.m.Paused = false
	case "restart":
		s.restart()
		s.m.Paused = false
	case "step":
		s.m.Paused = true
		if s.flying == 0 && !s.done {
			s.step(1)
		}
	}
	s.goOn()
	a.Changed()
}

// fell begins all maps again in a new mapper. One that falls again without having made a frame is not tried a third time.
func (a *Atlas) fell(err *protocol.Error) {
	a.falls++
	for i, s := range a.slots {
		if s == nil {
			continue
		}
		s.close()
		fresh := a.hold(s.m.Spec)
		fresh.guests.want = s.guests.want
		if fresh.looked = s.looked; a.falls > 1 {
			fresh.m.Err = err
		} else {
			fresh.open()
		}
		a.slots[i] = fresh
	}
	a.Changed()
}
