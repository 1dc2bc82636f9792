package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// talk is what the tests below say to an engine without the shell: they speak the protocol through window.loupe, as
// wasm/browser does. e.ask(op, body, files) gives the reply that ends a request, with what came before it.
const talk = `
window.talk = (program = "worker") => {
	const asked = new Map(), e = {gone: null, alive: 0};
	let last = 0;
	const engine = loupe.engine(program, (m) => {
		if (m === "alive") { e.alive++; return; }
		if (m.gone) { e.gone = m.gone; for (const a of asked.values()) a.settle({kind: "crashed", body: {detail: m.gone}}); return; }
		const reply = JSON.parse(new TextDecoder().decode(new Uint8Array(m, 4, new DataView(m).getUint32(0, true))));
		const a = asked.get(reply.id);
		if (reply.kind === "progress" || reply.kind === "partial") { a.before.push(reply); a.more?.(reply); }
		else a.settle({...reply, before: a.before});
	});
	e.post = (id, op, body, files = {}) => engine.post(new TextEncoder().encode(JSON.stringify({id, op, body})).buffer, files);
	e.ask = (op, body, files, more) => new Promise((settle) => {
		asked.set(++last, {settle, before: [], more});
		e.post(last, op, body, files);
	});
	e.cancel = () => e.post(0, "cancel", {id: last});
	e.close = engine.close;
	e.open = (id) => {
		const names = JSON.parse(document.querySelector("meta[name=loupe-build]").content).models[id], files = {};
		names.forEach((n, i) => { files[i] = n; });
		return e.ask("open", {files: names.map((n, i) => ({ref: i, name: n.split("/").pop(), size: sizes[n]}))}, files);
	};
	return e;
};
window.sizes = {};
true`

// talking opens the page without its program, and a model in an engine.
func talking(t *testing.T, id string) *tab {
	t.Helper()
	return talkingIn(newTab(t), id)
}

func talkingIn(p *tab, id string) *tab {
	p.t.Helper()
	p.before(`const get = fetch; window.fetch = (url, o) => String(url).includes("page.wasm") ? new Promise(() => {}) : get(url, o)`)
	p.visit(home.url)
	p.wait("the start of the page", "window.loupe?.engine")
	eval[bool](p, talk)
	eval[bool](p, `fetch("models/index.json").then((r) => r.json()).then(({models}) => {
		for (const m of models) for (const f of m.files) sizes[f.path] = f.size;
		window.e = talk();
		return true;
	})`)
	if id != "" {
		r := eval[reply](p, fmt.Sprintf("e.open(%q)", id))
		if r.Kind != "done" {
			p.t.Fatalf("%s: %s %s", id, r.Kind, r.Body)
		}
	}
	return p
}

type reply struct {
	Kind   string          `json:"kind"`
	Body   json.RawMessage `json:"body"`
	Before []reply         `json:"before"`
}

func TestEngineOpensEveryBuiltInModel(t *testing.T) {
	p := talking(t, "")
	for _, id := range []string{"char-lstm", "char-gru", "char-rnn", "parens-lstm", "mini-gpt"} {
		r := eval[reply](p, fmt.Sprintf("(e.close(), e = talk(), e.open(%q))", id))
		if r.Kind != "done" {
			t.Fatalf("%s: %s %s", id, r.Kind, r.Body)
		}
		r = eval[reply](p, `e.ask("run", {text: "To be, or not to be"})`)
		if r.Kind != "done" || !strings.Contains(string(r.Body), `"tokens"`) {
			t.Errorf("%s: run: %s %.200s", id, r.Kind, r.Body)
		}
	}
}

// A File is read by slices, where it lies.
func TestEngineReadsFiles(t *testing.T) {
	p := talking(t, "")
	r := eval[reply](p, `(async () => {
		const files = {}, refs = [];
		for (const [i, n] of ["model.safetensors", "config.json", "tokenizer.json"].entries()) {
			files[i] = new File([await (await fetch("models/char-gru/" + n)).arrayBuffer()], n);
			refs.push({ref: i, name: n, size: files[i].size});
		}
		return e.ask("open", {files: refs}, files);
	})()`)
	if r.Kind != "done" || !strings.Contains(string(r.Body), `"GRU"`) {
		t.Errorf("%s %s", r.Kind, r.Body)
	}
}

// A file that is gone since it was chosen is an error of that file, and the engine goes on.
func TestEngineFileThatIsGone(t *testing.T) {
	p := talking(t, "parens-lstm")
	p.expect("404")
	r := eval[reply](p, `e.ask("open", {files: [{ref: 0, name: "x.safetensors", size: 9}]}, {0: "models/nowhere.safetensors"})`)
	if r.Kind != "failed" || !strings.Contains(string(r.Body), "404") {
		t.Errorf("%s %s", r.Kind, r.Body)
	}
	r = eval[reply](p, `e.ask("run", {text: "(1)0"})`)
	if r.Kind != "done" {
		t.Errorf("after it: %s %s", r.Kind, r.Body)
	}
}

// A download can be cancelled, however long it takes.
func TestEngineCancelDownload(t *testing.T) {
	p := talking(t, "")
	slow := make(chan struct{})
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		<-slow
	}))
	defer host.Close()
	defer close(slow)
	traffic.stand(host) // the page may ask only its own origin
	defer traffic.stand(nil)
	r := eval[reply](p, `e.ask("open", {files: [{ref: 0, name: "x.safetensors", size: 1000000}]}, {0: "slow/x.safetensors"}, (r) => {
		if (r.kind === "progress") e.cancel();
	})`)
	if r.Kind != "cancelled" {
		t.Errorf("%s %s", r.Kind, r.Body)
	}
}

