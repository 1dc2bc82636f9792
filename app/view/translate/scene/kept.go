package scene

import (
	"net/url"
	"strings"

	"loupe/app/state"
	"loupe/engine/protocol"
)

// Kept are the lists of changes that were put aside: in one option, U+001E between lists, U+001F between changes.
func (s *Scene) Kept() (out [][]protocol.Change) {
	for _, list := range strings.Split(s.In.State.Opt("translate.kept", ""), "\x1e") {
		var changes []protocol.Change
		for _, text := range strings.Split(list, "\x1f") {
			if c, err := state.ParseChange(text); err == nil {
				changes = append(changes, c)
			}
		}
		if len(changes) > 0 {
			out = append(out, changes)
		}
	}
	return out
}

// Keep is that option's value, as a patch has it.
func Keep(lists [][]protocol.Change) string {
	var out []string
	for _, changes := range lists {
		var list []string
		for _, c := range changes {
			list = append(list, state.FormatChange(c))
		}
		out = append(out, strings.Join(list, "\x1f"))
	}
	return url.QueryEscape(strings.Join(out, "\x1e"))
}
