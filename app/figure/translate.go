package figure

import (
	"net/url"
	"strconv"

	"loupe/app/state"
	"loupe/engine/protocol"
)

// LeastLikely is the token of the text of which the model was least sure: in a target a reader begins there.
func LeastLikely(r *protocol.RunResult) int {
	at := len(r.Tokens) - 1
	for i, v := range r.Surprisal {
		if i > 0 && v > r.Surprisal[at] {
			at = i
		}
	}
	return at
}

// ChosenSource is the token of the source that is chosen, or -1.
func ChosenSource(st *state.State) int {
	if j, err := strconv.Atoi(st.Opt("translate.src", "")); err == nil {
		return j
	}
	return -1
}

// Translation is a search for targets of a source.
func (in *Input) Translation(q protocol.Translate) *protocol.Translation {
	return fetch[protocol.Translation](in, protocol.OpTranslate, q)
}

// Translated is an activation of one hypothesis of a translation.
func (in *Input) Translated(q protocol.Translated) *protocol.Array {
	return fetch[protocol.Array](in, protocol.OpTranslated, q)
}

// Reference is how a target that is given stands to what a translation found.
func (in *Input) Reference(q protocol.Reference) *protocol.ReferenceResult {
	return fetch[protocol.ReferenceResult](in, protocol.OpReference, q)
}

// Alike lists the tokens whose embeddings are most like one's.
func (in *Input) Alike(q protocol.Alike) *protocol.FindResult {
	return fetch[protocol.FindResult](in, protocol.OpAlike, q)
}

// FindSource lists tokens of the source's vocabulary by their text.
func (in *Input) FindSource(text string, n int) *protocol.FindResult {
	return fetch[protocol.FindResult](in, protocol.OpFind, protocol.Find{Text: text, N: n, Source: true})
}

// PairsSpec is pairs of source and reference that a view wants: what it reads off the state.
type PairsSpec struct {
	// Text: "builtin" (Card.Pairs), "file" (what the person dropped or pasted), "" (none).
	Text           string
	Source, Target string   // columns; "" = those that look like them
	States         []string // activations that are kept
	Score          bool
	Decode         protocol.Decode
}

// Pairs are the pairs as they are now. They are run for as long as a view asks for them.
type Pairs struct {
	Spec    PairsSpec
	Name    string
	Info    *protocol.PairsInfo // nil: they are still being read
	Filled  protocol.PairsFilled
	Settled int // pairs that questions are about
	Running bool
	Paused  bool // by the person
	Err     *protocol.Error
}

// OpenPairs gives pairs, and begins to read and run them; nil if the spec names none or there are none.
func (in *Input) OpenPairs(spec PairsSpec) *Pairs {
	if in.PairsOf == nil || spec.Text == "" {
		return nil
	}
	return in.PairsOf(spec)
}

// PairsNear is which kept states are most like one of a hypothesis.
func (in *Input) PairsNear(q protocol.PairsNear) (*protocol.PairsNearResult, bool) {
	return asked[protocol.PairsNearResult](in, protocol.OpPairsNear, q)
}

// PairsEach is which kept states are most like each of a hypothesis.
func (in *Input) PairsEach(q protocol.PairsEach) (*protocol.PairsEachResult, bool) {
	return asked[protocol.PairsEachResult](in, protocol.OpPairsEach, q)
}

// PairsRows is a page of scored pairs.
func (in *Input) PairsRows(q protocol.PairsRows) (*protocol.PairsRowsResult, bool) {
	return asked[protocol.PairsRowsResult](in, protocol.OpPairsRows, q)
}

// What data-do and buttons can do about translations.
const (
	DoPairs     = "pairs"   // choose files of pairs, or paste some
	DoPairsRun  = "pairs="  // + "pause", "run", "forget"
	DoTranslate = "source=" // + a source: it becomes the session's text, without changes
	DoPair      = "pair="   // + a source, "&" and its reference, both escaped; see Opening
	DoTargets   = "nbest="  // + "tsv", "json": save the hypotheses, or the whole run
	DoScores    = "scores=" // + "tsv": save the scored pairs
)

// Opening is the data-do that makes a source the session's text, compared with its reference; "": with none.
func Opening(source, reference string) string {
	if reference == "" {
		return DoTranslate + source
	}
	return DoPair + url.QueryEscape(source) + "&" + url.QueryEscape(reference)
}
