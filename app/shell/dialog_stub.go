package shell

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Stands in until the dialogues are there: dialogs draws p.dialog, p.s.Opening; external does "open-file", "open-folder",
// "svg", "png", "csv", "report=N", "copy=..".
type dialogs struct {
	app.Compo
	P   *page
	Rev int
}

func (d *dialogs) Render() app.UI { return app.Div().Hidden(true) }

func (p *page) external(what string) {}

func (p *page) find() {
	try(func() { document().Call("querySelector", "main .field input").Call("focus") })
}
