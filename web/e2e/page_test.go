package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a step may take on a busy machine before it counts as failed.
const patience = 40 * time.Second

// tab is one page in a browser profile of its own: storage, caches and service workers of no other test.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu      sync.Mutex
	wrong   []string // errors in the console
	allowed []string // pieces of those that the test expects
	worlds  map[cdp.FrameID]runtime.ExecutionContextID
	inFrame cdp.FrameID // that scripts are evaluated in; "" is the page
}

// newTab opens an empty page. At the end of the test it must have said no error and asked no stranger.
func newTab(t testing.TB) *tab {
	t.Helper()
	ctx, cancel, err := newProfile()
	if err != nil {
		t.Fatal(err)
	}
	p := &tab{t: t, ctx: ctx, worlds: map[cdp.FrameID]runtime.ExecutionContextID{}}
	chromedp.ListenTarget(ctx, p.listen)
	p.do(log.Enable())
	p.size(1440, 900)
	t.Cleanup(func() {
		if t.Failed() {
			p.shot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, w := range p.wrong {
			t.Errorf("the console: %s", w)
		}
		for host := range traffic.hosts() {
			if !strings.HasPrefix(host, "127.0.0.1:") && !ofChromium(host) {
				t.Errorf("something asked %s", host)
			}
		}
	})
	return p
}

// newProfile opens a window of a new profile.
func newProfile() (context.Context, context.CancelFunc, error) {
	of := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	profile, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(of)
	if err != nil {
		return nil, nil, err
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(of)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithTargetID(id))
	return ctx, func() {
		cancel()
		target.DisposeBrowserContext(profile).Do(of)
	}, nil
}

// ofChromium reports whether a host is one that the browser itself asks, whatever page is open.
func ofChromium(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	return strings.HasSuffix(name, ".google.com") || strings.HasSuffix(name, ".googleapis.com") || strings.HasSuffix(name, ".gvt1.com")
}

func (p *tab) listen(ev any) {
	var what string
	switch ev := ev.(type) {
	case *runtime.EventExecutionContextCreated:
		var of struct {
			FrameID   cdp.FrameID `json:"frameId"`
			IsDefault bool        `json:"isDefault"`
		}
		if json.Unmarshal(ev.Context.AuxData, &of) == nil && of.IsDefault {
			p.mu.Lock()
			p.worlds[of.FrameID] = ev.Context.ID
			p.mu.Unlock()
		}
	case *runtime.EventExceptionThrown:
		what = ev.ExceptionDetails.Error()
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.APITypeError || ev.Type == runtime.APITypeWarning {
			for _, a := range ev.Args {
				what += string(a.Value) + a.Description + " "
			}
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.LevelError {
			what = ev.Entry.Text + " " + ev.Entry.URL
		}
	}
	if what == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.allowed {
		if strings.Contains(what, a) {
			return
		}
	}
	p.wrong = append(p.wrong, what)
}

// expect lets an error with that piece of text pass.
func (p *tab) expect(piece string) {
	p.mu.Lock()
	p.allowed = append(p.allowed, piece)
	p.mu.Unlock()
}

func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	done := make(chan error, 1)
	go func() { done <- chromedp.Run(p.ctx, actions...) }()
	select {
	case err := <-done:
		if err != nil {
			p.t.Fatal(err)
		}
	case <-time.After(patience):
		p.t.Fatalf("no answer from the page within %v", patience)
	}
}

// open goes to the page with a fragment ("" or "#..") and waits until the model has run.
func (p *tab) open(fragment string) {
	p.t.Helper()
	p.visit(home.url + fragment)
	p.ready()
}

func (p *tab) visit(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// ready waits until a text has been run and a figure of it is drawn.
func (p *tab) ready() {
	p.t.Helper()
	p.wait("a text that has run", `document.querySelectorAll(".textband .tok").length > 0`)
	p.wait("a figure", `document.querySelector("main svg :is(path, rect, image, text)")`)
}

// frame has what follows look into the page's frame.
func (p *tab) frame() {
	p.t.Helper()
	var tree *page.FrameTree
	p.wait("the frame", `document.querySelector("iframe")`)
	p.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		tree, err = page.GetFrameTree().Do(ctx)
		return err
	}))
	p.inFrame = tree.ChildFrames[0].Frame.ID
}

// evaluate evaluates an expression in the page, or in the frame that the tab is of, and gives its value as JSON.
func (p *tab) evaluate(js string) (raw []byte, err error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err = chromedp.Run(ctx, chromedp.Evaluate(js, &raw, func(e *runtime.EvaluateParams) *runtime.EvaluateParams {
		p.mu.Lock()
		defer p.mu.Unlock()
		if id, ok := p.worlds[p.inFrame]; ok {
			e = e.WithContextID(id)
		}
		return e.WithAwaitPromise(true)
	}))
	return raw, err
}

