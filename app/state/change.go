package state

import (
	"slices"

	"loupe/engine/protocol"
)

// FormatChange writes a change as the address has it.
func FormatChange(c protocol.Change) string { return protocol.FormatChange(c) }

// ParseChange reads FormatChange's text.
func ParseChange(s string) (protocol.Change, error) { return protocol.ParseChange(s) }

// Toggle makes a change, or undoes it if it is made. Of two changes of the same place the later one stays.
func (s *State) Toggle(c protocol.Change) {
	for i, o := range s.Changes {
		if samePlace(o, c) {
			s.Changes = slices.Delete(slices.Clone(s.Changes), i, i+1)
			if o == c {
				return
			}
			break
		}
	}
	s.Changes = append(slices.Clone(s.Changes), c)
}

func samePlace(a, b protocol.Change) bool {
	return a.Name == b.Name && a.Pos == b.Pos && a.To == b.To && a.Index == b.Index && a.Also == b.Also
}

// Merged are the changes that are made, now, after a person took those that a figure showed, was, for next: what that adds is made, what it
// leaves out is undone, and what was done since the figure was drawn stays. Of two changes of the same place the later one stays.
func Merged(was, next, now []protocol.Change) []protocol.Change {
	if slices.Equal(was, now) {
		return next
	}
	var out []protocol.Change
	for _, c := range now {
		if slices.Contains(next, c) || !slices.Contains(was, c) {
			out = append(out, c)
		}
	}
	for _, c := range next {
		if slices.Contains(was, c) || slices.Contains(out, c) {
			continue
		}
		out = append(slices.DeleteFunc(out, func(o protocol.Change) bool { return samePlace(o, c) }), c)
	}
	return out
}

// Changed reports whether the change is made.
func (s *State) Changed(c protocol.Change) bool { return slices.Contains(s.Changes, c) }
