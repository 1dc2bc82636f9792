package service

import (
	"slices"
	"strings"

	"loupe/engine/annotation"
	"loupe/engine/checkpoint"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// A recorded set (nn.Recorded) is no model: its text is a window of the one that was recorded.

const lstmvis = "lstmvis" // checkpoint.Checkpoint.Format

// firstWindow is how many tokens are shown where nothing says which.
const firstWindow = 60

// recording is the open model if it is a recorded set, else nil.
func (s *Service) recording() nn.Recorded {
	r, _ := s.model.(nn.Recorded)
	return r
}

// before is the state before the session's text.
func (s *Service) before() nn.State {
	if r := s.recording(); r != nil {
		return r.At(s.window[0])
	}
	return s.model.NewState()
}

// windowed takes the tokens of a window of a recorded set, cut to what there is and to what a text may have.
func (s *Service) windowed(b protocol.Run) (t text, window [2]int, warnings []protocol.Warning, err error) {
	if len(b.Changes) > 0 {
		return t, window, nil, notRun("change")
	}
	words := s.recording().Words()
	if window = b.Window; window[1] <= window[0] {
		window = [2]int{max(window[0], 0), max(window[0], 0) + firstWindow}
	}
	size := window[1] - window[0]
	if more := size - s.about.Context; more > 0 {
		warnings = append(warnings, protocol.Warning{Code: "text-cut", N: more})
		size = s.about.Context
	}
	window[0] = max(0, min(window[0], len(words)-size))
	window[1] = min(window[0]+size, len(words))
	t.ids = make([]int, 0, window[1]-window[0])
	for _, id := range words[window[0]:window[1]] {
		t.ids = append(t.ids, int(id))
	}
	spelt, tokens := s.tok.Spell(t.ids)
	t.text, t.tokens = spelt, s.tokens(tokens)
	return t, window, warnings, nil
}

// wordless reports whether files are a recorded set without a dictionary: its words are numbers.
func wordless(ck *checkpoint.Checkpoint) bool {
	return ck.Format == lstmvis && ck.Metadata["words"] == nil
}

// notRun refuses what only a model can do.
func notRun(what string) error {
	return &protocol.Error{Code: "recorded", Where: what, Detail: "service: what was recorded cannot be run again"}
}

// runOnly are the operations that run the model anew.
var runOnly = []string{protocol.OpPredict, protocol.OpEffects, protocol.OpGenerate, protocol.OpVectors, protocol.OpHeadScores, protocol.OpMemory, protocol.OpSummary, protocol.OpUnit}

// ofOneHalf are the operations that read a text by the decoder alone.
var ofOneHalf = []string{protocol.OpGenerate, protocol.OpVectors, protocol.OpMemory}

// refuse refuses what a recorded set, or an encoder-decoder, cannot do.
func (s *Service) refuse(op string) error {
	if s.recording() != nil && slices.Contains(runOnly, op) {
		return notRun(op)
	}
	if s.seq != nil && (slices.Contains(ofOneHalf, op) || strings.HasPrefix(op, "corpus.")) {
		return desk.BadRequest(op, "a model that is no encoder-decoder", s.info.Family)
	}
	if s.seq == nil && (strings.HasPrefix(op, "translate") || strings.HasPrefix(op, "pairs.")) {
		return desk.BadRequest(op, "an encoder-decoder", s.info.Family)
	}
	return nil
}

// recordedBad is the first activation of a recorded set that has a value in the text which is not finite; "": none.
func (s *Service) recordedBad(t *track) string {
	if s.recording() == nil {
		return ""
	}
	return s.firstBad(t, len(t.ids)-1)
}

// recordedTracks are a recorded set's own annotations of its tokens from..to.
func (s *Service) recordedTracks(from, to int) (out []protocol.Track) {
	r := s.recording()
	if r == nil {
		return nil
	}
	for _, t := range r.Tracks(from, to) {
		out = append(out, protocol.Track{Name: t.Name, Own: true, Labels: t.Labels, Values: t.Values})
	}
	return out
}

// recordsTrack reports whether a recorded set has an annotation of that name of its own.
func (s *Service) recordsTrack(name string) bool {
	r := s.recording()
	return r != nil && slices.ContainsFunc(r.Tracks(0, 0), func(t nn.Track) bool { return t.Name == name })
}

// leadTokens are how many tokens before a window are read, too, for what is counted from further back: open brackets, the line.
const leadTokens = 20_000

// builtin are the built-in annotations of the session's text. Those that a recorded set has itself are left out.
func (s *Service) builtin() []annotation.Track {
	r := s.recording()
	if r == nil {
		return annotation.Of(s.annotated(), nil)
	}
	lo, hi := s.window[0], s.window[0]+len(s.now.ids)
	lead := min(lo, leadTokens)
	ids := make([]int, 0, lead+hi-lo)
	for _, id := range r.Words()[lo-lead : hi] {
		ids = append(ids, int(id))
	}
	text, tokens := s.tok.Spell(ids)
	t := &annotation.Text{Text: text}
	for _, k := range tokens {
		t.Tokens = append(t.Tokens, annotation.Token(k))
	}
	tracks := slices.DeleteFunc(annotation.Of(t, nil), func(t annotation.Track) bool { return s.recordsTrack(t.Name) })
	for i := range tracks {
		tracks[i].Values = tracks[i].Values[lead:]
	}
	return tracks
}

// remarkRecorded says of a recorded set what it is.
func (s *Service) remarkRecorded(config []byte) error {
	r := s.recording()
	if r == nil {
		return nil
	}
	var c struct {
		Name string `json:"name"`
	}
	if err := nn.ReadConfig(config, &c); err != nil {
		return err
	}
	s.about.Recorded, s.about.Title = len(r.Words()), c.Name
	return nil
}
