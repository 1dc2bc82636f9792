package whatif

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// name is the last of some changes in words. Words of the target are those that stood there before it, words of the source those as typed.
func name(s *scene.Scene, changes []protocol.Change) string {
	l, c := s.In.L, changes[len(changes)-1]
	switch {
	case c.Name == protocol.SourceChange:
		return l.T("change.source", sourceWord(s, c.Pos), tokenText(s, changes, int(c.Value)))
	case c.Name == protocol.PrefixChange:
		return l.T("change.begins", prefixText(s, changes))
	case c.Op == "onehot":
		return l.T("whatif.onehot", stepWord(s, changes), sourceWord(s, int(c.Value)))
	case c.Op == "uniform":
		return l.T("whatif.uniform", stepWord(s, changes))
	case c.Op == "weight":
		if n, _ := c.Numbers(); len(n) == 2 {
			return l.T("whatif.weight", stepWord(s, changes), sourceWord(s, int(n[0])), svg.Percent(float64(n[1])))
		}
	case c.Op == "row":
		return l.T("whatif.row", stepWord(s, changes))
	case c.Op == "like":
		_, text, _ := c.Like()
		return l.T("whatif.like", sourceWord(s, c.Pos), text)
	}
	return unitName(s, c)
}

// unitName is a change of a unit or head, or of all: "unit 58 of decoder.layers.0.hidden at step 3 off".
func unitName(s *scene.Scene, c protocol.Change) string {
	l, act := s.In.L, actOf(s, c.Name)
	if act == nil || c.To > 0 || c.Also != "" {
		return state.FormatChange(c)
	}
	what := c.Name
	switch {
	case c.Index >= 0 && headed(act):
		what = l.T("whatif.head", c.Index, c.Name[:max(strings.LastIndexByte(c.Name, '.'), 0)])
	case c.Index >= 0:
		what = l.T("change.unit", c.Index, c.Name)
	}
	switch {
	case c.Pos >= 0 && act.Source:
		what = l.T("whatif.at", what, sourceWord(s, c.Pos))
	case c.Pos >= 0:
		what = l.T("whatif.at", what, l.T("whatif.step", c.Pos))
	}
	op := l.T("change." + c.Op)
	if slices.Contains([]string{"set", "add", "scale"}, c.Op) {
		op = l.T("change."+c.Op, svg.Fixed(float64(c.Value), 2))
	}
	return l.T("change.does", what, op)
}

func actOf(s *scene.Scene, name string) *protocol.Act {
	for i := range s.In.Model.Acts {
		if a := &s.In.Model.Acts[i]; a.Name == name {
			return a
		}
	}
	return nil
}

// headed reports whether an index of an activation is a head's.
func headed(a *protocol.Act) bool { return a.Heads || len(a.Inner) > 1 }

// sourceWord is a token of the source as it was typed.
func sourceWord(s *scene.Scene, j int) string {
	if j < 0 || j >= len(s.T.Source) {
		return strconv.Itoa(j)
	}
	t := s.T.Source[j]
	if t.Was != nil {
		return plot.OneLine(t.Was.Text)
	}
	return plot.OneLine(t.Text)
}

// tokenText is the text of the token that the last change puts into the source.
func tokenText(s *scene.Scene, changes []protocol.Change, id int) string {
	pos := changes[len(changes)-1].Pos
	if t := ask(s, changes); t != nil && pos < len(t.Source) && t.Source[pos].ID == id {
		return plot.OneLine(t.Source[pos].Text)
	}
	return "#" + strconv.Itoa(id)
}

// prefixText is the last words of the prefix that the last change is, as they stand in what came of it.
func prefixText(s *scene.Scene, changes []protocol.Change) string {
	const shown = 3
	ids := scene.Prefix(changes[len(changes)-1:])
	t := ask(s, changes)
	if t == nil || len(t.Hyps) == 0 || !begins(scene.PathOf(t, 0), ids) {
		return strconv.Itoa(len(ids))
	}
	var words []string
	for _, n := range scene.PathOf(t, 0)[:len(ids)] {
		words = append(words, plot.OneLine(n.Text))
	}
	if len(words) > shown {
		words = append([]string{"…"}, words[len(words)-shown:]...)
	}
	return strings.Join(words, " ")
}

// stepWord is the word that stood at the step of the last change before that; the step's number where another target was changed.
func stepWord(s *scene.Scene, changes []protocol.Change) string {
	last := len(changes) - 1
	step := changes[last].Pos
	if t := ask(s, changes[:last]); t != nil && len(t.Hyps) > 0 {
		path := scene.PathOf(t, 0)
		prefix := scene.Prefix(changes[:last+1])
		if step >= 0 && step < len(path) && begins(path, prefix[:min(step, len(prefix))]) {
			return l(s, "whatif.word", plot.OneLine(path[step].Text))
		}
	}
	return l(s, "whatif.step", step)
}

func l(s *scene.Scene, key string, args ...any) string { return s.In.L.T(key, args...) }

// ask is the translation with some changes; nil: not there yet.
func ask(s *scene.Scene, changes []protocol.Change) *protocol.Translation {
	q := s.Base
	if len(changes) > 0 {
		q.Changes = changes
	}
	return s.In.Translation(q)
}

// begins reports whether a target begins with some tokens.
func begins(path []protocol.Node, ids []int) bool {
	for t, id := range ids {
		if t >= len(path) || path[t].ID != id {
			return false
		}
	}
	return true
}
