package e2e

import (
	"fmt"
	"math"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	over     = `document.querySelector('main [data-scatter="map"]')`
	camera   = `decodeURIComponent((location.hash.match(/o\.words\.cam=([^&]*)/) ?? [, ""])[1])`
	markedAt = `(() => { const b = document.querySelector("main .sc-lines .sc-dot, main .sc-lines .sc-ring").getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()`
)

// stillMap opens a map that does not move.
func stillMap(t *testing.T, more string) *tab {
	p := newTab(t)
	p.open("#model=word-vectors&view=words&o.words.by=pca" + more)
	p.wait("labels", `document.querySelectorAll("main .sc-labels > g").length > 10`)
	p.wait("what is asked about it", `document.querySelector("main .reading b") && document.querySelector("main .wd-near .bar")`)
	p.wait("round dots", `!document.querySelector("main .sc.moving")`)
	eval[bool](p, over+`.scrollIntoView({block: "center", behavior: "instant"}), true`)
	p.still("String(scrollY)") // scrolling takes the tip away
	return p
}

func (p *tab) at(js string) (x, y float64) {
	p.t.Helper()
	at := eval[[2]float64](p, js)
	return at[0], at[1]
}

// A map is zoomed at the pointer, dragged, and brought back; each is a step of undo, and in the address.
func TestScatterCamera(t *testing.T) {
	p := stillMap(t, "")
	x, y := p.at(markedAt)
	p.do(input.DispatchMouseEvent(input.MouseWheel, x, y).WithDeltaX(0).WithDeltaY(-240))
	p.wait("a camera in the address", camera)
	p.wait("rest", `!document.querySelector("main .sc.moving")`)
	if nx, ny := p.at(markedAt); math.Hypot(nx-x, ny-y) > 2 {
		t.Errorf("what was under the pointer moved by %g, %g", nx-x, ny-y)
	}
	was := eval[string](p, camera)
	p.drag(`main [data-scatter="map"]`, 60, 30)
	p.wait("another camera", fmt.Sprintf("%s !== %q", camera, was))
	p.wait("rest", `!document.querySelector("main .sc.moving")`)
	if nx, ny := p.at(markedAt); math.Hypot(nx-x-60, ny-y-30) > 2 {
		t.Errorf("a drag by 60, 30 moved it by %g, %g", nx-x, ny-y)
	}
	p.shot("scatter-zoomed")
	p.undo()
	p.wait("the camera before", fmt.Sprintf("%s === %q", camera, was))
	p.do(chromedp.Focus(`main [data-scatter="map"]`, chromedp.ByQuery))
	p.press("0")
	p.wait("everything in sight", camera+` === ""`)
}

// The pointer over a word shows what it is and lights it wherever it stands; the arrows go from word to word, and Enter chooses.
func TestScatterPoints(t *testing.T) {
	p := stillMap(t, "")
	x, y := p.at(markedAt)
	p.do(input.DispatchMouseEvent(input.MouseMoved, x, y))
	p.wait("a tip", tip)
	p.wait("a ring", `document.querySelector("main .sc-lit circle")`)
	p.do(input.DispatchMouseEvent(input.MouseMoved, 5, 5))
	p.wait("no ring", `!document.querySelector("main .sc-lit circle")`)

	p.do(chromedp.Focus(`main [data-scatter="map"]`, chromedp.ByQuery))
	p.press(kb.ArrowRight)
	p.press(kb.ArrowDown)
	p.wait("where the keys are", `document.querySelector("main .sc-hot.key")`)
	word := eval[string](p, tip+`.split("\n")[0]`)
	p.wait("it is said", fmt.Sprintf(`[...document.querySelectorAll("body > .sr")].some((e) => e.textContent.startsWith(%q))`, word))
	p.press(kb.Enter)
	p.wait("the word is chosen", fmt.Sprintf(`document.querySelector("main .wd-near").textContent.includes(%q)`, word))
}

// In 3D a drag turns the map; with two dimensions again it stands as before.
func TestScatterTurn(t *testing.T) {
	p := stillMap(t, "&o.words.dims=3")
	p.drag(`main [data-scatter="map"]`, 80, 40)
	p.wait("a turn", camera+`.split(",").length === 5`)
	p.wait("round dots", `!document.querySelector("main .sc.moving") && document.querySelector("main .sc-dots path.far0")`)
	p.shot("scatter-3d")
}

// A finger on a map scrolls the page, until the map is zoomed by two; a tap chooses.
func TestScatterTouch(t *testing.T) {
	p := newTab(t)
	p.size(390, 844)
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	p.open("#model=word-vectors&view=words&o.words.by=pca")
	p.wait("labels", `document.querySelectorAll("main .sc-labels > g").length > 5`)
	middle := `(() => { const b = ` + over + `.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()`
	touch := func(kind input.TouchType, points ...[2]float64) {
		t.Helper()
		list := []*input.TouchPoint{}
		for i, q := range points {
			list = append(list, &input.TouchPoint{X: q[0], Y: q[1], ID: float64(i + 1)})
		}
		p.do(input.DispatchTouchEvent(kind, list))
	}
	swipe := func() {
		x, y := p.at(middle)
		touch(input.TouchStart, [2]float64{x, y})
		for i := range 10 {
			touch(input.TouchMove, [2]float64{x, y - 12*float64(i+1)})
		}
		touch(input.TouchEnd)
	}
	swipe()
	p.wait("the page scrolls", "scrollY > 40")
	p.still("String(scrollY)") // it goes on for a while
	if cam := eval[string](p, camera); cam != "" {
		t.Errorf("a finger that scrolls moved the map: %s", cam)
	}
	eval[bool](p, "(scrollTo(0, 0), true)")
	p.wait("the top", "scrollY === 0")
	x, y := p.at(middle)
	touch(input.TouchStart, [2]float64{x - 30, y}, [2]float64{x + 30, y})
	for i := range 8 {
		k := 6 * float64(i+1)
		touch(input.TouchMove, [2]float64{x - 30 - k, y}, [2]float64{x + 30 + k, y})
	}
	touch(input.TouchEnd)
	p.wait("a zoom", `Number(`+camera+`.split(",")[0]) > 1.5`)
	p.wait("that the map holds fingers", `document.querySelector("main .sc-over.held")`)
	was := eval[string](p, camera)
	swipe()
	p.wait("the map moves", fmt.Sprintf("%s !== %q", camera, was))
	if at := eval[float64](p, "scrollY"); at != 0 {
		t.Errorf("the page scrolled by %g with the map", at)
	}
	p.shot("scatter-phone")
}
