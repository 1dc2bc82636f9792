//go:build js

// Worker is the program of the worker: the engine behind the page's requests.
package main

import (
	"context"
	"runtime/debug"

	"loupe/engine/protocol"
	"loupe/engine/service"
	"loupe/wasm/browser"
)

func main() {
	// Memory in WASM never shrinks. Weights hold no pointers, so that collecting often costs little.
	debug.SetGCPercent(20)
	w := browser.NewWorker()
	s := service.New(w.Open, w.Yield)
	w.Serve(func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any)) {
		s.Handle(ctx, req, reply)
	})
}
