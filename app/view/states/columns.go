package states

import (
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// labels writes the tokens over their columns. The last ones are kept: a drag of the threshold leaves them as they are.
func (d *drawing) labels(b *svg.Builder) {
	b.WriteString(written.Get(labelsKey{&d.in.Run.Tokens[0], d.cols, d.now, d.sel.lo, d.sel.hi}, func() string {
		var b svg.Builder
		d.writeLabels(&b)
		return b.String()
	}))
}

var written = plot.Memory[labelsKey, string]{Size: 4}

type labelsKey struct {
	first       *protocol.Token
	cols        axis.Columns
	now, lo, hi int
}

func (d *drawing) writeLabels(b *svg.Builder) {
	for t, k := range d.in.Run.Tokens {
		class, lit := "i2", []string{"data-h", axis.Hover(d.in, strconv.Itoa(t))}
		switch {
		case t == d.now:
			class = "b inow"
		case t >= d.sel.lo && t < d.sel.hi:
			class = "b"
		}
		if d.cols.Turned {
			x, y := d.cols.X(t)+3, d.cols.Head-6
			b.Open("", "transform", "rotate(-"+svg.N(axis.Slant)+" "+svg.N(x)+" "+svg.N(y)+")")
			plot.Token{Text: k.Text, Max: axis.SlantMax, Class: class, Attrs: lit}.Draw(b, x, y)
			b.Close()
			continue
		}
		plot.Token{Text: k.Text, Anchor: "middle", Class: class, Attrs: lit}.Draw(b, d.cols.X(t), d.cols.Head-8)
	}
}
