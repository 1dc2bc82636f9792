// Package viewtest draws views outside the browser: with the real engine behind the protocol's bytes, into texts that
// are compared with kept ones (Golden) and into whole pages and their pictures, to look at (Shots). Only tests use it.
package viewtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/engine/protocol"
	"loupe/engine/service"
)

// Engine is an open model that answers at once.
type Engine struct {
	Model *protocol.Model
	t     testing.TB
	s     *service.Service
	files [][]byte
	maps  *mapper
	lib   library
	pairs paired
	dir   string         // of the model
	kept  map[string]any // answers about the present run, by question
}

// Root is the repository's folder.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("viewtest: no go.mod above the test")
		}
		dir = up
	}
}

// Open opens the model in a folder of the repository: "web/models/parens-lstm", "testdata/models/..".
func Open(t testing.TB, dir string) *Engine {
	t.Helper()
	e := &Engine{t: t, dir: dir}
	e.s = service.New(func(r protocol.FileRef) (io.ReaderAt, error) { return bytes.NewReader(e.files[r.Ref]), nil }, nil)
	entries, err := os.ReadDir(filepath.Join(Root(t), dir))
	if err != nil {
		t.Fatal(err)
	}
	var open protocol.Open
	for _, f := range entries {
		if f.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(Root(t), dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		open.Files = append(open.Files, protocol.FileRef{Ref: len(e.files), Name: f.Name(), Size: int64(len(b))})
		e.files = append(e.files, b)
	}
	e.maps = newMapper(e)
	e.Model = new(protocol.Model)
	if err := e.Ask(protocol.OpOpen, open, e.Model); err != nil {
		t.Fatalf("viewtest: %s: %v", dir, err)
	}
	return e
}

// Ask puts one question to the engine by way of the protocol's bytes, as the page does, and reads the answer into result.
func (e *Engine) Ask(op string, body, result any) error {
	return roundTrip(op, body, result, func(req protocol.Request, reply func(protocol.Kind, any)) {
		e.s.Handle(context.Background(), req, reply)
	})
}

// roundTrip puts a question by way of its bytes.
func roundTrip(op string, body, result any, handle func(protocol.Request, func(protocol.Kind, any))) error {
	msg, err := protocol.EncodeRequest(1, op, body)
	if err != nil {
		return err
	}
	req, err := protocol.DecodeRequest(msg)
	if err != nil {
		return err
	}
	err = errors.New("viewtest: " + op + ": no answer")
	handle(req, func(kind protocol.Kind, body any) {
		if kind == protocol.Progress || kind == protocol.Partial {
			return
		}
		err = receive(kind, body, result)
	})
	return err
}

func receive(kind protocol.Kind, body, result any) error {
	raw, err := protocol.EncodeReply(1, kind, body)
	if err != nil {
		return err
	}
	reply, err := protocol.DecodeReply(raw)
	if err != nil {
		return err
	}
	if kind == protocol.Done {
		return reply.Into(result)
	}
	failed := new(protocol.Error)
	if err := reply.Into(failed); err != nil {
		return err
	}
	return failed
}

// Input runs st's text with its changes and is what a view draws from: 1376 pixels wide, light, in English. A Fetch that
// the engine refuses fails the test.
func (e *Engine) Input(st *state.State) *figure.Input {
	e.t.Helper()
	run := new(protocol.RunResult)
	ask := protocol.Run{Text: st.Text, Changes: st.Changes}
	if e.Model.Seq != nil {
		d := st.Decode(e.Model.Seq.DecodeOf(st.Text))
		ask.Decode = &d
	}
	if err := e.Ask(protocol.OpRun, ask, run); err != nil {
		e.t.Fatalf("viewtest: run: %v", err)
	}
	e.kept = map[string]any{}
	in := &figure.Input{Model: e.Model, Run: run, State: st, Width: 1376, L: lang.English, Fetch: e.fetch, Maps: e.maps.Map}
	e.furnish(in)
	return in
}

func (e *Engine) fetch(op string, body any) any {
	raw, err := json.Marshal(body)
	if err != nil {
		e.t.Fatal(err)
	}
	key := op + string(raw)
	if v, ok := e.kept[key]; ok {
		return v
	}
	v := Result(op)
	if v == nil {
		e.t.Fatalf("viewtest: a view may not ask for %q", op)
	}
	ask := e.Ask
	if strings.HasPrefix(op, "map.") {
		ask = e.maps.ask
	}
	if err := ask(op, body, v); err != nil {
		e.t.Errorf("viewtest: %s %s: %v", op, raw, err)
		return nil
	}
	e.kept[key] = v
	return v
}

// Result is a new, empty result of a question that views ask.
func Result(op string) any {
	switch op {
	case protocol.OpPredict:
		return new(protocol.Prediction)
	case protocol.OpActivation, protocol.OpPatterns, protocol.OpMap, protocol.OpMapAxis:
		return new(protocol.Array)
	case protocol.OpHeadScores:
		return new(protocol.HeadScoresResult)
	case protocol.OpEffects:
		return new(protocol.EffectsResult)
	case protocol.OpTranslate:
		return new(protocol.Translation)
	case protocol.OpTranslated:
		return new(protocol.Array)
	case protocol.OpReference:
		return new(protocol.ReferenceResult)
	case protocol.OpPairsNear:
		return new(protocol.PairsNearResult)
	case protocol.OpPairsEach:
		return new(protocol.PairsEachResult)
	case protocol.OpPairsRows:
		return new(protocol.PairsRowsResult)
	case protocol.OpFind, protocol.OpAlike:
		return new(protocol.FindResult)
	case protocol.OpVectors:
		return new(protocol.VectorsResult)
	case protocol.OpCorpusMatch, protocol.OpCorpusNear, protocol.OpCorpusFind:
		return new(protocol.PlacesResult)
	case protocol.OpCorpusLift:
		return new(protocol.LiftResult)
	case protocol.OpCorpusRank:
		return new(protocol.RankResult)
	case protocol.OpCorpusUnit:
		return new(protocol.CorpusUnitResult)
	case protocol.OpTracks:
		return new(protocol.TracksResult)
	case protocol.OpUnit:
		return new(protocol.UnitResult)
	case protocol.OpMemory:
		return new(protocol.MemoryResult)
	case protocol.OpSummary:
		return new(protocol.SummaryResult)
	case protocol.OpMapNear:
		return new(protocol.MapNearResult)
	case protocol.OpMapSets:
		return new(protocol.MapSetsResult)
	case protocol.OpMapQuality:
		return new(protocol.MapQualityResult)
	case protocol.OpMapFind:
		return new(protocol.MapFindResult)
	case protocol.OpMapAgree:
		return new(protocol.MapAgreeResult)
	}
	return nil
}

// State is a state that shows text.
func State(text string) *state.State {
	st := state.New()
	st.Text = text
	return st
}

// Patched is a view's state with pairs, as the address has them.
func Patched(t testing.TB, view, pairs string) *state.State {
	t.Helper()
	st := state.New()
	st.View = view
	if bad := st.Patch(pairs); len(bad) > 0 {
		t.Fatalf("bad pairs %q", bad)
	}
	return st
}

// Made is an input whose answers the test makes: one for each operation. Others are not there yet.
func Made(m *protocol.Model, run *protocol.RunResult, st *state.State, answers map[string]any) *figure.Input {
	return &figure.Input{Model: m, Run: run, State: st, Width: 1376, L: lang.English,
		Fetch: func(op string, _ any) any { return answers[op] }}
}

// Without is in before the answers to some questions are there.
func Without(in *figure.Input, ops ...string) *figure.Input {
	c, all := *in, in.Fetch
	c.Fetch = func(op string, body any) any {
		for _, o := range ops {
			if o == op {
				return nil
			}
		}
		return all(op, body)
	}
	return &c
}
