package shell

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// number is a dashed number of the page: data-number="KEY min max step decimals".
type number struct {
	Key            string
	Min, Max, Step float64
	Decimals       int
}

func trim(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (n number) String() string {
	return fmt.Sprintf("%s %s %s %s %d", n.Key, trim(n.Min), trim(n.Max), trim(n.Step), n.Decimals)
}

func parseNumber(s string) (n number, ok bool) {
	f := strings.Fields(s)
	if len(f) != 5 {
		return n, false
	}
	n.Key = f[0]
	for i, to := range []*float64{&n.Min, &n.Max, &n.Step} {
		v, err := strconv.ParseFloat(f[i+1], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return n, false
		}
		*to = v
	}
	d, err := strconv.Atoi(f[4])
	n.Decimals = d
	return n, err == nil && d >= 0 && d <= 9 && n.Step > 0 && n.Max >= n.Min
}

// round brings v to a step within the limits, written as the state's key takes it.
func (n number) round(v float64) string {
	v = min(max(v, n.Min), n.Max)
	v = n.Min + math.Round((v-n.Min)/n.Step)*n.Step
	return strconv.FormatFloat(min(v, n.Max), 'f', n.Decimals, 64)
}

// typed is what was typed as a number, kept within the limits but not brought to a step.
func (n number) typed(s string) (string, bool) {
	s = strings.NewReplacer("−", "-", ",", ".", " ", "").Replace(s)
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) {
		return "", false
	}
	return strconv.FormatFloat(min(max(v, n.Min), n.Max), 'f', n.Decimals, 64), true
}

// handle is a mark that sets a number when it is dragged along an axis: data-drag="KEY x|y p0 v0 p1 v1 decimals". At
// pixel p0 of the picture the value is v0, at p1 it is v1.
type handle struct {
	key            string
	vertical       bool
	p0, v0, p1, v1 float64
	decimals       int
}

func parseHandle(s string) (h handle, ok bool) {
	f := strings.Fields(s)
	if len(f) != 7 || f[1] != "x" && f[1] != "y" {
		return h, false
	}
	h.key, h.vertical = f[0], f[1] == "y"
	for i, to := range []*float64{&h.p0, &h.v0, &h.p1, &h.v1} {
		v, err := strconv.ParseFloat(f[i+2], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return h, false
		}
		*to = v
	}
	d, err := strconv.Atoi(f[6])
	h.decimals = d
	return h, err == nil && d >= 0 && d <= 9 && h.p0 != h.p1
}

// pairs are what the handle sets at a pixel.
func (h handle) pairs(px float64) string {
	if strings.Contains(h.key, "{}") {
		return strings.ReplaceAll(h.key, "{}", h.at(px))
	}
	return pair(h.key, h.at(px))
}

// at is the value at a pixel, within the handle's ends.
func (h handle) at(px float64) string {
	t := min(max((px-h.p0)/(h.p1-h.p0), 0), 1)
	return strconv.FormatFloat(h.v0+t*(h.v1-h.v0), 'f', h.decimals, 64)
}
