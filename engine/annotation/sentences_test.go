package annotation

import (
	"strings"
	"testing"
)

// TestSentences: bars stand where sentences begin.
func TestSentences(t *testing.T) {
	for _, s := range []string{
		"",
		"One sentence",
		"One. |Two! |Three? |Four",
		"Mr. Smith went to St. Louis with Dr. J. R. Brown. |He came back.",
		"It was I. |Then he left.",
		"The U.S. Senate met at 5 p.m. today. |It voted.",
		"See fig. 3, no. 7 and e.g. Paris, etc. |The end.",
		"It costs 3.14 dollars. |Or 2.",
		"Is it? he asked. |Yes.",
		"“Is it?” he asked. |“Yes.” |She laughed.",
		"\"Go!\" |\"No.\" |He went.",
		"'Go!' |He went.",
		"(It was late.) |He slept.",
		"Wait... what? |No... |Yes.",
		"Really?! |Yes!!! |No.",
		"1. First point. |2. Second point.",
		"a line\nthat goes on\nand on",
		"A title\n\n|A text.\n\n\n|Another.",
		"A title\n  \t\n|A text",
		"\n\n  First. |Second.\n\n",
		"He said this.\n|Then that.",
		"人人生而自由。|他们赋有理性！|真的？|是。",
		"他说：“好。”|然后走了。",
		"「行こう。」|彼は言った。",
		"Chinese 人。|English. |Then.",
		"Hello … and on. |Good",
		// the Penn treebank's spacing
		"Mr. Vinken is chairman of Elsevier N.V. , the Dutch group . |Rudolph Agnew was named .",
		"`` I am , '' he said . |`` You are not . '' |They left .",
		"\" I am . \" |\" You are . \" |They left .",
		"He left ( for good . ) |She stayed .",
		"no stop at the end \n|"[:len("no stop at the end \n|")-1],
		"e.mail@x.org is it. |Visit www.site.org. |Now",
		"Das kostet ca. Drei Euro. |Ja, z.B. Herr Meier.",
		"J'arrive. |À bientôt.",
		"a. b. c",
		". . .",
		"?",
	} {
		text := strings.ReplaceAll(s, "|", "")
		var b strings.Builder
		last := 0
		for i, at := range Sentences(text) {
			if i > 0 {
				b.WriteString(text[last:at] + "|")
			} else if at != 0 {
				t.Errorf("%q begins at %d", text, at)
			}
			last = at
		}
		b.WriteString(text[last:])
		if b.String() != s {
			t.Errorf("%q\n%q expected", b.String(), s)
		}
	}
}

// TestSentencesAreLinear: hostile texts of a megabyte take no longer than others.
func TestSentencesAreLinear(t *testing.T) {
	for _, s := range []string{"\n", " ", ". ", "\n ", "\"", ".\"", "a. ", "。", "1. ", "'' ", "Mr. "} {
		Sentences(strings.Repeat(s, 300_000/len(s)))
		Sentences("a" + strings.Repeat(s, 300_000/len(s)) + "b")
	}
}
