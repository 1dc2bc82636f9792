package shell

import (
	"context"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/engine/protocol"
)

// hit is one thing that was found: what it is, and what choosing it sets.
type hit struct {
	token string // shown as a token
	text  string
	set   string
	do    string // what choosing it does, where it sets nothing
}

// find opens the field to find words, heads, units and positions.
func (p *page) find() {
	p.dialog, p.menu = "find", false
	p.talk.query, p.talk.found = "", nil
}

func findUI(p *page) []app.UI {
	l := p.l
	return []app.UI{
		app.H2().ID("dialog-title").Class("sr").Body(app.Text(l.T("find.title"))),
		app.Label().Class("field").Body(searchIcon(), &findField{Hint: l.T("find.hint")}),
		p.hits(),
		app.If(p.talk.query != "" && len(p.talk.found) == 0, func() app.UI { return app.P().Class("quiet").Body(app.Text(l.T("find.none"))) }),
	}
}

// hits are what was found, to be chosen.
func (p *page) hits() app.UI {
	return app.Ul().Class("hits").Body(app.Range(p.talk.found).Slice(func(i int) app.UI {
		h := p.talk.found[i]
		return app.Li().Body(app.Button().Type("button").Class("card").DataSet("do", "go="+strconv.Itoa(i)).Body(
			app.If(h.token != "", func() app.UI { return tokenUI(h.token) }),
			app.Span().Class("quiet").Body(app.Text(h.text))))
	}))
}

// findField is the field of the dialogue; it has the focus.
type findField struct {
	app.Compo
	Hint string
}

func (f *findField) Render() app.UI {
	return app.Input().Type("search").Placeholder(f.Hint).Aria("label", f.Hint).AutoComplete(false).Spellcheck(false).AutoFocus(true).DataSet("find", "1")
}

// Search looks for what is typed: at once in what the page knows, and by the engine among the tokens.
func (p *page) Search(q string) {
	t := &p.talk
	t.query = q
	if t.asking != nil {
		t.asking()
		t.asking = nil
	}
	t.found = nil
	if p.dialog == "replace" {
		p.suggest(q)
		return
	}
	if p.s.recorded() {
		p.searchRecorded(q)
		p.change()
		return
	}
	if p.s.Model != nil {
		t.found = places(p.l, q, p.s.Model, p.s.Run)
	}
	p.change()
	if q == "" || p.s.Model == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.asking = cancel
	e := p.s.engine
	go func() {
		res, err := client.Ask[protocol.FindResult, struct{}](ctx, e, protocol.OpFind, protocol.Find{Text: q, N: 12}, nil)
		if err != nil {
			return
		}
		p.ctx.Dispatch(func(app.Context) {
			if ctx.Err() != nil {
				return
			}
			for _, c := range res.Tokens {
				t.found = append(t.found, hit{token: c.Text, text: p.l.T("find.token", c.ID) + ", " + p.l.T("find.ask"),
					set: "view=prediction&token=" + strconv.Itoa(c.ID)})
			}
			p.change()
		})
	}()
}

// places are heads, units and positions that a query names, and where the text has it.
func places(l *lang.Catalogue, q string, m *protocol.Model, run *protocol.RunResult) []hit {
	var out []hit
	q = strings.TrimSpace(q)
	if a, b, ok := strings.Cut(q, "."); ok && m.Heads > 0 {
		layer, err1 := strconv.Atoi(a)
		head, err2 := strconv.Atoi(b)
		if err1 == nil && err2 == nil && layer >= 0 && layer < m.Layers && head >= 0 && head < m.Heads {
			out = append(out, hit{text: l.T("find.head", layer, head), set: "view=attention&layer=" + a + "&head=" + b})
		}
	}
	if n, err := strconv.Atoi(q); err == nil && n >= 0 && n < m.Hidden {
		out = append(out, hit{text: l.T("find.unit", n), set: "view=states&unit=" + strconv.Itoa(n)})
	}
	if run == nil || q == "" {
		return out
	}
	if at, ok := strings.CutPrefix(q, "@"); ok {
		if n, err := strconv.Atoi(at); err == nil && n >= 0 && n < len(run.Tokens) {
			out = append(out, hit{token: run.Tokens[n].Text, text: l.T("find.position", n), set: "at=" + strconv.Itoa(n)})
		}
	}
	for i, t := range run.Tokens {
		if body, _ := plot.Visible(t.Text); len(out) < 8 && strings.EqualFold(body, q) {
			out = append(out, hit{token: t.Text, text: l.T("find.in-text", i), set: "at=" + strconv.Itoa(i)})
		}
	}
	return out
}

// goTo chooses what was found.
func (p *page) goTo(arg string) {
	i, err := strconv.Atoi(arg)
	if err != nil || i < 0 || i >= len(p.talk.found) {
		return
	}
	p.dialog = ""
	if h := p.talk.found[i]; h.do != "" {
		p.Do(h.do)
	} else {
		p.Patch(h.set)
	}
}
