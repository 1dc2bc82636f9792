package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"loupe/engine/atlas"
	"loupe/engine/protocol"
)

// vectors are the rows of an input embedding or of a vectors file, in an atlas as its map number 1.
type vectors struct {
	a    *atlas.Atlas
	list *protocol.PointsResult
	errs io.Writer
	told time.Time // when progress was last said
}

// everyRow is more rows than any file has.
const everyRow = 1 << 30

// openVectors opens what a name means and takes at most so many of its rows, words first. What is left out is said on errs.
func openVectors(name string, most int, errs io.Writer) (*vectors, error) {
	x, model, err := newSession(name, protocol.Open{})
	if err != nil {
		return nil, err
	}
	defer x.close()
	var held []byte
	x.s.Hold = func(_ string, b []byte) { held = b }
	list, err := ask[protocol.PointsResult](x, protocol.OpPoints, protocol.Points{Source: "input", Max: most}, nil)
	if err != nil {
		return nil, err
	}
	v := &vectors{list: list, errs: errs, told: time.Now()}
	v.a = atlas.New(func(protocol.FileRef) (io.ReaderAt, error) { return bytes.NewReader(held), nil }, nil)
	o, err := askMap[protocol.MapOpened](v, protocol.OpMapOpen,
		protocol.MapOpen{Map: 1, N: list.N, Dim: list.Dim, Vectors: protocol.FileRef{Size: int64(len(held))}})
	if err != nil {
		return nil, err
	}
	v.note(model.Warnings)
	v.note(list.Warnings)
	v.note(o.Warnings)
	return v, nil
}

func (v *vectors) note(list []protocol.Warning) { notes(v.errs, list) }

// askMap asks the atlas. Of long work it says every two seconds how far it is.
func askMap[R any](v *vectors, op string, body any) (*R, error) {
	handle := func(r protocol.Request, reply func(protocol.Kind, any)) { v.a.Handle(context.Background(), r, reply) }
	return askOf[R](handle, op, body, func(_ protocol.Kind, b any) {
		if s, ok := b.(protocol.Step); ok {
			v.progress("%s: %.0f of %.0f", s.Stage, s.Done, s.Total)
		}
	})
}

func (v *vectors) progress(format string, args ...any) {
	if now := time.Now(); now.Sub(v.told) > 2*time.Second {
		v.told = now
		fmt.Fprintf(v.errs, "note: "+format+"\n", args...)
	}
}
