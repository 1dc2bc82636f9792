package shell

import (
	"slices"
	"strings"
	"testing"
	"time"

	"loupe/app/client"
	"loupe/engine/protocol"
)

// without leaves files out.
func without(files []client.File, names ...string) []client.File {
	return slices.DeleteFunc(files, func(f client.File) bool { return slices.Contains(names, base(f.Name)) })
}

func only(files []client.File, names ...string) []client.File {
	return slices.DeleteFunc(files, func(f client.File) bool { return !slices.Contains(names, base(f.Name)) })
}

func TestMissingTokenizerIsTakenAfterwards(t *testing.T) {
	r := open(t, "")
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	p.take(without(filesOf(t, "char-rnn"), "tokenizer.json"))
	r.until("the error", func() bool { return r.Opening != nil && r.Opening.Err != nil })
	if r.Opening.Err.Code != "no-tokenizer" || r.Model.Name == "" {
		t.Fatalf("%+v", r.Opening.Err)
	}
	p.take(only(filesOf(t, "char-rnn"), "tokenizer.json"))
	r.until("the model", func() bool { return r.Opening == nil })
	r.settled()
	if r.Model.Tokenizer != "char" || r.Model.Family != "RNN" || r.State.Model != r.Model.Hash {
		t.Errorf("opened %s with %s, address %s", r.Model.Family, r.Model.Tokenizer, r.State)
	}
	files, _ := r.Session.engine.Opened()
	if len(files) != 3 {
		t.Errorf("%d files", len(files))
	}
}

func TestGoOnWithNumbers(t *testing.T) {
	r := open(t, "")
	r.OpenFiles(without(filesOf(t, "char-rnn"), "tokenizer.json"))
	r.until("the error", func() bool { return r.Opening != nil && r.Opening.Err != nil })
	r.OpenAgain(nil, func(o *protocol.Open) { o.NoTokenizer = true })
	r.until("the model", func() bool { return r.Opening == nil })
	r.settled()
	if r.Model.Tokenizer != "numbers" {
		t.Fatalf("the tokenizer is %s", r.Model.Tokenizer)
	}
	// A crash opens it in the same way.
	crashed := false
	r.engine.setFault(func(q protocol.Request) string {
		if q.Op == protocol.OpRun && !crashed {
			crashed = true
			return "crash"
		}
		return ""
	})
	r.Edit("5 7 9", 5)
	r.until("the new run", func() bool { return r.idle() && r.Run != nil && r.Run.Text == "5 7 9" })
	if len(r.Run.Tokens) != 3 || r.Run.Tokens[1].ID != 7 {
		t.Errorf("tokens %+v", r.Run.Tokens)
	}
	// And the tokenizer may still come.
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	p.take(only(filesOf(t, "char-rnn"), "tokenizer.json"))
	r.until("the model with its tokenizer", func() bool { return r.Opening == nil && r.Model.Tokenizer == "char" })
}

func TestOpenAgainKeepsWhereItCameFrom(t *testing.T) {
	const source = "hub:some/model@main"
	r := newRig(t)
	asked := ""
	r.lacks = func(model string) { asked = model }
	r.Start(nil, "#model="+source+"&text=((&view=prediction")
	if asked != source || r.Missing != source {
		t.Fatalf("asked for %q, missing %q", asked, r.Missing)
	}
	r.OpenFrom(source, filesOf(t, "parens-lstm"))
	r.settled()
	if r.State.Model != source || r.Run.Text != "((" || len(r.Notices) != 0 {
		t.Fatalf("state %s, notices %+v", r.State, r.Notices)
	}
	r.OpenAgain(nil, nil)
	r.until("the model again", func() bool { return r.Opening == nil })
	r.settled()
	if r.State.Model != source || r.State.View != "prediction" || r.Run.Text != "((" {
		t.Errorf("state %s", r.State)
	}
}

func TestAside(t *testing.T) {
	for names, want := range map[string]bool{"tokenizer.json": true, "a/vocab.txt merges.txt": true, "spm.model config.json": true, "m.gguf": false, "m.safetensors config.json": false, "README": false} {
		var files []client.File
		for _, n := range strings.Fields(names) {
			files = append(files, client.File{Name: n, Size: 9})
		}
		if aside(files) != want {
			t.Errorf("%s: %v", names, !want)
		}
	}
	if aside([]client.File{{Name: "glove.txt", Size: 5 << 20}}) {
		t.Error("word vectors are taken for a vocabulary")
	}
}

func TestTyped(t *testing.T) {
	for in, want := range map[string]any{"12": int64(12), " 1e-05 ": 1e-05, "true": true, "gelu": "gelu", "NaN": "NaN", "1e999": "1e999", "": ""} {
		if got := typed(in); got != want {
			t.Errorf("%q is %v (%T)", in, got, got)
		}
	}
}

func TestSpeed(t *testing.T) {
	var v speed
	at := time.Now()
	for i := range 100 {
		v.add(at.Add(time.Duration(i)*100*time.Millisecond), int64(i)*50_000)
	}
	if r := v.rate(); r < 499_000 || r > 501_000 {
		t.Errorf("%g bytes a second, want 500,000", r)
	}
	if len(v.at) > 50 {
		t.Errorf("%d samples are kept", len(v.at))
	}
	if (&speed{}).rate() != 0 {
		t.Error("a rate of nothing")
	}
}

func TestMask(t *testing.T) {
	r := open(t, "#text=((2)&at=1")
	r.Model.Mask = 0
	was := r.tokenIDs()
	r.Mask()
	r.settled()
	want := slices.Clone(was)
	want[1] = 0
	if got := r.tokenIDs(); was[1] == 0 || !slices.Equal(got, want) || r.Now() != 1 {
		t.Errorf("%v became %v, want %v; now %d", was, got, want, r.Now())
	}
	r.Undo()
	r.settled()
	if got := r.tokenIDs(); !slices.Equal(got, was) {
		t.Errorf("undo gives %v", got)
	}
}
