package plot

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"math"
	"strings"
	"testing"

	"loupe/app/svg"
)

// TestPicture decodes what Picture wrote with another decoder.
func TestPicture(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 5}, {300, 200}} {
		rows, cols := size[0], size[1]
		at := func(r, c int) (RGB, bool) { return RGB{uint8(r), uint8(c), uint8(r * c)}, (r+c)%3 > 0 }
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(Picture(rows, cols, at), "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != cols || b.Dy() != rows {
			t.Fatalf("%v", b)
		}
		for r := range rows {
			for c := range cols {
				want, on := at(r, c)
				R, G, B, A := img.At(c, r).RGBA()
				if on && (RGB{uint8(R >> 8), uint8(G >> 8), uint8(B >> 8)} != want || A != 0xffff) || !on && A != 0 {
					t.Fatalf("cell %d, %d", r, c)
				}
			}
		}
	}
}

// TestScales holds that zero is the page, that the ends are the ends, and that lightness goes one way.
func TestScales(t *testing.T) {
	for _, p := range []*Palette{&Light, &Dark} {
		page := p.Seq.At(0)
		if p.Surprisal.At(0) != page || p.Div.At(0) != page || p.Seq.At(-5) != page {
			t.Error("zero is not the page")
		}
		if p.Div.At(-1) != p.Div.Stops()[0] || p.Seq.At(9) != p.Seq.Stops()[8] {
			t.Error("the ends")
		}
		last := -1.0
		for i := range 101 {
			c := p.Seq.At(float64(i) / 100)
			l := .2126*float64(c[0]) + .7152*float64(c[1]) + .0722*float64(c[2])
			if p == &Light {
				l = 255 - l
			}
			if l < last-1 {
				t.Errorf("lightness turns at %d", i)
			}
			last = l
		}
	}
}

func TestFitAndTokens(t *testing.T) {
	if s := Fit("understanding", 40, 12); Width(s, 12) > 40 || !strings.HasSuffix(s, "…") {
		t.Errorf("%q is %v wide", s, Width(s, 12))
	}
	if s := Fit("is", 40, 12); s != "is" {
		t.Errorf("%q", s)
	}
	for in, want := range map[string]string{" the": "the", "\n": "⏎", "a\tb": "a⇥b", "  x": "·x", " ": ""} {
		if got, _ := Visible(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	var b svg.Builder
	Token{Text: " <b>"}.Draw(&b, 10, 20)
	if !strings.Contains(b.String(), "&lt;b&gt;") || !strings.Contains(b.String(), "<circle") {
		t.Error(b.String())
	}
}

// TestLevels holds that a picture by a scale shows the scale's colours, to the nearest of its 255 levels.
func TestLevels(t *testing.T) {
	for _, scale := range []*Scale{&Light.Seq, &Dark.Div} {
		at := func(r, c int) float64 {
			if c > r {
				return math.NaN()
			}
			return float64(r-c)/40 - float64(c)/20
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(Levels(50, 50, scale, at), "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for r := range 50 {
			for c := range 50 {
				R, G, B, A := img.At(c, r).RGBA()
				if c > r {
					if A != 0 {
						t.Fatalf("cell %d, %d is not transparent", r, c)
					}
					continue
				}
				want := scale.At(at(r, c))
				for i, v := range []uint32{R, G, B} {
					if d := int(v>>8) - int(want[i]); d < -3 || d > 3 || A != 0xffff {
						t.Fatalf("cell %d, %d: %d %d %d, want %v", r, c, R>>8, G>>8, B>>8, want)
					}
				}
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, s := range []string{"letters from 0.3 on random tokens said twice", "在随机词元说两遍时，至少占三成。", "unbreakablyverylongwordthatdoesnotfit in", ""} {
		lines := Wrap(s, 100, 12)
		if strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.ReplaceAll(s, " ", "") {
			t.Errorf("%q became %q", s, lines)
		}
		for _, l := range lines {
			if Width(l, 12) > 100 || strings.HasPrefix(l, "，") {
				t.Errorf("line %q of %q", l, s)
			}
		}
	}
}
