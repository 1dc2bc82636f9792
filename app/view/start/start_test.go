package start

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"loupe/app/figure"
	"loupe/app/view/viewtest"
)

func TestShots(t *testing.T) {
	var index struct{ Models []figure.Card }
	if b, err := os.ReadFile(filepath.Join(viewtest.Root(t), "dist/site/models/index.json")); err == nil {
		if err := json.Unmarshal(b, &index); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"char-lstm", "mini-gpt"} {
		e := viewtest.Open(t, "web/models/"+id)
		viewtest.Shots(t, "start-"+id, func() *figure.Input {
			st := viewtest.State("To be, or not to be: that is the ")
			st.Model = id
			in := e.Input(st)
			in.Cards = index.Models
			return in
		}, Draw)
	}
}
