package shell

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"loupe/app/atlas"
	"loupe/app/client"
	"loupe/engine/protocol"
)

// answers is what the engine said about the run that is shown, by question. The engine answers one question at a time, so a
// slow one waits until there is no quick one, gives way when one comes, and is asked again.
type answers struct {
	s       *Session
	byKey   map[string]*answer
	round   int // of drawing: a question that the last round did not ask is stale
	pending int // quick questions of this round that are not answered
}

type answer struct {
	op      string
	body    any
	val     any             // what Fetch returns: the result, or the part of it that is there
	err     *protocol.Error // it has no answer
	done    bool
	cancel  context.CancelFunc // nil: not asked now
	round   int
	forever bool // does not depend on the text
	ofMap   bool // a question to the mapper: does not depend on the text either, but there are many
}

func (a *answers) init(s *Session) { a.s, a.byKey = s, map[string]*answer{} }

// slow reports whether an operation may take so long that no figure waits for it.
func slow(op string) bool {
	return op == protocol.OpHeadScores || op == protocol.OpEffects || op == protocol.OpMemory || op == protocol.OpSummary
}

// forever reports whether an answer is of the model alone.
func forever(op string) bool {
	return op == protocol.OpMap || op == protocol.OpFind || op == protocol.OpAlike || op == protocol.OpHeadScores || op == protocol.OpUnit
}

// fetch is figure.Input.Fetch.
func (a *answers) fetch(op string, body any) any {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	key := op + string(raw)
	q := a.byKey[key]
	if q == nil {
		q = &answer{op: op, body: body, ofMap: strings.HasPrefix(op, "map."), forever: forever(op)}
		a.byKey[key] = q
	}
	q.round = a.round
	if !q.done && !slow(op) {
		a.pending++
	}
	return q.val
}

// begin starts a round of drawing.
func (a *answers) begin() { a.round++; a.pending = 0 }

// end cancels what the round did not ask for, and asks what it did.
func (a *answers) end() {
	for key, q := range a.byKey {
		if !q.done && q.round != a.round {
			q.stop()
			delete(a.byKey, key)
		}
	}
	a.shrink()
	a.pump()
}

// keep is how many numbers of answers stay, 64 MB: going back to what was seen is instant, but a walk through all heads
// of a long text must not fill the page's memory, which never shrinks.
const keep = 16 << 20

// shrink drops the answers that were asked for longest ago, where there are too many numbers.
func (a *answers) shrink() {
	total := 0
	var old []string
	for key, q := range a.byKey {
		total += carries(q.val)
		if q.done && !q.forever && q.round != a.round {
			old = append(old, key)
		}
	}
	if total <= keep {
		return
	}
	slices.SortFunc(old, func(x, y string) int { return a.byKey[x].round - a.byKey[y].round })
	for _, key := range old {
		if total <= keep {
			return
		}
		total -= carries(a.byKey[key].val)
		delete(a.byKey, key)
	}
}

// carries is how many numbers a result carries.
func carries(val any) (n int) {
	if r, ok := val.(protocol.Arrays); ok {
		for _, p := range r.Arrays() {
			n += len(*p)
		}
	}
	return n
}

// pump asks the questions that wait: the quick ones at once, a slow one if there is nothing else to do.
func (a *answers) pump() {
	for _, q := range a.byKey {
		if q.ofMap && !q.done && q.cancel == nil {
			a.ask(q)
		}
	}
	if !a.s.idle() {
		return
	}
	busy := a.s.gen != nil
	for _, q := range a.byKey {
		if q.done || slow(q.op) || q.ofMap {
			continue
		}
		busy = true
		if q.cancel == nil {
			a.ask(q)
		}
	}
	for _, q := range a.byKey {
		switch {
		case !slow(q.op) || q.done:
		case busy:
			q.stop()
		case q.cancel == nil:
			a.ask(q)
			busy = true
		default:
			busy = true
		}
	}
}

// pause gives the engine to a run: questions about the old text end, slow ones will be asked again.
func (a *answers) pause() {
	for _, q := range a.byKey {
		if !q.done && !q.ofMap {
			q.stop()
		}
	}
}

