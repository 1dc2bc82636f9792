package service

import (
	"fmt"
	"slices"
	"strings"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

var ( // but for tests, constants
	// recordAll is how many bytes of activations a run records unasked, so that every view is there at once. A longer text
	// records what is asked for, by running again.
	recordAll = 96 << 20
	// recordMost is how many bytes it records at most.
	recordMost = 400 << 20
)

// unasked reports whether a run records an activation without being asked to: logits and attn.result are as large as all
// the rest together, and the final hidden state and z say the same.
func unasked(name string) bool { return name != "logits" && !strings.HasSuffix(name, ".attn.result") }

// act is the activation of that name, or nil.
func (s *Service) act(name string) *protocol.Act {
	for i := range s.about.Acts {
		if s.about.Acts[i].Name == name {
			return &s.about.Acts[i]
		}
	}
	return nil
}

// bytes is what recording names takes for n tokens; of an encoder-decoder, of the target, with the source that it has.
func (s *Service) bytes(names []string, n int) (sum int) {
	for _, name := range names {
		a := s.act(name)
		rows, keys := n, n
		if a.Source {
			rows = len(s.seq.ids)
		}
		if a.Source || a.Cross {
			keys = len(s.seq.ids)
		}
		size := 4 * rows
		for _, d := range a.Inner {
			size *= d
		}
		switch {
		case a.Heads && a.Full:
			size *= keys
		case a.Heads:
			size = size * (keys + 1) / 2
		}
		sum += size
	}
	return sum
}

// least is what every run records: what W multiplies, so that a prediction needs no new run.
func (s *Service) least() []string {
	if !s.info.Logits {
		return nil
	}
	return []string{s.final}
}

// wanted is what a run of n tokens records: everything if that is little, else the last hidden state; and what was asked for
// since the model was opened, while there is room.
func (s *Service) wanted(n int) []string {
	var all []string
	for _, a := range s.info.Acts {
		if unasked(a.Name) {
			all = append(all, a.Name)
		}
	}
	if s.bytes(all, n) > recordAll {
		all = s.least()
	}
	for _, name := range s.asked {
		if more := append(all, name); !slices.Contains(all, name) && s.bytes(more, n) <= recordAll {
			all = more
		}
	}
	return all
}

// record makes sure that activations are recorded: if one is not, the text is run again with all of them.
func (s *Service) record(j *desk.Job, names ...string) error {
	for _, name := range names {
		if s.act(name) == nil {
			return desk.BadRequest("activation", "one of this model's", name)
		}
	}
	if len(s.base.ids) == 0 {
		return &protocol.Error{Code: "no-text", Detail: "service: there is no text"}
	}
	globs := slices.Clone(s.base.hooks.Recorder.Globs())
	had := len(globs)
	for _, name := range names {
		if !slices.Contains(globs, name) {
			globs = append(globs, name)
		}
	}
	if len(globs) == had {
		return nil
	}
	if n := s.bytes(globs, len(s.base.ids)); n > recordMost { // give up what is not asked for now
		if globs = append(s.least(), names...); s.bytes(globs, len(s.base.ids)) > recordMost {
			return &protocol.Error{Code: "too-large", Where: names[0], Expected: fmt.Sprintf("at most %d MB", recordMost>>20),
				Found: fmt.Sprintf("%d MB", s.bytes(globs, len(s.base.ids))>>20), Detail: "service: the text is too long to record " + names[0]}
		}
	}
	base := s.newTrack(nil, globs)
	if err := s.extend(j, base, s.base.ids); err != nil {
		return err
	}
	now, err := s.changed(j, base, s.changes, base.ids)
	if err != nil {
		return err
	}
	s.base, s.now, s.asked = base, now, append(s.asked, names...)
	return nil
}

// series is a recorded activation of the run with changes, or of the one without. What was not recorded is from now on,
// in all layers if there is room: who looks at one will look at others.
func (s *Service) series(j *desk.Job, name string, before bool) (*activation.Series, error) {
	names := []string{name}
	if all := s.siblings(name); s.bytes(all, len(s.base.ids)) <= recordAll {
		names = append(names, all...)
	}
	if err := s.record(j, names...); err != nil {
		return nil, err
	}
	if before {
		return s.base.hooks.Recorder.Get(name), nil
	}
	return s.now.hooks.Recorder.Get(name), nil
}

// siblings are the activations of all layers that have the same name there, of an encoder-decoder those of the same half.
func (s *Service) siblings(name string) (names []string) {
	parts := func(name string) []string { return strings.SplitN(name, ".", 3) }
	half := ""
	if s.seq != nil {
		before, _, _ := strings.Cut(name, ".")
		half = before + "."
	}
	f := parts(strings.TrimPrefix(name, half))
	if len(f) < 3 {
		return nil
	}
	for _, a := range s.info.Acts {
		if rest, ok := strings.CutPrefix(a.Name, half); ok {
			if g := parts(rest); len(g) == 3 && g[0] == f[0] && g[2] == f[2] {
				names = append(names, a.Name)
			}
		}
	}
	return names
}
