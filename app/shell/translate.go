package shell

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/corpus"
	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// Of an encoder-decoder the session's text is the source; the tokens that are run are the target that was found for it.

// translates reports whether the open model is an encoder-decoder.
func (s *Session) translates() bool { return s.Model != nil && s.Model.Seq != nil }

// decode is how targets of the source are looked for.
func (s *Session) decode() protocol.Decode { return s.State.Decode(s.Model.Seq.DecodeOf(s.State.Text)) }

// SetSource makes a text the source, without changes, and compares it with its reference; "": with none.
func (s *Session) SetSource(text, reference string) {
	if !s.translates() {
		return
	}
	s.change(true, func(st *state.State) {
		st.Text, st.At, st.Changes = s.within(text), -1, nil
		delete(st.Opts, "translate.src")
		delete(st.Opts, "translate.hyp")
		delete(st.Opts, "translate.ref")
		if reference != "" && len(reference) <= state.MaxLong {
			st.Opts["translate.ref"] = reference
		}
	})
}

// begins has the target begin with its tokens up to now, and then id.
func (s *Session) begins(now, id int) {
	var ids []int
	for _, t := range s.Run.Tokens[1:min(now+1, len(s.Run.Tokens))] {
		ids = append(ids, t.ID)
	}
	s.change(false, func(st *state.State) {
		st.Changes = slices.DeleteFunc(slices.Clone(st.Changes), func(c protocol.Change) bool { return c.Name == protocol.PrefixChange })
		st.Changes = append(st.Changes, protocol.Change{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: protocol.Joined(append(ids, id))})
		st.At = now + 1
		delete(st.Opts, "translate.hyp") // of the search that was
	})
}

// chosenSource is the token of the source that is chosen, or -1.
func (s *Session) chosenSource() int {
	return figure.ChosenSource(s.State)
}

// askTexts is figure.Input.AskCorpus.
func (s *Session) askTexts(op string, body any) (val any, fresh bool) {
	if strings.HasPrefix(op, "pairs.") {
		return s.pairs.Ask(op, body)
	}
	return s.texts.Ask(op, body)
}

// pairsSource is what pairs are made of.
func (s *Session) pairsSource(kind string) *corpus.Source {
	switch {
	case kind == "builtin" && s.Card != nil && s.Card.Pairs != nil:
		return served(s.Card.Pairs)
	case kind == "file":
		return s.paired
	}
	return nil
}

// SetPairs takes pairs of source and reference.
func (s *Session) SetPairs(src corpus.Source) {
	s.paired = after(s.paired, src)
	s.Patch("view=translate&o.translate.pairs=file&o.translate.psource=&o.translate.ptarget=&o.translate.page=")
	s.changed()
}

// ForgetPairs goes back to the pairs that come with the model, if there are any.
func (s *Session) ForgetPairs() {
	s.paired = nil
	s.pairs.Close()
	s.Patch("o.translate.pairs=&o.translate.psource=&o.translate.ptarget=")
	s.changed()
}

// textLines are the text, or source and target.
func (p *page) textLines() app.UI {
	if !p.s.translates() {
		return &textLine{P: p, Rev: p.rev, Editing: p.editing}
	}
	row := func(name string, line *textLine) app.UI {
		return app.Div().Class("textrow").Body(app.Span().Class("name").Body(app.Text(p.l.T(name))), line)
	}
	return app.Div().Class("textrows").Body(
		row("text.source", &textLine{P: p, Rev: p.rev, Editing: p.editing, Source: true}),
		row("text.target", &textLine{P: p, Rev: p.rev, Target: true}))
}

// translateUI is how targets are looked for.
func (p *page) translateUI() []app.UI {
	d := p.s.decode()
	num := func(key string, v, lo, hi, step float64, decimals int) app.UI {
		return numberUI(&figure.Control{Kind: "number", Key: "o.translate." + key, Label: p.l.T("run." + key), Value: strconv.FormatFloat(v, 'f', decimals, 64),
			Min: lo, Max: hi, Step: step, Decimals: decimals})
	}
	return []app.UI{
		app.Div().Class("run").Role("group").Aria("label", p.l.T("run.label")).Body(
			do("start", "icon", p.l.T("run.start"), icon("start")), do("step", "", p.l.T("run.step"), icon("step"), app.Text(p.l.T("run.step")))),
		num("beam", float64(d.Beam), 1, 20, 1, 0), num("length", d.Length, 0, 2, .05, 2),
	}
}

// sourceHTML is the source as tokens: a click chooses one, a second one edits.
func sourceHTML(r *protocol.RunResult, m *protocol.Model, editing bool, l *lang.Catalogue) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	from := 0
	for i, t := range r.Source {
		unread(&b, r.SourceText, from, t.Start, l)
		from = max(from, t.End)
		n, class, tip := strconv.Itoa(i), "tok k0", l.T("text.source-tip", i)
		text := t.Text
		if own := tokenText(r.SourceText, t); t.Was != nil && !editing {
			class += " swapped"
			tip += "\n" + l.T("text.was", plot.OneLine(t.Was.Text))
		} else if own != "" && utf8.ValidString(r.SourceText[t.Start:min(t.End, len(r.SourceText))]) {
			text = own
		}
		if t.Start == t.End || slices.Contains(m.Seq.Specials, t.ID) {
			class += " special"
		}
		b.WriteString(`<span class="` + class + `" data-j="` + n + `" data-h="s` + n + `" data-set="o.translate.src=` + n + `" data-tip="` + svg.Esc(tip) + `">`)
		writeVisible(&b, text)
		b.WriteString("</span>")
	}
	unread(&b, r.SourceText, from, len(r.SourceText), l)
	return b.String()
}

