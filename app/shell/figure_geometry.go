package shell

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/state"
)

// What the pointer and the keys need to know of places, as pure functions.

// grid is a picture of cells: data-grid="PANEL rows cols".
type grid struct {
	panel      string
	rows, cols int
}

func parseGrid(s string) (g grid, ok bool) {
	f := strings.Fields(s)
	if len(f) != 3 {
		return g, false
	}
	rows, err1 := strconv.Atoi(f[1])
	cols, err2 := strconv.Atoi(f[2])
	return grid{f[0], rows, cols}, err1 == nil && err2 == nil && rows > 0 && cols > 0
}

// box is a place on the screen.
type box struct{ x, y, w, h float64 }

func (b box) mid() (x, y float64) { return b.x + b.w/2, b.y + b.h/2 }

// cell is the row and column of a grid in b at a point; ok is false beside it.
func (g grid) cell(b box, x, y float64) (r, c int, ok bool) {
	if b.w <= 0 || b.h <= 0 || x < b.x || y < b.y || x >= b.x+b.w || y >= b.y+b.h {
		return 0, 0, false
	}
	return min(int((y-b.y)/b.h*float64(g.rows)), g.rows-1), min(int((x-b.x)/b.w*float64(g.cols)), g.cols-1), true
}

// column is the column at x, the first or last one beside the grid: a drag may leave it.
func (g grid) column(b box, x float64) int {
	if b.w <= 0 {
		return 0
	}
	return min(max(int(math.Floor((x-b.x)/b.w*float64(g.cols))), 0), g.cols-1)
}

// place is the box of a cell.
func (g grid) place(b box, r, c int) box {
	w, h := b.w/float64(g.cols), b.h/float64(g.rows)
	return box{b.x + float64(c)*w, b.y + float64(r)*h, w, h}
}

// fillCell puts a cell into an attribute: {r} and {c}.
func fillCell(s string, r, c int) string {
	return strings.NewReplacer("{r}", strconv.Itoa(r), "{c}", strconv.Itoa(c)).Replace(s)
}

// reach is what a shift-click on a mark sets: the range from now to where the mark would put now. A mark that adds
// otherwise says so itself (data-add).
func reach(set string, s *state.State, tokens int) string {
	to := s.Clone()
	to.At = -1
	to.Patch(set)
	if to.At < 0 {
		return set
	}
	now := s.At
	if now < 0 || now >= tokens {
		now = tokens - 1
	}
	return rangePair(now, to.At)
}

// rangePair is the range over two positions and all between, in any order.
func rangePair(a, b int) string {
	a, b = min(a, b), max(a, b)
	return "range=" + strconv.Itoa(max(a, 0)) + "-" + strconv.Itoa(b+1)
}

// nearest is the box next to boxes[from] in a direction (dx, dy: one of them is ±1), or from if there is none: the one
// whose middle is least far along the direction and off it, being off it counting twice.
func nearest(boxes []box, from, dx, dy int) int {
	best, least := from, math.Inf(1)
	fx, fy := boxes[from].mid()
	for i, b := range boxes {
		x, y := b.mid()
		along := (x-fx)*float64(dx) + (y-fy)*float64(dy)
		off := math.Abs((x-fx)*float64(dy)) + math.Abs((y-fy)*float64(dx))
		if i == from || along <= .5 || b.w == 0 && b.h == 0 {
			continue
		}
		if d := along + 2*off; d < least {
			best, least = i, d
		}
	}
	return best
}

// tipPlace is where a tip of size w x h goes so that it can be seen, and stands beside the point, not on it.
func tipPlace(x, y, w, h, viewW, viewH float64) (left, top float64) {
	left, top = x+14, y+18
	if left+w > viewW-8 {
		left = max(8, x-14-w)
	}
	if top+h > viewH-8 {
		top = max(8, y-12-h)
	}
	return left, top
}

// selector is a CSS selector of the marks whose attribute has exactly this value.
func selector(attr, value string) string {
	return "[" + attr + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\a `).Replace(value) + `"]`
}
