package shell

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/engine/protocol"
)

// maxModelBytes is what an engine's memory can hold at most; nothing larger is fetched.
const maxModelBytes = 4 << 30

// download is a model of another site on its way: named, asked about, shown, fetched. Nobody is asked before a person said so,
// and web/download.js does what is asked.
type download struct {
	wish    wish
	step    string // "named" (nobody was asked), "asking", "listed", "refused", "loading", "paused"
	link    bool   // the address of the page named it
	all     []remote
	files   []remote
	choices []remote
	gated   bool
	keep    bool

	job   app.Value // what is under way, if the step is loading
	file  string
	done  int64
	speed speed
	note  string   // what it waits for: "again", "offline"
	notes []string // what is to be known: "no-range", "changed", "memory", "full"
	why   string   // what stopped it: see whyNot
}

// kept is a model of another site that is in this browser, whole or not.
type kept struct {
	ID    string   `json:"id"`
	Files []remote `json:"files"`
	Here  int64    `json:"here"`
	Whole bool     `json:"whole"`
}

func sum(files []remote) (n int64) {
	for _, f := range files {
		n += f.Size
	}
	return n
}

// speed is how fast bytes come, over the last seconds.
type speed struct {
	at    []time.Time
	bytes []int64
}

func (v *speed) add(t time.Time, n int64) {
	v.at, v.bytes = append(v.at, t), append(v.bytes, n)
	for len(v.at) > 2 && t.Sub(v.at[0]) > 4*time.Second {
		v.at, v.bytes = v.at[1:], v.bytes[1:]
	}
}

// rate is bytes a second, or 0 if it is not known yet.
func (v *speed) rate() float64 {
	n := len(v.at)
	if n < 2 {
		return 0
	}
	d := v.at[n-1].Sub(v.at[0]).Seconds()
	if d < .4 || v.bytes[n-1] <= v.bytes[0] {
		return 0
	}
	return float64(v.bytes[n-1]-v.bytes[0]) / d
}

func loader() app.Value { return app.Window().Get("loupe").Get("download") }

// wishFor takes what was typed into the address field. Look it up is what was pressed, so it is looked up.
func (p *page) wishFor(s string) {
	w, bad := parseWish(s)
	if p.talk.address, p.talk.bad = s, bad; bad != "" {
		return
	}
	p.startDownload(&download{wish: w, keep: true})
	p.lookUp()
}

func (p *page) startDownload(d *download) {
	p.stopDownload()
	p.down = d
	d.step, p.dialog, p.menu = "named", "fetch", false
}

// stopDownload ends what is under way. What came is kept, where it is kept.
func (p *page) stopDownload() {
	if d := p.down; d != nil && d.job != nil {
		d.job.Call("stop")
	}
	p.down = nil
}

// lacks is called with the model that the page's address names, where it is not here. One that is kept whole opens; any other
// has the person asked.
func (p *page) lacks(model string) {
	w, bad := parseWish(model)
	if bad != "" || !strings.Contains(model, ":") {
		return
	}
	p.listKept(func() {
		for _, k := range p.talk.kept {
			if k.ID == model && k.Whole {
				p.openKept(k)
				return
			}
		}
		p.startDownload(&download{wish: w, keep: true, link: true})
	})
}

// listKept learns what is kept.
func (p *page) listKept(then func()) {
	loader().Call("list").Then(func(v app.Value) {
		var list struct {
			Kept []kept `json:"kept"`
			Room int64  `json:"room"`
		}
		err := json.Unmarshal([]byte(v.String()), &list)
		p.post(func() {
			if err == nil {
				p.talk.kept, p.talk.room = list.Kept, list.Room
			}
			if then != nil {
				then()
			}
			p.change()
		})
	})
}

// openKept opens what is kept, or fetches the rest of it.
func (p *page) openKept(k kept) {
	w, bad := parseWish(k.ID)
	if bad != "" {
		return
	}
	p.startDownload(&download{wish: w, files: k.Files, keep: true})
	p.load()
}

// found is what web/download.js found at an address.
type found struct {
	Why    string   `json:"why"`
	Odd    string   `json:"odd"`
	Status int      `json:"status"`
	Length int64    `json:"length"`
	Rev    string   `json:"rev"`
	Gated  bool     `json:"gated"`
	Files  []remote `json:"files"`
}

// lookUp asks what there is and how large it is.
func (p *page) lookUp() {
	d := p.down
	d.step, d.why = "asking", ""
	if d.wish.repo == "" {
		d.files = nil
		p.lookAt(d, 0)
		return
	}
	p.look(d, d.wish.listing(), 16<<20, true, func(a found) {
		d.wish.rev, d.gated, d.all = a.Rev, a.Gated, a.Files
		for i := range d.all {
			d.all[i].URL = d.wish.at(d.all[i].Name)
		}
		p.need(d)
	})
}

// need picks the files of a model of the hub.
func (p *page) need(d *download) {
	d.files, d.choices = need(d.all, d.wish.file)
	d.step = "listed"
	switch {
	case len(d.files) == 0 && d.wish.file != "":
		p.refuse(d, "status 404")
	case len(d.files) == 0:
		p.refuse(d, "no-model")
	case len(d.choices) > 0 && d.wish.file == "":
		d.wish.file = d.files[0].Name
	}
}

