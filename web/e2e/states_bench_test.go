package e2e

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// BenchmarkStatesDrag drags the threshold, and then the end of the range, over 1,024 units of 200 tokens: what the main thread works for
// each move of the mouse, in its own time, and how many moves a second are drawn. The goal is one frame (16 ms) a move.
func BenchmarkStatesDrag(b *testing.B) {
	files := randomLSTM(b, 1024)
	works, rates := map[string][]float64{}, map[string][]float64{}
	for range b.N {
		p := newTab(b)
		p.open("#model=parens-lstm&view=states&o.states.corpus=none")
		p.dropPaths(slices.Clone(files)...)
		p.wait("the model", modelName+` === "model.safetensors" && !document.querySelector("dialog[open]")`) // which has no token of the text
		p.press("e")
		p.wait("the field", `document.activeElement.id === "edit"`)
		p.press("a", chromedp.KeyModifiers(2))
		text := make([]byte, 200)
		for i := range text {
			text[i] = 'a' + byte(rand.New(rand.NewPCG(1, uint64(i))).IntN(8))
		}
		p.do(input.InsertText(string(text)))
		p.wait("200 tokens", tokens+" === 200")
		p.press(kb.Escape)
		p.still("location.hash") // it has the text
		eval[bool](p, `(location.hash += "&range=80-90&at=100&o.states.what=hidden&o.states.l=0.3&o.states.before=0&o.states.after=0", true)`)
		p.wait("the range", `document.querySelector('main [data-drag="range-to"]')`)
		p.wait("units", `/^\d+ units/.test(`+unitsOn+`)`)
		p.settled()
		for what, mark := range map[string]string{"threshold": `main [data-drag^="o.states.l y"]`, "range": `main [data-drag="range-to"]`} {
			work, rate := p.draggedFor(mark, what == "threshold")
			works[what], rates[what] = append(works[what], work), append(rates[what], rate)
		}
		p.do(chromedp.Navigate("about:blank"))
	}
	for what := range works {
		b.ReportMetric(median(works[what]), what+"-main-ms/move")
		b.ReportMetric(median(rates[what]), what+"-moves/s")
	}
	b.ReportMetric(0, "ns/op")
}

// draggedFor drags a mark to and fro, a move for each frame, and waits for the address to have followed: ms of the main thread a move, and
// moves a second.
func (p *tab) draggedFor(mark string, vertical bool) (work, rate float64) {
	const moves = 60
	p.t.Helper()
	p.do(performance.Enable().WithTimeDomain(performance.EnableTimeDomainThreadTicks))
	at := eval[[2]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + Math.min(r.height / 2, 90)];
	})()`, literal(mark)))
	mouse := func(kind input.MouseType, d float64) chromedp.Action {
		x, y := at[0]+d, at[1]
		if vertical {
			x, y = at[0], at[1]+d
		}
		e := input.DispatchMouseEvent(kind, x, y).WithButton(input.Left).WithClickCount(1)
		if kind == input.MouseMoved {
			e = e.WithButtons(1)
		}
		return e
	}
	was := eval[string](p, hash)
	drawn := eval[bool](p, `(window.drawn = 0, new MutationObserver(() => drawn++).observe(document.querySelector('main [data-panel="main"] svg.marks'), {childList: true, subtree: true, attributes: true}), true)`)
	p.do(mouse(input.MousePressed, 0), mouse(input.MouseMoved, 8))
	before, start := p.cpu(), time.Now()
	for i := range moves {
		p.do(mouse(input.MouseMoved, 30*math.Sin(float64(i)/4)+10))
	}
	p.do(chromedp.Evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`, nil))
	work, rate = (p.cpu()-before)/moves, moves/time.Since(start).Seconds()
	p.do(mouse(input.MouseMoved, 24), mouse(input.MouseReleased, 24))
	became(p, "another address", hash, was)
	if n := eval[int](p, "drawn"); !drawn || n < moves/4 { // moves that come between two frames are drawn together
		p.t.Errorf("the picture was drawn %d times in %d moves", n, moves)
	}
	return work, rate
}

