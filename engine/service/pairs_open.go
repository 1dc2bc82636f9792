package service

import (
	"fmt"
	"slices"
	"strings"

	"loupe/engine/checkpoint"
	"loupe/engine/corpus"
	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// openPairs reads pairs and cuts them into tokens; nothing is run yet. Those that were open stay until these are whole.
func (s *Service) openPairs(j *desk.Job, b protocol.Pairs) (*protocol.PairsInfo, error) {
	if slices.ContainsFunc(b.Files, func(f protocol.FileRef) bool { return checkpoint.IsStates(f.Name) }) {
		return s.openStates(j, b)
	}
	var sources []protocol.Source
	if len(b.States) > 0 || !b.Score {
		var err error
		if sources, _, err = s.corpusSources(b.States); err != nil {
			return nil, err
		}
	}
	if err := checkDecode(&b.Decode); err != nil {
		return nil, err
	}
	files, err := s.pairsFiles(j, b)
	if err != nil {
		return nil, err
	}
	set, err := corpus.ReadPairs(files, b.Source, b.Target)
	if err != nil {
		return nil, inFile(files[0].Name, err)
	}
	p := &pairs{words: [2][]string{s.seq.names, s.names}, scores: b.Score, decode: b.Decode, planes: map[string]*plane{}}
	p.info = protocol.PairsInfo{Name: b.Name, Pairs: len(set.Sources), States: sources, Columns: set.Columns, Source: set.Source, Target: set.Target, Encoding: set.Encoding}
	for _, k := range sources {
		p.states = append(p.states, &keptStates{name: k.Name, source: s.act(k.Name).Source, store: match.New([]match.Source{{Name: k.Name, Units: k.Units}}, nil)})
	}
	if err := s.readPairs(j, p, set); err != nil {
		return nil, err
	}
	if b.Room <= 0 {
		b.Room = corpusRoom
	}
	p.draw(b.Room)
	if set.Encoding != "" && set.Encoding != "UTF-8" || set.Replaced > 0 {
		p.warn(protocol.Warning{Code: "corpus-encoding", What: set.Encoding, N: set.Replaced})
	}
	s.pairings++
	p.info.ID = s.pairings
	s.pairs = p
	return &p.info, nil
}

func (p *pairs) warn(w protocol.Warning) { p.info.Warnings = append(p.info.Warnings, w) }

// pairsFiles are the files of a request, or its text as one.
func (s *Service) pairsFiles(j *desk.Job, b protocol.Pairs) (files []corpus.File, err error) {
	if len(b.Files) == 0 {
		return []corpus.File{{Name: textName(b.Name), Data: []byte(b.Text)}}, nil
	}
	var size int64
	for _, f := range b.Files {
		size += f.Size
	}
	if size > corpusFiles {
		return nil, &protocol.Error{Code: "too-large", File: b.Files[0].Name, Expected: fmt.Sprintf("at most %d MB", corpusFiles>>20), Found: fmt.Sprintf("%d MB", size>>20),
			Detail: "service: the files of pairs are too large"}
	}
	for _, f := range b.Files {
		data, err := s.readFile(f)
		if err != nil {
			return nil, err
		}
		files = append(files, corpus.File{Name: f.Name, Data: data})
		if err := j.Yield(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// readPairs makes tokens of sources and references.
func (s *Service) readPairs(j *desk.Job, p *pairs, set *corpus.Pairs) error {
	r := &reader{s: s}
	cut := 0
	for i, source := range set.Sources {
		if i%64 == 0 {
			j.Progress("pairs", float64(i), float64(len(set.Sources)), p.info.Name)
			if err := j.Yield(); err != nil {
				return err
			}
		}
		t, err := s.seq.read(source, nil)
		if err != nil {
			return err
		}
		k := pair{source: source, reference: set.References[i], sourceIDs: narrow(t.ids)}
		_, unknown := s.seq.source.Encode(source)
		r.note(source, unknown)
		if len(t.ids) > 0 && slices.ContainsFunc(t.warnings, func(w protocol.Warning) bool { return w.Code == "text-cut" }) {
			cut++
		}
		if k.reference != "" {
			p.info.References++
			more := 0
			k.targetIDs, k.words, unknown, more = s.reference(k.reference)
			r.note(k.reference, unknown)
			if more > 0 {
				cut++
			}
		}
		p.list = append(p.list, k)
	}
	if r.unknown > 0 {
		p.warn(protocol.Warning{Code: "unknown-characters", What: strings.Join(r.which, ""), N: r.unknown})
	}
	if cut > 0 {
		p.warn(protocol.Warning{Code: "pairs-cut", What: fmt.Sprint(s.about.Seq.Context), N: cut})
	}
	return nil
}

// reference makes a target of a reference: tokens as they would be written, with an end; and those of them that stand for text, -1 where none does. More:
// how many tokens were cut, for a target has no more.
func (s *Service) reference(text string) (ids, words []int32, unknown []tokenizer.Span, more int) {
	tokens, unknown := s.tok.Encode(text)
	h, left := s.seq, unknown
	for i, k := range tokens {
		for len(left) > 0 && left[0].Start < k.End && k.End > k.Start {
			words, left = append(words, -1), left[1:]
		}
		if i == 0 && k.ID == h.Start && k.Start == k.End {
			continue
		}
		ids = append(ids, int32(k.ID))
		if s.wordy(k.ID) {
			words = append(words, int32(k.ID))
		}
	}
	for range left {
		words = append(words, -1)
	}
	if h.First >= 0 && (len(ids) == 0 || ids[0] != int32(h.First)) {
		ids = slices.Insert(ids, 0, int32(h.First))
	}
	if len(h.Ends) > 0 && (len(ids) == 0 || !slices.Contains(h.Ends, int(ids[len(ids)-1]))) {
		ids = append(ids, int32(h.Ends[0]))
	}
	most := min(len(ids), h.most())
	return ids[:most], words, unknown, len(ids) - most
}

// wordy reports whether a token of a target stands for text.
func (s *Service) wordy(id int) bool { return !slices.Contains(s.seq.Ends, id) && !s.tok.Special(id) }

// draw decides of which pairs states are kept: of all, or of as many as there is room for, evenly apart. Targets that are not known are taken to be as long
// as their sources.
func (p *pairs) draw(room int64) {
	sizes, sum := make([]int, len(p.list)), 0
	for i := range p.list {
		k := &p.list[i]
		for m, state := range p.states {
			rows := len(k.sourceIDs)
			if !state.source && k.targetIDs != nil {
				rows = len(k.targetIDs)
			}
			sizes[i] += 2 * rows * p.info.States[m].Units
		}
		sum += sizes[i]
	}
	if int64(sum) <= room {
		for i := range p.list {
			p.list[i].keep = true
		}
		return
	}
	list := drawn(sizes, int(room))
	for _, i := range list {
		p.list[i].keep = true
	}
	p.warn(protocol.Warning{Code: "pairs-sampled", What: fmt.Sprint(len(p.list)), N: len(list)})
}

func narrow(ids []int) []int32 {
	out := make([]int32, len(ids))
	for i, id := range ids {
		out[i] = int32(id)
	}
	return out
}

func widen(ids []int32) []int {
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = int(id)
	}
	return out
}
