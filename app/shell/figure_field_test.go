package shell

import "testing"

func TestChangePairs(t *testing.T) {
	for _, c := range [][3]string{
		{"o.words.colour", "part of speech", "o.words.colour=part+of+speech"},
		{"o.words.set.1={}%7C1%7CdAA&o.words.colour=sets", "a & b", "o.words.set.1=a+%26+b%7C1%7CdAA&o.words.colour=sets"},
		{"o.words.set.1={}%7C1", "{}", "o.words.set.1=%7B%7D%7C1"},
	} {
		if got := changePairs(c[0], c[1]); got != c[2] {
			t.Errorf("changePairs(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
