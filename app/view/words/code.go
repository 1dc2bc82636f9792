package words

import (
	"net/url"
	"slices"
	"strings"

	"loupe/app/plot"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// Points in the address: what state.FormatRows writes, or "@column:label" (all that have that label); several are joined by "+", and a
// "!" before all of it means every point but these.

type coded struct {
	p    *protocol.PointsResult
	code string
}

var codes = plot.Memory[coded, []int]{Size: 24}

// code are the points that a code names, ascending.
func (d *drawing) code(code string) []int {
	if code == "" {
		return nil
	}
	return codes.Get(coded{d.p, code}, func() []int { return parseCode(d.p, code) })
}

func parseCode(p *protocol.PointsResult, code string) []int {
	rest, not := strings.CutPrefix(code, "!")
	in := make([]bool, p.N)
	for _, term := range strings.Split(rest, "+") {
		if at, ok := strings.CutPrefix(term, "@"); ok {
			name, label, _ := strings.Cut(at, ":")
			markLabel(p, unescape(name), unescape(label), in)
			continue
		}
		for _, i := range state.ParseRows(term, p.N) {
			in[i] = true
		}
	}
	var out []int
	for i, is := range in {
		if is != not {
			out = append(out, i)
		}
	}
	return out
}

func markLabel(p *protocol.PointsResult, column, label string, in []bool) {
	c := columnOf(p, column)
	if c == nil {
		return
	}
	want := slices.Index(c.Labels, label)
	if want < 0 {
		return
	}
	for i, v := range c.Values {
		if int(v) == want && v == v {
			in[i] = true
		}
	}
}

// codeOf names all points that have a label of a column.
func codeOf(column, label string) string { return "@" + escape(column) + ":" + escape(label) }

// opposite is the code of all points but those.
func opposite(code string) string {
	if rest, ok := strings.CutPrefix(code, "!"); ok {
		return rest
	}
	return "!" + code
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func unescape(s string) string {
	out, err := url.PathUnescape(s)
	if err != nil {
		return ""
	}
	return out
}

// pair is a pair of the state with its value escaped.
func pair(key, value string) string { return "o.words." + key + "=" + url.QueryEscape(value) }
