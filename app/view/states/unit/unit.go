// Package unit draws one unit in detail (the text and the strongest places of the corpus coloured by it, how its values are spread, which
// weights write to it and what it adds to the logits, how its layer uses its gates), and which units follow an annotation best.
package unit

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// part is what the panels share.
type part struct {
	*axis.Scene
	in   *figure.Input
	l    *lang.Catalogue
	src  *axis.Source // Sources[0]
	v    []float32    // the unit at each token of the text, as it is shown
	w    float64      // of all panels together
	side int          // panels that have room side by side: 4, 2 or 1
	c    *figure.Corpus
}

const gap = 40 // between panels side by side; in states-unit.css, too

// Panels are its parts of the view: one unit, or which unit follows an annotation.
func Panels(s *axis.Scene) []figure.Panel {
	if len(s.Sources) == 0 || len(s.Sources[0].X) == 0 || s.Cols.N == 0 {
		return nil
	}
	p := &part{Scene: s, in: s.In, l: s.In.L, src: &s.Sources[0], w: s.In.Width, side: 1}
	if axis.Wide(s.In) {
		p.w -= axis.SideW + axis.Gap
	}
	switch {
	case p.w >= 720:
		p.side = 4
	case p.w >= 480:
		p.side = 2
	}
	p.v = p.shown(p.column(p.src, s.Unit))
	p.c = s.In.OpenCorpus(s.Spec())
	if s.In.State.Opt("states.tab", "") == "follow" {
		return p.follow()
	}
	return p.detail()
}

// detail are the panels about one unit.
func (p *part) detail() []figure.Panel {
	u := p.unit()
	if p.in.Model.Seq != nil { // there is no corpus, and its families say nothing of the weights of one unit
		return append([]figure.Panel{p.text(u), p.histogram(u)}, p.gates()...)
	}
	out := []figure.Panel{p.text(u), p.places(u), p.histogram(u)}
	if p.in.Model.Recorded > 0 {
		out[2].HTML = append(out[2].HTML, note(p.t("recorded")))
		return out
	}
	return append(append(out, p.weights()...), p.gates()...)
}

// span is the width of k panels side by side.
func (p *part) span(k int) float64 {
	k = min(k, p.side)
	each := (p.w - gap*float64(p.side-1)) / float64(p.side)
	return math.Floor(each*float64(k) + gap*float64(k-1))
}

// class is that of a panel that is span(k) wide.
func (p *part) class(k int) string {
	switch p.side / min(k, p.side) {
	case 4:
		return "su-quarter"
	case 2:
		return "su-half"
	}
	return "su-full"
}

// column is one unit of a source over the text.
func (p *part) column(src *axis.Source, u int) []float32 {
	out := make([]float32, p.Cols.N)
	for t := range out {
		if i := t*src.Units + u; i < len(src.X) && u < src.Units {
			out[t] = src.X[i]
		} else {
			out[t] = float32(math.NaN())
		}
	}
	return out
}

// shown are values as the plot shows them: their tanh, if that is chosen.
func (p *part) shown(v []float32) []float32 {
	if !p.src.Tanh {
		return v
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(math.Tanh(float64(x)))
	}
	return out
}

// t is a text of this part.
func (p *part) t(key string, args ...any) string { return p.l.T("unit."+key, args...) }

// track is an annotation's name in words; one that a file brought has its own.
func (p *part) track(t protocol.Track) string {
	if key := "track." + t.Name; !t.Own && p.l.Has(key) {
		return p.l.T(key)
	}
	return t.Name
}

// label is an annotation's label in words.
func (p *part) label(t protocol.Track, label string) string {
	for _, key := range []string{"track." + t.Name + "." + label, "track." + label} {
		if !t.Own && p.l.Has(key) {
			return p.l.T(key)
		}
	}
	return label
}

// what is the last part of an activation's name in words: "input".
func (p *part) what(name string) string {
	_, _, what, ok := split(name)
	if key := "states.what." + what; ok && p.l.Has(key) {
		return p.l.T(key)
	}
	return name
}

