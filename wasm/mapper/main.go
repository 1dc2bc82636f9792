//go:build js

// Mapper is the program of the worker that makes maps: the atlas behind the page's requests.
package main

import (
	"context"

	"loupe/engine/atlas"
	"loupe/engine/protocol"
	"loupe/wasm/browser"
)

func main() {
	w := browser.NewWorker()
	a := atlas.New(w.Open, w.Yield)
	w.Serve(func(ctx context.Context, req protocol.Request, reply func(protocol.Kind, any)) {
		a.Handle(ctx, req, reply)
	})
}
