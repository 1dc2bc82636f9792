package e2e

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// literal is a value as JavaScript writes it.
func literal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// views are the pages that are looked at in every dress.
var views = map[string]string{
	"start":      "",
	"states":     "#model=char-lstm&view=states",
	"attention":  "#model=mini-gpt&view=attention&layer=1&head=6",
	"prediction": "#model=mini-gpt&view=prediction",
}

// On a phone nothing makes the page wider than the window.
func TestPhone(t *testing.T) {
	for name, address := range views {
		p := newTab(t)
		p.size(390, 844)
		p.open(address)
		p.settled()
		p.shot("phone-" + name)
		if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > 390 {
			t.Errorf("%s: the page is %d px wide in a window of 390", name, wide)
		}
	}
}

func TestDark(t *testing.T) {
	for name, address := range views {
		p := newTab(t)
		p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
		p.open(address)
		p.settled()
		p.shot("dark-" + name)
		if c := eval[string](p, "getComputedStyle(document.body).backgroundColor"); c != "rgb(22, 22, 21)" {
			t.Errorf("%s: the page is %s", name, c)
		}
		p.click(`.bar [data-do="theme"]`)
		p.wait("the light page", `getComputedStyle(document.body).backgroundColor === "rgb(252, 252, 250)"`)
	}
}

func TestChinese(t *testing.T) {
	for name, address := range views {
		p := newTab(t)
		p.do(emulation.SetLocaleOverride().WithLocale("zh-CN"))
		p.before(`Object.defineProperty(navigator, "language", {get: () => "zh-CN"})`)
		p.open(address)
		p.settled()
		p.shot("chinese-" + name)
		p.wait("Chinese", `document.documentElement.lang.startsWith("zh") && /[\u4e00-\u9fff]/.test(document.querySelector(".tabs").textContent)`)
		// Latin words that are left are names.
		if left := eval[[]string](p, `[...document.querySelectorAll("main h2, main .note, .tabs button, .controls .btn")].map((e) => e.textContent).filter((s) => /[A-Za-z]{4,}/.test(s) && !/[\u4e00-\u9fff]/.test(s))`); len(left) > 0 {
			t.Errorf("%s: not in Chinese: %q", name, left)
		}
		p.click(`.bar [data-do="lang"]`)
		p.wait("English", `document.documentElement.lang === "en"`)
	}
}

// A worker that dies or goes silent costs the person nothing: the same model, text and figure come back.
func TestWorkerDies(t *testing.T) {
	for name, kill := range map[string]string{
		"panic":      `workers.at(-1).postMessage(7)`,
		"terminated": `workers.at(-1).terminate()`, // as a browser does that runs out of memory: it says nothing
	} {
		t.Run(name, func(t *testing.T) {
			p := newTab(t)
			p.catchWorkers()
			p.open("#model=mini-gpt&view=attention&layer=1&head=6&text=ROMEO%3A+my+love")
			p.settled()
			figure := eval[string](p, figures)
			eval[bool](p, "("+kill+", true)")
			p.press("s")
			p.wait("a notice", `document.querySelector(".notices .banner").textContent`)
			p.shot("restarted-" + name)
			p.undo()
			p.wait("the same figure", "("+figures+") === "+literal(figure))
		})
	}
}
