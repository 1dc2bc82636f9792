package shell

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Saving what is on screen, in the page. Nothing leaves it but a file that the person saves.

// saveSVG saves the figure's pictures as one.
func (p *pointer) saveSVG(name string) {
	if s := p.picture(); s != "" {
		save(blobOf(s, "image/svg+xml"), fileName(name, "svg"))
	}
}

// savePNG saves the same at twice its size.
func (p *pointer) savePNG(name string) {
	s := p.picture()
	if s == "" {
		return
	}
	url := "data:image/svg+xml;charset=utf-8," + app.Window().Call("encodeURIComponent", s).String()
	img := app.Window().Get("Image").New()
	img.Set("src", url)
	img.Call("decode").Then(func(app.Value) {
		c := p.doc.Call("createElement", "canvas")
		c.Set("width", 2*img.Get("naturalWidth").Int())
		c.Set("height", 2*img.Get("naturalHeight").Int())
		c.Call("getContext", "2d").Call("drawImage", img, 0, 0, c.Get("width"), c.Get("height"))
		var done app.Func
		done = app.FuncOf(func(_ app.Value, args []app.Value) any {
			if args[0].Truthy() {
				save(args[0], fileName(name, "png"))
			}
			done.Release()
			return nil
		})
		c.Call("toBlob", done, "image/png")
	})
}

// saveCSV saves the numbers of a panel, or of all ("").
func (p *pointer) saveCSV(panel, name string) {
	if p.fig == nil {
		return
	}
	text := ""
	if panel == "" {
		text = figureCSV(p.fig)
	}
	for i := range p.fig.Panels {
		if q := &p.fig.Panels[i]; q.ID == panel && q.Table != nil {
			text, name = tableCSV(q.Table), name+" "+panel
		}
	}
	if text != "" {
		save(blobOf(text, "text/csv;charset=utf-8"), fileName(name, "csv"))
	}
}

func blobOf(text, kind string) app.Value {
	return app.Window().Get("Blob").New([]any{text}, map[string]any{"type": kind})
}

func blobOfBytes(b []byte) app.Value {
	bytes := app.Window().Get("Uint8Array").New(len(b))
	app.CopyBytesToJS(bytes, b)
	return app.Window().Get("Blob").New([]any{bytes}, map[string]any{"type": "application/octet-stream"})
}

// save has the browser save a Blob.
func save(blob app.Value, name string) {
	win := app.Window()
	url := win.Get("URL").Call("createObjectURL", blob)
	a := win.Get("document").Call("createElement", "a")
	a.Set("href", url)
	a.Set("download", name)
	a.Call("click")
	var free app.Func
	free = app.FuncOf(func(app.Value, []app.Value) any {
		win.Get("URL").Call("revokeObjectURL", url)
		free.Release()
		return nil
	})
	win.Call("setTimeout", free, 60_000) // the download may ask first
}

// picture is the figure on the page as an SVG file.
func (p *pointer) picture() string {
	root := p.doc.Call("querySelector", ".figure")
	if !root.Truthy() || p.fig == nil {
		return ""
	}
	p.leave() // the line around a cell is no part of it
	p.still()
	var parts []savedPart
	list := root.Call("querySelectorAll", ".panel:has(svg.marks) h2, svg.marks")
	for i := range list.Length() {
		e := list.Index(i)
		b := rectOf(e)
		if b.w == 0 || b.h == 0 {
			continue
		}
		if e.Get("tagName").String() == "H2" {
			parts = append(parts, titlePart(e, b))
			continue
		}
		parts = append(parts, savedPart{b, readNode(e)})
	}
	if len(parts) == 0 {
		return ""
	}
	style := app.Window().Call("getComputedStyle", p.doc.Get("body"))
	return figureSVG(parts, style.Call("getPropertyValue", "background-color").String(), plain(p.fig.Reading))
}

// titlePart is a panel's title as a picture.
func titlePart(e app.Value, b box) savedPart {
	look := readLook(e)
	look["fill"] = app.Window().Call("getComputedStyle", e).Call("getPropertyValue", "color").String()
	text := node{tag: "text", attrs: [][2]string{{"x", "0"}, {"y", trim(b.h * .75)}}, look: look, text: strings.TrimSpace(e.Get("textContent").String())}
	return savedPart{b, node{tag: "svg", look: look, kids: []node{text}}}
}

func readNode(e app.Value) node {
	n := node{tag: e.Get("tagName").String(), look: readLook(e)}
	list := e.Get("attributes")
	for i := range list.Length() {
		a := list.Index(i)
		n.attrs = append(n.attrs, [2]string{a.Get("name").String(), a.Get("value").String()})
	}
	for c := e.Get("firstChild"); c.Truthy(); c = c.Get("nextSibling") {
		switch c.Get("nodeType").Int() {
		case 1:
			n.kids = append(n.kids, readNode(c))
		case 3:
			n.text += c.Get("nodeValue").String()
		}
	}
	return n
}

func readLook(e app.Value) map[string]string {
	style := app.Window().Call("getComputedStyle", e)
	look := map[string]string{}
	for _, k := range append([]string{"display", "visibility"}, looks...) {
		look[k] = style.Call("getPropertyValue", k).String()
	}
	return look
}

// copyText puts text on the clipboard; done says whether it worked. Where the page may not (some frames), the old way.
func copyText(text string, done func(ok bool)) {
	win := app.Window()
	old := func() {
		doc := win.Get("document")
		t := doc.Call("createElement", "textarea")
		t.Set("value", text)
		t.Set("className", "sr")
		around := doc.Call("querySelector", "dialog[open]") // an open dialogue keeps the focus inside
		if !around.Truthy() {
			around = doc.Get("body")
		}
		around.Call("appendChild", t)
		t.Call("select")
		ok := doc.Call("execCommand", "copy").Truthy()
		t.Call("remove")
		done(ok)
	}
	board := win.Get("navigator").Get("clipboard")
	if !board.Truthy() {
		old()
		return
	}
	settle(board.Call("writeText", text), func(app.Value) { done(true) }, func(app.Value) { old() })
}

// settle calls one of two functions when a promise is settled.
func settle(promise app.Value, ok, failed func(app.Value)) {
	var yes, no app.Func
	one := func(f func(app.Value)) app.Func {
		return app.FuncOf(func(_ app.Value, args []app.Value) any {
			var v app.Value = app.Undefined()
			if len(args) > 0 {
				v = args[0]
			}
			yes.Release()
			no.Release()
			f(v)
			return nil
		})
	}
	yes, no = one(ok), one(failed)
	promise.Call("then", yes, no)
}
