package shell

import (
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view"
	"loupe/engine/protocol"
)

func TestStartOpensTheFirstModelWithItsText(t *testing.T) {
	r := open(t, "")
	if r.Model == nil || r.Card == nil || r.Card.ID != "parens-lstm" || r.State.Model != "parens-lstm" {
		t.Fatalf("open: %+v, card %+v", r.Model, r.Card)
	}
	if r.Run.Text != "(()(()))" || len(r.Run.Tokens) != 8 || r.Now() != 7 {
		t.Fatalf("ran %q, %d tokens, now %d", r.Run.Text, len(r.Run.Tokens), r.Now())
	}
	if len(r.Notices) != 0 {
		t.Fatalf("notices: %v", r.Notices[0])
	}
}

func TestAddressRoundTrip(t *testing.T) {
	want := "v=1&model=char-rnn&text=Thou+art&view=states&at=3&range=2-5&layer=1&unit=4&change=layers.0.hidden%40%2A%2C2%3Azero&T=0.5&o.states.what=cell"
	r := open(t, "#"+want)
	if got := r.State.String(); got != want {
		t.Fatalf("address\n%s, want\n%s", got, want)
	}
	again := open(t, r.State.String())
	if !reflect.DeepEqual(again.State, r.State) || again.Run.Text != r.Run.Text {
		t.Fatal("a state does not come back from its address")
	}
}

func TestAttackersAddressIsHarmless(t *testing.T) {
	for _, f := range []string{
		"#<script>alert(1)</script>", "#at=99999999999999999999&layer=-7&range=9-1&T=NaN&k=-1&seed=x",
		"#text=%ff%fe&model=" + strings.Repeat("a", 300), "#" + strings.Repeat("change=layers.0.hidden@*,999999:zero&", 80),
		"#text=" + strings.Repeat("(", 2000) + "&at=1999999&layer=16777216&unit=16777216&head=3&token=16777216&range=1-16777216",
		"#view=nosuchview&o.x=%3Cimg%20src=x%20onerror=alert(1)%3E", "#change=blocks.0.attn.z@*,1:zero", "#change=layers.0.hidden@*,500:zero",
	} {
		r := open(t, f)
		if r.Run == nil || r.Model == nil {
			t.Errorf("%.60s: nothing runs", f)
		}
		st := r.shownState()
		if n := len(r.Run.Tokens); st.At >= n || st.Range[1] > n || st.Layer >= r.Model.Layers || st.Head >= max(1, r.Model.Heads) || st.Token >= r.Model.Vocab {
			t.Errorf("%.60s: views would see %+v", f, st)
		}
	}
}

func (r *rig) shownState() *state.State { return r.Session.shown() }

func TestBadPairsAreSaid(t *testing.T) {
	r := open(t, "#layer=x&nonsense=1")
	if len(r.Notices) != 1 || r.Notices[0].Key != "notice.address" || !strings.Contains(r.Notices[0].Args[0].(string), "nonsense=1") {
		t.Fatalf("notices: %+v", r.Notices)
	}
}

func TestUnknownModelAsksForItsFile(t *testing.T) {
	r := newRig(t)
	r.Start(testCards(t, "parens-lstm"), "#model=0123456789abcdef&text=%28%28&view=prediction&at=1")
	if r.Missing != "0123456789abcdef" || r.Model != nil || r.Opening != nil {
		t.Fatalf("missing %q, model %v", r.Missing, r.Model)
	}
	r.OpenFiles(filesOf(t, "parens-lstm"))
	r.settled()
	if r.Missing != "" || r.State.Text != "((" || r.State.View != "prediction" || r.State.Model != r.Model.Hash {
		t.Fatalf("state %s", r.State)
	}
	if len(r.Notices) != 1 || r.Notices[0].Key != "notice.other-model" { // its hash is not the one in the address
		t.Fatalf("notices %+v", r.Notices)
	}
}

