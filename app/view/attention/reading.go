package attention

import (
	"fmt"
	"math"

	"loupe/app/figure"
	"loupe/app/svg"
)

// spread is the share below which no token stands out: the reading says over how many the head spreads.
const spread = .15

// reading is one sentence of the run's numbers: where the head looks at now and how much, and what becomes of the
// likeliest next token without it, if that is known.
func (s *scene) reading() []figure.Span {
	name := headName(s.layer, s.head)
	parts := map[string]figure.Span{
		"now":  s.token(s.now, false),
		"at":   {Text: fmt.Sprint(s.now + s.first)},
		"head": {Text: name, Set: fmt.Sprintf("layer=%d&head=%d", s.layer, s.head), H: "h" + name},
	}
	if s.row == nil {
		return figure.Sentence(s.L.T(s.writing("attn.reading.wait")), parts)
	}
	k, a := s.looksAt()
	key := "attn.reading"
	switch {
	case k < 0:
		return figure.Sentence(s.L.T(s.writing("attn.reading.nan")), parts)
	case a < spread:
		key = "attn.reading.spread"
		parts["n"] = figure.Span{Text: svg.Fixed(math.Exp2(entropy(s.row)), 0)}
	case !s.square():
	case s.n == 1:
		key = "attn.reading.one"
	case s.now == 0 && !s.full:
		key = "attn.reading.start"
	case k == s.now:
		key = "attn.reading.self"
	case k > 0 && k-1 != s.now && s.tokens[k-1].ID == s.tokens[s.now].ID:
		key = "attn.reading.followed"
	case k == 0:
		key = "attn.reading.first"
	}
	parts["to"] = s.keyToken(k, true)
	parts["share"] = figure.Span{Text: svg.Percent(a), H: s.columnHover(k), Set: s.rowSet(s.now)}
	return append(figure.Sentence(s.L.T(s.writing(key)), parts), s.without()...)
}

// writing is a key of the catalogue, or its form for the attention of a target to its source, with or without heads.
func (s *scene) writing(key string) string {
	switch {
	case s.square():
		return key
	case s.whole():
		return key + ".whole"
	}
	return key + ".cross"
}

// without is the half of the reading about the prediction without the head; nothing if it is not known.
func (s *scene) without() []figure.Span {
	text, id, p, q, key := "", 0, 0.0, 0.0, "attn.without"
	switch rows := s.likely(); {
	case s.changed() && s.offBy(s.layer, s.head) != "":
		r := rows[s.askedRow(rows)]
		text, id, p, q = r.Text, r.ID, on(r), float64(r.P)
		if len(s.in.State.Changes) > 1 {
			key = "attn.changes"
		}
	case s.effects != nil && s.effects.Data[s.layer*s.heads+s.head] == s.effects.Data[s.layer*s.heads+s.head]:
		id, p = s.effects.Token, float64(s.effects.P)
		text, q = s.effectToken(), p+float64(s.effects.Data[s.layer*s.heads+s.head])
	default:
		return nil
	}
	if text == "" || math.IsNaN(p+q) {
		return nil
	}
	switch from, to := svg.Percent(p), svg.Percent(q); {
	case from == to:
		key += ".stays"
	case q < p:
		key += ".falls"
	default:
		key += ".rises"
	}
	ask := fmt.Sprintf("token=%d", id)
	return figure.Sentence(s.L.T(s.key(key)), map[string]figure.Span{
		"token": {Text: text, Token: true, Bold: true}, "n": {Text: fmt.Sprint(s.pos + 1)}, "p": {Text: svg.Percent(p), Set: ask}, "q": {Text: svg.Percent(q), Set: ask}})
}
