package figure

import "strings"

// Sentence puts spans into the {named} places of a text of the catalogue: "After {text} the model expects {a}". Languages
// may order the places as they like; a name that has no span is left out.
func Sentence(text string, parts map[string]Span) []Span {
	var out []Span
	for text != "" {
		before, rest, ok := strings.Cut(text, "{")
		if before != "" {
			out = append(out, Span{Text: before})
		}
		if !ok {
			break
		}
		var name string
		name, text, _ = strings.Cut(rest, "}")
		if s, ok := parts[name]; ok {
			out = append(out, s)
		}
	}
	return out
}

// Plain is spans as text, for names of pictures and tables.
func Plain(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}
