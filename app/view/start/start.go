// Package start draws the first page: the open model at work (words, composition, prediction), the models that are
// served with the page, and the place for one's own.
package start

import (
	"cmp"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
)

const (
	wideFrom   = 1116 // width from which the words stand beside the picture
	introWide  = 332
	ownWide    = 372
	gutter     = 64
	galleryGap = 32
)

// scene is one drawing at work.
type scene struct {
	in   *figure.Input
	at   int // now
	n    int // tokens of the text
	wide bool
}

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	s := &scene{in: in, at: in.State.At, n: len(in.Run.Tokens), wide: in.Width >= wideFrom}
	if s.at < 0 || s.at >= s.n {
		s.at = s.n - 1
	}
	layout := "fp"
	if s.wide {
		layout = "fp fp-wide"
	}
	return figure.Figure{Layout: layout, Panels: []figure.Panel{s.intro(), s.live(), s.gallery(), s.own()}}
}

func (s *scene) t(key string, args ...any) string { return s.in.L.T(s.in.Key("start."+key), args...) }

// card is the open model's card, or nil for a file of one's own.
func (s *scene) card() *figure.Card {
	for i := range s.in.Cards {
		if s.in.Cards[i].ID == s.in.State.Model {
			return &s.in.Cards[i]
		}
	}
	return nil
}

// words is a text of a card in the page's language, or in English.
func (s *scene) words(m map[string]string) string {
	if t, ok := m[s.in.L.Code[:2]]; ok {
		return t
	}
	return m["en"]
}

// intro says what this is, and leads on.
func (s *scene) intro() figure.Panel {
	m := s.in.Model
	about := s.t("about.own", m.Name, m.Family, svg.Short(float64(m.Params)))
	if c := s.card(); c != nil {
		about = s.words(c.About)
	}
	running := "running"
	if m.Recorded > 0 {
		about, running = s.t("about.recorded", cmp.Or(m.Title, m.Name), m.Family, svg.Count(m.Recorded)), "recorded"
	} else if !m.Logits || m.Here { // there is no next token to step to
		running = "running.whole"
	}
	var b strings.Builder
	b.WriteString(`<h1>` + svg.Esc(s.t("title")) + `</h1>`)
	b.WriteString(`<p>` + svg.Esc(s.t(running, about)) + `</p>`)
	b.WriteString(`<div class="fp-go">`)
	inside := s.inside()
	b.WriteString(`<button type="button" class="btn solid" data-set="view=` + inside + `">` + svg.Esc(s.t("go."+inside)) + `</button>`)
	if s.in.Model.Logits {
		b.WriteString(`<button type="button" class="fp-link" data-set="view=prediction">` + svg.Esc(s.t("go.prediction")) + `</button>`)
	}
	b.WriteString(`</div>`)
	return figure.Panel{ID: "intro", Class: "fp-intro", HTML: []figure.Block{{Kind: "html", HTML: b.String()}}}
}

// inside is the view that shows most of the open model: attention where there are heads, the map of words where there are no
// layers, else states.
func (s *scene) inside() string {
	switch {
	case s.in.Model.Heads > 0:
		return "attention"
	case s.in.Model.Layers == 0:
		return "words"
	}
	return "states"
}

// own is the place to open a model of one's own.
func (s *scene) own() figure.Panel {
	var b strings.Builder
	b.WriteString(`<div class="fp-drop" role="group" aria-label="` + svg.Esc(s.t("own")) + `"><h3>` + svg.Esc(s.t("drop")) + `</h3><p class="fp-formats">`)
	for _, part := range figure.Sentence(s.t("formats"), map[string]figure.Span{
		"formats": {Text: ".safetensors .gguf .pt .h5 .keras .npz", Bold: true}, "vectors": {Text: ".txt .vec .npy", Bold: true}}) {
		if part.Bold {
			b.WriteString(`<code>` + part.Text + `</code>`)
		} else {
			b.WriteString(svg.Esc(part.Text))
		}
	}
	b.WriteString(`</p><div class="fp-acts">`)
	b.WriteString(`<button type="button" class="btn line" data-do="` + figure.DoFile + `">` + svg.Esc(s.t("file")) + `</button>`)
	b.WriteString(`<button type="button" class="btn line" data-do="` + figure.DoFolder + `">` + svg.Esc(s.t("folder")) + `</button>`)
	b.WriteString(`<button type="button" class="btn line" data-do="` + figure.DoOpen + `">` + svg.Esc(s.t("address")) + `</button>`)
	b.WriteString(`</div></div><p class="fp-keep"><b>` + svg.Esc(s.t("keep")) + `</b> ` + svg.Esc(s.t("keep.how")) + `</p>`)
	return figure.Panel{ID: "own", Class: "fp-own", Title: []figure.Span{{Text: s.t("own")}}, HTML: []figure.Block{{Kind: "html", HTML: b.String()}}}
}
