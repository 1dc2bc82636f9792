package shell

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"loupe/app/client"
	"loupe/app/state"
	"loupe/engine/protocol"
)

func TestTypingRunsWhenKeysRest(t *testing.T) {
	r := open(t, "")
	runs := len(r.engine.requests(protocol.OpRun))
	for _, s := range []string{"(", "((", "(()", "(())"} {
		r.Edit(s, len(s))
		if r.Run.Text != "(()(()))" {
			t.Fatal("the run before is gone before the new one is there")
		}
	}
	r.settled()
	if got := len(r.engine.requests(protocol.OpRun)) - runs; got != 1 {
		t.Errorf("%d runs, want one", got)
	}
	if r.Run.Text != "(())" || r.State.At != -1 {
		t.Fatalf("ran %q, at %d", r.Run.Text, r.State.At)
	}
	r.Edit("((())", 2) // the caret stands after the second letter
	r.settled()
	if r.Now() != 1 {
		t.Errorf("now %d, want 1", r.Now())
	}
	r.EndEdit()
	r.Undo()
	r.settled()
	if r.Run.Text != "(()(()))" { // typed within a moment: one step
		t.Errorf("undo gave %q", r.Run.Text)
	}
	r.Redo()
	r.settled()
	if r.Run.Text != "((())" {
		t.Errorf("redo gave %q", r.Run.Text)
	}
}

func TestCaretOfManyBytes(t *testing.T) {
	text := "é😀a"
	if len16(text) != 4 || bytes16(text, 1) != 2 || bytes16(text, 3) != 6 || bytes16(text, 4) != 7 || bytes16(text, 9) != 7 {
		t.Fatal("UTF-16 offsets")
	}
}

func TestChooseReplacesTheNextToken(t *testing.T) {
	r := open(t, "")
	open := r.Run.Tokens[0].ID
	r.PutNow(2)
	r.Choose(open)
	r.settled()
	if r.Run.Text != "(()(()))"[:3]+"("+"(()))"[1:] || r.Now() != 3 {
		t.Fatalf("%q, now %d", r.Run.Text, r.Now())
	}
	r.PutNow(7)
	r.Choose(open)
	r.settled()
	if len(r.Run.Tokens) != 9 || r.Now() != 8 || r.State.Text != r.Run.Text {
		t.Fatalf("%q, now %d", r.Run.Text, r.Now())
	}
	for range 3 { // the token, now, the token before
		r.Undo()
	}
	r.settled()
	if r.Now() != 2 || r.Run.Text != "(()(()))" {
		t.Fatalf("undone: %q, now %d", r.Run.Text, r.Now())
	}
}

func TestChangesAreMadeAndUndone(t *testing.T) {
	r := open(t, "")
	before := r.Run.Next[7].P
	r.Toggle("layers.0.hidden@*:scale=0.1")
	r.settled()
	if r.Run.Next[7].P == before {
		t.Fatal("the change changes nothing")
	}
	r.Toggle("nothing.of.this@*:zero")
	if len(r.State.Changes) != 1 {
		t.Fatal("an unknown activation was changed")
	}
	r.Undo()
	r.settled()
	if r.Run.Next[7].P != before || len(r.State.Changes) != 0 {
		t.Fatal("undo does not take the change back")
	}
}

func TestRefusedChangesAreTakenBack(t *testing.T) {
	r := open(t, "#text=%28%28&change=layers.0.hidden%40%2A%2C99999%3Azero")
	r.until("the run", func() bool { return r.Run != nil })
	if len(r.State.Changes) != 0 || r.Run.Text != "((" {
		t.Fatalf("%s", r.State)
	}
	found := false
	for _, n := range r.Notices {
		found = found || n.Key == "notice.changes-dropped"
	}
	if !found {
		t.Fatal("it is not said")
	}
}

func TestDragIsOneStep(t *testing.T) {
	r := open(t, "")
	r.Patch("T=0.5")
	for _, v := range []string{"T=0.6", "T=0.7", "T=0.8"} {
		r.Drag(v, false)
	}
	r.Drag("T=0.9", true)
	if runs := len(r.engine.requests(protocol.OpRun)); runs != 1 {
		t.Errorf("sampling ran the text again: %d runs", runs)
	}
	r.Undo()
	if r.State.Sampling.T != .5 {
		t.Fatalf("T %v after undo, want 0.5", r.State.Sampling.T)
	}
	r.Undo()
	if r.State.Sampling.T != state.New().Sampling.T {
		t.Fatal("the step before is gone")
	}
}

func TestHistoryKeepsAHundredSteps(t *testing.T) {
	r := open(t, "")
	for i := range 150 {
		r.Patch("unit=" + strconv.Itoa(i%7))
	}
	n := 0
	for len(r.history.past) > 0 {
		r.Undo()
		n++
	}
	if n != maxSteps {
		t.Fatalf("%d steps", n)
	}
}

func TestWalkingIsOneStep(t *testing.T) {
	r := open(t, "")
	r.Patch("unit=1")
	for range 5 {
		r.MoveNow(-1)
	}
	r.Undo()
	if r.Now() != 7 || r.State.Unit != 1 {
		t.Fatalf("undone to %s", r.State)
	}
}

