package annotation

import (
	"strings"
	"testing"
)

func TestPartOfSpeech(t *testing.T) {
	for text, want := range map[string]string{
		"The| old| man| doesn't| know| Mary|'s| dogs|.": "determiner adjective noun verb verb name particle noun punctuation",
		"the ol|d m|an":                          "determiner adjective noun", // by the first character
		"Shall| I| go| to| Rome|,| my| friend|?": "modal pronoun verb particle name punctuation pronoun noun punctuation",
		"And| he| saw| her|\n|Then| she| ran|\n": "conjunction pronoun verb pronoun - adverb pronoun verb -",
		"KING| LEAR|:|\n|Give| me| 3| maps|, |":  "name name punctuation - verb pronoun number noun punctuation -",
		"[|Exit| Moonshine|]| a| –| $":           "punctuation name name punctuation determiner punctuation other",
	} {
		var got []string
		for _, v := range partOfSpeech(each(text), nil) {
			if v != v {
				got = append(got, "-")
			} else {
				got = append(got, speeches[int(v)])
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q:\n%s, expected\n%s", text, g, want)
		}
	}
}

func TestEnglish(t *testing.T) {
	for text, want := range map[string]bool{
		"It was the best of times, it was the worst of times.": true, "Thou art more lovely and more temperate": true,
		"Tous les êtres humains naissent libres et égaux en dignité": false, "Alle Menschen sind frei und gleich an Würde geboren": false,
		"()((1)2)3": false, "": false, "func main() { fmt.Println(x, y, z) }": false, "人人生而自由": false, "In the": false,
	} {
		if got := english(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestPieces(t *testing.T) {
	for text, want := range map[string]string{
		"I don't know, he's \"gone\".": "I do n't know , he 's \" gone \" .", "It’s we’ll": "It ’s we ’ll", "'s o'clock": "' s o'clock", "can't": "ca n't", "": "",
	} {
		var got []string
		for _, s := range pieces(text) {
			got = append(got, text[s[0]:s[1]])
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: %s, expected %s", text, g, want)
		}
	}
}
