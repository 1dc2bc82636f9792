package e2e

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// BenchmarkCaret measures what a move of now costs the page's thread, in its own processor time, so that a busy machine
// does not count: with all that follows, such as the figure, its layout and its paint. The goals are a frame (16 ms) at 64
// tokens and 50 ms at 512. It is also given as a ratio to a loop of 10 million steps on the same thread.
func BenchmarkCaret(b *testing.B) {
	const line = "To be, or not to be: that is the question: Whether it is nobler in the mind to suffer the slings and arrows. "
	for _, v := range []struct{ model, view string }{
		{"char-lstm", "prediction"}, {"char-lstm", "states"}, {"char-lstm", ""}, {"mini-gpt", "attention"}, {"mini-gpt", "states"},
	} {
		for _, n := range []int{64, 512} {
			b.Run(fmt.Sprintf("%s/%s/%d", v.model, cmp.Or(v.view, "start"), n), func(b *testing.B) {
				text := strings.Repeat(line, 6)[:n]
				if v.model == "mini-gpt" { // its tokens are longer
					text = strings.Repeat(line, 20)[:min(2150, 3*n)]
				}
				p := newTab(b)
				p.open("#model=" + v.model + "&view=" + v.view + "&text=" + url.QueryEscape(text))
				p.settled()
				p.do(performance.Enable().WithTimeDomain(performance.EnableTimeDomainThreadTicks))
				var before, loop float64
				for range 3 { // the browser compiles it meanwhile
					before = p.cpu()
					eval[bool](p, "(() => { let x = 0; for (let i = 0; i < 1e7; i++) x += i % 7; return x > 0; })()")
					loop = p.cpu() - before
				}
				p.moveNow(4) // what is made once is made
				moves := 0
				before = p.cpu()
				for range b.N {
					p.moveNow(10)
					moves += 10
				}
				ms := (p.cpu() - before) / float64(moves)
				b.ReportMetric(ms, "cpu-ms/move")
				b.ReportMetric(ms/loop, "loops/move")
				b.ReportMetric(eval[float64](p, tokens), "tokens")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// moveNow presses an arrow n times, back and forth, each when the figure of the one before is painted.
func (p *tab) moveNow(n int) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(async () => {
		const main = document.querySelector("main"), frame = () => new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
		for (let i = 0; i < %d; i++) {
			const drawn = new Promise((r) => new MutationObserver((_, o) => { o.disconnect(); r(); }).observe(main, {subtree: true, childList: true, attributes: true, characterData: true}));
			document.body.dispatchEvent(new KeyboardEvent("keydown", {key: i %% 2 ? "ArrowRight" : "ArrowLeft", bubbles: true, cancelable: true}));
			await drawn;
			await frame();
			await frame();
		}
		return true;
	})()`, n))
}

// cpu is the processor time of the page's thread so far, in ms.
func (p *tab) cpu() (ms float64) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		all, err := performance.GetMetrics().Do(ctx)
		for _, m := range all {
			if m.Name == "TaskDuration" {
				ms = m.Value * 1e3
			}
		}
		return err
	}))
	return ms
}