func TestBackGoesToTheViewBefore(t *testing.T) {
	r := open(t, "")
	r.Patch("view=prediction")
	r.Patch("at=1")
	last := len(r.shown) - 1
	if !strings.HasPrefix(r.shown[last-1], "+") || strings.HasPrefix(r.shown[last], "+") {
		t.Fatalf("pushed %q", r.shown)
	}
	r.Visit("#" + strings.TrimPrefix(r.shown[0], "+")) // Back
	if r.State.View != "" || r.Now() != 7 {
		t.Fatalf("back at %s", r.State)
	}
	r.Undo() // and where now was can be had again
	if r.State.View != "" || r.Now() != 1 {
		t.Fatalf("undone to %s", r.State)
	}
}

// TestUndoPassesOverViews undoes what was changed, whichever view one looks at.
func TestUndoPassesOverViews(t *testing.T) {
	r := open(t, "")
	r.Toggle("layers.0.cell@*,5:zero")
	r.Patch("view=prediction")
	r.Undo()
	if len(r.State.Changes) > 0 || r.State.View != "prediction" {
		t.Fatalf("undone to %s", r.State)
	}
	r.Redo()
	if len(r.State.Changes) != 1 || r.State.View != "prediction" {
		t.Fatalf("redone to %s", r.State)
	}
}

// TestStepsQueue presses Step faster than the model runs.
func TestStepsQueue(t *testing.T) {
	r := open(t, "")
	n := len(r.Run.Tokens)
	for range 3 {
		r.Step()
	}
	r.until("three tokens", func() bool { return !r.Generating() })
	if got := len(r.Run.Tokens) - n; got != 3 {
		t.Fatalf("%d tokens", got)
	}
}

// A fast generation shows its tokens as they come, and is run once, at its end or when it is stopped.
func TestFastGenerationIsRunAtItsEnd(t *testing.T) {
	r := open(t, "#text=(()")
	r.Fast = true
	runs := len(r.engine.requests(protocol.OpRun))
	r.Generate()
	r.until("tokens that are not run", func() bool { return len(r.Making()) > 3 })
	if len(r.Run.Tokens) != 3 {
		t.Fatalf("%d tokens were run", len(r.Run.Tokens))
	}
	made := len(r.Making())
	r.Stop()
	r.settled()
	if n := len(r.Run.Tokens); n != 3+made || r.GenFrom != 3 || r.Generating() {
		t.Errorf("%d tokens, %d were made", n, made)
	}
	if n := len(r.engine.requests(protocol.OpRun)) - runs; n != 1 {
		t.Errorf("it was run %d times", n)
	}
	var g protocol.Generate
	if q := r.engine.requests(protocol.OpGenerate); len(q) != 1 || q[0].Bind(&g) != nil || !g.Fast {
		t.Errorf("asked %d times, %+v", len(q), g)
	}
	r.Undo()
	r.settled()
	if r.State.Text != "(()" {
		t.Errorf("undo gives %q", r.State.Text)
	}
}

func TestGenerateEqualsOneLongRequest(t *testing.T) {
	r := open(t, "")
	r.generate(12)
	r.until("the tokens", func() bool { return !r.Generating() })
	var got []int
	for _, k := range r.Run.Tokens {
		got = append(got, k.ID)
	}
	if len(got) != 20 && r.Notices == nil || r.GenFrom != 8 {
		t.Fatalf("%d tokens, generated from %d", len(got), r.GenFrom)
	}
	b := open(t, "")
	res, err := client.Ask[protocol.GenerateResult, protocol.Generated](t.Context(), b.Session.engine, protocol.OpGenerate,
		protocol.Generate{N: 12, Sampling: b.State.Sampling}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, res.IDs) {
		t.Fatalf("token by token %v, at once %v", got, res.IDs)
	}
	r.Undo()
	r.settled()
	if len(r.Run.Tokens) != 8 || r.GenFrom != -1 {
		t.Fatal("a generation is not one step of undo")
	}
}

func TestStopEndsAtOnce(t *testing.T) {
	r := open(t, "")
	r.Generate()
	r.until("a token", func() bool { return r.Run != nil && len(r.Run.Tokens) > 9 })
	start := time.Now()
	r.Stop()
	r.settled()
	if d := time.Since(start); d > 50*time.Millisecond {
		t.Errorf("stopped after %v", d)
	}
	n := len(r.Run.Tokens)
	r.during(50 * time.Millisecond)
	if len(r.Run.Tokens) != n {
		t.Fatal("it goes on")
	}
}

func TestStepWalksThenDraws(t *testing.T) {
	r := open(t, "#at=5")
	r.Step()
	r.Step()
	if r.Now() != 7 || len(r.Run.Tokens) != 8 {
		t.Fatalf("now %d of %d", r.Now(), len(r.Run.Tokens))
	}
	r.Step()
	r.until("a token", func() bool { return !r.Generating() })
	if r.Now() != 8 || len(r.Run.Tokens) != 9 {
		t.Fatalf("now %d of %d", r.Now(), len(r.Run.Tokens))
	}
}

func TestEmptyAndLongTexts(t *testing.T) {
	r := open(t, "#text=")
	if len(r.Run.Tokens) != 0 || r.Now() != -1 {
		t.Fatalf("%d tokens, now %d", len(r.Run.Tokens), r.Now())
	}
	r.Generate()
	r.Step()
	r.MoveNow(1)
	r.Reach(1)
	r.Choose(0)
	r.settled()
	if len(r.Run.Tokens) != 1 {
		t.Fatalf("choosing the first token gave %q", r.Run.Text)
	}
	r.Edit(strings.Repeat("(", 100_000), 5)
	r.settled()
	if len(r.Notices) != 1 || r.Notices[0].Key != "warn.text-cut" {
		t.Fatalf("%d tokens, notices %+v", len(r.Run.Tokens), r.Notices)
	}
}
