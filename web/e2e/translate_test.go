package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const (
	targetText = `[...document.querySelectorAll('.textrow:nth-child(2) .tok:not(.special)')].map((t) => t.textContent).join(" ")`
	variants   = `document.querySelectorAll('main [data-panel="whatif"] ol.whatif li').length`
	nearest    = `document.querySelectorAll('main [data-panel="nearest"] ul.pairs li').length`
)

// phonograph opens the LSTM that says words, on a word of ten letters.
func (p *tab) phonograph(more string) {
	p.t.Helper()
	p.open("#model=g2p-lstm&view=translate&text=phonograph" + more)
	p.wait("a translation", `document.querySelector('main [data-panel="stages"] svg.marks') && document.querySelector("main .reading").textContent.length > 10`)
	p.settled()
}

// TestTranslate is the walk: the model is chosen on the first page, a word typed, a mark hovered, another word written, attention dragged, what was done is
// undone, the tree shown whole, a sentence set beside; the address opened again shows the same.
func TestTranslate(t *testing.T) {
	p := newTab(t)
	p.open("")
	p.settled()
	p.choose("g2p-lstm")
	p.view("translate")
	p.wait("what the word comes from", `document.querySelector("main .reading").textContent.includes("comes from")`)
	p.settled()
	first := p.still(targetText)
	if first == "" {
		t.Fatal("there is no target")
	}
	p.wait("a tree", `document.querySelectorAll('main [data-panel="beam"] .tr-edge').length > 5`)

	p.hover(`main [data-panel="stages"] text[data-h="t2"]`, .5, .5)
	p.wait("its token in the text to light up", `document.querySelector('.textrow:nth-child(2) .tok[data-h="t2"].hot')`)

	// another word at some step: the second likeliest
	p.wait("next words", `document.querySelector('main [data-panel="stages"] [data-set*="prefix"]')`)
	p.click(`main [data-panel="stages"] [data-set*="prefix"]`)
	p.wait("a prefix in the address", inHash("prefix"))
	p.settled()
	p.wait("another target", fmt.Sprintf(`(%s) !== %s`, targetText, literal(first)))
	p.wait("a row for it", variants+" === 2")
	p.undo()
	p.wait("the first target again", fmt.Sprintf(`(%s) === %s && !(%s)`, targetText, literal(first), inHash("prefix")))

	p.wait("no row for it", variants+" === 1")
	p.settled()

	// the attention of the chosen step is dragged down
	p.wait("a bar to drag", `document.querySelector('main [data-panel="stages"] [data-drag*="weight"]')`)
	p.drag(`main [data-panel="stages"] [data-drag*="weight"]`, 0, -40)
	p.wait("a weight in the address", inHash("weight"))
	p.settled()
	p.wait("a row for it", variants+" === 2")
	p.shot("translate-attention")
	p.undo()
	p.wait("no change, and the first target again", fmt.Sprintf(`!(%s) && (%s) === %s`, inHash("weight"), targetText, literal(first)))
	p.wait("no row for it", variants+" === 1") // and so no chip in the text, whose going moves all below
	p.settled()

	nodes := eval[int](p, `document.querySelectorAll('main [data-panel="beam"] text').length`)
	p.click(`main [data-panel="beam"] .switch`)
	p.wait("all that was weighed", fmt.Sprintf(`document.querySelectorAll('main [data-panel="beam"] text').length > %d`, nodes))
	p.shot("translate-tree")
}

// TestTranslateShare: a word of the source is replaced, and the address with it is opened in another tab.
func TestTranslateShare(t *testing.T) {
	p := newTab(t)
	p.phonograph("&o.translate.src=0")
	p.wait("nearest letters", `document.querySelector('main [data-panel="source"] [data-set*="source"]')`)
	first := p.still(targetText)
	p.click(`main [data-panel="source"] [data-set*="source"]`)
	p.wait("another source in the address", inHash("source@"))
	p.settled()
	p.wait("another target", fmt.Sprintf(`(%s) !== %s`, targetText, literal(first)))
	want, at := p.still(targetText), eval[string](p, "location.hash")
	q := newTab(t)
	q.open(at)
	q.wait("the same target", fmt.Sprintf(`(%s) === %s`, targetText, literal(want)))
	q.wait("its change", `document.querySelectorAll(".changes .change").length === 1`)
	q.wait("rows of what if", variants+" === 2")
}

