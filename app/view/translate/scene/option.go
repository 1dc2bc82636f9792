package scene

import (
	"net/url"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// Int is an option of the view as a number.
func Int(in *figure.Input, key string, def int) int {
	if v, err := strconv.Atoi(in.State.Opt("translate."+key, "")); err == nil {
		return v
	}
	return def
}

// Changing is the patch of the state that makes changes those that are made. It begins another search, of which the best target is shown.
func Changing(changes []protocol.Change) string {
	pairs := []string{"o.translate.hyp=", "change="}
	for _, c := range changes {
		pairs = append(pairs, "change="+url.QueryEscape(state.FormatChange(c)))
	}
	return strings.Join(pairs, "&")
}

// Rules are those of a search in words; "": there are none.
func (s *Scene) Rules(d protocol.Decode) string {
	l := s.In.L
	var out []string
	if d.Min > 0 {
		out = append(out, l.T("beam.rule.min", d.Min))
	}
	switch {
	case d.NoRepeat == 1:
		out = append(out, l.T("beam.rule.once"))
	case d.NoRepeat > 1:
		out = append(out, l.T("beam.rule.norepeat", d.NoRepeat))
	}
	if d.Early == "first" || d.Early == "never" {
		out = append(out, l.T("beam.rule."+d.Early))
	}
	return strings.Join(out, l.T("beam.rule.and"))
}
