package service

import (
	"slices"
	"strings"

	"loupe/engine/annotation"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// notes are the annotations of the session's text that files brought.
type notes struct {
	files  int // that were read so far, of texts and corpora
	ids    []int
	tracks []annotation.Track
}

// annotated is the session's text, as far as it was run.
func (s *Service) annotated() *annotation.Text {
	n := len(s.now.ids)
	t := &annotation.Text{Text: s.text.text}
	for _, k := range s.text.tokens[:n] {
		t.Tokens = append(t.Tokens, annotation.Token{ID: k.ID, Start: k.Start, End: k.End})
	}
	if s.info.Logits {
		t.Surprisal, t.Entropy, t.Rank = s.now.surprisal[:n], s.now.entropy[:n], slices.Clone(s.now.rank[:n])
		for i, r := range t.Rank {
			if r < 0 {
				t.Rank[i] = nan
			}
		}
	}
	return t
}

// tracks are the annotations of the session's text: what files brought, and what is built in.
func (s *Service) tracks(_ *desk.Job, _ protocol.Tracks) (*protocol.TracksResult, error) {
	if err := s.position(0); err != nil {
		return nil, err
	}
	var all []annotation.Track
	if slices.Equal(s.notes.ids, s.now.ids) {
		all = s.notes.tracks
	}
	r := &protocol.TracksResult{Tracks: s.recordedTracks(s.window[0], s.window[0]+len(s.now.ids))}
	for _, t := range slices.Concat(all, s.builtin()) {
		r.Tracks = append(r.Tracks, protocol.Track(t))
	}
	return r, nil
}

// annotate reads files of annotations of the corpus or of the session's text; without a word, of the one that they fit.
func (s *Service) annotate(j *desk.Job, b protocol.Annotate) (*protocol.Annotated, error) {
	var to []string
	switch b.To {
	case "text", "corpus":
		to = []string{b.To}
	case "":
		to = []string{"text", "corpus"}
	default:
		return nil, desk.BadRequest("to", "text, corpus or nothing", b.To)
	}
	if s.corpus == nil {
		to = slices.DeleteFunc(to, func(t string) bool { return t == "corpus" })
	}
	if len(s.now.ids) == 0 {
		to = slices.DeleteFunc(to, func(t string) bool { return t == "text" })
	}
	if len(to) == 0 {
		return nil, &protocol.Error{Code: "no-text", Detail: "service: there is no text to annotate"}
	}
	files := make([][]byte, len(b.Files))
	for i, f := range b.Files {
		raw, err := s.readFile(f)
		if err != nil {
			return nil, err
		}
		files[i] = raw
	}
	var err error
	for _, where := range to {
		var tracks []annotation.Track
		if tracks, err = readNotes(j, b.Files, files, s.noteText(where)); err == nil {
			return s.remember(where, tracks, len(files)), nil
		}
	}
	return nil, err // of the last one
}

// noteText is the session's text, or all of the corpus: its documents one after another, each on a new line.
func (s *Service) noteText(where string) *annotation.Text {
	if where == "text" {
		return s.annotated()
	}
	c, all, text := s.corpus, &annotation.Text{}, strings.Builder{}
	for i := range c.docs {
		d, at := &c.docs[i], text.Len()
		t := c.text(d)
		for _, k := range t.Tokens {
			all.Tokens = append(all.Tokens, annotation.Token{ID: k.ID, Start: at + k.Start, End: at + k.End})
		}
		text.WriteString(d.Text + "\n")
	}
	all.Text = text.String()
	return all
}

// readNotes reads files of annotations of a text.
func readNotes(j *desk.Job, files []protocol.FileRef, raw [][]byte, t *annotation.Text) (all []annotation.Track, err error) {
	for i, f := range files {
		tracks, err := annotation.Read(f.Name, raw[i], t)
		if err != nil {
			return nil, inFile(f.Name, err)
		}
		all = append(all, tracks...)
		if err := j.Yield(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// remember keeps annotations; of one name, the last.
func (s *Service) remember(where string, tracks []annotation.Track, files int) *protocol.Annotated {
	s.notes.files += files
	r := &protocol.Annotated{To: where, Own: s.notes.files}
	if where == "text" && !slices.Equal(s.notes.ids, s.now.ids) {
		s.notes.ids, s.notes.tracks = slices.Clone(s.now.ids), nil
	}
	for _, t := range tracks {
		r.Tracks = append(r.Tracks, protocol.Track{Name: t.Name, Own: true, Labels: t.Labels})
		if where == "text" {
			s.notes.tracks = append(slices.DeleteFunc(s.notes.tracks, func(o annotation.Track) bool { return o.Name == t.Name }), t)
			continue
		}
		k := &column{Track: protocol.Track{Name: t.Name, Own: true, Labels: t.Labels}}
		k.values.add(t.Values)
		c := s.corpus
		c.tracks = append([]*column{k}, slices.DeleteFunc(c.tracks, func(o *column) bool { return o.Own && o.Name == t.Name })...)
		c.listTracks()
	}
	return r
}
