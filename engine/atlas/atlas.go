// Package atlas answers the protocol's questions about maps of vectors: it holds the vectors and the places of their rows. It runs in the
// mapper, a worker of its own, so that the model's engine stays free.
package atlas

import (
	"context"
	"io"

	"loupe/engine/protocol"
)

// Atlas is any number of maps, by their number.
type Atlas struct {
	open  func(protocol.FileRef) (io.ReaderAt, error)
	yield func() error
}

// New returns an atlas without maps. open gives the bytes of vectors that a request names; yield, if not nil, lets others work for a
// moment (in the browser, the event loop, so that a cancel can arrive).
func New(open func(protocol.FileRef) (io.ReaderAt, error), yield func() error) *Atlas {
	return &Atlas{open: open, yield: yield}
}

// Reply sends one reply to a request.
type Reply func(kind protocol.Kind, body any)

// Handle answers one request: any number of progress replies, then exactly one done, failed or cancelled.
func (a *Atlas) Handle(ctx context.Context, req protocol.Request, reply Reply) {
	panic("atlas: not written")
}
