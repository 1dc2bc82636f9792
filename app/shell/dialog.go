package shell

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// talk is what the dialogues remember between two drawings of the page.
type talk struct {
	seen   *Opening  // the opening that the next four are about
	notes  string    // the tensor that was read last
	began  time.Time // when the weights began to be read
	parts  []float64 // where tensors ended in the weights, as far as it was told
	copied string    // what was just copied: "link", "report"
	refuse string    // what could not be copied
	report string    // of a notice
	query  string
	found  []hit
	at     int // the token to be replaced
	asking context.CancelFunc

	address string // what was asked for last
	bad     string // what is wrong with it
	kept    []kept // what is in this browser
	room    int64  // for more of it, in bytes; -1: not known

	snaps []snapshot // nil: not looked for yet
}

// dialogs draws the dialogue that is open, if one is. There is one at a time.
type dialogs struct {
	app.Compo
	P   *page
	Rev int
}

func (d *dialogs) Render() app.UI {
	kind := d.P.dialogKind()
	if kind == "" {
		return app.Div().Hidden(true)
	}
	return app.Div().Body(&dialog{Kind: kind, P: d.P, Rev: d.Rev})
}

// OnUpdate notes the parts of what is being opened, and looks again when it has taken long enough to be shown.
func (d *dialogs) OnUpdate(ctx app.Context) {
	o, t := d.P.s.Opening, &d.P.talk
	if o != t.seen {
		t.seen, t.parts, t.notes = o, nil, ""
		if o != nil {
			ctx.After(patience(d.P)+10*time.Millisecond, func(app.Context) { d.P.change() })
		}
	}
	if o == nil {
		return
	}
	for _, s := range o.Steps {
		if s.Stage == "weights" && s.Total > 0 && s.Note != t.notes {
			if t.notes == "" {
				t.began = time.Now()
			}
			t.notes = s.Note
			t.parts = append(t.parts, s.Done/s.Total)
		}
	}
}

// patience is how long an opening may take before the page speaks of it. The first model comes with the page.
func patience(p *page) time.Duration {
	if p.s.Model == nil {
		return 1500 * time.Millisecond
	}
	return 300 * time.Millisecond
}

func (p *page) dialogKind() string {
	o := p.s.Opening
	switch {
	case o != nil && o.Err != nil:
		return "error"
	case o != nil && p.dialog == "" && time.Since(o.Started) > patience(p):
		return "opening"
	case p.dialog == "" && p.down != nil:
		return "loading"
	}
	return p.dialog
}

// floats are the dialogues below which the page goes on.
var floats = map[string]bool{"opening": true, "loading": true}

// modal reports whether a dialogue keeps the page waiting.
func (p *page) modal() bool {
	kind := p.dialogKind()
	return kind != "" && !floats[kind]
}

// dialog is one dialogue: the browser keeps the focus in it and gives it back.
type dialog struct {
	app.Compo
	Kind string
	P    *page
	Rev  int

	cancel, click app.Func
}

// CompoID makes each kind a new element.
func (d *dialog) CompoID() string { return d.Kind }

func (d *dialog) Render() app.UI {
	body := map[string]func(*page) []app.UI{"open": openUI, "fetch": fetchUI, "loading": loadingUI, "about": aboutUI, "opening": openingUI, "error": errorUI, "share": shareUI, "keys": keysUI, "find": findUI, "replace": replaceUI, "report": reportUI, "texts": textsUI, "pairs": pairsUI}[d.Kind]
	if body == nil {
		return app.Elem("dialog")
	}
	return app.Elem("dialog").Class("dialog "+d.Kind).Aria("labelledby", "dialog-title").TabIndex(-1).Body(body(d.P)...)
}

// OnMount opens it. Esc and a click beside it close it.
func (d *dialog) OnMount(ctx app.Context) {
	e := d.JSValue()
	d.cancel = app.FuncOf(func(_ app.Value, args []app.Value) any {
		args[0].Call("preventDefault")
		d.P.ctx.Dispatch(func(app.Context) { d.P.closeDialog(d.Kind) })
		return nil
	})
	d.click = app.FuncOf(func(_ app.Value, args []app.Value) any {
		if x, y := at(args[0]); args[0].Get("target").Equal(e) && !inside(rectOf(e), x, y) {
			d.P.ctx.Dispatch(func(app.Context) { d.P.closeDialog(d.Kind) })
		}
		return nil
	})
	e.Call("addEventListener", "cancel", d.cancel)
	e.Call("addEventListener", "close", d.cancel) // the browser may close it without asking
	e.Call("addEventListener", "mousedown", d.click)
	if floats[d.Kind] { // the page goes on, and keeps the focus
		e.Set("open", true)
		return
	}
	e.Call("showModal")
	if d.Kind != "find" && d.Kind != "replace" { // whose field has the focus; elsewhere it begins before the first control
		e.Call("focus")
	}
	d.P.pointer.hideTip()
}

