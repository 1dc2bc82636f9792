package words

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/engine/protocol"
)

// colouring is the colour of each row, and what the colours mean: kinds, or a scale.
type colouring struct {
	class   []uint8 // of each row, into colours
	colours []string
	kinds   []kind // the most frequent first
	scale   *scale
	none    int // rows that have nothing to go by
}

// kind is a label of a column or a named set, and how many rows have it.
type kind struct {
	label  int // of the column, or the set's number
	colour string
	n      int
	code   string
}

// scale is how a number becomes one of steps colours. Where a few rows lie far out, lo and hi are where 1 % and 99 % lie below.
type scale struct {
	lo, hi float64
	log    bool
	cut    bool // some rows lie beyond lo or hi
}

const (
	steps  = 7 // q2 to q8: q0 and q1 are too near to the page
	grey   = "k7"
	vivid  = 6  // categories that have a colour of the palette; k7 is grey
	shades = 18 // before colours come again: each of the palette as it is, lighter, darker
)

// colourBy is what the colours show: a column, "sets" or "none".
func (d *drawing) colourBy() string {
	v := d.opt("colour", "")
	switch {
	case v == "none", v == "sets" && len(d.sets()) > 0, v != "" && columnOf(d.p, v) != nil:
		return v
	}
	for i := range d.p.Columns {
		if c := &d.p.Columns[i]; c.Own && len(c.Labels) > 1 && len(c.Labels) <= 50 && columnOf(d.p, c.Name) != nil {
			return c.Name
		}
	}
	for _, name := range []string{"side", "class"} {
		if c := columnOf(d.p, name); c != nil && d.differ(c) {
			return name
		}
	}
	return "none"
}

var differs = plot.Memory[this, bool]{Size: 8}

// differ reports whether rows differ in a column.
func (d *drawing) differ(c *protocol.Column) bool {
	return differs.Get(d.this(c.Name), func() bool {
		v := d.values(c)
		return slices.ContainsFunc(v, func(x float32) bool { return x != v[0] && x == x })
	})
}

var colourings = plot.Memory[this, *colouring]{Size: 6}

// colours is the colouring, without what is hidden.
func (d *drawing) colours() *colouring {
	by := d.colourBy()
	key := by + " " + strconv.FormatBool(d.in.Dark)
	if by == "sets" {
		for _, s := range d.sets() {
			key += " " + s.text
		}
	}
	return colourings.Get(d.this(key), func() *colouring {
		if by == "sets" {
			return d.bySets()
		}
		c := columnOf(d.p, by)
		switch {
		case by == "none" || c == nil:
			return &colouring{class: make([]uint8, d.n), colours: []string{"k1"}}
		case c.Labels != nil:
			return byLabel(c, d.values(c), d.in.Dark)
		}
		return byNumber(c, d.values(c))
	})
}

// byLabel gives the most frequent labels the palette's colours, and those that follow their shades, in turns.
func byLabel(c *protocol.Column, values []float32, dark bool) *colouring {
	count := make([]int, len(c.Labels))
	out := &colouring{class: make([]uint8, len(values)), colours: []string{grey}}
	for _, v := range values {
		if v == v && v >= 0 && int(v) < len(count) {
			count[int(v)]++
		} else {
			out.none++
		}
	}
	for i, n := range count {
		if n > 0 {
			out.kinds = append(out.kinds, kind{label: i, n: n, code: codeOf(c.Name, c.Labels[i])})
		}
	}
	slices.SortStableFunc(out.kinds, func(a, b kind) int { return b.n - a.n })
	if len(out.kinds) == vivid+1 && out.none == 0 { // the palette is enough
		out.colours = nil
	}
	class := make([]uint8, len(count))
	next := 0
	for i := range out.kinds {
		k := &out.kinds[i]
		if k.colour = grey; !rest(c.Labels[k.label]) {
			k.colour = shade(next, len(out.kinds), dark)
			next++
		}
		at := slices.Index(out.colours, k.colour)
		if at < 0 {
			at = len(out.colours)
			out.colours = append(out.colours, k.colour)
		}
		class[k.label] = uint8(at)
	}
	for i, v := range values {
		if v == v && v >= 0 && int(v) < len(count) {
			out.class[i] = class[int(v)]
		}
	}
	return out
}

// rest reports whether a label says only that there is none.
func rest(label string) bool {
	switch strings.ToLower(label) {
	case "other", "others", "unknown", "none", "nan", "?", "-":
		return true
	}
	return false
}

// palette is the colours c1 to c6 of the style sheet, to be mixed: light, dark.
var palette = [2][vivid]plot.RGB{
	{{0x4A, 0x8B, 0xDA}, {0xCF, 0x95, 0x2A}, {0x62, 0xC7, 0xA8}, {0x71, 0x2C, 0x6D}, {0x46, 0x52, 0x0C}, {0x98, 0x62, 0x49}},
	{{0x35, 0x77, 0xC8}, {0xC1, 0x88, 0x13}, {0x59, 0xB9, 0x9D}, {0xF1, 0xA2, 0xEA}, {0xDE, 0xEE, 0xA1}, {0x8E, 0x54, 0x39}},
}

