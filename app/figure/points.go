package figure

import (
	"slices"

	"loupe/engine/protocol"
)

// Joined are points and others behind them, whose columns are those of the same names.
func Joined(a, b *protocol.PointsResult) *protocol.PointsResult {
	p := *a
	p.N += b.N
	p.Names, p.IDs = slices.Concat(a.Names, b.Names), slices.Concat(a.IDs, b.IDs)
	p.Sentences, p.Sentence = slices.Concat(a.Sentences, b.Sentences), slices.Clone(a.Sentence)
	for _, i := range b.Sentence {
		p.Sentence = append(p.Sentence, len(a.Sentences)+i)
	}
	p.Columns = slices.Clone(a.Columns)
	for i := range p.Columns {
		c := &p.Columns[i]
		c.Values, c.Labels = slices.Clone(c.Values), slices.Clone(c.Labels)
		for _, o := range b.Columns {
			if o.Name == c.Name {
				c.Values = append(c.Values, relabelled(c, &o)...)
			}
		}
	}
	return &p
}

// relabelled are the values of a column as another one has them, which takes up labels that it has not.
func relabelled(to, from *protocol.Column) []float32 {
	if from.Labels == nil {
		return from.Values
	}
	out := slices.Clone(from.Values)
	for i, v := range out {
		if v != v {
			continue
		}
		label := from.Labels[int(v)]
		at := slices.Index(to.Labels, label)
		if at < 0 {
			at = len(to.Labels)
			to.Labels = append(to.Labels, label)
		}
		out[i] = float32(at)
	}
	return out
}
