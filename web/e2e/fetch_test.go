package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// hub plays huggingface.co with the files of a built-in model. A test sets what it does wrong.
type hub struct {
	*httptest.Server
	dir string

	mu      sync.Mutex
	asked   []string                       // "GET path bytes=.."
	odd     func(file, part string) string // what befalls a file: "status 404", "cut", "html", "lfs", "short", "refused", "no-range", "hold", "changed"; "": nothing
	release chan struct{}                  // lets what is held go on
}

const revision = "0123456789abcdef0123456789abcdef01234567"

func newHub(t *testing.T, model string) *hub {
	h := &hub{dir: "../models/" + model, release: make(chan struct{})}
	h.Server = httptest.NewTLSServer(http.HandlerFunc(h.serve))
	traffic.play("huggingface.co:443", h.Server)
	t.Cleanup(func() {
		h.set("")
		traffic.play("huggingface.co:443", nil)
		h.CloseClientConnections()
		h.Close()
	})
	return h
}

// set has something befall model.safetensors, and lets go of what is held.
func (h *hub) set(odd string) {
	h.setFor(func(file, _ string) string {
		if file == "model.safetensors" {
			return odd
		}
		return ""
	})
}

func (h *hub) setFor(odd func(file, part string) string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.odd = odd
	close(h.release)
	h.release = make(chan struct{})
}

func (h *hub) requests(piece string) (list []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.asked {
		if strings.Contains(r, piece) {
			list = append(list, r)
		}
	}
	return list
}

func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	name := filepath.Base(r.URL.Path)
	h.mu.Lock()
	h.asked = append(h.asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Range"))
	odd, release := "", h.release
	if h.odd != nil {
		odd = h.odd(name, r.Header.Get("Range"))
	}
	h.mu.Unlock()
	if odd != "refused" {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "ETag, Content-Range")
	}
	if strings.HasPrefix(r.URL.Path, "/api/models/some/model/revision/") {
		h.list(w)
		return
	}
	if r.URL.Path != "/some/model/resolve/"+revision+"/"+name {
		http.NotFound(w, r)
		return
	}
	b, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if code, ok := strings.CutPrefix(odd, "status "); ok {
		n, _ := strconv.Atoi(code)
		http.Error(w, "no", n)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", `"one"`)
	from := 0
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil && odd != "no-range" {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b)-1, len(b)))
		if odd == "changed" {
			w.Header().Set("ETag", `"two"`)
		}
		w.WriteHeader(http.StatusPartialContent)
	} else {
		from = 0
	}
	switch half := len(b) / 2; {
	case odd == "html":
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>Sign in</title>")
	case odd == "lfs":
		io.WriteString(w, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
	case odd == "short":
		w.Write(b[:half])
	case (odd == "cut" || odd == "hold") && from < half:
		if from == 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		}
		w.Write(b[from:half])
		w.(http.Flusher).Flush()
		if odd == "cut" {
			time.Sleep(300 * time.Millisecond) // or what was sent would be lost with the connection
			panic(http.ErrAbortHandler)
		}
		select {
		case <-release:
		case <-r.Context().Done():
			return
		}
		w.Write(b[half:])
	default:
		w.Write(b[from:])
	}
}

// list is what the hub says of the model, with files that nobody needs.
func (h *hub) list(w io.Writer) {
	files, _ := os.ReadDir(h.dir)
	var list []string
	for _, f := range files {
		st, _ := f.Info()
		list = append(list, fmt.Sprintf(`{"rfilename": %q, "size": %d}`, f.Name(), st.Size()))
	}
	fmt.Fprintf(w, `{"id": "some/model", "sha": %q, "gated": false, "siblings": [{"rfilename": "README.md", "size": 5}, {"rfilename": "onnx/model.onnx", "size": 7e9}, %s]}`,
		revision, strings.Join(list, ", "))
}

