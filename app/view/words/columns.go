package words

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// columnName is what a column is called on screen: those of files keep their names.
func (d *drawing) columnName(c *protocol.Column) string {
	if key := "words.column." + c.Name; !c.Own && d.l.Has(key) {
		return d.l.T(key)
	}
	return c.Name
}

// label is what label i of a column is called on screen.
func (d *drawing) label(c protocol.Column, i int) string {
	if i < 0 || i >= len(c.Labels) {
		return ""
	}
	if key := "words.label." + c.Name + "." + c.Labels[i]; !c.Own && d.l.Has(key) {
		return d.l.T(key)
	}
	return c.Labels[i]
}

// cell is what a column says of a point; "" if it says nothing.
func (d *drawing) cell(c *protocol.Column, point int) string {
	if point >= len(c.Values) || c.Values[point] != c.Values[point] {
		return ""
	}
	v := c.Values[point]
	switch {
	case c.Labels != nil:
		return d.label(*c, int(v))
	case c.Name == "rank":
		return svg.Count(int(v) + 1)
	}
	return digits(float64(v))
}

// digits writes a number with as many digits as tell something.
func digits(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e9 {
		return svg.Count(int(v))
	}
	if a := math.Abs(v); a >= 1e6 || a < 1e-3 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return svg.Fixed(v, max(0, 2-int(math.Floor(math.Log10(math.Abs(v))))))
}

// values are those of a column for each row of the map.
func (d *drawing) values(c *protocol.Column) []float32 {
	if d.m.Rows == nil {
		return c.Values
	}
	out := make([]float32, d.n)
	for i, p := range d.m.Rows {
		out[i] = c.Values[p]
	}
	return out
}

var orders = plot.Memory[this, []int]{Size: 4}

// order is the rows in the order in which they are labelled and listed: by rank, whole words before parts of words and all else.
func (d *drawing) order() []int {
	return orders.Get(d.this(""), func() []int {
		out := make([]int, d.n)
		for i := range out {
			out[i] = i
		}
		rank, class := columnOf(d.p, "rank"), columnOf(d.p, "class")
		if rank == nil && class == nil {
			return out
		}
		key := make([]float64, d.n) // class first, then rank
		for i := range key {
			p := d.m.Point(i)
			if rank != nil && rank.Values[p] == rank.Values[p] {
				key[i] = float64(rank.Values[p])
			} else {
				key[i] = float64(p)
			}
			if class != nil && class.Labels != nil {
				key[i] += 1e9 * float64(lateness(class, p))
			}
		}
		slices.SortStableFunc(out, func(a, b int) int {
			switch {
			case key[a] < key[b]:
				return -1
			case key[a] > key[b]:
				return 1
			}
			return 0
		})
		return out
	})
}

// lateness is how far behind words a class of tokens stands.
func lateness(class *protocol.Column, point int) int {
	v := class.Values[point]
	if v != v || int(v) >= len(class.Labels) {
		return 3
	}
	return max(0, slices.Index([]string{"word", "number", "part", "punctuation", "special", "bytes"}, class.Labels[int(v)]))
}

var labelled = plot.Memory[this, []string]{Size: 3}

// labels are what stands beside the rows: their names, or what a column says of them.
func (d *drawing) labels() []string {
	c := columnOf(d.p, d.opt("label", ""))
	if c == nil || c.Name == "rank" && !c.Own {
		return d.names()
	}
	return labelled.Get(d.this(c.Name+d.l.Code), func() []string {
		out := make([]string, d.n)
		for i := range out {
			out[i] = d.cell(c, d.m.Point(i))
		}
		return out
	})
}
