package states

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/viewtest"
)

// random is an input of n tokens and units that say nothing.
func random(n, units int) *figure.Input {
	r := rand.New(rand.NewPCG(1, 2))
	return made(n, units, func(t int) string { return " w" + strconv.Itoa(t) }, func(t, u int) float64 { return r.Float64()*2 - 1 })
}

// page is what stays in the page as long as it is the same.
type page struct{ under, middle string }

// marks draws and returns how many bytes of marks the page is given. The ground must be the same as before.
func (was *page) marks(b *testing.B, in *figure.Input) (bytes int) {
	for i, p := range Draw(in).Panels {
		bytes += len(p.Top())
		if i > 0 {
			continue
		}
		if was.under != "" && was.under != p.Under {
			b.Fatal("the ground is another")
		}
		if was.middle != p.Middle {
			bytes += len(p.Middle)
		}
		*was = page{p.Under, p.Middle}
	}
	return bytes
}

// BenchmarkDraw is the largest views that must stay smooth: drawn first, and as now moves.
func BenchmarkDraw(b *testing.B) {
	for _, c := range []struct {
		name     string
		n, units int
		pairs    string
	}{{"64x200", 64, 200, ""}, {"512x1024", 512, 1024, ""}, {"512x1024-heat", 512, 1024, "o.states.form=heat"}} {
		in := random(c.n, c.units)
		in.State.Patch(c.pairs)
		for _, what := range []string{"first", "now moves"} {
			b.Run(c.name+"/"+what, func(b *testing.B) {
				same := page{}
				for i := 0; b.Loop(); i++ {
					if what == "first" {
						known, ground = plot.Memory[seen, learned]{Size: 8}, plot.Memory[still, string]{Size: 12}
					}
					in.State.At = i % c.n
					b.ReportMetric(float64(same.marks(b, in))/1e3, "kB")
				}
			})
		}
	}
}

// BenchmarkDrag is a frame of a drag over 1,024 units and 200 tokens: of the threshold, of the range's end, of a margin. The ground must not
// change meanwhile.
func BenchmarkDrag(b *testing.B) {
	for _, c := range []struct {
		name string
		pair func(i int) string
	}{
		{"threshold", func(i int) string { return fmt.Sprintf("o.states.l=%.2f", .01*float64(i%60)) }},
		{"range", func(i int) string { return fmt.Sprintf("range=100-%d", 101+i%40) }},
		{"margin", func(i int) string { return fmt.Sprintf("o.states.before=%d", i%40) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			in := random(200, 1024)
			in.State.Patch("range=100-102&o.states.l=0.3")
			same := page{}
			same.marks(b, in)
			for i := 0; b.Loop(); i++ {
				in.State.Patch(c.pair(i))
				b.ReportMetric(float64(same.marks(b, in))/1e3, "kB")
			}
		})
	}
}

// BenchmarkDragMatches is a frame of a drag of the threshold while matches stand below, whose answer is on its way.
func BenchmarkDragMatches(b *testing.B) {
	e := viewtest.Open(b, "web/models/char-lstm")
	e.Corpus(2, 600)
	in := input(b, e, strings.Repeat("ROMEO:\nGood Mercutio, ", 4), "range=13-15&o.states.l=0.2&o.states.before=0&o.states.after=0")
	Draw(in)
	last := map[string]any{}
	ask := in.AskCorpus
	in.AskCorpus = func(op string, body any) (any, bool) {
		if last[op] == nil {
			last[op], _ = ask(op, body)
		}
		return last[op], false
	}
	same := page{}
	same.marks(b, in)
	for i := 0; b.Loop(); i++ {
		in.State.Patch(fmt.Sprintf("o.states.l=%.2f", .1+.01*float64(i%20)))
		b.ReportMetric(float64(same.marks(b, in))/1e3, "kB")
	}
}

// BenchmarkGround is the line plot of 1,024 units over 500 tokens.
func BenchmarkGround(b *testing.B) {
	d := drawn(b, random(500, 1024))
	for b.Loop() {
		var m svg.Builder
		d.form(d.chart).back(&m)
		b.ReportMetric(float64(len(m.String()))/1e3, "kB")
	}
}
