//go:build js

// Worker is the program of the worker: the engine behind the page's requests.
package main

import (
	"context"
	"io"
	"runtime/debug"

	"loupe/engine/charset"
	"loupe/engine/protocol"
	"loupe/engine/service"
	"loupe/wasm/browser"
)

// room is how much garbage may lie beside a model and a corpus before it is collected. Memory in WASM never shrinks, so that a share of
// a large one would stay lost; weights and states hold no pointers, so that collecting often costs little.
const room = 32 << 20

func main() {
	w := browser.NewWorker()
	charset.Other = browser.Decode
	var s *service.Service
	reading, set := int64(0), 0 // bytes of the files of the request at work
	collect := func() {
		if percent := int(min(100, max(5, 100*room/max(1, s.Bytes()+reading)))); percent != set {
			set = percent
			debug.SetGCPercent(percent)
		}
	}
	open := func(f protocol.FileRef) (io.ReaderAt, error) {
		reading += f.Size
		collect()
		return w.Open(f)
	}
	s = service.New(open, w.Yield)
	s.Hold = w.Hold
	w.Serve(func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any)) {
		s.Handle(ctx, req, reply)
		reading = 0
		collect()
	})
}
