package service

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// read makes tokens of a source, or takes ids, and cuts them to what the encoder can read.
func (h *halves) read(source string, ids []int) (t text, err error) {
	t.text = source
	if len(ids) > 0 {
		for i, id := range ids {
			if id < 0 || id >= h.Vocab {
				return t, desk.BadRequest(fmt.Sprintf("ids[%d]", i), fmt.Sprintf("0 to %d", h.Vocab-1), id)
			}
		}
		t.ids = slices.Clone(ids)
		var tokens []tokenizer.Token
		t.text, tokens = h.source.Spell(ids)
		t.tokens = h.protocolTokens(tokens)
	} else {
		tokens, unknown := h.source.Encode(source)
		if len(unknown) > 0 {
			t.warnings = append(t.warnings, unknownIn(source, unknown))
		}
		if !slices.ContainsFunc(tokens, func(k tokenizer.Token) bool { return k.End > k.Start }) {
			tokens = nil // an end alone is no source
		}
		for _, k := range tokens {
			t.ids = append(t.ids, k.ID)
		}
		t.tokens = h.protocolTokens(tokens)
	}
	most := MaxTokens
	if h.Context > 0 {
		most = min(most, h.Context)
	}
	if n := len(t.ids); n > most {
		t.warnings = append(t.warnings, protocol.Warning{Code: "text-cut", N: n - most})
		t.ids, t.tokens = t.ids[:most], t.tokens[:most]
	}
	return t, nil
}

func (h *halves) protocolTokens(tokens []tokenizer.Token) []protocol.Token {
	out := make([]protocol.Token, len(tokens))
	for i, k := range tokens {
		out[i] = protocol.Token{ID: k.ID, Text: h.names[k.ID], Start: k.Start, End: k.End}
	}
	return out
}

// tokensOf are a source's tokens as they are read with changes: where they stand stays.
func (h *halves) tokensOf(t text, ids []int) []protocol.Token {
	out := slices.Clone(t.tokens)
	for i, id := range ids {
		if own := out[i]; own.ID != id {
			out[i].ID, out[i].Text, out[i].Was = id, h.names[id], &protocol.Choice{ID: own.ID, Text: own.Text}
		}
	}
	return out
}

// tokens are those of the session's source.
func (h *halves) tokens(ids []int) []protocol.Token { return h.tokensOf(h.text, ids) }

// target finds the best target of the source of a run, and makes it the text.
func (s *Service) target(j *desk.Job, b protocol.Run) (t text, warnings []protocol.Warning, err error) {
	q := protocol.Translate{Text: b.Text, IDs: b.IDs, Changes: b.Changes, Top: topKept}
	if b.Decode != nil {
		q.Decode = *b.Decode
	} else {
		q.Decode = s.about.Seq.DecodeOf(b.Text)
	}
	k, err := s.translation(j, q)
	if err != nil {
		return t, nil, err
	}
	s.seq.text, s.seq.ids = k.text, k.ids
	if len(k.answer.Hyps) == 0 {
		return t, k.answer.Warnings, nil
	}
	t.ids = k.target(s, 0, true)
	var tokens []tokenizer.Token
	t.text, tokens = s.tok.Spell(t.ids)
	t.tokens = s.tokens(tokens)
	return t, k.answer.Warnings, nil
}

// topKept is how many next tokens a translation has that no view asked for: as many as views do, so that one search serves both.
const topKept = 10

// target is a hypothesis as the decoder reads it, from its first token on; with its end, or without what it writes last.
func (k *made) target(s *Service, hyp int, whole bool) []int {
	ids := []int{s.seq.Start}
	for _, n := range k.found.Hyps[hyp].Path {
		ids = append(ids, k.found.Nodes[n].ID)
	}
	if !whole {
		ids = ids[:len(ids)-1]
	}
	return ids
}

