package annotation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences are where the sentences of a text begin, in bytes; the first is 0. A sentence ends
//   - with 。！？ and the quotes and brackets that close after it;
//   - with . ! ? … and what closes after it, if white space follows and then no small letter; but not with the full stop of an abbreviation that
//     stands before something (Mr., e.g.), of an initial, or of a number that the sentence begins with (1. First);
//   - before an empty line. The end of another line is white space like any other.
//
// Text whose marks stand apart (Penn treebank: "he said . ” Then") is parted in the same way.
func Sentences(text string) []int {
	out, quoted := []int{0}, false // quoted: a straight double quote is open
	for at := 0; at < len(text); {
		if b := text[at]; b == ' ' || b|0x20 >= 'a' && b|0x20 <= 'z' { // most
			at++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[at:])
		end := at + n
		switch {
		case r == '"':
			quoted = !quoted
		case r == '\n' && emptyLine(text[end:]):
			quoted = false
			out, end = begin(out, text, end)
		case r == '。' || r == '！' || r == '？':
			end, quoted = closed(text, end, quoted)
			out, end = begin(out, text, end)
		case r == '.' || r == '!' || r == '?' || r == '…':
			stop := at
			for end < len(text) && strings.IndexByte(".!?", text[end]) >= 0 {
				end++
			}
			end, quoted = closed(text, end, quoted)
			if r == '.' && end == stop+1 && goesOn(text[out[len(out)-1]:stop]) {
				break
			}
			if next := strings.TrimLeftFunc(text[end:], unicode.IsSpace); next != "" && len(next) < len(text)-end && !small(next) {
				out, end = begin(out, text, end)
			}
		}
		at = end
	}
	return out
}

// begin adds the beginning of a sentence, and gives its place: the first character after at that is no white space.
func begin(out []int, text string, at int) ([]int, int) {
	start := len(text) - len(strings.TrimLeftFunc(text[at:], unicode.IsSpace))
	last := out[len(out)-1]
	if start < len(text) && strings.TrimSpace(text[last:at]) != "" { // else what was read is not a sentence yet
		out = append(out, start)
	}
	return out, start
}

// closed is the end of the quotes and brackets that close at byte at, also where spaces part them, and whether a straight quote is open after it.
func closed(text string, at int, quoted bool) (int, bool) {
	for {
		rest := strings.TrimLeft(text[at:], " ")
		skipped := len(text) - at - len(rest)
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case rest == "":
			return at, quoted
		case r == '"' && quoted:
			quoted = false
		case strings.HasPrefix(rest, "''"):
			n = 2
		case skipped == 0 && (r == '\'' || r == '’'), strings.ContainsRune(")]}”»）】」』》", r):
		case skipped > 0 && strings.HasPrefix(rest, "-RRB-"):
			n = 5
		default:
			return at, quoted
		}
		at += skipped + n
	}
}

// goesOn reports whether a full stop after s, which is what there is of the sentence, does not end it.
func goesOn(s string) bool {
	cut := max(0, len(s)-40) // no abbreviation is longer
	space := strings.LastIndexFunc(s[cut:], unicode.IsSpace)
	if space < 0 && cut > 0 {
		return false
	}
	word := strings.TrimSpace(s[cut+max(0, space):])
	alone := cut == 0 && strings.TrimSpace(s) == word
	word = strings.TrimLeft(word, "([\"“'‘")
	number := word != "" && strings.Trim(word, "0123456789") == ""
	return before[strings.ToLower(word)] || initials(word) || number && alone
}

// initials reports whether word is capitals that full stops part: J, U.S; but not I.
func initials(word string) bool {
	for part := range strings.SplitSeq(word, ".") {
		if r, n := utf8.DecodeRuneInString(part); n != len(part) || !unicode.IsUpper(r) {
			return false
		}
	}
	return word != "I"
}

// before are abbreviations that stand before something: the sentence goes on. Others (etc., Inc., p.m.) may end one, which the next letter shows.
var before = set("mr mrs ms messrs mme mlle dr prof st mt ft gen col maj capt cpt lt sgt cmdr adm rev fr hon sen rep gov pres supt hr fig figs eq sec ch vol vols pp no nos art " +
	"e.g i.e eg ie cf vs v viz ca approx esp incl resp al z.b d.h bzw usw vgl nr jan feb mar apr jun jul aug sep sept oct nov dec")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// small reports whether s begins with a small letter, or with a mark that goes on (a comma, a dash, another stop).
func small(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r) || strings.ContainsRune(",;:—–.!?…", r)
}

func emptyLine(s string) bool {
	s = strings.TrimLeft(s, " \t\r")
	return s == "" || s[0] == '\n'
}
