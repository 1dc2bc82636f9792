package service

import (
	"fmt"
	"strings"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// maxTexts is how many vectors are made at once.
const maxTexts = 64

// vectors makes one vector of each text.
func (s *Service) vectors(j *desk.Job, b protocol.Vectors) (*protocol.VectorsResult, error) {
	if len(b.Texts) < 1 || len(b.Texts) > maxTexts {
		return nil, desk.BadRequest("texts", fmt.Sprintf("1 to %d", maxTexts), len(b.Texts))
	}
	if s.noVectors != nil {
		return nil, s.noVectors
	}
	r := &protocol.VectorsResult{Modes: s.pooling.Modes, Normalized: s.pooling.Normalize, Said: s.pooling.Said}
	for i, text := range b.Texts {
		t, _, err := s.tokenize(protocol.Run{Text: text})
		if err != nil {
			return nil, err
		}
		if len(t.ids) == 0 {
			return nil, &protocol.Error{Code: "no-text", Where: fmt.Sprintf("text %d", i), Detail: "service: a text has no tokens"}
		}
		rec := activation.NewRecorder(s.last)
		if err := s.model.Forward(s.model.NewState(), nn.Input{IDs: t.ids, Hooks: &activation.Hooks{Recorder: rec}, Yield: j.Yield}); err != nil {
			return nil, err
		}
		h := rec.Get(s.last)
		r.Data = append(r.Data, s.pooling.Pool(h.Data, h.Inner[0])...)
	}
	r.Shape = []int{len(b.Texts), len(r.Data) / len(b.Texts)}
	return r, nil
}

// lastHidden is the name of what the last layer hands on: what the head reads, if there is one.
func lastHidden(info *nn.Info) string {
	for i := len(info.Acts) - 1; i >= 0; i-- {
		if a := &info.Acts[i]; a.Inner[0] == info.Hidden && len(a.Inner) == 1 && !a.Heads && a.Name != "logits" && !strings.HasPrefix(a.Name, "mlm_head.") {
			return a.Name
		}
	}
	return info.Acts[0].Name
}
