package shell

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// snapshot is a state that has a name: all that an address holds.
type snapshot struct {
	Name string `json:"name"`
	At   string `json:"at"` // the fragment
}

// Snapshots are kept in this browser; where it keeps nothing, as long as the page is open.
const (
	snapshotsKey = "loupe.snapshots"
	snapshotsMax = 100
)

// snapshots are those that are kept, the latest first.
func (p *page) snapshots() []snapshot {
	if p.talk.snaps == nil {
		p.talk.snaps = []snapshot{}
		_ = json.Unmarshal([]byte(stored(snapshotsKey)), &p.talk.snaps) // what is not ours is nothing
	}
	return p.talk.snaps
}

func (p *page) keepSnapshots(list []snapshot) {
	p.talk.snaps = list[:min(len(list), snapshotsMax)]
	if b, err := json.Marshal(p.talk.snaps); err == nil {
		store(snapshotsKey, string(b))
	}
}

// snapshotsUI is a field to give what is on screen a name, and the list.
func snapshotsUI(p *page) app.UI {
	l := p.l
	list := p.snapshots()
	return app.Section().Class("snaps").Body(
		app.H3().Body(app.Text(l.T("snaps.title"))),
		app.Div().Class("address").Body(
			app.Label().Class("field").Body(app.Input().Type("text").ID("snapshot").MaxLength(80).Placeholder(l.T("snaps.hint")).Aria("label", l.T("snaps.hint")).
				AutoComplete(false).Spellcheck(false).OnKeyDown(p.snapshotKey)),
			do("snapshots=save", "line", l.T("snaps.save"))),
		app.Ul().Class("kept").Body(app.Range(list).Slice(func(i int) app.UI {
			n := strconv.Itoa(i)
			return app.Li().Body(app.Button().Type("button").Class("card").DataSet("do", "snapshots=go "+n).Body(app.Text(list[i].Name)),
				app.Span().Class("foot").Body(do("snapshots=drop "+n, "icon", l.T("snaps.drop", list[i].Name), app.Text("×"))))
		})))
}

func (p *page) snapshotKey(ctx app.Context, e app.Event) {
	if e.Get("key").String() == "Enter" && !e.Get("isComposing").Bool() {
		e.PreventDefault()
		p.Do("snapshots=save")
		return
	}
	ctx.PreventUpdate()
}

// snapshotsDo does what the buttons say. One that has a name already takes its place.
func (p *page) snapshotsDo(what string) {
	list := slices.Clone(p.snapshots())
	verb, arg, _ := strings.Cut(what, " ")
	i, err := strconv.Atoi(arg)
	there := err == nil && i >= 0 && i < len(list)
	switch {
	case verb == "":
		p.dialog, p.menu = "share", false
	case verb == "save":
		field := document().Call("getElementById", "snapshot")
		name := strings.TrimSpace(field.Get("value").String())
		if name == "" {
			name = p.l.T("snaps.unnamed", len(list)+1)
		}
		list = slices.DeleteFunc(list, func(s snapshot) bool { return s.Name == name })
		p.keepSnapshots(slices.Insert(list, 0, snapshot{name, p.s.State.String()}))
		field.Set("value", "")
	case verb == "go" && there:
		p.dialog = ""
		p.s.Visit(list[i].At)
	case verb == "drop" && there:
		p.keepSnapshots(slices.Delete(list, i, i+1))
	}
}
