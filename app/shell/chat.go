package shell

import (
	"context"

	"loupe/app/client"
	"loupe/engine/protocol"
)

// predicts reports whether the open model says what comes next, so that a text can be continued.
func (s *Session) predicts() bool {
	return s.Model != nil && s.Model.Logits && !s.Model.Here && s.Model.Seq == nil
}

// fastApplies reports whether generation with activations of 16 bits is worth a choice: the weights are stored in less than
// f32, and there are many.
func (s *Session) fastApplies() bool {
	return s.predicts() && s.Model.Params > 10_000_000 && s.Model.DType != "f32"
}

// Chat puts the text into the model's chat template, or takes it out again: one step of undo. The whole prompt stays in sight
// and can be edited.
func (s *Session) Chat(on bool) {
	s.Stop()
	s.endTyping()
	s.template(on, func(r *protocol.ChatResult) {
		if r.Text != s.State.Text {
			s.push()
			s.State.Text, s.State.At, s.ids, s.GenFrom, s.caret = r.Text, -1, nil, -1, -1
			s.address(s.State.String(), false)
			s.sync()
		}
		s.InChat = r.On
	})
}

// lookForChat learns whether the text stands in the template.
func (s *Session) lookForChat() {
	if s.InChat = false; s.Model.Chat == "" {
		return
	}
	text := s.State.Text
	s.template(false, func(r *protocol.ChatResult) { s.InChat = r.Text != text })
}

// template asks the engine about the text and the chat template. then is called if the text is still the same.
func (s *Session) template(on bool, then func(*protocol.ChatResult)) {
	m, text := s.Model, s.State.Text
	if m == nil || m.Chat == "" {
		return
	}
	go func() {
		r, err := client.Ask[protocol.ChatResult, struct{}](context.Background(), s.engine, protocol.OpChat, protocol.Chat{Text: text, On: on}, nil)
		s.post(func() {
			if err == nil && s.Model == m && s.State.Text == text {
				then(r)
				s.changed()
			}
		})
	}()
}

// Mask puts the token that asks for a word in the place of the one at now.
func (s *Session) Mask() {
	now := s.Now()
	if s.Model == nil || s.Model.Mask < 0 || now < 0 || s.Run.Tokens[now].Start == s.Run.Tokens[now].End {
		return
	}
	ids := s.tokenIDs()
	ids[now] = s.Model.Mask
	s.push()
	s.State.Changes = withoutToken(s.State.Changes, now)
	s.ids = ids
	s.sync()
	s.changed()
}

// tokenIDs are the tokens of the text, without those that changes put in their places.
func (s *Session) tokenIDs() (ids []int) {
	for _, t := range s.Run.Tokens {
		ids = append(ids, own(t).ID)
	}
	return ids
}
