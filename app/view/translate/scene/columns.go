package scene

import (
	"math"

	"loupe/app/figure"
	"loupe/app/plot"
)

// Places in the layout: Main is the left column, Side stands right of it where there is room.
const (
	Main = "tr-main"
	Side = "tr-side"
)

const (
	wideFrom  = 1150 // content this wide has the side at the right
	sideWide  = 340  // of the side there, as in translate.css
	sideLeast = 300  // of its panels beside one another below the figure
	gap       = 44
	halfGap   = 32  // between two panels of Main beside one another, as in translate.css
	halfLeast = 300 // of one of them
	score     = 52  // room for sums at the right of the tree
)

// Wide reports whether the side stands at the right.
func Wide(in *figure.Input) bool { return in.Width >= wideFrom }

// Aside is how wide a panel of Side is, as translate.css lays it out: at the right, or with others in rows below.
func Aside(in *figure.Input) float64 {
	if Wide(in) {
		return sideWide
	}
	n := max(1, math.Floor((in.Width+gap)/(sideLeast+gap)))
	return math.Floor((in.Width - gap*(n-1)) / n)
}

// Across is how wide each of n panels of Main is beside one another.
func Across(in *figure.Input, n int) float64 {
	main := in.Width
	if Wide(in) {
		main -= sideWide + gap
	}
	return math.Floor((main - halfGap*float64(n-1)) / float64(n))
}

// Half reports whether a panel of Main of some width leaves room for another beside it: it is then laid out so, by its class "half".
func Half(in *figure.Input, width float64) bool { return Across(in, 2) >= max(width, halfLeast) }

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
		c.Width -= sideWide + gap
	}
	if s.In.Touch || s.In.Width < 720 {
		c.Left = 58
	}
	for _, n := range s.T.Nodes[1:] {
		c.Steps = max(c.Steps, n.Step+1)
	}
	word, all, token := 34., 34., 20.
	if s.Ref != nil {
		c.Steps = max(c.Steps, len(s.Ref.Tokens))
		for _, k := range s.Ref.Tokens {
			all = max(all, min(96, plot.Width(plot.OneLine(k.Text), 12)+14))
		}
	}
	for h := range s.T.Hyps {
		for _, n := range PathOf(s.T, h) {
			all = max(all, min(96, plot.Width(plot.OneLine(n.Text), 12)+14))
			if h == 0 { // the best: columns stay where they are when another is chosen
				word = max(word, min(96, plot.Width(plot.OneLine(n.Text), 14)+8))
			}
		}
	}
	word = max(word, min(all, (c.Width-c.Left-score)/float64(c.Steps))) // words of other hypotheses are cut rather than that the figure scrolls
	for _, t := range s.T.Source {
		token = max(token, min(64, plot.Width(plot.OneLine(t.Text), 12)+6))
	}
	c.Width = max(c.Width, c.Left+score+max(word*float64(c.Steps), token*float64(c.Src)))
	c.Right = c.Width - score
	return c
}
