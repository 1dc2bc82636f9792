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

// room is how much garbage may lie beside a model before it is collected. Memory in WASM never shrinks, so that a share of
// a large model would stay lost; weights hold no pointers, so that collecting often costs little.
const room = 32 << 20

func main() {
	w := browser.NewWorker()
	charset.Other = browser.Decode
	var model int64
	open := func(f protocol.FileRef) (io.ReaderAt, error) {
		model += f.Size
		debug.SetGCPercent(int(min(100, max(5, 100*room/max(1, model)))))
		return w.Open(f)
	}
	s := service.New(open, w.Yield)
	s.Hold = w.Hold
	w.Serve(func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any)) {
		s.Handle(ctx, req, reply)
	})
}
