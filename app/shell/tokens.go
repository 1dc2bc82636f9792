package shell

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// tints is how many steps the tint of a token has: it is a class, for the page's policy forbids styles in HTML.
const tints = 48

// tintOf is the class of a surprisal in nats.
func tintOf(nats float32) int {
	if nats != nats {
		return 0
	}
	return int(math.Round(min(1, max(0, float64(nats)/math.Ln2/plot.MaxSurprisal)) * tints))
}

// tintCSS is the rules of the tints, and of the ramp that explains them.
func tintCSS(dark bool) string {
	sc := plot.Theme(dark).Surprisal
	var b strings.Builder
	for i := range tints + 1 {
		b.WriteString(".k" + strconv.Itoa(i) + "{--t:" + sc.At(float64(i)/tints).CSS() + "}")
	}
	b.WriteString(".ramp i{background:linear-gradient(90deg")
	for _, c := range sc.Stops() {
		b.WriteString("," + c.CSS())
	}
	b.WriteString(")}")
	return b.String()
}

// tokensHTML is the text as tokens, each with its tint; what no token stands for is struck out. Under the edit field every
// character has exactly the width that it has there; elsewhere bytes that are no character are shown as <E5>.
func tokensHTML(r *protocol.RunResult, m *protocol.Model, genFrom int, editing bool, l *lang.Catalogue) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	b.Grow(160 * len(r.Tokens))
	from := 0
	for i, t := range r.Tokens {
		unread(&b, r.Text, from, t.Start, l)
		from = max(from, t.End)
		tip := l.T("text.first", r.From+i)
		if s := r.Surprisal[i]; s == s {
			bits := svg.Fixed(float64(s)/math.Ln2, 1)
			if i < len(r.Before) {
				bits = changed(svg.Fixed(float64(r.Before[i])/math.Ln2, 1), bits)
			}
			tip = l.T("text.tip", r.From+i, bits, svg.Count(int(r.Rank[i])+1))
		}
		swapped := t.Was != nil && !editing
		if swapped {
			tip += "\n" + l.T("text.was", plot.OneLine(t.Was.Text))
		}
		n := strconv.Itoa(i)
		b.WriteString(`<span class="tok k` + strconv.Itoa(tintOf(r.Surprisal[i])))
		if genFrom >= 0 && i >= genFrom {
			b.WriteString(" gen")
		}
		if swapped {
			b.WriteString(" swapped")
		}
		if t.Start == t.End || slices.Contains(m.Specials, t.ID) {
			b.WriteString(" special")
		}
		if m.Recorded > 0 {
			b.WriteString(`" data-at="` + strconv.Itoa(r.From+i))
		}
		b.WriteString(`" data-i="` + n + `" data-h="t` + n + `" data-set="at=` + n + `" data-tip="` + svg.Esc(tip) + `">`)
		text := t.Text
		if own := tokenText(r.Text, t); swapped {
			// not what the text has
		} else if editing || own != "" && utf8.ValidString(r.Text[t.Start:min(t.End, len(r.Text))]) {
			text = own // as it was written, where the model reads it in another spelling
		}
		body, ends := strings.CutSuffix(text, "\n")
		if ends = ends && !strings.Contains(body, "\n"); ends { // the line breaks behind the token, so that its caret is of one line
			writeVisible(&b, body)
			b.WriteString("<span class=\"nl\"></span></span>\n")
			continue
		}
		writeVisible(&b, text)
		b.WriteString("</span>")
	}
	unread(&b, r.Text, from, len(r.Text), l)
	if n := len(r.Next); n > 0 && n == len(r.Tokens) && m.Logits && !m.Here && m.Seq == nil {
		g := r.Next[n-1]
		b.WriteString(`<span class="ghost" aria-hidden="true" data-do="choose=` + strconv.Itoa(g.ID) + `" data-tip="` + svg.Esc(l.T("text.ghost-tip")) + `">`)
		writeVisible(&b, strings.ReplaceAll(g.Text, "\n", "⏎")) // it breaks no line before it is taken
		b.WriteString(`<small>` + svg.Esc(shortPercent(float64(g.P))) + `</small></span>`)
	}
	return b.String()
}

// madeHTML is tokens that were made and are not run yet: nothing is known of them but their text.
func madeHTML(tokens []protocol.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(`<span class="made">`)
		writeVisible(&b, t.Text)
		b.WriteString("</span>")
	}
	return b.String()
}

// unread writes the part of the text that no token stands for.
func unread(b *strings.Builder, text string, from, to int, l *lang.Catalogue) {
	if from >= to || to > len(text) || !utf8.ValidString(text[from:to]) {
		return
	}
	if part := text[from:to]; strings.TrimSpace(part) == "" { // many models read words without the spaces between them
		writeVisible(b, part)
	} else {
		b.WriteString(`<s data-tip="` + svg.Esc(l.T("text.unread")) + `">`)
		writeVisible(b, text[from:to])
		b.WriteString("</s>")
	}
}

// tokenText is a token's part of the text, in whole characters: a character of several tokens belongs to the first.
func tokenText(text string, t protocol.Token) string {
	whole := func(i int) int {
		i = min(i, len(text))
		for i < len(text) && !utf8.RuneStart(text[i]) {
			i++
		}
		return i
	}
	return text[whole(t.Start):max(whole(t.Start), whole(t.End))]
}

// writeVisible writes a token's text: a space as a dot in its own width, a newline as ⏎ and a real line break, a tab as →.
func writeVisible(b *strings.Builder, s string) {
	for s != "" {
		i := strings.IndexAny(s, " \n\t")
		if i < 0 {
			b.WriteString(svg.Esc(s))
			return
		}
		b.WriteString(svg.Esc(s[:i]))
		switch s[i] {
		case ' ':
			b.WriteString(`<span class="sp"> </span>`)
		case '\n':
			b.WriteString("<span class=\"nl\"></span>\n")
		case '\t':
			b.WriteString("<span class=\"tab\">\t</span>")
		}
		s = s[i+1:]
	}
}

// shortPercent is a probability in a few letters: 70 %, 4.7 %.
func shortPercent(p float64) string {
	if p >= .0995 {
		return svg.Fixed(100*p, 0) + " %"
	}
	return svg.Percent(p)
}
