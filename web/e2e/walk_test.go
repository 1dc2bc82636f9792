package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What the walks look for on the page.
const (
	tokens    = `document.querySelectorAll(".textband .tok").length`
	text      = `[...document.querySelectorAll(".textband .tok")].map((t) => t.firstChild?.textContent ?? "").join("")`
	now       = `Number(document.querySelector(".textband .tok.now").dataset.i)`
	figures   = `[...document.querySelectorAll("main svg.marks")].map((s) => s.innerHTML).join()`
	modelName = `document.querySelector(".bar .model b").textContent`
	chips     = `document.querySelectorAll(".textband .change").length`
	hash      = `decodeURIComponent(location.hash)`
)

// watchQuestions counts what the page asks the engine, by operation, in window.asked.
func (p *tab) watchQuestions() {
	p.t.Helper()
	p.before(`
		window.asked = {};
		const post = Worker.prototype.postMessage;
		Worker.prototype.postMessage = function (m, ...more) {
			if (m.message) { const op = JSON.parse(new TextDecoder().decode(m.message)).op; asked[op] = (asked[op] || 0) + 1; }
			return post.call(this, m, ...more);
		}`)
}

// became waits until an expression has another value than before.
func became[T comparable](p *tab, what, js string, before T) T {
	p.t.Helper()
	p.wait(what, fmt.Sprintf("(%s) !== %s", js, literal(before)))
	return eval[T](p, js)
}

// choose opens a built-in model from the start page.
func (p *tab) choose(id string) {
	p.t.Helper()
	p.click(".bar .mark")
	p.click(fmt.Sprintf(`main [data-do="model=%s"]`, id))
	p.wait("the model "+id, fmt.Sprintf(`(%s).includes("model=%s") && %s > 0`, hash, id, tokens))
	p.settled()
}

// settled waits until all that the view asked for is drawn.
func (p *tab) settled() {
	p.t.Helper()
	p.wait("a finished figure", `document.querySelector("main svg.marks") && !document.querySelector("main [aria-busy=true]")`)
}

// still waits until an expression has been the same for a while, and returns it: the page gathers changes of its address.
func (p *tab) still(expr string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`(async () => {
		for (let was = "", since = 0; ; await new Promise((r) => setTimeout(r, 20))) {
			const is = %s;
			if (is !== was) [was, since] = [is, performance.now()];
			else if (performance.now() - since > 400) return is;
		}
	})()`, expr))
}

// view goes to a tab and waits for its figures.
func (p *tab) view(id string) {
	p.t.Helper()
	p.click(fmt.Sprintf(`[role=tab][data-set="view=%s"]`, id))
	p.wait("the tab "+id, fmt.Sprintf(`document.querySelector('[role=tab][data-set="view=%s"]').ariaSelected === "true"`, id))
	p.settled()
}

func TestEveryModelAndView(t *testing.T) {
	p := newTab(t)
	p.open("")
	p.settled()
	p.shot("start")
	list := eval[[]struct {
		ID    string
		Title map[string]string
	}](p, `fetch("models/index.json").then((r) => r.json()).then((l) => l.models.filter((m) => m.runs))`)
	if len(list) < 5 {
		t.Fatalf("%d models", len(list))
	}
	for _, m := range list {
		p.choose(m.ID)
		if got := eval[string](p, modelName); got != m.Title["en"] {
			t.Errorf("%s: the bar says %q", m.ID, got)
		}
		for _, id := range []string{"words", "states", "attention", "prediction", "translate"} {
			if unfit := fmt.Sprintf(`[role=tab].unfit[data-set="view=%s"]`, id); eval[bool](p, fmt.Sprintf(`document.querySelector(%q) !== null`, unfit)) {
				p.click(unfit)
				p.wait("why there is no "+id, `document.querySelector("main .say h2").textContent.length > 10`)
				continue
			}
			p.view(id)
			p.wait("a reading", `document.querySelector("main .reading").textContent.length > 20`)
			p.shot(m.ID + "-" + id)
		}
	}
}

