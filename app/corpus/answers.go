package corpus

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"loupe/app/client"
	"loupe/engine/protocol"
)

// answers are what the engine said about the corpus, by question. Until a question is answered, the last answer to one of its kind stands.
type answers struct {
	ctx     context.Context // of all questions
	engine  *client.Engine
	post    func(func())
	changed func()

	byKey map[string]*answer
	last  map[string]*answer // by kind
	round int
}

// newAnswers are none.
func newAnswers(ctx context.Context, engine *client.Engine, post func(func()), changed func()) answers {
	return answers{ctx: ctx, engine: engine, post: post, changed: changed, byKey: map[string]*answer{}, last: map[string]*answer{}}
}

type answer struct {
	kind   string
	op     string
	body   any
	val    any
	done   bool
	cancel context.CancelFunc // nil: not asked
	round  int
}

// keep is how many answers stay for when they are asked for again.
const keep = 80

// kind is what answers stand for one another: a rank by depth is none by quotes.
func kind(op string, body any) string {
	switch b := body.(type) {
	case protocol.Rank:
		return op + b.Track + "\x00" + b.Label
	case protocol.CorpusUnit:
		return fmt.Sprint(op, b.Unit)
	case protocol.CorpusFind:
		return op + b.Text
	case protocol.Match: // a row of the answer says how many of the units are on: other units, another question
		return op + fmt.Sprint(b.N > 0)
	case protocol.PairsNear: // places of another activation are no stand-in
		return op + fmt.Sprint(b.ID, b.Name, b.Map)
	case protocol.PairsEach: // nor those of another sentence
		return op + fmt.Sprint(b.ID, b.Name, b.Of.Text)
	}
	return op
}

func (a *answers) begin() { a.round++ }

// ask is the answer, or the last of its kind.
func (a *answers) ask(op string, body any) (val any, fresh bool) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, false
	}
	key := op + string(raw)
	q := a.byKey[key]
	if q == nil {
		q = &answer{kind: kind(op, body), op: op, body: body}
		a.byKey[key] = q
	}
	q.round = a.round
	if q.done {
		a.last[q.kind] = q
		return q.val, true
	}
	if l := a.last[q.kind]; l != nil {
		return l.val, false
	}
	return nil, false
}

// end puts the questions of the round, cancels those that it did not ask, and drops the oldest answers.
func (a *answers) end() {
	for key, q := range a.byKey {
		if !q.done && q.round != a.round {
			if q.cancel != nil {
				q.cancel()
			}
			delete(a.byKey, key)
		}
	}
	for _, q := range a.byKey {
		if !q.done && q.cancel == nil {
			a.put(q)
		}
	}
	if len(a.byKey) <= keep {
		return
	}
	var old []string
	for key, q := range a.byKey {
		if q.done && q.round != a.round {
			old = append(old, key)
		}
	}
	slices.SortFunc(old, func(x, y string) int { return a.byKey[x].round - a.byKey[y].round })
	for _, key := range old[:min(len(old), len(a.byKey)-keep)] {
		delete(a.byKey, key)
	}
}

// latest is the last question of an operation that was answered, or nil.
func (a *answers) latest(op string) any {
	var best *answer
	for _, q := range a.byKey {
		if q.op == op && q.done && q.val != nil && (best == nil || q.round > best.round) {
			best = q
		}
	}
	if best == nil {
		return nil
	}
	return best.body
}

// put asks the engine.
func (a *answers) put(q *answer) {
	ctx, cancel := context.WithCancel(a.ctx)
	q.cancel = cancel
	wait := question(ctx, a.engine, q.op, q.body)
	go func() {
		val, err := wait()
		a.post(func() {
			if ctx.Err() != nil {
				return
			}
			cancel()
			if e := client.AsError(err); e != nil && client.Lost(e) {
				return
			}
			q.done, q.val = true, val
			if err != nil {
				q.val = nil // no view waits for what cannot be answered
			}
			a.changed()
		})
	}()
}

// question puts a question of an operation's type.
func question(ctx context.Context, e *client.Engine, op string, body any) func() (any, error) {
	switch op {
	case protocol.OpCorpusLift:
		return of(client.Put[protocol.LiftResult](ctx, e, op, body, nil, nil))
	case protocol.OpCorpusRank:
		return of(client.Put[protocol.RankResult](ctx, e, op, body, nil, nil))
	case protocol.OpCorpusUnit:
		return of(client.Put[protocol.CorpusUnitResult](ctx, e, op, body, nil, nil))
	case protocol.OpPairsNear:
		return of(client.Put[protocol.PairsNearResult](ctx, e, op, body, nil, nil))
	case protocol.OpPairsEach:
		return of(client.Put[protocol.PairsEachResult](ctx, e, op, body, nil, nil))
	case protocol.OpPairsRows:
		return of(client.Put[protocol.PairsRowsResult](ctx, e, op, body, nil, nil))
	}
	return of(client.Put[protocol.PlacesResult](ctx, e, op, body, nil, nil))
}

// of forgets the type of an answer; a nil pointer becomes nil.
func of[R any](wait func() (*R, error)) func() (any, error) {
	return func() (any, error) {
		r, err := wait()
		if err != nil {
			return nil, err
		}
		return r, nil
	}
}
