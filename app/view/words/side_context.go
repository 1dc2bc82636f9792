package words

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// contexts reports whether the map shows hidden states of a word in its contexts.
func (d *drawing) contexts() bool { return d.opt("src", "") == "context" }

// contextText is which text it is: "" (the session's), "sample", "zh" (the Chinese one) or "file".
func (d *drawing) contextText() string {
	if t := d.among("text", "", "sample", "zh", "file"); t != "file" || d.in.Corpus != "" {
		return t
	}
	return ""
}

// occ is the word whose contexts are mapped; every token where "*" is typed, or nothing of the session's text.
func (d *drawing) occ() string {
	def := map[string]string{"sample": "bank", "zh": "打", "file": "the"}
	return d.opt("occ", def[d.contextText()])
}

// contextPoints are what is asked for.
func (d *drawing) contextPoints(p *protocol.Points) {
	if p.Word = d.occ(); p.Word == "*" {
		p.Word = ""
	}
	p.Max = min(p.Max, 1000) // occurrences; each has a row a layer
	switch d.contextText() {
	case "":
		if p.Key = d.textKey(); d.model != "" && d.in.Run != nil { // which has not read it
			p.Text = d.in.Run.Text
		}
	case "sample":
		p.Text = sampleEn
	case "zh":
		p.Text = sampleZh
	case "file":
		p.Text = d.in.Corpus
	}
}

// textKey tells the session's text from others.
func (d *drawing) textKey() string {
	if d.in.Run == nil {
		return ""
	}
	h := fnv.New64a()
	h.Write([]byte(d.in.Run.Text))
	return strconv.FormatUint(h.Sum64(), 36)
}

// contextControls choose the word, its text, the layer that is shown, and whether ways through the layers are drawn.
func (d *drawing) contextControls() []figure.Control {
	if !d.contexts() {
		return nil
	}
	text := figure.Control{Kind: "select", Key: "o.words.text", Label: d.t("side.ctx.text"), Value: d.contextText(), Options: []figure.Option{
		{Value: "", Label: d.t("side.ctx.session")}, {Value: "sample", Label: d.t("side.ctx.sample")}, {Value: "zh", Label: d.t("side.ctx.zh")}}}
	if d.in.Corpus != "" {
		text.Options = append(text.Options, figure.Option{Value: "file", Label: d.t("side.ctx.file")})
	}
	out := []figure.Control{{Kind: "text", Key: "o.words.occ", Label: d.t("side.ctx.word"), Value: d.occ(), Tip: d.t("side.ctx.word.tip")}, text,
		{Kind: "button", Key: "do:" + figure.DoCorpus, Label: d.t("side.ctx.open")}}
	if c := d.ladder(); c != nil && len(c.layers) > 1 {
		ways := ""
		if d.ways() {
			ways = "1"
		}
		out = append(out, figure.Control{Kind: "number", Key: "o.words.lay", Label: d.t("side.ctx.layer"), Value: strconv.Itoa(d.layer(c)),
			Min: float64(c.layers[0]), Max: float64(c.layers[len(c.layers)-1]), Step: 1},
			figure.Control{Kind: "switch", Key: "o.words.way", Label: d.t("side.ctx.ways"), Value: ways, Tip: d.t("side.ctx.ways.tip")})
	}
	return out
}

// ladder is how points stand for occurrences at layers: point i of layers[l] is l*m+i.
type ladder struct {
	layers []int
	m      int // occurrences
}

var ladders = plot.Memory[*protocol.PointsResult, *ladder]{Size: 3}

// ladder of the points; nil if they are no contexts.
func (d *drawing) ladder() *ladder {
	if !d.contexts() || d.p == nil || d.p.N == 0 {
		return nil
	}
	return ladders.Get(d.p, func() *ladder {
		c := columnOf(d.p, "layer")
		if c == nil {
			return nil
		}
		k := &ladder{}
		for _, v := range c.Values {
			if n := len(k.layers); n == 0 || k.layers[n-1] != int(v) {
				k.layers = append(k.layers, int(v))
			}
		}
		if k.m = d.p.N / len(k.layers); k.m*len(k.layers) != d.p.N {
			return nil
		}
		return k
	})
}

// layer is the layer that is shown: the last before one is chosen.
func (d *drawing) layer(k *ladder) int {
	last := k.layers[len(k.layers)-1]
	return int(d.number("lay", float64(last), float64(k.layers[0]), float64(last)))
}

