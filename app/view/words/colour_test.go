package words

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/engine/protocol"
)

var nan = float32(math.NaN())

// TestColoursOfLabels holds that the most frequent label has the first colour, and what has none is grey.
func TestColoursOfLabels(t *testing.T) {
	d := made("a b c d e f g", nil, nil, labels("kind", "x y y z y x -"))
	c := d.colours()
	if d.colourBy() != "kind" {
		t.Fatalf("an own column is not what colours show: %q", d.colourBy())
	}
	var got []string
	for _, k := range c.class {
		got = append(got, c.colours[k])
	}
	if want := "k2 k1 k1 k3 k1 k2 k7"; strings.Join(got, " ") != want || c.none != 1 {
		t.Errorf("colours %v, want %v; %d without", got, want, c.none)
	}
	if k := c.kinds[0]; k.n != 3 || d.kindName(&k) != "y" || !slices.Equal(d.code(k.code), []int{1, 2, 4}) {
		t.Errorf("the first category is %+v %q", k, d.kindName(&k))
	}
}

// TestManyColours holds that 18 categories have colours of their own, more than 254 are no trouble, and "unknown" is grey.
func TestManyColours(t *testing.T) {
	for _, n := range []int{1, 6, 7, 8, 18, 19, 400} {
		var names, kinds []string
		for i := range n {
			for j := range n - i + 1 { // the first the most frequent
				names, kinds = append(names, fmt.Sprint(i, "-", j)), append(kinds, fmt.Sprint("k", i))
			}
		}
		names, kinds = append(names, "?"), append(kinds, "unknown")
		for i := range names {
			names[i] = strings.ReplaceAll(names[i], " ", "")
		}
		d := made(strings.Join(names, " "), nil, nil, labels("kind", strings.Join(kinds, " ")))
		d.in.State.Patch("o.words.colour=kind")
		c := d.colours()
		distinct := map[string]bool{}
		for i, k := range c.kinds[:n] {
			distinct[k.colour] = true
			if k.label != i || k.colour == grey && n > vivid {
				t.Errorf("of %d: category %d is %+v", n, i, k)
			}
		}
		if want := min(n, shades); len(distinct) != want {
			t.Errorf("%d categories have %d colours, want %d", n, len(distinct), want)
		}
		if last := c.kinds[n]; last.colour != grey || c.colours[c.class[len(names)-1]] != grey {
			t.Errorf("of %d: unknown is %+v", n, last)
		}
	}
}

func TestColoursOfNumbers(t *testing.T) {
	rank := protocol.Column{Name: "rank", Values: []float32{0, 1, 9, 99, 999, 9999, nan}}
	d := made("a b c d e f g", nil, stateOf("o.words.colour=rank"), rank)
	c := d.colours()
	if !c.scale.log || c.none != 1 || c.class[6] != 0 || c.class[0] != 1 || c.class[5] != steps {
		t.Errorf("ranks: %+v, classes %v", c.scale, c.class)
	}
	if !slices.IsSorted(c.class[:6]) || c.class[2] != 2 || c.class[4] != 6 {
		t.Errorf("ranks by ratio have the classes %v", c.class)
	}
	lo, hi, _ := d.scaleEnds(c)
	if lo != "1" || hi != "10,000" {
		t.Errorf("the scale goes from %q to %q", lo, hi)
	}
	far := protocol.Column{Name: "x", Own: true}
	var names []string
	for i := range 300 {
		far.Values, names = append(far.Values, float32(i%10)-4), append(names, fmt.Sprint(i))
	}
	far.Values[7] = 1e6
	d = made(strings.Join(names, " "), nil, stateOf("o.words.colour=x"), far)
	if c = d.colours(); !c.scale.cut || c.scale.log || c.scale.hi > 5 || c.class[7] != steps {
		t.Errorf("one far out: %+v", c.scale)
	}
	same := protocol.Column{Name: "x", Own: true, Values: []float32{3, 3}}
	d = made("a b", nil, stateOf("o.words.colour=x"), same)
	if c = d.colours(); c.class[0] != c.class[1] {
		t.Errorf("equal numbers have the classes %v", c.class)
	}
}

// TestHidden holds that hidden rows and rows of other layers are not drawn, and the colouring that is kept is not touched.
func TestHidden(t *testing.T) {
	d := made("a b c d", nil, stateOf("o.words.hide="+state.FormatRows([]int{1})), labels("kind", "x x y y"))
	c := d.colours()
	if got := d.classes(c); got[1] != figure.Hidden || got[0] == figure.Hidden || c.class[1] == figure.Hidden {
		t.Errorf("classes %v of %v", got, c.class)
	}
	layer := protocol.Column{Name: "layer", Values: []float32{-1, -1, 0, 0}}
	d = made("a b a b", nil, stateOf("o.words.src=context&o.words.find=a"), layer, labels("kind", "x y x y"))
	if got := d.classes(d.colours()); got[0] != figure.Hidden || got[2] == figure.Hidden {
		t.Errorf("of the last layer: %v", got)
	}
	if s := d.find(); !slices.Equal(s.rows, []int{2}) || !strings.Contains(d.legendSVG(d.colours(), nil, 900, 500), ">1</text>") {
		t.Errorf("each place counts once: found %v, legend %s", s.rows, d.legendSVG(d.colours(), nil, 900, 500))
	}
	d.in.State.Patch("o.words.lay=-1")
	if got := d.classes(d.colours()); got[0] == figure.Hidden || got[2] != figure.Hidden {
		t.Errorf("of the embedding: %v", got)
	}
}

// TestOrder holds that words come before parts of words and all else, each by rank.
func TestOrder(t *testing.T) {
	class := labels("class", "part word punctuation word part")
	class.Own = false
	d := made("ing king . the ed", nil, nil, class, protocol.Column{Name: "rank", Values: []float32{0, 4, 1, 3, 2}})
	if got := d.order(); !slices.Equal(got, []int{3, 1, 0, 4, 2}) {
		t.Errorf("order %v", got)
	}
}
