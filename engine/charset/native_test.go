//go:build !js

package charset

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"
)

// TestGuess writes each sample in the encodings of its language: whole, its first sentence or so, and in a table of English words.
func TestGuess(t *testing.T) {
	for of, labels := range map[string]map[string]string{
		"japanese": {"shift_jis": "Shift_JIS", "euc-jp": "EUC-JP"}, "korean": {"euc-kr": "EUC-KR"}, "simple": {"gb18030": "GB18030", "gbk": "GB18030"},
		"tradit": {"big5": "Big5"}, "russian": {"windows-1251": "windows-1251", "koi8-r": "KOI8-R"},
		"french": {"windows-1252": "windows-1252", "iso-8859-1": "windows-1252"}, "german": {"windows-1252": "windows-1252"}, "portug": {"windows-1252": "windows-1252"},
	} {
		const ascii = " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,"
		for label, want := range labels {
			e, err := htmlindex.Get(label)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []string{samples[of], strings.Repeat(samples[of]+"\n", 100), string([]rune(samples[of])[:30]),
				"id,label,text\n1,positive,\"" + samples[of] + "\"\n2,negative,plain words of English here and there\n"} {
				b, err := e.NewEncoder().Bytes([]byte(s))
				if err != nil {
					t.Fatal(of, label, err)
				}
				if strings.Trim(s, ascii) == "" {
					continue
				}
				if got, err := Decode("f", b); err != nil || got.Encoding != want || got.S != s {
					t.Errorf("%s in %s: %v %+v\n%.80s", of, label, err, got, s)
				}
			}
		}
	}
}
