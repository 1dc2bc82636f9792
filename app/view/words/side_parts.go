package words

import (
	"loupe/app/figure"
	"loupe/engine/protocol"
)

func (d *drawing) side() []figure.Panel                                        { return nil }
func (d *drawing) sideMarks() (m []figure.ScatterMark, l []figure.ScatterLine) { return nil, nil }
func (d *drawing) second() *figure.Panel                                       { return nil }
func (d *drawing) sideReading() []figure.Span                                  { return nil }
func (d *drawing) contextControls() []figure.Control                           { return nil }
func (d *drawing) contextPoints(p *protocol.Points)                            { p.Word = d.opt("occ", "") }
func (d *drawing) hidden(row int) bool                                         { return false }
