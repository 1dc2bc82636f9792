package words

import (
	"strings"
	"unicode"

	"loupe/app/plot"
	"loupe/engine/protocol"
)

// lookup finds the rows of points by their names; of a name that several have, the first.
type lookup struct{ exact, folded map[string]int32 }

// lookups keeps the last points' names: both maps' while two are shown.
var lookups = plot.Memory[*protocol.PointsResult, *lookup]{Size: 3}

func lookupOf(p *protocol.PointsResult) *lookup {
	return lookups.Get(p, func() *lookup {
		l := &lookup{make(map[string]int32, len(p.Names)), make(map[string]int32, len(p.Names))}
		for i, name := range p.Names {
			first(l.exact, name, i)
			first(l.folded, fold(name), i)
		}
		return l
	})
}

func first(m map[string]int32, name string, i int) {
	if _, ok := m[name]; !ok {
		m[name] = int32(i)
	}
}

// fold is a name without its spaces around and its case.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// find is the row of points with a name: exactly that one, or with the space before it that models' tokens have, or in another
// case; -1 if there is none.
func (l *lookup) find(name string) int {
	for _, s := range []string{name, " " + name} {
		if i, ok := l.exact[s]; ok {
			return int(i)
		}
	}
	if f := fold(name); f != "" {
		if i, ok := l.folded[f]; ok {
			return int(i)
		}
	}
	return -1
}

// term is a word of a sum.
type term struct {
	name   string
	weight float64
}

// most is how many words a sum or an end of an axis may have.
const most = 24

// parseSum reads "king - man + woman". Signs are + and - (or −); they need no spaces, but a word that is known with one inside
// ("e-mail", "c++") is that word. Words that have spaces are in quotes, or stand without a sign between them.
func parseSum(text string, known func(string) bool) (out []term) {
	weight, open := 1., false // open: the last word may go on
	add := func(word string, quoted bool) {
		if open && !quoted {
			out[len(out)-1].name += " " + word
			return
		}
		if len(out) < most {
			out, open = append(out, term{word, weight}), true
		}
	}
	for _, c := range chunks(text) {
		switch {
		case c.quoted:
			add(c.text, true)
		case c.text == "=":
			return out
		case sign(c.text) != 0:
			weight, open = sign(c.text), false
		case known(c.text):
			add(c.text, false)
		default:
			for _, s := range apart(c.text) {
				if k := sign(s); k != 0 {
					weight, open = k, false
				} else {
					add(s, false)
				}
			}
		}
	}
	return out
}

// sign is what a sign multiplies with; 0 if s is none.
func sign(s string) float64 {
	switch s {
	case "+":
		return 1
	case "-", "−", "–":
		return -1
	}
	return 0
}

// apart parts a piece at its signs, which are pieces themselves.
func apart(s string) (out []string) {
	from := 0
	for i, r := range s {
		if sign(string(r)) != 0 {
			if i > from {
				out = append(out, s[from:i])
			}
			from = i + len(string(r))
			out = append(out, string(r))
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

// chunk is a piece of a text between spaces, or what stood in quotes.
type chunk struct {
	text   string
	quoted bool
}

func chunks(text string) (out []chunk) {
	for _, c := range cut(text, unicode.IsSpace) {
		if c.text != "" {
			out = append(out, c)
		}
	}
	return out
}

// cut parts a text where sep says so, but not within quotes. Pieces are trimmed; one that is a quotation loses its quotes.
func cut(text string, sep func(rune) bool) (out []chunk) {
	var b strings.Builder
	in, quoted := false, false
	end := func() {
		s := b.String()
		if !quoted {
			s = strings.TrimSpace(s)
		}
		out = append(out, chunk{s, quoted})
		b.Reset()
		quoted = false
	}
	for _, r := range text {
		switch {
		case quote(r) && in:
			in = false
		case quote(r) && strings.TrimSpace(b.String()) == "":
			b.Reset()
			in, quoted = true, true
		case !in && sep(r):
			end()
		case quoted && !in: // after a quotation
			if !unicode.IsSpace(r) {
				b.WriteRune(r)
			}
		default:
			b.WriteRune(r)
		}
	}
	end()
	return out
}

func quote(r rune) bool { return strings.ContainsRune(`"“”„«»`, r) }

// parseAxis reads "man > woman", or sets of words by commas at each end ("man, boy > woman, girl"), or named sets ("#1 > #2"). One
// end alone is the far one.
func parseAxis(text string) (from, to []string) {
	ends := cutKeeping(text, func(r rune) bool { return r == '>' || r == '→' })
	list := func(s string) (out []string) {
		for _, c := range cut(s, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
			if c.text != "" && len(out) < most {
				out = append(out, c.text)
			}
		}
		return out
	}
	if len(ends) == 1 {
		return nil, list(ends[0])
	}
	return list(ends[0]), list(ends[1])
}

// cutKeeping parts a text where sep says so, but not within quotes, which stay.
func cutKeeping(text string, sep func(rune) bool) (out []string) {
	in, from := false, 0
	for i, r := range text {
		switch {
		case quote(r):
			in = !in
		case !in && sep(r):
			out = append(out, text[from:i])
			from = i + len(string(r))
		}
	}
	return append(out, text[from:])
}