// translationChangeText is a change of the source or of the target's beginning in words.
func (p *page) translationChangeText(c protocol.Change) string {
	r := p.s.Run
	if c.Name == protocol.SourceChange {
		if r == nil || c.Pos >= len(r.Source) {
			return p.l.T("change.no-token", c.Pos)
		}
		t := r.Source[c.Pos]
		return p.l.T("change.source", plot.OneLine(own(t).Text), plot.OneLine(t.Text))
	}
	n := strings.Count(c.Row, "_") + 1
	if r == nil || n >= len(r.Tokens) {
		return p.l.T("change.begins", fmt.Sprint(n))
	}
	var words []string
	for _, t := range r.Tokens[max(1, n-2) : n+1] {
		words = append(words, plot.OneLine(t.Text))
	}
	text := strings.Join(words, " ")
	if n > 3 {
		text = "… " + text
	}
	return p.l.T("change.begins", text)
}

// translation is the one that is shown: what was asked, and the answer.
func (s *Session) translation() (q protocol.Translate, t *protocol.Translation) {
	round := -1
	for _, a := range s.answers.byKey {
		body, ok := a.body.(protocol.Translate)
		if r, _ := a.val.(*protocol.Translation); ok && r != nil && a.round > round && body.Text == s.State.Text && slices.Equal(body.Changes, s.State.Changes) && body.Decode == s.decode() {
			q, t, round = body, r, a.round
		}
	}
	return q, t
}

// reference is the target that a person compares with, and how it stands to a translation; nil: there is none.
func (s *Session) reference(of protocol.Translate) (text string, r *protocol.ReferenceResult) {
	text = strings.TrimSpace(s.State.Opt("translate.ref", ""))
	raw, err := json.Marshal(protocol.Reference{Of: of, Text: text})
	if err != nil {
		return text, nil
	}
	if a := s.answers.byKey[protocol.OpReference+string(raw)]; a != nil {
		r, _ = a.val.(*protocol.ReferenceResult)
	}
	return text, r
}

// saveTranslation does what figure.DoTargets names.
func (p *page) saveTranslation(what string) {
	q, t := p.s.translation()
	if t == nil {
		return
	}
	text, r := p.s.reference(q)
	name := p.fileName() + " translation"
	if what == "json" {
		whole := map[string]any{"model": p.s.State.Model, "asked": q, "translation": t}
		if r != nil {
			whole["reference"] = map[string]any{"text": text, "stands": r}
		}
		if b, err := json.MarshalIndent(whole, "", " "); err == nil {
			save(blobOf(string(b), "application/json"), fileName(name, "json"))
		}
		return
	}
	save(blobOf(targetsText(t, text, r), "text/tab-separated-values;charset=utf-8"), fileName(name, "tsv"))
}

// targetsText is the n best as a table, and below them the reference, if there is one.
func targetsText(t *protocol.Translation, text string, r *protocol.ReferenceResult) string {
	w := &tableWriter{}
	w.begin()
	for _, h := range []string{"rank", "target", "log p", "score", "tokens", "ended", "source"} {
		w.text(h)
	}
	w.end()
	row := func(rank, target string, logP, score float64, tokens int, ended bool) {
		w.text(rank)
		w.text(target)
		w.number(strconv.FormatFloat(logP, 'g', 7, 64))
		w.number(strconv.FormatFloat(score, 'g', 7, 64))
		w.number(strconv.Itoa(tokens))
		w.text(strconv.FormatBool(ended))
		w.text(t.Text)
		w.end()
	}
	for i, h := range t.Hyps {
		row(strconv.Itoa(i+1), h.Text, h.LogP, h.Score, len(h.Path), h.Ended)
	}
	if r != nil {
		row("reference", text, r.LogP, r.Score, len(r.Tokens), !slices.ContainsFunc(r.Warnings, func(w protocol.Warning) bool { return w.Code == "reference-cut" }))
	}
	return w.String()
}

// saveScores saves all pairs that were scored.
func (p *page) saveScores() {
	q, ok := p.s.pairs.Last(protocol.OpPairsRows).(protocol.PairsRows)
	if !ok {
		return
	}
	q.From, q.N, q.Only = 0, 100_000, ""
	corpus.AboutPairs(p.s.pairs, protocol.OpPairsRows, q, func(r *protocol.PairsRowsResult, err *protocol.Error) {
		if err != nil {
			p.s.notice(&Notice{Key: "notice.not-saved", Args: []any{err.Detail}, Report: err})
			p.s.changed()
			return
		}
		save(blobOf(scoresText(r), "text/tab-separated-values;charset=utf-8"), fileName(p.fileName()+" scores", "tsv"))
	})
}

func scoresText(r *protocol.PairsRowsResult) string {
	w := &tableWriter{}
	w.begin()
	for _, h := range []string{"pair", "source", "reference", "best", "edits", "chrF", "score", "reference score", "reference log p", "leaves the beam at", "kind"} {
		w.text(h)
	}
	w.end()
	num := func(v float64) { w.number(strconv.FormatFloat(v, 'g', 7, 64)) }
	for _, k := range r.Rows {
		w.number(strconv.Itoa(k.Pair))
		w.text(k.Source)
		w.text(k.Reference)
		w.text(k.Best)
		num(k.Distance)
		num(k.ChrF)
		num(k.Score)
		num(k.RefScore)
		num(k.RefLogP)
		w.number(strconv.Itoa(k.Left))
		w.text(k.Kind)
		w.end()
	}
	return w.String()
}
