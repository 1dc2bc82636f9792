package lang

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// verb is a place for an argument in a text.
var verb = regexp.MustCompile(`%(\[(\d+)\])?[-+#0]*(\d+|\*)?(\.\d+)?([a-zA-Z%])`)

// verbs are the verbs of a text by the number of their argument, "%%" left out.
func verbs(s string) []string {
	var out []string
	next := 1
	for _, m := range verb.FindAllStringSubmatch(s, -1) {
		if m[5] == "%" {
			continue
		}
		n := next
		if m[2] != "" {
			n = int(m[2][0] - '0')
		}
		next = n + 1
		v := string(rune('0'+n)) + m[5]
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

func TestVerbs(t *testing.T) {
	for s, want := range map[string]string{"%s of %d": "1s 2d", "%[2]s, %[1]q": "1q 2s", "100 %%": "", "%[2]d in %s": "2d 3s", "%.2f %%": "1f"} {
		if got := strings.Join(verbs(s), " "); got != want {
			t.Errorf("verbs(%q) = %q, want %q", s, got, want)
		}
	}
}

// TestLanguagesAgree holds that each language says everything, with the same arguments.
func TestLanguagesAgree(t *testing.T) {
	for _, c := range Languages[1:] {
		for key, en := range English.text {
			other, ok := c.text[key]
			switch {
			case !ok:
				t.Errorf("%s: %q is missing", c.Code, key)
			case !slices.Equal(verbs(en), verbs(other)):
				t.Errorf("%s: %q takes %v, English %v", c.Code, key, verbs(other), verbs(en))
			}
		}
		for key := range c.text {
			if !English.Has(key) {
				t.Errorf("%s: %q is not in English", c.Code, key)
			}
		}
	}
}

// TestTextsAreWritten holds the house style where a machine can: nothing empty, no exclamation marks, no stray spaces.
func TestTextsAreWritten(t *testing.T) {
	for _, c := range Languages {
		for key, s := range c.text {
			if strings.TrimSpace(s) == "" {
				t.Errorf("%s: %q is empty", c.Code, key)
			}
			if strings.ContainsAny(s, "!！") {
				t.Errorf("%s: %q has an exclamation mark: %s", c.Code, key, s)
			}
			if strings.Contains(s, "  ") {
				t.Errorf("%s: %q has two spaces", c.Code, key)
			}
		}
	}
	for key, s := range English.text {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !strings.HasPrefix(key, "bar.") {
			t.Errorf("en: %q is not English: %s", key, s)
		}
	}
}

func TestFor(t *testing.T) {
	for tag, want := range map[string]*Catalogue{"en-GB": English, "zh-CN": Chinese, "zh-Hans": Chinese, "fr": English, "": English, "z": English} {
		if For(tag) != want {
			t.Errorf("For(%q) is %s", tag, For(tag).Code)
		}
	}
}