// eval evaluates an expression (a promise is waited for) and decodes its value.
func eval[T any](p *tab, js string) T {
	p.t.Helper()
	raw, err := p.evaluate(js)
	var v T
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		p.t.Fatalf("%s: %v: %s", js, err, raw)
	}
	return v
}

// wait waits until an expression is true. One that throws is not true yet.
func (p *tab) wait(what, js string) {
	p.t.Helper()
	js = fmt.Sprintf("(async () => { try { return Boolean(await (%s)) } catch { return false } })()", js)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if raw, err := p.evaluate(js); err == nil && string(raw) == "true" {
			return
		}
	}
	text, _ := p.evaluate("document.body.innerText.slice(0, 900)")
	p.t.Fatalf("waited for %s: %s\nthe page says:\n%s", what, js, strings.ReplaceAll(string(text), `\n`, "\n"))
}

// click clicks the middle of the first visible element of a selector, as a person does.
func (p *tab) click(selector string) {
	p.t.Helper()
	// A dialogue that is still open, or just closing, would take the click.
	p.wait("something to click", fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.getClientRects().length &&
		(e.closest("dialog") || !document.querySelector("dialog:modal")))`, selector))
	at := eval[[2]float64](p, fmt.Sprintf(`(async () => { // where it is when it has stopped moving: an answer may push it aside
		for (let was = [], still = 0, n = 0; ; n++) {
			const e = [...document.querySelectorAll(%q)].find((e) => e.getClientRects().length);
			e?.scrollIntoView({block: "nearest", inline: "nearest", behavior: "instant"});
			const r = e?.getClientRects()[0], at = r ? [r.x + r.width / 2, r.y + r.height / 2] : [];
			still = r && at[0] === was[0] && at[1] === was[1] ? still + 1 : 0;
			if (r && (n > 50 || still > 2)) return at;
			was = at;
			await new Promise((r) => setTimeout(r, 20));
		}
	})()`, selector))
	// It comes there before it presses: what a page does when the pointer comes may draw the mark anew, and the press would be nobody's.
	p.do(input.DispatchMouseEvent(input.MouseMoved, at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
}

// press types keys: characters, or kb's names.
func (p *tab) press(keys string, with ...chromedp.KeyOption) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys, with...))
}

func (p *tab) undo() { p.t.Helper(); p.press("z", chromedp.KeyModifiers(2)) }

func (p *tab) escape() { p.t.Helper(); p.press(kb.Escape) }

// drop drops files on the page, as from a folder of this machine.
func (p *tab) drop(files map[string][]byte) {
	p.t.Helper()
	raw, _ := json.Marshal(files)
	eval[bool](p, fmt.Sprintf(`(() => {
		const data = new DataTransfer();
		for (const [name, bytes] of Object.entries(%s)) {
			data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
		}
		for (const type of ["dragenter", "dragover", "drop"]) {
			document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
		}
		return true;
	})()`, raw))
}

// before runs a script in every document before its own.
func (p *tab) before(js string) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(js).Do(ctx)
		return err
	}))
}

// catchWorkers keeps the page's workers in window.workers, so that a test can do to them what befalls workers: one that
// is posted {does: "overflow"} (or what else stands here) does so.
func (p *tab) catchWorkers() {
	p.t.Helper()
	p.before(`
		window.workers = [];
		window.Worker = class extends Worker { constructor(...a) { super(...a); workers.push(this); } };
		const befalls = ` + "`" + `addEventListener("message", (e) => ({
			overflow: () => { const f = () => f() + 1; f(); },
			reject: () => { Promise.reject(new Error("nobody waits for this")); },
			hang: () => { for (;;); },
		})[e.data.does]?.());` + "`" + `;
		window.Blob = class extends Blob {
			constructor(parts, o) { super(o?.type === "text/javascript" ? [befalls, ...parts] : parts, o); }
		};`)
}

// size makes the window that large.
func (p *tab) size(width, height int64) {
	p.t.Helper()
	p.do(emulation.SetDeviceMetricsOverride(width, height, 1, width < 720), emulation.SetTouchEmulationEnabled(width < 720))
}

// shot takes a picture of the window.
func (p *tab) shot(name string) {
	var png []byte
	err := chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		png, err = page.CaptureScreenshot().Do(cdp.WithExecutor(ctx, cdp.ExecutorFromContext(ctx)))
		return err
	}))
	if err == nil {
		err = os.WriteFile(filepath.Join(shots, name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Errorf("a picture: %v", err)
	}
}
