package service

import (
	"cmp"
	"fmt"
	"slices"

	"loupe/engine/activation"
	"loupe/engine/beam"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// checkDecode refuses numbers that make no sense.
func checkDecode(d *protocol.Decode) error {
	switch {
	case !(d.Length >= -10 && d.Length <= 10 && d.Coverage >= 0 && d.Coverage <= 10):
		return desk.BadRequest("decode", "a length penalty from -10 to 10 and a coverage penalty from 0 to 10", fmt.Sprint(d.Length, " and ", d.Coverage))
	case d.Min < -1 || d.Min > MaxTokens || d.NoRepeat < -1 || d.NoRepeat > MaxTokens:
		return desk.BadRequest("decode", fmt.Sprintf("a least length and tokens that are not repeated from -1 to %d", MaxTokens), fmt.Sprint(d.Min, " and ", d.NoRepeat))
	case !slices.Contains([]string{"", beam.Heuristic, beam.AtFirst, beam.Thorough}, d.Early):
		return desk.BadRequest("decode", "an early stopping that is heuristic, first or never", d.Early)
	}
	return nil
}

// decode fills in what is left to the model's files, for a source. A rule that a person takes off stays -1.
func (s *Service) decode(d protocol.Decode, source string) protocol.Decode {
	own := s.about.Seq.DecodeOf(source)
	if d.Beam <= 0 {
		d.Beam = own.Beam
	}
	d.Beam = min(d.Beam, 100)
	d.Min, d.NoRepeat, d.Early = rule(d.Min, own.Min), rule(d.NoRepeat, own.NoRepeat), cmp.Or(d.Early, own.Early)
	if d.Most <= 0 || d.Most > s.seq.most() {
		d.Most = 0
	}
	return d
}

// rule is what is asked for, or else what the files say; -1 is none.
func rule(asked, own int) int {
	if asked < 0 && own == 0 {
		return 0
	}
	return cmp.Or(asked, own)
}

// newSearch reads a source and the changes that are made.
func (s *Service) newSearch(j *desk.Job, b protocol.Translate) (*search, error) {
	if err := s.checkChanges(b.Changes); err != nil {
		return nil, err
	}
	r := &search{}
	var err error
	if r.text, err = s.seq.read(b.Text, b.IDs); err != nil {
		return nil, err
	}
	r.ids = slices.Clone(r.text.ids)
	for _, c := range b.Changes {
		switch {
		case c.Name == protocol.SourceChange && c.Pos < len(r.ids):
			r.ids[c.Pos] = int(c.Value)
		case c.Name == protocol.PrefixChange:
			r.prefix = idsOf(c.Row)
		}
	}
	inter, err := s.changesOf(j, r, b.Changes)
	if err != nil {
		return nil, err
	}
	for _, v := range inter {
		if s.isRow(v) && v.Pos <= len(r.prefix) && v.Pos > 0 {
			r.bound = append(r.bound, v)
		} else {
			r.hooks.Interventions = append(r.hooks.Interventions, v)
		}
	}
	d := b.Decode
	if d.Most == 0 {
		d.Most = min(s.seq.most(), max(3*len(r.ids)+20, len(r.prefix)+20, d.Min+20))
		if own := s.about.Seq.MostOf(b.Text); own > 0 {
			d.Most = min(d.Most, own)
		}
	}
	r.opts = beam.Options{Width: min(d.Beam, s.info.Vocab), Most: d.Most, Length: d.Length, Wu: d.Wu, Coverage: d.Coverage, Start: s.seq.Start,
		Ends: s.seq.Ends, Never: s.seq.Never, Bad: s.seq.Bad, Min: max(d.Min, 0), NoRepeat: max(d.NoRepeat, 0), Early: d.Early, Renorm: s.seq.Renorm, First: s.seq.First, Last: s.seq.Last, Top: min(max(b.Top, 0), 50, s.info.Vocab)}
	return r, nil
}

// isRow reports whether an intervention is of a row of cross-attention at one step.
func (s *Service) isRow(v activation.Intervention) bool {
	return slices.Contains(s.seq.Cross, v.Name) && slices.Contains([]activation.Op{activation.Row, activation.OneHot, activation.Uniform, activation.Weight}, v.Op)
}

// changesOf are the interventions of some changes, for a source.
func (s *Service) changesOf(j *desk.Job, r *search, changes []protocol.Change) ([]activation.Intervention, error) {
	for _, c := range changes {
		if c.Op == "mean" {
			return nil, desk.BadRequest("change "+c.Name, "set, add, scale or zero, for a search has no mean over its positions", c.Op)
		}
	}
	out, _, err := s.interventions(j, nil, changes)
	return out, err
}

// check refuses what cannot be looked for, and says what is done in its place.
func (s *Service) check(t *protocol.Translation, b protocol.Translate, r *search) error {
	h := s.seq
	for i, id := range r.prefix {
		if id < 0 || id >= s.info.Vocab {
			return desk.BadRequest("prefix", fmt.Sprintf("tokens from 0 to %d", s.info.Vocab-1), id)
		}
		if slices.Contains(h.Ends, id) && i < len(r.prefix)-1 {
			return desk.BadRequest("prefix", "an end at its end alone", fmt.Sprintf("one at %d", i))
		}
	}
	if len(r.prefix) > h.most() {
		return desk.BadRequest("prefix", fmt.Sprintf("at most %d tokens", h.most()), len(r.prefix))
	}
	if b.Decode.Beam > s.info.Vocab {
		t.Warnings = append(t.Warnings, protocol.Warning{Code: "beam-narrowed", N: s.info.Vocab})
	}
	t.Warnings = append(t.Warnings, r.text.warnings...)
	for _, v := range slices.Concat(r.hooks.Interventions, r.bound) {
		if v.Op == activation.Row && len(v.Row) != len(r.ids) {
			t.Warnings = append(t.Warnings, protocol.Warning{Code: "row-length", What: fmt.Sprint(len(r.ids)), N: len(v.Row)})
		}
	}
	return nil
}
