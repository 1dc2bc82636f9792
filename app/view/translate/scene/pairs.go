package scene

import (
	"slices"
	"strings"

	"loupe/app/figure"
)

// Pairs are the pairs of source and reference that the view works on; nil: there are none.
func (s *Scene) Pairs() *figure.Pairs { return s.In.OpenPairs(s.Spec()) }

// Spec is which pairs the state names: those that come with the model, unless a person chose others or none. All parts of the view ask for the same, or
// they would begin anew at every drawing. Where a test set is looked at, they are translated too.
func (s *Scene) Spec() figure.PairsSpec {
	text := s.In.State.Opt("translate.pairs", "builtin")
	if text == "none" {
		text = ""
	}
	return figure.PairsSpec{Text: text, Source: s.In.State.Opt("translate.psource", ""), Target: s.In.State.Opt("translate.ptarget", ""),
		States: []string{s.Seq.Encoder, s.Seq.Decoder, s.Seq.Mixed}, Score: s.In.State.Opt("translate.part", "") == "tests", Decode: Decode(s.In)}
}

// Sentence is tokens of the source as a person writes them: without those that the tokenizer adds to every source.
func (s *Scene) Sentence(tokens []string) string {
	for _, t := range s.In.Run.Source {
		if slices.Contains(s.Seq.Specials, t.ID) && t.Start == t.End {
			tokens = slices.DeleteFunc(slices.Clone(tokens), func(w string) bool { return w == t.Text })
		}
	}
	between := " "
	if s.Seq.Tokenizer != "word" {
		between = ""
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.Join(tokens, between), "▁", " "))
}