// forget drops the answers about the last run, or all of them with the model.
func (a *answers) forget(all bool) {
	for key, q := range a.byKey {
		if all || !q.forever && !q.ofMap {
			q.stop()
			delete(a.byKey, key)
		}
	}
}

func (q *answer) stop() {
	if q.cancel != nil {
		q.cancel()
		q.cancel = nil
	}
}

func (a *answers) ask(q *answer) {
	ctx, cancel := context.WithCancel(context.Background())
	q.cancel = cancel
	part := func(val any) {
		a.s.post(func() {
			if ctx.Err() == nil {
				q.val = val
				a.s.changed()
			}
		})
	}
	go func() {
		val, err := put(ctx, a.s, q.op, q.body, part)
		a.s.post(func() {
			if ctx.Err() != nil { // stale
				return
			}
			q.stop()
			a.settle(q, val, client.AsError(err))
			a.pump()
			if slow(q.op) || !a.asking() { // one drawing for all that were asked together
				a.s.changed()
			}
		})
	}()
}

// asking reports whether a quick answer is on its way.
func (a *answers) asking() bool {
	for _, q := range a.byKey {
		if !q.done && q.cancel != nil && !slow(q.op) {
			return true
		}
	}
	return false
}

// settle takes an answer. A question that ended with the engine is asked again when there is one.
func (a *answers) settle(q *answer, val any, err *protocol.Error) {
	if err != nil && client.Lost(err) {
		if !q.ofMap { // the mapper is the atlas's to start again
			a.s.away = true
		}
		return
	}
	q.done, q.err = true, err
	if err == nil {
		q.val = val
	}
}

// put puts a question to the engine, or to the mapper.
func put(ctx context.Context, s *Session, op string, body any, part func(any)) (any, error) {
	e := s.engine
	switch op {
	case protocol.OpMapNear:
		return atlas.Ask[protocol.MapNearResult](ctx, s.maps, op, body)
	case protocol.OpMapAxis:
		return atlas.Ask[protocol.Array](ctx, s.maps, op, body)
	case protocol.OpMapSets:
		return atlas.Ask[protocol.MapSetsResult](ctx, s.maps, op, body)
	case protocol.OpMapQuality:
		return atlas.Ask[protocol.MapQualityResult](ctx, s.maps, op, body)
	case protocol.OpMapFind:
		return atlas.Ask[protocol.MapFindResult](ctx, s.maps, op, body)
	case protocol.OpMapAgree:
		return atlas.Ask[protocol.MapAgreeResult](ctx, s.maps, op, body)
	case protocol.OpPredict:
		return client.Ask[protocol.Prediction, struct{}](ctx, e, op, body, nil)
	case protocol.OpActivation, protocol.OpPatterns, protocol.OpMap:
		return client.Ask[protocol.Array, struct{}](ctx, e, op, body, nil)
	case protocol.OpHeadScores:
		return client.Ask[protocol.HeadScoresResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpTranslate:
		return client.Ask[protocol.Translation, struct{}](ctx, e, op, body, nil)
	case protocol.OpTranslated:
		return client.Ask[protocol.Array, struct{}](ctx, e, op, body, nil)
	case protocol.OpReference:
		return client.Ask[protocol.ReferenceResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpFind, protocol.OpAlike:
		return client.Ask[protocol.FindResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpVectors:
		return client.Ask[protocol.VectorsResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpTracks:
		return client.Ask[protocol.TracksResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpUnit:
		return client.Ask[protocol.UnitResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpSummary:
		return client.Ask[protocol.SummaryResult, struct{}](ctx, e, op, body, nil)
	case protocol.OpEffects:
		return client.Ask[protocol.EffectsResult](ctx, e, op, body, parts[protocol.EffectsResult](part))
	case protocol.OpMemory:
		return client.Ask[protocol.MemoryResult](ctx, e, op, body, parts[protocol.MemoryResult](part))
	}
	return nil, &protocol.Error{Code: "bad-request", Where: op, Detail: "shell: no view asks " + op}
}

// parts hands on what there is of a result on its way.
func parts[R any](part func(any)) func(*protocol.Step, *R) {
	return func(_ *protocol.Step, r *R) {
		if r != nil {
			part(r)
		}
	}
}
