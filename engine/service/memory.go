package service

import (
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// memory is not built yet.
func (s *Service) memory(j *desk.Job, b protocol.Memory) (*protocol.MemoryResult, error) {
	return nil, desk.Unknown(protocol.OpMemory)
}
