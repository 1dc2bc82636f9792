package shell

import (
	"math"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
)

func TestGrid(t *testing.T) {
	g, ok := parseGrid("one 3 4")
	if !ok || g != (grid{"one", 3, 4}) {
		t.Fatalf("parseGrid = %v, %v", g, ok)
	}
	for _, bad := range []string{"", "one 3", "one 0 4", "one 3 -1", "one 3 x", "one 3 4 5"} {
		if _, ok := parseGrid(bad); ok {
			t.Errorf("parseGrid(%q) is one", bad)
		}
	}
	b := box{10, 20, 400, 300}
	for _, c := range []struct {
		x, y float64
		r, c int
		ok   bool
	}{
		{10, 20, 0, 0, true}, {109.9, 119.9, 0, 0, true}, {110, 120, 1, 1, true}, {409.9, 319.9, 2, 3, true},
		{9.9, 20, 0, 0, false}, {410, 20, 0, 0, false}, {10, 320, 0, 0, false}, {10, 19, 0, 0, false},
	} {
		if r, col, ok := g.cell(b, c.x, c.y); r != c.r || col != c.c || ok != c.ok {
			t.Errorf("cell(%g, %g) = %d, %d, %v", c.x, c.y, r, col, ok)
		}
	}
	if _, _, ok := g.cell(box{0, 0, 0, 10}, 0, 0); ok {
		t.Error("a grid without width has a cell")
	}
	for x, want := range map[float64]int{-50: 0, 10: 0, 210: 2, 409: 3, 9999: 3} {
		if got := g.column(b, x); got != want {
			t.Errorf("column(%g) = %d, want %d", x, got, want)
		}
	}
	if got := g.place(b, 2, 1); got != (box{110, 220, 100, 100}) {
		t.Errorf("place = %v", got)
	}
	for r := range 3 { // there and back
		for c := range 4 {
			x, y := g.place(b, r, c).mid()
			if r2, c2, ok := g.cell(b, x, y); r2 != r || c2 != c || !ok {
				t.Errorf("the middle of cell %d, %d is in %d, %d", r, c, r2, c2)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	//  0 1 2
	//  3 4 5   and 6 far to the right, 7 without a place
	var boxes []box
	for i := range 6 {
		boxes = append(boxes, box{float64(i%3) * 20, float64(i/3) * 20, 10, 10})
	}
	boxes = append(boxes, box{300, 22, 10, 10}, box{})
	for _, c := range []struct{ from, dx, dy, want int }{
		{0, 1, 0, 1}, {1, 1, 0, 2}, {0, 0, 1, 3}, {4, 0, -1, 1}, {5, -1, 0, 4}, {5, 1, 0, 6}, {6, -1, 0, 5}, {0, -1, 0, 0}, {0, 0, -1, 0}, {3, 0, 1, 6},
	} {
		if got := nearest(boxes, c.from, c.dx, c.dy); got != c.want {
			t.Errorf("from %d by (%d, %d): %d, want %d", c.from, c.dx, c.dy, got, c.want)
		}
	}
}

func TestReach(t *testing.T) {
	s := state.New()
	for _, c := range []struct {
		at   int
		set  string
		want string
	}{
		{4, "at=7", "range=4-8"}, {7, "at=4", "range=4-8"}, {-1, "at=2", "range=2-10"}, {99, "at=2", "range=2-10"},
		{4, "at=4&layer=2", "range=4-5"}, {4, "layer=5&head=1", "layer=5&head=1"}, {4, "at=", "at="},
	} {
		s.At = c.at
		if got := reach(c.set, s, 10); got != c.want {
			t.Errorf("at %d, shift-click on %q sets %q, want %q", c.at, c.set, got, c.want)
		}
	}
	if s.Range != [2]int{} {
		t.Error("the state was changed")
	}
}

func TestTipPlace(t *testing.T) {
	for _, c := range []struct{ x, y, w, h float64 }{{10, 10, 100, 40}, {990, 10, 100, 40}, {10, 690, 100, 40}, {995, 695, 300, 200}, {500, 400, 980, 40}} {
		l, top := tipPlace(c.x, c.y, c.w, c.h, 1000, 700)
		if l < 0 || top < 0 || l+c.w > 1000 && l > 8 || top+c.h > 700 {
			t.Errorf("tip of %v at %g, %g is out of sight", c, l, top)
		}
		if c.x >= l && c.x < l+c.w && c.y >= top && c.y < top+c.h {
			t.Errorf("tip of %v at %g, %g lies on its point", c, l, top)
		}
	}
}

func TestNumber(t *testing.T) {
	n, ok := parseNumber("T 0 2 0.05 2")
	if !ok || n.String() != "T 0 2 0.05 2" {
		t.Fatalf("parseNumber = %v, %v", n, ok)
	}
	for _, bad := range []string{"", "T 0 2 0.05", "T 0 2 0 2", "T 2 0 1 2", "T 0 NaN 1 2", "T 0 Inf 1 2", "T 0 2 1 -1", "T a 2 1 0"} {
		if _, ok := parseNumber(bad); ok {
			t.Errorf("parseNumber(%q) is one", bad)
		}
	}
	for v, want := range map[float64]string{.8: "0.80", .8000001: "0.80", .83: "0.85", -3: "0.00", 1e12: "2.00", 1.99: "2.00"} {
		if got := n.round(v); got != want {
			t.Errorf("round(%g) = %s, want %s", v, got, want)
		}
	}
	for in, want := range map[string]string{"0.83": "0.83", "−1": "0.00", "1,5": "1.50", "99": "2.00"} {
		if got, ok := n.typed(in); got != want || !ok {
			t.Errorf("typed(%q) = %s, want %s", in, got, want)
		}
	}
	for _, bad := range []string{"", "-", "x", "NaN"} {
		if got, ok := n.typed(bad); ok {
			t.Errorf("typed(%q) = %s", bad, got)
		}
	}
}

func TestHandle(t *testing.T) {
	h, ok := parseHandle("o.states.on y 24 2 190 -2 2")
	if !ok || !h.vertical {
		t.Fatal("not a handle")
	}
	for px, want := range map[float64]string{24: "2.00", 190: "-2.00", 107: "0.00", 0: "2.00", 500: "-2.00"} {
		if got := h.at(px); got != want {
			t.Errorf("at %g: %s, want %s", px, got, want)
		}
	}
	for _, bad := range []string{"", "range", "k z 0 0 1 1 2", "k x 5 0 5 1 2", "k x 0 NaN 1 1 2", "k x 0 0 1 1 -2", "k x 0 0 1 1"} {
		if _, ok := parseHandle(bad); ok {
			t.Errorf("parseHandle(%q) is one", bad)
		}
	}
	if math.Signbit(h.p0) {
		t.Error("p0")
	}
	h, ok = parseHandle("o.states.m.len=4-{}&at=1 x 10 2 110 12 0")
	if got := h.pairs(60); !ok || got != "o.states.m.len=4-7&at=1" {
		t.Errorf("whole pairs: %q", got)
	}
}

// TestPanel draws a panel with hostile words: they stay words.
func TestPanel(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>`
	p := figure.Panel{ID: "one", Class: "main", Names: "layers.1.cell [8, 4]", Width: 300, Height: 100, SVG: `<rect data-set="at=1"/>`,
		Label: "cells", Busy: "3 s left",
		Title: []figure.Span{{Text: "Unit "}, {Text: " " + evil, Token: true, Set: "unit=5", H: "u5"}},
		Controls: []figure.Control{
			{Kind: "switch", Key: "do:change=x@*:zero", Value: "1"},
			{Kind: "radio", Key: "o.v.what", Label: "what", Value: "b c", Options: []figure.Option{{Value: "a", Label: "A"}, {Value: "b c", Label: "B"}, {Value: "d", Label: "D", Disabled: "not here"}}},
			{Kind: "radio", Key: "range=&o.v.half={}", Label: "half", Options: []figure.Option{{Value: "b c", Label: "B"}}},
			{Kind: "number", Key: "T", Label: "temperature", Value: "0.8", Max: 2, Step: .05, Decimals: 2},
			{Kind: "field", Key: "o.v.find", Label: "find"},
			{Kind: "button", Key: "layer=3", Label: "three"},
			{Kind: "button", Key: "o.v.of=", Label: "×", Tip: "Forget it"},
			{Kind: "radio", Key: "o.v.how", Options: []figure.Option{{Value: "a", Label: "A"}}},
			{Kind: "select", Key: "o.v.which", Options: []figure.Option{{Value: "a", Label: "A"}}},
		},
		HTML:  []figure.Block{{Kind: "title", Spans: []figure.Span{{Text: evil}}}, {Kind: "facts", Rows: [][2][]figure.Span{{{{Text: "norm"}}, {{Text: "1.0", Bold: true}}}}}},
		Table: &figure.Table{Head: []string{"token", "p"}, Rows: [][]string{{evil, "70.1 %"}}},
	}
	html := app.HTMLString(panelUI(lang.English, &p, true, 1000, nil))
	for _, want := range []string{`role="switch"`, `aria-checked`, `data-do="change=x@*:zero"`, `role="radiogroup"`, `data-set="o.v.what=a"`,
		`aria-disabled`, `data-tip="not here"`, `role="spinbutton"`, `data-number="T 0 2 0.05 2"`, `aria-valuenow="0.8"`, `>0.80<`, `layers.1.cell [8, 4]`,
		`data-set="unit=5"`, `data-h="u5"`, `aria-busy`, `3 s left`, `aria-label="cells"`, `tabindex="0"`, `data-keys="one"`, `viewBox="0 0 300 100"`, `data-do="csv=one"`, `data-set="layer=3"`, `data-set="range=&o.v.half=b+c"`, `aria-label="Forget it"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the panel lacks %s:\n%s", want, html)
		}
	}
	if n := strings.Count(html, `aria-label="Unit  `+evil); n != 3 {
		t.Errorf("%d controls without words are called as their panel", n)
	}
	// Attributes are set, not parsed: only this writing of them for tests does not escape.
	if strings.Contains(strings.ReplaceAll(html, `aria-label="Unit  `+evil, ""), "<img") {
		t.Errorf("a token became an element:\n%s", html)
	}
	if table := tableHTML(p.Table, evil); strings.Contains(table, "<img") || !strings.Contains(table, `<td class="n">70.1 %`) || !strings.Contains(table, `<th scope="col" class="n">p`) {
		t.Errorf("table: %s", table)
	}
	p.SVG = `<rect/>`
	if html := app.HTMLString(panelUI(lang.English, &p, false, 1000, nil)); strings.Contains(html, "data-keys") || strings.Contains(html, "twin") {
		t.Error("a picture without marks that act is a stop of Tab, or its table stands there unasked")
	}
}

func TestLongTable(t *testing.T) {
	tab := &figure.Table{Head: []string{"i"}, Rows: make([][]string, maxRows+1)}
	for i := range tab.Rows {
		tab.Rows[i] = []string{"1"}
	}
	if n := strings.Count(tableHTML(tab, ""), "<tr>"); n != maxRows+1 { // and the head
		t.Errorf("%d rows on the page", n)
	}
	if n := strings.Count(tableCSV(tab), "\r\n"); n != maxRows+2 {
		t.Errorf("%d lines in the file", n)
	}
}