func TestTextAndGeneration(t *testing.T) {
	p := newTab(t)
	p.open("#model=char-lstm&view=prediction")
	p.settled()

	// Typing runs the text again as it is typed.
	p.press("e")
	p.wait("the field", `document.activeElement.id === "edit"`)
	p.press("a", chromedp.KeyModifiers(2))
	p.press("ROMEO: But soft")
	p.wait("the tokens of the new text", fmt.Sprintf(`(%s) === "ROMEO: But soft" && %s === 15`, text, tokens))
	p.escape()
	p.wait("the end of editing", `!document.querySelector("#edit")`)
	p.wait("the text in the address", fmt.Sprintf(`(%s).replaceAll("+", " ").includes("text=ROMEO: But soft")`, hash))

	// A step is one token.
	p.click(`[data-do="step"]`)
	p.wait("a step", tokens+" === 16")
	p.press("s")
	p.wait("another", tokens+" === 17")

	// Generation goes on until it is stopped; what it made stays.
	p.click(`[data-do="generate"]`)
	p.wait("generated tokens", tokens+" > 20")
	p.click(`[data-do="stop"], [data-do="generate"]`)
	p.wait("the stop", `document.querySelector('[data-do="generate"]')`)
	n, _ := strconv.Atoi(p.still(tokens + " + ''")) // a token that was being made may still come
	p.wait("the run of what was made", fmt.Sprintf(`%s === %d && %s >= 17`, tokens, n, now))

	// Undo takes all of it back at once.
	p.undo()
	became(p, "undone generation", tokens, n)
}

func TestSamplingNeedsNoRun(t *testing.T) {
	p := newTab(t)
	p.watchQuestions()
	p.open("#model=char-lstm&view=prediction")
	p.settled()
	runs := eval[int](p, "asked.run")
	for _, key := range []string{"T", "k", "p"} {
		before := eval[string](p, figures)
		eval[bool](p, fmt.Sprintf(`(document.querySelector('.textband [data-number^="%s "]').focus(), true)`, key))
		p.press(kb.ArrowDown)
		became(p, "another picture for "+key, figures, before)
	}
	if again := eval[int](p, "asked.run"); again != runs {
		t.Errorf("%d runs for three numbers", again-runs)
	}
	p.wait("the address", hash+`.includes("T=0.75")`)
}

func TestAnotherNextToken(t *testing.T) {
	p := newTab(t)
	p.open("#model=char-lstm&view=prediction&text=To+be&at=4")
	p.settled()
	old := eval[string](p, text)
	p.click(`main .pd-row[data-set^="token="]`)
	p.wait("the chosen row", `document.querySelector("main .pd-on")`)
	p.click(`main .pd-on`)
	became(p, "another text", text, old)
	p.undo()
	p.wait("the old text", fmt.Sprintf("(%s) === %s", text, literal(old)))
}

func TestHeadOff(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt&view=attention&layer=1&head=6")
	p.settled()
	before := eval[string](p, figures)
	p.press("x")
	p.wait("the chip", chips+" === 1")
	became(p, "another picture", figures, before)
	p.wait("the change in the address", fmt.Sprintf(`(%s).includes("change=blocks.1.attn")`, hash))
	p.settled()
	p.shot("head-off")
	p.undo()
	p.wait("no chip", chips+" === 0")
	p.press("y", chromedp.KeyModifiers(2))
	p.wait("the chip again", chips+" === 1")
	p.click(".textband .change button")
	p.wait("no chip again", chips+" === 0")
}

func TestUnitHeld(t *testing.T) {
	p := newTab(t)
	p.open("#model=char-lstm&view=states&unit=3&layer=1")
	p.settled()
	p.click(`main button[data-do^="change="]`)
	p.wait("the chip", chips+" === 1")
	p.settled()
	p.view("prediction")
	p.shot("unit-held")
	p.undo() // the view
	p.undo() // the change
	p.wait("no chip", chips+" === 0")
}

func TestKeyboard(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt")
	p.settled()
	last := eval[int](p, now)
	p.press(kb.ArrowLeft)
	p.wait("now one to the left", fmt.Sprintf("%s === %d", now, last-1))
	p.press(kb.Home)
	p.wait("now at the start", now+" === 0")
	p.press(kb.ArrowRight)
	p.wait("now one to the right", now+" === 1")
	for key, id := range map[string]string{"1": "words", "2": "states", "3": "attention", "4": "prediction"} {
		p.press(key)
		p.wait("the view "+id, fmt.Sprintf(`(%s).includes("view=%s")`, hash, id))
	}
	p.press("3")
	p.settled()
	p.press(kb.ArrowDown)
	p.wait("a layer", fmt.Sprintf(`(%s).includes("layer=")`, hash))
	p.press("]")
	p.wait("a head", fmt.Sprintf(`(%s).includes("head=")`, hash))
	p.press("t")
	p.wait("the tables", `document.querySelector("main table tbody tr")`)
	p.press("?")
	p.wait("the keys", `document.querySelector("dialog[open]").textContent.includes("Ctrl")`)
	p.shot("keys")
	p.escape()
	p.wait("the page", `!document.querySelector("dialog[open]")`)
	p.press("/")
	p.wait("the field to find", `document.querySelector("dialog[open] input")`)
	p.escape()
	p.wait("the page again", `!document.querySelector("dialog[open]")`)
}

