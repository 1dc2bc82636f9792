package lstmvis_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
	"loupe/engine/nn"
)

func open(t testing.TB, name string) (model.Model, nn.Recorded) {
	t.Helper()
	ck := enginetest.Checkpoint(t, enginetest.SetFiles(t, name)...)
	m, err := model.Open(ck.Config, ck)
	if err != nil {
		t.Fatal(err)
	}
	return m, m.(nn.Recorded)
}

// run is what a model does at ids from a state on.
func run(t testing.TB, m model.Model, s nn.State, ids []int) *activation.Recorder {
	t.Helper()
	return more(t, m, s, ids, activation.NewRecorder("*"))
}

func more(t testing.TB, m model.Model, s nn.State, ids []int, rec *activation.Recorder) *activation.Recorder {
	t.Helper()
	if err := m.Forward(s, nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: rec}}); err != nil {
		t.Fatal(err)
	}
	return rec
}

func ints(words []int32) (ids []int) {
	for _, id := range words {
		ids = append(ids, int(id))
	}
	return ids
}

// TestAsTheModel holds that the set which numpy recorded of the parentheses LSTM is what that model does here (1e-5 of the largest value:
// float32 against float64), as a whole and from any token on.
func TestAsTheModel(t *testing.T) {
	m, r := open(t, "parens")
	ids := ints(r.Words())
	info := m.Info()
	if info.Family != "LSTMVis" || info.Layers != 1 || info.Hidden != 20 || info.Vocab != 9 || info.Logits || len(info.Acts) != 2 || len(ids) != 1500 {
		t.Fatalf("%+v, %d tokens", info, len(ids))
	}
	lstm := enginetest.Open(t, "parens-lstm")
	want, got := run(t, lstm, lstm.NewState(), ids), run(t, m, m.NewState(), ids)
	for _, name := range []string{"layers.0.cell", "layers.0.hidden"} {
		if e := enginetest.RelErr(got.Get(name).Data, want.Get(name).Data); e > 1e-5 {
			t.Errorf("%s: relative error %.2g", name, e)
		}
		s := r.At(700)
		rec := run(t, m, s, ids[700:1000])
		if all, part := got.Get(name), rec.Get(name); part.N != 300 || !slices.Equal(part.Data, all.Data[700*20:1000*20]) {
			t.Errorf("%s: from token 700 it is something else", name)
		}
		if s.Truncate(100) != 100 || s.Clone().Len() != 100 {
			t.Error("going back")
		}
		if again := more(t, m, s, ids[800:810], rec).Get(name); again.N != 110 || !slices.Equal(again.Data, got.Get(name).Data[700*20:810*20]) {
			t.Errorf("%s: from token 800 it is something else", name)
		}
	}
}

// TestTracks holds that annotations of tokens and of words are those of the text.
func TestTracks(t *testing.T) {
	_, r := open(t, "parens")
	text := " ()012345"
	depth := 0
	tracks := r.Tracks(0, 1500)
	if len(tracks) != 3 || tracks[0].Name != "depth" || tracks[0].Labels != nil || !slices.Equal(tracks[2].Labels, []string{"space", "bracket", "digit"}) {
		t.Fatalf("%d tracks, %s", len(tracks), tracks[0].Name)
	}
	for i, id := range r.Words() {
		side, kind := "other", "digit"
		switch text[id] {
		case '(':
			depth, side, kind = depth+1, "open", "bracket"
		case ')':
			depth, side, kind = depth-1, "close", "bracket"
		case ' ':
			kind = "space"
		}
		if tracks[0].Values[i] != float32(depth) || tracks[1].Labels[int(tracks[1].Values[i])] != side || tracks[2].Labels[int(tracks[2].Values[i])] != kind {
			t.Fatalf("token %d", i)
		}
	}
	if part := r.Tracks(10, 13); !slices.Equal(part[0].Values, tracks[0].Values[10:13]) {
		t.Error("a part of a track")
	}
	_, r = open(t, "chunked")
	if k := r.Tracks(0, 400)[0]; !slices.Equal(k.Labels, []string{"3", "7"}) || k.Values[199] != 0 || k.Values[200] != 1 {
		t.Errorf("values that are their own labels: %q, %v", k.Labels, k.Values[199:201])
	}
}

// TestRefuses: another text than the recorded one, and a text that goes on beyond its end.
func TestRefuses(t *testing.T) {
	m, r := open(t, "parens")
	ids := ints(r.Words())
	other := slices.Clone(ids[:4])
	other[3] = (other[3] + 1) % 9
	for what, c := range map[string]struct {
		from int
		ids  []int
		code fault.Code
	}{"another token": {0, other, fault.Unsupported}, "no such token": {0, []int{9}, fault.BadToken}, "beyond the end": {1499, append(slices.Clone(ids[1499:]), 0), fault.Unsupported}} {
		err := m.Forward(r.At(c.from), nn.Input{IDs: c.ids})
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v", what, err)
		}
	}
	stop := nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: activation.NewRecorder("*")}}
	calls := 0
	stop.Yield = func() error {
		if calls++; calls > 3 {
			return context.Canceled
		}
		return nil
	}
	s := m.NewState()
	if err := m.Forward(s, stop); err != context.Canceled || s.Len() != 256 {
		t.Errorf("cancelled: %v after %d tokens", err, s.Len())
	}
}

// TestConfigAlone: a config that claims to be a set, of ordinary weights.
func TestConfigAlone(t *testing.T) {
	ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir("parens-lstm"))...)
	for _, config := range []string{`{"model_type": "lstmvis"}`, `{"model_type": "lstmvis", "tokens": 3000000000000, "sources": [{"name": "x", "units": 2}]}`,
		`{"model_type": "lstmvis", "tokens": -1, "sources": []}`} {
		_, err := model.Open([]byte(config), ck)
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", config, err)
		}
	}
}
