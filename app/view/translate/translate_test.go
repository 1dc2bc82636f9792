package translate

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/viewtest"
)

// pictures are states to look at, by model.
var pictures = map[string][2]string{
	"g2p":       {"g2p-lstm", "text=phonograph"},
	"edited":    {"g2p-lstm", "text=phonograph&at=3&o.translate.src=2&change=prefix@0:row=34_40&change=decoder.attn.pattern@2:weight=4_0.9&o.translate.pruned=1"},
	"dates":     {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&at=8&o.translate.src=2"},
	"rules":     {"g2p-lstm", "text=phonograph&o.translate.min=12&o.translate.norepeat=2&o.translate.early=first&o.translate.pruned=1"},
	"heads":     {"g2p-transformer", "text=phonograph&layer=1&head=2"},
	"matrix":    {"dates-lstm", "text=the+third+of+March+,+1984&o.translate.form=matrix&o.translate.part=nbest"},
	"reference": {"g2p-lstm", "text=phonograph&o.translate.ref=F+OW1+N+AH0+G+R+AE1+F"},
	"lost":      {"g2p-lstm", "text=aloisio&o.translate.beam=1&o.translate.pruned=1&o.translate.ref=AA0+L+OY1+S+IY0+OW0"},
	"longer":    {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&o.translate.ref=我+们+三+月+三+日+买+了+二+百+零+五+本+书"},
	"compare":   {"g2p-lstm", "text=phonograph&o.translate.part=compare&o.translate.vs=photograph"},
}

// TestShots draws pictures to look at (see viewtest.Shots).
func TestShots(t *testing.T) {
	for name, c := range pictures {
		e := viewtest.Open(t, "web/models/"+c[0])
		viewtest.Shots(t, "translate-"+name, func() *figure.Input { return e.Input(viewtest.Patched(t, "translate", c[1])) }, Draw)
	}
}

// TestGolden keeps the figure in each of its forms.
func TestGolden(t *testing.T) {
	for name, c := range map[string]struct {
		model, pairs string
		width        float64
		dark         bool
		l            *lang.Catalogue
	}{
		"wide":   {"g2p-lstm", "text=cat", 1376, false, lang.English},
		"edited": {"g2p-lstm", "text=cat&at=2&o.translate.src=1&change=source@0:set=6&change=decoder.attn.pattern@1:weight=2_0.5", 1376, true, lang.Chinese},
		"phone":  {"dates-lstm", "text=one+book&o.translate.src=1&o.translate.part=nbest", 358, false, lang.English},
		"matrix": {"g2p-transformer", "text=cat&layer=1&head=2&o.translate.form=matrix&o.translate.top=2", 960, false, lang.English},
	} {
		e := viewtest.Open(t, "web/models/"+c.model)
		in := e.Input(viewtest.Patched(t, "translate", c.pairs))
		in.Width, in.Dark, in.L = c.width, c.dark, c.l
		viewtest.Golden(t, "translate", name, Draw(in))
	}
}
