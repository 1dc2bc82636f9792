package attention

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// thumb is how many cells a head's picture has at most on a side: a longer text is pooled by maximum.
const thumb = 48

// allHeads is the grid of layers x heads.
func (s *scene) allHeads() figure.Panel {
	p := figure.Panel{ID: "heads", Class: "att-heads", Title: []figure.Span{{Text: s.L.T("attn.all", s.layers*s.heads)}},
		Names: strings.Replace(s.patterns[0], ".0.", ".*.", 1),
		Label: s.L.T("attn.all.label", s.layers, s.heads), Table: s.headTable()}
	if s.scores == nil && s.square() {
		p.Busy = s.L.T("attn.scores.busy")
	}
	if c, ok := s.halfControl(); ok {
		p.Controls = []figure.Control{c}
	} else {
		p.Names += fmt.Sprintf(" [%d, %d, %d, %d]", s.layers, s.heads, s.n, s.m)
	}
	g := grid{lab: 22, top: 16, gap: 4}
	g.pitch = min((s.place.heads-g.lab)/float64(s.heads), 64, max(28, 540/float64(s.layers)))
	if g.pitch < 24 {
		g.gap = 2
	}
	g.side = g.pitch - g.gap
	var b svg.Builder
	for h := 0; h < s.heads; h++ {
		b.Text(g.lab+float64(h)*g.pitch+g.side/2, 10, strconv.Itoa(h), axisClass(h == s.head)+" mid")
	}
	for l := 0; l < s.layers; l++ {
		b.Text(g.lab-8, g.top+float64(l)*g.pitch+g.side/2+4, strconv.Itoa(l), axisClass(l == s.layer)+" end")
	}
	p.Under = s.thumbnails(&g)
	x, y := g.lab+float64(s.head)*g.pitch-2, g.top+float64(s.layer)*g.pitch-2
	b.Rect(x, y, g.side+4, g.side+4, "selhalo")
	b.Rect(x, y, g.side+4, g.side+4, "sel")
	bottom := g.top + float64(s.layers)*g.pitch - g.gap + 18
	p.Height = s.legend(&b, g.lab, bottom, s.place.heads) + 6
	p.Width, p.SVG = s.place.heads, b.String()
	return p
}

// grid is where the heads stand.
type grid struct{ lab, top, pitch, gap, side float64 }

// thumbnails are all heads. They do not depend on now: moving it draws none of them again.
func (s *scene) thumbnails(g *grid) string {
	a := s.pictures()
	draw := func() string {
		var b svg.Builder
		var pictures []string
		if a != nil {
			pictures = drawThumbs(a, s.pal, s.full)
			b.Grow(len(pictures) * (len(pictures[0]) + 600))
		}
		for i := range s.layers * s.heads {
			l, h, href := i/s.heads, i%s.heads, ""
			if a != nil {
				href = pictures[i]
			}
			s.thumbnail(&b, l, h, g.lab+float64(h)*g.pitch, g.top+float64(l)*g.pitch, g.side, href)
		}
		return b.String()
	}
	if a == nil {
		return draw()
	}
	key := made{array: a, dark: s.in.Dark, what: fmt.Sprint("heads ", *g, s.L.Code, s.scores == nil, s.in.State.Changes)}
	return remember(key, draw)
}

func axisClass(chosen bool) string {
	if chosen {
		return "s11 b inow"
	}
	return "s11 i3"
}

// thumbnail is one head of the grid. Off is a shape: the picture pales and is struck through.
func (s *scene) thumbnail(b *svg.Builder, l, h int, x, y, side float64, href string) {
	k, off := s.kindOf(l, h), s.offBy(l, h) != ""
	b.Open("att-head", "data-set", fmt.Sprintf("layer=%d&head=%d", l, h), "data-h", "h"+headName(l, h), "data-tip", s.headTip(l, h, k, off))
	b.Rect(x, y, side, side, "att-ground")
	class := ""
	switch {
	case off:
		class = "att-off"
	case k == resting:
		class = "att-faded"
	}
	if href != "" {
		b.Image(x, y, side, side, href, class)
	} else {
		b.Path("M"+svg.N(x)+","+svg.N(y)+"v"+svg.N(side)+"h"+svg.N(side)+"z", "att-waiting")
	}
	if off {
		b.Path(fmt.Sprintf("M%s,%sl%s,%s", svg.N(x+2), svg.N(y+side-2), svg.N(side-4), svg.N(4-side)), "att-strike")
	}
	if k.letter != "" && side >= 14 {
		b.Text(x+side-1, y+10, k.letter, "s10 b end halo att-"+k.letter)
	}
	b.Close()
}

