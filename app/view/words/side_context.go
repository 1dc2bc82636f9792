package words

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/engine/protocol"
)

// contexts reports whether the map shows hidden states of a word in its contexts.
func (d *drawing) contexts() bool { return d.opt("src", "") == "context" }

// contextText is which text it is: "" (the session's), "sample", "zh" (the Chinese one) or "file".
func (d *drawing) contextText() string {
	if t := d.among("text", "", "sample", "zh", "file"); t != "file" || d.in.Corpus != "" {
		return t
	}
	return ""
}

// occ is the word whose contexts are mapped; every token where "*" is typed, or nothing of the session's text.
func (d *drawing) occ() string {
	def := ""
	switch d.contextText() {
	case "sample":
		def = "bank"
	case "zh":
		def = "打"
	case "file":
		def = commonest.Get(d.in.Corpus, func() string { return commonWord(d.in.Corpus) })
	}
	return d.opt("occ", def)
}

var commonest = plot.Memory[string, string]{Size: 2}

// commonWord is the most frequent word of at least five letters that a text has twice, the first of several; "*" if there is none.
func commonWord(text string) string {
	count, best := map[string]int{}, "*"
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range words {
		if n := utf8.RuneCountInString(w); n >= 5 && n <= 20 {
			count[w]++
		}
	}
	for _, w := range words {
		if count[w] > max(1, count[best]) {
			best = w
		}
	}
	return best
}

// contextPoints are what is asked for.
func (d *drawing) contextPoints(p *protocol.Points) {
	if p.Word = d.occ(); p.Word == "*" {
		p.Word = ""
	}
	p.Max = min(p.Max, 1000) // occurrences; each has a row a layer
	switch d.contextText() {
	case "":
		if p.Key = d.textKey(); d.model != "" && d.in.Run != nil { // which has not read it
			p.Text = d.in.Run.Text
		}
	case "sample":
		p.Text = sampleEn
	case "zh":
		p.Text = sampleZh
	case "file":
		p.Text = d.in.Corpus
	}
}

// textKey tells the session's text from others.
func (d *drawing) textKey() string {
	if d.in.Run == nil {
		return ""
	}
	h := fnv.New64a()
	h.Write([]byte(d.in.Run.Text))
	return strconv.FormatUint(h.Sum64(), 36)
}

// contextControls choose the word, its text, the layer that is shown, and whether ways through the layers are drawn.
func (d *drawing) contextControls() []figure.Control {
	if !d.contexts() {
		return nil
	}
	text := figure.Control{Kind: "select", Key: "o.words.text", Label: d.t("side.ctx.text"), Value: d.contextText(), Options: []figure.Option{
		{Value: "", Label: d.t("side.ctx.session")}, {Value: "sample", Label: d.t("side.ctx.sample")}, {Value: "zh", Label: d.t("side.ctx.zh")}}}
	if d.in.Corpus != "" {
		text.Options = append(text.Options, figure.Option{Value: "file", Label: d.t("side.ctx.file")})
	}
	out := []figure.Control{{Kind: "text", Key: "o.words.occ", Label: d.t("side.ctx.word"), Value: d.occ(), Tip: d.t("side.ctx.word.tip")}, text,
		{Kind: "button", Key: "do:" + figure.DoCorpus, Label: d.t("side.ctx.open")}}
	if c := d.ladder(); c != nil && len(c.layers) > 1 {
		ways := ""
		if d.ways() {
			ways = "1"
		}
		out = append(out, figure.Control{Kind: "number", Key: "o.words.lay", Label: d.t("side.ctx.layer"), Value: strconv.Itoa(d.layer(c)),
			Min: float64(c.layers[0]), Max: float64(c.layers[len(c.layers)-1]), Step: 1},
			figure.Control{Kind: "switch", Key: "o.words.way", Label: d.t("side.ctx.ways"), Value: ways, Tip: d.t("side.ctx.ways.tip")})
	}
	return out
}

// ladder is how points stand for occurrences at layers: point i of layers[l] is l*m+i.
type ladder struct {
	layers []int
	m      int // occurrences
}

var ladders = plot.Memory[*protocol.PointsResult, *ladder]{Size: 3}

// ladder of the points; nil if they are no contexts.
func (d *drawing) ladder() *ladder {
	if !d.contexts() || d.p == nil || d.p.N == 0 {
		return nil
	}
	return ladders.Get(d.p, func() *ladder {
		c := columnOf(d.p, "layer")
		if c == nil {
			return nil
		}
		k := &ladder{}
		for _, v := range c.Values {
			if n := len(k.layers); n == 0 || k.layers[n-1] != int(v) {
				k.layers = append(k.layers, int(v))
			}
		}
		if k.m = d.p.N / len(k.layers); k.m*len(k.layers) != d.p.N {
			return nil
		}
		return k
	})
}

// layer is the layer that is shown: the last before one is chosen.
func (d *drawing) layer(k *ladder) int {
	last := k.layers[len(k.layers)-1]
	return int(d.number("lay", float64(last), float64(k.layers[0]), float64(last)))
}

// rung is the index of the layer that is shown among those that there are: the nearest below.
func (d *drawing) rung(k *ladder) int {
	i, ok := slices.BinarySearch(k.layers, d.layer(k))
	if !ok {
		i--
	}
	return max(i, 0)
}

// ways reports whether each occurrence's way through the layers is drawn.
func (d *drawing) ways() bool { return d.opt("way", "") == "1" }

// hidden reports whether a row is of another layer than the one that is shown.
func (d *drawing) hidden(row int) bool {
	k := d.ladder()
	return k != nil && d.m.Point(row)/k.m != d.rung(k)
}

// layerName is a layer in words: -1 is the embedding.
func (d *drawing) layerName(l int) string {
	if l < 0 {
		return d.t("side.ctx.embedding")
	}
	return d.t("side.ctx.layern", l)
}

// lift puts points to the layer that is shown: what is selected or named there is the same places at each layer.
func (d *drawing) lift(k *ladder, points []int) (rows []int) {
	for _, p := range points {
		if r := d.rowAt(d.rung(k)*k.m + p%k.m); r >= 0 {
			rows = append(rows, r)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// atLayer is a row of a context at the layer that is shown; any other row is itself.
func (d *drawing) atLayer(row int) int {
	if k := d.ladder(); k != nil && row >= 0 {
		return d.rowAt(d.rung(k)*k.m + d.m.Point(row)%k.m)
	}
	return row
}

// occurrence is the one that is chosen, or -1.
func (d *drawing) occurrence(k *ladder) int {
	if d.row < 0 {
		return -1
	}
	return d.m.Point(d.row) % k.m
}
