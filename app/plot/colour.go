// Package plot holds what views draw with: colour scales, pictures of matrices, text widths, scales and marks.
package plot

import (
	"fmt"
	"strconv"
	"strings"
)

// RGB is a colour.
type RGB [3]uint8

// CSS writes it for a style or an attribute.
func (c RGB) CSS() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// Ink is the text colour that is legible on c.
func (c RGB) Ink() string {
	if float64(c[0])*.299+float64(c[1])*.587+float64(c[2])*.114 > 140 {
		return "#1D1C1A"
	}
	return "#FCFCFA"
}

// Scale maps [0, 1] (or [-1, 1] for a diverging one) to colours. Zero is always the page.
type Scale struct {
	stops     []RGB
	diverging bool
}

// Palette is the colour scales of a theme.
type Palette struct {
	Seq, Surprisal, Div Scale
	Ink                 Scale // from the page to its grey text
}

// Light and Dark are the two themes' scales.
var (
	Light = Palette{
		Seq:       scale(false, "#FCFCFA #DAEBF7 #B3D6F2 #81B7E6 #5594D2 #2F71BB #24559C #1C3E7C #162A5D"),
		Surprisal: scale(false, "#FCFCFA #F9F3E1 #F7EDCB #F6E1AE #F5D58F #F3C574 #F1B557 #ECA247 #E68F36"),
		Div:       scale(true, "#854408 #9F5C17 #BA7425 #D09856 #E6BD81 #F1DCBD #FCFCFA #CAE3F7 #98CAF5 #6AA7E2 #3983CD #2968B3 #1B4C98"),
		Ink:       scale(false, "#FCFCFA #55524B"),
	}
	Dark = Palette{
		Seq:       scale(false, "#161615 #1F2A3E #253B61 #2D5389 #3971AE #4B92D0 #6BB6E8 #98D6F8 #CEF2FE"),
		Surprisal: scale(false, "#161615 #282218 #332815 #423014 #513710 #603E11 #6F4513 #824C19 #95521F"),
		Div:       scale(true, "#FAD280 #E3B15D #CC9138 #9E6E2E #714C24 #453321 #161615 #27354B #2F5081 #4074AD #529BDB #7BBCEA #A4DEF9"),
		Ink:       scale(false, "#161615 #B6B2A8"),
	}
)

// Theme is the palette for dark or light.
func Theme(dark bool) *Palette {
	if dark {
		return &Dark
	}
	return &Light
}

// MaxSurprisal is the top of the surprisal scale, in bits, everywhere.
const MaxSurprisal = 12

func scale(diverging bool, hex string) Scale {
	s := Scale{diverging: diverging}
	for _, h := range strings.Fields(hex) {
		v, _ := strconv.ParseUint(h[1:], 16, 32)
		s.stops = append(s.stops, RGB{uint8(v >> 16), uint8(v >> 8), uint8(v)})
	}
	return s
}

// At is the colour of v, which is clamped. NaN is the page.
func (s *Scale) At(v float64) RGB {
	if v != v {
		v = 0
	}
	if s.diverging {
		v = (v + 1) / 2
	}
	v = min(1, max(0, v)) * float64(len(s.stops)-1)
	k := min(len(s.stops)-2, int(v))
	f, a, b := v-float64(k), s.stops[k], s.stops[k+1]
	var c RGB
	for i := range c {
		c[i] = uint8(float64(a[i]) + (float64(b[i])-float64(a[i]))*f + .5)
	}
	return c
}

// Stops are the scale's colours, for a legend.
func (s *Scale) Stops() []RGB { return s.stops }
