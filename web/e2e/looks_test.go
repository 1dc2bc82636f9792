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
	"words":      "#model=word-vectors&view=words&o.words.max=1000&o.words.iters=100&o.words.settings=1",
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
		// Latin words that are left are names, or the model's own.
		if left := eval[[]string](p, `[...document.querySelectorAll("main h2, main .note, .tabs button, .controls .btn")].map((e) => {
			const copy = e.cloneNode(true);
			copy.querySelectorAll(".tk, [data-set]").forEach((word) => word.remove());
			return copy.textContent;
		}).filter((s) => /[A-Za-z]{4,}/.test(s) && !/[\u4e00-\u9fff]/.test(s))`); len(left) > 0 {
			t.Errorf("%s: not in Chinese: %q", name, left)
		}
		p.click(`.bar [data-do="lang"]`)
		p.wait("English", `document.documentElement.lang === "en"`)
	}
}
