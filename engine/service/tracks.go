package service

import (
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// tracks are the annotations of the session's text.
func (s *Service) tracks(j *desk.Job, b protocol.Tracks) (*protocol.TracksResult, error) {
	return nil, desk.Unknown(protocol.OpTracks)
}
