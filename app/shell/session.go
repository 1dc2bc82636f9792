// Package shell is the page around the views: the session (model, text, selection, answers of the engine), the bar, the
// text band, the tabs, the figures' frame and the dialogues. Session knows no browser and is tested without one.
package shell

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"loupe/app/atlas"
	"loupe/app/beside"
	"loupe/app/client"
	"loupe/app/corpus"
	"loupe/app/figure"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// Session is one person's work: the open model, the text and the selection, the run, and what the engine answered.
// All its methods are called on one goroutine; what the engine brings comes there through post.
type Session struct {
	State   *state.State
	Cards   []figure.Card       // the models that are served with the page
	Model   *protocol.Model     // nil: none is open
	Card    *figure.Card        // the open model's, if it is served with the page
	Run     *protocol.RunResult // nil: nothing was run yet
	Opening *Opening            // nil: no model is being opened, and none failed to
	Missing string              // the hash or the address of a model that the address names and that is not here
	Notices []*Notice
	GenFrom int  // the first generated token; -1: none
	Fast    bool // generate with activations of 16 bits
	InChat  bool // the text stands in the model's chat template

	post    func(func())                     // runs a function on the session's goroutine
	changed func()                           // something changed: draw again
	address func(fragment string, push bool) // shows the state in the address
	lacks   func(model string)               // the address names a model that is not here
	engine  *client.Engine
	maps    *atlas.Atlas
	texts   *corpus.Corpus
	pairs   *corpus.Pairs
	besides *beside.Models

	ids      []int // the text as tokens, if it was made of tokens; nil: as written
	history  history
	running  *running
	away     bool   // the engine was lost and is not back
	stopped  bool   // it crashed twice on the same input
	crashed  string // the address at the last crash
	typing   *time.Timer
	typed    time.Time // the last key
	dragging bool
	walking  bool // the last change only moved now
	caret    int  // byte offset of the edit caret in the text that is being run; -1: none
	gen      *generation
	corpus   [2]string      // a text of the person's whose words a map shows in their contexts: its name and it
	dropped  *corpus.Source // texts of the person's that the model is run over
	paired   *corpus.Source // pairs of source and reference of the person's
	noted    int            // files of annotations that were added
	answers  answers
	drawn    drawn
	opening  context.CancelFunc
}

// Opening is a model that is being opened, or that could not be.
type Opening struct {
	Name    string
	Bytes   int64
	Files   []client.File
	With    protocol.Open
	Started time.Time
	Steps   []protocol.Step // the last one of each stage, in the order of the stages
	Err     *protocol.Error // nil while it goes on

	then func(*protocol.Model) // called with the new model
}

// Notice is something that the person should know and may dismiss.
type Notice struct {
	Key    string // of the sentence in the catalogue
	Args   []any
	Again  bool            // offers to run again
	Report *protocol.Error // what a report would hold; nil: nothing to report
}

// NewSession returns a session without a model.
func NewSession(dial, mapper client.Dial, post func(func())) *Session {
	s := &Session{State: state.New(), GenFrom: -1, caret: -1, post: post, engine: client.New(dial),
		changed: func() {}, address: func(string, bool) {}, lacks: func(string) {}}
	s.maps = atlas.New(dial, mapper, s.engine, post)
	s.maps.Changed = func() { s.changed() }
	s.maps.Files = func(id string) []client.File {
		if c := s.card(id); c != nil {
			return cardFiles(c)
		}
		return nil
	}
	s.texts, s.pairs, s.besides = corpus.New(s.engine, post), corpus.NewPairs(s.engine, post), beside.New(dial, post)
	s.texts.Changed, s.pairs.Changed, s.besides.Changed = func() { s.changed() }, func() { s.changed() }, func() { s.changed() }
	s.texts.Source, s.texts.Busy = s.source, func() bool { return !s.idle() || s.gen != nil }
	s.pairs.Source, s.pairs.Busy = s.pairsSource, s.texts.Busy
	s.besides.Files = cardFiles
	s.answers.init(s)
	s.engine.Restarted = func(err, failed *protocol.Error) { s.post(func() { s.restarted(err, failed) }) }
	return s
}

// Start begins with the models that are served and the address's fragment.
func (s *Session) Start(cards []figure.Card, fragment string) {
	s.Cards = cards
	s.Visit(fragment)
}

