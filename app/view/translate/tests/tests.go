// Package tests draws pairs of source and reference: what the model makes of all of them, and where it goes wrong.
package tests

import (
	"fmt"
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

const rowsAPage = 20

// Panels are the pairs, how far they are, what they come to, and a page of them.
func Panels(s *scene.Scene) []figure.Panel {
	l := s.In.L
	text := s.Spec().Text
	if text == "" {
		text = "none"
	}
	p := figure.Panel{ID: "tests", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("tests.title")}}, Label: l.T("tests.title")}
	p.Controls = []figure.Control{
		{Kind: "radio", Key: "o.translate.pairs", Value: text, Options: []figure.Option{{Value: "builtin", Label: l.T("tests.builtin")}, {Value: "file", Label: l.T("tests.file")}, {Value: "none", Label: l.T("tests.none")}}},
		{Kind: "button", Key: "do:" + figure.DoPairs, Label: l.T("tests.bring")}}
	pairs := s.Pairs()
	if pairs == nil {
		p.HTML = []figure.Block{note(l.T("tests.how." + text))}
		return []figure.Panel{p}
	}
	if text == "file" {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "do:" + figure.DoPairsRun + "forget", Label: l.T("pairs.forget")})
	}
	switch {
	case pairs.Err != nil:
		p.HTML = append(p.HTML, note(l.T("error."+pairs.Err.Code)))
	case pairs.Info == nil:
		p.Busy = l.T("tests.reading")
	case pairs.Info.References == 0:
		p.HTML = append(p.HTML, note(l.T("tests.noref", pairs.Name)))
	default:
		p.Controls = append(p.Controls, columns(s, pairs.Info)...)
		p.Controls = append(p.Controls, running(s, pairs)...)
		p.HTML = append(p.HTML, note(l.T("tests.progress", pairs.Filled.Done, pairs.Filled.Total, pairs.Name)))
		for _, w := range pairs.Info.Warnings {
			p.HTML = append(p.HTML, note(l.T("warn."+w.Code, w.What, w.N)))
		}
		if sum := pairs.Filled.Score; sum != nil && sum.N > 0 {
			p.HTML = append(p.HTML, facts(s, sum))
			return []figure.Panel{p, list(s, pairs)}
		}
	}
	return []figure.Panel{p}
}

func note(text string) figure.Block {
	return figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}}
}

// columns are those of a table that has more than two: which is the source, which the reference.
func columns(s *scene.Scene, info *protocol.PairsInfo) (out []figure.Control) {
	if len(info.Columns) <= 2 {
		return nil
	}
	var names []figure.Option
	for _, c := range info.Columns {
		names = append(names, figure.Option{Value: c, Label: c})
	}
	return []figure.Control{
		{Kind: "select", Key: "o.translate.psource", Label: s.In.L.T("tests.source"), Value: info.Source, Options: names},
		{Kind: "select", Key: "o.translate.ptarget", Label: s.In.L.T("tests.reference"), Value: info.Target, Options: names}}
}

// running pauses the pairs, or lets them go on, and saves them.
func running(s *scene.Scene, pairs *figure.Pairs) (out []figure.Control) {
	l := s.In.L
	switch {
	case pairs.Paused:
		out = append(out, figure.Control{Kind: "button", Key: "do:" + figure.DoPairsRun + "run", Label: l.T("tests.run")})
	case pairs.Running:
		out = append(out, figure.Control{Kind: "button", Key: "do:" + figure.DoPairsRun + "pause", Label: l.T("tests.pause")})
	}
	if pairs.Settled > 0 {
		out = append(out, figure.Control{Kind: "button", Key: "do:" + figure.DoScores + "tsv", Label: l.T("tests.save")})
	}
	return out
}

