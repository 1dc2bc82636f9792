package plot

import (
	"strings"
	"unicode"

	"loupe/app/svg"
)

// Width estimates how wide s is at px pixels, in a sans font of common width, from above: figures are drawn
// before the browser could be asked, and the same everywhere.
func Width(s string, px float64) float64 {
	var w float64
	for _, r := range s {
		w += advance(r)
	}
	return w * px
}

func advance(r rune) float64 {
	switch {
	case r >= 0x1100 && (unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFF60 || r >= 0x1F300):
		return 1
	case r == 'i', r == 'j', r == 'l', r == '\'', r == '.', r == ',', r == ':', r == ';', r == '|', r == '!':
		return .28
	case r == ' ', r == '\u00a0', r == 'f', r == 't', r == 'r', r == 'I', r == '(', r == ')', r == '-':
		return .36
	case r == 'm', r == 'M', r == 'w', r == 'W', r == '@', r == '%':
		return .88
	case unicode.IsUpper(r):
		return .66
	case unicode.Is(unicode.Mn, r):
		return 0
	}
	return .57
}

// Fit cuts s with an ellipsis so that it is at most max wide.
func Fit(s string, max, px float64) string {
	if Width(s, px) <= max {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && Width(string(r)+"…", px) > max {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// Wrap breaks s into lines of at most max pixels, between words or, where a script has no spaces, between characters.
func Wrap(s string, max, px float64) []string {
	var out []string
	for s != "" {
		r := []rune(s)
		n, w := 0, 0.0 // what fits
		for n < len(r) && w+advance(r[n])*px <= max {
			w += advance(r[n]) * px
			n++
		}
		if n == len(r) {
			return append(out, s)
		}
		cut := n
		for cut > 0 && !mayBreak(r[cut-1], r[cut]) {
			cut--
		}
		if cut == 0 {
			cut = 1
			if n > 1 {
				cut = n
			}
		}
		out = append(out, strings.TrimRight(string(r[:cut]), " "))
		s = strings.TrimLeft(string(r[cut:]), " ")
	}
	return out
}

// mayBreak reports whether a line may end between two characters.
func mayBreak(before, after rune) bool {
	return after == ' ' || before == ' ' || before >= 0x1100 && after >= 0x1100 && !strings.ContainsRune("，。；：、！？）」』》", after)
}

// Token draws a token's text as Loupe shows tokens everywhere: a leading space is a small dot, a newline is ⏎.
type Token struct {
	Text   string
	Px     float64 // 12 if 0
	Anchor string  // start (default), middle, end
	Max    float64 // widest; 0 = any
	Class  string
	Fill   string // a CSS colour, or "" for the class's
	Attrs  []string
}

// OneLine is Visible in one string, with a dot for the space before.
func OneLine(s string) string {
	body, space := Visible(s)
	if space {
		return "·" + body
	}
	return body
}

// Visible is a token's text with what cannot be seen made visible, without its leading space.
func Visible(s string) (body string, space bool) {
	if len(s) > 0 && s[0] == ' ' {
		s, space = s[1:], true
	}
	if s == "" && space {
		return "", true
	}
	out := []rune{}
	for _, r := range s {
		switch r {
		case '\n':
			out = append(out, '⏎')
		case '\t':
			out = append(out, '⇥')
		case ' ':
			out = append(out, '·')
		default:
			out = append(out, svg.Shown(r))
		}
	}
	return string(out), space
}

// Draw writes the token with its baseline at y.
func (t Token) Draw(b *svg.Builder, x, y float64) {
	px := t.Px
	if px == 0 {
		px = 12
	}
	body, space := Visible(t.Text)
	dot := 0.0
	if space {
		dot = px * .42
	}
	if t.Max > 0 {
		body = Fit(body, t.Max-dot, px)
	}
	w := Width(body, px) + dot
	switch t.Anchor {
	case "end":
		x -= w
	case "middle":
		x -= w / 2
	}
	var paint []string // presentation attributes: the page's policy forbids style=""
	if t.Fill != "" {
		paint = []string{"fill", t.Fill}
	}
	if space {
		b.Circle(x+dot*.4, y-px*.3, 1, t.Class, append(paint, "opacity", ".55")...)
	}
	if body != "" {
		anchor, ax := "start", x+dot
		switch t.Anchor { // the estimate decides only where the dot stands
		case "middle":
			anchor, ax = "middle", x+dot+(w-dot)/2
		case "end":
			anchor, ax = "end", x+w
		}
		b.Text(ax, y, body, t.Class, append(append(paint, "font-size", svg.N(px), "text-anchor", anchor), t.Attrs...)...)
	}
}
