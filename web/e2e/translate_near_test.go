package e2e

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

const (
	nearText = `document.querySelector('main [data-panel="near"]').textContent`
	landed   = `(` + nearText + `.includes("were placed among the others"))`
	small    = `document.querySelectorAll('main [data-panel="each"] .tr-each').length`
)

// TestTranslateLands: a small picture of each state chooses it; a sentence lands on the t-SNE map, and so does the next one, for which no row moves; a loop
// lists pairs with the word marked.
func TestTranslateLands(t *testing.T) {
	p := newTab(t)
	p.phonograph("&o.translate.near.n=8")
	p.wait("a small picture of each state", small+" === 9")
	p.wait("the nearest, as many as were asked for", nearest+" === 8")
	p.click(`main [data-panel="each"] .tr-each:nth-of-type(3)`)
	p.wait("the third state in the address", inHash("at=3"))
	p.wait("it is carmine", `document.querySelectorAll('main [data-panel="each"] .tr-each:nth-of-type(3) .now').length === 1`)

	p.click(`main [data-panel="near"] [data-set="o.translate.map=tsne"]`)
	p.wait("the sentence to land", landed)
	p.wait("its words on the map", `document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot').length === 9`)
	p.wait("small pictures of the map", small+` === 9 && document.querySelector('main [data-panel="each"]').textContent.includes("not on the map")`)
	p.shot("translate-landed")
	before := p.dots()
	p.click(`main [data-panel="nearest"] li:nth-child(2) button`)
	p.wait("another source", `!document.querySelector(".textrow .flow").textContent.includes("phonograph")`)
	p.settled()
	p.wait("its own states", `document.querySelector('main [data-panel="near"] .sc-over .sc-dot') && document.querySelector('main [data-panel="each"] .tr-each')`)
	p.wait("it to land", landed+` && document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot').length === document.querySelectorAll('.textrow:nth-child(2) .tok').length - 1`)
	after := p.dots()
	if len(before) != len(after) || len(before) < 1000 {
		t.Fatalf("%d rows, then %d", len(before), len(after))
	}
	far := 0.0
	for i, at := range before { // the picture may be scaled a little: what lands counts
		far = max(far, math.Hypot(at[0]-after[i][0], at[1]-after[i][1]))
	}
	if far > 12 {
		t.Errorf("a row of the map moved by %g pixels", far)
	}
	p.stroke(0, [2]float64{.3, .3}, [2]float64{.7, .3}, [2]float64{.7, .7}, [2]float64{.3, .7}, [2]float64{.3, .3})
	p.wait("a loop in the address", inHash("translate.loop"))
	p.wait("pairs with the word marked", `document.querySelectorAll('main [data-panel="near"] ul.pairs li mark').length > 3`)
	p.wait("the sentence still there", landed+` && document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot.now').length === 1`)
	p.shot("translate-loop")
}

// dots are where the rows of the map that are not the sentence's stand.
func (p *tab) dots() (out [][2]float64) {
	p.t.Helper()
	d := eval[string](p, `document.querySelector('main [data-panel="near"] .sc-dots path.k7').getAttribute("d")`)
	x, y := 0.0, 0.0
	for _, piece := range strings.FieldsFunc(d, func(r rune) bool { return r == 'M' || r == 'm' }) {
		n := strings.FieldsFunc(strings.TrimSuffix(piece, "h0"), func(r rune) bool { return r == ' ' || r == ',' })
		if len(n) < 2 {
			continue
		}
		x, _ = strconv.ParseFloat(n[0], 64)
		y, _ = strconv.ParseFloat(n[1], 64)
		out = append(out, [2]float64{x / 10, y / 10})
	}
	return out
}
