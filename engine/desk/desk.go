// Package desk is what all that answer the protocol have in common (engine/service and engine/atlas): a request is taken in, worked on with
// progress and cancel, and ended by exactly one reply.
package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"loupe/engine/fault"
	"loupe/engine/protocol"
)

// Reply sends one reply to a request.
type Reply func(kind protocol.Kind, body any)

// Job is one request at work.
type Job struct {
	Reply Reply
	Start time.Time
	ctx   context.Context
	yield func() error
	last  time.Time // of the last progress
}

// Handle answers one request: any number of progress and partial replies, then exactly one done, failed or cancelled. yield, if not nil,
// lets others work for a moment. Where answer panics, fell is called, to drop what was half done.
func Handle(ctx context.Context, req protocol.Request, reply Reply, yield func() error, answer func(*Job, *protocol.Request) (any, error), fell func()) {
	defer func() {
		if p := recover(); p != nil {
			fell()
			reply(protocol.Failed, &protocol.Error{Code: "engine", Where: req.Op, Detail: fmt.Sprintf("%s: %v", req.Op, p)})
		}
	}()
	now := time.Now()
	j := &Job{Reply: reply, Start: now, ctx: ctx, yield: yield, last: now}
	body, err := answer(j, &req)
	switch {
	case err == nil:
		reply(protocol.Done, body)
	case ctx.Err() != nil: // whatever the error became on its way
		reply(protocol.Cancelled, nil)
	default:
		reply(protocol.Failed, AsError(err))
	}
}

// Take decodes a request's body for the method that answers it.
func Take[B, R any](j *Job, req *protocol.Request, f func(*Job, B) (*R, error)) (any, error) {
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

// Unknown is the error for an operation that is not answered here.
func Unknown(op string) error {
	return &protocol.Error{Code: "bad-request", Where: op, Detail: "unknown operation " + op}
}

// Yield lets others work and reports whether the request was cancelled.
func (j *Job) Yield() error {
	if j.yield != nil {
		if err := j.yield(); err != nil {
			return err
		}
	}
	return j.ctx.Err()
}

// Progress says how far the work is, at most 30 times a second.
func (j *Job) Progress(stage string, done, total float64, note string) {
	if now := time.Now(); done == total || now.Sub(j.last) > 33*time.Millisecond {
		j.last = now
		j.Reply(protocol.Progress, protocol.Step{Stage: stage, Done: done, Total: total, Note: note})
	}
}

// Stage is what long work calls to say how far it is, and to hear whether it is still wanted.
func (j *Job) Stage(name string) func(done, total float64) error {
	return func(done, total float64) error {
		j.Progress(name, done, total, "")
		return j.Yield()
	}
}

// AsError makes an error of any kind one that the page can say.
func AsError(err error) *protocol.Error {
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

// BadRequest is an error about a request's own numbers.
func BadRequest(where, expected string, found any) error {
	return &protocol.Error{Code: "bad-request", Where: where, Expected: expected, Found: fmt.Sprint(found),
		Detail: fmt.Sprintf("%s: expected %s, found %v", where, expected, found)}
}