// The address is the state: reloading, going back and another tab all show the same.
func TestAddress(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt&text=ROMEO%3A+my+love&view=attention&layer=2&head=3&at=3")
	p.settled()
	same := fmt.Sprintf(`%s === 3 && (%s).includes("mini GPT") && document.querySelector('[data-set="view=attention"]').ariaSelected === "true"`, now, modelName)
	p.wait("what the address says", same)
	figure := eval[string](p, figures)
	p.do(chromedp.Reload())
	p.settled()
	p.wait("the same after a reload", same+" && ("+figures+") === "+literal(figure))
	p.view("prediction")
	eval[bool](p, "(history.back(), true)")
	p.wait("the view before", same)
	link := p.still("location.href")
	other := newTab(t)
	other.visit(link)
	other.settled()
	other.wait("the same elsewhere", same+" && ("+figures+") === "+literal(figure))
}

// A file that is no model says so, and the model that was open stays.
func TestBadFile(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=states")
	p.settled()
	name, n := eval[string](p, modelName), eval[int](p, tokens)
	for file, bytes := range map[string][]byte{
		"<b id=bad>empty.safetensors":  {},
		"cut.safetensors":              []byte("\xff\x00\x00\x00\x00\x00\x00\x00{\"a\":"),
		"page.html.safetensors":        []byte("<!doctype html><title>404</title>"),
		"deep.safetensors":             append([]byte("\x00\x40\x00\x00\x00\x00\x00\x00"), []byte(strings.Repeat("[", 0x4000))...),
		"notes on my holidays, 2.docx": []byte("PK\x03\x04 and so on"),
	} {
		p.drop(map[string][]byte{file: bytes})
		p.wait("the error for "+file, fmt.Sprintf(`document.querySelector("dialog.error[open]").textContent.includes(%s)`, literal(file)))
		p.shot("bad-file")
		p.escape()
		p.wait("the page", `!document.querySelector("dialog[open]")`)
	}
	if eval[bool](p, `document.querySelector("#bad") !== null`) {
		t.Error("a file's name became markup")
	}
	p.wait("the model that was open", fmt.Sprintf(`(%s) === %s && %s === %d`, modelName, literal(name), tokens, n))
	p.press("s")
	p.wait("it still runs", fmt.Sprintf("%s === %d", tokens, n+1))
}

// A dropped model opens; its tokens show as text, whatever they are.
func TestHostileTokens(t *testing.T) {
	p := newTab(t)
	p.open("")
	hostile := `<img/src/onerror=document.body.id='owned'>`
	vocab := []string{"(", hostile, `"><svg/onload=document.body.id='owned'>`, `'onmouseover=document.body.id='owned'`, "</text></svg>", "</script>", "&lt;b&gt;", "]]>", "\u202eevil"}
	p.drop(map[string][]byte{
		"dropped.safetensors": readFile(t, "../models/parens-lstm/model.safetensors"),
		"config.json":         readFile(t, "../models/parens-lstm/config.json"),
		"tokenizer.json":      []byte(`{"type": "word", "vocab": ` + literal(vocab) + `}`),
	})
	p.wait("the dropped model", modelName+` === "dropped.safetensors"`)
	p.press("e")
	p.wait("the field", `document.activeElement.id === "edit"`)
	p.press("a", chromedp.KeyModifiers(2))
	p.press("( " + hostile + " ( " + vocab[2] + " " + vocab[4])
	p.wait("the hostile token", fmt.Sprintf(`document.querySelector(".textband .flow").textContent.includes(%s)`, literal(hostile)))
	p.escape()
	for _, id := range []string{"states", "prediction"} {
		p.view(id)
		p.press("t")
		p.settled()
	}
	p.wait("it as text in the figure", fmt.Sprintf(`document.querySelector("main").textContent.includes(%s)`, literal(hostile)))
	p.shot("hostile")
	if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > 1440 {
		t.Errorf("a long token makes the page %d px wide", wide)
	}
	if eval[bool](p, `document.body.id === "owned" || document.querySelector("main img, .textband img") !== null`) {
		t.Error("a token became markup")
	}
}
