package protocol

import "strings"

// Which attention of an encoder-decoder: of the source's tokens to one another, of the target's, and of the target's to the source's. Other
// models have that of their tokens, "".
const (
	HalfEncoder = "encoder"
	HalfDecoder = "decoder"
	HalfCross   = "cross"
)

// Attends are the activations [head, query, key] by which tokens look at others, one a layer.
func (m *Model) Attends(half string) (names []string) {
	for _, a := range m.Acts {
		of := ""
		switch {
		case !a.Heads || !strings.HasSuffix(a.Name, "attn.pattern"):
			continue
		case a.Cross:
			of = HalfCross
		case a.Source:
			of = HalfEncoder
		case m.Seq != nil:
			of = HalfDecoder
		}
		if of == half {
			names = append(names, a.Name)
		}
	}
	return names
}
