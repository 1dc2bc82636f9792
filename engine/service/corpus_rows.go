package service

import (
	"loupe/engine/protocol"
)

const (
	longestRow = 512    // tokens of a place, before it and after it that are given
	mostRows   = 10_000 // places that are listed at once
)

// limit is how many of n are given where so many are asked for.
func limit(asked, n int) int { return max(0, min(asked, n)) }

// listing is how places are listed: with the tokens around, never beyond their documents.
type listing struct {
	left, right int
	upto        int                   // tokens that were run
	tracks      []string              // annotations that are given
	on          func(pos int) float32 // units that are on; nil: nobody asked
}

// fill completes r.Rows by what stands there.
func (w *listing) fill(c *texts, s *Service, r *protocol.PlacesResult, yield func() error) error {
	columns := make([]*column, 0, len(w.tracks))
	for _, name := range w.tracks {
		k, err := c.column(name, len(c.ids), yield)
		if err != nil {
			return err
		}
		if k != nil {
			columns, r.Tracks = append(columns, k), append(r.Tracks, k.Track)
		}
	}
	for i := range r.Rows {
		p := &r.Rows[i]
		if p.Doc = c.doc(p.Pos); p.Len > longestRow {
			p.Len, p.Whole = longestRow, p.Len
		}
		d := &c.docs[p.Doc]
		p.Left = min(limit(w.left, longestRow), p.Pos-d.lo)
		p.Right = min(limit(w.right, longestRow), d.hi-p.Pos-p.Len)
		r.Documents = append(r.Documents, d.Name)
		for t := p.Pos - p.Left; t < p.Pos+p.Len+p.Right; t++ {
			r.Tokens = append(r.Tokens, s.names[c.ids[t]])
			surprisal, on := nan, nan
			if t < w.upto {
				surprisal = c.score.surprisal[t]
				if w.on != nil {
					on = w.on(t)
				}
			}
			r.Surprisal, r.On = append(r.Surprisal, surprisal), append(r.On, on)
			for k, col := range columns {
				r.Tracks[k].Values = append(r.Tracks[k].Values, col.at(t))
			}
		}
	}
	return nil
}
