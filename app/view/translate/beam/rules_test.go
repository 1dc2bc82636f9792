package beam_test

import (
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/translate/beam"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// TestRules has the tree say by which rules it was searched and whose they are, and show what they forbade, struck out, where all is asked for.
func TestRules(t *testing.T) {
	files := protocol.Decode{Beam: 5, Min: 9, NoRepeat: 1, Early: "first"}
	for _, c := range []struct {
		own   protocol.Decode
		pairs string
		want  string // "": no sentence
	}{
		{protocol.Decode{Beam: 5, Early: "heuristic"}, "", ""},
		{protocol.Decode{Beam: 5, Early: "heuristic"}, "&o.translate.min=9&o.translate.norepeat=2", "Set here: at least 9 tokens, no 2 tokens in a row twice. "},
		{files, "", "The model’s files ask for at least 9 tokens, no token twice, an end of the search once the beam is full. "},
		{files, "&o.translate.min=0&o.translate.norepeat=0&o.translate.early=heuristic", "Off: at least 9 tokens, no token twice, an end of the search once the beam is full, which the model’s files ask for."},
		{files, "&o.translate.min=0&o.translate.norepeat=0&o.translate.early=never", "Set here: a search as long as one could become better; the model’s files ask for at least 9"},
	} {
		e := viewtest.Open(t, "web/models/g2p-lstm")
		*e.Model.Seq = withDecode(*e.Model.Seq, c.own)
		in := e.Input(viewtest.Patched(t, "translate", "text=cat&o.translate.pruned=1"+c.pairs))
		s := scene.Of(in)
		p := beam.Panels(s)[0]
		said := notes(&p)
		banned, struck, told := 0, strings.Count(p.SVG, "struck"), 0
		for _, row := range p.Table.Make() {
			if strings.HasPrefix(row[len(row)-1], "forbidden") {
				told++
			}
		}
		for _, n := range s.T.Nodes {
			if n.Rule != "" {
				banned++
			}
		}
		if !strings.HasPrefix(said, c.want) || c.want == "" && said != "" || strings.Contains(said, "%!") {
			t.Errorf("%s: says %q", c.pairs, said)
		}
		if banned != told || struck > banned || (banned > 0) != (struck > 0) || (banned > 0) != strings.Contains(said, "were forbidden") || banned == 0 && strings.HasSuffix(c.want, ". ") {
			t.Errorf("%s: %d forbidden, %d struck out, %d in the table; %q", c.pairs, banned, struck, told, said)
		}
		in.L = lang.Chinese
		p = beam.Panels(scene.Of(in))[0]
		if said := notes(&p); (c.want != "") != strings.Contains(said, "。") || strings.Contains(said, "%!") {
			t.Errorf("%s: %q", c.pairs, said)
		}
	}
}

func notes(p *figure.Panel) (said string) {
	for _, b := range p.HTML {
		said += figure.Plain(b.Spans)
	}
	return said
}

func withDecode(q protocol.Seq, d protocol.Decode) protocol.Seq {
	q.Decode = d
	return q
}
