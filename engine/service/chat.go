package service

import (
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// template puts a text into the model's chat template, as what a user says, or takes it out again. A text that is in it
// already, or not in it, stays.
func (s *Service) template(_ *desk.Job, b protocol.Chat) (*protocol.ChatResult, error) {
	if s.chat == nil {
		return nil, desk.BadRequest("chat", "a model with a chat template", s.about.Name)
	}
	inner, in := s.chat.Unwrap(b.Text)
	switch {
	case b.On && !in:
		return &protocol.ChatResult{Text: s.chat.Wrap(b.Text), On: true}, nil
	case !b.On && in:
		return &protocol.ChatResult{Text: inner}, nil
	}
	return &protocol.ChatResult{Text: b.Text, On: in}, nil
}