// rung is the index of the layer that is shown among those that there are: the nearest below.
func (d *drawing) rung(k *ladder) int {
	i, ok := slices.BinarySearch(k.layers, d.layer(k))
	if !ok {
		i--
	}
	return max(i, 0)
}

// ways reports whether each occurrence's way through the layers is drawn.
func (d *drawing) ways() bool { return d.opt("way", "") == "1" }

// hidden reports whether a row is of another layer than the one that is shown.
func (d *drawing) hidden(row int) bool {
	k := d.ladder()
	return k != nil && d.m.Point(row)/k.m != d.rung(k)
}

// layerName is a layer in words: -1 is the embedding.
func (d *drawing) layerName(l int) string {
	if l < 0 {
		return d.t("side.ctx.embedding")
	}
	return d.t("side.ctx.layern", l)
}

// lift puts points to the layer that is shown: what is selected or named there is the same places at each layer.
func (d *drawing) lift(k *ladder, points []int) (rows []int) {
	for _, p := range points {
		if r := d.rowAt(d.rung(k)*k.m + p%k.m); r >= 0 {
			rows = append(rows, r)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// atLayer is a row of a context at the layer that is shown; any other row is itself.
func (d *drawing) atLayer(row int) int {
	if k := d.ladder(); k != nil && row >= 0 {
		return d.rowAt(d.rung(k)*k.m + d.m.Point(row)%k.m)
	}
	return row
}

// occurrence is the one that is chosen, or -1.
func (d *drawing) occurrence(k *ladder) int {
	if d.row < 0 {
		return -1
	}
	return d.m.Point(d.row) % k.m
}

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
	chosen := d.row
	like := chosen >= 0 && d.ready()
	p := &figure.Panel{ID: "contexts", Class: "wd-ctx", Title: []figure.Span{{Text: d.t("side.ctx.title")}}, Width: d.sideW, Controls: d.contextControls(),
		Names: d.layerName(k.layers[d.rung(k)]) + ", " + d.t("side.ctx.count", svg.Count(len(all))), Label: d.t("side.ctx.label")}
	p.Table = &figure.Table{Head: []string{d.t("side.th.before"), d.t("side.th.word"), d.t("side.th.after")}}
	if like {
		p.Table.Head = append(p.Table.Head, d.t("side.near.cosine"))
	}
	var b svg.Builder
	y := 0.
	for i, c := range all {
		if i < listedMost {
			d.drawContext(&b, c, y, p.Width, chosen, like)
			y += d.rowH()
		}
		row := []string{shown(c.before), shown(c.word), shown(c.after)}
		if c.known {
			row = append(row, svg.Fixed(float64(c.cos), 3))
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	p.SVG, p.Height = b.String(), y+2
	key := "side.ctx.choose"
	if like {
		key = "side.ctx.like"
	}
	p.HTML = []figure.Block{note(figure.Span{Text: d.t(key)})}
	if len(all) > listedMost {
		p.HTML = append(p.HTML, note(figure.Span{Text: d.t("side.ctx.first", listedMost, svg.Count(len(all)))}))
	}
	return p
}

// drawContext is a line of the list. With Shift it is put among the selected, or taken out of them.
func (d *drawing) drawContext(b *svg.Builder, c context, y, w float64, chosen int, like bool) {
	base, right := y+d.rowH()/2+4, w
	if like {
		right -= 40
	}
	word := bare(c.word)
	half := plot.Width(word, 12) / 2
	mid := right * .47
	b.Open("", "data-set", d.choose(c.row), "data-add", pair("sel", state.FormatRows(d.pointsOf(toggled(d.sel, c.row)))), "data-h", d.h(c.row),
		"data-tip", c.before+word+c.after, "role", "button", "aria-label", c.before+word+c.after)
	ground, class := "wd-hit", "mid b"
	if _, is := slices.BinarySearch(d.sel, c.row); is {
		ground = "wd-picked"
	}
	if c.row == chosen {
		class = "mid b inow"
	}
	b.Rect(-4, y, w+8, d.rowH(), ground)
	b.Text(mid-half-3, base, fitEnd(visibleLine(c.before), mid-half-3, 12), "i2 end")
	b.Text(mid, base, word, class)
	b.Text(mid+half+3, base, plot.Fit(visibleLine(c.after), right-mid-half-3, 12), "i2")
	if c.known && c.row != chosen {
		b.Text(w, base, svg.Fixed(float64(c.cos), 2), "s11 i3 end")
	}
	b.Close()
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