// translated is an activation of a hypothesis.
func (s *Service) translated(j *desk.Job, b protocol.Translated) (*protocol.Array, error) {
	series, err := s.seriesOf(j, b)
	if err != nil {
		return nil, err
	}
	if series.Heads {
		return heads(series, protocol.Activation{To: series.N, Index: -1}, series.N), nil
	}
	return &protocol.Array{Shape: append([]int{series.N}, series.Inner...), Data: slices.Clone(series.Data)}, nil
}

// seriesOf is an activation of a hypothesis, which is run again with its tokens given, and with the changes.
func (s *Service) seriesOf(j *desk.Job, b protocol.Translated) (*activation.Series, error) {
	if s.act(b.Name) == nil {
		return nil, desk.BadRequest("activation", "one of this model's", b.Name)
	}
	k, err := s.translation(j, b.Of)
	if err != nil {
		return nil, err
	}
	return s.seriesIn(j, k, b.Hyp, b.Name)
}

// seriesIn is an activation of a hypothesis of a translation that is kept.
func (s *Service) seriesIn(j *desk.Job, k *made, hyp int, name string) (*activation.Series, error) {
	if hyp < 0 || hyp >= len(k.answer.Hyps) {
		return nil, desk.BadRequest("hypothesis", fmt.Sprintf("one of %d", len(k.answer.Hyps)), hyp)
	}
	t := k.tracks[hyp]
	if t != nil {
		if x := t.hooks.Recorder.Get(name); x != nil {
			return x, nil
		}
	}
	globs := []string{name}
	if t != nil {
		globs = append(globs, t.hooks.Recorder.Globs()...)
	}
	globs = append(globs, s.seq.Cross...)
	globs = append(globs, "encoder.output", s.final, s.seq.Mixed)
	ids := k.target(s, hyp, false)
	t = &track{hooks: activation.Hooks{Recorder: activation.NewRecorder(globs...), Interventions: k.changesOn(ids)}}
	var err error
	if t.state, err = s.seq.Encode(nn.Input{IDs: k.ids, Hooks: &t.hooks, Yield: j.Yield}); err != nil {
		return nil, err
	}
	if err := s.model.Forward(t.state, nn.Input{IDs: ids, Hooks: &t.hooks, LogitsFrom: len(ids), Yield: j.Yield}); err != nil {
		return nil, err
	}
	k.tracks[hyp] = t
	return t.hooks.Recorder.Get(name), nil
}

// changesOn are the changes where the decoder reads ids, from its first token on: those of rows of attention are of targets that begin as the prefix.
func (r *search) changesOn(ids []int) []activation.Intervention {
	out := slices.Clone(r.hooks.Interventions)
	for _, v := range r.bound {
		if v.Pos < len(ids) && slices.Equal(ids[1:v.Pos+1], r.prefix[:v.Pos]) {
			out = append(out, v)
		}
	}
	return out
}

// stateLike is the state of the encoder that Op "like" names.
func (s *Service) stateLike(j *desk.Job, c protocol.Change) ([]float32, error) {
	pos, source, err := c.Like()
	if err != nil {
		return nil, err
	}
	t, err := s.seq.read(source, nil)
	if err != nil {
		return nil, err
	}
	if pos >= len(t.ids) {
		return nil, desk.BadRequest("change "+c.Name, fmt.Sprintf("a place from 0 to %d of that text", len(t.ids)-1), pos)
	}
	hooks := &activation.Hooks{Recorder: activation.NewRecorder(c.Name)}
	if _, err := s.seq.Encode(nn.Input{IDs: t.ids, Hooks: hooks, Yield: j.Yield}); err != nil {
		return nil, err
	}
	return slices.Clone(hooks.Recorder.Get(c.Name).At(pos)), nil
}

