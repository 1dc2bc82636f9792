package svg

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct{ got, want string }{
		{Fixed(-1.234, 2), "−1.23"}, {Fixed(-0.001, 2), "0.00"}, {Fixed(nan, 1), "–"}, {Fixed(-inf, 1), "−∞"}, {Fixed(inf, 1), "∞"},
		{Signed(2, 1), "+2.0"}, {Signed(-2, 1), "−2.0"}, {Signed(nan, 1), "–"},
		{Percent(.701), "70.1 %"}, {Percent(.0466), "4.66 %"}, {Percent(.00001), "<0.01 %"}, {Percent(0), "0 %"}, {Percent(1), "100.0 %"}, {Percent(nan), "–"},
		{Count(50257), "50,257"}, {Count(-1234567), "−1,234,567"}, {Count(0), "0"}, {Count(999), "999"},
		{Short(124e6), "124 M"}, {Short(.24e6), "0.24 M"}, {Short(9100), "9.1 k"}, {Short(12), "12"},
		{Bytes(900), "900 B"}, {Bytes(9000), "9 kB"}, {Bytes(98_000_000), "98 MB"}, {Bytes(6_200_000_000), "6.2 GB"},
		{N(1.04), "1"}, {N(-.01), "0"}, {N(12.36), "12.4"}, {N(-3), "-3"},
	}
	for _, c := range cases {
		if strings.ReplaceAll(c.got, "\u00a0", " ") != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestHostileText writes what strangers put into tokens, names and labels: it stays text, in marks and in attributes.
func TestHostileText(t *testing.T) {
	for _, s := range []string{`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `' onload='x`, "`${1}`", "a\x00b\x1b", "\u202Eevil", "]]>", "&lt;", "<!--", "</text></svg>"} {
		var b Builder
		b.Open("g", "data-tip", s)
		b.Text(1, 2, s, "i2", "data-h", s)
		b.Close()
		d := xml.NewDecoder(strings.NewReader(b.String()))
		d.Strict = true
		names := ""
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v in %s", s, err, b.String())
			}
			if e, ok := tok.(xml.StartElement); ok {
				names += e.Name.Local + " "
				for _, a := range e.Attr {
					if strings.HasPrefix(a.Name.Local, "on") {
						t.Errorf("%q became an attribute %s", s, a.Name.Local)
					}
				}
			}
		}
		if names != "g text " {
			t.Errorf("%q became elements %s", s, names)
		}
	}
	if strings.ContainsAny(Esc("\x00\x1b\u202e\u200f"), "\x00\x1b\u202e\u200f") {
		t.Error("control characters stay hidden")
	}
}