// Visit goes to what an address says: at the start, by Back, or by a link that was pasted.
func (s *Session) Visit(fragment string) {
	st, bad := state.Parse(fragment)
	given, _ := url.ParseQuery(strings.TrimPrefix(fragment, "#"))
	hasText := given.Has("text")
	if len(bad) > 0 {
		s.notice(&Notice{Key: "notice.address", Args: []any{strings.Join(bad, ", ")}})
	}
	if s.Model != nil && (st.Model == "" || st.Model == s.State.Model) {
		st.Model = s.State.Model
		if !hasText {
			st.Text = s.State.Text
		}
		if st.String() == s.State.String() {
			return
		}
		s.push()
		s.setState(st, nil)
		s.changed()
		return
	}
	card := s.card(st.Model)
	if st.Model == "" && len(s.Cards) > 0 {
		card = &s.Cards[0]
	}
	if card == nil {
		s.State, s.Missing = st, st.Model
		s.changed()
		s.lacks(st.Model)
		return
	}
	st.Model = card.ID
	if !hasText {
		st.Text = card.Text
	}
	s.openCard(card, func() *state.State { return st })
}

func (s *Session) card(id string) *figure.Card {
	i := slices.IndexFunc(s.Cards, func(c figure.Card) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Cards[i]
}

// OpenCard opens a served model with its own text; the view that is open when it is there stays.
func (s *Session) OpenCard(id string) {
	c := s.card(id)
	if c == nil {
		return
	}
	s.openCard(c, func() *state.State {
		st := state.New()
		st.Model, st.Text, st.View, st.Sampling = c.ID, c.Text, s.State.View, s.State.Sampling
		return st
	})
}

func (s *Session) openCard(c *figure.Card, st func() *state.State) {
	s.open(&Opening{Name: c.ID, Files: cardFiles(c), then: func(*protocol.Model) { s.Card = c; s.begin(st()) }})
}

func cardFiles(c *figure.Card) (files []client.File) {
	for _, f := range c.Files {
		files = append(files, client.File{Name: strings.TrimPrefix(f.Path, "models/"), Size: f.Size, Data: f.Path})
	}
	return files
}

// OpenFiles opens a model of the person's own. It reads the text that is there; the address then names it by its hash.
func (s *Session) OpenFiles(files []client.File) { s.OpenFrom("", files) }

// OpenFrom is OpenFiles for files that were fetched: the address names where they come from.
func (s *Session) OpenFrom(source string, files []client.File) {
	if len(files) == 0 {
		return
	}
	missing := s.Missing
	largest := slices.MaxFunc(files, func(a, b client.File) int { return int(min(1, max(-1, a.Size-b.Size))) })
	s.open(&Opening{Name: largest.Name, Files: files, then: func(m *protocol.Model) {
		st := s.State.Clone()
		id := cmp.Or(source, m.Hash)
		if missing == "" { // another model's layers and heads mean nothing here
			st.Layer, st.Head, st.Unit, st.Token, st.Changes, st.Range = -1, -1, -1, -1, nil, [2]int{}
			delete(st.Opts, "states.w")
			delete(st.Opts, "translate.ref")
		} else if missing != id && missing != m.Hash {
			s.notice(&Notice{Key: "notice.other-model", Args: []any{missing}})
		}
		st.Model, s.Card = id, nil
		s.begin(st)
		if src := statesAmong(files); m.Seq != nil && src != nil {
			s.SetPairs(*src)
		}
	}})
}

// OpenAgain opens what could not be opened, or else what is open, once more: with further files, which replace those of
// the same name, and asked for in another way.
func (s *Session) OpenAgain(more []client.File, change func(*protocol.Open)) {
	o := s.Opening
	if o == nil {
		if s.Model == nil {
			return
		}
		id := s.State.Model
		o = &Opening{Name: s.Model.Name, then: func(m *protocol.Model) {
			st := s.State.Clone()
			if s.Card == nil && len(id) == len(m.Hash) && !strings.Contains(id, ":") {
				id = m.Hash
			}
			st.Model = id
			s.begin(st)
		}}
		o.Files, o.With = s.engine.Opened()
	}
	next := &Opening{Name: o.Name, With: o.With, then: o.then}
	next.With.Config = map[string]any{}
	maps.Copy(next.With.Config, o.With.Config)
	next.Files = slices.DeleteFunc(slices.Clone(o.Files), func(f client.File) bool {
		return slices.ContainsFunc(more, func(g client.File) bool { return base(f.Name) == base(g.Name) })
	})
	next.Files = append(next.Files, more...)
	if change != nil {
		change(&next.With)
	}
	s.open(next)
}

// open opens files; what is open stays until they are whole.
func (s *Session) open(o *Opening) {
	s.CancelOpening()
	s.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	o.Started = time.Now()
	for _, f := range o.Files {
		o.Bytes += f.Size
	}
	s.Opening, s.opening = o, cancel
	s.changed()
	go func() {
		m, err := s.engine.Open(ctx, o.Files, o.With, func(st protocol.Step) {
			s.post(func() { o.step(st); s.changed() })
		})
		s.post(func() {
			if s.Opening != o {
				return
			}
			defer s.changed()
			if err != nil {
				if o.Err = client.AsError(err); o.Err == nil {
					s.Opening = nil
				}
				return
			}
			s.opened(m)
			o.then(m)
		})
	}()
}

// opened takes the place of the model that was open.
func (s *Session) opened(m *protocol.Model) {
	s.Opening, s.Model, s.Missing, s.stopped, s.crashed, s.away = nil, m, "", false, "", false
	if s.running != nil { // it was of the model before: the same text is to be run again
		s.running.cancel()
		s.running = nil
	}
	s.Run, s.GenFrom = nil, -1
	s.history = history{}
	s.answers.forget(true)
	s.maps.Forget()
	s.texts.Forget()
	s.pairs.Forget()
	s.noted = 0
	s.Notices = slices.DeleteFunc(s.Notices, func(n *Notice) bool { return n.Key != "notice.address" }) // they were about the other model
	for _, w := range m.Warnings {
		if !minor[w.Code] {
			s.warn(w)
		}
	}
	if len(m.Guesses) > 0 {
		s.notice(&Notice{Key: "notice.guessed", Args: []any{guessed(m)}})
	}
}

// minor are the warnings about a model that change no number: they stand with what was read of it.
var minor = map[string]bool{"unused-tensors": true, "vocab-padded": true, "vocab-short": true, "truncates": true, "widened": true}

// guessed is what was inferred, in a few words: "heads 12, layer_norm_eps 1e-05".
func guessed(m *protocol.Model) string {
	var words []string
	for i, g := range m.Guesses {
		if i == 4 {
			words = append(words, "…")
			break
		}
		words = append(words, g.Key+" "+g.Value)
	}
	return strings.Join(words, ", ")
}

// begin shows a state with the model that was just opened.
func (s *Session) begin(st *state.State) {
	first := s.State.Model == "" || s.State.Model == st.Model
	st.Changes = slices.DeleteFunc(slices.Clone(st.Changes), func(c protocol.Change) bool { return !s.canChange(c) })
	s.State, s.ids = st, nil
	s.address(s.State.String(), !first)
	s.sync()
}

// canChange reports whether the open model has what a change changes.
func (s *Session) canChange(c protocol.Change) bool {
	switch c.Name {
	case protocol.TokenChange:
		return s.canReplace() && c.Value < float32(s.Model.Vocab)
	case protocol.SourceChange:
		return s.translates() && c.Value < float32(s.Model.Seq.Source)
	case protocol.PrefixChange:
		return s.translates()
	}
	return !s.recorded() && slices.ContainsFunc(s.Model.Acts, func(a protocol.Act) bool { return a.Name == c.Name })
}

// CancelOpening ends the opening of a model; the one that was open stays.
func (s *Session) CancelOpening() {
	if s.opening != nil {
		s.opening()
		s.opening = nil
	}
	s.Opening = nil
}

func (o *Opening) step(st protocol.Step) {
	for i := range o.Steps {
		if o.Steps[i].Stage == st.Stage {
			o.Steps[i] = st
			return
		}
	}
	o.Steps = append(o.Steps, st)
}

// SetCorpus takes a text whose words a map shows in their contexts. It is not in the address: it may be long.
func (s *Session) SetCorpus(name, text string) {
	s.corpus = [2]string{name, s.within(text)}
	s.Patch("o.words.text=file")
	s.changed()
}

// notice shows a notice; one that says the same is replaced.
func (s *Session) notice(n *Notice) {
	s.Notices = slices.DeleteFunc(s.Notices, func(o *Notice) bool { return o.Key == n.Key })
	s.Notices = append(s.Notices, n)
}

// clear takes notices away.
func (s *Session) clear(keys ...string) {
	s.Notices = slices.DeleteFunc(s.Notices, func(o *Notice) bool { return slices.Contains(keys, o.Key) })
}

func (s *Session) warn(w protocol.Warning) {
	s.notice(&Notice{Key: "warn." + w.Code, Args: []any{w.What, w.N}})
}

// Dismiss takes the i-th notice away.
func (s *Session) Dismiss(i int) {
	if i >= 0 && i < len(s.Notices) {
		s.Notices = slices.Delete(s.Notices, i, i+1)
		s.changed()
	}
}

// hash tells the open model from others; "" if none is open.
func (s *Session) hash() string {
	if s.Model == nil {
		return ""
	}
	return s.Model.Hash
}

// Now is the position of the caret, or -1 if there is no token.
func (s *Session) Now() int {
	if s.Run == nil || len(s.Run.Tokens) == 0 {
		return -1
	}
	if n := len(s.Run.Tokens); s.State.At < 0 || s.State.At >= n {
		if s.State.At < 0 && s.translates() {
			return figure.LeastLikely(s.Run)
		}
		return n - 1
	}
	return s.State.At
}
