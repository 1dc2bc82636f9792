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
		if o.Name == c.Name && o.Pos == c.Pos && o.To == c.To && o.Index == c.Index && o.Also == c.Also {
			s.Changes = slices.Delete(slices.Clone(s.Changes), i, i+1)
			if o == c {
				return
			}
			break
		}
	}
	s.Changes = append(slices.Clone(s.Changes), c)
}

// Changed reports whether the change is made.
func (s *State) Changed(c protocol.Change) bool { return slices.Contains(s.Changes, c) }
