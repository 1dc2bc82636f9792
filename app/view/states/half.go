package states

import (
	"slices"

	"loupe/app/figure"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// Of an encoder-decoder one half is shown at a time, the choice o.states.half: its tokens are the columns, its activations the sources.
var halves = []string{protocol.HalfEncoder, protocol.HalfDecoder}

// halfOf is what one half sees of an encoder-decoder: its tokens, activations and which token is now. Other models are as they are.
func halfOf(in *figure.Input) *figure.Input {
	if in.Model.Seq == nil {
		return in
	}
	c, m, run, st := *in, *in.Model, *in.Run, in.State.Clone()
	encoder := st.Opt("states.half", "") == protocol.HalfEncoder
	m.Acts = slices.DeleteFunc(slices.Clone(m.Acts), func(a protocol.Act) bool { return a.Source != encoder || a.Cross })
	delete(st.Opts, "states.tab") // there is one
	switch {
	case encoder: // nothing is predicted, and annotations are of the target
		m.Logits = false
		run = protocol.RunResult{Rev: run.Rev, Text: run.SourceText, Tokens: run.Source}
		st.At = max(0, figure.ChosenSource(st))
		c.Fetch = func(op string, body any) any {
			if op == protocol.OpTracks {
				return nil
			}
			return in.Fetch(op, body)
		}
	case st.At < 0 && len(run.Tokens) > 0:
		st.At = figure.LeastLikely(&run)
	}
	c.Model, c.Run, c.State = &m, &run, st
	return &c
}

// halfControl switches between the halves: a range, and units that were added or left out, are of one of them.
func (d *drawing) halfControl() figure.Control {
	half := protocol.HalfDecoder
	if d.in.State.Opt("states.half", "") == protocol.HalfEncoder {
		half = protocol.HalfEncoder
	}
	return d.radio("range=&o.states.pin=&o.states.out=&o.states.solo=&o.states.also=&o.states.half={}", "states.half", half, halves, "attn.half.")
}

// source reports whether the columns are tokens of a source.
func (d *drawing) source() bool { return axis.OfSource(d.in) }

// closed says what there is not of an encoder-decoder, and where the like is.
func (d *drawing) closed() figure.Block {
	return figure.Block{Kind: "note", Spans: figure.Sentence(d.l.T("states.closed"), map[string]figure.Span{
		"near": {Text: d.l.T("tab.translate"), Set: "view=translate&o.translate.part="}})}
}
