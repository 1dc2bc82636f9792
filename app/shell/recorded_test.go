package shell

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/app/client"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// setFiles are the files of the set testdata/lstmvis/parens, without those left out.
func setFiles(t *testing.T, but ...string) (files []client.File) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/lstmvis/parens/*")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, client.File{Name: "parens/" + filepath.Base(p), Size: int64(len(b)), Data: b})
	}
	return without(files, but...)
}

// TestRecorded opens a folder of LSTMVis, goes through it by hand, by link and by place, and undoes that.
func TestRecorded(t *testing.T) {
	r := open(t, "")
	text := r.State.Text
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	p.take(setFiles(t, "words.dict"))
	r.until("the error", func() bool { return r.Opening != nil && r.Opening.Err != nil })
	if e := r.Opening.Err; e.Code != "missing-file" || e.Where != "words.dict" {
		t.Fatalf("%+v", e)
	}
	p.take(only(setFiles(t), "words.dict"))
	r.until("the set", func() bool { return r.Opening == nil && r.Model.Recorded > 0 })
	r.settled()
	shows := func(what string, from, n, at int, rng [2]int) {
		t.Helper()
		r.settled()
		if r.Run.From != from || len(r.Run.Tokens) != n || r.Now() != at || r.State.Range != rng {
			t.Errorf("%s: %d tokens from %d, now %d, range %v", what, len(r.Run.Tokens), r.Run.From, r.Now(), r.State.Range)
		}
	}
	none := [2]int{}
	shows("at first", 0, 60, 59, none)
	if r.Model.Title != "parentheses" || r.State.Text != text {
		t.Errorf("%s, the text became %q", r.Model.Title, r.State.Text)
	}
	r.Patch("range=40-45&at=44")
	r.Turn(1)
	shows("half a window on", 30, 60, 14, [2]int{10, 15})
	r.Turn(1)
	shows("out of sight", 60, 60, 59, none)
	r.Undo()
	shows("undone", 30, 60, 14, [2]int{10, 15})
	r.Turn(-5)
	shows("to the beginning", 0, 60, 44, [2]int{40, 45})
	r.Patch("o.states.w=5000")
	shows("beyond the end", 1440, 60, 59, none)
	r.Patch("o.states.wn=20")
	shows("fewer tokens", 1480, 20, 19, none)
	r.Go("700 6")
	shows("a place", 693, 20, 12, [2]int{7, 13})
	r.Go("1499 1")
	shows("the last place", 1480, 20, 19, none)
	r.Go("100 50")
	shows("a place that is longer than the window", 100, 50, 49, [2]int{0, 50})
	link := r.State.String()
	r.Visit("model=" + r.State.Model)
	shows("another link", 0, 60, 59, none)
	r.Visit(link)
	shows("the link", 100, 50, 49, [2]int{0, 50})

	before := r.State.String()
	r.Choose(3)
	r.Toggle(state.FormatChange(protocol.Change{Name: "layers.0.cell", Pos: 3, Index: 2, Op: "zero"}))
	r.Generate()
	p.edit(true)
	if r.State.String() != before || p.editing || len(r.Notices) > 0 {
		t.Errorf("what was recorded was changed: %s, %v", r.State, r.Notices)
	}
	for _, req := range r.engine.requests(protocol.OpRun)[2:] {
		var run protocol.Run
		if req.Bind(&run) == nil && run.Text != "" && strings.Contains(run.Text, text) {
			t.Error("the text was sent")
		}
	}
	r.OpenCard(r.Cards[0].ID)
	r.until("a model", func() bool { return r.Opening == nil && r.Model.Recorded == 0 })
	r.settled()
	if r.Run.Text != r.Cards[0].Text {
		t.Errorf("the model's text is %q", r.Run.Text)
	}
}
