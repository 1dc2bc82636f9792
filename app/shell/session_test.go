package shell

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"loupe/app/client"
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
		st := r.Session.shown()
		if n := len(r.Run.Tokens); st.At >= n || st.Range[1] > n || st.Layer >= r.Model.Layers || st.Head >= max(1, r.Model.Heads) || st.Token >= r.Model.Vocab {
			t.Errorf("%.60s: views would see %+v", f, st)
		}
	}
}

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

func TestViewChosenWhileAModelOpensStays(t *testing.T) {
	r := open(t, "")
	was := r.Model
	r.OpenCard("char-rnn")
	r.Patch("view=prediction")
	r.Patch("T=0.3")
	r.until("the model", func() bool { return r.Model != was })
	r.settled()
	if r.State.View != "prediction" || r.State.Sampling.T != .3 || r.State.Model != "char-rnn" {
		t.Fatalf("state %s", r.State)
	}
}
