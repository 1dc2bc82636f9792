package service

import (
	"math"
	"slices"

	"loupe/engine/annotation"
	"loupe/engine/protocol"
)

// column is an annotation of the corpus.
type column struct {
	protocol.Track // without values
	// what it is made of, document by document, when it is first asked for; nil: values are of all tokens
	make   func(t *annotation.Text, d *document) []float32
	docs   int // that are made
	values compact
	live   func(pos int) float32 // what the run says; nil: values count
}

// at is the value of token pos, which is made.
func (k *column) at(pos int) float32 {
	if k.live != nil {
		return k.live(pos)
	}
	return k.values.at(pos)
}

// column is the annotation of that name, made for tokens before upto; nil: there is none.
func (c *texts) column(name string, upto int, yield func() error) (*column, error) {
	i := slices.IndexFunc(c.tracks, func(k *column) bool { return k.Name == name })
	if i < 0 {
		return nil, nil
	}
	k := c.tracks[i]
	for k.live == nil && k.make != nil && k.values.len() < upto {
		d := &c.docs[k.docs]
		k.values.add(k.make(c.text(d), d))
		k.docs++
		if err := yield(); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// text is a document as annotations are made of it.
func (c *texts) text(d *document) *annotation.Text {
	t := &annotation.Text{Text: d.Text, Tokens: make([]annotation.Token, d.hi-d.lo), Sentences: d.Sentences}
	for i := range t.Tokens {
		k := d.lo + i
		t.Tokens[i] = annotation.Token{ID: int(c.ids[k]), Start: int(c.start[k]), End: int(c.end[k])}
	}
	return t
}

// makeTracks lists the annotations that a corpus has: what its files brought, and what is built in.
func (s *Service) makeTracks(c *texts) {
	for i := range c.docs {
		for _, t := range c.docs[i].Tracks {
			c.brought(t)
		}
	}
	for i := range annotation.Builtins {
		b := &annotation.Builtins[i]
		if s.recordsTrack(b.Name) {
			continue
		}
		k := &column{Track: protocol.Track{Name: b.Name, Labels: b.Labels}}
		if b.Needs == "prediction" {
			if !s.corpusPredicts() {
				continue
			}
			k.live = c.said(b.Name)
		} else if fits := func(d document) bool { return b.Fits(&annotation.Text{Text: d.Text}) }; !slices.ContainsFunc(c.docs, fits) {
			continue
		}
		k.make = func(t *annotation.Text, _ *document) []float32 { return b.Make(t, c.counts) }
		c.tracks = append(c.tracks, k)
	}
	c.listTracks()
}

// listTracks puts them into the corpus's description.
func (c *texts) listTracks() {
	c.info.Tracks = nil
	for _, k := range c.tracks {
		c.info.Tracks = append(c.info.Tracks, k.Track)
	}
}

// said is an annotation that the run makes.
func (c *texts) said(name string) func(pos int) float32 {
	return func(pos int) float32 {
		switch {
		case pos >= c.store.Len():
			return nan
		case name == "surprisal":
			return float32(float64(c.score.surprisal[pos]) / math.Ln2)
		case name == "entropy":
			return float32(float64(c.score.entropy[pos]) / math.Ln2)
		case c.score.rank[pos] == noRank:
			return nan
		}
		return float32(c.score.rank[pos])
	}
}

// brought adds an annotation of words that a document's file brought, or only its labels, if other documents have it, too.
func (c *texts) brought(t annotation.Track) {
	i := slices.IndexFunc(c.tracks, func(k *column) bool { return k.Own && k.Name == t.Name })
	if i < 0 {
		i = len(c.tracks)
		k := &column{Track: protocol.Track{Name: t.Name, Own: true}}
		k.make = func(text *annotation.Text, d *document) []float32 { return k.spread(text, d) }
		c.tracks = append(c.tracks, k)
	}
	k := c.tracks[i]
	for _, l := range t.Labels {
		if !slices.Contains(k.Labels, l) {
			k.Labels = append(k.Labels, l)
		}
	}
}

// spread gives tokens the values of a document's words, in labels of the whole corpus.
func (k *column) spread(text *annotation.Text, d *document) []float32 {
	i := slices.IndexFunc(d.Tracks, func(t annotation.Track) bool { return t.Name == k.Name })
	if i < 0 {
		return slices.Repeat([]float32{nan}, len(text.Tokens))
	}
	t := &d.Tracks[i]
	if (t.Labels == nil) != (len(k.Labels) == 0) { // numbers in this file, labels in another
		return slices.Repeat([]float32{nan}, len(text.Tokens))
	}
	values := slices.Clone(t.Values)
	if len(k.Labels) > 0 {
		for i, v := range values {
			if v == v {
				values[i] = float32(slices.Index(k.Labels, t.Labels[int(v)]))
			}
		}
	}
	return annotation.Spread(text, d.Words, values)
}

// compact keeps numbers exactly and in little room: as bytes or words as long as all are whole and small. The largest of each is NaN.
type compact struct {
	b []uint8
	w []uint16
	f []float32
}

func (k *compact) len() int     { return len(k.b) + len(k.w) + len(k.f) }
func (k *compact) bytes() int64 { return int64(cap(k.b)) + 2*int64(cap(k.w)) + 4*int64(cap(k.f)) }

func (k *compact) at(i int) float32 {
	switch {
	case i < len(k.b) && k.b[i] < math.MaxUint8:
		return float32(k.b[i])
	case i < len(k.w) && k.w[i] < math.MaxUint16:
		return float32(k.w[i])
	case i < len(k.f):
		return k.f[i]
	}
	return nan
}

func (k *compact) add(values []float32) {
	for _, v := range values {
		whole := v >= 0 && v == float32(uint32(v))
		n := k.len()
		switch {
		case k.w == nil && k.f == nil && (v != v || whole && v < math.MaxUint8):
			if v != v {
				v = math.MaxUint8
			}
			k.b = append(k.b, uint8(v))
		case k.f == nil && (v != v || whole && v < math.MaxUint16):
			for i := len(k.w); i < n; i++ {
				k.w = append(k.w, word(k.at(i)))
			}
			k.b, k.w = nil, append(k.w, word(v))
		default:
			for i := len(k.f); i < n; i++ {
				k.f = append(k.f, k.at(i))
			}
			k.b, k.w, k.f = nil, nil, append(k.f, v)
		}
	}
}

func word(v float32) uint16 {
	if v != v {
		return math.MaxUint16
	}
	return uint16(v)
}
