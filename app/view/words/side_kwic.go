package words

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
)

// context is one occurrence in the list.
type context struct {
	row           int // at the layer that is shown
	before, after string
	word          string
	cos           float32 // with the chosen one, if that is known
	known         bool
}

// short is the word with up to n words on each side, or as much where there are no spaces.
func (c context) short(n int) string {
	before, after := strings.Fields(visibleLine(c.before)), strings.Fields(visibleLine(c.after))
	out := bare(c.word)
	if k := min(n, len(before)); k > 0 {
		s := fitEnd(strings.Join(before[len(before)-k:], " "), float64(n)*60, 12)
		out = s + gap(c.before, len(c.before)-1) + out
	}
	if k := min(n, len(after)); k > 0 {
		out += gap(c.after, 0) + plot.Fit(strings.Join(after[:k], " "), float64(n)*60, 12)
	}
	return out
}

// gap is the space that stands at an end of a text, if one does.
func gap(s string, at int) string {
	if s[at] == ' ' {
		return " "
	}
	return ""
}

// listedContexts are those at the layer that is shown: as they follow in the text, or where one is chosen those that are like it first.
func (d *drawing) listedContexts(k *ladder) (out []context) {
	chosen := d.row
	var cos []float32
	if chosen >= 0 && d.ready() {
		cos = d.along(nil, []int{chosen}, false)
	}
	for i := range k.m {
		point := d.rung(k)*k.m + i
		row := d.rowAt(point)
		if row < 0 || point >= len(d.p.Contexts) {
			continue
		}
		f := strings.SplitN(d.p.Contexts[point], "\x1e", 3)
		if len(f) < 3 {
			continue
		}
		c := context{row: row, before: f[0], word: f[1], after: f[2]}
		if cos != nil {
			c.cos, c.known = cos[row], cos[row] == cos[row]
		}
		out = append(out, c)
	}
	if cos != nil {
		slices.SortStableFunc(out, func(a, b context) int {
			return cmp.Or(onTop(b.row, chosen)-onTop(a.row, chosen), cmp.Compare(b.cos, a.cos))
		})
	}
	return out
}

func onTop(row, chosen int) int {
	if row == chosen {
		return 1
	}
	return 0
}

// listedMost is how many contexts the list draws; the table has all.
const listedMost = 100

// contextPanel lists the contexts with the word in the middle.
func (d *drawing) contextPanel() *figure.Panel {
	k := d.ladder()
	if k == nil {
		return nil
	}
	all := d.listedContexts(k)
	p := &figure.Panel{ID: "contexts", Class: "wd-ctx", Title: []figure.Span{{Text: d.t("side.ctx.title")}}, Width: d.sideW, Controls: d.contextControls(),
		Names: d.layerName(k.layers[d.rung(k)]) + ", " + d.t("side.ctx.count", svg.Count(len(all))), Label: d.t("side.ctx.label"), Table: d.contextTable(all)}
	var b svg.Builder
	l := d.contextList(p.Width)
	for i, c := range all[:min(len(all), listedMost)] {
		l.draw(&b, c, float64(i)*d.rowH())
	}
	p.SVG, p.Height = b.String(), float64(min(len(all), listedMost))*d.rowH()+2
	key := "side.ctx.choose"
	if d.row >= 0 {
		key = "side.ctx.like"
	}
	how := "side.ctx.shift"
	if d.in.Touch {
		how = "side.ctx.tap"
	}
	p.HTML = []figure.Block{note(figure.Span{Text: d.t(key) + " " + d.t(how)})}
	if d.opt("text", "") == "file" && d.in.Corpus == "" {
		p.HTML = append(p.HTML, note(figure.Span{Text: d.t("side.ctx.lost")}))
	}
	if len(all) > listedMost {
		p.HTML = append(p.HTML, note(figure.Span{Text: d.t("side.ctx.first", listedMost, svg.Count(len(all)))}))
	}
	return p
}