func TestHashInTheAddressOpensWithTheSameFile(t *testing.T) {
	a := newRig(t)
	a.Start(nil, "")
	a.OpenFiles(filesOf(t, "parens-lstm"))
	a.settled()
	b := newRig(t)
	b.Start(nil, "#model="+a.Model.Hash+"&text=%28%29&layer=0&unit=3")
	b.OpenFiles(filesOf(t, "parens-lstm"))
	b.settled()
	if len(b.Notices) != 0 || b.State.Unit != 3 || b.Run.Text != "()" {
		t.Fatalf("notices %v, state %s", b.Notices, b.State)
	}
}

func filesOf(t *testing.T, id string) (files []client.File) {
	for _, f := range testCards(t, id)[0].Files {
		b, err := os.ReadFile("../../web/" + f.Path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, client.File{Name: strings.TrimPrefix(f.Path, "models/"), Size: f.Size, Data: b})
	}
	return files
}

func TestBrokenFileLeavesTheOpenModel(t *testing.T) {
	r := open(t, "")
	was := r.Model
	r.OpenFiles([]client.File{{Name: "x.safetensors", Size: 3, Data: []byte("abc")}})
	r.until("the error", func() bool { return r.Opening != nil && r.Opening.Err != nil })
	if r.Model != was || r.Opening.Err.Code == "" {
		t.Fatalf("model %v, error %+v", r.Model, r.Opening.Err)
	}
	r.Patch("at=2")
	if r.CancelOpening(); r.Opening != nil || r.Now() != 2 {
		t.Fatal("the session does not go on")
	}
}

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
	r.Undo() // and Back can be undone
	if r.State.View != "prediction" || r.Now() != 1 {
		t.Fatalf("undone to %s", r.State)
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

// predictionView asks for the prediction at now, and for what each head does if slow.
func predictionView(slow bool, seen *[]*protocol.Prediction) *view.View {
	return &view.View{ID: "test", Draw: func(in *figure.Input) figure.Figure {
		p := in.Prediction(in.State.At, 3)
		*seen = append(*seen, p)
		if slow {
			in.HeadScores()
		}
		text := "none"
		if p != nil {
			text = p.Rows[0].Text
		}
		return figure.Figure{Layout: text}
	}}
}

func TestFigureIsHeldUntilItsAnswersAreThere(t *testing.T) {
	r := open(t, "")
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	f := r.Draw(v, figure.Input{})
	if f.Layout != "none" {
		t.Fatal("there was an answer before it was asked")
	}
	r.until("the answer", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" })
	whole := r.drawn.fig
	n := len(r.engine.requests(protocol.OpPredict))
	for range 5 {
		r.Draw(v, figure.Input{})
	}
	if len(r.engine.requests(protocol.OpPredict)) != n {
		t.Error("an answer that is there was asked again")
	}
	r.PutNow(3)
	if held := r.Draw(v, figure.Input{}); held.Layout != whole.Layout {
		t.Fatal("the figure before is not held")
	}
	r.until("the next figure", func() bool { return r.Draw(v, figure.Input{}) != whole && r.answers.pending == 0 })
	if last := seen[len(seen)-1]; last == nil || last.Pos != 3 {
		t.Fatalf("drawn from %+v", last)
	}
}

func TestFigureIsHeldNoLongerThanThat(t *testing.T) {
	r := open(t, "")
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	r.until("a figure", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" })
	r.engine.setFault(func(q protocol.Request) string {
		if q.Op == protocol.OpPredict {
			return "hang"
		}
		return ""
	})
	r.PutNow(3)
	if r.Draw(v, figure.Input{}).Layout == "none" {
		t.Fatal("not held")
	}
	r.during(holdMost + 50*time.Millisecond)
	if r.Draw(v, figure.Input{}).Layout != "none" {
		t.Fatal("held on")
	}
}

func TestStaleAnswersAreDropped(t *testing.T) {
	r := open(t, "")
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	for i := range 7 {
		r.PutNow(i)
		r.Draw(v, figure.Input{})
	}
	if n := len(r.answers.byKey); n != 1 {
		t.Fatalf("%d questions are open", n)
	}
	r.until("the figure", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" && r.answers.pending == 0 })
	r.Edit("((", 2)
	r.settled()
	if len(r.answers.byKey) != 0 {
		t.Fatal("answers about the text before are kept")
	}
}

func TestViewThatPanicsIsSaid(t *testing.T) {
	r := open(t, "")
	if r.Draw(&view.View{ID: "bad", Draw: func(*figure.Input) figure.Figure { panic("no") }}, figure.Input{}) != nil {
		t.Fatal("a figure")
	}
	if len(r.Notices) != 1 || r.Notices[0].Key != "notice.view-failed" {
		t.Fatalf("%+v", r.Notices)
	}
}

func TestSlowQuestionsGiveWay(t *testing.T) {
	r := newRig(t)
	r.Start(testCards(t, "mini-gpt"), "#model=mini-gpt&text=One+day+a+girl")
	r.settled()
	var seen []*protocol.Prediction
	v := predictionView(true, &seen)
	r.Draw(v, figure.Input{})
	scores := func() (done bool) {
		for _, q := range r.answers.byKey {
			done = done || q.op == protocol.OpHeadScores && q.done
		}
		return done
	}
	r.until("the quick answer", func() bool { r.Draw(v, figure.Input{}); return r.answers.pending == 0 })
	if scores() {
		t.Skip("the slow one is quick on this machine")
	}
	r.PutNow(1)
	r.until("the next quick answer", func() bool { r.Draw(v, figure.Input{}); return r.answers.pending == 0 })
	if scores() {
		t.Error("a quick question waited for a slow one")
	}
	r.until("the slow answer", func() bool { r.Draw(v, figure.Input{}); return scores() })
}

func TestCrashIsReplayed(t *testing.T) {
	r := open(t, "#text=%28%28%29&view=prediction&at=1&T=0.3")
	was, run := r.State.String(), r.Run
	crashes := 1
	r.engine.setFault(func(q protocol.Request) string {
		if q.Op == protocol.OpPredict && crashes > 0 {
			crashes--
			return "crash"
		}
		return ""
	})
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	draws := 0
	r.Session.changed = func() {
		if draws++; draws > 1000 {
			t.Fatal("it asks a dead engine again and again")
		}
		r.Draw(v, figure.Input{})
	}
	r.Draw(v, figure.Input{})
	r.until("the new run", func() bool { return r.Run != run && r.idle() })
	if r.State.String() != was || r.Run.Text != "(()" {
		t.Fatalf("after the crash: %s", r.State)
	}
	if len(r.Notices) != 1 || r.Notices[0].Key != "notice.restarted" || r.Notices[0].Report == nil {
		t.Fatalf("notices %+v", r.Notices)
	}
	r.until("the figure", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" })
}

func TestSecondCrashOnTheSameInputStops(t *testing.T) {
	r := open(t, "#text=%28%28%29")
	r.engine.setFault(func(q protocol.Request) string {
		if q.Op == protocol.OpPredict {
			return "crash"
		}
		return ""
	})
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	r.until("the second crash", func() bool { r.Draw(v, figure.Input{}); return r.stopped })
	dials := r.engine.dials
	for range 20 {
		r.Draw(v, figure.Input{})
		r.during(5 * time.Millisecond)
	}
	if r.engine.dials != dials {
		t.Fatal("it was tried again")
	}
	if len(r.Notices) != 1 || r.Notices[0].Key != "notice.crashed-twice" || !r.Notices[0].Again || r.Notices[0].Report.Code != "crashed" {
		t.Fatalf("notices %+v", r.Notices)
	}
	r.engine.setFault(nil)
	r.Edit("((", 2) // another input is tried
	r.settled()
	if r.Run.Text != "((" {
		t.Fatal("another text does not run")
	}
	r.until("the figure", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" })
}

func TestHungEngineIsRestarted(t *testing.T) {
	r := open(t, "#text=%28%28%29")
	hangs := 1
	r.engine.setFault(func(q protocol.Request) string {
		if q.Op == protocol.OpRun && hangs > 0 {
			hangs--
			return "hang"
		}
		return ""
	})
	r.Edit("(((", 3)
	r.during(200 * time.Millisecond)
	r.Edit("((((", 4) // cancels the run that hangs: after a while its engine is ended
	r.until("the run in a new engine", func() bool { return r.Run.Text == "((((" })
	if r.engine.dials != 2 || r.State.Text != "((((" {
		t.Fatalf("%d engines, text %q", r.engine.dials, r.State.Text)
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