// The page's policy binds the worker too: the weights have nowhere to go.
func TestEngineAsksNoStranger(t *testing.T) {
	asked := false
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = true
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer stranger.Close()
	p := talking(t, "")
	p.expect("Content Security Policy")
	p.expect("violates the document's")
	r := eval[reply](p, fmt.Sprintf(`e.ask("open", {files: [{ref: 0, name: "x.safetensors", size: 9}]}, {0: %q})`, stranger.URL+"/x"))
	if r.Kind != "failed" {
		t.Errorf("the worker's request: %s %s", r.Kind, r.Body)
	}
	if why := eval[string](p, fmt.Sprintf(`fetch(%q).then(() => "", String)`, stranger.URL+"/y")); why == "" {
		t.Error("the page's request was let out")
	}
	if asked {
		t.Error("a stranger was asked")
	}
}

func TestEngineCancel(t *testing.T) {
	p := talking(t, "mini-gpt")
	eval[reply](p, `e.ask("run", {text: "ROMEO:"})`)
	r := eval[struct {
		Kind string
		Ms   float64
	}](p, `new Promise((done) => {
		let start;
		e.ask("generate", {n: 200, sampling: {t: 1, k: 0, p: 1, minp: 0, seed: 1}}, {}, (r) => {
			if (r.kind === "partial" && !start) { start = performance.now(); e.cancel(); }
		}).then((r) => done({kind: r.kind, ms: performance.now() - start}));
	})`)
	t.Logf("cancelled after %.1f ms", r.Ms)
	if r.Kind != "cancelled" {
		t.Errorf("ended as %s", r.Kind)
	}
}

// A request that is still waiting is cancelled without being answered.
func TestEngineCancelWaiting(t *testing.T) {
	p := talking(t, "mini-gpt")
	kind := eval[string](p, `(() => {
		e.ask("run", {text: "ROMEO: ".repeat(20)});
		const r = e.ask("headscores", {});
		e.cancel();
		return r.then((r) => r.kind);
	})()`)
	if kind != "cancelled" {
		t.Errorf("ended as %s", kind)
	}
}

// An engine that dies says why, with what was asked of it, and another one starts at once.
func TestEngineDies(t *testing.T) {
	p := newTab(t)
	p.catchWorkers()
	talkingIn(p, "parens-lstm")
	// A message that is none of the page's makes the program itself panic.
	r := eval[reply](p, `(() => {
		workers.at(-1).postMessage(7);
		return e.ask("run", {text: "(1)0"});
	})()`)
	if r.Kind != "crashed" || !strings.Contains(string(r.Body), "code 2") || !strings.Contains(string(r.Body), "panic") {
		t.Errorf("%s %s", r.Kind, r.Body)
	}
	ms := eval[float64](p, `(async () => {
		const start = performance.now();
		e = talk();
		await e.ask("nothing", {});
		return performance.now() - start;
	})()`)
	t.Logf("another one answered after %.0f ms", ms)
}

// Closing an engine ends it whatever it does, and nothing is heard of it.
func TestEngineClose(t *testing.T) {
	p := talking(t, "mini-gpt")
	eval[reply](p, `e.ask("run", {text: "ROMEO:"})`)
	said := eval[int](p, `new Promise((done) => {
		let said = 0, closed = false;
		e.ask("generate", {n: 200, sampling: {t: 1, k: 0, p: 1, minp: 0, seed: 1}}, {}, () => {
			if (closed) { said++; return; }
			closed = true;
			e.close();
			const other = talk(); // its answer comes later than anything that was under way
			other.ask("nothing", {}).then(() => done(said));
		}).then(() => { said++; });
	})`)
	if said != 0 {
		t.Errorf("%d messages after it was closed", said)
	}
}

// Vectors go from the model's engine to the mapper by way of the page, which hands them on once and keeps nothing.
func TestVectorsAreHandedOn(t *testing.T) {
	p := talking(t, "char-gru")
	r := eval[reply](p, `(async () => {
		const points = await e.ask("points", {source: "input", max: 50});
		if (points.kind !== "done") return points;
		const {held, n, dim} = points.body;
		window.m = talk("mapper");
		const kept = loupe.between.size;
		const open = await m.ask("map.open", {map: 1, n, dim, vectors: {ref: 0, name: "vectors", size: 4 * n * dim}}, {0: {held}});
		if (open.kind !== "done") return open;
		const again = await m.ask("map.open", {map: 2, n, dim, vectors: {ref: 0, name: "vectors", size: 4 * n * dim}}, {0: {held}});
		const layout = {method: "pca", dims: 2, metric: "euclidean", init: "pca", perplexity: 30, iterations: 1, exaggeration: 1};
		const frame = await m.ask("map.step", {map: 1, layout, run: 1, ms: 10});
		return {kind: frame.kind, body: {kept, after: loupe.between.size, again: again.kind, done: frame.body.done, detail: frame.body.detail}};
	})()`)
	var b struct {
		Kept, After   int
		Again, Detail string
		Done          bool
	}
	if err := json.Unmarshal(r.Body, &b); err != nil || r.Kind != "done" {
		t.Fatalf("%s %s %v", r.Kind, r.Body, err)
	}
	if b.Kept != 1 || b.After != 0 || b.Again != "failed" || !b.Done {
		t.Errorf("%+v", b)
	}
}
