package prediction

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

func TestGolden(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	for _, c := range []struct {
		name string
		at   int
		set  string
		wide float64
	}{
		{"middle", 6, "", 1376},
		{"last", -1, "T=1.3&k=0&p=0.9&minp=0.05", 1376},
		{"log", 6, "o.prediction.scale=log&token=3", 1376},
		{"changed", 6, "change=layers.1.hidden@6,3:set%3D0.9&k=3", 1376},
		{"found", 4, "o.prediction.find=(&o.prediction.rows=2&T=0", 1376},
		{"phone", 6, "", 358},
	} {
		st := viewtest.State("(1(2  (3)2)1)0(1 (2   )1(2)1)0")
		st.View, st.At = "prediction", c.at
		set := strings.ReplaceAll(c.set, "layers.1", fmt.Sprintf("layers.%d", e.Model.Layers-1))
		if bad := st.Patch(set); bad != nil {
			t.Fatalf("%s: %q", c.name, bad)
		}
		in := e.Input(st)
		in.Width = c.wide
		viewtest.Golden(t, "prediction", c.name, Draw(in))
	}
}

// TestBeforeChanges holds that each token says what its surprisal was before changes, where they moved it.
func TestBeforeChanges(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	for _, change := range []string{"", "&change=layers.0.hidden@6,3:set%3D0.9"} {
		st := viewtest.State("(1(2  (3)2)1)0")
		if bad := st.Patch("view=prediction&at=6" + change); bad != nil {
			t.Fatal(bad)
		}
		in := e.Input(st)
		for _, p := range Draw(in).Panels {
			if p.ID != "text" {
				continue
			}
			rings, moved := strings.Contains(p.Marks(), "pd-ring"), 0
			for i := range in.Run.Tokens {
				if strings.Contains(p.Tip(0, i), "→") {
					moved++
				}
			}
			if made := change != ""; rings != made || moved > 0 != made || len(p.Table.All()[3]) == 6 != made {
				t.Errorf("%q: rings %v, %d tokens moved, columns %q", change, rings, moved, p.Table.Head)
			}
		}
	}
}

// made is an input about a vocabulary of tokens, with logits that grow the text by one token a position.
func made(texts []string, logits []float64, actual int, st *state.State) *figure.Input {
	var z float64
	for _, l := range logits {
		z += math.Exp(l)
	}
	p := &protocol.Prediction{LogZ: float32(math.Log(z)), ByK: len(texts), ByP: len(texts), ByMinP: len(texts), Kept: len(texts), Hidden: []float32{.5, -1}}
	for i, l := range logits {
		r := protocol.Row{ID: i, Text: texts[i], Rank: i, Logit: float32(l), P: float32(math.Exp(l) / z), Before: -1}
		r.Sampled = r.P
		p.Entropy -= r.P * float32(l-math.Log(z))
		p.Rows = append(p.Rows, r)
	}
	if actual >= 0 {
		p.Actual = &p.Rows[actual]
	}
	run := &protocol.RunResult{Tokens: []protocol.Token{{Text: "To"}, {Text: " be"}}, Surprisal: []float32{float32(math.NaN()), 1},
		Entropy: []float32{1, 2}, Rank: []float32{-1, 3}}
	return viewtest.Made(&protocol.Model{Logits: true, Vocab: len(texts)}, run, st, map[string]any{protocol.OpPredict: p})
}

func reading(in *figure.Input) string {
	return strings.ReplaceAll(figure.Plain(Draw(in).Reading), "\u00a0", " ")
}

