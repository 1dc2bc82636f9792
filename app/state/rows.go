package state

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
)

// A selection of rows as the address holds it: a letter and base64url. "d": the gaps between ascending rows as varints; "b": a bit
// a row; whichever is shorter. A thousand of 20,000 words are some 1,400 letters, half of 50,000 some 8,000.

// FormatRows writes rows; their order and repeats are lost. "" for none.
func FormatRows(rows []int) string {
	rows = slices.Clone(rows)
	slices.Sort(rows)
	rows = slices.Compact(rows)
	if len(rows) == 0 || rows[0] < 0 {
		return ""
	}
	var gaps []byte
	last := -1
	for _, r := range rows {
		gaps = binary.AppendUvarint(gaps, uint64(r-last-1))
		last = r
	}
	if n := last/8 + 1; n < len(gaps) {
		bits := make([]byte, n)
		for _, r := range rows {
			bits[r/8] |= 1 << (r % 8)
		}
		return "b" + base64.RawURLEncoding.EncodeToString(bits)
	}
	return "d" + base64.RawURLEncoding.EncodeToString(gaps)
}

// ParseRows reads FormatRows's text, ascending, those below n. What it cannot read is no row.
func ParseRows(s string, n int) (rows []int) {
	if s == "" {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s[1:])
	if err != nil {
		return nil
	}
	switch s[0] {
	case 'b':
		for i := range min(n, 8*len(b)) {
			if b[i/8]>>(i%8)&1 == 1 {
				rows = append(rows, i)
			}
		}
	case 'd':
		for at := 0; len(b) > 0; at++ {
			gap, used := binary.Uvarint(b)
			if used <= 0 || gap >= uint64(n) || at+int(gap) >= n {
				break
			}
			at += int(gap)
			rows = append(rows, at)
			b = b[used:]
		}
	}
	return rows
}

// long reports whether an option holds rows, changes or texts, and may be as long as they need.
func long(key string) bool {
	switch key {
	case "o.words.sel", "o.words.iso", "o.words.hide", "o.translate.kept", "o.translate.vs", "o.translate.ref", "o.translate.loop":
		return true
	}
	return strings.HasPrefix(key, "o.words.set.")
}
