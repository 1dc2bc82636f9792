package service

import (
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// summary is not built yet.
func (s *Service) summary(j *desk.Job, b protocol.Summary) (*protocol.SummaryResult, error) {
	return nil, desk.Unknown(protocol.OpSummary)
}
