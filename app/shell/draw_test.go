package shell

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view"
	"loupe/engine/protocol"
)

func predictionView(slow bool, seen *[]*protocol.Prediction) *view.View {
	return &view.View{ID: "test", Draw: func(in *figure.Input) figure.Figure {
		p := in.Prediction(in.State.At, 3)
		*seen = append(*seen, p)
		if slow {
			in.HeadScores("")
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

// What a figure on screen says of changes is meant as it was drawn: a change that was undone since does not come back.
func TestPatchOfFigureBefore(t *testing.T) {
	r := open(t, "")
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	a, b := protocol.Change{Name: "layers.0.hidden", Pos: 1, Op: "zero"}, protocol.Change{Name: "layers.0.hidden", Pos: 2, Op: "zero"}
	changes := func(list ...protocol.Change) (pairs string) {
		pairs = "change="
		for _, c := range list {
			pairs += "&change=" + url.QueryEscape(state.FormatChange(c))
		}
		return pairs
	}
	r.Patch(changes(a))
	r.until("a figure", func() bool {
		return r.Draw(v, figure.Input{}).Layout != "none" && slices.Equal(r.drawn.with, []protocol.Change{a})
	})
	r.Undo()
	r.Patch(changes(a, b))
	if got := r.State.Changes; !slices.Equal(got, []protocol.Change{b}) {
		t.Fatalf("changes %v, want %v", got, b)
	}
}

func TestFigureIsHeldNoLongerThanThat(t *testing.T) {
	r := open(t, "")
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	r.until("a figure", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" })
	r.engine.hangs(protocol.OpPredict)
	r.PutNow(3)
	if r.Draw(v, figure.Input{}).Layout == "none" {
		t.Fatal("not held")
	}
	r.during(holdMost + 50*time.Millisecond)
	if r.Draw(v, figure.Input{}).Layout != "none" {
		t.Fatal("held on")
	}
}

// What is dragged stays under the hand for as long as there is no other picture of it.
func TestFigureIsHeldWhileItIsDragged(t *testing.T) {
	r := open(t, "")
	var seen []*protocol.Prediction
	v := predictionView(false, &seen)
	r.until("a figure", func() bool { return r.Draw(v, figure.Input{}).Layout != "none" })
	r.engine.hangs(protocol.OpPredict)
	r.Drag("at=3", false)
	r.Draw(v, figure.Input{})
	r.during(holdMost + 50*time.Millisecond)
	if r.Draw(v, figure.Input{}).Layout == "none" {
		t.Fatal("taken from the hand")
	}
	r.Drag("at=3", true)
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
	r.engine.setFault(func(q protocol.Request) string {
		if q.Op == protocol.OpHeadScores {
			return "slow"
		}
		return ""
	})
	r.Draw(v, figure.Input{})
	r.until("the quick answer", func() bool { r.Draw(v, figure.Input{}); return r.answers.pending == 0 })
	r.until("the slow question", func() bool { return len(r.engine.requests(protocol.OpHeadScores)) == 1 || r.tick() })
	r.PutNow(1)
	r.until("a quick answer in spite of it", func() bool { r.Draw(v, figure.Input{}); return r.answers.pending == 0 })
	r.engine.setFault(nil)
	r.PutNow(2) // the slow one gives way once more, and is then answered
	r.until("the slow answer", func() bool {
		r.Draw(v, figure.Input{})
		for _, q := range r.answers.byKey {
			if q.op == protocol.OpHeadScores && q.done && q.val.(*protocol.HeadScoresResult).Tokens > 0 {
				return true
			}
		}
		return false
	})
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
