package shell

import (
	"encoding/binary"
	"encoding/csv"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// savedMap is a map of points 2, 0 and 1 of three.
func savedMap() *figure.Map {
	nan := float32(math.NaN())
	return &figure.Map{Rows: []int{2, 0, 1},
		Spec: figure.MapSpec{Layout: protocol.Layout{Metric: "cosine"}},
		Points: &protocol.PointsResult{N: 3, Names: protocol.Names{"=1+1", " 1,024\t\"x\"\n", "-king"}, IDs: []float32{7, 8, 9},
			Columns: []protocol.Column{{Name: "rank", Values: []float32{0, nan, -2.5}}, {Name: "class", Labels: []string{"word", "=mark"}, Values: []float32{1, 0, nan}}}},
		Frame: &protocol.MapFrame{Dims: 2, Y: []float32{-1.5, .25, 1e-7, 3, nan, nan}}}
}

func TestPlacesCSV(t *testing.T) {
	text := placesText(savedMap(), []int{0, 1, 2}, true)
	body, ok := strings.CutPrefix(text, "\ufeff")
	if !ok {
		t.Errorf("no mark: %q", text)
	}
	got, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"name", "token", "x", "y", "rank", "class"}, {"'-king", "9", "-1.5", "0.25", "-2.5", ""},
		{"'=1+1", "7", "1e-07", "3", "0", "'=mark"}, {" 1,024\t\"x\"\n", "8", "", "", "", "word"}}
	for i, row := range want {
		if strings.Join(got[i], "|") != strings.Join(row, "|") {
			t.Errorf("row %d = %q, want %q", i, got[i], row)
		}
	}
}

func TestPlacesTSV(t *testing.T) {
	m := savedMap()
	if got, want := placesText(m, []int{1, 2}, false), "name\ttoken\tx\ty\trank\tclass\n=1+1\t7\t1e-07\t3\t0\t=mark\n 1,024\\t\"x\"\\n\t8\t\t\t\tword\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m.Frame = nil
	m.Points.Contexts = protocol.Names{"a", "b \x1ec\x1e d", "e"}
	if got, want := placesText(m, []int{2}, false), "name\ttoken\trank\tclass\tcontext\n 1,024\\t\"x\"\\n\t8\t\tword\tb c d\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPlacesNPY(t *testing.T) {
	b := placesNPY(savedMap().Frame)
	n := int(binary.LittleEndian.Uint16(b[8:]))
	head := string(b[10 : 10+n])
	if string(b[:8]) != "\x93NUMPY\x01\x00" || (10+n)%64 != 0 || !strings.HasSuffix(head, "\n") || !strings.HasPrefix(head, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }") {
		t.Errorf("header of %d bytes %q", n, head)
	}
	if data := b[10+n:]; len(data) != 24 || math.Float32frombits(binary.LittleEndian.Uint32(data)) != -1.5 || math.Float32frombits(binary.LittleEndian.Uint32(data[12:])) != 3 {
		t.Errorf("numbers %v", data)
	}
}

func TestNearCSV(t *testing.T) {
	nan := float32(math.NaN())
	r := &protocol.MapTableResult{K: 2, Rows: []float32{1, 2, 0, nan, nan, nan}, Values: []float32{.5, -.25, .5, nan, nan, nan}}
	want := "\ufeffname,rank,neighbour,cosine\r\n'-king,1,'=1+1,0.5\r\n'-king,2,\" 1,024\t\"\"x\"\"\n\",-0.25\r\n'=1+1,1,'-king,0.5\r\n"
	if got := nearCSV(savedMap(), r); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestChosenRows takes the rows that the figure shows as chosen, of the map that is to be saved.
func TestChosenRows(t *testing.T) {
	one, two := &figure.Map{}, &figure.Map{}
	f := &figure.Figure{Panels: []figure.Panel{{}, {Scatter: &figure.Scatter{Map: two, Chosen: []int{9}}}, {Scatter: &figure.Scatter{Map: one, Chosen: []int{2, 5}}}}}
	if got := chosenRows(f, one); !slices.Equal(got, []int{2, 5}) {
		t.Error(got)
	}
	if chosenRows(f, &figure.Map{}) != nil || chosenRows(nil, one) != nil {
		t.Error("rows of no map")
	}
}
