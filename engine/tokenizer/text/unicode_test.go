package text

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode"
)

// TestClasses compares the classes of every character with the reference's (testdata/gen-tokenizers/classes.py).
func TestClasses(t *testing.T) {
	b, err := os.ReadFile("../../../testdata/tokenizers/classes.txt")
	if err != nil {
		t.Fatal(err)
	}
	has := func(c Class) func(rune) bool { return func(r rune) bool { return ClassOf(r)&c != 0 } }
	ours := map[string]func(rune) bool{
		"letter": has(Letter), "number": has(Number), "space": has(Space), "mark": has(Mark), "punctuation": has(Punct), "symbol": has(Symbol),
		"upper": has(Upper), "lower": has(Lower), "word": IsWord, "numeric": has(Number), "bert-space": unicode.IsSpace,
		"bert-punctuation": IsPunctuation, "bert-control": IsControl, "bert-accent": IsAccent, "accent": IsCombining,
	}
	want := map[string][]bool{}
	lowered := map[rune]string{}
	for l := range strings.Lines(string(b)) {
		var name string
		var from, to rune
		if _, err := fmt.Sscanf(l, "%s %X %X", &name, &from, &to); err != nil {
			t.Fatal(l, err)
		}
		if name == "lowered" {
			var s []rune
			for _, h := range strings.Fields(l)[2:] {
				var r rune
				fmt.Sscanf(h, "%X", &r)
				s = append(s, r)
			}
			lowered[from] = string(s)
			continue
		}
		if name == "form" { // package normal's
			continue
		}
		if want[name] == nil {
			want[name] = make([]bool, 0x110000)
		}
		for c := from; c <= to; c++ {
			want[name][c] = true
		}
	}
	if len(want) != len(ours) {
		t.Fatalf("%d classes in the file, %d here", len(want), len(ours))
	}
	step := rune(1)
	if runtime.GOOS == "js" {
		step = 13
	}
	for name, is := range ours {
		wrong := 0
		for r := rune(0); r < 0x110000; r += step {
			if r >= 0xd800 && r < 0xe000 {
				continue
			}
			if is(r) != want[name][r] {
				if wrong++; wrong < 5 {
					t.Errorf("U+%04X: %s is %v, the reference says %v", r, name, is(r), want[name][r])
				}
			}
		}
	}
	for r := rune(0); r < 0x110000; r++ {
		if r == 0x130 || r >= 0xd800 && r < 0xe000 {
			continue
		}
		w, ok := lowered[r]
		if !ok {
			w = string(r)
		}
		if got := string(Lowered(r)); got != w {
			t.Errorf("U+%04X is lowered to %q, the reference says %q", r, got, w)
		}
	}
}
