//go:build js

package browser

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"syscall/js"
	"time"

	"loupe/engine/protocol"
)

const (
	// slice is how long the engine computes before it lets the browser's events in: a cancel is heard that soon.
	slice = 8 * time.Millisecond
	// beat is how often a working engine says that it is alive.
	beat = time.Second
)

// Worker is the engine's end: it takes the page's requests, has them answered one at a time, and sends the replies.
type Worker struct {
	page  js.Value // what web/worker.js offers
	ping  js.Value // a MessageChannel's two ends
	pong  chan struct{}
	since time.Time // of the last time that events were let in

	// Urgent, if not nil, reports whether a request of that operation is so short, and keeps so clear of what another is doing, that it
	// is answered while the other works.
	Urgent func(op string) bool
	handle func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any))
	within bool // an urgent request is at work within another

	mu      sync.Mutex
	waiting []*request
	asked   map[uint32]*request // waiting, or at work
	more    chan struct{}
	now     *request
}

// request is one request of the page.
type request struct {
	protocol.Request
	ctx    context.Context
	cancel context.CancelFunc
	files  js.Value // by their number: a File, a URL or a Uint8Array
}

// NewWorker returns the worker that the program runs in.
func NewWorker() *Worker {
	w := &Worker{page: global.Get("loupe"), pong: make(chan struct{}, 1), asked: map[uint32]*request{}, more: make(chan struct{}, 1)}
	channel := global.Get("MessageChannel").New()
	w.ping = channel.Get("port1")
	channel.Get("port2").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		w.pong <- struct{}{}
		return nil
	}))
	return w
}

// Yield lets the browser's events in, a cancel among them, if the last time was a while ago.
func (w *Worker) Yield() error {
	if time.Since(w.since) < slice {
		return nil
	}
	w.ping.Call("postMessage", nil)
	<-w.pong
	if w.Urgent != nil && !w.within {
		w.within = true
		outer := w.now
		for r := w.next(w.Urgent); r != nil; r = w.next(w.Urgent) {
			w.answer(r)
		}
		w.now, w.within = outer, false
	}
	w.since = time.Now()
	return nil
}

// Serve answers requests by handle for as long as the worker lives.
func (w *Worker) Serve(handle func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any))) {
	w.page.Call("serve", js.FuncOf(func(_ js.Value, args []js.Value) any {
		w.receive(args[0])
		return nil
	}))
	w.handle = handle
	any := func(string) bool { return true }
	for range w.more {
		for r := w.next(any); r != nil; r = w.next(any) {
			w.answer(r)
		}
	}
}

// receive takes a message of the page: a cancel is done at once, anything else waits for its turn.
func (w *Worker) receive(m js.Value) {
	req, err := protocol.DecodeRequest(toGo(m.Get("message")))
	if err != nil {
		w.send(0, protocol.Failed, &protocol.Error{Code: "bad-request", Detail: err.Error()})
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if req.Op == protocol.OpCancel {
		var c protocol.Cancel
		if err := req.Bind(&c); err == nil && w.asked[c.ID] != nil {
			w.cancel(w.asked[c.ID])
		}
		return
	}
	r := &request{Request: req, files: m.Get("files")}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	w.asked[req.ID] = r
	w.waiting = append(w.waiting, r)
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// cancel ends a request: one that waits at once, one at work when it lets events in. w.mu is held.
func (w *Worker) cancel(r *request) {
	r.cancel()
	if i := slices.Index(w.waiting, r); i >= 0 {
		w.waiting = slices.Delete(w.waiting, i, i+1)
		delete(w.asked, r.ID)
		w.send(r.ID, protocol.Cancelled, nil)
	}
}

// next takes the request of an operation that is wanted which has waited longest, or nil.
func (w *Worker) next(wanted func(op string) bool) *request {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.waiting, func(r *request) bool { return wanted(r.Op) })
	if i < 0 {
		return nil
	}
	r := w.waiting[i]
	w.waiting = slices.Delete(w.waiting, i, i+1)
	return r
}

func (w *Worker) answer(r *request) {
	defer func() {
		w.mu.Lock()
		delete(w.asked, r.ID)
		w.mu.Unlock()
		r.cancel()
	}()
	w.now, w.since = r, time.Now()
	go w.beat(r.ctx)
	if r.ctx.Err() != nil {
		w.send(r.ID, protocol.Cancelled, nil)
		return
	}
	w.handle(r.ctx, r.Request, func(kind protocol.Kind, body any) { w.send(r.ID, kind, body) })
	w.now = nil
}

// beat says that the worker is alive until ctx ends. It only gets to run when Yield lets it: a hung engine is silent.
func (w *Worker) beat(ctx context.Context) {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			w.page.Call("say", "alive")
		}
	}
}

// send sends one reply. Its bytes are copied once, out of Go's memory, and then change hands.
func (w *Worker) send(id uint32, kind protocol.Kind, body any) {
	b, err := protocol.EncodeReply(id, kind, body)
	if err != nil { // a number that JSON cannot say
		b, _ = protocol.EncodeReply(id, protocol.Failed, &protocol.Error{Code: "engine", Detail: err.Error()})
	}
	w.page.Call("send", toJS(b).Get("buffer"))
}

// Hold gives the page bytes to keep under a key, which it never reads: another worker is handed them (client.Held).
func (w *Worker) Hold(key string, b []byte) {
	w.page.Call("hold", key, toJS(b))
}

// Open gives the bytes of a file that came with the request at work. A URL is fetched whole, with progress.
func (w *Worker) Open(f protocol.FileRef) (io.ReaderAt, error) {
	r := w.now
	data := r.files.Get(fmt.Sprint(f.Ref))
	switch {
	case data.Type() == js.TypeString:
		blob, err := w.download(r, data, f)
		if err != nil {
			return nil, err
		}
		return &blobReader{blob: blob, reader: global.Get("FileReaderSync").New()}, nil
	case data.InstanceOf(uint8Array):
		return &arrayReader{data}, nil
	case data.Truthy():
		return &blobReader{blob: data, reader: global.Get("FileReaderSync").New()}, nil
	}
	return nil, fmt.Errorf("browser: %s: the page does not hold file %d", f.Name, f.Ref)
}

// download fetches a URL into a Blob, which is the browser's memory and not the worker's.
func (w *Worker) download(r *request, url js.Value, f protocol.FileRef) (js.Value, error) {
	var last time.Time
	report := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if done := args[0].Float(); time.Since(last) > 33*time.Millisecond {
			last = time.Now()
			w.send(r.ID, protocol.Progress, protocol.Step{Stage: "download", Done: done, Total: float64(f.Size), Note: f.Name})
		}
		return nil
	})
	defer report.Release()
	abort := global.Get("AbortController").New()
	stop := context.AfterFunc(r.ctx, func() { abort.Call("abort") })
	defer stop()
	blob, err := await(w.page.Call("download", url, report, abort.Get("signal")))
	if r.ctx.Err() != nil {
		return blob, r.ctx.Err()
	}
	return blob, err
}
