// Package axis is what the parts of the view States share: the columns of tokens, and what is selected.
package axis

import (
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/engine/protocol"
)

// Columns places the tokens of the text: plot, tracks, gates and matches share them.
type Columns struct {
	N      int
	Left   float64 // where the first begins; row labels stand before it
	Pitch  float64
	Turned bool    // labels stand aslant, for they are wider than their columns
	Head   float64 // height of the labels
}

const (
	SideW     = 252  // of the facts at the right
	Gap       = 40   // between
	wideFrom  = 1036 // content this wide has the facts at the right
	Slant     = 52   // degrees
	SlantMax  = 74   // widest label that stands aslant
	Narrowest = 13   // a column
)

// Side and Below are the columns in which panels stand: right of the plot, and below it (where there is no room, all below).
const (
	Side  = "st-side"
	Below = "st-below"
)

// Wide reports whether there is room for the facts at the right.
func Wide(in *figure.Input) bool { return in.Width >= wideFrom }

// Of places the tokens of the run.
func Of(in *figure.Input) Columns {
	c := Columns{N: len(in.Run.Tokens), Left: 112, Head: 22}
	room, least := in.Width, float64(Narrowest)
	if Wide(in) {
		room -= SideW + Gap
	}
	if in.Touch {
		c.Left, least = 104, 20
	}
	widest := 0.
	for _, t := range in.Run.Tokens {
		widest = max(widest, labelWidth(t))
	}
	fit := func(room float64) { c.Pitch = max(least, min(96, (room-c.Left)/float64(max(c.N, 1)))) }
	fit(room)
	if widest+3 > c.Pitch {
		c.Turned = true
		c.Head = 14 + min(widest, SlantMax)*math.Sin(Slant*math.Pi/180)
		fit(room - c.over())
	}
	return c
}

func labelWidth(t protocol.Token) float64 {
	body, space := plot.Visible(t.Text)
	w := plot.Width(body, 12)
	if space {
		w += 5
	}
	return w
}

// Edge is where column t begins, X its middle.
func (c Columns) Edge(t int) float64 { return c.Left + float64(t)*c.Pitch }
func (c Columns) X(t int) float64    { return c.Edge(t) + c.Pitch/2 }

// Right is where the last one ends; Width leaves room for an aslant label.
func (c Columns) Right() float64 { return c.Edge(c.N) }
func (c Columns) Width() float64 {
	return c.Right() + c.over()
}

// over is how far an aslant label goes beyond the last column.
func (c Columns) over() float64 {
	if !c.Turned {
		return 0
	}
	return min(SlantMax*math.Cos(Slant*math.Pi/180), c.Head)
}

// Half parts "decoder." or "encoder." of a name of an encoder-decoder's from the rest; other names have no such half.
func Half(name string) (half, rest string) {
	for _, half := range []string{protocol.HalfEncoder + ".", protocol.HalfDecoder + "."} {
		if rest, ok := strings.CutPrefix(name, half); ok {
			return half, rest
		}
	}
	return "", name
}

// OfSource reports whether the columns are the tokens of a source: those of an encoder.
func OfSource(in *figure.Input) bool {
	return in.Model.Seq != nil && len(in.Model.Acts) > 0 && in.Model.Acts[0].Source
}

// Hover is what all marks of column t ("{c}" in a picture of cells) share on the page, so that hover lights them together; Set are the pairs
// that choose it.
func Hover(in *figure.Input, t string) string {
	if OfSource(in) {
		return "s" + t
	}
	return "t" + t
}

func Set(in *figure.Input, t string) string {
	if OfSource(in) {
		return "o.translate.src=" + t
	}
	return "at=" + t
}

// Scene is what the parts of the view are told by the plot above them.
type Scene struct {
	In   *figure.Input
	Cols Columns
	Now  int
	// Sources are the activations that the plot shows, the chosen one first. Units count through all of them side by side, as in
	// protocol.Match.
	Sources []Source
	Unit    int   // the selected one, of Sources[0]
	Units   []int // those selected: on through the range, and added by hand
	Lo, Hi  int   // the range; Hi = 0: none
	Before  int   // tokens before the range at which the units must be off
	After   int
	Depth   bool // the text has brackets
	// Choose is the state pairs that select a unit, counted through all sources: one of a further source makes that the first.
	Choose func(unit int) string
}

// Source is an activation [N, Units] that the plot shows.
type Source struct {
	Name  string // "layers.1.hidden"
	What  string // "hidden"
	Layer int
	Units int
	X     []float32 // nil: not there yet
	Was   []float32 // without the changes; nil: there are none
	Cut   protocol.Cut
	Tanh  bool // shown, and its threshold counted, as the tanh of what is stored
}

// Ranged reports whether there is a range.
func (s *Scene) Ranged() bool { return s.Hi > s.Lo }

// Of is the source and the unit there of a unit counted through all of them.
func (s *Scene) Of(unit int) (source, own int) {
	for i := range s.Sources {
		if unit < s.Sources[i].Units {
			return i, unit
		}
		unit -= s.Sources[i].Units
	}
	return 0, 0
}

// Cuts are those of all sources.
func (s *Scene) Cuts() (cuts []protocol.Cut) {
	for i := range s.Sources {
		cuts = append(cuts, s.Sources[i].Cut)
	}
	return cuts
}

// Spec is the corpus that the view works on, as the state has it: the one that comes with the model or, where a person brought one, that.
func (s *Scene) Spec() figure.CorpusSpec {
	in := s.In
	def := ""
	switch {
	case in.Model.Seq != nil: // it reads pairs
		return figure.CorpusSpec{}
	case in.Model.Recorded > 0:
		def = "set"
	case in.Dropped != "":
		def = "file"
	case builtin(in):
		def = "builtin"
	}
	spec := figure.CorpusSpec{Text: in.State.Opt("states.corpus", def), Column: in.State.Opt("states.column", ""), Cuts: s.Cuts()}
	if spec.Text == "none" {
		spec.Text = ""
	}
	for i := range s.Sources {
		spec.Sources = append(spec.Sources, s.Sources[i].Name)
	}
	return spec
}

// builtin reports whether the open model is served with a corpus.
func builtin(in *figure.Input) bool {
	for i := range in.Cards {
		if c := &in.Cards[i]; c.ID == in.State.Model {
			return c.Corpus != nil
		}
	}
	return false
}