// askFor types an address into the dialogue and has it looked up.
func (p *tab) askFor(address string) {
	p.t.Helper()
	p.click(`.bar [data-do="open"]`)
	p.click("#address")
	p.press("a", chromedp.KeyModifiers(2))
	p.press(address + "\r")
}

const dialogText = `document.querySelector("dialog[open]").textContent`

func (p *tab) says(what, piece string) {
	p.t.Helper()
	p.wait(what, fmt.Sprintf(`(%s).includes(%s)`, dialogText, literal(piece)))
}

const fetched = `document.querySelector(".bar .model b").textContent === "model.safetensors" && document.querySelectorAll(".textband .tok").length > 0 && !document.querySelector("dialog[open]")`

func TestFetchFromTheHub(t *testing.T) {
	h := newHub(t, "char-lstm")
	p := newTab(t)
	p.open("")
	p.click(`.bar [data-do="open"]`)
	p.wait("the field", `document.querySelector("#address")`)
	p.shot("fetch-open")
	if n := len(h.requests("")); n > 0 {
		t.Fatalf("the hub was asked %d times before anybody said so", n)
	}
	p.escape()
	p.askFor("some/model")
	p.says("the size", "Fetch 1.0")
	p.shot("fetch-asked")
	if got := h.requests("resolve"); len(got) > 0 {
		t.Fatalf("fetched before it was confirmed: %q", got)
	}
	p.click(`dialog [data-do="fetch=go"]`)
	p.wait("the fetched model", fetched)
	p.wait("its address", fmt.Sprintf(`(%s).includes("model=hub:some/model@%s")`, hash, revision))
	for _, want := range []string{"model.safetensors", "config.json", "tokenizer.json"} {
		if len(h.requests(want)) != 1 {
			t.Errorf("%s was asked for %d times", want, len(h.requests(want)))
		}
	}
	if n := len(h.requests("resolve")); n != 3 {
		t.Errorf("%d files were fetched: %q", n, h.requests("resolve"))
	}
	p.settled()
	p.shot("fetch-done")

	// A reload opens it from what is kept, and asks nobody.
	n := len(h.requests(""))
	p.do(network.ClearBrowserCache(), chromedp.Reload())
	p.wait("the kept model", fetched)
	if len(h.requests("")) != n {
		t.Errorf("the hub was asked again: %q", h.requests("")[n:])
	}
	// It is listed with its size, and can be removed.
	p.click(`.bar [data-do="open"]`)
	p.says("the list", "some/model@0123456")
	p.shot("fetch-kept")
	p.click(`dialog [data-do^="fetch=drop"]`)
	p.wait("an empty list", `!document.querySelector(".kept li")`)
	if left := eval[int](p, `caches.keys().then(async (k) => { let n = 0; for (const c of k) if (c.startsWith("loupe-fetched")) n += (await (await caches.open(c)).keys()).length; return n; })`); left != 0 {
		t.Errorf("%d entries are left", left)
	}
}

// A link that names a model of another site asks first, and shows what the link says once it is there.
func TestFetchByLink(t *testing.T) {
	h := newHub(t, "parens-lstm")
	p := newTab(t)
	p.visit(home.url + "#model=hub:some/model@main&text=((&view=prediction")
	p.says("who will be asked", "huggingface.co")
	p.shot("fetch-link")
	if n := len(h.requests("")); n > 0 {
		t.Fatalf("the hub was asked %d times before anybody said so", n)
	}
	p.click(`dialog [data-do="fetch=look"]`)
	p.says("the size", "Fetch")
	p.click(`dialog [data-do="fetch=go"]`)
	p.wait("the model with the link's text", fetched+` && `+tokens+` === 2 && `+hash+`.includes("view=prediction")`)
}

