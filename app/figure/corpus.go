package figure

import "loupe/engine/protocol"

// CorpusSpec is a corpus that a view wants: what it reads off the state.
type CorpusSpec struct {
	// Text: "builtin" (Card.Corpus), "file" (what the person dropped or pasted), "set" (of a recorded set: itself), "" (none).
	Text string
	// Sources are the activations that are kept.
	Sources []string
	Column  string // of a table or JSON lines; "" = the one that looks like the text's
	// Cuts are by what a corpus that is too large for values keeps bits. They do not make another corpus of one that fits.
	Cuts []protocol.Cut
}

// Corpus is the corpus as it is now. It fills for as long as a view asks for it.
type Corpus struct {
	Spec    CorpusSpec
	Name    string               // of the text: a file's, the card's title
	Info    *protocol.CorpusInfo // nil: it is still being read
	Filled  protocol.CorpusFilled
	Settled int // tokens that questions are about: it follows Filled in steps, so that answers stay for a while
	Running bool
	Paused  bool // by the person
	Step    *protocol.Step
	Err     *protocol.Error // why there is none
}

// OpenCorpus gives a corpus, and begins to read and fill it; nil if the spec names none or there is no such text.
func (in *Input) OpenCorpus(spec CorpusSpec) *Corpus {
	if in.Corpora == nil || spec.Text == "" {
		return nil
	}
	return in.Corpora(spec)
}

// asked is a question about the corpus. The answer to the last question of the same kind is returned while that to this one is on its way;
// fresh says that it is this one's.
func asked[T any](in *Input, op string, body any) (r *T, fresh bool) {
	if in.AskCorpus == nil {
		return nil, false
	}
	v, fresh := in.AskCorpus(op, body)
	r, _ = v.(*T)
	return r, fresh
}

// Matches is where the same units are on.
func (in *Input) Matches(q protocol.Match) (*protocol.PlacesResult, bool) {
	return asked[protocol.PlacesResult](in, protocol.OpCorpusMatch, q)
}

// Lift is what matches have more often than chance.
func (in *Input) Lift(q protocol.Match) (*protocol.LiftResult, bool) {
	return asked[protocol.LiftResult](in, protocol.OpCorpusLift, q)
}

// CorpusNear is where the state is most like the one at a token of the text.
func (in *Input) CorpusNear(q protocol.CorpusNear) (*protocol.PlacesResult, bool) {
	return asked[protocol.PlacesResult](in, protocol.OpCorpusNear, q)
}

// CorpusFind is where a phrase stands.
func (in *Input) CorpusFind(q protocol.CorpusFind) (*protocol.PlacesResult, bool) {
	return asked[protocol.PlacesResult](in, protocol.OpCorpusFind, q)
}

// Rank is which units follow an annotation best.
func (in *Input) Rank(q protocol.Rank) (*protocol.RankResult, bool) {
	return asked[protocol.RankResult](in, protocol.OpCorpusRank, q)
}

// CorpusUnit is one unit's strongest places.
func (in *Input) CorpusUnit(q protocol.CorpusUnit) (*protocol.CorpusUnitResult, bool) {
	return asked[protocol.CorpusUnitResult](in, protocol.OpCorpusUnit, q)
}

// Tracks are the annotations of the text: all that there are.
func (in *Input) Tracks() *protocol.TracksResult {
	return fetch[protocol.TracksResult](in, protocol.OpTracks, protocol.Tracks{Own: in.Annotated})
}

// Unit is what the weights say of a unit.
func (in *Input) Unit(name string, unit, n int) *protocol.UnitResult {
	return fetch[protocol.UnitResult](in, protocol.OpUnit, protocol.Unit{Name: name, Unit: unit, N: n})
}

// Memory is how far back tokens matter for the prediction after token pos.
func (in *Input) Memory(pos, most int) *protocol.MemoryResult {
	if !in.Model.Logits {
		return nil
	}
	return fetch[protocol.MemoryResult](in, protocol.OpMemory, protocol.Memory{Pos: pos, Most: most, Rev: in.Run.Rev})
}

// Beside is another served model run on the same text.
type Beside struct {
	Card    *Card
	Model   *protocol.Model
	Run     *protocol.RunResult
	Summary *protocol.SummaryResult
	Err     *protocol.Error
	// Of an encoder-decoder: the text translated as its files say but for what the person set, and of its best target the attention of each layer
	// of Seq.Cross and the decoder's states.
	Translation *protocol.Translation
	Cross       []*protocol.Array // [heads, steps, source]
	States      *protocol.Array   // [steps, d]
}

// Summary is how the open model uses the text.
func (in *Input) Summary(most int) *protocol.SummaryResult {
	return fetch[protocol.SummaryResult](in, protocol.OpSummary, protocol.Summary{Most: most, Rev: in.Run.Rev})
}
