package service

import (
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// corpus is the texts that are open, and what was kept of the run over them.
type corpus struct{}

// aboutCorpus answers the operations on a corpus.
func (s *Service) aboutCorpus(j *desk.Job, req *protocol.Request) (any, error) {
	return nil, desk.Unknown(req.Op)
}