func (s *scene) headTip(l, h int, k kind, off bool) string {
	t := s.L.T("attn.head", headName(l, h))
	if off {
		t = s.L.T("attn.head.off", headName(l, h))
	}
	if s.scores != nil {
		t += s.L.T("attn.tip.scores", svg.Fixed(s.score(l, h, previous), 2), svg.Fixed(s.score(l, h, induction), 2),
			svg.Fixed(s.score(l, h, same), 2), svg.Fixed(s.score(l, h, first), 2))
	}
	t += s.L.T("attn.tip.colour")
	if n := max(s.n, s.m); n > thumb {
		t += s.L.T("attn.tip.pooled", n, thumb)
	}
	return t
}

// pictures are the heads' pictures as numbers, [layers, heads, rows, columns], or nil while they are not there.
func (s *scene) pictures() *protocol.Array {
	a := s.in.Patterns(thumb, s.half)
	if a == nil || len(a.Shape) != 4 || a.Shape[0] != s.layers || a.Shape[1] != s.heads || len(a.Data) != s.layers*s.heads*a.Shape[2]*a.Shape[3] {
		return nil
	}
	return a
}

// drawThumbs makes a picture of each head.
func drawThumbs(a *protocol.Array, pal *plot.Palette, full bool) []string {
	rows, columns := a.Shape[2], a.Shape[3]
	out := make([]string, a.Shape[0]*a.Shape[1])
	for i := range out {
		cells := a.Data[i*rows*columns:][:rows*columns]
		out[i] = plot.Levels(rows, columns, &pal.Seq, func(r, c int) float64 {
			if c > r && !full {
				return math.NaN()
			}
			return .06 + .94*math.Sqrt(float64(cells[r*columns+c]))
		})
	}
	return out
}

// legend says what the letters and the fading mean, with counts, from y on; it returns its bottom.
func (s *scene) legend(b *svg.Builder, x, y, w float64) float64 {
	wrapped := func(note string) float64 {
		for _, line := range plot.Wrap(note, w-x, 11) {
			y += 17
			b.Text(x, y, line, "s11 i3")
		}
		return y
	}
	if !s.square() {
		y -= 17
		return wrapped(s.L.T("attn.rows.cross"))
	}
	count := map[kind]int{}
	for l := 0; l < s.layers; l++ {
		for h := 0; h < s.heads; h++ {
			count[s.kindOf(l, h)]++
		}
	}
	number := func(k kind) string {
		if s.scores == nil {
			return "–"
		}
		return strconv.Itoa(count[k])
	}
	at := x
	put := func(letter, words, class string) {
		width := plot.Width(letter+words, 12) + 5
		if letter != "" {
			width += 6
		}
		if at > x && at+width > w {
			at, y = x, y+18
		}
		t := at
		if letter != "" {
			b.Text(at, y, letter, "b att-"+letter)
			t += plot.Width(letter, 12) + 6
		}
		b.Text(t, y, words, class)
		at += width + 14
	}
	for _, k := range kinds {
		put(k.letter, s.L.T("attn.kind."+k.key)+" "+number(k), "i2")
	}
	put("", s.L.T("attn.faded", number(resting)), "i3")
	return wrapped(s.L.T("attn.threshold", svg.Fixed(patternScore, 1), svg.Fixed(restScore, 1)))
}

// headTable is the grid as numbers.
func (s *scene) headTable() *figure.Table {
	t := &figure.Table{Head: []string{s.L.T("attn.table.head")}}
	if s.square() {
		t.Head = append(t.Head, s.L.T("attn.table.kind"), s.L.T("attn.score.previous"), s.L.T("attn.score.induction"), s.L.T("attn.score.same"), s.L.T("attn.score.first"))
	}
	t.Head = append(t.Head, s.L.T("attn.table.state"))
	for l := 0; l < s.layers; l++ {
		for h := 0; h < s.heads; h++ {
			row := []string{headName(l, h), "–", "–", "–", "–", "–"}[:len(t.Head)-1]
			if s.scores != nil {
				row[1] = s.L.T("attn.kind." + s.kindOf(l, h).key)
				for i := range 4 {
					row[2+i] = svg.Fixed(s.score(l, h, i), 2)
				}
			}
			state := s.L.T("attn.on")
			if s.offBy(l, h) != "" {
				state = s.L.T("attn.off")
			}
			t.Rows = append(t.Rows, append(row, state))
		}
	}
	return t
}
