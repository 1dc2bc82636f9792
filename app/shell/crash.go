package shell

import "loupe/engine/protocol"

// restarted is called when the engine was lost and started again with the same model. The same text is run again, once: if
// the engine is lost again on the same input, the person decides.
func (s *Session) restarted(err, failed *protocol.Error) {
	defer s.changed()
	s.Stop()
	s.answers.pause()
	s.texts.Forget()
	s.running, s.away = nil, false
	if failed != nil {
		s.stopped, s.crashed = true, s.State.String()
		s.notice(&Notice{Key: "notice.not-restarted", Report: failed})
		return
	}
	if s.crashed == s.State.String() {
		s.stopped = true
		s.clear("notice.restarted")
		s.notice(&Notice{Key: "notice.crashed-twice", Report: err, Again: true})
		return
	}
	s.crashed = s.State.String()
	s.notice(&Notice{Key: "notice.restarted", Report: err})
	s.sync()
}

// Again runs what crashed twice once more.
func (s *Session) Again() {
	s.stopped, s.crashed, s.running = false, "", nil
	s.clear("notice.crashed-twice", "notice.not-restarted")
	s.sync()
	s.changed()
}
