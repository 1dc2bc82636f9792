package viewtest

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/svg"
)

// Golden compares a figure's text form with testdata/golden/<view>/<name>.svg. UPDATE_GOLDEN=1 writes it instead. Numbers may
// differ by 1 in their last decimal: the last bits of floats differ between machines.
func Golden(t testing.TB, view, name string, f figure.Figure) {
	t.Helper()
	got := Text(t, f)
	path := filepath.Join(Root(t), "testdata", "golden", view, name+".svg")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (UPDATE_GOLDEN=1 writes it)", err)
	}
	if d := diff(string(want), got); d != "" {
		t.Errorf("%s/%s differs from its golden (UPDATE_GOLDEN=1 rewrites it):\n%s", view, name, d)
	}
}

// diff names up to 8 lines that differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i, n := 0, 0; i < max(len(w), len(g)) && n < 8; i++ {
		a, c := "(end)", "(end)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			c = g[i]
		}
		if !same(a, c) {
			fmt.Fprintf(&b, "line %d\n  want %s\n  got  %s\n", i+1, a, c)
			n++
		}
	}
	return b.String()
}

var number = regexp.MustCompile(`\d+(\.\d+)?`)

// same compares lines, their numbers to 1 in the last decimal.
func same(a, b string) bool {
	if a == b {
		return true
	}
	if number.ReplaceAllString(a, "0") != number.ReplaceAllString(b, "0") {
		return false
	}
	x, y := number.FindAllString(a, -1), number.FindAllString(b, -1)
	for i := range x {
		p, _ := strconv.ParseFloat(x[i], 64)
		q, _ := strconv.ParseFloat(y[i], 64)
		if math.Abs(p-q) > 1.01*unit(x[i]) {
			return false
		}
	}
	return true
}

// unit is 1 in the last digit of a number that has decimals; integers (indices, counts) must be the same.
func unit(s string) float64 {
	if _, f, ok := strings.Cut(s, "."); ok {
		return math.Pow(10, -float64(len(f)))
	}
	return 0
}

// Text is a figure in the form that goldens keep: one mark a line, pictures as the mean colours of a grid of parts.
func Text(t testing.TB, f figure.Figure) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("<figure layout=\"" + f.Layout + "\">\n<reading>\n" + lines(spans(f.Reading)) + "</reading>\n")
	for _, p := range f.Panels {
		Check(t, p)
		fmt.Fprintf(&b, "<panel id=%q class=%q names=%q label=%q size=\"%.1f x %.1f\" nowx=\"%.1f\" busy=%q>\n", p.ID, p.Class, p.Names, p.Label, p.Width, p.Height, p.NowX, p.Busy)
		b.WriteString(lines(spans(p.Title)))
		for _, c := range p.Controls {
			b.WriteString("<control " + controlText(c) + "/>\n")
		}
		b.WriteString(lines(p.Marks()))
		if p.Scatter != nil {
			b.WriteString(scatterText(p.Scatter))
		}
		for _, k := range p.HTML {
			b.WriteString("<block kind=\"" + k.Kind + "\">\n" + lines(blockText(k)) + "</block>\n")
		}
		if p.Table != nil {
			b.WriteString("table: " + strings.Join(p.Table.Head, " | ") + "\n")
			rows := p.Table.All()
			if p.Table.Make != nil { // they are many
				fmt.Fprintf(&b, "  %d rows\n", len(rows))
				rows = rows[:min(12, len(rows))]
				if p.Scatter != nil { // see scatterText
					rows = nil
				}
			}
			for _, r := range rows {
				b.WriteString("  " + svg.Esc(strings.Join(r, " | ")) + "\n")
			}
		}
		b.WriteString("</panel>\n")
	}
	return b.String() + "</figure>\n"
}

// scatterText is what a map shows, but where: places hang on the last bits of sums, which differ between machines.
func scatterText(s *figure.Scatter) string {
	count := make([]int, len(s.Colours)+1)
	for _, c := range s.Class {
		count[min(int(c), len(s.Colours))]++
	}
	out := fmt.Sprintf("map of %d rows in %d dimensions, equal %v, camera %q %q, tool %q, perspective %v\n", len(s.Class), s.Dims, s.Equal, s.CamKey, s.Cam, s.Tool, s.Persp)
	for i, c := range append(slices.Clone(s.Colours), "hidden") {
		out += fmt.Sprintf("  %s: %d\n", c, count[i])
	}
	out += fmt.Sprintf("  chosen: %v\n  axes: %q\n", s.Chosen, s.Axes)
	for _, r := range s.Order[:min(8, len(s.Order))] {
		out += fmt.Sprintf("  label %d %q, tip %q, hover %q, set %q\n", r, s.Names[r], s.Tip(r), s.Hover(r), s.Set(r, false))
	}
	for _, m := range s.Marks {
		out += fmt.Sprintf("  mark %+v of %q\n", m, s.Names[m.Row])
	}
	for _, l := range s.Lines {
		out += fmt.Sprintf("  line %+v\n", l)
	}
	return out
}

