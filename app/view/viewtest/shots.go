package viewtest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"loupe/app/figure"
	"loupe/app/lang"
)

// Shots takes pictures of a view to look at, into the folder that SHOTS names: <name>-desktop.png, -phone, -dark and -zh.
// Without SHOTS the test is skipped. draw gets the input that in makes, in each of the four forms.
func Shots(t *testing.T, name string, in func() *figure.Input, draw func(*figure.Input) figure.Figure) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		t.Skip("SHOTS names no folder for pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	ctx, stop = context.WithTimeout(ctx, time.Minute)
	defer stop()
	for _, f := range []struct {
		name  string
		w, h  int64
		dark  bool
		lang  *lang.Catalogue
		touch bool
	}{{"desktop", 1440, 900, false, lang.English, false}, {"dark", 1440, 900, true, lang.English, false},
		{"zh", 1440, 900, false, lang.Chinese, false}, {"phone", 390, 844, false, lang.English, true}} {
		i := in()
		i.Dark, i.L, i.Touch = f.dark, f.lang, f.touch
		i.Width = float64(f.w - 64)
		if f.touch {
			i.Width = float64(f.w - 32)
		}
		file := filepath.Join(dir, name+"-"+f.name)
		if err := os.WriteFile(file+".html", []byte(Page(t, i, draw(i))), 0o644); err != nil {
			t.Fatal(err)
		}
		shot(t, ctx, file, f.w, f.h)
	}
}

// shot opens file.html and writes file.png: the whole page, or the window if the page is shorter.
func shot(t *testing.T, ctx context.Context, file string, w, h int64) {
	abs, err := filepath.Abs(file + ".html")
	if err != nil {
		t.Fatal(err)
	}
	var wide, tall int64
	page := (&url.URL{Scheme: "file", Path: abs}).String()
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(w, h), chromedp.Navigate(page),
		chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide),
		chromedp.Evaluate(`document.documentElement.scrollHeight`, &tall)); err != nil {
		t.Fatal(err)
	}
	if wide > w {
		t.Errorf("%s: the page is %d px wide in a window of %d", filepath.Base(file), wide, w)
	}
	var png []byte
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(w, max(h, tall)), chromedp.CaptureScreenshot(&png)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".png", png, 0o644); err != nil {
		t.Fatal(err)
	}
}
