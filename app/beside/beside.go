// Package beside runs other served models on the text of the open one, one after another, each in an engine that ends with it.
package beside

import (
	"context"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// keep is how many runs stay.
const keep = 12

// Models is the runs.
type Models struct {
	// Changed is called when something is new: the view is to be drawn again.
	Changed func()
	// Files are those of a served model.
	Files func(c *figure.Card) []client.File

	dial client.Dial
	post func(func())
	runs []*run // the latest last
}

type run struct {
	text   string
	most   int
	search func(protocol.Decode) protocol.Decode
	b      figure.Beside
	ctx    context.Context
	cancel context.CancelFunc // nil: not begun
	done   bool
	round  bool // asked in this round of drawing
}

// New returns none.
func New(dial client.Dial, post func(func())) *Models {
	return &Models{dial: dial, post: post, Changed: func() {}, Files: func(*figure.Card) []client.File { return nil }}
}

// Run is a served model on a text; it begins when those before it are done. Of an encoder-decoder, search is how targets are looked for, given what
// its files say.
func (m *Models) Run(c *figure.Card, text string, most int, search func(protocol.Decode) protocol.Decode) *figure.Beside {
	for _, r := range m.runs {
		if r.b.Card.ID == c.ID && r.text == text && r.most == most && r.searches(search) {
			r.round = true
			return &r.b
		}
	}
	r := &run{text: text, most: most, search: search, b: figure.Beside{Card: c}, round: true}
	m.runs = append(m.runs, r)
	return &r.b
}

// searches reports whether a search would be the run's. What it is of is not known before the model is open.
func (r *run) searches(as func(protocol.Decode) protocol.Decode) bool {
	if r.b.Model == nil || r.b.Model.Seq == nil {
		return true
	}
	d := r.b.Model.Seq.DecodeOf(r.text)
	return as(d) == r.search(d)
}

// Begin starts a round of drawing.
func (m *Models) Begin() {
	for _, r := range m.runs {
		r.round = false
	}
}

// End ends what the round did not ask for, and begins the first that waits.
func (m *Models) End() {
	kept := m.runs[:0]
	for i, r := range m.runs {
		switch {
		case r.round, r.done && len(m.runs)-i <= keep:
			kept = append(kept, r)
		case r.cancel != nil:
			r.cancel()
		}
	}
	m.runs = kept
	m.next()
}

// next begins the first run that waits, unless one is on its way.
func (m *Models) next() {
	for _, r := range m.runs {
		if r.done {
			continue
		}
		if r.cancel == nil {
			r.ctx, r.cancel = context.WithCancel(context.Background())
			go m.work(r)
		}
		return
	}
}

// work opens the model, runs the text, and asks how it was used.
func (m *Models) work(r *run) {
	e := client.New(m.dial)
	defer e.Close()
	err := func() error {
		model, err := e.Open(r.ctx, m.Files(r.b.Card), protocol.Open{}, nil)
		if err != nil {
			return err
		}
		res, err := client.AskWith[protocol.RunResult](r.ctx, e, protocol.OpRun, protocol.Run{Text: r.text}, nil, nil)
		if err != nil {
			return err
		}
		m.tell(r, func() { r.b.Model, r.b.Run = model, res })
		if model.Seq != nil {
			return m.translate(r, e, model.Seq)
		}
		sum, err := client.AskWith[protocol.SummaryResult](r.ctx, e, protocol.OpSummary, protocol.Summary{Most: r.most}, nil, nil)
		if err == nil {
			m.tell(r, func() { r.b.Summary = sum })
		}
		return err
	}()
	m.tell(r, func() {
		r.done, r.b.Err = true, client.AsError(err)
		m.next()
	})
}

// translate has an encoder-decoder translate the text, and asks for how it looked at the source and for the states of its decoder.
func (m *Models) translate(r *run, e *client.Engine, seq *protocol.Seq) error {
	q := protocol.Translate{Text: r.text, Decode: r.search(seq.DecodeOf(r.text)), Top: 10}
	t, err := client.AskWith[protocol.Translation](r.ctx, e, protocol.OpTranslate, q, nil, nil)
	if err != nil {
		return err
	}
	var cross []*protocol.Array
	var states *protocol.Array
	if len(t.Hyps) > 0 {
		for _, name := range seq.Cross {
			a, err := client.AskWith[protocol.Array](r.ctx, e, protocol.OpTranslated, protocol.Translated{Of: q, Name: name}, nil, nil)
			if err != nil {
				return err
			}
			cross = append(cross, a)
		}
		if states, err = client.AskWith[protocol.Array](r.ctx, e, protocol.OpTranslated, protocol.Translated{Of: q, Name: seq.Decoder}, nil, nil); err != nil {
			return err
		}
	}
	m.tell(r, func() { r.b.Translation, r.b.Cross, r.b.States = t, cross, states })
	return nil
}

// tell changes a run on the session's goroutine, unless nobody wants it any more.
func (m *Models) tell(r *run, f func()) {
	m.post(func() {
		if r.ctx.Err() == nil {
			f()
			m.Changed()
		}
	})
}
