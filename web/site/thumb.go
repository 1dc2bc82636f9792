package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"loupe/app/figure"
	"loupe/engine/protocol"
	"loupe/engine/service"
)

// thumbSize is the most rows and columns of a thumbnail of attention; of a large model thumbLayers and thumbHeads are shown; of
// word vectors the first thumbWords.
const thumbSize, thumbLayers, thumbHeads, thumbWords = 24, 4, 8, 800

// measure opens the model, runs its text, and puts into the card what the model is and a thumbnail of what it computed.
func (c *source) measure() error {
	var files []*os.File
	var open protocol.Open
	for _, name := range c.Files {
		f, err := os.Open(filepath.Join(c.dir, name))
		if err != nil {
			return err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return err
		}
		open.Files = append(open.Files, protocol.FileRef{Ref: len(files), Name: name, Size: st.Size()})
		files = append(files, f)
	}
	s := service.New(func(r protocol.FileRef) (io.ReaderAt, error) { return files[r.Ref], nil }, nil)
	m, err := ask[protocol.Model](s, protocol.OpOpen, open)
	if err != nil {
		return fmt.Errorf("%s: %w", c.dir, err)
	}
	if _, err := ask[protocol.RunResult](s, protocol.OpRun, protocol.Run{Text: c.Text}); err != nil {
		return fmt.Errorf("%s: %w", c.dir, err)
	}
	c.Runs, c.Layers, c.Heads, c.Hidden, c.Parameters = true, m.Layers, m.Heads, m.Hidden, m.Params
	if c.Thumb, err = c.thumb(s, m); err != nil {
		return fmt.Errorf("%s: %w", c.dir, err)
	}
	return nil
}

// thumb is attention, of a model that has heads or two halves, or else the last layer's cell or hidden state; a map of words, where there are no
// layers.
func (c *source) thumb(s *service.Service, m *protocol.Model) (*figure.Thumb, error) {
	if m.Seq != nil {
		a, err := ask[protocol.Array](s, protocol.OpActivation, protocol.Activation{Name: m.Seq.Cross[len(m.Seq.Cross)-1], To: -1, Index: -1})
		if err != nil {
			return nil, err
		}
		return quantise("heads", square(a), -1), nil
	}
	if m.Heads > 0 {
		a, err := ask[protocol.Array](s, protocol.OpPatterns, protocol.Patterns{Size: thumbSize})
		if err != nil {
			return nil, err
		}
		return quantise("heads", some(a), -1), nil
	}
	if m.Layers == 0 {
		a, err := ask[protocol.Array](s, protocol.OpMap, protocol.Map{Max: thumbWords})
		if err != nil {
			return nil, err
		}
		nearer(a.Data)
		return quantise("words", a, -1), nil
	}
	unit := -1
	if c.Shows.Unit != nil {
		unit = *c.Shows.Unit
	}
	var name string
	for _, act := range m.Acts {
		if strings.HasSuffix(act.Name, ".cell") || strings.HasSuffix(act.Name, ".hidden") && !strings.HasSuffix(name, ".cell") {
			name = act.Name
		}
	}
	a, err := ask[protocol.Array](s, protocol.OpActivation, protocol.Activation{Name: name, To: -1, Index: -1})
	if err != nil {
		return nil, err
	}
	return quantise("cells", a, unit), nil
}

// square is the mean of the heads of attention [heads, query, key] as [1, 1, s, s], with zeros where one side is shorter.
func square(a *protocol.Array) *protocol.Array {
	heads, rows, cols := a.Shape[0], a.Shape[1], a.Shape[2]
	s := max(rows, cols)
	out := &protocol.Array{Shape: []int{1, 1, s, s}, Data: make([]float32, s*s)}
	for h := range heads {
		for r := range rows {
			for c := range cols {
				out.Data[r*s+c] += a.Data[(h*rows+r)*cols+c] / float32(heads)
			}
		}
	}
	return out
}

// some is a few heads of patterns [layers, heads, s, s], evenly over the layers.
func some(a *protocol.Array) *protocol.Array {
	layers, heads, cells := min(a.Shape[0], thumbLayers), min(a.Shape[1], thumbHeads), a.Shape[2]*a.Shape[3]
	out := &protocol.Array{Shape: []int{layers, heads, a.Shape[2], a.Shape[3]}}
	for l := range layers {
		from := (l*a.Shape[0] + a.Shape[0]/2) / layers * a.Shape[1] * cells
		if layers == a.Shape[0] {
			from = l * a.Shape[1] * cells
		}
		out.Data = append(out.Data, a.Data[from:from+heads*cells]...)
	}
	return out
}

// nearer moves what is far out to four standard deviations: a word that lies alone would press the others together.
func nearer(x []float32) {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	most := float32(4 * math.Sqrt(sum/float64(len(x))))
	for i, v := range x {
		x[i] = max(-most, min(most, v))
	}
}

// quantise writes numbers as int8, the largest as 127.
func quantise(kind string, a *protocol.Array, unit int) *figure.Thumb {
	t := &figure.Thumb{Kind: kind, Shape: a.Shape, Unit: unit}
	for _, v := range a.Data {
		t.Scale = max(t.Scale, math.Abs(float64(v))/127)
	}
	for _, v := range a.Data {
		t.Data = append(t.Data, byte(int8(math.Round(float64(v)/t.Scale))))
	}
	return t
}

// ask puts one question to the engine.
func ask[R any](s *service.Service, op string, body any) (*R, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var res *R
	s.Handle(context.Background(), protocol.Request{ID: 1, Op: op, Body: raw}, func(kind protocol.Kind, b any) {
		switch kind {
		case protocol.Done:
			res = b.(*R)
		case protocol.Failed:
			err = b.(*protocol.Error)
		}
	})
	return res, err
}
