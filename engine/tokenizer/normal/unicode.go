package normal

import (
	"sort"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"loupe/engine/tokenizer/text"
)

// NFC, NFD, NFKC and NFKD are Unicode's normal forms.
func NFC(t text.Text) text.Text  { return form(t, norm.NFC, norm.NFD) }
func NFD(t text.Text) text.Text  { return form(t, norm.NFD, norm.NFD) }
func NFKC(t text.Text) text.Text { return form(t, norm.NFKC, norm.NFKD) }
func NFKD(t text.Text) text.Text { return form(t, norm.NFKD, norm.NFKD) }

// form brings a text into a normal form; d is the one that decomposes as f does. Package norm only says what characters
// are made of: it would put U+034F into a run of more than 30 marks, which the reference does not do.
func form(t text.Text, f, d norm.Form) text.Text {
	if f.QuickSpanString(t.S) == len(t.S) {
		return t
	}
	e := text.Change(t)
	for e.Rest() != "" {
		n := segment(e.Rest(), f)
		if s := e.Rest()[:n]; f.QuickSpanString(s) == n {
			e.Keep(n)
		} else {
			segmentTo(e, s, f, d)
		}
	}
	return e.Done()
}

// segment is the length of the characters at the beginning of s that may act on each other.
func segment(s string, f norm.Form) int {
	n := 0
	for n < len(s) {
		if n > 0 && (s[n] < utf8.RuneSelf || boundary(s[n:], f)) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[n:])
		n += size
	}
	return n
}

// boundary: nothing before s is changed by what s begins with. A byte that is no UTF-8 stands for itself.
func boundary(s string, f norm.Form) bool {
	r, n := utf8.DecodeRuneInString(s)
	return r == utf8.RuneError && n == 1 || young(r) || f.PropertiesString(s).BoundaryBefore()
}

// young reports whether r came with Unicode 10 or later: the reference does not know its decomposition or class.
func young(r rune) bool {
	i := sort.Search(len(youngForms)/2, func(i int) bool { return youngForms[2*i+1] >= r })
	return 2*i < len(youngForms) && youngForms[2*i] <= r
}

// youngForms are pairs of a first and a last character.
var youngForms = []rune{
	0x7fd, 0x7fd, 0x898, 0x89f, 0x8ca, 0x8d3, 0x9fe, 0x9fe, 0xc3c, 0xc3c, 0xd3b, 0xd3c, 0xeba, 0xeba, 0x1715,
	0x1715, 0x1abf, 0x1ace, 0x1df6, 0x1dfa, 0x32ff, 0x32ff, 0xa7f2, 0xa7f4, 0xa82c, 0xa82c, 0xab69, 0xab69,
	0x10781, 0x10785, 0x10787, 0x107b0, 0x107b2, 0x107ba, 0x10d24, 0x10d27, 0x10eab, 0x10eac, 0x10efd, 0x10eff,
	0x10f46, 0x10f50, 0x10f82, 0x10f85, 0x11070, 0x11070, 0x1133b, 0x1133b, 0x1145e, 0x1145e, 0x11839, 0x1183a,
	0x11938, 0x11938, 0x1193d, 0x1193e, 0x11943, 0x11943, 0x119e0, 0x119e0, 0x11a34, 0x11a34, 0x11a47, 0x11a47,
	0x11a99, 0x11a99, 0x11d42, 0x11d42, 0x11d44, 0x11d45, 0x11d97, 0x11d97, 0x11f41, 0x11f42, 0x16ff0, 0x16ff1,
	0x1e030, 0x1e06d, 0x1e08f, 0x1e08f, 0x1e130, 0x1e136, 0x1e2ae, 0x1e2ae, 0x1e2ec, 0x1e2ef, 0x1e4ec, 0x1e4ef,
	0x1f16c, 0x1f16c, 0x1fbf0, 0x1fbf9,
}

// unit is a character of a decomposed segment.
type unit struct {
	r   rune
	ccc uint8
}

// segmentTo writes the normal form of a segment. A character of it stands for those of s whose parts it has, in order.
func segmentTo(e *text.Edit, s string, f, d norm.Form) {
	var units []unit
	var sizes []int // of each unit: the bytes of s that end with it, 0 if more units follow of the same
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			e.Keep(1) // alone in its segment
			return
		}
		if young(r) {
			units, sizes = append(units, unit{r, 0}), append(sizes, n)
			i += n
			continue
		}
		for _, p := range d.String(s[i : i+n]) {
			units = append(units, unit{p, d.PropertiesString(string(p)).CCC()})
			sizes = append(sizes, 0)
		}
		sizes[len(sizes)-1] = n
		i += n
	}
	order(units)
	out, made := units, []int(nil)
	if f == norm.NFC || f == norm.NFKC {
		out, made = compose(units)
	}
	at, pending := 0, "" // pending: characters of a source character whose last part has not come
	for i, u := range out {
		k, n := 1, 0
		if made != nil {
			k = made[i]
		}
		for ; k > 0; k-- {
			n += sizes[at]
			at++
		}
		pending += string(u.r)
		if n > 0 {
			e.Replace(n, pending)
			pending = ""
		}
	}
}

// order sorts runs of marks by their class (Unicode 3.11, D109), keeping the order within a class. The runs may be long.
func order(units []unit) {
	for i := 0; i < len(units); i++ {
		if units[i].ccc == 0 {
			continue
		}
		j := i
		for j < len(units) && units[j].ccc != 0 {
			j++
		}
		var by [256][]unit
		for _, u := range units[i:j] {
			by[u.ccc] = append(by[u.ccc], u)
		}
		for _, us := range by {
			i += copy(units[i:], us)
		}
	}
}

// compose puts together what belongs together (Unicode 3.11, D117). made is of how many units each character is.
func compose(units []unit) (out []unit, made []int) {
	starter := -1 // in out
	last := -1    // class of the unit before, if it was not taken
	for _, u := range units {
		if starter >= 0 && (last < int(u.ccc) || last == -1) {
			if c, ok := pair(out[starter].r, u.r); ok {
				out[starter].r = c
				made[starter]++
				continue
			}
		}
		if u.ccc == 0 {
			starter, last = len(out), -1
		} else {
			last = int(u.ccc)
		}
		out, made = append(out, u), append(made, 1)
	}
	return out, made
}

// pair is the character that a and b make together.
func pair(a, b rune) (rune, bool) {
	s := norm.NFC.String(string(a) + string(b))
	r, n := utf8.DecodeRuneInString(s)
	return r, n == len(s)
}