// TestTranslateCompare sets another word beside, then another model, with the beam that is set; a cell of the difference of attention says both values.
func TestTranslateCompare(t *testing.T) {
	p := newTab(t)
	p.phonograph("&o.translate.part=compare&o.translate.vs=photograph&o.translate.beam=4")
	p.wait("two sentences", `document.querySelectorAll('main [data-panel="compare"] ol.versus li').length === 2`)
	p.wait("words that differ", `document.querySelector('main [data-panel="compare"] .diff')`)
	p.wait("the difference of attention", `document.querySelectorAll('main [data-panel="versus0"] [data-grid]').length === 1`)
	p.click(`main [data-panel="compare"] [data-set="o.translate.cards=g2p-transformer"]`)
	p.wait("another model beside", `document.querySelectorAll('main [data-panel="versus1"] [data-grid]').length === 1`)
	p.wait("each searched with the beam that is set", `document.querySelector('main [data-panel="compare"]').textContent.split("beam 4, at most").length === 3`)
	p.wait("states in planes of their own", `document.querySelectorAll('main [data-panel="ways0"] .tr-way').length === 2 && document.querySelectorAll('main [data-panel="ways1"] .tr-way').length === 1`)
	p.hover(`main [data-panel="versus1"] [data-grid]`, .05, .05)
	p.wait("both values", `document.querySelector(".tip").textContent.split("\n").length >= 3`)
	p.shot("translate-compare")
	p.click(`main [data-panel="compare"] [data-set="o.translate.vsattn=attention"]`)
	p.wait("both attentions", `document.querySelectorAll('main [data-panel="versus1"] [data-grid]').length === 2`)
}

// TestTranslateNear: the held-out words are run, and the nearest states listed; then a corpus of one's own.
func TestTranslateNear(t *testing.T) {
	p := newTab(t)
	p.phonograph("")
	p.wait("neighbours among the held-out words", nearest+` === 20 && document.querySelector('main [data-panel="nearest"]').textContent.includes("g2p.tsv")`)
	p.wait("their map", `document.querySelectorAll('main [data-panel="near"] .tr-near').length === 20`)
	p.drop(map[string][]byte{"words.tsv": []byte("phone\tF OW1 N\ngraph\tG R AE1 F\nphoto\tF OW1 T OW2\ncat\tK AE1 T\n")})
	p.wait("my own words", `document.querySelector('main [data-panel="nearest"]').textContent.includes("words.tsv")`)
	p.wait("some of their states", nearest+" > 0")
	p.shot("translate-near")
}

// TestTranslateTests: a test set is scored, and a word of it opened with its reference, as which the target is made to begin; then with another one that
// is typed, and with none.
func TestTranslateTests(t *testing.T) {
	p := newTab(t)
	p.phonograph("&o.translate.part=tests")
	p.drop(map[string][]byte{"mine.tsv": []byte("source\ttarget\nphone\tF OW1 N\ncat\tK AE1 T\ndog\tD AO1 G\nzzz\tZ K AE1 T\n")})
	p.wait("four pairs scored", `document.querySelectorAll('main [data-panel="scored"] ol.scored li').length === 4`)
	p.wait("an error first", `document.querySelector('main [data-panel="scored"] ol.scored li .diff, main [data-panel="scored"] ol.scored li .gap')`)
	p.click(`main [data-panel="scored"] ol.scored li.is-model button`)
	p.wait("another source", `!document.querySelector(".textrow .flow").textContent.includes("phonograph")`)
	p.wait("its reference in the tree", `document.querySelector('main [data-panel="beam"] .tr-left') && location.hash.includes("o.translate.ref=")`)
	p.settled()
	p.shot("translate-reference")
	p.click(`main [data-panel="reference"] p [data-set*="prefix"]`)
	p.wait("the target to begin as it does", `location.hash.includes("change=prefix")`)
	p.settled()
	p.write(`main [data-panel="reference"] input`, "K AE1 T")
	p.press(kb.Enter)
	p.wait("another reference", `location.hash.includes("o.translate.ref=K+AE1+T")`)
	p.settled()
	p.click(`main [data-panel="reference"] [data-set="o.translate.ref="]`)
	p.wait("no reference", `!location.hash.includes("translate.ref") && !document.querySelector('main [data-panel="beam"] .tr-ref')`)
}

