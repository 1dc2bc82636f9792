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

// unspelt is the byte of each character of the alphabet; -1: it is none.
var unspelt = func() (t [0x144]int16) {
	for r := range t {
		t[r] = -1
	}
	for b, s := range alphabet {
		t[[]rune(s)[0]] = int16(b)
	}
	return t
}()

// unspell is the bytes of a token. One with a character outside the alphabet stands for itself.
func unspell(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if int(r) >= len(unspelt) || unspelt[r] < 0 {
			return []byte(s)
		}
		out = append(out, byte(unspelt[r]))
	}
	return out
}
