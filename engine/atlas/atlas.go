// Package atlas answers the protocol's questions about maps of vectors: it holds the vectors and the places of their rows. It runs in the
// mapper, a worker of its own, so that the model's engine stays free.
package atlas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"loupe/engine/fault"
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

// Reply sends one reply to a request.
type Reply func(kind protocol.Kind, body any)

// Handle answers one request: any number of progress replies, then exactly one done, failed or cancelled.
func (a *Atlas) Handle(ctx context.Context, req protocol.Request, reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			for _, c := range a.charts {
				c.forget() // what was half done
			}
			reply(protocol.Failed, &protocol.Error{Code: "engine", Where: req.Op, Detail: fmt.Sprint("atlas: ", p)})
		}
	}()
	j := &job{ctx: ctx, a: a, reply: reply, start: time.Now()}
	body, err := a.answer(j, &req)
	switch {
	case err == nil:
		reply(protocol.Done, body)
	case ctx.Err() != nil: // whatever the error became on its way
		reply(protocol.Cancelled, nil)
	default:
		reply(protocol.Failed, asError(err))
	}
}

func (a *Atlas) answer(j *job, req *protocol.Request) (any, error) {
	switch req.Op {
	case protocol.OpMapOpen:
		return handle(j, req, a.openMap)
	case protocol.OpMapClose:
		return handle(j, req, a.closeMap)
	case protocol.OpMapStep:
		return handle(j, req, a.step)
	case protocol.OpMapNear:
		return handle(j, req, a.near)
	case protocol.OpMapAxis:
		return handle(j, req, a.axis)
	case protocol.OpMapSets:
		return handle(j, req, a.sets)
	case protocol.OpMapQuality:
		return handle(j, req, a.quality)
	case protocol.OpMapAgree:
		return handle(j, req, a.agree)
	case protocol.OpMapFind:
		return handle(j, req, a.find)
	case protocol.OpMapTable:
		return handle(j, req, a.table)
	}
	return nil, &protocol.Error{Code: "bad-request", Where: req.Op, Detail: "atlas: unknown operation " + req.Op}
}

// handle decodes a request's body for the method that answers it.
func handle[B, R any](j *job, req *protocol.Request, f func(*job, B) (*R, error)) (any, error) {
	var b B
	if err := req.Bind(&b); err != nil {
		return nil, &protocol.Error{Code: "bad-request", Where: req.Op, Detail: err.Error()}
	}
	r, err := f(j, b)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// chart is an open map.
func (a *Atlas) chart(id int) (*chart, error) {
	if c := a.charts[id]; c != nil {
		return c, nil
	}
	return nil, &protocol.Error{Code: "no-map", Where: fmt.Sprint(id), Detail: fmt.Sprintf("atlas: there is no map %d", id)}
}

// closeMap forgets a map; one that is not there is forgotten already.
func (a *Atlas) closeMap(_ *job, b protocol.MapClose) (*struct{}, error) {
	a.drop(b.Map)
	return &struct{}{}, nil
}

func (a *Atlas) drop(id int) {
	if c := a.charts[id]; c != nil {
		c.forget()
		delete(a.charts, id)
	}
}

// asError makes an error of any kind one that the page can say.
func asError(err error) *protocol.Error {
	var p *protocol.Error
	if errors.As(err, &p) {
		return p
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return &protocol.Error{Code: string(f.Code), File: f.File, Where: f.Where, Expected: f.Expected, Found: f.Found, Detail: f.Error()}
	}
	return &protocol.Error{Code: "failed", Detail: err.Error()}
}

// badRequest is an error about a request's own numbers.
func badRequest(where, expected string, found any) error {
	return &protocol.Error{Code: "bad-request", Where: where, Expected: expected, Found: fmt.Sprint(found),
		Detail: fmt.Sprintf("atlas: %s: expected %s, found %v", where, expected, found)}
}

// job is one request at work.
type job struct {
	ctx   context.Context
	a     *Atlas
	reply Reply
	start time.Time
	last  time.Time // of the last progress
}

// Yield lets others work and reports whether the request was cancelled.
func (j *job) Yield() error {
	if j.a.yield != nil {
		if err := j.a.yield(); err != nil {
			return err
		}
	}
	return j.ctx.Err()
}

// stage is what long work calls to say how far it is, at most 30 times a second, and to hear whether it is still wanted.
func (j *job) stage(name string) func(done, total float64) error {
	return func(done, total float64) error {
		if now := time.Now(); now.Sub(j.last) > 33*time.Millisecond {
			j.last = now
			j.reply(protocol.Progress, protocol.Step{Stage: name, Done: done, Total: total})
		}
		return j.Yield()
	}
}
