package shell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/engine/protocol"
)

// codes finds, in the source of the engine and the page, every code of an error and of a warning.
func codes(t *testing.T) (errs, warnings map[string]string) {
	errs, warnings = map[string]string{}, map[string]string{}
	for _, root := range []string{"../../engine", "../../app", "../../wasm"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit:
					into := errs
					if strings.HasSuffix(typeName(n.Type), "Warning") {
						into = warnings
					} else if !strings.HasSuffix(typeName(n.Type), "Error") {
						return true
					}
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok && typeName(kv.Key) == "Code" {
							add(into, kv.Value, path)
						}
					}
				case *ast.CallExpr:
					if strings.HasSuffix(typeName(n.Fun), "warn") && len(n.Args) > 0 {
						add(warnings, n.Args[0], path)
					}
				case *ast.ValueSpec: // the constants of engine/fault
					if strings.HasSuffix(path, "engine/fault/fault.go") {
						for _, v := range n.Values {
							add(errs, v, path)
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return errs, warnings
}

func typeName(e ast.Node) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func add(into map[string]string, e ast.Expr, path string) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value)
		into[s] = path
	}
}

// TestSentences holds that every code has a sentence and what to do, in every language.
func TestSentences(t *testing.T) {
	errs, warnings := codes(t)
	for _, known := range []string{"truncated", "no-tokenizer", "unknown-family", "vocab-mismatch", "crashed", "hung", "no-text", "engine"} {
		if errs[known] == "" {
			t.Errorf("the search did not find the code %q", known)
		}
	}
	for _, known := range []string{"widened", "non-finite", "vocab-padded", "text-cut"} {
		if warnings[known] == "" {
			t.Errorf("the search did not find the warning %q", known)
		}
	}
	for _, l := range lang.Languages {
		for code, path := range errs {
			if !l.Has("error."+code) || !l.Has("error."+code+".do") {
				t.Errorf("%s: the error %q of %s has no sentence, or no way out", l.Code, code, path)
			}
		}
		for code, path := range warnings {
			if !l.Has("warn." + code) {
				t.Errorf("%s: the warning %q of %s has no sentence", l.Code, code, path)
			} else if s := l.T("warn."+code, "bf16", 3); strings.Contains(s, "%!") {
				t.Errorf("%s: warn.%s: %s", l.Code, code, s)
			}
		}
		for code := range errs {
			e := &protocol.Error{Code: code, File: "a/model.safetensors", Found: "rwkv"}
			if s := text(app.HTMLString(app.H2().Body(headline(l, e)...))); strings.Contains(s, "%") || s == "" {
				t.Errorf("%s: %s: headline %q", l.Code, code, s)
			}
			e.File, e.Found = "", ""
			if s := text(app.HTMLString(app.H2().Body(headline(l, e)...))); strings.Contains(s, "%") {
				t.Errorf("%s: %s without a file: headline %q", l.Code, code, s)
			}
		}
	}
	if s := text(app.HTMLString(app.H2().Body(headline(lang.English, &protocol.Error{Code: "from-later"})...))); !strings.Contains(s, "from-later") {
		t.Errorf("an unknown code is said as %q", s)
	}
}

