package service

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/checkpoint"
	"loupe/engine/desk"
	"loupe/engine/fault"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// openStates makes pairs of states.h5 of Seq2Seq-Vis: its tokens and states, of this model, are taken as they are.
func (s *Service) openStates(j *desk.Job, b protocol.Pairs) (*protocol.PairsInfo, error) {
	files, err := s.files(b.Files)
	if err != nil {
		return nil, err
	}
	st, err := checkpoint.OpenStates(files)
	if err != nil {
		return nil, err
	}
	if b.Score {
		return nil, &protocol.Error{Code: "pairs-recorded", File: st.Name, Detail: "service: recorded states are not scored"}
	}
	if err := s.wordsAgree(st); err != nil {
		return nil, err
	}
	kept, err := s.recordedStates(st, b.States)
	if err != nil {
		return nil, err
	}
	var sources, targets [][]int32
	var rows, sizes []int // of each pair: its row in the file, and the bytes of its states
	for i := range st.Pairs {
		source, target, err := s.recordedPair(st, i)
		if err != nil {
			return nil, err
		}
		if len(source) > 0 && len(target) > 0 {
			size := 0
			for _, k := range kept {
				n := len(target)
				if k.source {
					n = len(source)
				}
				size += 2 * n * k.units
			}
			sources, targets, rows, sizes = append(sources, source), append(targets, target), append(rows, i), append(sizes, size)
		}
		if i%64 == 0 {
			j.Progress("pairs", float64(i), float64(st.Pairs), b.Name)
			if err := j.Yield(); err != nil {
				return nil, err
			}
		}
	}
	if b.Room <= 0 {
		b.Room = corpusRoom
	}
	all, fit := len(rows), drawn(sizes, int(b.Room))
	sources, targets, rows = at(sources, fit), at(targets, fit), at(rows, fit)
	for i := range kept {
		kept[i].row = s.stateRows(st, kept[i], rows, sources, targets)
	}
	if err := s.recordedPairs(j.Yield, b.Name, [2][]string{s.seq.names, s.names}, sources, targets, kept); err != nil {
		return nil, err
	}
	if st.Attn {
		if err := s.recordedAttention(j, st, rows); err != nil {
			return nil, err
		}
	}
	if len(rows) < all {
		s.pairs.warn(protocol.Warning{Code: "pairs-sampled", What: fmt.Sprint(all), N: len(rows)})
	}
	return &s.pairs.info, nil
}

// sumsTo1 is how far from 1 weights may sum that are stored as float16, of which up to 50 are rounded by 2^-12 each and more when they are written.
const sumsTo1 = .02

// recordedAttention takes the attention of the file for that of the pairs that are open, whose rows in it are given. Rows that do not sum to one are no
// attention: they are counted, the first is named, and none of them is shown.
func (s *Service) recordedAttention(j *desk.Job, st *checkpoint.States, rows []int) error {
	p, bad, first := s.pairs, 0, ""
	p.look = func(i, pos int) []float32 {
		w, sum := make([]float32, len(p.list[i].sourceIDs)), 0.
		if err := st.Attention(w, rows[i], pos); err != nil {
			return nil
		}
		for _, x := range w {
			if sum += float64(x); !(x >= 0) {
				return nil
			}
		}
		if math.Abs(sum-1) > sumsTo1 {
			return nil
		}
		return w
	}
	for i, k := range p.list {
		for pos := range k.targetIDs {
			if p.look(i, pos) == nil {
				if bad++; bad == 1 {
					first = fmt.Sprintf("attn[%d, %d]", rows[i], pos)
				}
			}
		}
		if i%64 == 0 {
			if err := j.Yield(); err != nil {
				return err
			}
		}
	}
	if bad > 0 {
		p.warn(protocol.Warning{Code: "attention-sums", What: first, N: bad})
	}
	return nil
}

// at are the items of list that stand at places.
func at[T any](list []T, places []int) (out []T) {
	for _, i := range places {
		out = append(out, list[i])
	}
	return out
}

// unlike is the error of states that are of another model.
func unlike(st *checkpoint.States, where, expected, found string) error {
	return &fault.Error{Code: fault.BadSeq2SeqVis, In: "seq2seqvis", File: st.Name, Where: where, Expected: expected, Found: found}
}

