package shell

import (
	"context"
	"time"

	"loupe/app/client"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// generateMax is how many tokens one press of Generate makes; slowest is how long a figure may keep the next one waiting.
const (
	generateMax = 400
	slowest     = 120 * time.Millisecond
)

// generation continues the text, a token at a time: draw one, run the grown text, show it, and again. A position has its own
// random number, so the tokens are those that one long request would give, and every figure on the way is the true one.
// The engine draws the next token while the page shows the last.
type generation struct {
	s      *Session
	left   int  // tokens to ask for
	steps  bool // one at a time: a further Step is one more
	ctx    context.Context
	cancel context.CancelFunc
	res    *protocol.GenerateResult // the next token, not taken yet
	shown  bool                     // the last one is on screen
	timer  *time.Timer
	fresh  []protocol.Token // what came of a fast generation and is not run yet
}

// Generating reports whether tokens are being made.
func (s *Session) Generating() bool { return s.gen != nil }

// Generate continues the text until it is stopped, the model's context is full, or it ends by itself.
func (s *Session) Generate() { s.generate(generateMax) }

// Step goes on by one token: to the next one of the text, or, from the last one, to one that the model draws.
func (s *Session) Step() {
	if s.gen != nil && s.gen.steps { // keys are faster than the model
		s.gen.left++
		return
	}
	if s.Run != nil && s.Now() < len(s.Run.Tokens)-1 {
		s.MoveNow(1)
		return
	}
	s.generate(1)
}

func (s *Session) generate(n int) {
	s.Stop()
	s.endTyping()
	if s.Run == nil || len(s.Run.Tokens) == 0 || s.stopped || !s.predicts() {
		return
	}
	s.push()
	s.State.At, s.caret = -1, -1
	if s.GenFrom < 0 {
		s.GenFrom = len(s.Run.Tokens)
	}
	g := &generation{s: s, left: n, steps: n == 1, shown: true}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	s.gen = g
	switch {
	case s.Fast && n > 1:
		g.stream()
	case s.running.done:
		g.next()
	}
	s.changed()
}

// stream asks for all tokens at once, made with activations of 16 bits. They are shown as they come; at the end the text is
// run with them, exactly, so that no figure ever shows a rounded number.
func (g *generation) stream() {
	s := g.s
	body := protocol.Generate{N: g.left, Sampling: s.State.Sampling, Fast: true}
	go func() {
		res, err := client.Ask[protocol.GenerateResult](g.ctx, s.engine, protocol.OpGenerate, body, func(_ *protocol.Step, t *protocol.Generated) {
			if t == nil {
				return
			}
			s.post(func() {
				if s.gen == g {
					g.fresh = append(g.fresh, t.Token)
					s.changed()
				}
			})
		})
		s.post(func() {
			if s.gen == g {
				g.streamed(res, client.AsError(err))
			}
		})
	}()
}

func (g *generation) streamed(res *protocol.GenerateResult, err *protocol.Error) {
	s := g.s
	if err != nil {
		s.failed(err)
		return
	}
	s.Stop()
	if res != nil && res.End != "n" {
		s.notice(&Notice{Key: "notice.end-" + res.End, Args: []any{len(res.IDs)}})
	}
}

// Making is what is being made by a fast generation, behind the run's tokens.
func (s *Session) Making() []protocol.Token {
	if s.gen == nil {
		return nil
	}
	return s.gen.fresh
}

// Stop ends the generation; what was made stays.
func (s *Session) Stop() {
	if g := s.gen; g != nil {
		s.gen = nil
		g.cancel()
		if g.timer != nil {
			g.timer.Stop()
		}
		if len(g.fresh) > 0 && s.Run != nil {
			s.ids = s.tokenIDs()
			for _, t := range g.fresh {
				s.ids = append(s.ids, t.ID)
			}
			s.sync()
		}
		s.address(s.State.String(), false)
		s.changed()
	}
}

// next asks for a token.
func (g *generation) next() {
	s := g.s
	g.left--
	body := protocol.Generate{N: 1, Sampling: s.State.Sampling}
	go func() {
		res, err := client.Ask[protocol.GenerateResult, protocol.Generated](g.ctx, s.engine, protocol.OpGenerate, body, nil)
		s.post(func() {
			if s.gen == g {
				g.made(res, client.AsError(err))
			}
		})
	}()
}

func (g *generation) made(res *protocol.GenerateResult, err *protocol.Error) {
	s := g.s
	if err != nil {
		s.failed(err)
		s.changed()
		return
	}
	if res.End != "n" {
		g.left = 0
		s.notice(&Notice{Key: "notice.end-" + res.End, Args: []any{len(res.IDs)}})
	}
	if res.N == 0 {
		s.Stop()
		return
	}
	g.res = res
	g.take()
}

// take runs the text with the token that was made, once the one before was seen.
func (g *generation) take() {
	if g.res != nil && g.shown {
		ids := g.s.tokenIDs()
		g.s.ids = append(ids, g.res.IDs[min(len(ids), len(g.res.IDs)):]...)
		g.res, g.shown = nil, false
		g.s.sync()
	}
}

// ran is called when the grown text was run: it is shown, but not for long, while the next token is made.
func (g *generation) ran() {
	if g.left == 0 {
		g.s.Stop()
		return
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(slowest, func() { g.s.post(g.drawn) })
	g.next()
}

// drawn is called when the figure of the newest token is on screen.
func (g *generation) drawn() {
	if g.s.gen == g && g.s.running.done {
		g.shown = true
		g.take()
	}
}

// ToStart puts now at the first token.
func (s *Session) ToStart() {
	s.Stop()
	s.PutNow(0)
}

// Toggle makes a change of the model's activations, or undoes it if it is made.
func (s *Session) Toggle(text string) {
	c, err := state.ParseChange(text)
	if err == nil && s.Model != nil && s.canChange(c) {
		s.change(false, func(st *state.State) { st.Toggle(c) })
	}
}
