package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// The first paint does not wait for a program, and says what is wrong if there is none.
func TestNoWebAssembly(t *testing.T) {
	p := newTab(t)
	p.before("delete globalThis.WebAssembly")
	p.visit(home.url)
	p.wait("the reason", `document.querySelector("[role=alert]").textContent.includes("WebAssembly")`)
}

// What stands where it will stand does not move when the page's program takes over.
func TestNoJump(t *testing.T) {
	p := newTab(t)
	p.before(`
		window.shifts = 0;
		new PerformanceObserver((l) => { for (const e of l.getEntries()) shifts += e.value; }).observe({type: "layout-shift", buffered: true})`)
	p.open("")
	shifts := eval[float64](p, "shifts")
	t.Logf("cumulative layout shift %.4f", shifts)
	if shifts > 0.02 {
		t.Errorf("the page jumped: cumulative layout shift %.3f", shifts)
	}
}

// A program that cannot be fetched is said to be missing; the rest of the page is there.
func TestProgramMissing(t *testing.T) {
	p := newTab(t)
	p.expect("503")
	p.before(`const get = fetch; window.fetch = (url, o) => String(url).includes("page.wasm") ? Promise.resolve(new Response("", {status: 503})) : get(url, o)`)
	p.visit(home.url)
	p.wait("the reason", `document.querySelector("[role=alert]").textContent.includes("page.wasm: 503")`)
}

// A static host may know nothing of .gz or .wasm: a .gz may come unpacked, a program with any type.
func TestPoorHost(t *testing.T) {
	for name, header := range map[string]string{"octets": "application/octet-stream", "unpacked": "text/plain"} {
		t.Run(name, func(t *testing.T) {
			host := httptest.NewServer(http.StripPrefix("/sub", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				path := strings.TrimPrefix(r.URL.Path, "/")
				if filepath.Ext(path) == ".gz" || filepath.Ext(path) == ".wasm" {
					w.Header().Set("Content-Type", header)
					if name == "unpacked" {
						path = strings.TrimSuffix(path, ".gz")
					}
				}
				http.ServeFile(w, r, filepath.Join(folder, path))
			})))
			defer host.Close()
			p := newTab(t)
			p.visit(host.URL + "/sub/")
			p.ready()
		})
	}
}

// Once everything is kept, the page opens without a server: also with a search, and with another model.
func TestOffline(t *testing.T) {
	own, err := serve()
	if err != nil {
		t.Fatal(err)
	}
	p := newTab(t)
	p.visit(own.url)
	p.ready()
	eval[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
	p.wait("the models to be kept", `caches.keys().then(async (k) => {
		const kept = await (await caches.open(k[0])).keys();
		return kept.filter((r) => r.url.includes("/models/")).length >= 26;
	})`)
	own.stop()
	p.do(network.ClearBrowserCache())
	p.expect("sw.js") // the browser looks for a newer one, in vain
	for _, more := range []string{"", "?from=elsewhere", "index.html", "#model=mini-gpt", "#model=parens-lstm"} {
		p.visit("about:blank")
		p.visit(own.url + more)
		p.ready()
		if _, id, ok := strings.Cut(more, "="); ok && strings.HasPrefix(more, "#") {
			p.wait("the model "+id, fmt.Sprintf(`decodeURIComponent(location.hash).includes("model=%s")`, id))
		}
	}
	p.shot("offline")
}

// A new version waits, says so, and is taken when the person says so; until then the old one stays whole.
func TestUpdate(t *testing.T) {
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(http.FileServer(http.Dir(copied)))
	defer host.Close()
	p := newTab(t)
	p.visit(host.URL)
	p.ready()
	eval[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
	p.wait("the page to be kept", `navigator.serviceWorker.controller`)

	// The new version: another page, with its hash in another service worker.
	page, _ := os.ReadFile(filepath.Join(copied, "index.html"))
	worker, _ := os.ReadFile(filepath.Join(copied, "sw.js"))
	old := eval[string](p, version)
	page = []byte(strings.ReplaceAll(string(page), old, "newer"))
	worker = []byte(strings.NewReplacer(old, "newer", hashIn(t, worker), sha(page)).Replace(string(worker)))
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(copied, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("sw.js", worker)
	p.visit(host.URL)
	p.ready()
	// The new page is not served yet, so that the new version cannot be had whole: the old one stays.
	eval[bool](p, `navigator.serviceWorker.getRegistration().then((r) => r.update()).then(() => true, () => true)`)
	p.wait("the failed install", `navigator.serviceWorker.getRegistration().then((r) => !r.installing && !r.waiting)`)
	if v := eval[string](p, version); v != old {
		t.Fatalf("half of the new version is here: %s", v)
	}

	write("index.html", page)
	p.visit(host.URL)
	p.ready()
	p.wait("the offer of the new version", `loupe.update`)
	if v := eval[string](p, version); v != old {
		t.Errorf("the version changed unasked: %s", v)
	}
	p.click(`.notices [data-do="update"]`)
	p.wait("the new version", version+` === "newer"`)
	p.ready()
}

const version = `JSON.parse(document.querySelector("meta[name=loupe-build]").content).version`
