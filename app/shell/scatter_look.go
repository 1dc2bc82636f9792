package shell

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// hover lights the row under the pointer, and all that belongs to it.
func (v *scatterView) hover(e app.Value, x, y, wx, wy float64) {
	if ofPanel(e) || touches(e) {
		v.ring(-1)
		return
	}
	row := v.pic.Nearest(x, y, mouseReach)
	v.look(row)
	if row < 0 || v.pic.S.Tip == nil {
		v.P.hideTip()
	} else {
		v.P.say(v.pic.S.Tip(row), wx, wy)
	}
}

// look lights a row; -1: none.
func (v *scatterView) look(row int) {
	h := ""
	if s := v.pic.S; row >= 0 && s.Hover != nil {
		h = s.Hover(row)
	}
	v.P.light(h)
	v.ring(row)
}

// left is when the pointer, or the focus, leaves.
func (v *scatterView) left(app.Value) {
	if !v.hand.busy() {
		v.look(-1)
		v.P.hideTip()
	}
}

// lightRow rings the row that belongs to a data-h elsewhere.
func (v *scatterView) lightRow(h string) {
	row := -1
	if s := v.pic.S; h != "" && s != nil && s.Row != nil {
		row = s.Row(h)
	}
	if row != v.lit {
		v.ring(row)
	}
}
