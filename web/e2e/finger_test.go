package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// slide has a finger go from the middle of the i-th element that fits by dx and dy.
func (p *tab) slide(selector string, i int, dx, dy float64) {
	p.t.Helper()
	x, y := p.at(fmt.Sprintf(`(async () => {
		const e = document.querySelectorAll(%q)[%d];
		e.scrollIntoView({block: "center", behavior: "instant"});
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`, selector, i))
	const steps = 10
	for k := range steps + 1 {
		kind, share := input.TouchMove, float64(k)/steps
		if k == 0 {
			kind = input.TouchStart
		}
		p.do(input.DispatchTouchEvent(kind, []*input.TouchPoint{{X: x + share*dx, Y: y + share*dy}}))
	}
	p.do(input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
}

// A finger drags what it holds, all the way; across it, it scrolls the page and changes nothing.
func TestFingerDrags(t *testing.T) {
	p := newTab(t)
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	p.phonograph("")
	const bar = `main [data-panel="stages"] [data-drag*="weight"]`
	p.wait("bars", fmt.Sprintf("document.querySelectorAll(%q).length === 10", bar))
	top := eval[float64](p, "scrollY")
	p.slide(bar, 3, 0, -200)
	p.wait("the page scrolled", fmt.Sprintf("scrollY > %g + 60", top))
	p.still("String(scrollY)")
	if eval[bool](p, inHash("weight")) {
		t.Error("a finger that scrolls changed the attention")
	}
	p.slide(bar, 3, -40, 0) // to the end of its bar
	p.wait("all the attention at one letter", inHash("weight=3_1.00"))

	const number = `main [data-panel="stages"] [data-number^="o.translate.cut "]`
	p.settled()
	before := eval[string](p, fmt.Sprintf("document.querySelector(%q).textContent", number))
	p.slide(number, 0, -40, 0)
	p.wait("another number", fmt.Sprintf("document.querySelector(%q).textContent !== %q", number, before))
}

// The threshold of states lies across the page's way of scrolling: a finger drags it.
func TestFingerThreshold(t *testing.T) {
	p := newTab(t)
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	p.open("#model=char-lstm&view=states")
	p.settled()
	const level = `main [data-drag^="o.states.l y"]`
	p.wait("a threshold", fmt.Sprintf("document.querySelector(%q)", level))
	p.slide(level, 0, 0, -300)
	p.wait("the highest", inHash("o.states.l=1.00"))
}

// On a tablet the bars stand: while one is dragged up, other targets are looked for and drawn, and the picture stays under the hand.
func TestFingerBars(t *testing.T) {
	p := newTab(t)
	p.do(chromedp.EmulateViewport(1024, 768, chromedp.EmulateMobile, chromedp.EmulateTouch))
	p.phonograph("")
	const bar = `main [data-panel="stages"] [data-drag*="weight"]`
	p.wait("bars", fmt.Sprintf("document.querySelectorAll(%q).length === 10", bar))
	p.slide(bar, 5, 0, -60)
	p.wait("all the attention at one letter", inHash("weight=5_1.00"))
	p.settled()
}