// facts are the sums over all pairs that are done.
func facts(s *scene.Scene, sum *protocol.PairsScore) figure.Block {
	l := s.In.L
	b := figure.Block{Kind: "facts"}
	add := func(key, value string) {
		b.Rows = append(b.Rows, [2][]figure.Span{{{Text: l.T("tests.fact." + key)}}, {{Text: value}}})
	}
	add("exact", svg.Percent(sum.Exact))
	add("rate", svg.Percent(sum.Distance))
	add("bleu", svg.Fixed(sum.BLEU, 1))
	add("chrf", svg.Fixed(sum.ChrF, 1))
	add("logp", svg.Fixed(sum.LogP, 3))
	add("search", l.T("tests.count", sum.Search, share(sum.Search, sum.N)))
	add("model", l.T("tests.count", sum.Model, share(sum.Model, sum.N)))
	return b
}

func share(n, of int) string { return svg.Percent(float64(n) / float64(max(of, 1))) }

// list is a page of scored pairs.
func list(s *scene.Scene, pairs *figure.Pairs) figure.Panel {
	in, l := s.In, s.In.L
	sort, only, at := in.State.Opt("translate.sort", "distance"), in.State.Opt("translate.only", ""), max(scene.Int(in, "page", 0), 0)
	p := figure.Panel{ID: "scored", Class: scene.Main, Column: scene.Main, Label: l.T("tests.list")}
	options := func(prefix string, values ...string) (out []figure.Option) {
		for _, v := range values {
			out = append(out, figure.Option{Value: v, Label: l.T(prefix + v)})
		}
		return out
	}
	p.Controls = []figure.Control{
		{Kind: "select", Key: "o.translate.sort", Label: l.T("tests.sort"), Value: sort, Options: options("tests.sort.", "distance", "order", "logp", "gap")},
		{Kind: "select", Key: "o.translate.only", Label: l.T("tests.only"), Value: only, Options: options("tests.only.", "", "wrong", "search", "model")}}
	ask := func() (*protocol.PairsRowsResult, bool) {
		return in.PairsRows(protocol.PairsRows{ID: pairs.Info.ID, Upto: pairs.Settled, Sort: sort, Only: only, From: at * rowsAPage, N: rowsAPage})
	}
	res, fresh := ask()
	if res != nil && fresh && at*rowsAPage >= res.Total { // another choice has fewer
		at = 0
		res, fresh = ask()
	}
	if !fresh {
		p.Busy = l.T("tr.busy")
	}
	if res == nil {
		return p
	}
	if res.Total == 0 {
		p.HTML = []figure.Block{note(l.T("tests.empty"))}
		return p
	}
	p.HTML = []figure.Block{{Kind: "html", HTML: rows(s, res.Rows)}, note(l.T("tests.page", at*rowsAPage+1, min((at+1)*rowsAPage, res.Total), res.Total))}
	turn := func(to int, key string) {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.translate.page=" + strconv.Itoa(to), Label: l.T(key)})
	}
	if at > 0 {
		turn(at-1, "tests.before")
	}
	if (at+1)*rowsAPage < res.Total {
		turn(at+1, "tests.after")
	}
	p.Table = table(s, res.Rows)
	return p
}

// table is the same page as numbers.
func table(s *scene.Scene, rows []protocol.ScoreRow) *figure.Table {
	l := s.In.L
	t := &figure.Table{Head: []string{l.T("tests.th.pair"), l.T("tests.source"), l.T("tests.reference"), l.T("tests.th.best"), l.T("tests.th.distance"), "chrF", l.T("tests.th.score"), l.T("tests.th.refscore"), l.T("tests.th.reflogp"), l.T("tests.th.left"), l.T("tests.th.kind")}}
	for _, r := range rows {
		step := ""
		if r.Left >= 0 {
			step = strconv.Itoa(r.Left)
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(r.Pair + 1), r.Source, r.Reference, r.Best, svg.Fixed(r.Distance, 3), svg.Fixed(r.ChrF, 1), svg.Fixed(r.Score, 4), svg.Fixed(r.RefScore, 4), svg.Fixed(r.RefLogP, 4), step, kind(s, r)})
	}
	return t
}

func kind(s *scene.Scene, r protocol.ScoreRow) string {
	if r.Kind == "" {
		return ""
	}
	return s.In.L.T(fmt.Sprintf("tests.kind.%s", r.Kind))
}
