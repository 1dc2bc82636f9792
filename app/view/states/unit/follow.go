package unit

import (
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// chosen is the annotation that units are ranked by.
type chosen struct {
	track protocol.Track
	label string // of a track of labels
}

// follow are the panels about which units follow an annotation best.
func (p *part) follow() []figure.Panel {
	f := figure.Panel{ID: "follow", Class: "su-full", Title: []figure.Span{{Text: p.t("follow")}}, Names: p.names(true), Controls: p.needsText()}
	if text := p.corpusNote(); text != "" {
		f.HTML = append(f.HTML, note(text))
	}
	if p.c == nil || p.c.Info == nil {
		return []figure.Panel{f}
	}
	k, ok := p.chosen()
	if !ok {
		f.HTML = append(f.HTML, note(p.t("follow.none")))
		return []figure.Panel{f}
	}
	f.Controls = p.trackControls(k)
	if !p.ready() {
		return []figure.Panel{f}
	}
	r, fresh := p.in.Rank(p.rank(k.track.Name, k.label, p.c.Settled))
	if r == nil {
		if fresh { // it has no answer
			f.HTML = append(f.HTML, note(p.t("follow.cannot")))
		} else {
			f.Busy = p.t("busy")
		}
		return []figure.Panel{f, p.best(k)}
	}
	f.HTML = append([]figure.Block{{Kind: "title", Spans: p.said(k, r)}}, f.HTML...)
	if about := "track." + k.track.Name + ".about"; !k.track.Own && p.l.Has(about) {
		f.HTML = append(f.HTML, note(p.t("follow.about", p.track(k.track), p.l.T(about))))
	}
	if p.bits() {
		f.HTML = append(f.HTML, note(p.t("follow.bits")))
	}
	return []figure.Panel{f, p.rankPicture(k, r), p.best(k), p.distribution(k, r)}
}

const ranked = 12 // units that are drawn as rows

// rank is the question which units follow an annotation.
func (p *part) rank(track, label string, upto int) protocol.Rank {
	q := protocol.Rank{Corpus: p.c.Info.ID, Upto: upto, Track: track, Label: label, N: ranked}
	if p.bits() {
		q.Cuts = p.c.Info.Cuts
	}
	return q
}

// chosen is what the state says, else the depth of brackets, else the first that is a number, else the first label.
func (p *part) chosen() (chosen, bool) {
	tracks := p.c.Info.Tracks
	want := p.in.State.Opt("states.follow", "")
	for _, t := range tracks {
		if label, ok := strings.CutPrefix(want, t.Name+":"); ok && slices.Contains(t.Labels, label) {
			return chosen{t, label}, true
		}
		if want == t.Name && want != "" {
			return first(t), true
		}
	}
	for _, fits := range []func(t protocol.Track) bool{
		func(t protocol.Track) bool { return t.Name == "depth" },
		func(t protocol.Track) bool { return len(t.Labels) == 0 },
		func(t protocol.Track) bool { return true },
	} {
		if i := slices.IndexFunc(tracks, fits); i >= 0 {
			return first(tracks[i]), true
		}
	}
	return chosen{}, false
}

func first(t protocol.Track) chosen {
	switch {
	case yesNo(t):
		return chosen{t, "yes"}
	case len(t.Labels) > 0:
		return chosen{t, t.Labels[0]}
	}
	return chosen{track: t}
}

// yesNo reports whether a track only says whether something is so: of its two labels one says all.
func yesNo(t protocol.Track) bool { return slices.Equal(t.Labels, []string{"no", "yes"}) }

// key is the choice as the state has it.
func (k chosen) key() string {
	if k.label != "" {
		return k.track.Name + ":" + k.label
	}
	return k.track.Name
}

// words is the choice in words.
func (p *part) words(k chosen) string {
	if k.label == "" || yesNo(k.track) && k.label == "yes" {
		return p.track(k.track)
	}
	return p.t("follow.is", p.track(k.track), p.label(k.track, k.label))
}

// trackControls choose the track and, of one that has labels, the label.
func (p *part) trackControls(k chosen) []figure.Control {
	c := figure.Control{Kind: "select", Key: "o.states.follow", Label: p.t("follow.track"), Value: k.track.Name}
	for _, t := range p.c.Info.Tracks {
		c.Options = append(c.Options, figure.Option{Value: t.Name, Label: p.track(t)})
	}
	out := []figure.Control{c}
	if k.label == "" || yesNo(k.track) {
		return out
	}
	l := figure.Control{Kind: "select", Key: "o.states.follow", Label: p.t("follow.which"), Value: k.key()}
	for _, label := range k.track.Labels {
		l.Options = append(l.Options, figure.Option{Value: k.track.Name + ":" + label, Label: p.label(k.track, label)})
	}
	return append(out, l)
}

// plain is how far from chance a value must be for a unit to be said to follow an annotation.
const plain = .5

// said is the answer as a sentence: "Unit 61 of layers.0.cell follows depth: r = 0.986 over 20,000 tokens."
func (p *part) said(k chosen, r *protocol.RankResult) []figure.Span {
	if len(r.Rows) == 0 {
		return []figure.Span{{Text: p.t("said.none", p.words(k))}}
	}
	best := r.Rows[0]
	i, own := p.Of(best.Unit)
	key := "said." + r.By
	switch off := strength(r.By, best.Value); {
	case off > -plain && off < plain:
		key += ".near"
	case off < 0:
		key += ".down"
	}
	unit := figure.Span{Text: p.t("said.unit", own), Set: p.Choose(best.Unit), H: p.lit(p.Sources[i].Name, own)}
	return fill(p.t(key), map[string]figure.Span{"a": unit, "b": {Text: p.Sources[i].Name}, "c": {Text: p.words(k), Bold: true},
		"d": {Text: svg.Fixed(best.Value, 3)}, "e": {Text: svg.Count(r.Tokens)}, "f": {Text: svg.Count(r.With)}})
}

// fill puts spans into the places {a}, {b}, .. of a text.
func fill(text string, at map[string]figure.Span) (out []figure.Span) {
	for text != "" {
		before, rest, ok := strings.Cut(text, "{")
		if before != "" {
			out = append(out, figure.Span{Text: before})
		}
		if !ok {
			return out
		}
		var name string
		name, text, _ = strings.Cut(rest, "}")
		out = append(out, at[name])
	}
	return out
}

// strength is how far a value is from chance, -1 to 1.
func strength(by string, v float64) float64 {
	if by == "auc" {
		return 2*v - 1
	}
	return v
}

// symbol is how the measure is written.
func symbol(by string) string {
	if by == "auc" {
		return "AUC"
	}
	return "r"
}