// TestTranslateTransformer: the Transformer's layers and heads, and Escape and typing of a source.
func TestTranslateTransformer(t *testing.T) {
	p := newTab(t)
	p.open("#model=g2p-transformer&view=translate&text=cat")
	p.wait("a translation", `document.querySelector("main .reading").textContent.length > 10`)
	p.settled()
	if got := p.still(targetText); !strings.HasPrefix(strings.ReplaceAll(got, " ", ""), "KAE1T") {
		t.Errorf("cat is said %q", got)
	}
	p.press("e")
	p.wait("a field", `document.activeElement.id === "edit"`)
	p.press("s")
	p.press(kb.Escape)
	p.wait("the plural", fmt.Sprintf(`(%s).replaceAll(" ", "").startsWith("KAE1TS")`, targetText))
	p.wait("layers to choose", `document.querySelector('main [data-panel="stages"] select option[value="0"]')`)
}

// TestAttentionOfHalves: each attention of a Transformer of two halves, which lights the tokens of its own side; a head that is switched off, and what
// Translate makes of that.
func TestAttentionOfHalves(t *testing.T) {
	p := newTab(t)
	p.open("#model=g2p-transformer&view=attention&text=through&at=3")
	p.settled()
	half := func(name, pattern string) {
		t.Helper()
		p.click(fmt.Sprintf(`main [data-panel="heads"] [role=radio][data-set="o.attn.half=%s"]`, name))
		p.wait("the "+name, fmt.Sprintf(`document.querySelector('main [data-panel="one"]').textContent.includes(%q)`, pattern))
		p.settled()
		p.shot("attention-" + name)
	}
	lights := func(label, line string) {
		t.Helper()
		p.hover(fmt.Sprintf(`main [data-panel="one"] text[data-h="%s"]`, label), .5, .5)
		p.wait(label+" of the text to light up", fmt.Sprintf(`document.querySelector('.textrow:nth-child(%s) .tok[data-h="%s"].hot')`, line, label))
	}
	half("encoder", "encoder.blocks")
	lights("s2", "1")
	p.click(`main [data-panel="one"] text[data-set="o.translate.src=4"]`)
	p.wait("the letter in the reading", `document.querySelector("main .reading").textContent.includes("(token 4)")`)
	half("decoder", "decoder.blocks")
	lights("t2", "2")
	half("cross", "cross_attn")
	lights("t2", "2")
	lights("s2", "1")

	// the model has "through" rhyme with "how", but without one head of the last block with "who"
	first := p.still(targetText)
	p.click(`main [data-panel="heads"] [data-set="layer=2&head=2"]`)
	p.wait("the head", `document.querySelector("main .reading").textContent.includes("head 2.2")`)
	p.press("x")
	p.wait("the chip", chips+" === 1")
	p.wait("another target", fmt.Sprintf(`(%s) !== %s`, targetText, literal(first)))
	p.settled()
	p.shot("attention-off")
	p.view("translate")
	p.wait("what it was before", variants+" === 2")
	p.shot("attention-off-translate")
	p.undo()
	p.wait("the first target again", fmt.Sprintf(`(%s) === %s`, targetText, literal(first)))
}
