//go:build js

// Mapper is the program of the worker that makes maps: the atlas behind the page's requests.
package main

import (
	"context"
	"runtime/debug"

	"loupe/engine/atlas"
	"loupe/engine/protocol"
	"loupe/wasm/browser"
)

// room is how much garbage may lie beside what is in use, in percent, before it is collected. Memory in WASM never shrinks, and what is in
// use is a few large arrays without pointers, so that collecting often costs little.
const room = 25

func main() {
	debug.SetGCPercent(room)
	w := browser.NewWorker()
	a := atlas.New(w.Open, w.Yield)
	w.Urgent = atlas.Urgent
	w.Serve(func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any)) {
		a.Handle(ctx, req, reply)
	})
}
