package svg

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// How numbers are written for people: one place for all of Loupe. A true minus, a no-break space before a
// unit, three figures.

// Fixed writes x with d decimals.
func Fixed(x float64, d int) string {
	if math.IsNaN(x) {
		return "–"
	}
	if math.IsInf(x, 0) {
		if x < 0 {
			return "−∞"
		}
		return "∞"
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', d, 64)
	if x < 0 && strings.Trim(s, "0.") != "" {
		return "−" + s
	}
	return s
}

// Signed is Fixed with a plus sign.
func Signed(x float64, d int) string {
	if s := Fixed(x, d); strings.HasPrefix(s, "−") || math.IsNaN(x) {
		return s
	} else {
		return "+" + s
	}
}

// Percent writes a probability: 70.1 %, 4.66 %, <0.01 %.
func Percent(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p >= .0995:
		return Fixed(100*p, 1) + "\u00a0%"
	case p >= .0001:
		return Fixed(100*p, 2) + "\u00a0%"
	case p == 0:
		return "0\u00a0%"
	}
	return "<0.01\u00a0%"
}

// Count writes an integer with thin spaces or commas between thousands: 50,257.
func Count(n int) string {
	s := strconv.Itoa(max(n, -n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n < 0 {
		return "−" + s
	}
	return s
}

// Tally is a number that a sentence of the catalogue shows with its thousands apart.
type Tally int

// Format is fmt.Formatter, for %d.
func (n Tally) Format(f fmt.State, _ rune) { io.WriteString(f, Count(int(n))) }

// Grouped is a whole number with its thousands apart; any other text stays.
func Grouped(s string) string {
	if n, err := strconv.Atoi(s); err == nil {
		return Count(n)
	}
	return s
}

// Short writes a large count: 0.24 M, 124 M, 9.1 k.
func Short(n float64) string {
	for _, u := range []struct {
		k float64
		s string
	}{{1e9, "\u00a0G"}, {1e6, "\u00a0M"}, {1e3, "\u00a0k"}} {
		if n >= u.k || (u.k == 1e6 && n >= 1e5) {
			return figures(n/u.k) + u.s
		}
	}
	return figures(n)
}

// Bytes writes a size: 0.9 MB, 98 MB, 9 kB.
func Bytes(n int64) string {
	f := float64(n)
	switch {
	case f >= 1e9:
		return figures(f/1e9) + "\u00a0GB"
	case f >= 1e5:
		return figures(f/1e6) + "\u00a0MB"
	case f >= 1e3:
		return figures(f/1e3) + "\u00a0kB"
	}
	return strconv.FormatInt(n, 10) + "\u00a0B"
}

// figures writes two significant figures below 10, none after the point from 10 on.
func figures(x float64) string {
	switch {
	case x >= 9.95 || x == math.Trunc(x):
		return Fixed(x, 0)
	case x >= .995:
		return Fixed(x, 1)
	}
	return Fixed(x, 2)
}
