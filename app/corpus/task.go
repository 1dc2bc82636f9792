package corpus

import (
	"context"
	"time"

	"loupe/app/client"
	"loupe/engine/protocol"
)

// task is one set of texts on its way through the engine, in short pieces.
type task struct {
	h       *host
	fail    func(*protocol.Error) // it has failed
	ctx     context.Context
	cancel  context.CancelFunc
	looked  bool // a view looks at it
	flying  bool // a piece was asked for and not answered
	told    time.Time
	settled time.Time
}

func newTask(h *host, fail func(*protocol.Error)) task {
	t := task{h: h, fail: fail}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// then takes an answer on the session's goroutine, unless nobody wants it any more.
func (t *task) then(err error, f func()) {
	t.h.post(func() {
		switch e := client.AsError(err); {
		case t.ctx.Err() != nil:
		case err == nil:
			f()
		case e != nil && !client.Lost(e):
			t.fail(e)
			t.h.Changed()
		}
	})
}

// tell has the view drawn, now or not more often than one can read.
func (t *task) tell(now bool) {
	if at := time.Now(); now || at.Sub(t.told) > tellMs {
		t.told = at
		t.h.Changed()
	}
}

// free reports whether the next piece can be asked for.
func (t *task) free() bool { return t.looked && !t.flying && !t.h.Busy() }

// fill asks for a piece.
func fill[F any](t *task, op string, body any, then func(*F)) {
	t.flying = true
	wait := client.Put[F](t.ctx, t.h.engine, op, body, nil, nil)
	go func() {
		f, err := wait()
		t.h.post(func() { t.flying = false })
		t.then(err, func() { then(f) })
	}()
}

// settle has questions be about more, now and then: their answers then stay for a while. First is how many are worth a question.
func (t *task) settle(upto *int, n, first int, done bool) {
	if now := time.Now(); done || n >= first && now.Sub(t.settled) > settles && n > *upto*5/4 {
		*upto, t.settled = n, now
	}
}

// aside puts a question that no view asks.
func aside[R any](h *host, op string, body any, data map[int]any, then func(*R, *protocol.Error)) {
	go func() {
		r, err := client.AskWith[R](context.Background(), h.engine, op, body, data, nil)
		h.post(func() { then(r, client.AsError(err)) })
	}()
}
