package shell

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"loupe/app/client"
	"loupe/app/corpus"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// source is the text that a corpus is made of.
func (s *Session) source(kind string) *corpus.Source {
	switch kind {
	case "builtin":
		if s.Card == nil || s.Card.Corpus == nil {
			return nil
		}
		return served(s.Card.Corpus)
	case "file":
		return s.dropped
	case "set":
		if s.Model != nil && s.Model.Recorded > 0 {
			return &corpus.Source{Name: cmp.Or(s.Model.Title, s.Model.Name)}
		}
	}
	return nil
}

// served is a text that comes with a model.
func served(c *figure.CardFile) *corpus.Source {
	return &corpus.Source{Name: path.Base(c.Path), Files: []client.File{{Name: path.Base(c.Path), Size: c.Size, Data: c.Path}}}
}

// after is a text that a person brought, told from the one before.
func after(before *corpus.Source, src corpus.Source) *corpus.Source {
	if before != nil {
		src.Nth = before.Nth
	}
	src.Nth++
	return &src
}

// beside is figure.Input.Besides.
func (s *Session) beside(id string, most int) *figure.Beside {
	c := s.card(id)
	if c == nil || s.Run == nil {
		return nil
	}
	text := s.Run.Text
	if s.translates() {
		text = s.State.Text
	}
	return s.besides.Run(c, text, most, s.State.Clone().Decode)
}

// SetTexts takes texts that the model is run over. They are not in the address: they may be long.
func (s *Session) SetTexts(src corpus.Source) {
	s.dropped = after(s.dropped, src)
	s.Patch("view=states&o.states.corpus=&o.states.column=&o.states.m.page=")
	s.changed()
}

// ForgetTexts goes back to the corpus that comes with the model, if there is one.
func (s *Session) ForgetTexts() {
	s.dropped = nil
	s.texts.Close()
	s.Patch("o.states.corpus=&o.states.column=")
	s.changed()
}

// readable are those of some files whose names say that they hold texts.
func readable(files []client.File) (out []client.File) {
	for _, f := range files {
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".txt", ".text", ".md", ".csv", ".tsv", ".jsonl", ".ndjson", ".conll", ".conllu", ".conllx":
			out = append(out, f)
		}
	}
	return out
}

// texts reports whether all files hold texts, and none belongs beside weights.
func texts(files []client.File) bool {
	return len(readable(files)) == len(files) && !slices.ContainsFunc(files, func(f client.File) bool { return slices.Contains(instead, strings.ToLower(base(f.Name))) })
}

// textsOf are the corpus's name for some files, and they.
func textsOf(files []client.File) corpus.Source {
	name := base(files[0].Name)
	if len(files) > 1 {
		name = fmt.Sprintf("%s + %d", name, len(files)-1)
	}
	return corpus.Source{Name: name, Files: files}
}

// Annotate adds a file of annotations, of the corpus or of the text, whichever it fits.
func (s *Session) Annotate(files []client.File) {
	refs, data := client.Refs(files)
	corpus.Question(s.texts, protocol.OpCorpusAnnotate, protocol.Annotate{Files: refs}, data, func(r *protocol.Annotated, err *protocol.Error) {
		defer s.changed()
		if err != nil {
			s.notice(notAnnotated(err))
			return
		}
		s.noted = r.Own
		s.answers.forget(false)
		var names []string
		for _, t := range r.Tracks {
			names = append(names, t.Name)
		}
		if c := s.texts.At(); r.To == "corpus" && c != nil && c.Info != nil {
			c.Info.Tracks = slices.Concat(slices.DeleteFunc(c.Info.Tracks, func(t protocol.Track) bool { return slices.Contains(names, t.Name) }), r.Tracks)
		}
		s.notice(&Notice{Key: "notice.annotated." + r.To, Args: []any{strings.Join(names, ", ")}})
	})
}

// notAnnotated says where a file of annotations differs from what it should be about.
func notAnnotated(err *protocol.Error) *Notice {
	at := err.File
	if err.Where != "" {
		at += ", " + err.Where
	}
	if err.Expected == "" {
		return &Notice{Key: "notice.not-annotated.why", Args: []any{at, err.Detail}, Report: err}
	}
	return &Notice{Key: "notice.not-annotated", Args: []any{at, err.Expected, err.Found}, Report: err}
}

// placeMost is how much of a document is shown before a place: what the model read there made its states.
const placeMost = 400

// Go makes the text around a place of the corpus the session's, with the place as range: "1200 7".
func (s *Session) Go(arg string) {
	at, n, _ := strings.Cut(arg, " ")
	pos, err := strconv.Atoi(at)
	size, err2 := strconv.Atoi(n)
	c := s.texts.At()
	if err == nil && err2 == nil && s.recorded() {
		s.goRecorded(pos, size)
		return
	}
	if err != nil || err2 != nil || c == nil || c.Info == nil {
		return
	}
	corpus.Question(s.texts, protocol.OpCorpusPlace, protocol.CorpusPlace{Corpus: c.Info.ID, Pos: pos, Len: size, Most: placeMost}, nil,
		func(r *protocol.CorpusPlaceResult, err *protocol.Error) { s.gone(r, err) })
}

