package shell

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/lang"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// TestReplace puts a token in the place of another, goes on with the text under that change, and takes it back: the text stays its own.
func TestReplace(t *testing.T) {
	r := open(t, "")
	text, first := r.Run.Text, r.Run
	open, shut := r.Run.Tokens[0].ID, r.Run.Tokens[7].ID
	r.Replace(2, open)
	r.settled()
	k := r.Run.Tokens[2]
	if r.Run.Text != text || r.State.Text != text || k.ID != open || k.Was == nil || k.Was.ID != shut || r.Run.Surprisal[3] == first.Surprisal[3] || r.Run.Before[3] != first.Surprisal[3] {
		t.Fatalf("%q, token %+v, surprisal %v, before %v", r.Run.Text, k, r.Run.Surprisal[3], r.Run.Before)
	}
	if !strings.Contains(r.State.String(), "change=token%402%3Aset%3D") {
		t.Error(r.State)
	}
	r.Replace(2, open) // it stands there
	r.Replace(99, open)
	r.Replace(2, 9999)
	if len(r.State.Changes) != 1 {
		t.Errorf("%v", r.State.Changes)
	}
	r.PutNow(4)
	r.Choose(open) // of another token: the text takes that in, and not what stands in for one
	r.settled()
	if want := text[:5] + "(" + text[6:]; r.Run.Text != want || r.Run.Tokens[2].Was == nil {
		t.Errorf("%q, expected %q; token 2 is %+v", r.Run.Text, want, r.Run.Tokens[2])
	}
	r.PutNow(7)
	r.Step()
	r.until("a token", func() bool { return !r.Generating() })
	if n := len(r.Run.Tokens); n != 9 || r.Run.Tokens[2].Was == nil || !strings.HasPrefix(r.Run.Text, text[:5]) {
		t.Errorf("%d tokens after a step, %q, token 2 is %+v", n, r.Run.Text, r.Run.Tokens[2])
	}
	r.PutNow(1)
	r.Choose(shut) // the token itself: what stood in for it is gone
	r.settled()
	if len(r.State.Changes) != 0 || r.Run.Tokens[2].Was != nil || r.Run.Tokens[2].ID != shut {
		t.Errorf("%v, %+v", r.State.Changes, r.Run.Tokens[2])
	}
	r.Replace(3, shut)
	r.Replace(3, own(r.Run.Tokens[3]).ID) // before it was run: nothing to take back yet
	r.settled()
	r.Replace(3, own(r.Run.Tokens[3]).ID)
	r.settled()
	if len(r.State.Changes) != 0 {
		t.Errorf("the text's own token leaves %v", r.State.Changes)
	}
}

// TestSuggestions holds what the field offers: what the model expects there, then what is written so, and the way back.
func TestSuggestions(t *testing.T) {
	r := open(t, "")
	predicted, err := candidates(t.Context(), r.Session.engine, "", 3, true, false)
	if err != nil || len(predicted) == 0 || predicted[0].ID != r.Run.Next[2].ID || predicted[0].P != r.Run.Next[2].P {
		t.Errorf("%+v, %v, expected %+v first", predicted, err, r.Run.Next[2])
	}
	written, err := candidates(t.Context(), r.Session.engine, "(", 3, true, false)
	if err != nil || len(written) == 0 || written[0].Text != "(" {
		t.Errorf("%+v, %v", written, err)
	}
	for _, at := range []int{0, -1} { // nothing is expected of the first token
		if none, err := candidates(t.Context(), r.Session.engine, "", at, true, false); err != nil || len(none) != 0 {
			t.Errorf("%d: %+v, %v", at, none, err)
		}
	}
	for _, l := range lang.Languages {
		p := newPage(nil, nil)
		p.l, p.s = l, r.Session
		p.talk.at, p.talk.query, p.talk.found = 2, "x", []hit{{token: "<b>", text: "5", do: p.replacing(5)}}
		got := app.HTMLString(app.Div().Body(replaceUI(p)...))
		if strings.Contains(got, "<b>") || strings.Contains(got, "replace.") || !strings.Contains(got, "go=0") || strings.Contains(got, "%!") {
			t.Errorf("%s: %s", l.Code, got)
		}
		if p.talk.found = nil; !strings.Contains(app.HTMLString(app.Div().Body(replaceUI(p)...)), l.T("replace.none")) {
			t.Errorf("%s: nothing found is not said", l.Code)
		}
	}
}

// TestChangesInWords holds what the chips say, in both languages.
func TestChangesInWords(t *testing.T) {
	r := open(t, "")
	r.Replace(2, r.Run.Tokens[0].ID)
	r.settled()
	p := newPage(nil, nil)
	p.s = r.Session
	for text, want := range map[string][2]string{
		"layers.0.cell@*,58:zero":                {"unit 58 of layers.0.cell off", "layers.0.cell 的单元 58 关闭"},
		"layers.0.cell@3-8,58+77:set=0.5":        {"units 58, 77 of layers.0.cell at 3–7 = 0.50", "layers.0.cell 的单元 58, 77（位置 3–7） = 0.50"},
		"layers.0.cell@3,1+2+3+4+5+6+7:add=1":    {"7 units of layers.0.cell at 3 + 1.00", "layers.0.cell 的 7 个单元（位置 3） + 1.00"},
		"blocks.5.attn.z@*,1:mean":               {"head 5.1 at its mean", "头 5.1 取均值"},
		"encoder.blocks.0.attn.z@*,1:zero":       {"encoder head 0.1 off", "编码器头 0.1 关闭"},
		"decoder.blocks.1.cross_attn.z@*,2:zero": {"cross head 1.2 off", "交叉头 1.2 关闭"},
		"token@2:set=1":                          {"token 2: ) → (", "词元 2：) → ("},
		"token@99:set=1":                         {"token 99, which the text has not", "词元 99（文字没有这么长）"},
	} {
		c, err := state.ParseChange(text)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range []*lang.Catalogue{lang.English, lang.Chinese} {
			if p.l = l; p.changeText(c) != want[i] {
				t.Errorf("%s: %q, expected %q", text, p.changeText(c), want[i])
			}
		}
	}
	p.l = lang.English
	if got := p.bits(); !strings.Contains(got, " → ") {
		t.Errorf("%q does not say what it was before", got)
	}
	r.Undo()
	r.settled()
	if got := p.bits(); strings.Contains(got, "→") || got == "" {
		t.Errorf("%q", got)
	}
}

// TestReplacedTokenOfTheText holds how the text shows it: as the model reads it, but under the edit field as it is written.
func TestReplacedTokenOfTheText(t *testing.T) {
	r := result(float32(6*math.Ln2), "a", " b", "c")
	r.Tokens[1] = protocol.Token{ID: 9, Text: " <x>", Start: 1, End: 3, Was: &protocol.Choice{ID: 1, Text: " b"}}
	r.Before = slices.Repeat([]float32{float32(2 * math.Ln2)}, 3)
	html := tokensHTML(r, predicting, -1, false, lang.English)
	for _, want := range []string{`<span class="tok k24 swapped" data-i="1"`, `<span class="sp"> </span>&lt;x&gt;</span>`, `data-tip="1: 2.0 → 6.0 bits, rank 1␊in the place of ·b, which the text has"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in\n%s", want, html)
		}
	}
	if html := tokensHTML(r, predicting, -1, true, lang.English); strings.Contains(html, "&lt;x") || strings.Contains(html, "swapped") {
		t.Errorf("under the field:\n%s", html)
	}
}
