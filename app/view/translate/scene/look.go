package scene

import "loupe/engine/protocol"

// Look is how one head, or the mean of all, looks at the source.
type Look struct {
	Steps, N int // N: tokens of the source
	head     int // -1: the mean
	attn     *protocol.Array
}

// Looks is how the chosen layer and head look at the source in a hypothesis of any translation; nil: not there yet, or there is no attention.
func (s *Scene) Looks(q protocol.Translate, hyp int) *Look {
	if s.Layer < 0 {
		return nil
	}
	attn := s.In.Translated(protocol.Translated{Of: q, Hyp: hyp, Name: s.Seq.Cross[s.Layer]})
	if attn == nil || len(attn.Shape) != 3 {
		return nil
	}
	return LookOf(attn, s.Head)
}

// LookOf is how a head, or the mean of all (-1, or one that there is not), looks at the source in attention [heads, steps, source].
func LookOf(attn *protocol.Array, head int) *Look {
	if head >= attn.Shape[0] {
		head = -1
	}
	return &Look{attn.Shape[1], attn.Shape[2], head, attn}
}

// Row are the weights at a step, [source].
func (k *Look) Row(step int) []float32 {
	row := func(h int) []float32 { return k.attn.Data[(h*k.Steps+step)*k.N:][:k.N] }
	if k.head >= 0 {
		return row(k.head)
	}
	heads := k.attn.Shape[0]
	mean := make([]float32, k.N)
	for h := range heads {
		for j, v := range row(h) {
			mean[j] += v / float32(heads)
		}
	}
	return mean
}