// lookAt asks for the size of the i-th address.
func (p *page) lookAt(d *download, i int) {
	if i == len(d.wish.urls) {
		d.step = "listed"
		return
	}
	u := d.wish.urls[i]
	p.look(d, u, 512, false, func(a found) {
		d.files = append(d.files, remote{Name: urlName(u), URL: u, Size: a.Length})
		p.lookAt(d, i+1)
	})
}

// look asks one address; then is called with what it says, on the page's goroutine.
func (p *page) look(d *download, url string, most int, listing bool, then func(found)) {
	loader().Call("look", url, most, listing).Then(func(v app.Value) {
		var a found
		if json.Unmarshal([]byte(v.String()), &a) != nil {
			a.Why = "listing"
		}
		p.post(func() {
			defer p.change()
			switch {
			case p.down != d || d.step != "asking":
			case a.Why != "":
				p.refuse(d, a.Why)
			case a.Status != 200:
				p.refuse(d, "status "+strconv.Itoa(a.Status))
			case a.Odd != "":
				p.refuse(d, a.Odd)
			default:
				then(a)
			}
		})
	})
}

func (p *page) refuse(d *download, why string) {
	if d.why = why; d.step == "loading" {
		d.step = "paused"
		return
	}
	d.step = "refused"
}

// load fetches the files, or goes on.
func (p *page) load() {
	d := p.down
	d.step, d.why, d.note, d.notes, d.speed, d.done = "loading", "", "", nil, speed{}, 0
	if p.dialog == "fetch" || p.dialog == "open" {
		p.dialog = ""
	}
	job, err := json.Marshal(map[string]any{"id": d.wish.String(), "keep": d.keep, "files": d.files})
	if err != nil {
		p.refuse(d, "failed")
		return
	}
	var tell app.Func
	tell = app.FuncOf(func(_ app.Value, args []app.Value) any {
		var m told
		if json.Unmarshal([]byte(args[0].String()), &m) != nil {
			return nil
		}
		p.post(func() {
			if m.Why != "" || m.Files != nil {
				tell.Release()
			}
			if p.down == d {
				p.loaded(d, m)
				p.change()
			}
		})
		return nil
	})
	d.job = loader().Call("start", string(job), tell)
}

// told is what web/download.js says on the way.
type told struct {
	Done  int64   `json:"done"`
	File  string  `json:"file"`
	Note  *string `json:"note"`
	Why   string  `json:"why"`
	Kept  bool    `json:"kept"`
	Files []struct {
		Name string `json:"name"`
		Size int64  `json:"size"`
		Held int    `json:"held"`
	} `json:"files"`
}

func (p *page) loaded(d *download, m told) {
	switch {
	case m.Files != nil:
		var files []client.File
		for _, f := range m.Files {
			files = append(files, client.File{Name: f.Name, Size: f.Size, Data: f.Held})
		}
		p.down, p.talk.kept = nil, nil
		if p.dialog == "fetch" {
			p.dialog = ""
		}
		p.s.OpenFrom(d.wish.String(), files)
		if o := p.s.Opening; o != nil && d.keep && !m.Kept {
			begin := o.then
			o.then = func(m *protocol.Model) {
				begin(m)
				p.s.notice(&Notice{Key: "notice.not-kept"})
			}
		}
	case m.Why == "stopped":
		d.step, d.job = "paused", nil
	case m.Why != "":
		d.job, d.file = nil, m.File
		p.refuse(d, m.Why)
	case m.Note != nil:
		switch *m.Note {
		case "", "again", "offline":
			d.note = *m.Note
		default:
			d.notes = append(d.notes, *m.Note)
		}
	default:
		d.file, d.done = m.File, m.Done
		d.speed.add(time.Now(), m.Done)
	}
}

// fetchDo does what the dialogues of a download say: fetch=what, or fetch=what:more.
func (p *page) fetchDo(arg string) {
	what, more, _ := strings.Cut(arg, ":")
	d := p.down
	switch {
	case what == "address":
		p.wishFor(app.Window().GetElementByID("address").Get("value").String())
	case what == "kept" || what == "drop":
		for _, k := range p.talk.kept {
			if k.ID == more && what == "kept" {
				p.openKept(k)
			} else if k.ID == more {
				loader().Call("drop", more).Then(func(app.Value) { p.post(func() { p.listKept(nil) }) })
			}
		}
	case what == "link":
		p.wishFor(p.s.Missing)
	case d == nil:
	case what == "look":
		p.lookUp()
	case what == "go":
		p.load()
	case what == "keep":
		d.keep = !d.keep
	case what == "pause" && d.job != nil:
		d.job.Call("stop")
	case what == "another":
		p.stopDownload()
		p.openMenu()
	case what == "cancel":
		p.stopDownload()
		p.dialog = ""
		if d.step == "loading" || d.step == "paused" {
			loader().Call("drop", d.wish.String())
		}
	}
}

// openMenu opens the dialogue to open a model.
func (p *page) openMenu() {
	p.dialog, p.menu, p.talk.bad = "open", false, ""
	p.listKept(nil)
}

// pickFile takes another one of a model's files.
func (p *page) pickFile(name string) {
	if d := p.down; d != nil && d.step == "listed" {
		d.wish.file = name
		p.need(d)
		p.change()
	}
}

// urlName is what the file of an address is called.
func urlName(u string) string {
	path, _, _ := strings.Cut(u, "?")
	if name := base(path); name != "" {
		return name
	}
	return "model"
}