func TestReading(t *testing.T) {
	abc := []string{" or", " and", "!"}
	for _, c := range []struct {
		name   string
		texts  []string
		logits []float64
		actual int
		want   string
	}{
		{"plain", abc, []float64{2, 1, 0}, -1, "After “To be” the model expects  or (66.5 %) before  and (24.5 %)."},
		{"right", abc, []float64{2, 1, 0}, 0, "After “To be” the model expects  or (66.5 %) before  and (24.5 %), and so the text goes on (0.59 bits)."},
		{"other", abc, []float64{2, 1, 0}, 2, "After “To be” the model expects  or (66.5 %) before  and (24.5 %); the text has !, its number 3 (9.00 %, 3.47 bits)."},
		{"sure", abc, []float64{9, 1, 0}, -1, "After “To be” the model is all but sure of  or (100.0 %), with  and next (0.03 %)."},
		{"tie", abc, []float64{1, 1, 0}, -1, "After “To be” the model finds  or and  and equally likely (42.2 % each)."},
		{"only", []string{" or"}, []float64{2}, -1, "After “To be” there is only  or to expect."},
		{"tiny", abc, []float64{30, 0, -9}, 2, "After “To be” the model is all but sure of  or (100.0 %), with  and next (<0.01 %); the text has !, its number 3 (<0.01 %, 56.3 bits)."},
	} {
		in := made(c.texts, c.logits, c.actual, viewtest.State("To be"))
		if got := reading(in); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		in.L = lang.Chinese
		if got := reading(in); !strings.Contains(got, "在“To be”之后") || !strings.HasSuffix(got, "。") {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestUndecided(t *testing.T) {
	texts, logits := make([]string, 50), make([]float64, 50)
	for i := range texts {
		texts[i], logits[i] = fmt.Sprint(i), -.01*float64(i)
	}
	got := reading(made(texts, logits, -1, viewtest.State("To be")))
	if want := "After “To be” nothing stands out: the likeliest, 0, has 2.53 %, and it is as if 49.5 tokens were equally likely."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReadingOfChanges(t *testing.T) {
	for _, c := range []struct {
		before float32
		token  int
		want   string
	}{
		{.2, -1, "With your changes  or rises from 20.0 % to 66.5 %, and the whole prediction moves by 0.72 bits."},
		{.9, -1, "With your changes  or falls from 90.0 % to 66.5 %, and the whole prediction moves by 0.72 bits."},
		{.66524, -1, "With your changes  or stays at 66.5 %, and the whole prediction moves by 0.72 bits."},
		{.5, 1, "With your changes  and falls from 50.0 % to 24.5 %;  or takes the lead (66.5 %), and the whole prediction moves by 0.72 bits."},
	} {
		st := viewtest.State("To be")
		st.Token = c.token
		in := made([]string{" or", " and", "!"}, []float64{2, 1, 0}, -1, st)
		p := in.Fetch(protocol.OpPredict, nil).(*protocol.Prediction)
		p.KL = .5
		for i := range p.Rows {
			p.Rows[i].Before = c.before
			if c.token >= 0 && i != c.token {
				p.Rows[i].Before = c.before / 2
			}
		}
		p.Watched = []protocol.Row{p.Rows[max(0, c.token)]}
		if got := reading(in); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
}

func TestNotFinite(t *testing.T) {
	in := made([]string{"a", "b"}, []float64{1, 0}, -1, viewtest.State("To be"))
	in.Run.Entropy[1] = float32(math.NaN())
	in.Fetch = func(string, any) any { t.Error("asked about a prediction that there is not"); return nil }
	f := Draw(in)
	if got := figure.Plain(f.Reading); !strings.Contains(got, "not finite") {
		t.Error(got)
	}
	viewtest.Text(t, f)
}

func TestSmallTexts(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	f := Draw(e.Input(viewtest.State("")))
	if got := figure.Plain(f.Reading); !strings.Contains(got, "no text yet") || len(f.Panels) != 0 {
		t.Errorf("%q with %d panels", got, len(f.Panels))
	}
	in := e.Input(viewtest.State("("))
	if f = Draw(in); len(f.Panels) != 3 || len(f.Reading) == 0 {
		t.Errorf("one token: %d panels", len(f.Panels))
	}
	viewtest.Text(t, f)
	in.Width = 0 // before the page was laid out
	viewtest.Text(t, Draw(in))
	if f = Draw(viewtest.Without(in, protocol.OpPredict)); f.Panels[0].Busy == "" || f.Panels[0].SVG != "" || f.Reading != nil {
		t.Errorf("draws before the answer: %+v", f.Panels[0])
	}
}

// TestMeasures holds that the engine counts what the facts say.
func TestMeasures(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	in := e.Input(viewtest.State("(1(2"))
	p := in.Prediction(1, e.Model.Vocab)
	var sum, entropy float64
	var reach [3]int
	for i, r := range p.Rows {
		sum += float64(r.P)
		for k, share := range []float64{.5, .9, .95} {
			if reach[k] == 0 && sum >= share {
				reach[k] = i + 1
			}
		}
		if r.Sampled > 0 {
			entropy -= float64(r.Sampled) * math.Log(float64(r.Sampled))
		}
	}
	if p.Reach != reach || math.Abs(float64(p.Drawn)-entropy) > 1e-5 {
		t.Errorf("reach %v, drawn %g; counted %v, %g", p.Reach, p.Drawn, reach, entropy)
	}
}

func TestHostileTokens(t *testing.T) {
	bad := []string{`<img src=x onerror="alert(1)">`, "\u202Eevil\u2066", `"'` + "`&", "</text><script>", "\x00\x07\n"}
	st := viewtest.State("To be")
	st.Patch("o.prediction.find=" + `%3Cscript%3E`)
	in := made(bad, []float64{5, 4, 3, 2, 1}, 1, st)
	in.Run.Tokens[0].Text = bad[0]
	text := viewtest.Text(t, Draw(in))
	if strings.ContainsAny(strings.ReplaceAll(text, "\n", ""), "\u202E\u2066\x00\x07") {
		t.Error("control characters reach the page")
	}
	if !strings.Contains(text, "&lt;img") {
		t.Error("the token does not show as text")
	}
}

func TestCuts(t *testing.T) {
	st := viewtest.State("To be")
	st.Sampling = protocol.Sampling{T: .8, K: 4, P: .9, MinP: .1}
	in := made([]string{"a", "b", "c", "d", "e"}, []float64{5, 4, 3, 2, 1}, -1, st)
	p := in.Fetch(protocol.OpPredict, nil).(*protocol.Prediction)
	p.ByK, p.ByP, p.ByMinP, p.Kept = 4, 2, 2, 2
	marks := Draw(in).Panels[0].SVG
	for want, n := range map[string]int{"top-k 4 keeps 4": 1, "top-p 0.90 keeps 2": 1, "min-p": 1, `class="cut"`: 2} {
		if got := strings.Count(marks, want); got != n {
			t.Errorf("%d of %q, want %d", got, want, n)
		}
	}
	st.Sampling = protocol.Sampling{T: 0}
	if marks = Draw(in).Panels[0].SVG; !strings.Contains(marks, "temperature 0 keeps 1") {
		t.Error("greedy sampling is not said")
	}
}

// TestOthersFit holds that the bar of all other tokens ends where its axis does.
func TestOthersFit(t *testing.T) {
	texts, logits := make([]string, 900), make([]float64, 900)
	in := made(texts, logits, -1, viewtest.State("To be"))
	p := in.Fetch(protocol.OpPredict, nil).(*protocol.Prediction)
	p.Rows = p.Rows[:4]
	v := &view{in: in, p: p, width: 900}
	c := v.columns()
	if n, rest := v.others(); n != 896 || math.Abs(rest-896./900) > 1e-3 || c.len(rest) <= c.bar {
		t.Fatalf("%d others with %g", n, rest)
	}
	var b svg.Builder
	v.rest(&b, &c, 0)
	for _, m := range regexp.MustCompile(`x="([0-9.]+)"[^/]* width="([0-9.]+)"`).FindAllStringSubmatch(b.String(), -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		w, _ := strconv.ParseFloat(m[2], 64)
		if x+w > c.p+c.bar+.1 {
			t.Errorf("a bar ends at %g, the axis at %g", x+w, c.p+c.bar)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	texts, logits := make([]string, 50257), make([]float64, 50257)
	for i := range texts {
		texts[i], logits[i] = fmt.Sprintf(" t%d", i), 10-math.Log(float64(i+1))
	}
	in := made(texts, logits, 40, viewtest.State("To be"))
	p := in.Fetch(protocol.OpPredict, nil).(*protocol.Prediction)
	p.Rows, p.Hidden = p.Rows[:16], make([]float32, 768)
	for len(in.Run.Tokens) < 512 {
		in.Run.Tokens = append(in.Run.Tokens, protocol.Token{Text: " be"})
		in.Run.Surprisal, in.Run.Entropy, in.Run.Rank = append(in.Run.Surprisal, 3), append(in.Run.Entropy, 4), append(in.Run.Rank, 5)
	}
	for b.Loop() {
		Draw(in)
	}
}

func TestShots(t *testing.T) {
	e := viewtest.Open(t, "web/models/char-lstm")
	viewtest.Shots(t, "prediction", func() *figure.Input {
		st := viewtest.State("To be, or not to be: that is the question")
		st.At, st.View = 31, "prediction"
		return e.Input(st)
	}, Draw)
	e = viewtest.Open(t, "web/models/mini-gpt")
	viewtest.Shots(t, "prediction-gpt", func() *figure.Input {
		st := viewtest.State("ROMEO:\nGood Mercutio, what says the prince to Mercutio, and what says the prince")
		st.At, st.View = 12, "prediction"
		st.Patch("o.prediction.find=love&token=300&change=blocks.2.attn.z@*,3:zero")
		return e.Input(st)
	}, Draw)
}