func (d *drawing) contextTable(all []context) *figure.Table {
	t := &figure.Table{Head: []string{d.t("side.th.before"), d.t("side.th.word"), d.t("side.th.after"), d.t("side.near.cosine")}}
	for _, c := range all {
		row := []string{visibleLine(c.before), visibleLine(c.word), visibleLine(c.after), ""}
		if c.known {
			row[3] = svg.Fixed(float64(c.cos), 3)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// contextList is where things stand in a line of the list: the colours of named sets at the left, the word in the middle, the cosine at
// the right, and for fingers, which have no Shift, what selects.
type contextList struct {
	d                 *drawing
	colour            map[int]string // of rows in named sets
	left, right, w, h float64
}

func (d *drawing) contextList(w float64) *contextList {
	l := &contextList{d: d, colour: map[int]string{}, right: w, w: w, h: d.rowH()}
	for _, s := range d.sets() {
		for _, r := range d.rows(s.points) {
			if s.on {
				l.colour[r], l.left = "k"+strconv.Itoa(s.colour), 12
			}
		}
	}
	if d.in.Touch {
		l.right -= 28
	}
	return l
}

// draw is one line. With Shift it is put among the selected, or taken out of them.
func (l *contextList) draw(b *svg.Builder, c context, y float64) {
	d, base, right := l.d, y+l.h/2+4, l.right
	if d.row >= 0 {
		right -= 40
	}
	word := bare(c.word)
	all := c.before + word + c.after
	half := plot.Width(word, 12) / 2
	mid := l.left + (right-l.left)*.47
	toggle := pair("sel", state.FormatRows(d.pointsOf(toggled(d.sel, c.row))))
	_, picked := slices.BinarySearch(d.sel, c.row)
	ground, class := "wd-hit", "mid b"
	if picked {
		ground = "wd-picked"
	}
	if c.row == d.row {
		class = "mid b inow"
	}
	b.Open("", "data-set", d.choose(c.row), "data-add", toggle, "data-h", d.h(c.row), "data-tip", all, "role", "button", "aria-label", all)
	b.Rect(-4, y, l.right+8, l.h, ground)
	if k := l.colour[c.row]; k != "" {
		b.Circle(3, y+l.h/2, 3, "wd-set "+k)
	}
	b.Text(mid-half-3, base, fitEnd(visibleLine(c.before), mid-half-3-l.left, 12), "i2 end")
	b.Text(mid, base, word, class)
	b.Text(mid+half+3, base, plot.Fit(visibleLine(c.after), right-mid-half-3, 12), "i2")
	if c.known && c.row != d.row {
		b.Text(l.right, base, svg.Fixed(float64(c.cos), 2), "s11 i3 end")
	}
	b.Close()
	if d.in.Touch {
		sign := "+"
		if picked {
			sign = "×"
		}
		b.Open("", "data-set", toggle, "role", "button", "aria-label", d.t("side.ctx.pick")+" "+all)
		b.Rect(l.right+4, y, l.w-l.right, l.h, "wd-hit")
		b.Text(l.w-10, base, sign, "i3 mid")
		b.Close()
	}
}

// visibleLine is a text in one line, with its spaces.
func visibleLine(s string) string {
	return strings.Map(svg.Shown, strings.NewReplacer("\n", " ", "\t", " ").Replace(strings.TrimSpace(s)))
}

// fitEnd is plot.Fit that keeps the end.
func fitEnd(s string, width, px float64) string {
	r := []rune(s)
	slices.Reverse(r)
	f := plot.Fit(string(r), width, px)
	r = []rune(f)
	slices.Reverse(r)
	return string(r)
}

// toggled is rows with one more, or without it.
func toggled(rows []int, row int) []int {
	if i, is := slices.BinarySearch(rows, row); is {
		return slices.Delete(slices.Clone(rows), i, i+1)
	}
	return append(slices.Clone(rows), row)
}

const (
	wayMost  = 60 // ways that are drawn before it would be a tangle
	likeMost = 5  // lines to the contexts that are most like the chosen one
)

// contextMarks are the chosen occurrence, the contexts most like it at its layer, and the ways through the layers.
func (d *drawing) contextMarks() (marks []figure.ScatterMark, lines []figure.ScatterLine) {
	k := d.ladder()
	if k == nil {
		return nil, nil
	}
	chosen, row := d.occurrence(k), d.row
	if row >= 0 {
		for i, c := range d.listedContexts(k) {
			switch {
			case c.row == row:
				marks = append(marks, figure.ScatterMark{Row: row, Kind: "dot", Class: "now inow", Label: c.short(1), Size: 15, Bold: true})
			case c.known && i <= likeMost:
				marks = append(marks, figure.ScatterMark{Row: c.row, Kind: "dot", Class: "now wd-nb", Label: c.short(1), Bold: true})
				lines = append(lines, figure.ScatterLine{Rows: []int{row, c.row}, Kind: "line", Class: "now"})
			}
		}
	}
	if d.ways() {
		for i := range min(k.m, wayMost) {
			if i != chosen {
				lines = append(lines, d.way(k, i, "wd-way"))
			}
		}
	}
	if chosen >= 0 {
		lines = append(lines, d.way(k, chosen, "wd-way now"))
	}
	return marks, slices.DeleteFunc(lines, func(l figure.ScatterLine) bool { return len(l.Rows) < 2 })
}

// way is an occurrence's path through the layers.
func (d *drawing) way(k *ladder, i int, class string) figure.ScatterLine {
	l := figure.ScatterLine{Kind: "path", Class: class}
	for r := range k.layers {
		if row := d.rowAt(r*k.m + i); row >= 0 {
			l.Rows = append(l.Rows, row)
		}
	}
	return l
}
