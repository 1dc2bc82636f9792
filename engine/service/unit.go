package service

import (
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// unit is not built yet.
func (s *Service) unit(j *desk.Job, b protocol.Unit) (*protocol.UnitResult, error) {
	return nil, desk.Unknown(protocol.OpUnit)
}
