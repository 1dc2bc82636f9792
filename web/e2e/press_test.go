package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// A mark that is drawn anew, or that moves away, while the button is down: the click is its own all the same, and is one.
func TestPress(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=prediction")
	p.settled()
	const button = `main .tools [data-do="table"]`
	for _, c := range []struct {
		name, between string
		dx            float64
		acts          bool
	}{
		{"it stays", `0`, 0, true},
		{"it is drawn anew", `e.replaceWith(e.cloneNode(true))`, 0, true},
		{"its row is drawn anew", `e.parentNode.innerHTML = e.parentNode.innerHTML`, 0, true},
		{"it moves away", `e.style.marginRight = "200px"`, 0, true},
		{"something lies over it", `e.style.pointerEvents = "none"`, 0, true},
		{"the hand leaves it", `0`, -300, false},
		{"the hand leaves it, and it is drawn anew", `e.replaceWith(e.cloneNode(true))`, -300, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			p.visit("about:blank")
			p.open("#model=parens-lstm&view=prediction")
			p.settled()
			at := eval[[2]float64](p, fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, button))
			mouse := func(kind input.MouseType, x float64) {
				p.do(input.DispatchMouseEvent(kind, x, at[1]).WithButton(input.Left).WithClickCount(1))
			}
			mouse(input.MousePressed, at[0])
			eval[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector(%q); %s; return true; })()`, button, c.between))
			mouse(input.MouseReleased, at[0]+c.dx)
			// What is asked twice would be undone: the answer to another question comes after both.
			p.press("2")
			p.still("location.hash")
			p.settled()
			if shown := eval[bool](p, `Boolean(document.querySelector("main table"))`); shown != c.acts {
				t.Errorf("the table is shown: %v, want %v", shown, c.acts)
			}
		})
	}
	p.t = t
}
