// Package client speaks to the engine: typed questions over a Conn, which is a worker in the browser and a channel in
// tests. Every question settles: with a result, an error, a cancel or a crash, whatever happens to the engine.
//
// One model, one engine: Open starts a new one and ends the old one once the new model is whole, so that a file that
// cannot be read takes nothing away, and the memory of a closed model is given back.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"loupe/engine/protocol"
)

// Conn is one running engine.
type Conn interface {
	// Post sends a request's bytes, and with an Open the files that it names by their Ref: the key of a browser's File in
	// window.loupe.held (int), a URL relative to the page (string), bytes ([]byte), or a Held.
	Post(msg []byte, files map[int]any)
	// Close ends the engine at once, whatever it does. gone is not called for it.
	Close()
}

// Dial starts an engine. It calls receive with each reply's bytes, alive for each sign of life, and gone once if the engine
// ends by itself, with the reason.
type Dial func(receive func([]byte), alive func(), gone func(why string)) Conn

// Held are bytes that an engine gave the page to keep under a key (engine/service.Hold). What they are posted to gets them, and
// they are not kept any longer.
type Held string

// File is one file of a model to open. Data is what Conn.Post takes.
type File struct {
	Name string // with its folder, if it came in one
	Size int64
	Data any
}

// NotStarted is how a reason begins if the engine could not be started at all: its program could not be fetched.
const NotStarted = "not started: "

// Silence is how long an engine that has work may give no sign of life before it counts as hung.
const Silence = 10 * time.Second

// hardCancel is how long a cancelled question may go on before its engine is ended and started again.
const hardCancel = 2 * time.Second

// Engine is the open model and the engine that runs it.
type Engine struct {
	dial Dial
	// Restarted is called, if not nil, after the engine was lost and started again with the same model: the text is to be run
	// again. err is why it was lost; failed is what went wrong in opening the model again, or nil.
	Restarted func(err, failed *protocol.Error)

	mu    sync.Mutex
	link  *link // nil before the first Open
	files []File
	with  protocol.Open
}

// New returns an Engine with no model.
func New(dial Dial) *Engine { return &Engine{dial: dial} }

// Opened is what the open model was opened from: its files, and what was asked of them.
func (e *Engine) Opened() ([]File, protocol.Open) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.files, e.with
}

// Open opens a model in a new engine. The model that was open stays until the new one is whole. with says how (its Files are
// filled in here).
func (e *Engine) Open(ctx context.Context, files []File, with protocol.Open, step func(protocol.Step)) (*protocol.Model, error) {
	l := e.newLink()
	m, err := open(ctx, l, files, with, step)
	if err != nil {
		l.close()
		return nil, err
	}
	e.mu.Lock()
	old := e.link
	e.link, e.files, e.with = l, files, with
	e.mu.Unlock()
	if old != nil {
		old.close()
	}
	return m, nil
}

// Refs are files as a request names them, and what they are by those names.
func Refs(files []File) (refs []protocol.FileRef, data map[int]any) {
	data = map[int]any{}
	for i, f := range files {
		refs = append(refs, protocol.FileRef{Ref: i, Name: f.Name, Size: f.Size})
		data[i] = f.Data
	}
	return refs, data
}

func open(ctx context.Context, l *link, files []File, req protocol.Open, step func(protocol.Step)) (*protocol.Model, error) {
	var data map[int]any
	req.Files, data = Refs(files)
	m := new(protocol.Model)
	return m, l.ask(ctx, protocol.OpOpen, req, data, m, func(r *protocol.Reply) {
		if s := new(protocol.Step); step != nil && r.Into(s) == nil {
			step(*s)
		}
	})
}

