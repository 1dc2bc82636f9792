package shell

import (
	"encoding/csv"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"loupe/app/figure"
)

func TestPlainNumber(t *testing.T) {
	for in, want := range map[string]string{
		"12": "12", "−1.20": "-1.20", "+2.7": "+2.7", "50,257": "50257", "70.1 %": "70.1%", "70.1\u202f%": "70.1%", "-3": "-3", "1e-5": "1e-5",
		"": "", "–": "", "the": "", "Inf": "", "NaN": "", "0x10": "", "1_000": "", "%": "", "=1+1": "", "1p3": "", "− 2": "", "+": "",
	} {
		if got, ok := plainNumber(in); got != want || ok != (want != "") {
			t.Errorf("plainNumber(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestTableCSV(t *testing.T) {
	rows := [][]string{
		{"=SUM(A1)", "−0.5"}, {"+1", "+x"}, {"-x", "@x"}, {"a,b", `say "so"`}, {"\n", "\tx"}, {"‑", "1,024"}, {"<b>", "3 %"},
	}
	text := tableCSV(&figure.Table{Head: []string{"token", "value"}, Rows: rows})
	body, ok := strings.CutPrefix(text, "\ufeff")
	if !ok || strings.Count(body, "\r\n") != 8 {
		t.Errorf("no mark, or not a line a row: %q", text)
	}
	got, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"token", "value"}, {"'=SUM(A1)", "-0.5"}, {"+1", "'+x"}, {"'-x", "'@x"}, {"a,b", `say "so"`}, {"'\n", "'\tx"}, {"‑", "1024"}, {"<b>", "3%"}}
	for i, row := range want {
		if strings.Join(got[i], "|") != strings.Join(row, "|") {
			t.Errorf("row %d = %q, want %q", i, got[i], row)
		}
	}
}

func TestFigureCSV(t *testing.T) {
	f := &figure.Figure{Panels: []figure.Panel{
		{Title: []figure.Span{{Text: "no table"}}},
		{Title: []figure.Span{{Text: "=one, "}, {Text: " two"}}, Table: &figure.Table{Head: []string{"a"}, Rows: [][]string{{"1"}}}},
		{Title: []figure.Span{{Text: "three"}}, Table: &figure.Table{Head: []string{"b", "c"}, Rows: [][]string{{"2", "x"}}}},
	}}
	if got, want := figureCSV(f), "\ufeff\"'=one,  two\"\r\na\r\n1\r\n\r\nthree\r\nb,c\r\n2,x\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := figureCSV(&figure.Figure{}); got != "" {
		t.Errorf("%q of nothing", got)
	}
}

// TestSavedPicture holds that a saved picture stands alone and can do nothing, whatever is on the page.
func TestSavedPicture(t *testing.T) {
	look := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for k, v := range plainLook {
			m[k] = v
		}
		m["font-family"], m["font-size"], m["font-weight"] = "Noto Sans, sans-serif", "12px", "400"
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	root := node{tag: "svg", look: look("fill", "rgb(29, 28, 26)"), kids: []node{
		{tag: "text", attrs: [][2]string{{"x", "3"}, {"onclick", "x()"}, {"data-set", "at=1"}, {"class", "s10"}, {"style", "x"}}, look: look("fill", "rgb(29, 28, 26)", "font-size", "10px"), text: `<img onerror=x> & "`},
		{tag: "script", look: look(), text: "alert(1)"},
		{tag: "foreignObject", look: look(), kids: []node{{tag: "p", look: look(), text: "html"}}},
		{tag: "a", attrs: [][2]string{{"href", "https://example.org"}}, look: look()},
		{tag: "image", attrs: [][2]string{{"href", "https://example.org/x.png"}, {"width", "4"}}, look: look("image-rendering", "pixelated")},
		{tag: "image", attrs: [][2]string{{"href", "data:image/png;base64,AAAA"}}, look: look("image-rendering", "pixelated")},
		{tag: "image", attrs: [][2]string{{"href", "data:image/svg+xml,<svg/>"}}, look: look()},
		{tag: "rect", attrs: [][2]string{{"clip-path", "url(https://example.org/#c)"}, {"fill", "red"}}, look: look("fill", `url("https://example.org/#g")`)},
		{tag: "rect", attrs: [][2]string{{"width", "9"}}, look: look("display", "none")},
		{tag: "g", look: look("stroke", "rgb(195, 10, 92)", "stroke-width", "1.5px"), kids: []node{{tag: "path", attrs: [][2]string{{"d", "M0,0h9"}}, look: look("stroke", "rgb(195, 10, 92)", "stroke-width", "1.5px")}}},
	}}
	out := figureSVG([]savedPart{{box{100, 200, 50, 20}, root}, {box{300, 240, 10, 10}, node{tag: "svg", look: look()}}}, "rgb(252, 252, 250)", "a < b")
	for _, bad := range []string{"script", "foreignObject", "example.org", "onclick", "data-set", "class=", "style=", "<img", "svg+xml", "html", `"9"`, "<a"} {
		if strings.Contains(out, bad) {
			t.Errorf("a saved picture has %q: %s", bad, out)
		}
	}
	for _, want := range []string{
		`width="242" height="82"`, // both parts and the margin
		`<title>a &lt; b</title>`, `translate(16 16)`, `translate(216 56)`,
		`font-family="Noto Sans, sans-serif"`, `font-size="10px"`,
		`&lt;img onerror=x&gt; &amp; &quot;`, `href="data:image/png;base64,AAAA"`, `image-rendering="pixelated"`,
		`<path d="M0,0h9"></path>`, // what its group says is not said again
		`stroke="rgb(195, 10, 92)" stroke-width="1.5px"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("a saved picture lacks %q: %s", want, out)
		}
	}
	d := xml.NewDecoder(strings.NewReader(out))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"loupe model states": "loupe-model-states.svg", "../../etc/passwd": "etc-passwd.svg", "模型": "loupe.svg", "": "loupe.svg", "a.b": "a.b.svg",
		strings.Repeat("x", 100): strings.Repeat("x", 60) + ".svg",
	} {
		if got := fileName(in, "svg"); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}
