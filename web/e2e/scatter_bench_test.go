package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// BenchmarkScatter looks at a map of n words for some seconds while t-SNE moves all of them: the median time between two frames, and what
// the main thread works for each, in its own time. The goals are 60 frames a second and 8 ms at 10,000 words, and 25 frames a
// second at 50,000, on an idle machine of two cores without a GPU.
func BenchmarkScatter(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		for _, dims := range []int{2, 3} {
			b.Run(fmt.Sprintf("n=%d/dims=%d", n, dims), func(b *testing.B) {
				var between, works []float64
				for range b.N {
					p := movingMap(b, n, dims)
					t, w := p.watch()
					between, works = append(between, t), append(works, w)
					p.do(chromedp.Navigate("about:blank"))
				}
				b.ReportMetric(1000/median(between), "frames/s")
				b.ReportMetric(median(works), "main-ms/frame")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// movingMap opens n vectors of 50 numbers from a file, as a person does, and waits until they move.
func movingMap(b *testing.B, n, dims int) *tab {
	const d = 50
	x := gaussians(n, d)
	text := fmt.Appendf(nil, "%d %d\n", n, d)
	for i := range n {
		text = fmt.Appendf(text, "word%d", i)
		for _, v := range x[i*d : (i+1)*d] {
			text = strconv.AppendFloat(append(text, ' '), float64(v), 'f', 3, 32)
		}
		text = append(text, '\n')
	}
	path := filepath.Join(b.TempDir(), "vectors.txt")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	p := newTab(b)
	p.open(fmt.Sprintf("#model=parens-lstm&view=words&o.words.max=%d&o.words.dims=%d&o.words.iters=100000", n, dims))
	p.dropPaths(path)
	p.wait("that it moves", `Number(document.querySelector("main .wd-run")?.textContent.match(/([\d,]+) of 100,000/)?.[1].replaceAll(",", "")) > 20`)
	return p
}

// watch is the median time between frames in four seconds, and what the main thread did in them, in ms a frame.
func (p *tab) watch() (between, work float64) {
	p.t.Helper()
	p.do(performance.Enable().WithTimeDomain(performance.EnableTimeDomainThreadTicks))
	before := p.cpu()
	times := eval[[]float64](p, `new Promise((done) => {
		const all = [], first = performance.now();
		const next = (t) => {
			all.push(t);
			if (performance.now() - first < 4000) requestAnimationFrame(next);
			else done(all.slice(1).map((t, i) => t - all[i]));
		};
		requestAnimationFrame(next);
	})`)
	return median(times), (p.cpu() - before) / float64(len(times))
}
