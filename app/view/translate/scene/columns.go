package scene

import (
	"loupe/app/figure"
	"loupe/app/plot"
)

// Places in the layout: Main is the left column, Side stands right of it where there is room.
const (
	Main = "tr-main"
	Side = "tr-side"
)

// SideWidth is how wide Side is where it stands at the right, as in translate.css.
const SideWidth = 340

const (
	wideFrom = 1150 // content this wide has the side at the right
	gap      = 44
	score    = 52 // room for sums at the right of the tree
)

// Wide reports whether the side stands at the right.
func Wide(in *figure.Input) bool { return in.Width >= wideFrom }

// Columns places steps and the tokens of the source from Left to Right: they share a width, and have each their own pitch.
type Columns struct {
	Left, Right, Width float64
	Steps, Src         int
}

// X is the middle of a step's column, SX of a source token's.
func (c Columns) X(step int) float64 { return c.Left + (float64(step)+.5)*c.Pitch() }
func (c Columns) SX(j int) float64   { return c.Left + (float64(j)+.5)*c.SPitch() }

// Pitch is the width of a step's column, SPitch of a source token's.
func (c Columns) Pitch() float64  { return (c.Right - c.Left) / float64(max(c.Steps, 1)) }
func (c Columns) SPitch() float64 { return (c.Right - c.Left) / float64(max(c.Src, 1)) }

// columns are as wide as their words, and fill the width that there is.
func (s *Scene) columns() Columns {
	c := Columns{Left: 70, Steps: 1, Src: len(s.T.Source), Width: s.In.Width}
	if Wide(s.In) {
		c.Width -= SideWidth + gap
	}
	if s.In.Touch || s.In.Width < 720 {
		c.Left = 58
	}
	word, token := 34., 20.
	for _, n := range s.T.Nodes[1:] {
		c.Steps = max(c.Steps, n.Step+1)
	}
	for h := range s.T.Hyps { // what was only weighed is cut to fit
		for _, n := range PathOf(s.T, h) {
			word = max(word, min(96, plot.Width(plot.OneLine(n.Text), 14)+12))
		}
	}
	for _, t := range s.T.Source {
		token = max(token, min(64, plot.Width(plot.OneLine(t.Text), 12)+6))
	}
	c.Width = max(c.Width, c.Left+score+max(word*float64(c.Steps), token*float64(c.Src)))
	c.Right = c.Width - score
	return c
}
