package service

import (
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// nearCorpus finds where the units of a source are most like they are at a token of the session's text.
func (s *Service) nearCorpus(j *desk.Job, b protocol.CorpusNear) (*protocol.PlacesResult, error) {
	start := time.Now()
	c, n, err := s.theCorpus(b.Corpus, b.Upto)
	if err != nil {
		return nil, err
	}
	if err := s.position(b.Pos); err != nil {
		return nil, err
	}
	if b.Source < 0 || b.Source >= len(c.info.Sources) || !slices.Contains([]string{"cosine", "euclidean"}, b.Metric) {
		return nil, desk.BadRequest("near", "a source of the corpus, and cosine or euclidean", fmt.Sprintf("%d, %s", b.Source, b.Metric))
	}
	if err := c.needValues(); err != nil {
		return nil, err
	}
	lo := 0
	for _, k := range c.info.Sources[:b.Source] {
		lo += k.Units
	}
	source := c.info.Sources[b.Source]
	series, err := s.series(j, source.Name, false)
	if err != nil {
		return nil, err
	}
	list, err := c.store.Near(series.At(b.Pos), lo, lo+source.Units, n, limit(b.N, min(n, mostRows)), b.Metric, j.Yield)
	if err != nil {
		return nil, err
	}
	r := &protocol.PlacesResult{Total: n}
	for _, k := range list {
		r.Rows = append(r.Rows, protocol.Place{Pos: k.Pos, Len: 1, Score: k.Score})
	}
	w := listing{left: b.Left, right: b.Right, upto: n, tracks: b.Tracks}
	if err := w.fill(c, s, r, j.Yield); err != nil {
		return nil, err
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// needValues refuses what bits cannot answer.
func (c *texts) needValues() error {
	if c.store.HasValues() {
		return nil
	}
	return &protocol.Error{Code: "only-bits", Detail: "service: the corpus was too large to keep values: only one bit a unit is there"}
}

// findCorpus finds a phrase, whatever the case.
func (s *Service) findCorpus(j *desk.Job, b protocol.CorpusFind) (*protocol.PlacesResult, error) {
	start := time.Now()
	c, n, err := s.theCorpus(b.Corpus, b.Upto)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprint(n, b.Text)
	var places []protocol.Place
	if v, ok := c.held("find", key); ok {
		places = v.([]protocol.Place)
	} else {
		for i := range c.docs {
			if d := &c.docs[i]; b.Text != "" && d.lo < n {
				places = append(places, c.phrase(d, b.Text, min(d.hi, n))...)
			}
			if err := j.Yield(); err != nil {
				return nil, err
			}
		}
		c.keep("find", key, places)
	}
	r := &protocol.PlacesResult{Total: len(places), Rows: slices.Clone(page(places, b.From, b.N))}
	w := listing{left: b.Left, right: b.Right, upto: n}
	if err := w.fill(c, s, r, j.Yield); err != nil {
		return nil, err
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// phrase is where a phrase stands in the tokens of a document before hi: from the token that has its first byte to the one that has its last.
func (c *texts) phrase(d *document, phrase string, hi int) (places []protocol.Place) {
	var begins [256]bool // a place, with its first byte
	first, _ := utf8.DecodeRuneInString(phrase)
	for r := unicode.SimpleFold(first); ; r = unicode.SimpleFold(r) {
		if begins[string(r)[0]] = true; r == first {
			break
		}
	}
	t := d.lo
	for at := 0; at < len(d.Text); {
		n := 0
		if begins[d.Text[at]] {
			n = prefix(d.Text[at:], phrase)
		}
		if n == 0 {
			at++
			continue
		}
		for t < hi && int(c.end[t]) <= at {
			t++
		}
		to := t
		for to < hi && int(c.start[to]) < at+n {
			to++
		}
		if t == hi {
			break
		}
		if p := (protocol.Place{Pos: t, Len: to - t}); p.Len > 0 && int(c.end[to-1]) >= at+n && !slices.Contains(places[max(0, len(places)-1):], p) {
			places = append(places, p) // all of it was run; twice in the same tokens counts once
		}
		at += n
	}
	return places
}

// unitCorpus describes one unit: where it is highest and lowest, and how its values are spread.
func (s *Service) unitCorpus(j *desk.Job, b protocol.CorpusUnit) (*protocol.CorpusUnitResult, error) {
	c, n, err := s.theCorpus(b.Corpus, b.Upto)
	if err != nil {
		return nil, err
	}
	if b.Unit < 0 || b.Unit >= c.store.Units() {
		return nil, desk.BadRequest("unit", fmt.Sprintf("0 to %d", c.store.Units()-1), b.Unit)
	}
	if err := c.needValues(); err != nil {
		return nil, err
	}
	values := make([]float32, n)
	c.store.Column(values, b.Unit)
	r := &protocol.CorpusUnitResult{}
	var counts []int
	r.Lo, r.Hi, r.Mean, r.SD, counts = c.store.Histogram(b.Unit, n, min(max(b.Bins, 1), 1000))
	for _, k := range counts {
		r.Counts = append(r.Counts, float32(k))
	}
	for _, side := range []struct {
		r      *protocol.PlacesResult
		values *[]float32
		lowest bool
	}{{&r.High, &r.HighValues, false}, {&r.Low, &r.LowValues, true}} {
		if err := j.Yield(); err != nil {
			return nil, err
		}
		side.r.Total = n
		for _, k := range c.store.Extremes(b.Unit, n, limit(b.N, mostRows), 3, side.lowest) {
			side.r.Rows = append(side.r.Rows, protocol.Place{Pos: k.Pos, Len: 1, Score: k.Score})
		}
		w := listing{left: b.Left, right: b.Right, upto: n}
		if err := w.fill(c, s, side.r, j.Yield); err != nil {
			return nil, err
		}
		for _, p := range side.r.Rows {
			for t := p.Pos - p.Left; t < p.Pos+p.Len+p.Right; t++ {
				v := nan
				if t < n {
					v = values[t]
				}
				*side.values = append(*side.values, v)
			}
		}
	}
	return r, nil
}

// placeCorpus gives the text around a place.
func (s *Service) placeCorpus(_ *desk.Job, b protocol.CorpusPlace) (*protocol.CorpusPlaceResult, error) {
	c, _, err := s.theCorpus(b.Corpus, 0)
	if err != nil {
		return nil, err
	}
	if b.Pos < 0 || b.Len < 1 || b.Pos+b.Len > len(c.ids) {
		return nil, desk.BadRequest("place", fmt.Sprintf("within 0 to %d", len(c.ids)), fmt.Sprintf("%d of %d", b.Len, b.Pos))
	}
	most := min(max(b.Most, 1), s.about.Context)
	d := &c.docs[c.doc(b.Pos)]
	lo, hi := d.lo, d.hi // what the model read in one go: states are the same from its beginning on
	for _, end := range c.pieces {
		if end <= b.Pos {
			lo = max(lo, end)
		} else {
			hi = min(hi, end)
			break
		}
	}
	to := min(hi, b.Pos+b.Len+most/8)
	from := max(lo, min(to-most, b.Pos))
	to = min(to, from+most)
	r := &protocol.CorpusPlaceResult{Pos: b.Pos - from, Len: min(b.Len, to-b.Pos), Skipped: from - lo}
	for _, id := range c.ids[from:to] {
		r.IDs = append(r.IDs, int(id))
	}
	r.Text = d.Text[c.start[from]:c.end[to-1]]
	return r, nil
}