// randomLSTM writes the files of an LSTM of one layer with random weights.
func randomLSTM(b *testing.B, hidden int) (files []string) {
	const letters, embedding = 8, 8
	shapes := map[string][]int{"encoder.weight": {letters, embedding}, "rnn.weight_ih_l0": {4 * hidden, embedding}, "rnn.weight_hh_l0": {4 * hidden, hidden},
		"rnn.bias_ih_l0": {4 * hidden}, "rnn.bias_hh_l0": {4 * hidden}, "decoder.weight": {letters, hidden}, "decoder.bias": {letters}}
	header, data := map[string]any{}, []byte{}
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		from, n := len(data), 1
		for _, s := range shapes[name] {
			n *= s
		}
		size := 3 / math.Sqrt(float64(n/shapes[name][0]))
		if len(shapes[name]) == 1 {
			size = .1
		}
		for range n {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(r.NormFloat64()*size)))
		}
		header[name] = map[string]any{"dtype": "F32", "shape": shapes[name], "data_offsets": []int{from, len(data)}}
	}
	head := []byte(literal(header))
	dir := b.TempDir()
	for name, content := range map[string][]byte{
		"model.safetensors": slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head, data),
		"config.json":       fmt.Appendf(nil, `{"model_type": "lstm", "vocab_size": %d, "embedding_size": %d, "hidden_size": %d, "num_layers": 1}`, letters, embedding, hidden),
		"tokenizer.json":    []byte(`{"type": "char", "vocab": ["a", "b", "c", "d", "e", "f", "g", "h"]}`),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, path)
	}
	return files
}

// BenchmarkStatesFill runs 10,000 tokens of Shakespeare through the char LSTM in the worker as the page has it filled, 40 ms at a time, and the
// first 4,096 of them at once as a session's, all of which is recorded: tokens a second, how much longer filling takes, and the ms of matches among
// what is there. What filling costs beyond a run that records nothing is BenchmarkFill of engine/service.
func BenchmarkStatesFill(b *testing.B) {
	var rates, ratios, matches []float64
	for range b.N {
		p := talkingIn(newTab(b), "char-lstm")
		r := eval[struct{ Tokens, Filled, Run, Match, Total float64 }](p, `(async () => {
			const body = async (op, b) => { const r = await e.ask(op, b); if (r.kind !== "done") throw JSON.stringify(r); return r.body; };
			const lines = (await fetch("texts/shakespeare.jsonl").then((r) => r.text())).trim().split("\n").map((l) => JSON.parse(l).text);
			const text = lines.join("\n").slice(0, 10000), cuts = [{level: .3, on: "above"}];
			const info = await body("corpus.open", {text, name: "bench", sources: ["layers.1.hidden"], cuts});
			let start = performance.now(), f;
			do f = await body("corpus.fill", {corpus: info.id, ms: 40}); while (!f.done);
			const filled = performance.now() - start;
			start = performance.now();
			const ran = await body("run", {text});
			const run = performance.now() - start;
			let match = 1e9, m;
			for (let i = 0; i < 6; i++) {
				start = performance.now();
				m = await body("corpus.match", {corpus: info.id, upto: f.tokens, cuts, units: [...Array(20).keys()].map((u) => 9 * u), before: 1, after: 1, least: 2 + i % 2, n: 20, left: 3, right: 20, tracks: ["surprisal"]});
				match = Math.min(match, performance.now() - start);
			}
			return {tokens: f.tokens, filled, run: run / ran.tokens.length, match, total: m.total};
		})()`)
		if r.Tokens < 9900 || r.Total == 0 {
			b.Fatalf("%+v", r)
		}
		rates, ratios, matches = append(rates, r.Tokens/r.Filled*1e3), append(ratios, r.Filled/r.Tokens/r.Run), append(matches, r.Match)
		eval[bool](p, "(e.close(), true)")
	}
	b.ReportMetric(median(rates), "tokens/s")
	b.ReportMetric(median(ratios), "times-a-run")
	b.ReportMetric(median(matches), "match-ms")
	b.ReportMetric(0, "ns/op")
}
