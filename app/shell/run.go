package shell

import (
	"context"
	"slices"
	"strings"
	"time"

	"loupe/app/client"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// debounce is how long the keys rest before what was typed is run; typingStep is how long before what is typed next
// is a step of undo of its own.
const (
	debounce   = 70 * time.Millisecond
	typingStep = 1200 * time.Millisecond
)

// running is one run, on its way or done.
type running struct {
	body   protocol.Run
	cancel context.CancelFunc
	done   bool
}

// wanted is the run that the state asks for.
func (s *Session) wanted() protocol.Run {
	if s.recorded() {
		return protocol.Run{Window: s.window(s.State)}
	}
	b := protocol.Run{Changes: s.State.Changes}
	if s.translates() {
		d := s.decode()
		b.Decode = &d
	}
	if s.ids != nil {
		b.IDs = s.ids
	} else {
		b.Text = s.State.Text
	}
	return b
}

func sameRun(a, b protocol.Run) bool {
	return a.Text == b.Text && a.Window == b.Window && slices.Equal(a.IDs, b.IDs) && slices.Equal(a.Changes, b.Changes) &&
		(a.Decode == b.Decode || a.Decode != nil && b.Decode != nil && *a.Decode == *b.Decode)
}

// sync runs what the state asks for, unless that is what runs or was run. A run that nobody wants any more is cancelled.
func (s *Session) sync() {
	if s.Model == nil || s.stopped && s.State.String() == s.crashed {
		return
	}
	s.stopped = false
	want := s.wanted()
	if r := s.running; r != nil {
		if sameRun(r.body, want) {
			return
		}
		if !r.done {
			r.cancel()
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{body: want, cancel: cancel}
	s.running = r
	s.answers.pause()
	go func() {
		res, err := client.Ask[protocol.RunResult, struct{}](ctx, s.engine, protocol.OpRun, want, nil)
		cancel()
		s.post(func() {
			if s.running == r {
				r.done = true
				s.ran(res, client.AsError(err))
			}
		})
	}()
}

// ran takes the result of the run that is wanted.
func (s *Session) ran(res *protocol.RunResult, err *protocol.Error) {
	defer s.changed()
	if res == nil { // the error is nil where the run was cancelled from outside
		s.failed(err)
		return
	}
	s.clear("notice.run-failed", "warn.text-cut", "warn.unknown-characters", "warn.not-a-number")
	s.Run = res
	s.answers.forget(false)
	if s.ids != nil {
		s.State.Text = res.Text
		s.address(s.State.String(), false)
	}
	if s.caret >= 0 {
		s.State.At = tokenAt(res, s.caret)
		s.address(s.State.String(), false)
	}
	for _, w := range res.Warnings {
		s.warn(w)
	}
	s.lookForChat()
	if s.gen != nil {
		s.gen.ran()
	}
}

// failed says that a text could not be run. Changes that the model refuses are taken back.
func (s *Session) failed(err *protocol.Error) {
	s.Stop()
	if err == nil {
		return
	}
	if client.Lost(err) {
		s.away = true
		return
	}
	s.notice(&Notice{Key: "notice.run-failed", Report: err, Args: []any{err.Detail}})
	if len(s.State.Changes) > 0 {
		s.State.Changes = nil
		s.notice(&Notice{Key: "notice.changes-dropped", Report: err, Args: []any{err.Where}})
		s.address(s.State.String(), false)
		s.sync()
	}
}

// tokenAt is the last token that begins before byte caret: the one that the edit caret stands in or after. -1 = the last of all.
func tokenAt(r *protocol.RunResult, caret int) int {
	if caret >= len(r.Text) {
		return -1
	}
	at := 0
	for i, t := range r.Tokens {
		if t.Start < caret {
			at = i
		}
	}
	return at
}

// within is a text cut to what an address may hold, which is said.
func (s *Session) within(text string) string {
	if len(text) <= state.MaxText {
		return text
	}
	s.notice(&Notice{Key: "notice.text-long", Args: []any{state.MaxText}})
	return strings.ToValidUTF8(text[:state.MaxText], "") // a character may be cut
}

// Edit takes what was typed so far, with the caret as a byte offset. It is run when the keys rest for a moment.
func (s *Session) Edit(text string, caret int) {
	text = s.within(text)
	if s.caret = caret; s.translates() { // now is in the target
		s.caret = -1
	}
	if text == s.State.Text {
		if s.Run != nil && s.Run.Text == text && s.caret >= 0 {
			s.State.At = tokenAt(s.Run, caret)
			s.changed()
		}
		return
	}
	s.Stop()
	if time.Since(s.typed) > typingStep {
		s.push()
	}
	s.history.future = nil
	s.typed = time.Now()
	s.State.Text, s.ids, s.GenFrom = text, nil, -1
	if s.translates() {
		s.State.At = -1
		delete(s.State.Opts, "translate.ref") // it is of the source that was
	}
	if s.typing != nil {
		s.typing.Stop()
	}
	s.typing = time.AfterFunc(debounce, func() { s.post(s.endTyping) })
}

// endTyping runs what was typed at once.
func (s *Session) endTyping() {
	if s.typing == nil {
		return
	}
	s.typing.Stop()
	s.typing = nil
	s.address(s.State.String(), false)
	s.sync()
	s.changed()
}

// EndEdit says that the edit field was left.
func (s *Session) EndEdit() {
	s.endTyping()
	s.caret, s.typed = -1, time.Time{}
}

// Choose puts a token after now, in place of the one that stood there, and goes to it.
func (s *Session) Choose(id int) {
	if s.Run == nil || s.Model == nil || s.recorded() || id < 0 || id >= s.Model.Vocab {
		return
	}
	s.Stop()
	now := s.Now()
	if s.translates() {
		s.begins(now, id)
		return
	}
	ids := s.tokenIDs()
	s.push()
	s.State.Changes = withoutToken(s.State.Changes, now+1)
	if now+1 < s.GenFrom { // what was generated after it was made of another text
		s.GenFrom = -1
	}
	if now+1 < len(ids) {
		ids[now+1] = id
		s.State.At = now + 1
	} else {
		ids = append(ids, id)
		s.State.At = -1
	}
	s.ids = ids
	s.sync()
	s.changed()
}

// MoveNow moves now by d tokens.
func (s *Session) MoveNow(d int) {
	if now := s.Now(); now >= 0 {
		s.PutNow(now + d)
	}
}

// PutNow puts now at a token.
func (s *Session) PutNow(i int) {
	if s.Run == nil || len(s.Run.Tokens) == 0 {
		return
	}
	last := len(s.Run.Tokens) - 1
	i = min(last, max(0, i))
	if i == last && !s.translates() {
		i = -1
	}
	s.caret = -1
	s.change(false, func(st *state.State) { st.At = i })
}
