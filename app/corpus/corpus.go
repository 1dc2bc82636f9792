// Package corpus has the open model run over a corpus for as long as a view looks at it, and keeps what the engine answered about it. All
// its methods are called on the session's goroutine.
package corpus

import (
	"reflect"
	"strings"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

const (
	fillMs  = 40                     // of one piece of work: questions about the text come between two of them
	tellMs  = 250 * time.Millisecond // between two drawings for progress
	settles = 1500 * time.Millisecond
)

// Source is a text that a corpus is made of.
type Source struct {
	Name  string
	Files []client.File // or
	Text  string
	Nth   int // tells one that a person brought from the next
}

// Corpus is the corpus of the open model.
type Corpus struct {
	host
	c     *work
	asked bool // in this round of drawing
}

// host is what texts that the engine runs have around them.
type host struct {
	// Changed is called when something about it is new: the view is to be drawn again.
	Changed func()
	// Source finds the text that a spec names; nil: there is none.
	Source func(kind string) *Source
	// Busy reports whether the engine has something else to do: it is not filled then.
	Busy func() bool

	post   func(func())
	engine *client.Engine
}

func newHost(engine *client.Engine, post func(func())) host {
	return host{engine: engine, post: post, Changed: func() {}, Source: func(string) *Source { return nil }, Busy: func() bool { return false }}
}

// work is one corpus on its way.
type work struct {
	task
	a       *Corpus
	src     *Source
	c       figure.Corpus
	answers answers
}

// New returns one without a corpus.
func New(engine *client.Engine, post func(func())) *Corpus {
	return &Corpus{host: newHost(engine, post)}
}

// Open is figure.Input.Corpora.
func (a *Corpus) Open(spec figure.CorpusSpec) *figure.Corpus {
	src := a.Source(spec.Text)
	if src == nil || len(spec.Sources) == 0 {
		return nil
	}
	a.asked = true
	if a.c == nil || a.c.src.Nth != src.Nth || !same(&a.c.c.Spec, &spec) {
		if a.c != nil {
			a.c.cancel()
		}
		a.c = a.begin(spec, src)
	}
	a.c.c.Spec.Cuts = spec.Cuts
	a.c.looked = true
	a.c.goOn()
	return &a.c.c
}

// same reports whether two specs are one corpus: another cut does not make another, for the values may be there.
func same(a, b *figure.CorpusSpec) bool {
	return a.Text == b.Text && a.Column == b.Column && reflect.DeepEqual(a.Sources, b.Sources)
}

// At is the corpus that is open, or nil.
func (a *Corpus) At() *figure.Corpus {
	if a.c == nil {
		return nil
	}
	return &a.c.c
}

// Begin starts a round of drawing, End ends it: what the round did not ask for rests.
func (a *Corpus) Begin() {
	a.asked = false
	if a.c != nil {
		a.c.answers.begin()
	}
}

// End is Begin's.
func (a *Corpus) End() {
	if a.c != nil {
		a.c.looked = a.asked
		a.c.answers.end()
	}
}

// Close drops the corpus, and has the engine forget it.
func (a *Corpus) Close() {
	a.Forget()
	Question(a, protocol.OpCorpusClose, protocol.CorpusClose{}, nil, func(*struct{}, *protocol.Error) {})
}

// Forget drops the corpus: another model is open, or the engine was started again, and has none.
func (a *Corpus) Forget() {
	if a.c != nil {
		a.c.cancel()
		a.c = nil
	}
}

// Do does what figure.DoFill names.
func (a *Corpus) Do(what string) {
	w := a.c
	if w == nil {
		return
	}
	switch what {
	case "pause":
		w.c.Paused = true
	case "run":
		w.c.Paused = false
	case "again": // with the cuts that are wanted now
		w.cancel()
		a.c = a.begin(w.c.Spec, w.src)
		a.c.looked = w.looked
	}
	a.c.goOn()
	a.Changed()
}

// begin reads a corpus.
func (a *Corpus) begin(spec figure.CorpusSpec, src *Source) *work {
	w := &work{a: a, src: src, c: figure.Corpus{Spec: spec, Name: src.Name, Running: true}}
	w.task = newTask(&a.host, func(e *protocol.Error) { w.c.Err, w.c.Step, w.c.Running = e, nil, false })
	w.answers = newAnswers(w.ctx, a.engine, a.post, func() { a.Changed() })
	body := protocol.Corpus{Text: src.Text, Name: src.Name, Column: spec.Column, Sources: spec.Sources, Cuts: spec.Cuts}
	var data map[int]any
	body.Files, data = client.Refs(src.Files)
	wait := client.Put[protocol.CorpusInfo](w.ctx, a.engine, protocol.OpCorpusOpen, body, data, func(st *protocol.Step) {
		w.a.post(func() {
			w.c.Step = st
			w.tell(false)
		})
	})
	go func() {
		info, err := wait()
		w.then(err, func() {
			w.c.Info, w.c.Step = info, nil
			w.c.Filled = protocol.CorpusFilled{Corpus: info.ID, Total: info.Tokens}
			w.goOn()
			w.tell(true)
		})
	}()
	return w
}

// goOn asks for the next piece, as long as the corpus is looked at and is not whole.
func (w *work) goOn() {
	w.c.Running = w.c.Err == nil && !w.c.Paused && !w.c.Filled.Done
	if w.c.Info == nil || !w.c.Running || !w.free() {
		return
	}
	fill(&w.task, protocol.OpCorpusFill, protocol.CorpusFill{Corpus: w.c.Info.ID, Ms: fillMs}, func(f *protocol.CorpusFilled) {
		w.c.Filled = *f
		w.settle(&w.c.Settled, f.Tokens, 500, f.Done)
		w.goOn()
		w.tell(f.Done)
	})
}

// Ask is figure.Input.AskCorpus.
func (a *Corpus) Ask(op string, body any) (val any, fresh bool) {
	if a.c == nil || a.c.c.Info == nil || !strings.HasPrefix(op, "corpus.") {
		return nil, false
	}
	return a.c.answers.ask(op, body)
}

// Question puts a question that no view asks: to go to a place, to save all matches.
// data are the files that body names.
func Question[R any](a *Corpus, op string, body any, data map[int]any, then func(*R, *protocol.Error)) {
	aside(&a.host, op, body, data, then)
}

// Last is the last question of an operation that was answered, or nil.
func (a *Corpus) Last(op string) any {
	if a.c == nil {
		return nil
	}
	return a.c.answers.latest(op)
}
