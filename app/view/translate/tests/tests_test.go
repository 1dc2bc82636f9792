package tests

import (
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
)

func input(t testing.TB, e *viewtest.Engine, pairs string) *figure.Input {
	t.Helper()
	return e.Input(viewtest.Patched(t, "translate", "text=cat&o.translate.part=tests&"+pairs))
}

func draw(t testing.TB, in *figure.Input) figure.Figure {
	t.Helper()
	s := scene.Of(in)
	if s == nil || s.T == nil {
		t.Fatal("no translation")
	}
	return figure.Figure{Panels: Panels(s), Layout: "tr"}
}

// TestGolden keeps a page of scored pairs, by the real engine.
func TestGolden(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	e.Pairs(30)
	viewtest.Golden(t, "translate-tests", "scored", draw(t, input(t, e, "")))
	in := input(t, e, "o.translate.only=wrong&o.translate.sort=gap")
	in.L = lang.Chinese
	viewtest.Golden(t, "translate-tests", "wrong", draw(t, in))
}

// TestPages: a page has its rows, "more" leads to the next, errors alone are fewer and none of them is exact.
func TestPages(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	e.Pairs(30)
	first := draw(t, input(t, e, "o.translate.sort=order")).Panels[1]
	second := draw(t, input(t, e, "o.translate.sort=order&o.translate.page=1")).Panels[1]
	if len(first.Table.Rows) != rowsAPage || len(second.Table.Rows) != 30-rowsAPage || first.Table.Rows[0][0] != "1" || second.Table.Rows[0][0] != "21" {
		t.Errorf("pages of %d and %d rows", len(first.Table.Rows), len(second.Table.Rows))
	}
	if k := first.Controls[len(first.Controls)-1].Key; k != "o.translate.page=1" {
		t.Errorf("more leads to %q", k)
	}
	for _, r := range draw(t, input(t, e, "o.translate.only=wrong")).Panels[1].Table.Rows {
		if r[2] == r[3] {
			t.Errorf("%v is no error", r)
		}
	}
}

// TestWithout: no pairs, and pairs without references, are said; what a file says is text.
func TestWithout(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	if p := draw(t, input(t, e, "o.translate.pairs=file")).Panels; len(p) != 1 || p[0].HTML[0].Spans[0].Text != lang.English.T("tests.how.file") {
		t.Error("no pairs, and none are asked for")
	}
	e.BringPairs("mine.tsv", "cat\tK <b>AE1</b> T\ndog\tD AO1 G\n")
	p := draw(t, input(t, e, "o.translate.pairs=file")).Panels
	if len(p) != 2 {
		t.Fatalf("%d panels", len(p))
	}
	if html := p[1].HTML[0].HTML; strings.Contains(html, "<b>AE1") || !strings.Contains(html, "&lt;b&gt;AE1") {
		t.Error("a file's text is markup")
	}
}

// TestShots draws pictures to look at (see viewtest.Shots).
func TestShots(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	e.Pairs(60)
	viewtest.Shots(t, "translate-tests", func() *figure.Input { return input(t, e, "o.translate.only=wrong") }, func(in *figure.Input) figure.Figure { return draw(t, in) })
}
