package e2e

import "testing"

// TestTranslateRules: a rule is set at the tree, is in the address, binds the search and is said; what it forbids is struck out; undone, it is gone.
func TestTranslateRules(t *testing.T) {
	const beam = `document.querySelector('main [data-panel="beam"]').textContent`
	const words = `document.querySelectorAll('.textrow:nth-child(2) .tok').length`
	p := newTab(t)
	p.phonograph("&o.translate.pruned=1")
	p.wait("no rule", words+` < 11 && !`+beam+`.includes("Set here")`)
	p.setNumber("o.translate.min", "12")
	p.wait("the rule in the address", inHash("translate.min=12"))
	p.wait("the rule and what it forbade in words", beam+`.includes("at least 12 tokens") && `+beam+`.includes("were forbidden")`)
	p.wait("a target so long", words+" >= 13") // with the start
	p.wait("ends struck out", `[...document.querySelectorAll('main [data-panel="beam"] .struck')].some((e) => e.textContent.includes("</s>"))`)
	p.choice("o.translate.early", "at once")
	p.wait("both in words", inHash("translate.early=first")+` && `+beam+`.includes("once the beam is full")`)
	p.shot("translate-rules")
	p.undo()
	p.undo()
	p.wait("no rule", words+` < 11 && !`+beam+`.includes("Set here") && !location.hash.includes("translate.min")`)
}