// text is what HTML reads as.
func text(html string) string {
	var b strings.Builder
	in := false
	for _, r := range html {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestTruncation(t *testing.T) {
	for _, c := range []struct {
		e    protocol.Error
		size int64
		want truncated
		ok   bool
	}{
		{protocol.Error{Code: "truncated", Expected: "data up to byte 1000", Found: "600 bytes of data"}, 700, truncated{100, 700, 1100}, true},
		{protocol.Error{Code: "truncated", Expected: "120 bytes", Found: "50 bytes"}, 50, truncated{50, 50, 120}, true},
		{protocol.Error{Code: "truncated", Expected: "120 bytes", Found: "50 bytes"}, 0, truncated{}, false},
		{protocol.Error{Code: "truncated", Found: "the end of the file"}, 50, truncated{}, false},
		{protocol.Error{Code: "truncated", Expected: "data up to byte 10", Found: "600 bytes of data"}, 700, truncated{100, 700, 110}, false},
		{protocol.Error{Code: "bad-offsets", Expected: "120 bytes"}, 50, truncated{}, false},
	} {
		got, ok := truncation(&c.e, c.size)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%v: %v, %v", c.e, got, ok)
		}
	}
	for _, size := range []int64{1, 200, 500, 900, 999} {
		s := truncated{1, size, 1000}.draw(lang.Chinese)
		if !strings.Contains(s, "文件到此为止") || strings.Contains(s, "NaN") {
			t.Errorf("%d of 1000: %s", size, s)
		}
	}
}

func TestOverLimit(t *testing.T) {
	e := &protocol.Error{Code: "too-large", Expected: "at most 4 GB", Found: "6442450944 bytes"}
	need, limit, ok := overLimit(e)
	if !ok || need != 6<<30 || limit != 4<<30 {
		t.Errorf("%g of %g, %v", need, limit, ok)
	}
	if s := drawLimit(lang.English, need, limit, "4 GB"); !strings.Contains(s, `x1="66.7%"`) || !strings.Contains(s, "limit, 4 GB") {
		t.Error(s)
	}
	for _, e := range []*protocol.Error{{Code: "too-large", Expected: "at most 50 tokens", Found: "60 bytes"}, {Code: "too-large", Expected: "at most 4 GB"}, {Code: "truncated", Expected: "at most 4 GB", Found: "9e9 bytes"}} {
		if _, _, ok := overLimit(e); ok {
			t.Errorf("%v has a limit", e)
		}
	}
}

func TestDatum(t *testing.T) {
	for in, want := range map[string]string{
		`tensor "a.<b>"`: "张量 a.&lt;b&gt;", "byte 187302912": "第 187,302,912 字节", "24 bytes": "24 字节", "1 byte": "1 字节", "at most 4 GB": "至多 4 GB", "at most 100 bytes": "至多 100 字节",
		`tensor "a, b", byte 7`: "张量 a, b , 第 7 字节", "tensor x": "tensor x", "byte x": "byte x", "x bytes": "x bytes",
	} {
		if got := text(app.HTMLString(app.P().Body(datum(lang.Chinese, in)...))); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	m := &protocol.Model{Logits: true, Layers: 4, Heads: 8, Hidden: 64}
	run := &protocol.RunResult{Tokens: []protocol.Token{{Text: "the"}, {Text: " cat"}, {Text: " saw"}, {Text: " The"}}}
	for q, want := range map[string][]string{
		"3.7": {"view=attention&layer=3&head=7"}, "4.0": nil, "3.8": nil, "-1.2": nil, "63": {"view=states&unit=63"}, "64": nil, "@2": {"at=2"}, "@4": nil,
		"the": {"at=0", "at=3"}, "dog": nil, "": nil, " cat ": {"at=1"},
	} {
		var got []string
		for _, h := range places(lang.English, q, m, run) {
			got = append(got, h.set)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
}

func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		since       time.Duration
		done, total float64
		want        string
	}{
		{2 * time.Second, 50, 100, "2.0 s left"}, {time.Second, 1, 100, "99 s left"}, {100 * time.Millisecond, 50, 100, ""}, {time.Second, 0, 100, ""}, {time.Second, 100, 100, ""},
	} {
		if got := timeLeft(lang.English, c.since, c.done, c.total); got != c.want {
			t.Errorf("%v, %g of %g: %q, want %q", c.since, c.done, c.total, got, c.want)
		}
	}
}

// attributes are left out where elements are looked for: the browser is given them by setAttribute.
var attributes = regexp.MustCompile(`="[^"]*"`)

// prepare gives a page what a dialogue is about.
func prepare(p *page, name, evil string) {
	p.s.Model = &protocol.Model{Name: evil, Family: "GPT-2", Config: `{"a": "` + evil + `"}`, Ignored: []string{evil}, Mask: -1,
		Guesses:  []protocol.Guess{{Key: "n_head", Value: "3", Why: "shapes", Choices: []string{"2", evil}}, {Key: "eps", Value: evil, Why: "of tomorrow"}},
		Warnings: []protocol.Warning{{Code: "unused-tensors", What: evil, N: 2}}}
	p.talk.kept = []kept{{ID: "hub:a/" + evil + "@0123456789012345678901234567890123456789", Here: 9, Files: []remote{{Name: evil, Size: 20}}}}
	p.down = &download{wish: wish{repo: "some/" + evil, rev: "main"}, step: "listed", files: []remote{{Name: evil, Size: 2e6}}, choices: []remote{{Name: evil}, {Name: "b"}},
		done: 5e5, file: evil, notes: []string{"no-range", "full", "memory", "changed"}, note: "again", why: "length 5 6"}
	e := &protocol.Error{Code: "truncated", File: "x/" + evil, Where: `tensor "` + evil + `"`, Expected: "120 bytes", Found: "50 bytes"}
	p.s.Opening.Err = e
	switch name {
	case "several":
		e.Code, e.Found = "several-models", "a.gguf, b.gguf, "+evil
	case "family":
		e.Code, e.Expected, e.Found = "unknown-family", "gpt2, llama", evil
	case "tokenizer":
		e.Code = "no-tokenizer"
	}
}

// Every end of a download has its sentence and a way on.
func TestDownloadSentences(t *testing.T) {
	for _, l := range lang.Languages {
		for _, why := range []string{"status 401", "status 404", "status 429", "status 500", "length 5 6", "offline", "sandbox", "frame", "html", "lfs", "empty", "no-model",
			"refused", "unreachable", "cut", "changed", "listing", "failed", "of tomorrow"} {
			key, args := whyNot(why, "example.org")
			if s := l.T(key, args...); !l.Has(key) || !l.Has(key+".do") || strings.Contains(s, "%!") {
				t.Errorf("%s: %s is said as %q", l.Code, why, s)
			}
		}
	}
}

// TestDialogues draws each dialogue with hostile names: they stay words, and no key of the catalogue shows.
func TestDialogues(t *testing.T) {
	const evil = `<img onerror=x>.safetensors`
	for _, l := range lang.Languages {
		p := newPage(nil, nil)
		p.l = l
		p.s.Cards = []figure.Card{{ID: "a", Title: map[string]string{"en": evil, "zh": evil}, About: map[string]string{"en": "about", "zh": "about"}, Family: "LSTM", Layers: 2, Hidden: 128, Bytes: 1e6, Runs: true},
			{ID: "b", Title: map[string]string{"en": "b", "zh": "b"}, Heads: 8, Layers: 4}}
		p.s.Opening = &Opening{Name: evil, Bytes: 98e6, Started: time.Now().Add(-2 * time.Second), Files: []client.File{{Name: "x/" + evil, Size: 50}},
			Steps: []protocol.Step{{Stage: "download", Done: 98e6, Total: 98e6}, {Stage: "header", Done: 1, Total: 1, Note: "272"}, {Stage: "weights", Done: 61e6, Total: 92e6, Note: evil}}}
		p.talk.began, p.talk.parts = time.Now().Add(-time.Second), []float64{.2, .5}
		p.talk.query, p.talk.found = "q", []hit{{token: evil, text: "token 5", set: "token=5"}}
		p.talk.report, p.talk.refuse = evil, evil
		for name, draw := range map[string]func(*page) []app.UI{"open": openUI, "opening": openingUI, "error": errorUI, "share": shareUI, "keys": keysUI, "find": findUI, "report": reportUI,
			"fetch": fetchUI, "loading": loadingUI, "about": aboutUI, "numbers": openUI, "several": errorUI, "family": errorUI, "tokenizer": errorUI} {
			prepare(p, name, evil)
			html := app.HTMLString(app.Div().Body(draw(p)...))
			if strings.Contains(attributes.ReplaceAllString(html, ""), "<img") {
				t.Errorf("%s %s: a name became an element:\n%s", l.Code, name, html)
			}
			for _, part := range []string{"open.", "opening.", "error.", "share.", "keys.", "find.", "fetch.", "about.", "%!", "%s"} {
				if strings.Contains(text(html), part) {
					t.Errorf("%s %s: %q is on the page:\n%s", l.Code, name, part, text(html))
				}
			}
			want := map[string]string{"opening": "61\u00a0MB", "error": "50", "open": "1\u00a0MB", "keys": "Ctrl+Z", "fetch": "2\u00a0MB", "loading": "0.50",
				"about": "n_head", "several": `data-do="weights=b.gguf"`, "family": `data-do="family=llama"`, "tokenizer": `data-do="numbers"`}[name]
			if !strings.Contains(html, want) {
				t.Errorf("%s %s lacks %q:\n%s", l.Code, name, want, text(html))
			}
		}
		if s := text(app.HTMLString(app.Div().Body(openingUI(p)...))); !strings.Contains(s, "272") || !strings.Contains(s, "98 MB") {
			t.Errorf("%s opening: %s", l.Code, s)
		}
		if s := meter(.66, p.talk.parts, evil); strings.Contains(s, "<img") || strings.Count(s, "ipage") != 2 || !strings.Contains(s, `width="66%"`) {
			t.Errorf("meter: %s", s)
		}
	}
}
