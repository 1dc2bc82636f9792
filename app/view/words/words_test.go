package words

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/viewtest"
)

// model is word vectors with parts of speech, that a script of ours trained.
const model = "web/models/word-vectors"

// at is a state that maps few words in few iterations, so that a test is quick.
func at(pairs string) *state.State {
	st := state.New()
	st.View, st.Text = "words", "the king and the queen walked along the river"
	st.Patch("o.words.max=1200&o.words.iters=300&o.words.exagfor=100&" + pairs)
	return st
}

func TestShots(t *testing.T) {
	e := viewtest.Open(t, model)
	for name, pairs := range map[string]string{
		"map": "o.words.max=8000&o.words.iters=500", "chosen": "o.words.settings=1&o.words.find=qu&o.words.colour=rank",
		"axes": "o.words.by=axes&o.words.y=bad>gud", "pca3": "o.words.by=pca&o.words.dims=3&o.words.sel=@part of speech:noun",
	} {
		viewtest.Shots(t, "words-"+name, func() *figure.Input { return e.Input(at(pairs)) }, Draw)
	}
}
