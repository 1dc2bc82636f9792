package normal

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"loupe/engine/tokenizer/text"
)

// TestForms compares which characters normal forms know of with the reference (testdata/gen-tokenizers/classes.py).
func TestForms(t *testing.T) {
	b, err := os.ReadFile("../../../testdata/tokenizers/classes.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[rune]bool{}
	for l := range strings.Lines(string(b)) {
		var from, to rune
		if n, _ := fmt.Sscanf(l, "form %X %X", &from, &to); n == 2 {
			for r := from; r <= to; r++ {
				want[r] = true
			}
		}
	}
	if len(want) < 10_000 {
		t.Fatalf("%d characters", len(want))
	}
	step := rune(1)
	if runtime.GOOS == "js" {
		step = 13
	}
	for r := rune(0); r < 0x110000; r += step {
		if r >= 0xd800 && r < 0xe000 {
			continue
		}
		s := string(r)
		if got := NFKD(text.New(s)).S != s || NFD(text.New(s+"\u0334")).S != s+"\u0334"; got != want[r] {
			t.Errorf("U+%04X: changed %v, by the reference %v", r, got, want[r])
		}
	}
}
