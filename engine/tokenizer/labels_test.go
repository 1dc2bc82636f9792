package tokenizer

import (
	"strings"
	"testing"
)

// TestLabels reads the labels of the Embedding Projector: a column alone, or one of several that have names.
func TestLabels(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb b\na\n": "a|b b|<2>", "id\tWord\n7\tcat\n8\tdog\r\n": "cat|dog", "first\tsecond\ncat\t1\n": "cat", "a\n": "a",
		"id\tword\n7\n": "error: line 2", "": "error", "id\tword\n": "error",
	} {
		tok, err := Open(map[string][]byte{"metadata.tsv": []byte(in)}, nil)
		if place, bad := strings.CutPrefix(want, "error"); bad {
			if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(place, ": ")) {
				t.Errorf("%q: %v", in, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		var got []string
		for id := range tok.Size() {
			got = append(got, string(tok.Bytes(id)))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q: %s, expected %s", in, s, want)
		}
	}
}