// shade is the colour of category i of n.
func shade(i, n int, dark bool) string {
	if i < vivid || n == vivid+1 {
		return "k" + strconv.Itoa(i%(vivid+1)+1)
	}
	i %= shades
	if i < vivid {
		return "k" + strconv.Itoa(i+1)
	}
	p := palette[0]
	if dark {
		p = palette[1]
	}
	c, toward := p[i%vivid], 255.
	if i/vivid == 2 {
		toward = 0
	}
	for k := range c {
		c[k] = uint8(float64(c[k])*.58 + toward*.42)
	}
	return c.CSS()
}

// byNumber gives numbers the sequential scale; ranks, and what spans three powers of ten, by their logarithms.
func byNumber(c *protocol.Column, values []float32) *colouring {
	out := &colouring{class: make([]uint8, len(values)), colours: []string{grey}}
	for i := range steps {
		out.colours = append(out.colours, "q"+strconv.Itoa(i+9-steps))
	}
	out.scale = scaleOf(c, values)
	for i, v := range values {
		if v != v || math.IsInf(float64(v), 0) {
			out.none++
			continue
		}
		out.class[i] = uint8(1 + out.scale.step(float64(v)))
	}
	return out
}

func scaleOf(c *protocol.Column, values []float32) *scale {
	var s []float32
	for _, v := range values {
		if v == v && !math.IsInf(float64(v), 0) {
			s = append(s, v)
		}
	}
	if len(s) == 0 {
		return &scale{}
	}
	slices.Sort(s)
	out := &scale{lo: float64(s[0]), hi: float64(s[len(s)-1])}
	if c.Name == "rank" && !c.Own || out.lo > 0 && out.hi > 1000*out.lo {
		out.log = true
		return out
	}
	lo, hi := float64(s[len(s)/100]), float64(s[len(s)-1-len(s)/100])
	if span := hi - lo; span > 0 && out.hi-out.lo > 3*span {
		out.lo, out.hi, out.cut = lo, hi, true
	}
	return out
}

// step is the colour of v, from 0.
func (s *scale) step(v float64) int {
	lo, hi := s.lo, s.hi
	if s.log {
		shift := max(0, 1-lo) // ranks begin at 0
		v, lo, hi = math.Log(max(v+shift, 1e-300)), math.Log(lo+shift), math.Log(hi+shift)
	}
	if !(hi > lo) {
		return steps - 1
	}
	return min(steps-1, max(0, int((v-lo)/(hi-lo)*steps)))
}

// bySets gives the named sets that are on their colours; all other rows are grey.
func (d *drawing) bySets() *colouring {
	out := &colouring{class: make([]uint8, d.n), colours: []string{grey}}
	in := 0
	for _, s := range d.sets() {
		rows := d.rows(s.points)
		colour := "k" + strconv.Itoa(s.colour)
		out.kinds = append(out.kinds, kind{label: s.k, colour: colour, n: len(rows), code: s.code})
		if !s.on {
			continue
		}
		at := slices.Index(out.colours, colour)
		if at < 0 {
			at = len(out.colours)
			out.colours = append(out.colours, colour)
		}
		for _, r := range rows {
			if out.class[r] == 0 {
				in++
			}
			out.class[r] = uint8(at)
		}
	}
	out.none = d.n - in
	return out
}

var drawnClasses = plot.Memory[this, []uint8]{Size: 4}

// classes are those of the colouring, with figure.Hidden for rows that are not shown.
func (d *drawing) classes(c *colouring) []uint8 {
	hide, layer := d.opt("hide", ""), d.shownLayer()
	if hide == "" && layer == "" {
		return c.class
	}
	by := d.colourBy()
	if by == "sets" {
		for _, s := range d.sets() {
			by += " " + s.text
		}
	}
	return drawnClasses.Get(d.this(strings.Join([]string{by, strconv.FormatBool(d.in.Dark), hide, layer}, "\n")), func() []uint8 {
		out := slices.Clone(c.class)
		for _, r := range d.rows(d.code(hide)) {
			out[r] = figure.Hidden
		}
		if col := columnOf(d.p, "layer"); col != nil && layer != "" {
			want, _ := strconv.Atoi(layer)
			for i, v := range d.values(col) {
				if int(v) != want {
					out[i] = figure.Hidden
				}
			}
		}
		return out
	})
}

// shownLayer is the layer whose rows are shown, of words in their contexts; "" where there are none.
func (d *drawing) shownLayer() string {
	if k := d.ladder(); k != nil {
		return strconv.Itoa(d.layer(k))
	}
	return ""
}

// once is a number of rows as a number of words: in their contexts each is there at every layer.
func (d *drawing) once(n int) int {
	if k := d.ladder(); k != nil {
		return n / len(k.layers)
	}
	return n
}