// split takes "layers.1.forward.cell" apart: layer 1, way "forward.", what "cell".
func split(name string) (layer int, way, what string, ok bool) {
	_, name = axis.Half(name)
	_, rest, _ := strings.Cut(name, ".")
	number, what, ok := strings.Cut(rest, ".")
	layer, err := strconv.Atoi(number)
	for _, dir := range []string{"forward.", "backward."} {
		if w, has := strings.CutPrefix(what, dir); has {
			way, what = dir, w
		}
	}
	return layer, way, what, ok && err == nil
}

// selects are the state pairs that select a unit of an activation; "" if the view does not draw it.
func (p *part) selects(name string, unit int) string {
	if u := p.counted(name, unit); u >= 0 {
		return p.Choose(u)
	}
	layer, way, what, ok := split(name)
	if !ok || !p.l.Has("states.title."+what) {
		return ""
	}
	return fmt.Sprintf("layer=%d&unit=%d&%s&%s", layer, unit, pair("o.states.what", what), pair("o.states.way", way))
}

// counted is a unit of an activation as it counts through all sources, or -1 if it is not among them.
func (p *part) counted(name string, unit int) int {
	for i := range p.Sources {
		if p.Sources[i].Name == name {
			return unit
		}
		unit += p.Sources[i].Units
	}
	return -1
}

// lit is what lights up with a unit of an activation: its line in the plot, if it is drawn there.
func (p *part) lit(name string, unit int) string {
	if u := p.counted(name, unit); u >= 0 {
		return "u" + p.number(u)
	}
	return ""
}

// number is a unit counted through all sources as it is written: "58", of a further source "1:58".
func (p *part) number(unit int) string {
	i, own := p.Of(unit)
	if i == 0 {
		return strconv.Itoa(own)
	}
	return strconv.Itoa(i) + ":" + strconv.Itoa(own)
}

func pair(key, value string) string { return key + "=" + url.QueryEscape(value) }

// ready reports whether questions about the corpus have answers: it is open, of these sources, and some of it has run.
func (p *part) ready() bool {
	return p.c != nil && p.c.Info != nil && p.c.Settled > 0 && slices.EqualFunc(p.c.Info.Sources, p.Sources, func(a protocol.Source, b axis.Source) bool {
		return a.Name == b.Name && a.Units == b.Units
	})
}

// bits reports whether the corpus keeps only whether units are on.
func (p *part) bits() bool { return p.c != nil && p.c.Info != nil && p.c.Info.Keeps == "bits" }

// corpusNote says what there is of the corpus, where it is not whole; "" if it is.
func (p *part) corpusNote() string {
	switch c := p.c; {
	case c == nil:
		return p.t("corpus.none")
	case c.Err != nil && p.l.Has("error."+c.Err.Code):
		return p.t("corpus.failed") + " " + p.l.T("error."+c.Err.Code, c.Err.File)
	case c.Err != nil:
		return p.t("corpus.failed") + " " + p.l.T("error.other", c.Err.Code)
	case c.Info == nil || !p.ready():
		return p.t("corpus.wait")
	case c.Settled < c.Filled.Total:
		return p.t("corpus.part", svg.Count(c.Settled), svg.Count(c.Filled.Total))
	}
	return ""
}

// names are the corpus's activations, of all sources or of the first.
func (p *part) names(all bool) string {
	if !p.ready() {
		return ""
	}
	names, units := []string{p.src.Name}, p.src.Units
	for i := range p.Sources[1:] {
		if k := &p.Sources[i+1]; all {
			names, units = append(names, k.Name), units+k.Units
		}
	}
	name := names[0]
	if len(names) > 1 {
		name = "{" + strings.Join(names, ", ") + "}"
	}
	return fmt.Sprintf("corpus.%s [%s, %s]", name, svg.Count(p.c.Settled), svg.Count(units))
}

// needsText is a button that brings a text, where there is no corpus.
func (p *part) needsText() []figure.Control {
	if p.c != nil {
		return nil
	}
	return []figure.Control{{Kind: "button", Key: "do:" + figure.DoTexts, Label: p.t("corpus.choose")}}
}

func note(text string) figure.Block {
	return figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}}
}

const rowH = 20 // of rows that are only looked at

// rowH is the height of a row that does something: a finger needs more.
func (p *part) rowH() float64 {
	if p.in.Touch {
		return 36
	}
	return rowH
}

func finite(v float64) bool { return v-v == 0 }
