package e2e

import (
	"strings"
	"testing"
)

const (
	rowsOfPlaces = `document.querySelectorAll('[data-panel="matches"] svg [data-do^="visit="]').length`
	textOfPage   = `[...document.querySelectorAll(".textband .tok")].map((e) => e.textContent).join("")`
)

// In the texts that come with a model the places are found where the same units are on; each is one click away, and one step of undo back.
func TestPlaces(t *testing.T) {
	p := newTab(t)
	p.open("#v=1&model=parens-lstm&view=states&range=3-8&o.states.what=hidden&o.states.l=0.2&o.states.before=0&o.states.after=0")
	p.wait("rows of places", rowsOfPlaces+" > 0")
	p.wait("all of the text", `!document.querySelector('[data-panel="corpus"] [data-do="fill=pause"]')`)
	p.settled()
	p.wait("every list to show what is chosen", `[...document.querySelectorAll("main select")].every((e) => e.selectedIndex >= 0)`)
	p.shot("places")

	p.drag(`[data-panel="lengths"] [data-drag*="len={}-"]`, 40, 0)
	p.wait("a range of lengths in the address", hash+`.includes("m.len=")`)
	p.settled()
	p.wait("fewer of all", `/ of /.test(document.querySelector('[data-panel="lengths"] svg').textContent)`)
	p.undo()
	p.wait("all lengths", `!`+hash+`.includes("m.len=")`)

	p.click(`[data-panel="lift"] svg [data-set*="tab=follow"]`)
	p.wait("the units that follow a label", hash+`.includes("o.states.follow=")`)
	p.undo()
	p.wait("the places again", rowsOfPlaces+" > 0")
	p.settled()

	before := eval[string](p, textOfPage)
	p.click(`[data-panel="matches"] svg [data-do^="visit="]`)
	became(p, "the text around the place", textOfPage, before)
	p.settled()
	if !strings.Contains(eval[string](p, hash), "range=") {
		t.Error("the place is not the range")
	}
	p.shot("place")
	p.undo()
	p.wait("the text before", textOfPage+" === "+literal(before))
}

// Texts that a person drops are searched in place of the model's, and can be let go of again.
func TestOwnTexts(t *testing.T) {
	p := newTab(t)
	p.open("#v=1&model=parens-lstm&view=states&range=3-8&o.states.what=hidden&o.states.l=0.2&o.states.before=0&o.states.after=0&o.states.m.by=cosine")
	p.wait("rows of places", rowsOfPlaces+" > 0")
	p.drop(map[string][]byte{"mine.csv": []byte("id,words\n1,((2)1)0(  1)\n2,(1)(1)(   1)\n")})
	p.wait("one's own texts", `document.querySelector('[data-panel="corpus"] h2').textContent === "mine.csv" && `+rowsOfPlaces+` > 0`)
	p.settled()
	p.shot("own-texts")
	p.click(`[data-panel="corpus"] [data-do="fill=forget"]`)
	p.wait("the model's text again", `document.querySelector('[data-panel="corpus"] h2').textContent !== "mine.csv" && `+rowsOfPlaces+` > 0`)
}
