package e2e

import (
	"bytes"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
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
	text, err := os.ReadFile("../texts/g2p.tsv")
	if err != nil {
		t.Fatal(err)
	}
	p.phonograph("&o.translate.near.n=8")
	p.drop(map[string][]byte{"words.tsv": bytes.Join(bytes.SplitAfter(text, []byte("\n"))[:81], nil)}) // few are soon at rest
	p.wait("my own words", `document.querySelector('main [data-panel="nearest"]').textContent.match(/Among \d+ states of words.tsv\./)`)
	p.wait("a small picture of each state", small+" === 9")
	p.wait("the nearest, as many as were asked for", nearest+" === 8")
	p.click(`main [data-panel="each"] .tr-each:nth-of-type(3)`)
	p.wait("the third state in the address", inHash("at=3"))
	p.wait("it is carmine", `document.querySelectorAll('main [data-panel="each"] .tr-each:nth-of-type(3) .now').length === 1`)

	p.click(`main [data-panel="near"] [data-set="o.translate.map=tsne"]`)
	p.wait("the sentence to land", landed)
	p.wait("its words on the map", `document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot').length === 9`)
	p.wait("small pictures of the map", small+` === 9 && document.querySelector('main [data-panel="each"]').textContent.includes("The 8 nearest of each state")`)
	p.shot("translate-landed")
	before := p.dots()
	p.click(`main [data-panel="nearest"] li:nth-child(2) button`)
	p.wait("another source", `!document.querySelector(".textrow .flow").textContent.includes("phonograph")`)
	p.settled()
	p.wait("its own states", `document.querySelector('main [data-panel="near"] .sc-over .sc-dot') && document.querySelector('main [data-panel="each"] .tr-each')`)
	p.wait("it to land", landed+` && document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot').length === document.querySelectorAll('.textrow:nth-child(2) .tok').length - 1`)
	after := p.dots()
	if len(before) < 400 || len(after) < 400 {
		t.Fatalf("%d rows, then %d", len(before), len(after))
	}
	moved := 0
	scaled(before)
	scaled(after)
	for _, at := range before {
		if !slices.ContainsFunc(after, func(o [2]float64) bool { return math.Hypot(at[0]-o[0], at[1]-o[1]) < .02 }) {
			moved++
		}
	}
	if moved > len(before)/50 {
		t.Errorf("%d of %d rows of the map moved", moved, len(before))
	}
	p.stroke(0, [2]float64{.3, .3}, [2]float64{.7, .3}, [2]float64{.7, .7}, [2]float64{.3, .7}, [2]float64{.3, .3})
	p.wait("a loop in the address", inHash("translate.loop"))
	p.wait("pairs with the word marked", `document.querySelectorAll('main [data-panel="near"] ul.pairs li mark').length > 3`)
	p.wait("the sentence still there", landed+` && document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot.now').length === 1`)
	p.shot("translate-loop")
}

// scaled takes from places how large they are drawn, which depends on what lands beyond them: most lie between -1 and 1 then.
func scaled(at [][2]float64) {
	for axis := range 2 {
		var x []float64
		for _, p := range at {
			x = append(x, p[axis])
		}
		slices.Sort(x)
		low, high := x[len(x)/10], x[len(x)*9/10]
		for i := range at {
			at[i][axis] = (2*at[i][axis] - low - high) / (high - low)
		}
	}
}

// dots are where the rows of the map stand.
func (p *tab) dots() (out [][2]float64) {
	p.t.Helper()
	p.wait("a map at rest", `!document.querySelector("main .sc.moving")`)
	d := eval[string](p, `[...document.querySelectorAll('main [data-panel="near"] .sc-dots path')].map((e) => e.getAttribute("d")).join("")`)
	for _, m := range regexp.MustCompile(`M(-?\d+) (-?\d+)h0`).FindAllStringSubmatch(d, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		out = append(out, [2]float64{x / 10, y / 10})
	}
	return out
}

// TestTranslateAlone: without pairs the sentence has a map of its own, and a what-if lands on it.
func TestTranslateAlone(t *testing.T) {
	p := newTab(t)
	p.phonograph("&o.translate.pairs=none&o.translate.src=0")
	p.wait("its own other states", nearest+` === 8 && document.querySelector('main [data-panel="nearest"]').textContent.includes("Among 8 other states")`)
	p.wait("their plane", `document.querySelectorAll('main [data-panel="near"] .tr-near').length === 8`)
	p.click(`main [data-panel="near"] [data-set="o.translate.map=tsne"]`)
	p.wait("their map", `document.querySelectorAll('main [data-panel="near"] .sc-over .sc-dot').length === 9 && !(`+landed+`)`)
	p.wait("nearest letters", `document.querySelector('main [data-panel="source"] [data-set*="source"]')`)
	p.click(`main [data-panel="source"] [data-set*="source"]`)
	p.wait("another source in the address", inHash("source@"))
	p.wait("the what-if on the map", landed)
	p.wait("the sentence without changes among the nearest", `document.querySelectorAll('main [data-panel="nearest"] li').length > 15`)
	p.shot("translate-alone")
}
