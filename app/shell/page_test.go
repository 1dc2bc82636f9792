package shell

import (
	"math"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/engine/protocol"
)

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		k    key
		want string
	}{
		{key{name: "ArrowLeft"}, "now:-1"}, {key{name: "ArrowDown"}, "depth:1"}, {key{name: "ArrowRight", shift: true}, "range:1"},
		{key{name: "ArrowRight", arrows: true}, ""}, {key{name: "ArrowRight", button: true}, "now:1"}, {key{name: "ArrowLeft", field: true}, ""},
		{key{name: "s", singles: true}, "do:step"}, {key{name: "s"}, ""}, {key{name: "s", singles: true, field: true}, ""},
		{key{name: "g", singles: true, generates: true}, "do:stop"}, {key{name: "2", singles: true}, "view:2"}, {key{name: "r", singles: true}, "do:replace"}, {key{name: "r", singles: true, field: true}, ""},
		{key{name: " "}, "do:generate"}, {key{name: " ", generates: true}, "do:stop"}, {key{name: " ", button: true}, ""},
		{key{name: "z", ctrl: true}, "do:undo"}, {key{name: "s", ctrl: true, singles: true}, ""}, {key{name: "x", alt: true, singles: true}, ""},
		{key{name: "Escape", field: true}, "leave"}, {key{name: "?", shift: true, singles: true}, "do:keys"},
		{key{name: "s", singles: true, dialog: true}, ""}, {key{name: "F5"}, ""}, {key{name: "Tab"}, ""},
	} {
		if got := c.k.action(); got != c.want {
			t.Errorf("%+v does %q, want %q", c.k, got, c.want)
		}
	}
}

// result is a run of tokens, all as surprising as the last number says.
func result(nats float32, tokens ...string) *protocol.RunResult {
	r := &protocol.RunResult{}
	for i, s := range tokens {
		r.Tokens = append(r.Tokens, protocol.Token{ID: i, Text: s, Start: len(r.Text), End: len(r.Text) + len(s)})
		r.Text += s
		r.Surprisal, r.Rank = append(r.Surprisal, nats), append(r.Rank, 0)
		r.Next = append(r.Next, protocol.Choice{ID: 7, Text: s, P: .5})
	}
	if len(tokens) > 0 {
		r.Surprisal[0], r.Rank[0] = float32(math.NaN()), -1
	}
	return r
}

// predicting is a model that says what comes next.
var predicting = &protocol.Model{Logits: true, Mask: -1}

func TestTokensAreText(t *testing.T) {
	html := tokensHTML(result(1, "a", `<img src=x onerror=alert(1)>`, "\"'&", "\u202e"), predicting, -1, false, lang.English)
	if strings.Contains(html, "<img") || strings.Contains(html, "\u202e") {
		t.Fatalf("a token writes HTML: %s", html)
	}
	if !strings.Contains(html, `&lt;img<span class="sp"> </span>src=x`) {
		t.Fatalf("the token is not shown: %s", html)
	}
}

func TestTokensOfTheText(t *testing.T) {
	r := result(float32(6*math.Ln2), "a", " b", "\n", "c")
	html := tokensHTML(r, predicting, 3, false, lang.English)
	for _, want := range []string{
		`<span class="tok k0" data-i="0"`, `<span class="tok k24" data-i="1"`, `<span class="sp"> </span>b`,
		"<span class=\"nl\"></span></span>\n", `<span class="tok k24 gen" data-i="3"`, `data-tip="1: 6.0 bits, rank 1"`, `class="ghost"`, "50 %",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in\n%s", want, html)
		}
	}
}

// TestUnderTheField holds that the tokens under the edit field have exactly the text of the field.
func TestUnderTheField(t *testing.T) {
	text := "né 好 \t"
	r := &protocol.RunResult{Text: text, Surprisal: make([]float32, 4), Rank: make([]float32, 4)}
	// "é" is two tokens of a byte each, "好" has none, and "n" and " " are their own.
	for _, p := range [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}} {
		r.Tokens = append(r.Tokens, protocol.Token{Text: "<E5>", Start: p[0], End: p[1]})
	}
	html := tokensHTML(r, predicting, -1, true, lang.English)
	var plain strings.Builder
	in := false
	for _, c := range html {
		switch {
		case c == '<':
			in = true
		case c == '>':
			in = false
		case !in:
			plain.WriteRune(c)
		}
	}
	if plain.String() != text {
		t.Fatalf("%q lies under %q", plain.String(), text)
	}
}

