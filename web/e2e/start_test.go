package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// noteFigure notes when the first figure with marks in it stands in the page, in ms after navigation.
const noteFigure = `
	new MutationObserver((_, o) => {
		if (!document.querySelector("main svg.marks :is(path, rect, image, text)")) return;
		o.disconnect();
		requestAnimationFrame(() => requestAnimationFrame(() => { window.firstFigure = performance.now(); }));
	}).observe(document, {childList: true, subtree: true})`

// BenchmarkStart measures the time from navigation to the first figure: cold is a first visit, warm one that the service
// worker answers. They are medians; the goals are 1000 and 400 ms on an idle machine of two cores.
func BenchmarkStart(b *testing.B) {
	var cold, warm []float64
	for range b.N {
		p := newTab(b)
		p.before(noteFigure)
		p.visit(home.url)
		cold = append(cold, p.firstFigure())
		eval[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
		p.wait("control by the service worker", `navigator.serviceWorker.controller`)
		for range 3 {
			p.visit("about:blank")
			p.visit(home.url)
			warm = append(warm, p.firstFigure())
		}
		p.do(chromedp.Navigate("about:blank"))
	}
	b.ReportMetric(median(cold), "cold-ms")
	b.ReportMetric(median(warm), "warm-ms")
	b.ReportMetric(0, "ns/op")
}

func (p *tab) firstFigure() float64 {
	p.t.Helper()
	p.wait("the first figure", "window.firstFigure")
	return eval[float64](p, "firstFigure")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