// Ask puts one question to the engine: body, of the operation's type, and answers with its result. on, if not nil, is called
// with each progress (*protocol.Step) and each part of the result on the way (*P, as the operation has it). The error is a
// *protocol.Error, or context.Canceled.
func Ask[R, P any](ctx context.Context, e *Engine, op string, body any, on func(step *protocol.Step, part *P)) (*R, error) {
	e.mu.Lock()
	l := e.link
	e.mu.Unlock()
	res := new(R)
	err := l.ask(ctx, op, body, nil, res, func(r *protocol.Reply) {
		switch {
		case on == nil:
		case r.Kind == protocol.Progress:
			if s := new(protocol.Step); r.Into(s) == nil {
				on(s, nil)
			}
		case r.Kind == protocol.Partial:
			if p := new(P); r.Into(p) == nil {
				on(nil, p)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// Start begins an engine that needs no model: a mapper. It does nothing if there is one.
func (e *Engine) Start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.link == nil {
		e.link = e.newLink()
	}
}

// Close ends the engine.
func (e *Engine) Close() {
	e.mu.Lock()
	l := e.link
	e.link = nil
	e.mu.Unlock()
	if l != nil {
		l.close()
	}
}

// AskWith is Ask with files, which body names by their Ref: the key of data.
func AskWith[R any](ctx context.Context, e *Engine, op string, body any, data map[int]any, on func(step *protocol.Step)) (*R, error) {
	return Put[R](ctx, e, op, body, data, on)()
}

// Put is AskWith in two: the question is put at once, so that several are answered in the order in which they were put, and what it
// returns waits for the answer.
func Put[R any](ctx context.Context, e *Engine, op string, body any, data map[int]any, on func(step *protocol.Step)) (wait func() (*R, error)) {
	e.mu.Lock()
	l := e.link
	e.mu.Unlock()
	q, err := l.put(ctx, op, body, data)
	return func() (*R, error) {
		if err != nil {
			return nil, err
		}
		res := new(R)
		err := l.wait(ctx, q, res, func(r *protocol.Reply) {
			if s := new(protocol.Step); on != nil && r.Kind == protocol.Progress && r.Into(s) == nil {
				on(s)
			}
		})
		if err != nil {
			return nil, err
		}
		return res, nil
	}
}

// lost is called once for an engine that ended without being asked to.
func (e *Engine) lost(l *link, err *protocol.Error) {
	e.mu.Lock()
	current, files, with := e.link == l, e.files, e.with
	e.mu.Unlock()
	if !current { // it was opening a model: Open says so
		return
	}
	fresh := e.newLink()
	_, failed := open(context.Background(), fresh, files, with, nil)
	e.mu.Lock()
	if e.link != l { // another model was opened meanwhile
		e.mu.Unlock()
		fresh.close()
		return
	}
	e.link = fresh
	e.mu.Unlock()
	var f *protocol.Error
	errors.As(failed, &f)
	if e.Restarted != nil {
		e.Restarted(err, f)
	}
}

// link is one engine and the questions that it has not answered.
type link struct {
	conn   Conn
	lost   func(*link, *protocol.Error)
	mu     sync.Mutex
	dead   *protocol.Error // set when it ended
	lastID uint32
	asked  map[uint32]*question
	silent int // ticks of the watch since the last sign of life: a page that slept counts as one
	watch  bool
}

type question struct {
	id      uint32
	op      string
	replies chan *protocol.Reply
}

func (e *Engine) newLink() *link {
	l := &link{lost: e.lost, asked: map[uint32]*question{}}
	dialled := make(chan struct{})
	l.conn = e.dial(l.receive, l.sign, func(why string) { // maybe before there is a Conn to close
		go func() {
			<-dialled
			code := "crashed"
			if strings.HasPrefix(why, NotStarted) {
				code = "not-started"
			}
			l.fail(&protocol.Error{Code: code, Detail: why})
		}()
	})
	close(dialled)
	return l
}

func (l *link) close() {
	l.end(&protocol.Error{Code: "closed", Detail: "client: the model was closed"}, false)
}

func (l *link) fail(err *protocol.Error) { l.end(err, true) }

// end settles all questions and ends the engine, once.
func (l *link) end(err *protocol.Error, lost bool) {
	l.mu.Lock()
	if l.dead != nil {
		l.mu.Unlock()
		return
	}
	l.dead = err
	asked := l.asked
	l.asked = nil
	l.mu.Unlock()
	l.conn.Close()
	raw, _ := json.Marshal(err)
	for id, q := range asked {
		q.replies <- &protocol.Reply{ID: id, Kind: protocol.Crashed, Body: raw}
	}
	if lost {
		go l.lost(l, err)
	}
}

func (l *link) sign() {
	l.mu.Lock()
	l.silent = 0
	l.mu.Unlock()
}

func (l *link) receive(b []byte) {
	l.sign()
	r, err := protocol.DecodeReply(b)
	if err != nil {
		l.fail(&protocol.Error{Code: "crashed", Detail: err.Error()})
		return
	}
	l.mu.Lock()
	q := l.asked[r.ID]
	l.mu.Unlock()
	if q != nil {
		q.replies <- &r
	}
}

// ask sends a question and waits until it settles. more is called with what comes before the end.
func (l *link) ask(ctx context.Context, op string, body any, files map[int]any, result any, more func(*protocol.Reply)) error {
	q, err := l.put(ctx, op, body, files)
	if err != nil {
		return err
	}
	return l.wait(ctx, q, result, more)
}

// put sends a question; wait is to be called for it.
func (l *link) put(ctx context.Context, op string, body any, files map[int]any) (*question, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l == nil {
		return nil, &protocol.Error{Code: "no-model", Detail: "client: no engine was started"}
	}
	l.mu.Lock()
	l.lastID++
	q := &question{id: l.lastID, op: op, replies: make(chan *protocol.Reply, 1024)}
	l.mu.Unlock()
	msg, err := protocol.EncodeRequest(q.id, op, body)
	if err != nil {
		return nil, &protocol.Error{Code: "bad-request", Where: op, Detail: err.Error()}
	}
	l.mu.Lock()
	if l.dead != nil {
		defer l.mu.Unlock()
		return nil, l.dead
	}
	l.asked[q.id] = q
	l.startWatch()
	l.mu.Unlock()
	l.conn.Post(msg, files)
	return q, nil
}

// wait waits until a question settles.
func (l *link) wait(ctx context.Context, q *question, result any, more func(*protocol.Reply)) error {
	defer func() {
		l.mu.Lock()
		delete(l.asked, q.id)
		l.mu.Unlock()
	}()
	done, hard := ctx.Done(), (<-chan time.Time)(nil)
	for {
		select {
		case r := <-q.replies:
			if ended, err := settle(r, result); ended {
				return err
			}
			more(r)
		case <-done:
			done, hard = nil, time.After(hardCancel)
			if msg, err := protocol.EncodeRequest(q.id, protocol.OpCancel, protocol.Cancel{ID: q.id}); err == nil {
				l.conn.Post(msg, nil)
			}
		case <-hard:
			go l.fail(&protocol.Error{Code: "hung", Where: q.op, Detail: "client: the engine did not stop when asked"})
			return ctx.Err()
		}
	}
}

// settle reads a reply that ends a question.
func settle(r *protocol.Reply, result any) (ended bool, err error) {
	switch r.Kind {
	case protocol.Done:
		return true, r.Into(result)
	case protocol.Cancelled:
		return true, context.Canceled
	case protocol.Failed, protocol.Crashed:
		e := new(protocol.Error)
		if err := r.Into(e); err != nil {
			return true, err
		}
		return true, e
	}
	return false, nil
}

// startWatch looks after an engine that has work, until it has none. l.mu is held.
func (l *link) startWatch() {
	if l.watch {
		return
	}
	l.watch, l.silent = true, 0
	go func() {
		for range time.Tick(Silence / 10) {
			l.mu.Lock()
			l.silent++
			idle, hung := len(l.asked) == 0, l.silent > 10
			l.watch = !idle && !hung
			l.mu.Unlock()
			switch {
			case hung && !idle:
				l.fail(&protocol.Error{Code: "hung", Detail: "client: the engine gave no sign of life"})
				return
			case idle:
				return
			}
		}
	}()
}

// AsError makes any error one that can be said; nil for none, and for one that was asked for.
func AsError(err error) *protocol.Error {
	var e *protocol.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return nil
	case errors.As(err, &e):
		return e
	}
	return &protocol.Error{Code: "failed", Detail: err.Error()}
}

// Lost reports whether an error is that an engine ended.
func Lost(err *protocol.Error) bool {
	return err.Code == "crashed" || err.Code == "hung" || err.Code == "closed"
}
