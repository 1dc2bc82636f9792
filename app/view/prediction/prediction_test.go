package prediction

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/view/viewtest"
)

func TestShots(t *testing.T) {
	e := viewtest.Open(t, "web/models/char-lstm")
	viewtest.Shots(t, "prediction", func() *figure.Input {
		st := viewtest.State("To be, or not to be: that is the question")
		st.At, st.View = 31, "prediction"
		return e.Input(st)
	}, Draw)
}