// OnDismount gives back what OnMount took.
func (d *dialog) OnDismount() {
	d.cancel.Release()
	d.click.Release()
}

func inside(b box, x, y float64) bool { return x >= b.x && y >= b.y && x < b.x+b.w && y < b.y+b.h }

// closeDialog is Esc, the cross, or a click beside the dialogue.
func (p *page) closeDialog(kind string) {
	if kind == "opening" || kind == "error" {
		p.s.CancelOpening()
	}
	if kind == "fetch" {
		p.stopDownload()
	}
	p.dialog = ""
	p.change()
}

// external does what needs the browser: files, pictures, the clipboard.
func (p *page) external(what string) {
	verb, arg, _ := strings.Cut(what, "=")
	name := p.fileName()
	switch verb {
	case figure.DoFile:
		p.pick(false)
	case figure.DoFolder:
		p.pick(true)
	case "another":
		p.s.CancelOpening()
		p.openMenu()
	case "fetch":
		p.fetchDo(arg)
	case "add":
		p.pick(false)
	case "numbers":
		p.s.OpenAgain(nil, func(o *protocol.Open) { o.NoTokenizer = true })
	case "weights":
		p.s.OpenAgain(nil, func(o *protocol.Open) { o.Weights = arg })
	case "family":
		p.s.OpenAgain(nil, func(o *protocol.Open) { o.Config["model_type"] = arg })
	case "correct":
		p.correct()
	case "texts":
		p.textsDo(arg)
	case figure.DoNotes:
		p.choose(false, p.s.Annotate)
	case "snapshots":
		p.snapshotsDo(arg)
	case "matches":
		p.saveMatches(arg)
	case "svg":
		p.pointer.saveSVG(name)
	case "png":
		p.pointer.savePNG(name)
	case "csv":
		p.pointer.saveCSV(arg, name)
	case "go":
		p.goTo(arg)
	case "copy":
		p.copy("link", p.link())
	case "report": // of a notice, to be read first; or of what could not be opened
		if arg != "" {
			p.dialog, p.talk.report = "report", p.report(arg)
			return
		}
		p.copy("report", p.report(arg))
	case "copy-report":
		p.copy("report", p.talk.report)
	}
}

// fileName is what a picture of the view is called.
func (p *page) fileName() string {
	name := "loupe"
	if p.s.Model != nil {
		name += " " + strings.TrimSuffix(p.s.Model.Name, ".safetensors")
	}
	return name + " " + p.s.State.View
}

// copy puts a text on the clipboard, and says so for a moment.
func (p *page) copy(what, text string) {
	say := func(copied, refuse string) {
		p.ctx.Dispatch(func(app.Context) {
			p.talk.copied, p.talk.refuse = copied, refuse
			p.change()
		})
	}
	copyText(text, func(ok bool) {
		if !ok {
			say("", text)
			return
		}
		say(what, "")
		time.AfterFunc(2*time.Second, func() { say("", "") })
	})
}

// copyButton copies; what it is called changes for a moment when it has.
func (p *page) copyButton(do, what, label string) app.UI {
	if p.talk.copied == what {
		label = p.l.T("dialog.copied")
	}
	return app.Button().Type("button").Class("btn line").DataSet("do", do).Aria("live", "polite").Body(app.Text(label))
}

// refused shows what the browser would not copy.
func (p *page) refused() app.UI {
	return app.If(p.talk.refuse != "", func() app.UI {
		return app.P().Class("refused").Body(app.Text(p.l.T("dialog.failed")), app.Textarea().ReadOnly(true).Body(app.Text(p.talk.refuse)))
	})
}

func title(p *page, inner ...app.UI) app.UI {
	return app.Header().Body(app.H2().ID("dialog-title").Body(inner...),
		app.Button().Type("button").Class("btn icon").DataSet("do", "close").Aria("label", p.l.T("dialog.close")).Body(app.Text("×")))
}
