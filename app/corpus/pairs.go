package corpus

import (
	"context"
	"reflect"
	"strings"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// Pairs are pairs of source and reference, which the open model translates for as long as a view looks at them.
type Pairs struct {
	host
	p       *pairing
	asked   bool // in this round of drawing
	cancel  context.CancelFunc
	answers answers // also where there are no pairs: about the translations that were made
}

// pairing is one set of pairs on its way.
type pairing struct {
	task
	a   *Pairs
	src *Source
	p   figure.Pairs
}

// NewPairs returns none.
func NewPairs(engine *client.Engine, post func(func())) *Pairs {
	a := &Pairs{host: newHost(engine, post)}
	a.Forget()
	return a
}

// Open is figure.Input.PairsOf.
func (a *Pairs) Open(spec figure.PairsSpec) *figure.Pairs {
	src := a.Source(spec.Text)
	if src == nil {
		return nil
	}
	a.asked = true
	if a.p == nil || a.p.src.Nth != src.Nth || !reflect.DeepEqual(a.p.p.Spec, spec) {
		if a.p != nil {
			a.p.cancel()
		}
		a.p = a.begin(spec, src)
	}
	a.p.looked = true
	a.p.goOn()
	return &a.p.p
}

// Begin starts a round of drawing, End ends it: what the round did not ask for rests.
func (a *Pairs) Begin() {
	a.asked = false
	a.answers.begin()
}

// End is Begin's.
func (a *Pairs) End() {
	if a.p != nil {
		a.p.looked = a.asked
	}
	a.answers.end()
}

// Close drops the pairs, and has the engine forget them.
func (a *Pairs) Close() {
	a.Forget()
	AboutPairs(a, protocol.OpPairsClose, protocol.PairsClose{}, func(*struct{}, *protocol.Error) {})
}

// Forget drops the pairs and all answers: another model is open, or the engine was started again, and has none.
func (a *Pairs) Forget() {
	if a.p != nil {
		a.p.cancel()
		a.p = nil
	}
	if a.cancel != nil {
		a.cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel, a.answers = cancel, newAnswers(ctx, a.engine, a.post, func() { a.Changed() })
}

// Do does what figure.DoPairsRun names: "pause" or "run".
func (a *Pairs) Do(what string) {
	if a.p != nil {
		a.p.p.Paused = what == "pause"
		a.p.goOn()
		a.Changed()
	}
}

// begin reads pairs.
func (a *Pairs) begin(spec figure.PairsSpec, src *Source) *pairing {
	w := &pairing{a: a, src: src, p: figure.Pairs{Spec: spec, Name: src.Name, Running: true}}
	w.task = newTask(&a.host, func(e *protocol.Error) { w.p.Err, w.p.Running = e, false })
	body := protocol.Pairs{Text: src.Text, Name: src.Name, Source: spec.Source, Target: spec.Target, States: spec.States, Score: spec.Score, Decode: spec.Decode}
	var data map[int]any
	body.Files, data = client.Refs(src.Files)
	wait := client.Put[protocol.PairsInfo](w.ctx, a.engine, protocol.OpPairsOpen, body, data, nil)
	go func() {
		info, err := wait()
		w.then(err, func() {
			w.p.Info, w.p.Filled = info, protocol.PairsFilled{ID: info.ID, Total: info.Pairs}
			w.goOn()
			w.tell(true)
		})
	}()
	return w
}

// goOn asks for the next piece, as long as the pairs are looked at and not all done.
func (w *pairing) goOn() {
	done := w.p.Info != nil && w.p.Filled.Done == w.p.Filled.Total
	w.p.Running = w.p.Err == nil && !w.p.Paused && !done
	if w.p.Info == nil || !w.p.Running || !w.free() {
		return
	}
	fill(&w.task, protocol.OpPairsFill, protocol.PairsFill{ID: w.p.Info.ID, Ms: fillMs}, func(f *protocol.PairsFilled) {
		w.p.Filled = *f
		w.settle(&w.p.Settled, f.Done, 20, f.Done == f.Total)
		w.goOn()
		w.tell(f.Done == f.Total)
	})
}

// Ask is figure.Input.AskCorpus of what is about pairs, or about translations that were made.
func (a *Pairs) Ask(op string, body any) (val any, fresh bool) {
	if !strings.HasPrefix(op, "pairs.") {
		return nil, false
	}
	return a.answers.ask(op, body)
}

// AboutPairs puts a question that no view asks: to save all that was scored.
func AboutPairs[R any](a *Pairs, op string, body any, then func(*R, *protocol.Error)) {
	aside(&a.host, op, body, nil, then)
}

// Last is the last question of an operation that was answered, or nil.
func (a *Pairs) Last(op string) any { return a.answers.latest(op) }
