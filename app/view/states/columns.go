package states

import (
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// columns places the tokens: plot, tracks and gates share them.
type columns struct {
	n      int
	left   float64 // where the first begins; row labels stand before it
	pitch  float64
	turned bool    // labels stand aslant, for they are wider than their columns
	head   float64 // height of the labels
}

const (
	sideW     = 252  // of the facts at the right
	gap       = 40   // between
	wideFrom  = 1036 // content this wide has the facts at the right
	slant     = 52   // degrees
	slantMax  = 74   // widest label that stands aslant
	narrowest = 13   // a column
)

// wide reports whether there is room for the facts at the right.
func wide(in *figure.Input) bool { return in.Width >= wideFrom }

func columnsOf(in *figure.Input) columns {
	c := columns{n: len(in.Run.Tokens), left: 112, head: 22}
	room, least := in.Width, float64(narrowest)
	if wide(in) {
		room -= sideW + gap
	}
	if in.Touch {
		c.left, least = 104, 20
	}
	widest := 0.
	for _, t := range in.Run.Tokens {
		widest = max(widest, labelWidth(t))
	}
	c.pitch = min(96, (room-c.left)/float64(max(c.n, 1)))
	if c.pitch < least {
		c.pitch = least
	}
	if widest+3 > c.pitch {
		c.turned = true
		c.head = 14 + min(widest, slantMax)*math.Sin(slant*math.Pi/180)
	}
	return c
}

func labelWidth(t protocol.Token) float64 {
	body, space := plot.Visible(t.Text)
	w := plot.Width(body, 12)
	if space {
		w += 5
	}
	return w
}

// edge is where column t begins, x its middle.
func (c columns) edge(t int) float64 { return c.left + float64(t)*c.pitch }
func (c columns) x(t int) float64    { return c.edge(t) + c.pitch/2 }

// right is where the last one ends; width leaves room for an aslant label.
func (c columns) right() float64 { return c.edge(c.n) }
func (c columns) width() float64 {
	if c.turned {
		return c.right() + min(slantMax*math.Cos(slant*math.Pi/180), c.head)
	}
	return c.right()
}

// labels writes the tokens over their columns.
func (d *drawing) labels(b *svg.Builder) {
	for t, k := range d.in.Run.Tokens {
		class, lit := "i2", []string{"data-h", "t" + strconv.Itoa(t)}
		switch {
		case t == d.now:
			class = "b inow"
		case t >= d.sel.lo && t < d.sel.hi:
			class = "b"
		}
		if d.cols.turned {
			x, y := d.cols.x(t)+3, d.cols.head-6
			b.Open("", "transform", "rotate(-"+svg.N(slant)+" "+svg.N(x)+" "+svg.N(y)+")")
			plot.Token{Text: k.Text, Max: slantMax, Class: class, Attrs: lit}.Draw(b, x, y)
			b.Close()
			continue
		}
		plot.Token{Text: k.Text, Anchor: "middle", Class: class, Attrs: lit}.Draw(b, d.cols.x(t), d.cols.head-8)
	}
}
