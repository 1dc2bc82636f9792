package state

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/protocol"
)

// A change is written NAME@POS[,INDEX]:OP[=VALUE], with * for every position: "blocks.5.attn.z@*,1:mean",
// "layers.0.hidden@12,58:set=0.5".

// FormatChange writes a change.
func FormatChange(c protocol.Change) string {
	pos, index, value := "*", "", ""
	if c.Pos >= 0 {
		pos = strconv.Itoa(c.Pos)
	}
	if c.Index >= 0 {
		index = "," + strconv.Itoa(c.Index)
	}
	if c.Op == "set" || c.Op == "add" || c.Op == "scale" {
		value = "=" + strconv.FormatFloat(float64(c.Value), 'g', -1, 32)
	}
	return c.Name + "@" + pos + index + ":" + c.Op + value
}

// ParseChange reads FormatChange's text.
func ParseChange(s string) (protocol.Change, error) {
	bad := fmt.Errorf("state: change %q is not NAME@POS[,INDEX]:OP[=VALUE]", s)
	c := protocol.Change{Pos: -1, Index: -1}
	name, rest, ok := strings.Cut(s, "@")
	where, op, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || name == "" {
		return c, bad
	}
	c.Name = name
	pos, idx, hasIdx := strings.Cut(where, ",")
	if pos != "*" && (!index(pos, &c.Pos) || c.Pos < 0) {
		return c, bad
	}
	if hasIdx && (!index(idx, &c.Index) || c.Index < 0) {
		return c, bad
	}
	op, value, hasValue := strings.Cut(op, "=")
	c.Op = op
	needs := slices.Contains([]string{"set", "add", "scale"}, op)
	if !needs && op != "zero" && op != "mean" || needs != hasValue {
		return c, bad
	}
	if hasValue {
		var f float64
		if !number(value, &f, -1e30, 1e30) {
			return c, bad
		}
		c.Value = float32(f)
	}
	return c, nil
}

// Toggle makes a change, or undoes it if it is made. Of two changes of the same place the later one stays.
func (s *State) Toggle(c protocol.Change) {
	for i, o := range s.Changes {
		if o.Name == c.Name && o.Pos == c.Pos && o.Index == c.Index {
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
