package start

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// call is a unit that is pointed out: at a token it changes sign and keeps the new one to the end, or at least it jumps there.
type call struct {
	unit  int // -1: none
	turn  int // the column where it has changed
	stays bool
	from  float64 // its value before, and there
	to    float64
}

// steady is how many tokens a sign must last before and after a turn.
const steady = 4

// callout chooses the unit that turns most clearly and stays; if none does, the largest jump between two tokens.
func callout(series [][]float64) call {
	best, jump := call{unit: -1}, call{unit: -1}
	clear, far := 0., 0.
	for u, x := range series {
		if t := turn(x); t > 0 {
			if k := min(leastAbs(x[max(0, t-steady):t]), leastAbs(x[t:])); k > clear {
				clear, best = k, call{u, t, true, x[t-1], x[t]}
			}
		}
		for t := 1; t < len(x); t++ {
			if d := math.Abs(x[t] - x[t-1]); d > far {
				far, jump = d, call{u, t, false, x[t-1], x[t]}
			}
		}
	}
	if best.unit >= 0 {
		return best
	}
	return jump
}

// turn is the last column at which the sign changes, if the signs before and after it last for some columns, or 0.
func turn(x []float64) int {
	t := 0
	for i := 1; i < len(x); i++ {
		if (x[i] > 0) != (x[i-1] > 0) {
			t = i
		}
	}
	if t < steady || len(x)-t < steady {
		return 0
	}
	for i := t - steady; i < t-1; i++ {
		if (x[i] > 0) != (x[t-1] > 0) {
			return 0
		}
	}
	return t
}

func leastAbs(x []float64) float64 {
	least := math.Inf(1)
	for _, v := range x {
		least = min(least, math.Abs(v))
	}
	return least
}

// pick is each unit's values at the tokens from..to.
func pick(a *protocol.Array, from, to int) [][]float64 {
	units := a.Shape[1]
	out := make([][]float64, units)
	all := make([]float64, units*(to-from))
	for u := range out {
		out[u] = all[u*(to-from) : (u+1)*(to-from)]
		for t := range out[u] {
			out[u][t] = float64(a.Data[(from+t)*units+u])
		}
	}
	return out
}

// order is the rows of the picture: units, those that change least from token to token on top. Where there are more units
// than rows, some are left out, evenly; keep is not.
func order(series [][]float64, rows, keep int) []int {
	restless := make([]float64, len(series))
	for u, x := range series {
		var r, d rms
		for t := range x {
			r.add(x[t])
			if t > 0 {
				d.add(x[t] - x[t-1])
			}
		}
		restless[u] = math.Sqrt(d.sum/max(float64(d.n), 1)) / r.value()
	}
	all := make([]int, len(series))
	for u := range all {
		all[u] = u
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(restless[a], restless[b]) })
	if len(all) <= rows {
		return all
	}
	out := make([]int, rows)
	for i := range out {
		lo, hi := i*len(all)/rows, (i+1)*len(all)/rows
		out[i] = all[lo]
		if k := slices.Index(all[lo:hi], keep); k >= 0 {
			out[i] = keep
		}
	}
	return out
}

// window is the columns that the picture has room for: now is among them, and what is after now if there is room.
func (s *scene) window(w float64) (from, to int) {
	col := leastCol
	for _, t := range s.in.Run.Tokens {
		col = max(col, min(46, plot.Width(shown(t.Text), 13)+4))
	}
	cols := max(1, min(mostCols, int(w/col)))
	if s.n <= cols {
		return 0, s.n
	}
	from = min(max(0, s.at-cols*3/4), s.n-cols)
	return from, from + cols
}

// columnSet is what a click on column {c} does. The columns are positions only where the picture begins with the text.
func (s *scene) columnSet(from, n int) string {
	if from > 0 {
		return ""
	}
	return "at={c}"
}

// say points the unit out: a box around what is meant, and a sentence under the picture.
func (s *scene) say(b *svg.Builder, c call, rows []int, at place, pitch float64, from int) {
	if c.unit < 0 {
		return
	}
	row := at.h / float64(len(rows))
	y := at.y + float64(slices.Index(rows, c.unit))*row
	x0, x1 := at.x+float64(c.turn)*pitch, at.x+at.w
	if !c.stays {
		x0, x1 = x0-pitch, x0+pitch
	}
	b.Rect(x0, y-.5, x1-x0, row+1, "fp-call", "pointer-events", "none")
	token := shown(s.in.Run.Tokens[from+c.turn].Text)
	text := s.t("turns", strconv.Itoa(c.unit), token)
	if !c.stays {
		text = s.t("jumps", strconv.Itoa(c.unit), svg.Fixed(c.from, 2), svg.Fixed(c.to, 2), token)
	}
	text = plot.Fit(text, at.w, 11)
	wide, x, bottom := plot.Width(text, 11), x0+pitch/2, at.y+at.h
	b.Path("M"+svg.N(x)+","+svg.N(y+row)+"V"+svg.N(bottom), "fp-halo")
	b.Path("M"+svg.N(x)+","+svg.N(y+row)+"V"+svg.N(bottom+11), "fp-lead")
	anchor, tx := "", x+5
	if tx+wide > at.x+at.w {
		anchor, tx = " end", min(x-5, at.x+at.w)
		if tx-wide < at.x {
			anchor, tx = "", at.x+at.w-wide
		}
	}
	b.Text(tx, bottom+16, text, "s11 i2"+anchor, "data-h", "u"+strconv.Itoa(c.unit))
}