// gone shows a place.
func (s *Session) gone(r *protocol.CorpusPlaceResult, err *protocol.Error) {
	defer s.changed()
	if err != nil {
		s.notice(&Notice{Key: "notice.run-failed", Report: err, Args: []any{err.Detail}})
		return
	}
	s.Stop()
	s.push()
	st := s.State.Clone()
	st.Text, st.At, st.Changes = r.Text, r.Pos+r.Len-1, nil
	st.Range = [2]int{r.Pos, r.Pos + r.Len}
	s.GenFrom = -1
	s.setState(st, r.IDs)
	s.address(s.State.String(), false)
	if s.clear("notice.skipped"); r.Skipped > 0 {
		s.notice(&Notice{Key: "notice.skipped", Args: []any{r.Skipped}})
	}
}

// allMatches brings the matches of the last question, all of them.
func (s *Session) allMatches(q protocol.Match, then func(*protocol.PlacesResult)) {
	q.From, q.N = 0, 10_000
	corpus.Question(s.texts, protocol.OpCorpusMatch, q, nil, func(r *protocol.PlacesResult, err *protocol.Error) {
		if err != nil {
			s.notice(&Notice{Key: "notice.not-saved", Args: []any{err.Detail}, Report: err})
			s.changed()
			return
		}
		then(r)
	})
}

// matchesText is matches as a table: where each is, how many units, its words and those around it.
func matchesText(r *protocol.PlacesResult) string {
	w := &tableWriter{csv: true}
	w.begin()
	for _, h := range []string{"document", "position", "length", "units on", "units on or asked for", "before", "match", "after"} {
		w.text(h)
	}
	for _, t := range r.Tracks {
		w.text(t.Name)
	}
	w.end()
	at := 0
	for i := range r.Rows {
		p := &r.Rows[i]
		a, b, c := at+p.Left, at+p.Left+p.Len, at+p.Left+p.Len+p.Right
		w.text(r.Documents[i])
		for _, n := range []int{p.Pos, max(p.Len, p.Whole), p.Both, p.Any} {
			w.number(strconv.Itoa(n))
		}
		for _, part := range [][]string{r.Tokens[at:a], r.Tokens[a:b], r.Tokens[b:c]} {
			w.text(strings.Join(part, ""))
		}
		for j := range r.Tracks {
			w.text(trackWords(&r.Tracks[j], a, b))
		}
		w.end()
		at = c
	}
	return w.String()
}

// trackWords is what an annotation says of some tokens, with spaces between.
func trackWords(t *protocol.Track, from, to int) string {
	words := make([]string, 0, to-from)
	for i := from; i < to && i < len(t.Values); i++ {
		v := t.Values[i]
		switch {
		case v != v:
			words = append(words, "-")
		case t.Labels == nil:
			words = append(words, number32(t.Values, i))
		case int(v) < len(t.Labels):
			words = append(words, t.Labels[int(v)])
		}
	}
	return strings.Join(words, " ")
}

// matchesJSON is the question and its answer.
func matchesJSON(model string, c *figure.Corpus, q protocol.Match, r *protocol.PlacesResult) ([]byte, error) {
	type row struct {
		protocol.Place
		Document string   `json:"document"`
		Tokens   []string `json:"tokens"`
	}
	rows, at := make([]row, len(r.Rows)), 0
	for i, p := range r.Rows {
		n := p.Left + p.Len + p.Right
		rows[i] = row{p, r.Documents[i], r.Tokens[at : at+n]}
		at += n
	}
	return json.MarshalIndent(map[string]any{"model": model, "corpus": c.Name, "sources": c.Info.Sources, "question": q,
		"total": r.Total, "capped": r.Capped, "strict": r.Strict, "lengths": r.Lengths, "matches": rows}, "", " ")
}

// saveMatches does what figure.DoMatches names.
func (p *page) saveMatches(what string) {
	c := p.s.texts.At()
	q, ok := p.s.texts.Last(protocol.OpCorpusMatch).(protocol.Match)
	if !ok || c == nil || c.Info == nil {
		return
	}
	p.s.allMatches(q, func(r *protocol.PlacesResult) {
		name := p.fileName() + " matches"
		if what == "csv" {
			save(blobOf(matchesText(r), "text/csv;charset=utf-8"), fileName(name, "csv"))
			return
		}
		if b, err := matchesJSON(p.s.State.Model, c, q, r); err == nil {
			save(blobOf(string(b), "application/json"), fileName(name, "json"))
		}
	})
}
