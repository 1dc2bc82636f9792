package tokenizer

// alphabet spells each byte as a printable character: those that are printable as they stand as themselves, the others
// from U+0100 on, in order (openai/gpt-2, encoder.py, bytes_to_unicode).
var alphabet = func() (t [256]string) {
	next := rune(256)
	for b := range t {
		if b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae {
			t[b] = string(rune(b))
		} else {
			t[b] = string(next)
			next++
		}
	}
	return t
}()

var unspelt = func() map[rune]byte {
	m := make(map[rune]byte, 256)
	for b, s := range alphabet {
		m[[]rune(s)[0]] = byte(b)
	}
	return m
}()

// unspell is the bytes of a token. One with a character outside the alphabet stands for itself.
func unspell(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := unspelt[r]
		if !ok {
			return []byte(s)
		}
		out = append(out, b)
	}
	return out
}
