// Package atlas answers the protocol's questions about maps of vectors: it holds the vectors and the places of their rows. It runs in the
// mapper, a worker of its own, so that the model's engine stays free.
package atlas

import (
	"context"
	"fmt"
	"io"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// Atlas is any number of maps, by their number. It answers one request at a time.
type Atlas struct {
	open   func(protocol.FileRef) (io.ReaderAt, error)
	yield  func() error
	charts map[int]*chart
}

// New returns an atlas without maps. open gives the bytes of vectors that a request names; yield, if not nil, lets others work for a
// moment (in the browser, the event loop, so that a cancel can arrive).
func New(open func(protocol.FileRef) (io.ReaderAt, error), yield func() error) *Atlas {
	return &Atlas{open: open, yield: yield, charts: map[int]*chart{}}
}

// Handle answers one request: any number of progress replies, then exactly one done, failed or cancelled.
func (a *Atlas) Handle(ctx context.Context, req protocol.Request, reply desk.Reply) {
	desk.Handle(ctx, req, reply, a.yield, a.answer, func() {
		for _, c := range a.charts {
			c.forget()
		}
	})
}

func (a *Atlas) answer(j *desk.Job, req *protocol.Request) (any, error) {
	switch req.Op {
	case protocol.OpMapOpen:
		return desk.Take(j, req, a.openMap)
	case protocol.OpMapClose:
		return desk.Take(j, req, a.closeMap)
	case protocol.OpMapStep:
		return desk.Take(j, req, a.step)
	case protocol.OpMapLand:
		return desk.Take(j, req, a.land)
	case protocol.OpMapNear:
		return desk.Take(j, req, a.near)
	case protocol.OpMapAxis:
		return desk.Take(j, req, a.axis)
	case protocol.OpMapSets:
		return desk.Take(j, req, a.sets)
	case protocol.OpMapQuality:
		return desk.Take(j, req, a.quality)
	case protocol.OpMapAgree:
		return desk.Take(j, req, a.agree)
	case protocol.OpMapFind:
		return desk.Take(j, req, a.find)
	case protocol.OpMapTable:
		return desk.Take(j, req, a.table)
	}
	return nil, desk.Unknown(req.Op)
}

// Urgent reports whether an operation only looks at vectors and places: it may be answered while a long one lets others work, which has a
// map's words have neighbours while those of all are still looked for.
func Urgent(op string) bool {
	switch op {
	case protocol.OpMapNear, protocol.OpMapAxis, protocol.OpMapSets, protocol.OpMapFind:
		return true
	}
	return false
}

// chart is an open map.
func (a *Atlas) chart(id int) (*chart, error) {
	if c := a.charts[id]; c != nil {
		return c, nil
	}
	return nil, &protocol.Error{Code: "no-map", Where: fmt.Sprint(id), Detail: fmt.Sprintf("atlas: there is no map %d", id)}
}

// closeMap forgets a map; one that is not there is forgotten already.
func (a *Atlas) closeMap(_ *desk.Job, b protocol.MapClose) (*struct{}, error) {
	a.drop(b.Map)
	return &struct{}{}, nil
}

func (a *Atlas) drop(id int) {
	if c := a.charts[id]; c != nil {
		c.forget()
		delete(a.charts, id)
	}
}
