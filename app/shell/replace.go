package shell

import (
	"context"
	"fmt"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// A token of the text can be replaced for the model alone: a change like those of activations (protocol.TokenChange), beside which the
// run of the text as it is stays.

// own is the text's own token, where a change has put another in its place.
func own(t protocol.Token) protocol.Choice {
	if t.Was != nil {
		return *t.Was
	}
	return protocol.Choice{ID: t.ID, Text: t.Text}
}

// withoutToken are the changes but for those that replace the token at a position.
func withoutToken(changes []protocol.Change, pos int) []protocol.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c protocol.Change) bool { return c.Name == protocol.TokenChange && c.Pos == pos })
}

// canReplace reports whether the open model reads tokens that can be replaced.
func (s *Session) canReplace() bool {
	return s.Model != nil && s.Model.Recorded == 0 && s.Model.Layers > 0 && s.Model.Seq == nil
}

// Replace puts token id in the place of the one at pos, for the model; the text's own token takes the change back.
func (s *Session) Replace(pos, id int) {
	if !s.canReplace() || s.Run == nil || pos < 0 || pos >= len(s.Run.Tokens) || id < 0 || id >= s.Model.Vocab || id == s.Run.Tokens[pos].ID {
		return
	}
	s.Stop()
	s.change(false, func(st *state.State) {
		st.Changes = withoutToken(st.Changes, pos)
		if id != own(s.Run.Tokens[pos]).ID {
			st.Changes = append(st.Changes, protocol.Change{Name: protocol.TokenChange, Pos: pos, Index: -1, Op: "set", Value: float32(id)})
		}
	})
}

// replace opens the field to choose what stands in the place of the token at now; "3 17" puts token 17 there at position 3.
func (p *page) replace(arg string) {
	if arg != "" {
		var pos, id int
		if n, _ := fmt.Sscanf(arg, "%d %d", &pos, &id); n == 2 {
			p.s.Replace(pos, id)
		}
		return
	}
	if now := p.s.Now(); now >= 0 && p.s.canReplace() {
		p.dialog, p.menu = "replace", false
		p.talk.query, p.talk.at = "", now
		p.suggest("")
	}
}

func replaceUI(p *page) []app.UI {
	l, t := p.l, &p.talk
	if p.s.Run == nil || t.at >= len(p.s.Run.Tokens) {
		return nil
	}
	return []app.UI{
		app.H2().ID("dialog-title").Class("what").Body(app.Text(l.T("replace.title", t.at)), tokenUI(own(p.s.Run.Tokens[t.at]).Text)),
		app.Label().Class("field").Body(searchIcon(), &findField{Hint: l.T("replace.hint")}),
		p.hits(),
		app.If(t.query != "" && len(t.found) == 0 && t.asking == nil, func() app.UI { return app.P().Class("quiet").Body(app.Text(l.T("replace.none"))) }),
	}
}

// suggest lists what a token could be replaced by: the tokens that are written so or, as long as nothing is typed, those that the model
// expects there; and first of all the text's own, where it is replaced.
func (p *page) suggest(q string) {
	t, s := &p.talk, p.s
	if t.asking != nil {
		t.asking()
		t.asking = nil
	}
	t.found = nil
	if was := s.Run.Tokens[t.at].Was; was != nil && q == "" {
		t.found = []hit{{token: was.Text, text: p.l.T("replace.back"), do: p.replacing(was.ID)}}
	}
	p.change()
	ctx, cancel := context.WithCancel(context.Background())
	t.asking = cancel
	at, here, e, own := t.at, s.Model.Here, s.engine, own(s.Run.Tokens[t.at]).ID
	go func() {
		rows, err := candidates(ctx, e, q, at, s.Model.Logits, here)
		p.ctx.Dispatch(func(app.Context) {
			if ctx.Err() != nil {
				return
			}
			t.asking = nil
			for _, c := range rows {
				if err == nil && c.ID != own {
					h := hit{token: c.Text, text: p.l.T("find.token", c.ID), do: p.replacing(c.ID)}
					if q == "" {
						h.text = p.l.T("replace.expected", svg.Percent(float64(c.P)))
					}
					t.found = append(t.found, h)
				}
			}
			p.change()
		})
	}()
}

func (p *page) replacing(id int) string { return fmt.Sprintf("replace=%d %d", p.talk.at, id) }

// candidates asks the engine for tokens that are written as q or, where q is empty, for those that the model expects at a position.
func candidates(ctx context.Context, e *client.Engine, q string, at int, predicts, here bool) ([]protocol.Choice, error) {
	if q != "" {
		r, err := client.Ask[protocol.FindResult, struct{}](ctx, e, protocol.OpFind, protocol.Find{Text: q, N: 12}, nil)
		if err != nil {
			return nil, err
		}
		return r.Tokens, nil
	}
	from := at - 1
	if here {
		from = at
	}
	if !predicts || from < 0 {
		return nil, nil
	}
	r, err := client.Ask[protocol.Prediction, struct{}](ctx, e, protocol.OpPredict, protocol.Predict{Pos: from, N: 9, Sampling: protocol.Sampling{T: 1, P: 1}}, nil)
	if err != nil {
		return nil, err
	}
	var out []protocol.Choice
	for _, row := range r.Rows {
		out = append(out, protocol.Choice{ID: row.ID, Text: row.Text, P: row.P})
	}
	return out, nil
}
