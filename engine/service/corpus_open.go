package service

import (
	"fmt"
	"io"
	"slices"

	"loupe/engine/corpus"
	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/protocol"
)

const (
	corpusRoom  = 256 << 20 // bytes of states where the request does not say
	corpusFiles = 100 << 20 // bytes of files: they are read without a pause
	mostSources = 4
)

// openCorpus reads texts and cuts them into tokens; nothing is run yet. The corpus that was open stays until this one is whole.
func (s *Service) openCorpus(j *desk.Job, b protocol.Corpus) (*protocol.CorpusInfo, error) {
	sources, units, err := s.corpusSources(b.Sources)
	if err != nil {
		return nil, err
	}
	cuts, err := cutsOf(b.Cuts)
	switch {
	case err != nil:
		return nil, err
	case len(cuts) > 0 && len(cuts) != len(sources):
		return nil, desk.BadRequest("cuts", fmt.Sprintf("one for each of %d sources", len(sources)), len(cuts))
	}
	if b.Room <= 0 {
		b.Room = corpusRoom
	}
	fits := int(b.Room) / (2 * units) // tokens
	most := fits
	if len(b.Cuts) > 0 {
		most = int(8 * b.Room / int64(units))
	}
	c, err := s.readCorpus(j, b, most)
	if err != nil {
		return nil, err
	}
	if len(c.ids) == 0 {
		return nil, &protocol.Error{Code: "empty-corpus", File: b.Name, Detail: "service: the corpus has no tokens"}
	}
	c.info.ID, c.info.Name, c.info.Keeps = s.corpora+1, b.Name, "f16"
	if len(c.ids) > fits {
		c.info.Keeps, c.info.Cuts = "bits", b.Cuts
	} else {
		cuts = nil
	}
	of := make([]match.Source, len(sources))
	for i, k := range sources {
		of[i] = match.Source{Name: k.Name, Units: k.Units}
	}
	c.info.Sources, c.store = sources, match.New(of, cuts)
	c.score = newScores(len(c.ids))
	if s.info.Logits && !s.corpusPredicts() {
		c.warn(protocol.Warning{Code: "corpus-unpredicted", N: s.info.Vocab})
	}
	s.makeTracks(c)
	s.corpora++
	s.corpus = c
	return &c.info, nil
}

// readCorpus gives the documents of a request as tokens, at most so many.
func (s *Service) readCorpus(j *desk.Job, b protocol.Corpus, most int) (*texts, error) {
	if s.recording() != nil {
		return s.recordedCorpus(j, most)
	}
	set, err := s.readTexts(j, b)
	if err != nil {
		return nil, err
	}
	c, err := s.tokenizeTexts(j, set, most)
	if err != nil {
		return nil, err
	}
	c.info.Encoding, c.info.Columns, c.info.Column = set.Encoding, set.Columns, set.Column
	if set.Encoding != "" && set.Encoding != "UTF-8" || set.Replaced > 0 {
		c.warn(protocol.Warning{Code: "corpus-encoding", What: set.Encoding, N: set.Replaced})
	}
	return c, nil
}

// recordedCorpus is what was recorded, as one document, or the beginning of it.
func (s *Service) recordedCorpus(j *desk.Job, most int) (*texts, error) {
	words := s.recording().Words()
	all := len(words)
	words = words[:min(all, most)]
	ids := make([]int, len(words))
	for i, id := range words {
		ids[i] = int(id)
	}
	text, tokens := s.tok.Spell(ids)
	c := &texts{counts: make([]int, s.info.Vocab), ids: words, start: make([]int32, len(words)), end: make([]int32, len(words))}
	for i, k := range tokens {
		c.start[i], c.end[i] = int32(k.Start), int32(k.End)
	}
	if len(words) > 0 {
		c.docs = []document{{corpus.Document{Name: s.about.Name, Text: text}, 0, len(words)}}
		c.pieces = []int{len(words)}
	}
	if all > most {
		c.warn(protocol.Warning{Code: "corpus-sampled", What: fmt.Sprint(all), N: most})
	}
	if err := c.finish(j.Yield); err != nil {
		return nil, err
	}
	for _, t := range s.recordedTracks(0, len(words)) {
		k := &column{Track: protocol.Track{Name: t.Name, Own: true, Labels: t.Labels}}
		k.values.add(t.Values)
		c.tracks = append(c.tracks, k)
	}
	return c, nil
}

// corpusSources checks the names of the activations that are to be kept: a row of units a position.
func (s *Service) corpusSources(names []string) (sources []protocol.Source, units int, err error) {
	if len(names) == 0 || len(names) > mostSources {
		return nil, 0, desk.BadRequest("sources", fmt.Sprintf("1 to %d", mostSources), len(names))
	}
	for i, name := range names {
		a := s.act(name)
		if a == nil || a.Heads || len(a.Inner) != 1 || slices.Contains(names[:i], name) {
			return nil, 0, desk.BadRequest("sources", "activations of this model that are a row of units a position, each once", name)
		}
		sources, units = append(sources, protocol.Source{Name: name, Units: a.Inner[0]}), units+a.Inner[0]
	}
	return sources, units, nil
}

// readTexts reads the files, or the text, of a request into documents.
func (s *Service) readTexts(j *desk.Job, b protocol.Corpus) (*corpus.Set, error) {
	if len(b.Files) == 0 {
		return corpus.Read(textName(b.Name), []byte(b.Text), b.Column)
	}
	var size, done int64
	for _, f := range b.Files {
		size += f.Size
	}
	if size > corpusFiles {
		return nil, &protocol.Error{Code: "too-large", File: b.Files[0].Name, Expected: fmt.Sprintf("at most %d MB", corpusFiles>>20), Found: fmt.Sprintf("%d MB", size>>20),
			Detail: "service: the files of the corpus are too large"}
	}
	all := &corpus.Set{}
	for _, f := range b.Files {
		j.Progress("corpus", float64(done), float64(size), f.Name)
		text, err := s.readFile(f)
		if err != nil {
			return nil, err
		}
		set, err := corpus.Read(f.Name, text, b.Column)
		if err != nil {
			return nil, inFile(f.Name, err)
		}
		join(all, set)
		done += f.Size
		if err := j.Yield(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// textName is the name of a text that was pasted: one without an ending is none of a table.
func textName(name string) string {
	if name == "" {
		return "text"
	}
	return name
}

// readFile reads a file whole.
func (s *Service) readFile(f protocol.FileRef) ([]byte, error) {
	files, err := s.files([]protocol.FileRef{f})
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.NewSectionReader(files[0].R, 0, f.Size))
	if err != nil || int64(len(b)) < f.Size {
		return nil, &protocol.Error{Code: "unreadable", File: f.Name, Detail: fmt.Sprintf("service: %s: %d of %d bytes: %v", f.Name, len(b), f.Size, err)}
	}
	return b, nil
}

// join adds the documents of one file to those of others.
func join(all, set *corpus.Set) {
	all.Replaced += set.Replaced
	all.Documents = append(all.Documents, set.Documents...)
	if all.Encoding == "" || all.Encoding == "UTF-8" {
		all.Encoding = set.Encoding
	}
	if all.Columns == nil {
		all.Columns, all.Column = set.Columns, set.Column
	}
}
