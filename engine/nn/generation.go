package nn

import "math"

// Generation is the keys of transformers' configs that say how a target is looked for, for a Config of an encoder-decoder to embed.
type Generation struct {
	Start     *int     `json:"decoder_start_token_id"`
	ForcedBOS *int     `json:"forced_bos_token_id"`
	ForcedEOS *int     `json:"forced_eos_token_id"`
	BadWords  [][]int  `json:"bad_words_ids"`
	Beam      int      `json:"num_beams"`
	Length    *float64 `json:"length_penalty"`
	Most      int      `json:"max_length"`
}

// Seq is what they say; start is the first token where they say none. Of words that are never written those of one token count.
func (g *Generation) Seq(start int, ends ...int) Seq {
	s := Seq{Start: Or(g.Start, start), Ends: ends, First: Or(g.ForcedBOS, -1), Last: Or(g.ForcedEOS, -1), Beam: max(g.Beam, 0), Length: Or(g.Length, math.NaN()), Most: max(g.Most, 0)}
	for _, w := range g.BadWords {
		if len(w) == 1 {
			s.Never = append(s.Never, w[0])
		}
	}
	return s
}

// Or is what a config says, or def where it says nothing.
func Or[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}
