package tokenizer

import (
	"errors"
	"fmt"
	"loupe/engine/fault"
	"slices"
	"strings"
	"testing"
)

func own(t testing.TB, json string) Tokenizer {
	t.Helper()
	tok, err := Open(map[string][]byte{"tokenizer.json": []byte(json)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func ids(tokens []Token) (out []int) {
	for _, k := range tokens {
		out = append(out, k.ID)
	}
	return out
}

func TestChars(t *testing.T) {
	tok := own(t, `{"type":"char","vocab":["a","b"," ","é","👍🏽"]}`)
	tokens, unknown := tok.Encode("ab é👍🏽xÿ")
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(ids(tokens), want) {
		t.Errorf("ids %v, want %v", ids(tokens), want)
	}
	if fmt.Sprint(tokens[3], tokens[4], unknown) != "{3 3 5} {4 5 13} [{13 14} {14 16}]" {
		t.Errorf("spans %v, unknown %v", tokens, unknown)
	}
	if Decode(tok, []int{1, 0, 99, -1, 3}) != "baé" || tok.Bytes(9) != nil || tok.Kind() != "char" || tok.Size() != 5 {
		t.Error("decode, bytes, kind or size")
	}
	withUnk := own(t, `{"type":"char","vocab":["a","?"],"unk_token":"?"}`)
	if tokens, unknown := withUnk.Encode("aéa"); fmt.Sprint(tokens, unknown) != "[{0 0 1} {1 1 3} {0 3 4}] []" {
		t.Errorf("unk_token: %v, %v", tokens, unknown)
	}
}

func TestWords(t *testing.T) {
	tok := own(t, `{"type":"word","vocab":["the","cat",",","\n","<unk>","don't"],"unk_token":"<unk>"}`)
	text := "the cat, don't\nsit  the"
	tokens, unknown := tok.Encode(text)
	if want := []int{0, 1, 2, 5, 3, 4, 0}; !slices.Equal(ids(tokens), want) || len(unknown) > 0 {
		t.Errorf("ids %v, want %v; unknown %v", ids(tokens), want, unknown)
	}
	if s := Decode(tok, ids(tokens)); s != "the cat , don't\n<unk> the" {
		t.Errorf("decoded %q", s)
	}
}

func TestBPEWithoutABytesToken(t *testing.T) {
	tok, err := Open(map[string][]byte{"vocab.json": []byte(`{"a":0,"b":1,"Ġ":2,"ab":3}`), "merges.txt": []byte("#version: 0.2\na b\n")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tokens, unknown := tok.Encode("ab cab")
	if fmt.Sprint(tokens, unknown) != "[{3 0 2} {2 2 3} {3 4 6}] [{3 4}]" {
		t.Errorf("tokens %v, unknown %v", tokens, unknown)
	}
}

// TestLongPieces holds that time does not grow with the square of a piece's length: this would take minutes.
func TestLongPieces(t *testing.T) {
	tok := openDir(t)
	for _, s := range []string{"a", "ab", " ", "é", "🙂", "0"} {
		text := strings.Repeat(s, 100_000/len(s))
		tokens, _ := tok.Encode(text)
		if got := Decode(tok, ids(tokens)); got != text {
			t.Errorf("%q again and again is not what comes back", s)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{"a": "a", " é": " é", "\xe5": "<E5>", "\xe5\x91": "<E5><91>", "a\xffb": "a<FF>b"} {
		if got := Visible([]byte(in)); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	cases := []struct {
		name  string
		files map[string]string
		code  fault.Code
	}{
		{"none", nil, fault.NoTokenizer},
		{"vocab alone", map[string]string{"vocab.json": "{}"}, fault.NoTokenizer},
		{"merges alone", map[string]string{"merges.txt": ""}, fault.NoTokenizer},
		{"empty", map[string]string{"tokenizer.json": ""}, fault.BadTokenizer},
		{"not JSON", map[string]string{"tokenizer.json": "{"}, fault.BadTokenizer},
		{"not UTF-8", map[string]string{"tokenizer.json": "{\"type\":\"\xff\"}"}, fault.BadTokenizer},
		{"of Hugging Face, alone", map[string]string{"tokenizer.json": `{"version":"1.0","model":{"type":"BPE"}}`}, fault.BadTokenizer},
		{"unknown type", map[string]string{"tokenizer.json": `{"type":"morse","vocab":["."]}`}, fault.BadTokenizer},
		{"type of a number", map[string]string{"tokenizer.json": `{"type":7}`}, fault.BadTokenizer},
		{"no vocab", map[string]string{"tokenizer.json": `{"type":"char"}`}, fault.BadTokenizer},
		{"a token twice", map[string]string{"tokenizer.json": `{"type":"char","vocab":["a","a"]}`}, fault.BadTokenizer},
		{"an empty token", map[string]string{"tokenizer.json": `{"type":"char","vocab":[""]}`}, fault.BadTokenizer},
		{"a long token", map[string]string{"tokenizer.json": `{"type":"char","vocab":["` + strings.Repeat("a", 1025) + `"]}`}, fault.BadTokenizer},
		{"unk not in vocab", map[string]string{"tokenizer.json": `{"type":"char","vocab":["a"],"unk_token":"b"}`}, fault.BadTokenizer},
		{"deep nesting", map[string]string{"tokenizer.json": `{"type":` + deep}, fault.BadTokenizer},
		{"too many tokens", map[string]string{"tokenizer.json": `{"type":"char","vocab":[` + strings.Repeat(`"",`, 5<<20) + `""]}`}, fault.TooLarge},
		{"vocab of a list", map[string]string{"vocab.json": `["a"]`, "merges.txt": ""}, fault.BadTokenizer},
		{"vocab without a space", map[string]string{"vocab.json": `{"a":0}`, "merges.txt": ""}, fault.BadTokenizer},
		{"an id out of range", map[string]string{"vocab.json": `{"Ġ":0,"a":2000000}`, "merges.txt": ""}, fault.BadTokenizer},
		{"a negative id", map[string]string{"vocab.json": `{"Ġ":0,"a":-1}`, "merges.txt": ""}, fault.BadTokenizer},
		{"an id twice", map[string]string{"vocab.json": `{"Ġ":0,"a":0,"b":1}`, "merges.txt": ""}, fault.BadTokenizer},
		{"a key twice", map[string]string{"vocab.json": `{"Ġ":0,"Ġ":0}`, "merges.txt": ""}, fault.BadTokenizer},
		{"an id of text", map[string]string{"vocab.json": `{"Ġ":"0"}`, "merges.txt": ""}, fault.BadTokenizer},
		{"a merge of one", map[string]string{"vocab.json": `{"Ġ":0,"a":1}`, "merges.txt": "a\n"}, fault.BadTokenizer},
		{"a merge of three", map[string]string{"vocab.json": `{"Ġ":0,"a":1}`, "merges.txt": "a a a\n"}, fault.BadTokenizer},
		{"a merge of strangers", map[string]string{"vocab.json": `{"Ġ":0,"a":1}`, "merges.txt": "a b\n"}, fault.BadTokenizer},
		{"merges not UTF-8", map[string]string{"vocab.json": `{"Ġ":0,"a":1}`, "merges.txt": "a \xff\n"}, fault.BadTokenizer},
	}
	for _, c := range cases {
		files := map[string][]byte{}
		for n, s := range c.files {
			files[n] = []byte(s)
		}
		_, err := Open(files, nil)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want code %s", c.name, err, c.code)
		}
	}
}

// covers holds that tokens and unknown spans together are the text, in order, and that tokens stand for their bytes.
func covers(t *testing.T, tok Tokenizer, text string) {
	t.Helper()
	tokens, unknown := tok.Encode(text)
	at, u := 0, 0
	for _, k := range append(tokens, Token{-1, len(text), len(text)}) {
		for u < len(unknown) && unknown[u].Start == at {
			at = unknown[u].End
			u++
		}
		if k.Start != at {
			t.Fatalf("%q: token %v begins at %d, not %d", text, k, k.Start, at)
		}
		if k.ID >= 0 && string(tok.Bytes(k.ID)) != text[k.Start:k.End] {
			t.Fatalf("%q: token %v is %q", text, k, tok.Bytes(k.ID))
		}
		at = k.End
	}
	if u != len(unknown) {
		t.Fatalf("%q: unknown %v were not met", text, unknown[u:])
	}
}

func FuzzEncode(f *testing.F) {
	bpe, chars := openDir(f), own(f, `{"type":"char","vocab":["a","ab","é","\n"," ","🙂"]}`)
	for _, s := range []string{"", "It's 3 o'clock — don't\n\n  wait 🙂", "<|endoftext|><|endof", "a\xffb\xe5\x91", "e\u0301\u3000\u00a0x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		covers(t, bpe, s)
		covers(t, chars, s)
		tokens, unknown := bpe.Encode(s)
		if got := Decode(bpe, ids(tokens)); len(unknown) == 0 && got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
