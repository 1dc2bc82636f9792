package matches

import (
	"math"

	"loupe/app/view/states/axis"
)

// columns are where a match's tokens stand, counted from its first: it begins under the range (one that is like now
// under now), and has the columns of the text where words fit into them, else wider ones.
type columns struct {
	start  float64 // where the match begins
	pitch  float64
	before int  // tokens before it
	after  int  // tokens from its beginning on
	shared bool // it begins under the range, in the columns of the text
}

const (
	readable = 40 // pixels of a column in which a word can be read
	letters  = 13 // of a token that is a letter
	fewest   = 3  // tokens before a match, if it cannot stand under the range
	mostLeft = 40
	mostLong = 60
	leastFor = 8 // tokens from the beginning on, if the range is at the right edge
)

// place is where the columns stand.
func (p *part) place() columns {
	left, need := p.Cols.Left, float64(readable)
	if p.letters() {
		need = letters
	}
	c := columns{pitch: max(p.Cols.Pitch, need)}
	right := p.in.Width
	if axis.Wide(p.in) {
		right -= axis.SideW + axis.Gap
	}
	if p.in.Touch { // it scrolls sideways
		right = max(right, left+16*c.pitch)
	}
	c.start, c.shared = left+c.pitch*math.Floor((right-left)/c.pitch*.4), false
	switch by := p.by(); {
	case by == byUnits && p.Ranged():
		c.start, c.shared = p.Cols.Edge(p.Lo), p.Cols.Pitch >= need
	case by == byUnits:
		c.start = left + fewest*c.pitch
	case by != byPhrase: // under now, if there is room at both sides
		if x := p.Cols.Edge(p.Now); x >= c.start/2 && x <= right-leastFor*c.pitch {
			c.start = x
		}
	}
	if c.start < left+fewest*c.pitch && !(c.shared && p.Lo > 0) {
		c.start, c.shared = left+fewest*c.pitch, false
	}
	if c.shared {
		right = max(right, p.Cols.Right())
	}
	c.before = min(int((c.start-left)/c.pitch+.01), mostLeft)
	c.after = min(max(int((right-c.start)/c.pitch+.01), leastFor), mostLong)
	return c
}

// letters reports whether nearly all tokens of the text are one letter.
func (p *part) letters() bool {
	long := 0
	for _, t := range p.in.Run.Tokens {
		if len([]rune(t.Text)) > 2 {
			long++
		}
	}
	return long*10 <= len(p.in.Run.Tokens)
}

// x is where column i begins, the match's first being 0; cols are all of them.
func (c columns) x(i int) float64 { return c.start + float64(i)*c.pitch }
func (c columns) left() float64   { return c.x(-c.before) }
func (c columns) right() float64  { return c.x(c.after) }
func (c columns) n() int          { return c.before + c.after }