// controlText is a control's fields; those that most have not are left out where they are empty.
func controlText(c figure.Control) string {
	return strings.Replace(fmt.Sprintf("%+v", c), " Lead:false Tip: Enter:}", "}", 1)
}

// blockText is a block without what the page puts around it.
func blockText(k figure.Block) string {
	if k.Kind == "html" {
		return k.HTML
	}
	return blockHTML(k)
}

var (
	tag     = regexp.MustCompile(`>\s*<`)
	picture = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]+`)
)

func lines(s string) string {
	if s == "" {
		return ""
	}
	s = picture.ReplaceAllStringFunc(s, describe)
	return tag.ReplaceAllString(s, ">\n<") + "\n"
}

// describe is a picture's size and the mean colours (red, green, blue and opacity, in hundreds) of at most 8 x 8 parts of it.
func describe(url string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(url, "data:image/png;base64,"))
	if err != nil {
		return "picture: " + err.Error()
	}
	im, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return "picture: " + err.Error()
	}
	w, h := im.Bounds().Dx(), im.Bounds().Dy()
	out := fmt.Sprintf("picture %dx%d", w, h)
	nx, ny := min(8, w), min(8, h)
	for j := 0; j < ny; j++ {
		out += " /"
		for i := 0; i < nx; i++ {
			out += mean(im, image.Rect(i*w/nx, j*h/ny, (i+1)*w/nx, (j+1)*h/ny))
		}
	}
	return out
}

func mean(im image.Image, r image.Rectangle) string {
	var sum [4]float64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cr, cg, cb, ca := im.At(x, y).RGBA()
			for i, v := range []uint32{cr, cg, cb, ca} {
				sum[i] += float64(v >> 8)
			}
		}
	}
	n := float64(r.Dx() * r.Dy())
	return fmt.Sprintf(" %.2f,%.2f,%.2f,%.2f", sum[0]/n/100, sum[1]/n/100, sum[2]/n/100, sum[3]/n/100)
}

// Check holds what the page's policy and safety ask of a panel: well-formed marks, nothing inline that could run or style,
// no number that is none.
func Check(t testing.TB, p figure.Panel) {
	t.Helper()
	all := []string{p.Marks()}
	for _, b := range p.HTML {
		all = append(all, b.HTML)
	}
	for _, s := range all {
		d := xml.NewDecoder(strings.NewReader("<x>" + s + "</x>"))
		d.Entity = xml.HTMLEntity
		for {
			k, err := d.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("panel %s is not well formed: %v", p.ID, err)
				break
			}
			if e, ok := k.(xml.StartElement); ok {
				checkElement(t, p.ID, e)
			}
		}
	}
}

// runs are elements that could run or style something, or bring something from elsewhere.
var runs = []string{"script", "style", "iframe", "foreignobject", "object", "embed", "link", "img", "use", "animate", "set"}

func checkElement(t testing.TB, panel string, e xml.StartElement) {
	t.Helper()
	if slices.Contains(runs, strings.ToLower(e.Name.Local)) {
		t.Errorf("panel %s has a <%s>", panel, e.Name.Local)
	}
	for _, a := range e.Attr {
		name := strings.ToLower(a.Name.Local)
		switch {
		case name == "style", strings.HasPrefix(name, "on"), name == "src":
			t.Errorf("panel %s: <%s %s=%q>", panel, e.Name.Local, name, a.Value)
		case name == "href" && !strings.HasPrefix(a.Value, "data:image/png;base64,") && !strings.HasPrefix(a.Value, "#"):
			t.Errorf("panel %s links to %q", panel, a.Value)
		case !strings.HasPrefix(name, "data-") && !strings.HasPrefix(name, "aria-") && (strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf")):
			t.Errorf("panel %s: <%s %s=%q> is no number", panel, e.Name.Local, name, a.Value)
		}
	}
}
