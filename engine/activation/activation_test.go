package activation

import (
	"fmt"
	"slices"
	"testing"
)

func TestMatch(t *testing.T) {
	cases := []struct {
		glob, name string
		want       bool
	}{
		{"*", "", true}, {"*", "blocks.0.attn.z", true}, {"embed", "embed", true}, {"embed", "pos_embed", false},
		{"blocks.*.attn.pattern", "blocks.11.attn.pattern", true}, {"blocks.*.attn.pattern", "blocks.11.attn.pattern2", false},
		{"*.hidden", "layers.0.hidden", true}, {"layers.*", "layer.0", false}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxbyy", false}, {"", "", true}, {"", "a", false},
	}
	for _, c := range cases {
		if got := Match(c.glob, c.name); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.glob, c.name, got)
		}
	}
}

// rows are n positions of size numbers, each 10 * position + place.
func rows(pos0, n, size int) []float32 {
	out := make([]float32, 0, n*size)
	for t := range n {
		for i := range size {
			out = append(out, float32(10*(pos0+t)+i))
		}
	}
	return out
}

func TestRecorderKeepsAndReplaces(t *testing.T) {
	r := NewRecorder("a*")
	h := &Hooks{Recorder: r}
	h.At("ab", 0, 3, rows(0, 3, 4), 2, 2)
	h.At("other", 0, 3, rows(0, 3, 4), 4)
	h.At("ab", 3, 1, rows(3, 1, 4), 2, 2)
	if s := r.Get("ab"); s.N != 4 || fmt.Sprint(s.At(3), s.Inner) != "[30 31 32 33] [2 2]" || r.Get("other") != nil {
		t.Fatalf("%+v", s)
	}
	h.At("ab", 1, 1, rows(7, 1, 4), 2, 2) // the text was edited: what came after is gone
	if s := r.Get("ab"); s.N != 2 || fmt.Sprint(s.At(1)) != "[70 71 72 73]" {
		t.Fatalf("%+v", s)
	}
	r.Truncate(1)
	if s := r.Get("ab"); s.N != 1 || len(s.Data) != 4 || fmt.Sprint(r.Names()) != "[ab]" {
		t.Fatalf("%+v", s)
	}
	defer func() {
		if recover() == nil {
			t.Error("a gap was recorded")
		}
	}()
	h.At("ab", 5, 1, rows(5, 1, 4), 2, 2)
}

func TestRecorderOfHeads(t *testing.T) {
	r := NewRecorder("*")
	h := &Hooks{Recorder: r}
	// 2 heads, 2 queries from position 1 on, room for 3 keys: [head, query, key]
	h.AtHeads("p", 0, 1, 2, 1, false, []float32{1, 2})
	h.AtHeads("p", 1, 2, 2, 3, false, []float32{10, 11, -1, 20, 21, 22, 30, 31, -1, 40, 41, 42})
	s := r.Get("p")
	if got := fmt.Sprint(s.N, s.At(0), s.At(1), s.At(2)); got != "3 [1 2] [10 11 30 31] [20 21 22 40 41 42]" {
		t.Error(got)
	}
}

func TestRecorderOfFullHeads(t *testing.T) {
	r := NewRecorder("*")
	h := &Hooks{Recorder: r}
	h.AtHeads("p", 0, 2, 2, 2, true, []float32{1, 2, 3, 4, 5, 6, 7, 8}) // [head, query, key]
	s := r.Get("p")
	if got := fmt.Sprint(s.N, s.At(0), s.At(1), s.KeysAt(0)); got != "2 [1 2 5 6] [3 4 7 8] 2" {
		t.Error(got)
	}
	h.AtHeads("p", 0, 1, 2, 1, true, []float32{1, 5}) // a shorter text
	if got := fmt.Sprint(s.N, s.At(0), s.Data); got != "1 [1 5] [1 5]" {
		t.Error(got)
	}
}

func TestInterventions(t *testing.T) {
	cases := []struct {
		v    Intervention
		want []float32
	}{
		{Intervention{Name: "x", Pos: All, Index: All, Op: Zero}, []float32{0, 0, 0, 0, 0, 0, 0, 0}},
		{Intervention{Name: "x", Pos: 5, Index: All, Op: Set, Value: 9}, []float32{40, 41, 42, 43, 9, 9, 9, 9}},
		{Intervention{Name: "x", Pos: All, Index: 1, Op: Scale, Value: 2}, []float32{40, 41, 84, 86, 50, 51, 104, 106}}, // a head of two numbers
		{Intervention{Name: "x", Pos: 4, Index: 0, Op: Add, Value: .5}, []float32{40.5, 41.5, 42, 43, 50, 51, 52, 53}},
		{Intervention{Name: "x", Pos: 1, To: 5, Index: 0, Op: Add, Value: .5}, []float32{40.5, 41.5, 42, 43, 50, 51, 52, 53}}, // a stretch
		{Intervention{Name: "x", Pos: 5, To: 99, Index: 0, Op: Zero}, []float32{40, 41, 42, 43, 0, 0, 52, 53}},
		{Intervention{Name: "x", Pos: 1, To: 4, Index: 0, Op: Zero}, rows(4, 2, 4)},
		{Intervention{Name: "x", Pos: All, Index: 1, Op: Mean, Mean: []float32{1, 2, 3, 4}}, []float32{40, 41, 3, 4, 50, 51, 3, 4}},
		{Intervention{Name: "x", Pos: All, Index: 2, Op: Zero}, rows(4, 2, 4)}, // no such head
		{Intervention{Name: "y", Pos: All, Index: All, Op: Zero}, rows(4, 2, 4)},
		{Intervention{Name: "x", Pos: 6, Index: All, Op: Zero}, rows(4, 2, 4)},
	}
	for _, c := range cases {
		x := rows(4, 2, 4)
		h := &Hooks{Interventions: []Intervention{c.v}}
		h.At("x", 4, 2, x, 2, 2)
		if !slices.Equal(x, c.want) {
			t.Errorf("%+v: %v, want %v", c.v, x, c.want)
		}
		if !h.Wants(c.v.Name) || h.Wants("z") {
			t.Error("Wants")
		}
	}
	var none *Hooks
	none.At("x", 0, 1, rows(0, 1, 2), 2) // does nothing
	p := []float32{1, 2, 3, 4, 5, 6}     // 1 head, 2 queries, 3 keys
	(&Hooks{Interventions: []Intervention{{Name: "p", Pos: 1, Index: 0, Op: Zero}}}).AtHeads("p", 1, 2, 1, 3, false, p)
	if !slices.Equal(p, []float32{0, 0, 3, 4, 5, 6}) {
		t.Errorf("a row of a pattern: %v", p)
	}
}
