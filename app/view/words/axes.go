package words

import (
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
)

// Own axes: each has words at both ends, "man > woman". The keys of the state:
var axisKeys = [3]string{"x", "y", "z"}

// usual are axes to begin with: the first for which there are words, x then y then z.
var usual = [3][]string{
	{"man > woman", "he > she", "boy > girl", "男 > 女", "a > z"},
	{"good > bad", "big > small", "day > night", "好 > 坏", "the > and", "0 > 9"},
	{"past > future", "hot > cold", "old > new", "大 > 小", "in > out", "e > t"},
}

// setAxes puts own axes into a spec, if that is how it is to be laid out and the words of all of them are there.
func (d *drawing) setAxes(spec *figure.MapSpec) bool {
	if d.method() != "axes" {
		return false
	}
	var axes [][2][]int
	for _, key := range axisKeys[:spec.Layout.Dims] {
		from, to, missing := d.axisRows(d.axisText(key), spec.Rows)
		if len(missing) > 0 || len(to) == 0 {
			return false
		}
		axes = append(axes, [2][]int{from, to})
	}
	spec.Layout.Method, spec.Layout.Axes = "axes", axes
	return true
}

// axisText is an axis as it is written; the usual one where none is.
func (d *drawing) axisText(key string) string {
	if v := d.opt(key, ""); v != "" {
		return v
	}
	for _, text := range usual[slices.Index(axisKeys[:], key)] {
		from, to := parseAxis(text)
		if _, missing := d.pointsOfNames(append(from, to...)); len(missing) == 0 {
			return text
		}
	}
	return ""
}

// axisRows are the rows at both ends of an axis, and the words that are not there. only are the points that the map shows; nil: all.
func (d *drawing) axisRows(text string, only []int) (from, to []int, missing []string) {
	a, b := parseAxis(text)
	for k, words := range [2][]string{a, b} {
		for _, w := range words {
			points, not := d.named(w)
			rows := among(points, only)
			if len(not) > 0 || len(points) > 0 && len(rows) == 0 {
				missing = append(missing, w)
			}
			if k == 0 {
				from = append(from, rows...)
			} else {
				to = append(to, rows...)
			}
		}
	}
	return from, to, missing
}

// named are the points of a word, or of "#1", the first named set.
func (d *drawing) named(word string) (points []int, missing []string) {
	if k := strings.TrimPrefix(word, "#"); k != word && len(k) == 1 {
		if s, ok := parseSet(int(k[0]-'0'), d.opt("set."+k, "")); ok {
			return d.code(s.code), nil
		}
	}
	return d.pointsOfNames([]string{word})
}

// among are the places of points among those that are shown.
func among(points, only []int) (rows []int) {
	if only == nil {
		return points
	}
	for _, p := range points {
		if r, ok := slices.BinarySearch(only, p); ok {
			rows = append(rows, r)
		}
	}
	return rows
}

// ends are the marks of the map with the words at the ends of its axes among them.
func (d *drawing) ends(marks []figure.ScatterMark) []figure.ScatterMark {
	var rows []int
	for _, axis := range d.m.Spec.Layout.Axes {
		for _, end := range axis {
			rows = append(rows, end[:min(len(end), 4)]...)
		}
	}
	return marked(marks, rows, figure.ScatterMark{Kind: "ring", Bold: true})
}

// axesPanel is the fields of own axes, with what is wrong with them.
func (d *drawing) axesPanel() figure.Panel {
	p := figure.Panel{ID: "axes", Class: "wd-axes"}
	for _, key := range axisKeys[:d.layout().Dims] {
		text := d.axisText(key)
		p.Controls = append(p.Controls, figure.Control{Kind: "text", Key: "o.words." + key, Label: d.t("axis." + key), Value: text, Tip: d.t("axis.tip")})
		_, to, missing := d.axisRows(text, d.m.Spec.Rows)
		switch {
		case text == "":
			p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: d.t("axis.empty", key)}}})
		case len(missing) > 0:
			p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: d.missing(key, text, missing[0])})
		case len(to) == 0:
			p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: d.t("axis.one", key)}}})
		}
	}
	return p
}

// missing says that there is no such word, and offers those that begin as it does.
func (d *drawing) missing(key, text, word string) []figure.Span {
	out := []figure.Span{{Text: d.t("axis.missing", key, plot.OneLine(word))}}
	for i, r := range d.beginning(word, 5) {
		if i == 0 {
			out = append(out, figure.Span{Text: " " + d.t("axis.perhaps") + " "})
		} else {
			out = append(out, figure.Span{Text: ", "})
		}
		name := strings.TrimSpace(d.name(r))
		out = append(out, figure.Span{Text: name, Set: pair(key, strings.Replace(text, word, name, 1)), H: d.h(r)})
	}
	return out
}

// beginning are rows whose names begin as a word does: with as much of it as any row has, but half at least.
func (d *drawing) beginning(word string, most int) (rows []int) {
	want := []rune(fold(word))
	for n := len(want); n > 0 && 2*n >= len(want) && len(rows) == 0; n-- {
		start := string(want[:n])
		for _, r := range d.order() {
			if strings.HasPrefix(strings.TrimSpace(d.lower()[r]), start) {
				if rows = append(rows, r); len(rows) == most {
					break
				}
			}
		}
	}
	return rows
}
