package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sets is where sets of LSTMVis lie.
const sets = "../../testdata/lstmvis/"

// A folder of LSTMVis opens with its subfolders and without a model: it is gone through, selected in and matched, and the address brings it back.
func TestRecordedSet(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt&view=states")
	p.settled()
	was := eval[string](p, text)
	files := folderOf(t, sets+"parens")
	dict := files["words.dict"]
	delete(files, "words.dict")
	p.drop(files)
	p.says("what is missing", "words.dict")
	p.shot("recorded-missing")
	p.drop(map[string][]byte{"words.dict": dict})
	p.opened("parentheses")
	p.wait("its facts", `document.querySelector(".bar .facts").textContent.includes("1,500 tokens recorded")`)
	p.wait("60 tokens of it", tokens+" === 60")
	if now := eval[string](p, text); now == was {
		t.Errorf("the text is still %q", now)
	}
	p.shot("recorded")
	if n := eval[int](p, `document.querySelectorAll('.textband [data-do=generate], .textband [data-do=step]').length`); n > 0 {
		t.Error("it offers to go on with the text")
	}
	p.press("e")
	p.press("g")
	if eval[bool](p, `Boolean(document.getElementById("edit"))`) {
		t.Error("it offers to edit the text")
	}

	first := eval[string](p, text)
	p.click(`.textband [data-do="turn=1"]`)
	p.wait("half a window on", fmt.Sprintf(`(%s) !== %s && (%s).startsWith(%s)`, text, literal(first), text, literal(first[30:60])))
	p.settled()
	p.press("/")
	p.wait("the field", `document.activeElement.dataset.find`)
	p.press("700")
	p.click(`dialog [data-do="go=0"]`)
	p.wait("token 700", `(`+hash+`).includes("o.states.w=671") && `+tokens+` === 60`)
	p.settled()
	for range 4 {
		p.press(kb.ArrowRight, chromedp.KeyModifiers(8))
	}
	p.wait("a range", `(`+hash+`).includes("range=")`)
	p.settled()
	p.still(hash)
	rng := eval[string](p, fmt.Sprintf(`/range=\d+-\d+/.exec(%s)[0]`, hash))
	p.shot("recorded-range")
	for _, path := range []string{"words", "attention", "prediction"} {
		p.wait("why there is no "+path, fmt.Sprintf(`document.querySelector('[role=tab][data-set="view=%s"].unfit').dataset.tip.includes("no model")`, path))
	}
	eval[bool](p, `Boolean(location.hash += "&o.states.before=0&o.states.after=0&o.states.l=5")`)
	p.wait("the places where the same units are on", `document.querySelectorAll('main [data-do^="visit="]').length > 0`)
	p.settled()
	p.shot("recorded-matches")
	p.press("/")
	p.wait("the field", `document.activeElement.dataset.find`)
	p.press("(((")
	p.click(`dialog [data-do="go=0"]`)
	p.wait("the phrase as range", fmt.Sprintf(`!document.querySelector("dialog[open]") && (([a, b]) => (%s).slice(a, b) === "(((")(/range=(\d+)-(\d+)/.exec(%s).slice(1).map(Number))`, text, hash))
	p.undo()
	p.wait("what was there before", fmt.Sprintf(`(%[1]s).includes("%[2]s") && (%[1]s).includes("o.states.w=671")`, hash, rng))
	p.settled()
	link := p.still(`location.hash`)
	p.click(`main [data-do^="visit="]`)
	p.wait("a place", fmt.Sprintf(`location.hash !== %s && (%s).includes("o.states.w=")`, literal(link), hash))
	p.settled()
	p.shot("recorded-place")
	p.undo()
	p.wait("the place before", fmt.Sprintf(`(%[1]s).includes("%[2]s") && (%[1]s).includes("o.states.w=671")`, hash, rng))
	link = p.still(`location.hash`)

	p.visit("about:blank")
	p.visit(home.url + link)
	p.wait("the question for the files", `document.querySelector("main .say .mono, main .say dd")`)
	p.dropPaths(filepath.Join(sets, "parens"))
	p.opened("parentheses")
	if got := p.still(`location.hash`); got != link {
		t.Errorf("the address became %s, from %s", got, link)
	}

	p.dropPaths(sets + "chunked")
	p.opened("chunks")
	p.wait("ids without a dictionary", `/^[0-9 ]+$/.test(`+text+`)`)
	p.shot("recorded-chunked")
	p.dropPaths(sets)
	p.says("the question which", "more than one model")
	p.click(`dialog [data-do$="parens/lstm.yml"]`)
	p.opened("parentheses")
}