// wordsAgree holds that the dictionaries are the model's. Seq2Seq-Vis itself takes token 0 for <unk>, whatever it is called.
func (s *Service) wordsAgree(st *checkpoint.States) error {
	for side, tok := range []tokenizer.Tokenizer{s.seq.source, s.tok} {
		name := []string{"src.dict", "tgt.dict"}[side]
		for id, word := range st.Words[side] {
			if id >= tok.Size() {
				return unlike(st, name, fmt.Sprintf("ids below %d", tok.Size()), fmt.Sprint(id))
			}
			if got := string(tok.Bytes(id)); id != 0 && got != word {
				return unlike(st, fmt.Sprintf("%s, id %d", name, id), "the model's "+fault.Quote(got), fault.Quote(word))
			}
		}
	}
	return nil
}

// recordedStates are those of the file that are asked for, under the names that the model has for them.
func (s *Service) recordedStates(st *checkpoint.States, asked []string) (kept []recording, err error) {
	for _, k := range []struct{ in, name string }{{"encoder_out", s.about.Seq.Encoder}, {"decoder_out", s.about.Seq.Decoder}, {"cstar", s.about.Seq.Mixed}} {
		units, ok := st.Units[k.in]
		if !ok || k.name == "" || len(asked) > 0 && !slices.Contains(asked, k.name) {
			continue
		}
		if a := s.act(k.name); units != a.Inner[0] {
			return nil, unlike(st, k.in, fmt.Sprintf("%d units, as %s has", a.Inner[0], k.name), fmt.Sprint(units))
		}
		kept = append(kept, recording{name: k.name, file: k.in, source: s.act(k.name).Source, units: units})
	}
	if len(kept) == 0 {
		return nil, desk.BadRequest("states", fmt.Sprintf("%s, %s or %s, as %s has them", s.about.Seq.Encoder, s.about.Seq.Decoder, s.about.Seq.Mixed, st.Name), fmt.Sprint(asked))
	}
	return kept, nil
}

// recordedPair are the tokens of a row: the source's, and those that the decoder was to predict where it read what tgt has. A state that
// has read </s> predicts nothing, and is left out.
func (s *Service) recordedPair(st *checkpoint.States, i int) (source, target []int32, err error) {
	if source, err = st.IDs("src", i); err != nil {
		return nil, nil, err
	}
	read, err := st.IDs("tgt", i)
	if err != nil || len(source) == 0 || len(read) == 0 {
		return nil, nil, err
	}
	for _, k := range []struct {
		side string
		ids  []int32
		tok  tokenizer.Tokenizer
	}{{"src", source, s.seq.source}, {"tgt", read, s.tok}} {
		if top := slices.Max(k.ids); int(top) >= k.tok.Size() {
			return nil, nil, unlike(st, fmt.Sprintf("%s[%d]", k.side, i), fmt.Sprintf("ids below %d", k.tok.Size()), fmt.Sprint(top))
		}
	}
	if int(read[0]) != s.seq.Start {
		return nil, nil, unlike(st, fmt.Sprintf("tgt[%d, 0]", i), "the token that the decoder begins with, "+fault.Quote(s.names[s.seq.Start]), fault.Quote(s.names[read[0]]))
	}
	if len(s.seq.Ends) == 0 {
		return source, read[1:], nil
	}
	end := int32(s.seq.Ends[0])
	target = slices.Clone(read[1:])
	if n := len(target); n == 0 || target[n-1] != end {
		target = append(target, end) // of the longest of a batch it was not read
	}
	return source, target, nil
}

// stateRows reads a state of each token of pairs, one after another, from their rows in the file.
func (s *Service) stateRows(st *checkpoint.States, k recording, rows []int, sources, targets [][]int32) func([]float32, int) error {
	of := targets
	if k.source {
		of = sources
	}
	pair, first := 0, 0 // the pair of the last row that was asked for, and its first
	return func(dst []float32, i int) error {
		if i < first {
			pair, first = 0, 0
		}
		for i >= first+len(of[pair]) {
			first += len(of[pair])
			pair++
		}
		return st.State(dst, k.file, rows[pair], i-first)
	}
}
