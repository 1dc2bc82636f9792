package shell

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// tint gives the page the colours of the tokens, from the palette that the figures use. A constructed style sheet is not
// an inline one, so the page's policy lets it be.
func tint(dark bool) {
	try(func() {
		sheet := app.Window().Get("CSSStyleSheet").New()
		sheet.Call("replaceSync", tintCSS(dark))
		document().Set("adoptedStyleSheets", []any{sheet})
	})
}
