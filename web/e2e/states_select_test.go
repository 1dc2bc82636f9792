package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/performance"
)

// choice takes an option of a menu of the page by the words that it has.
func (p *tab) choice(key, words string) {
	p.t.Helper()
	menu := fmt.Sprintf(`main select[data-change=%s]`, literal(key))
	p.wait("the menu "+key, "document.querySelector("+literal(menu)+")")
	p.wait("an option "+words, fmt.Sprintf(`(() => {
		const s = document.querySelector(%s), o = [...s.options].find((o) => o.textContent.includes(%s));
		if (!o) return false;
		s.value = o.value;
		s.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`, literal(menu), literal(words)))
}

// TestStatesSelect: what a person does to select units: range, margins, threshold on either side, the suggested one, by hand, another
// source; all of it is in the address and is undone.
func TestStatesSelect(t *testing.T) {
	p := newTab(t)
	p.open("#model=char-lstm&view=states&o.states.corpus=none")
	p.settled()
	p.drag(`main [data-drag="range"]`, 60, 0)
	p.wait("a range", fmt.Sprintf(`(%s).match(/range=\d+-\d+/)`, hash))
	p.drag(`main [data-drag^="o.states.after "]`, 80, 0)
	p.wait("a wider margin", fmt.Sprintf(`Number((%s).match(/o\.states\.after=(\d+)/)?.[1]) > 1`, hash))
	p.undo()
	p.wait("the margin of before", fmt.Sprintf(`!(%s).includes("o.states.after")`, hash))
	p.wait("menus that say what is chosen", `["o.states.on", "o.states.also", "o.states.tracks"].every((k) => document.querySelector('main select[data-change="' + k + '"]').selectedOptions.length === 1)`)
	p.choice("o.states.on", "below")
	p.wait("units below", fmt.Sprintf(`(%s).includes("o.states.on=below")`, hash))
	p.settled()
	ground := `document.querySelector('[data-panel="main"] svg.marks > g').firstElementChild`
	eval[bool](p, `(window.before = `+ground+`, true)`)
	p.drag(`main [data-drag^="o.states.l y"]`, 0, 20)
	p.wait("a threshold below zero", fmt.Sprintf(`Number((%s).match(/o\.states\.l=([\d.-]+)/)?.[1]) > 0.3`, hash))
	p.wait("the same ground", `window.before === `+ground)
	p.choice("o.states.also", "layers.0.hidden")
	p.wait("another source", fmt.Sprintf(`(%s).includes("o.states.also=layers.0.hidden")`, hash))
	p.wait("its threshold", `document.querySelector('main [data-drag^="o.states.l.1 y"]')`)
	p.drag(`main [data-drag^="o.states.l.1 y"]`, 0, 10)
	p.wait("it is set apart", fmt.Sprintf(`(%s).includes("o.states.l.1=")`, hash))
	p.shot("states-select")
	p.click(`main [data-panel="units"] .st-x[data-set*="pin"]`)
	p.wait("a unit by hand", fmt.Sprintf(`(%s).match(/o\.states\.(pin|out)=\d/)`, hash))
	p.choice("o.states.tracks", "character class")
	p.wait("a track", `[...document.querySelectorAll('[data-panel="main"] text')].some((e) => e.textContent === "character class")`)
	p.click(`main [data-set="o.states.tab=unit"]`)
	p.wait("one unit", `document.querySelector('[data-panel="step"]')`)
	for range 3 {
		p.undo()
	}
	p.wait("as before the unit was added", fmt.Sprintf(`!(%s).match(/o\.states\.(pin|out|tab|tracks)=/) && (%s).includes("o.states.l.1=")`, hash, hash))
}

// BenchmarkThreshold measures what a step of a threshold costs the page's thread, in its own processor time, with all that follows: 1,024
// units in two plots over some 200 tokens. The goal is a frame (16 ms).
func BenchmarkThreshold(b *testing.B) {
	text := strings.Repeat("To be, or not to be: that is the question. ", 12)
	p := newTab(b)
	p.open("#model=mini-gpt&view=states&o.states.what=mlp.post&o.states.also=blocks.2.mlp.post&layer=3&o.states.corpus=none&range=20-21&o.states.l=0.1&text=" + url.QueryEscape(text))
	p.settled()
	p.do(performance.Enable().WithTimeDomain(performance.EnableTimeDomainThreadTicks))
	steps := func(n int) {
		eval[bool](p, fmt.Sprintf(`(async () => {
			const main = document.querySelector("main"), frame = () => new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
			for (let i = 0; i < %d; i++) {
				const drawn = new Promise((r) => new MutationObserver((_, o) => { o.disconnect(); r(); }).observe(main, {subtree: true, childList: true, attributes: true, characterData: true}));
				const number = document.querySelector('main [data-number^="o.states.l "]');
				number.focus();
				number.dispatchEvent(new KeyboardEvent("keydown", {key: i %% 8 < 4 ? "ArrowUp" : "ArrowDown", bubbles: true, cancelable: true}));
				await drawn;
				await frame();
				await frame();
			}
			return true;
		})()`, n))
	}
	var loop float64
	for range 3 { // see BenchmarkCaret
		loop = -p.cpu()
		eval[bool](p, "(() => { let x = 0; for (let i = 0; i < 1e7; i++) x += i % 7; return x > 0; })()")
		loop += p.cpu()
	}
	steps(8)
	n, before := 0, p.cpu()
	for range b.N {
		steps(8)
		n += 8
	}
	ms := (p.cpu() - before) / float64(n)
	b.ReportMetric(ms, "cpu-ms/step")
	b.ReportMetric(ms/loop, "loops/step")
	b.ReportMetric(eval[float64](p, tokens), "tokens")
	b.ReportMetric(0, "ns/op")
}