// checkTokens refuses a change of tokens that cannot be.
func (h *halves) checkTokens(c protocol.Change) error {
	if c.Name == protocol.SourceChange {
		if id := int(c.Value); c.Pos < 0 || c.Op != "set" || c.Index != -1 || c.Also != "" || c.To != 0 || float32(id) != c.Value || id < 0 || id >= h.Vocab {
			return desk.BadRequest("change "+c.Name, fmt.Sprintf("set, at one position, to a token from 0 to %d", h.Vocab-1), c)
		}
		return nil
	}
	numbers, err := c.Numbers()
	if err != nil || c.Op != "row" || c.Pos != 0 || c.Index != -1 || slices.ContainsFunc(numbers, func(v float32) bool { return v != float32(int(v)) || v < 0 }) {
		return desk.BadRequest("change "+c.Name, "row, of tokens with _ between them", c)
	}
	return nil
}

// idsOf are the tokens of a prefix, which was checked.
func idsOf(row string) (ids []int) {
	numbers, _ := (&protocol.Change{Row: row}).Numbers()
	for _, v := range numbers {
		ids = append(ids, int(v))
	}
	return ids
}

// checkRow refuses a row of attention, or a state of the encoder, that cannot be set.
func (s *Service) checkRow(c protocol.Change, a *protocol.Act) error {
	if c.Op == "like" {
		if _, _, err := c.Like(); err != nil || !a.Source || a.Heads || c.Pos < 0 || c.To != 0 || c.Index != -1 || s.seq == nil {
			return desk.BadRequest("change "+c.Name, "like, of a state of an encoder at one position, and a place in a text", c)
		}
		return nil
	}
	if !a.Heads || c.Pos < 0 || c.To != 0 {
		return desk.BadRequest("change "+c.Name, c.Op+" of a row of attention, at one position", c)
	}
	if c.Op != "row" && c.Op != "weight" {
		return nil
	}
	row, err := c.Numbers()
	if c.Op == "weight" {
		if err != nil || len(row) != 2 || row[0] < 0 || row[0] != float32(int(row[0])) || row[1] < 0 || row[1] > 1 {
			return desk.BadRequest("change "+c.Name, "weight, of a token of the source and a weight from 0 to 1", c.Row)
		}
		return nil
	}
	sum := 0.0
	for _, v := range row {
		if v < 0 || v > 1 {
			err = fmt.Errorf("a weight of %g", v)
		}
		sum += float64(v)
	}
	if err != nil || math.Abs(sum-1) > .01 { // addresses hold three figures of each
		return desk.BadRequest("change "+c.Name, "weights from 0 to 1 that sum to 1", c.Row)
	}
	return nil
}

// alike lists the tokens whose input embeddings are most like one's, by the cosine.
func (s *Service) alike(_ *desk.Job, b protocol.Alike) (*protocol.FindResult, error) {
	vocab, d, row, list, mark := s.info.Vocab, s.info.Embed, s.model.Embedding, s.names, s.tok.Special
	if b.Source {
		if s.seq == nil {
			return nil, desk.BadRequest("source", "an encoder-decoder", s.info.Family)
		}
		vocab, d, row, list, mark = s.seq.Vocab, s.seq.Embed, s.seq.SourceEmbedding, s.seq.names, s.seq.source.Special
	}
	if b.ID < 0 || b.ID >= vocab || d == 0 {
		return nil, desk.BadRequest("token", fmt.Sprintf("0 to %d", vocab-1), b.ID)
	}
	of, other := make([]float32, d), make([]float32, d)
	row(of, b.ID)
	r := &protocol.FindResult{}
	for id := range vocab {
		if id == b.ID || mark(id) {
			continue
		}
		row(other, id)
		r.Tokens = append(r.Tokens, protocol.Choice{ID: id, Text: list[id], P: cosine(of, other)})
	}
	sort.SliceStable(r.Tokens, func(i, k int) bool { return r.Tokens[i].P > r.Tokens[k].P })
	r.Tokens = r.Tokens[:min(len(r.Tokens), max(b.N, 1))]
	return r, nil
}

func cosine(a, b []float32) float32 {
	var ab, aa, bb float64
	for i, v := range a {
		ab, aa, bb = ab+float64(v)*float64(b[i]), aa+float64(v)*float64(v), bb+float64(b[i])*float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return float32(ab / math.Sqrt(aa*bb))
}
