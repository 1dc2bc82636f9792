package e2e

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
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

// BenchmarkMemory opens a GPT-2 of 124 M parameters in f16 from a file of this machine, and gives the most memory that the
// browser's process took for it, as a ratio to the file, with the speed of reading. The goal is 1.3.
func BenchmarkMemory(b *testing.B) {
	files, size := gpt2(b)
	var ratio, speed []float64
	for range b.N {
		p := talkingIn(newTab(b), "")
		eval[reply](p, `e.ask("nothing", {})`) // the engine has started
		pid := p.process()
		before := memory(b, pid, "VmRSS")
		p.attach(files)
		ms := eval[float64](p, `(async () => {
			const list = [...document.querySelector("#files").files], start = performance.now();
			const r = await e.ask("open", {files: list.map((f, i) => ({ref: i, name: f.name, size: f.size}))}, Object.fromEntries(list.entries()));
			if (r.kind !== "done") throw JSON.stringify(r);
			return performance.now() - start;
		})()`)
		ratio = append(ratio, (memory(b, pid, "VmHWM")-before)/size)
		speed = append(speed, size/1e6/(ms/1e3))
		eval[bool](p, "(e.close(), true)")
	}
	b.ReportMetric(median(ratio), "peak/file")
	b.ReportMetric(median(speed), "MB/s")
	b.ReportMetric(0, "ns/op")
}

// gpt2 writes the files of a model of that shape; its weights are all zero, so that the file is made at once.
func gpt2(b *testing.B) (files []string, size float64) {
	const d, layers, vocab, positions = 768, 12, 50257, 1024
	shapes := map[string][]int{"wte.weight": {vocab, d}, "wpe.weight": {positions, d}, "ln_f.weight": {d}, "ln_f.bias": {d}}
	for l := range layers {
		at := fmt.Sprintf("h.%d.", l)
		for name, out := range map[string]int{"attn.c_attn": 3 * d, "attn.c_proj": d, "mlp.c_fc": 4 * d, "mlp.c_proj": d} {
			in := d
			if name == "mlp.c_proj" {
				in = 4 * d
			}
			shapes[at+name+".weight"], shapes[at+name+".bias"] = []int{in, out}, []int{out}
		}
		for _, name := range []string{"ln_1", "ln_2"} {
			shapes[at+name+".weight"], shapes[at+name+".bias"] = []int{d}, []int{d}
		}
	}
	header, end := map[string]any{}, 0
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		n := 2
		for _, s := range shapes[name] {
			n *= s
		}
		header[name] = map[string]any{"dtype": "F16", "shape": shapes[name], "data_offsets": []int{end, end + n}}
		end += n
	}
	head := []byte(literal(header))
	dir := b.TempDir()
	weights := filepath.Join(dir, "model.safetensors")
	write := func(name string, bytes []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, bytes, 0o644); err != nil {
			b.Fatal(err)
		}
		return path
	}
	write("model.safetensors", append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...))
	if err := os.Truncate(weights, int64(8+len(head)+end)); err != nil {
		b.Fatal(err)
	}
	config := fmt.Sprintf(`{"model_type": "gpt2", "n_layer": %d, "n_head": 12, "n_embd": %d, "n_positions": %d, "vocab_size": %d}`, layers, d, positions, vocab)
	return []string{weights, write("config.json", []byte(config)), write("tokenizer.json", []byte(`{"type": "char", "vocab": ["a", "b"]}`))}, float64(end)
}

// attach puts files of this machine into the page, as a person who chooses them.
func (p *tab) attach(files []string) {
	p.t.Helper()
	eval[bool](p, `(document.body.insertAdjacentHTML("beforeend", '<input type="file" multiple id="files">'), true)`)
	p.do(chromedp.SetUploadFiles("#files", files, chromedp.ByQuery))
}

// process is the process that runs the page and its workers: of all that render, the one that a heap of 64 MB made larger.
func (p *tab) process() int {
	p.t.Helper()
	var before, after []*systeminfo.ProcessInfo
	of := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	list := func() (l []*systeminfo.ProcessInfo) {
		l, err := systeminfo.GetProcessInfo().Do(of)
		if err != nil {
			p.t.Fatal(err)
		}
		return l
	}
	before = list()
	sizes := map[int64]float64{}
	for _, x := range before {
		sizes[x.ID] = memory(p.t, int(x.ID), "VmRSS")
	}
	eval[bool](p, `(window.ballast = new Uint8Array(64 << 20).fill(1), true)`)
	after = list()
	for _, x := range after {
		if was, ok := sizes[x.ID]; ok && memory(p.t, int(x.ID), "VmRSS")-was > 60<<20 {
			return int(x.ID)
		}
	}
	p.t.Fatal("the page's process was not found")
	return 0
}

// memory is a line of a process's status, in bytes.
func memory(t testing.TB, pid int, line string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	var kb float64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return kb * 1024
}