func TestTintsCoverTheScale(t *testing.T) {
	for nats, want := range map[float32]int{0: 0, float32(12 * math.Ln2): tints, 1e9: tints, -1: 0, float32(math.NaN()): 0, float32(3 * math.Ln2): tints / 4} {
		if got := tintOf(nats); got != want {
			t.Errorf("%v nats is tint %d, want %d", nats, got, want)
		}
	}
	if css := tintCSS(true); !strings.Contains(css, ".k48{--t:#95521f}") || !strings.Contains(css, ".k0{--t:#161615}") {
		t.Error("the ends of the scale are not those of the palette")
	}
}

// html is what a page looks like with a session, as natively as go-app can.
func html(t *testing.T, r *rig) string {
	t.Helper()
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	return app.HTMLString(p.bar()) + app.HTMLString(p.notices()) + app.HTMLString(p.controls()) + app.HTMLString(p.tabs())
}

func TestShellSaysWhatIsOpen(t *testing.T) {
	r := open(t, "#view=states&change=layers.0.hidden%40%2A%2C2%3Azero&bad=1")
	r.Card.Title = map[string]string{"en": "Parentheses", "zh": "括号"}
	got := html(t, r)
	for _, want := range []string{"Parentheses", "LSTM", "unit 2 of layers.0.hidden off", "bits a letter", "perplexity",
		`role="spinbutton"`, "Parts of the address could not be read", "in this tab only", "Attention"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "%!") || strings.Contains(got, "notice.") || strings.Contains(got, "run.") {
		t.Errorf("a text is missing in\n%s", got)
	}
}

// TestEveryNoticeIsSaid holds that each notice and warning that the session or the engine may give has its sentence.
func TestEveryNoticeIsSaid(t *testing.T) {
	p := newPage(nil, nil)
	for _, l := range lang.Languages {
		p.l = l
		for key, args := range map[string][]any{
			"notice.address": {"x"}, "notice.other-model": {"h"}, "notice.run-failed": {"e"}, "notice.changes-dropped": {"w"}, "notice.text-long": {9},
			"notice.end-context": {9}, "notice.end-eos": {9}, "notice.view-failed": {"v"}, "notice.not-restarted": nil, "notice.restarted": nil,
			"notice.crashed-twice": nil, "notice.update": nil, "notice.no-models": {"e"}, "warn.text-cut": {"", 3}, "warn.unknown-characters": {"é", 3}, "warn.not-a-number": {"", 0},
		} {
			if !l.Has(key) {
				t.Errorf("%s: no %s", l.Code, key)
			}
			if s := p.say(&Notice{Key: key, Args: args}); strings.Contains(s, "%!") || s == "" {
				t.Errorf("%s: %s says %q", l.Code, key, s)
			}
		}
		if s := p.say(&Notice{Key: "warn.of-tomorrow", Args: []any{"x"}}); !strings.Contains(s, "x") {
			t.Errorf("an unknown warning says %q", s)
		}
	}
}

func TestSwitchOfTheFigureIsPressed(t *testing.T) {
	r := open(t, "")
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	p.fig = &figure.Figure{Panels: []figure.Panel{{}, {Controls: []figure.Control{{Kind: "radio", Key: "layer"},
		{Kind: "switch", Key: "do:change=layers.0.hidden@*,1:zero"}}}}}
	p.pressSwitch()
	if len(r.State.Changes) != 1 || r.State.Changes[0].Index != 1 {
		t.Fatalf("changes %+v", r.State.Changes)
	}
	p.pressSwitch()
	if len(r.State.Changes) != 0 {
		t.Fatal("the second press does not undo it")
	}
}

func TestRangeByKeys(t *testing.T) {
	r := open(t, "#at=3")
	for _, c := range []struct {
		d    int
		want [2]int
	}{{1, [2]int{3, 5}}, {1, [2]int{3, 6}}, {-1, [2]int{3, 5}}, {-1, [2]int{}}, {-1, [2]int{2, 4}}, {-1, [2]int{1, 4}}, {1, [2]int{2, 4}}, {1, [2]int{}}} {
		if r.Reach(c.d); r.State.Range != c.want {
			t.Fatalf("range %v, want %v", r.State.Range, c.want)
		}
	}
}
