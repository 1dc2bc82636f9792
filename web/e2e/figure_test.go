package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"loupe/app/figure"
)

// drag takes hold in the middle of a selector's first element and lets go dx, dy further.
func (p *tab) drag(selector string, dx, dy float64) {
	p.t.Helper()
	p.wait("something to drag", fmt.Sprintf("document.querySelector(%s)", literal(selector)))
	from := eval[[2]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + Math.min(r.height / 2, 60)];
	})()`, literal(selector)))
	mouse := func(kind input.MouseType, k float64) chromedp.Action {
		e := input.DispatchMouseEvent(kind, from[0]+k*dx, from[1]+k*dy).WithButton(input.Left).WithClickCount(1)
		if kind == input.MouseMoved && k > 0 {
			e = e.WithButtons(1)
		}
		return e
	}
	p.do(mouse(input.MouseMoved, 0), mouse(input.MousePressed, 0), mouse(input.MouseMoved, .3), mouse(input.MouseMoved, .7), mouse(input.MouseMoved, 1), mouse(input.MouseReleased, 1))
}

// hover moves the pointer to a share of the first element of a selector.
func (p *tab) hover(selector string, x, y float64) {
	p.t.Helper()
	p.wait("something to point at", fmt.Sprintf("document.querySelector(%s)", literal(selector)))
	at := eval[[2]float64](p, fmt.Sprintf(`(async () => {
		const e = document.querySelector(%s);
		e.scrollIntoView({block: "nearest", behavior: "instant"});
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // scrolling takes the tip away
		const r = e.getBoundingClientRect();
		return [r.x + r.width * %g, r.y + r.height * %g];
	})()`, literal(selector), x, y))
	p.do(input.DispatchMouseEvent(input.MouseMoved, at[0], at[1]))
}

const tip = `document.querySelector(".tip:not([hidden])").textContent`

// What is dragged follows, and is one step of undo.
func TestDrag(t *testing.T) {
	p := newTab(t)
	p.open("#model=char-lstm&view=states")
	p.settled()
	p.drag(`.textband [data-number^="T "]`, 40, 0)
	p.wait("ten steps of temperature", fmt.Sprintf(`(%s).includes("T=1.3") && document.querySelector('.textband [data-number^="T "]').textContent === "1.30"`, hash))
	p.drag(`main [data-drag="range"]`, 120, 0)
	p.wait("a range", fmt.Sprintf(`(%s).match(/range=\d+-\d+/)`, hash))
	first := p.still(fmt.Sprintf(`(%s).match(/range=\d+-\d+/)[0]`, hash))
	p.drag(`main [data-drag="range-to"]`, 90, 0)
	p.wait("a longer range", fmt.Sprintf(`!(%s).includes(%s)`, hash, literal(first)))
	was := p.still(hash)
	p.drag(`main [data-drag*=" y "]`, 0, 30)
	became(p, "another threshold", hash, was)
	p.shot("dragged")
	p.undo()
	p.wait("the threshold before", fmt.Sprintf(`(%s) === %s`, hash, literal(was)))
	p.undo()
	p.wait("the range before", fmt.Sprintf(`(%s).includes(%s)`, hash, literal(first)))
	p.undo()
	p.wait("no range", fmt.Sprintf(`!(%s).includes("range=")`, hash))
	p.undo()
	p.wait("the first temperature", fmt.Sprintf(`!(%s).includes("T=")`, hash))
}

// A number can be typed; what is no number changes nothing.
func TestTypedNumber(t *testing.T) {
	p := newTab(t)
	p.open("#model=char-lstm&view=prediction")
	p.settled()
	const k = `.textband [data-number^="k "]`
	eval[bool](p, fmt.Sprintf(`(document.querySelector(%s).focus(), true)`, literal(k)))
	p.press("12")
	p.press(kb.Enter)
	p.wait("top-k 12", fmt.Sprintf(`(%s).includes("k=12")`, hash))
	p.press("-")
	p.press(kb.Enter)
	p.press("7")
	p.escape()
	p.wait("still 12", fmt.Sprintf(`document.querySelector(%s).textContent === "12" && (%s).includes("k=12")`, literal(k), hash))
}

// The pointer on a cell says what it is and lights its token everywhere; Esc takes the tip away.
func TestPointer(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt&view=attention&layer=1&head=2")
	p.settled()
	p.hover(`main [data-keys="one"] [data-grid]`, .05, .3)
	p.wait("a tip", tip+`.length > 3`)
	p.escape()
	p.wait("no tip", `document.querySelector(".tip").hidden`)
	p.hover(`main [data-keys="one"] text[data-h^="t"]`, .5, .5)
	p.wait("its token lit in the text", `document.querySelector(".textband .tok.hot")`)
	p.hover(".bar", .5, .5)
	p.wait("nothing lit", `!document.querySelector(".hot")`)
}

// A picture is one stop of Tab; the arrows go over its marks, Enter selects, Esc leaves.
func TestFigureKeys(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt&view=attention&layer=0&head=0")
	p.settled()
	for range 60 {
		if eval[bool](p, `document.activeElement.dataset.keys === "heads"`) {
			break
		}
		p.press(kb.Tab)
	}
	p.wait("the heads", `document.activeElement.dataset.keys === "heads"`)
	p.wait("a tip", tip)
	first := eval[string](p, tip)
	for _, key := range []string{kb.ArrowDown, kb.ArrowDown, kb.ArrowRight} {
		p.press(key)
	}
	p.wait("another tip", fmt.Sprintf("(%s) !== %s", tip, literal(first)))
	p.press(kb.Enter)
	p.wait("the head two below and one to the right", fmt.Sprintf(`(%s).includes("layer=2&head=1")`, hash))
	p.settled()
	p.wait("the keys where they were", `document.activeElement.dataset.keys === "heads"`)
	p.shot("figure-keys")
	p.escape()
	p.wait("the page", `document.activeElement === document.body && document.querySelector(".tip").hidden`)
	last := eval[int](p, now)
	p.press(kb.ArrowLeft)
	p.wait("now moves again", fmt.Sprintf("%s === %d", now, last-1))
}

// A finger selects, and is told what it selected; dragged on a picture it scrolls and makes no range.
func TestFinger(t *testing.T) {
	p := newTab(t)
	p.size(390, 844)
	p.do(emulation.SetTouchEmulationEnabled(true))
	p.open("#model=mini-gpt&view=attention&layer=0&head=0")
	p.settled()
	at := eval[[2]float64](p, `(async () => {
		const e = document.querySelector('main [data-set="layer=2&head=3"]');
		e.scrollIntoView({block: "center", behavior: "instant"});
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`)
	touch := func(kind input.TouchType, x, y float64) chromedp.Action {
		e := input.DispatchTouchEvent(kind, nil)
		if kind != input.TouchEnd {
			e.TouchPoints = []*input.TouchPoint{{X: x, Y: y}}
		}
		return e
	}
	p.do(touch(input.TouchStart, at[0], at[1]), touch(input.TouchEnd, 0, 0))
	p.wait("the head", fmt.Sprintf(`(%s).includes("layer=2&head=3")`, hash))
	p.wait("its tip", tip+`.includes("2.3")`)
	p.shot("finger")
	p.view("states")
	p.do(touch(input.TouchStart, 300, 500), touch(input.TouchMove, 250, 500), touch(input.TouchMove, 200, 500), touch(input.TouchEnd, 0, 0))
	p.wait("no range", fmt.Sprintf(`!(%s).includes("range=")`, hash))
}

// A window that gets narrow has its pictures scroll, not the page; wide again, none does.
func TestTurn(t *testing.T) {
	p := newTab(t)
	p.size(1200, 800)
	p.open("#model=char-lstm&view=states")
	p.settled()
	p.wait("no picture that scrolls", `!document.querySelector(".scroll.wide")`)
	p.size(390, 844)
	p.wait("a picture that scrolls, with now in sight", `(() => {
		const s = document.querySelector(".scroll.wide");
		return s.scrollLeft > 0 && document.documentElement.scrollWidth <= 390;
	})()`)
	p.size(1200, 800)
	p.wait("none again", `!document.querySelector(".scroll.wide")`)
}

// What is saved stands alone.
func TestSave(t *testing.T) {
	p := newTab(t)
	p.before(`
		window.saved = [];
		const make = URL.createObjectURL;
		URL.createObjectURL = (b) => { if (!b.type.includes("javascript")) saved.push(b); return make.call(URL, b); };
		HTMLAnchorElement.prototype.click = function () { window.names = [...(window.names || []), this.download]; }`)
	p.open("#model=mini-gpt&view=attention&layer=1&head=2")
	p.settled()
	p.click(`main .tools [data-do="svg"]`)
	p.wait("an SVG", `saved.length === 1 && saved[0].type === "image/svg+xml"`)
	svg := eval[string](p, "saved[0].text()")
	for _, bad := range []string{"<script", "foreignObject", "var(--", "class=", "style=", "data-set", "href=\"http"} {
		if strings.Contains(svg, bad) {
			t.Errorf("the picture has %s", bad)
		}
	}
	if n := eval[int](p, `new DOMParser().parseFromString(`+literal(svg)+`, "image/svg+xml").querySelectorAll("image").length`); n < 32 {
		t.Errorf("%d pictures of heads in the SVG", n)
	}
	p.click(`main .tools [data-do="png"]`)
	p.wait("a PNG of twice the size", `saved.length === 2 && createImageBitmap(saved[1]).then((b) => b.width === 2 * Math.round(Number(`+literal(svg)+`.match(/width="([\d.]+)"/)[1])))`)
	p.press("t")
	p.click(`main [data-do^="csv="]`)
	p.wait("a CSV", `saved.length === 3 && saved[2].text().then((t) => t.includes("\r\n"))`)
	p.wait("their names", `names.length === 3 && names[0].endsWith(".svg") && names[1].endsWith(".png") && names[2].endsWith(".csv")`)
}

// Words, heads and positions are found by what they are called.
func TestFind(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt")
	p.settled()
	find := func(q string) {
		p.press("/")
		p.wait("the field", `document.activeElement.dataset.find`)
		eval[bool](p, fmt.Sprintf(`(document.activeElement.value = %s, document.activeElement.dispatchEvent(new Event("input", {bubbles: true})))`, literal(q)))
	}
	find("2.5")
	p.click(`dialog .hits [data-do="go=0"]`)
	p.wait("head 2.5", fmt.Sprintf(`(%s).includes("view=attention&layer=2&head=5")`, hash))
	find("@3")
	p.click(`dialog .hits [data-do="go=0"]`)
	p.wait("position 3", now+" === 3")
	find("the")
	p.wait("tokens", `[...document.querySelectorAll("dialog .hits .tk")].some((e) => e.textContent.trim() === "the")`)
	p.shot("find")
	find("no such word anywhere")
	p.wait("nothing", `document.querySelectorAll("dialog .hits .card").length === 0`)
}

// The link is the address of what is on screen: copied, or shown where the browser lets nobody copy.
func TestShare(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=states&unit=2")
	p.settled()
	p.click(`.bar [data-do="share"]`)
	p.wait("the dialogue", `document.querySelector("dialog[open] [data-do=copy]")`)
	p.shot("share")
	label := eval[string](p, `document.querySelector("dialog [data-do=copy]").textContent`)
	p.click(`dialog [data-do="copy"]`)
	p.wait("the copy", fmt.Sprintf(`document.querySelector("dialog [data-do=copy]").textContent !== %s || document.querySelector("dialog textarea").value.includes("unit=2")`, literal(label)))
}

// choosesFiles has the test answer when the browser asks for files: what it gives takes paths of this machine.
func (p *tab) choosesFiles() (answer func(files ...string)) {
	p.t.Helper()
	asked := make(chan cdp.BackendNodeID, 1)
	chromedp.ListenTarget(p.ctx, func(ev any) {
		if e, ok := ev.(*page.EventFileChooserOpened); ok {
			asked <- e.BackendNodeID
		}
	})
	p.do(page.SetInterceptFileChooserDialog(true))
	return func(files ...string) {
		p.t.Helper()
		select {
		case node := <-asked:
			p.do(dom.SetFileInputFiles(files).WithBackendNodeID(node))
		case <-time.After(patience):
			p.t.Fatal("the browser did not ask for files")
		}
	}
}

// Files that are chosen open as they lie on the disk.
func TestChooseFiles(t *testing.T) {
	p := newTab(t)
	answer := p.choosesFiles()
	p.open("#model=char-lstm&view=states")
	p.settled()
	p.click(`.bar [data-do="open"]`)
	p.click(fmt.Sprintf(`dialog [data-do="%s"]`, figure.DoFile))
	var files []string
	for _, name := range []string{"model.safetensors", "config.json", "tokenizer.json"} {
		path, err := filepath.Abs("../models/parens-lstm/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	answer(files...)
	p.wait("the chosen model", modelName+` === "model.safetensors" && `+tokens+" > 0")
	p.settled()
	p.wait("no dialogue", `!document.querySelector("dialog[open]")`)
}

// A large model shows what of it is read, and can be called off; the one that was open goes on meanwhile.
func TestOpening(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=states")
	p.settled()
	name, n := eval[string](p, modelName), eval[int](p, tokens)
	eval[bool](p, large)
	p.wait("the tensor that is read", `document.querySelector("dialog.opening .ends .mono").textContent && document.querySelector("dialog.opening .bar").width.baseVal.value > 0`)
	p.shot("opening")
	p.press("s")
	p.wait("a step of the model that is open", fmt.Sprintf("%s === %d", tokens, n+1))
	p.click(`dialog.opening [data-do="cancel"]`)
	p.wait("the page", fmt.Sprintf(`!document.querySelector("dialog") && (%s) === %s`, modelName, literal(name)))
	p.press("s")
	p.wait("it still runs", fmt.Sprintf("%s === %d", tokens, n+2))
}

// large drops a model of 1.6 GB: its words' vectors are one piece of zeros, many times.
const large = `(async () => {
	const text = (path) => fetch("models/parens-lstm/" + path).then((r) => r.arrayBuffer());
	const [weights, config, tokenizer] = await Promise.all(["model.safetensors", "config.json", "tokenizer.json"].map(text));
	const n = Number(new DataView(weights).getBigUint64(0, true));
	const header = JSON.parse(new TextDecoder().decode(new Uint8Array(weights, 8, n)));
	const about = JSON.parse(new TextDecoder().decode(config));
	const small = about.vocab_size, piece = new Blob([new Uint8Array(1 << 24)]), parts = [];
	let at = 0;
	about.vocab_size = 1 << 23;
	for (const [name, t] of Object.entries(header).filter(([k]) => k !== "__metadata__").sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0])) {
		const [from, to] = t.data_offsets, grows = t.shape[0] === small;
		const bytes = grows ? (to - from) / small * about.vocab_size : to - from;
		if (grows) { for (let b = 0; b < bytes; b += 1 << 24) parts.push(piece.slice(0, Math.min(1 << 24, bytes - b))); t.shape[0] = about.vocab_size; }
		else parts.push(weights.slice(8 + n + from, 8 + n + to));
		t.data_offsets = [at, at += bytes];
	}
	const head = new TextEncoder().encode(JSON.stringify(header)), length = new DataView(new ArrayBuffer(8));
	length.setBigUint64(0, BigInt(head.length), true);
	const data = new DataTransfer();
	data.items.add(new File([length.buffer, head, ...parts], "large.safetensors"));
	data.items.add(new File([JSON.stringify(about)], "config.json"));
	data.items.add(new File([tokenizer], "tokenizer.json"));
	document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
	return true;
})()`
