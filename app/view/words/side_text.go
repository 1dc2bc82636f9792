package words

import (
	"fmt"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// shownTokens is how many tokens of the text are shown and marked: those around now.
const shownTokens = 80

// textSpan is the tokens of the text that are shown: from, to (excluded).
func (d *drawing) textSpan() (from, to int) {
	if d.in.Run == nil {
		return 0, 0
	}
	n := len(d.in.Run.Tokens)
	from = max(0, min(d.now()-shownTokens/2, n-shownTokens))
	return from, min(n, from+shownTokens)
}

// textRow is the row of a token of the text, or -1. Another model has other tokens: there it is the row of the same name.
func (d *drawing) textRow(t protocol.Token) int {
	if d.model != "" {
		return d.rowAt(lookupOf(d.p).find(strings.TrimSpace(t.Text)))
	}
	return d.rowOf(t.ID)
}

// textPanel is the text: its words that are on the map light up there.
func (d *drawing) textPanel() *figure.Panel {
	from, to := d.textSpan()
	if from == to {
		return nil
	}
	n, on := len(d.in.Run.Tokens), 0
	for _, t := range d.in.Run.Tokens {
		if d.textRow(t) >= 0 {
			on++
		}
	}
	var line []figure.Span
	if from > 0 {
		line = append(line, figure.Span{Text: "… "})
	}
	t := &figure.Table{Head: []string{d.t("side.th.position"), d.t("side.th.token"), d.t("side.th.onmap")}}
	for i := from; i < to; i++ {
		tok := d.in.Run.Tokens[i]
		s := figure.Span{Text: tok.Text, Token: true, Bold: i == d.now()}
		yes := "–"
		if row := d.textRow(tok); row >= 0 {
			s.Set, s.H, yes = fmt.Sprintf("at=%d", i), d.h(row), "◇"
		}
		line = append(line, s, figure.Span{Text: " "})
		t.Rows = append(t.Rows, []string{fmt.Sprint(i), plot.OneLine(tok.Text), yes})
	}
	if to < n {
		line = append(line, figure.Span{Text: "…"})
	}
	p := &figure.Panel{ID: "text", Class: "wd-text", Title: []figure.Span{{Text: d.t("side.text")}}, HTML: []figure.Block{note(line...)}, Table: t}
	key := "side.text.on"
	if on < n {
		key = "side.text.some"
	}
	p.HTML = append(p.HTML, note(figure.Span{Text: d.t(key, svg.Count(on), svg.Count(n))}))
	return p
}

// textMarks are the words of the text as diamonds; the one at now is carmine.
func (d *drawing) textMarks() (marks []figure.ScatterMark, _ []figure.ScatterLine) {
	from, to := d.textSpan()
	seen := map[int]bool{}
	now := -1
	if t := d.now(); t >= 0 {
		now = d.textRow(d.in.Run.Tokens[t])
	}
	for i := from; i < to; i++ {
		row := d.textRow(d.in.Run.Tokens[i])
		if row < 0 || seen[row] {
			continue
		}
		seen[row] = true
		class := ""
		if row == now {
			class = "now"
		}
		marks = append(marks, figure.ScatterMark{Row: row, Kind: "diamond", Class: class, Bold: true})
	}
	return marks, nil
}
