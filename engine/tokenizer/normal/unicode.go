package normal

import (
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
	if r, n := utf8.DecodeRuneInString(s); r == utf8.RuneError && n == 1 {
		return true
	}
	return f.PropertiesString(s).BoundaryBefore()
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