func TestFetchPauseResumeCancel(t *testing.T) {
	h := newHub(t, "mini-gpt")
	h.set("hold")
	p := newTab(t)
	p.open("#model=parens-lstm")
	p.askFor("some/model")
	p.click(`dialog [data-do="fetch=go"]`)
	half := `Number(document.querySelector("dialog.loading .bar").getAttribute("width").replace("%", "")) > 40`
	p.wait("half of it", half)
	p.shot("fetch-half")
	p.press("s")
	p.wait("the page below goes on", `document.querySelector("dialog.loading[open]") && `+tokens+` > 0`)
	p.click(`dialog [data-do="fetch=pause"]`)
	p.says("the pause", "is paused")
	p.shot("fetch-paused")

	// A reload while it is paused: the list has it, and it goes on from where it was.
	p.do(chromedp.Reload())
	p.ready()
	p.click(`.bar [data-do="open"]`)
	p.says("the list", "Go on")
	p.shot("fetch-partly")
	h.set("")
	p.click(`dialog [data-do^="fetch=kept"]`)
	p.wait("the model", fetched)
	if r := h.requests("model.safetensors"); len(r) != 2 || strings.HasSuffix(r[1], "bytes=0-") || !strings.Contains(r[1], "bytes=") {
		t.Errorf("it did not go on where it was: %q", r)
	}

	// Cancel leaves nothing.
	p.click(`.bar [data-do="open"]`)
	p.click(`dialog [data-do^="fetch=drop"]`)
	p.wait("an empty list", `!document.querySelector(".kept li")`)
	p.escape()
	h.set("hold")
	p.askFor("some/model")
	p.click(`dialog [data-do="fetch=go"]`)
	p.wait("half of it again", half)
	p.click(`dialog [data-do="fetch=cancel"]`)
	p.wait("the page", `!document.querySelector("dialog[open]")`)
	p.wait("nothing kept", `loupe.download.list().then((l) => JSON.parse(l).kept.length === 0)`)
}

func TestFetchGoesOnAfterACut(t *testing.T) {
	for _, odd := range []string{"cut", "no-range", "changed"} {
		t.Run(odd, func(t *testing.T) {
			h := newHub(t, "char-lstm")
			cut := false
			h.setFor(func(file, part string) string {
				switch {
				case file != "model.safetensors" || part != "" && odd == "cut":
					return ""
				case part != "":
					return odd
				case cut: // from the beginning again
					return ""
				}
				cut = true
				return "cut"
			})
			p := newTab(t)
			p.expect("net::ERR")
			p.open("#model=parens-lstm")
			p.askFor("some/model")
			p.click(`dialog [data-do="fetch=go"]`)
			p.says("the break", "connection broke")
			p.shot("fetch-cut")
			p.wait("the whole model", fetched)
			r := h.requests("model.safetensors")
			if len(r) < 2 || !strings.Contains(r[1], "bytes=") {
				t.Errorf("%q", r)
			}
			if odd == "changed" && len(r) != 3 {
				t.Errorf("a changed file was mixed with the one before: %q", r)
			}
		})
	}
}

// What goes wrong is said, with a way on; the model that was open stays.
func TestFetchRefused(t *testing.T) {
	h := newHub(t, "char-lstm")
	p := newTab(t)
	p.expect("Failed to load resource")
	p.expect("blocked by CORS")
	p.open("#model=parens-lstm")
	name := eval[string](p, modelName)
	p.askFor("not an id")
	p.says("what an id looks like", "owner/name")
	p.escape()
	p.askFor("http://example.org/model.gguf")
	p.says("that it must be https", "Only https")
	p.escape()
	p.askFor("no/such")
	p.says("that there is none", "has nothing there (404)")
	p.shot("fetch-refused")
	p.escape()
	traffic.play("nobody.invalid:443", httptest.NewUnstartedServer(nil)) // there is no such site
	defer traffic.play("nobody.invalid:443", nil)
	p.askFor("https://nobody.invalid/model.gguf")
	p.says("that nobody answers", "does not answer")
	p.escape()
	for odd, want := range map[string]string{"status 404": "has nothing there", "status 401": "without an account", "status 403": "without an account",
		"status 429": "too much to do", "status 500": "error (500)", "html": "web page", "lfs": "git-lfs", "short": "bytes came", "refused": "no other page"} {
		h.set(odd)
		p.askFor("some/model")
		p.click(`dialog [data-do="fetch=go"]`)
		p.says(odd, want)
		p.shot("fetch-odd-" + strings.ReplaceAll(odd, " ", "-"))
		h.set("")
		p.click(`dialog [data-do="fetch=cancel"]`)
		p.wait("the page", `!document.querySelector("dialog[open]")`)
	}
	if got := eval[string](p, modelName); got != name {
		t.Errorf("the model became %q", got)
	}
	p.wait("nothing kept", `loupe.download.list().then((l) => JSON.parse(l).kept.length === 0)`)
}

