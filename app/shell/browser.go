package shell

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/lang"
)

// What the shell asks of the browser: settings, the address, keys. Anything may be refused (a frame in a sandbox has neither
// storage nor history), and then the page works without it.

func try(f func()) {
	defer func() { _ = recover() }()
	f()
}

func stored(key string) (v string) {
	try(func() {
		if s := app.Window().Get("localStorage").Call("getItem", key); s.Truthy() {
			v = s.String()
		}
	})
	return v
}

func store(key, v string) {
	try(func() { app.Window().Get("localStorage").Call("setItem", key, v) })
}

func document() app.Value { return app.Window().Get("document") }
func root() app.Value     { return document().Get("documentElement") }

func matches(query string) bool {
	m := app.Window().Call("matchMedia", query)
	return m.Truthy() && m.Get("matches").Bool()
}

// settings reads theme, language and keys: as they were left, or as the browser says.
func (p *page) settings() {
	p.dark = matches("(prefers-color-scheme: dark)")
	switch stored("loupe.theme") {
	case "dark":
		p.dark = true
	case "light":
		p.dark = false
	}
	tag := stored("loupe.lang")
	if tag == "" {
		tag = app.Window().Get("navigator").Get("language").String()
	}
	p.l = lang.For(tag)
	p.singles = stored("loupe.singles") != "off"
	p.touch = matches("(pointer: coarse)")
	p.s.maps.Calm = matches("(prefers-reduced-motion: reduce)")
	p.offline = !app.Window().Get("navigator").Get("onLine").Bool()
	p.width = contentWidth()
	p.paint()
}

// contentWidth is the width of a view: the window without the margins of base.css.
func contentWidth() float64 {
	w := root().Get("clientWidth").Float()
	margin := 32.0
	switch {
	case w < 720:
		margin = 16
	case w < 1200:
		margin = 24
	}
	return max(240, min(w, 1680)-2*margin)
}

// paint tells the document its theme and language.
func (p *page) paint() {
	theme := "light"
	if p.dark {
		theme = "dark"
	}
	root().Get("dataset").Set("theme", theme)
	root().Set("lang", p.l.Code)
	document().Set("title", p.l.T("page.title"))
	tint(p.dark)
	p.change()
}

func (p *page) setTheme(dark bool) {
	p.dark = dark
	if dark {
		store("loupe.theme", "dark")
	} else {
		store("loupe.theme", "light")
	}
	p.paint()
}

// setLang goes to the next language.
func (p *page) setLang() {
	for i, l := range lang.Languages {
		if l == p.l {
			p.l = lang.Languages[(i+1)%len(lang.Languages)]
			break
		}
	}
	store("loupe.lang", p.l.Code)
	p.paint()
}

func (p *page) setSingles(on bool) {
	p.singles = on
	if on {
		store("loupe.singles", "on")
	} else {
		store("loupe.singles", "off")
	}
}

// listen hears keys, the address, and the network.
func (p *page) listen() {
	on := func(target app.Value, name string, f func(e app.Value)) {
		target.Call("addEventListener", name, app.FuncOf(func(_ app.Value, args []app.Value) any {
			f(args[0])
			return nil
		}))
	}
	win := app.Window()
	on(document(), "keydown", p.keydown)
	on(document(), "keypress", p.keypress)
	visit := func(app.Value) {
		at := location()
		p.post(func() { p.addr.visited(at); p.s.Visit(at) })
	}
	on(win, "popstate", visit)
	on(win, "hashchange", visit)
	network := func(app.Value) {
		p.post(func() {
			p.offline = !win.Get("navigator").Get("onLine").Bool()
			p.change()
		})
	}
	on(win, "online", network)
	update := func(app.Value) {
		p.post(func() {
			p.s.notice(&Notice{Key: "notice.update"})
			p.change()
		})
	}
	on(win, "loupe-update", update)
	if win.Get("loupe").Get("update").Truthy() { // it was there before the page
		update(nil)
	}
	on(win, "offline", network)
	on(win, "resize", func(app.Value) { p.post(func() { p.touch = matches("(pointer: coarse)"); p.change() }) })
}

func location() (hash string) {
	try(func() { hash = app.Window().Get("location").Get("hash").String() })
	return hash
}

// address shows the state in the address bar. Browsers refuse too many changes, so those that are not steps of Back are
// gathered.
type address struct {
	fragment string // what is shown
	seen     string // how the browser says it
	next     string // what will be
	timer    *time.Timer
}

func (a *address) show(fragment string, push bool) {
	if push {
		a.flush()
		a.put("pushState", fragment)
		return
	}
	a.next = fragment
	if a.timer == nil {
		a.timer = time.AfterFunc(200*time.Millisecond, a.flush)
	}
}

// flush shows what was gathered.
func (a *address) flush() {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
		a.put("replaceState", a.next)
	}
}

// visited says that the browser went elsewhere by itself: what was gathered belongs to where it was.
func (a *address) visited(fragment string) {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	a.fragment, a.seen = strings.TrimPrefix(fragment, "#"), fragment
}

func (a *address) put(how, fragment string) {
	if at := location(); at != a.seen { // somebody just wrote another, of which we shall hear: it is not to be written over
		a.seen = at
		return
	}
	if fragment != a.fragment {
		a.fragment = fragment
		try(func() { app.Window().Get("history").Call(how, nil, "", "#"+fragment) })
		a.seen = location()
	}
}