// Without room, and without storage at all, it goes on in memory and says so.
func TestFetchWithoutStorage(t *testing.T) {
	for name, prepare := range map[string]func(p *tab){
		"full": func(p *tab) {
			p.open("#model=parens-lstm")
			p.do(storage.OverrideQuotaForOrigin(strings.TrimSuffix(home.url, below)).WithQuotaSize(1))
		},
		"denied": func(p *tab) {
			p.before(`CacheStorage.prototype.open = async () => { throw new DOMException("denied", "SecurityError"); }`)
			p.open("#model=parens-lstm")
		},
	} {
		t.Run(name, func(t *testing.T) {
			newHub(t, "char-lstm")
			p := newTab(t)
			p.expect("offline") // sw.js cannot keep the page either
			prepare(p)
			p.askFor("some/model")
			p.click(`dialog [data-do="fetch=go"]`)
			p.wait("the model", fetched)
			p.wait("that it is not kept", `document.querySelector(".notices").textContent.includes("not be kept") || document.querySelector(".notices").textContent.includes("not kept")`)
			p.shot("fetch-not-kept-" + name)
		})
	}
}

// The frame that asks other sites serves its own page only.
func TestFetchFrameOfAStranger(t *testing.T) {
	asked := false
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = asked || r.URL.Path == "/asked"
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><iframe src="%sfetch.html"></iframe>`, home.url)
	}))
	defer host.Close()
	p := newTab(t)
	p.expect("target origin")
	p.visit(host.URL)
	said := eval[int](p, fmt.Sprintf(`new Promise((done) => {
		let said = 0;
		addEventListener("message", () => { said++; });
		for (let i = 1; i < 20; i++) setTimeout(() => frames[0].postMessage({id: i, url: %q, from: 0, most: 0}, "*"), 50 * i);
		setTimeout(() => done(said), 1500);
	})`, host.URL+"/asked"))
	if said != 0 || asked {
		t.Errorf("the frame said %d things to a stranger, and asked for it: %v", said, asked)
	}
}

// In a frame of scripts alone there is no origin to be sure of: that is said.
func TestFetchInASandbox(t *testing.T) {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><iframe src="%s" width="1200" height="800" sandbox="allow-scripts"></iframe>`, home.url)
	}))
	defer host.Close()
	p := newTab(t)
	p.visit(host.URL)
	p.frame()
	p.ready()
	eval[bool](p, `(document.querySelector('.bar [data-do="open"]').click(), true)`)
	p.wait("the field", `document.querySelector("#address")`)
	eval[bool](p, `(document.querySelector("#address").value = "some/model", document.querySelector('[data-do="fetch=address"]').click(), true)`)
	p.says("why not", "lets it fetch nothing")
}

// An address of a file, on this machine.
func TestFetchAddress(t *testing.T) {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		http.ServeFile(w, r, "../models/parens-lstm"+r.URL.Path)
	}))
	defer host.Close()
	p := newTab(t)
	p.open("")
	p.askFor(host.URL + "/model.safetensors " + host.URL + "/config.json " + host.URL + "/tokenizer.json")
	p.says("the size", "Fetch 1")
	p.click(`dialog [data-do="fetch=go"]`)
	p.wait("the model", fetched)
}
