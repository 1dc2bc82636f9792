package rnn

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/nn"
)

// layer is the tensors of one layer, as torch.nn.LSTM, LSTMCell and their like have them.
type layer struct {
	name                   string // "lstm.*_l0": * stands for weight_ih and so on
	gates, in, hidden, out int
}

// projected reports whether the hidden state is a projection of another width.
func (l *layer) projected() bool { return l.out != l.hidden }

// Infer makes the config of weights that have none: of any names, if their shapes are an embedding (or one-hot vectors), a stack of
// torch's RNN, LSTM or GRU, and one linear layer. said is what the file says beside them. The names of PyTorch's
// word_language_model leave nothing to guess but the function of a plain RNN. ok is false if nothing of it is recurrent; what is not
// understood is in the config, and Open refuses it by name.
func Infer(w nn.Weights, said map[string]any) (c *Config, guesses []nn.Guess, ok bool) {
	layers, reverse := findLayers(w)
	if len(layers) == 0 {
		return nil, nil, false
	}
	first := layers[0]
	c = &Config{Both: reverse}
	if first.projected() {
		c.Proj = first.out
	}
	in := first.in
	for _, l := range layers {
		if l.in != in || l.gates != first.gates || l.projected() != first.projected() || l.projected() && (l.hidden != first.hidden || l.out != first.out) {
			break
		}
		c.Cells, c.Sizes, c.Layers, c.Hidden, in = append(c.Cells, l.name), append(c.Sizes, l.hidden), c.Layers+1, l.hidden, l.out
	}
	if !slices.ContainsFunc(c.Sizes, func(n int) bool { return n != c.Hidden }) {
		c.Sizes = nil
	}
	kind := c.setType(first.gates, said)
	ends := findEnds(w, first.in, in, layers)
	if len(ends) > 0 {
		ends[0].set(c)
	}
	c.Unknown = c.strangers(w, ends)
	if len(ends) == 0 && len(c.Unknown) == 0 { // layers alone
		return nil, nil, false
	}
	if c.standard() {
		c.Embedding, c.Cells, c.Decoder = "", nil, ""
		return c, kind, true
	}
	if len(kind) == 0 {
		kind = []nn.Guess{{Key: "model_type", Value: c.Type, Why: "shapes"}}
	}
	guesses = append(kind, nn.Guess{Key: "layers", Value: strings.Join(c.Cells, ", "), Why: "shapes"})
	return c, append(guesses, guessEnds(ends)...), true
}

// findLayers lists the layers in their order: by name, digits as numbers, or as they stand in the file if only so each fits the one
// before. reverse: some run backwards.
func findLayers(w nn.Weights) (layers []layer, reverse bool) {
	for _, name := range w.Names() {
		prefix, suffix, ok := cutLast(name, "weight_ih")
		hh := w.Shape(recurrent(w, prefix+"weight_hh"+suffix))
		ih := w.Shape(name)
		if !ok || len(ih) != 2 || len(hh) != 2 || ih[0] != hh[0] || hh[1] < 1 {
			continue
		}
		if strings.HasSuffix(suffix, "_reverse") {
			reverse = true
			continue
		}
		l := layer{name: prefix + "*" + suffix, in: ih[1], hidden: hh[1], out: hh[1]}
		if hr := w.Shape(prefix + "weight_hr" + suffix); len(hr) == 2 && hr[0] == hh[1] && hr[1] > 0 {
			l.hidden = hr[1]
		}
		if l.gates = ih[0] / l.hidden; ih[0]%l.hidden == 0 && (l.gates == 1 || l.gates == 3 || l.gates == 4) {
			layers = append(layers, l)
		}
	}
	byName := slices.Clone(layers)
	slices.SortStableFunc(byName, func(a, b layer) int { return natural(a.name, b.name) })
	if !chained(byName) && chained(layers) {
		return layers, reverse
	}
	return byName, reverse
}

// cutLast cuts s around the last sep in it.
func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func chained(layers []layer) bool {
	for i := 1; i < len(layers); i++ {
		if layers[i].in != layers[i-1].out {
			return false
		}
	}
	return true
}

// natural compares names so that l10 comes after l2.
func natural(a, b string) int {
	for a != "" && b != "" {
		n, m := digits(a), digits(b)
		if n > 0 && m > 0 {
			x, y := strings.TrimLeft(a[:n], "0"), strings.TrimLeft(b[:m], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[n:], b[m:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// setType sets the kind of cell by the number of its gates. That of a plain RNN has two functions: it is a guess, unless the file
// says which.
func (c *Config) setType(gates int, said map[string]any) []nn.Guess {
	if c.Type = map[int]string{3: "gru", 4: "lstm"}[gates]; c.Type != "" {
		return nil
	}
	for _, last := range []string{"mode", "nonlinearity", "rnn_type", "cell_type", "model_type", "model", "cell", "unit", "rnn"} {
		for _, key := range slices.Sorted(maps.Keys(said)) {
			v, isText := said[key].(string)
			if _, tail, _ := cutLast("."+key, "."); !isText || tail != last {
				continue
			}
			v = strings.TrimPrefix(strings.ToLower(v), "rnn_")
			if v == "tanh" || v == "relu" {
				c.Type = "rnn_" + v
				return nil
			}
		}
	}
	c.Type = "rnn_tanh"
	return []nn.Guess{{Key: "model_type", Value: c.Type, Why: "default", Choices: []string{"rnn_tanh", "rnn_relu"}}}
}

// ends is what stands before and behind the layers.
type ends struct {
	embedding string // oneHot: none
	decoder   string // "fc" of fc.weight
	tied      bool   // there is no fc.weight: it is the embedding
	vocab, in int
	score     int
}

func (e *ends) set(c *Config) {
	c.Embedding, c.Decoder, c.Tied, c.Vocab, c.Embed = e.embedding, e.decoder, e.tied, e.vocab, e.in
}

// findEnds lists what the embedding and the linear layer can be, the likeliest first. Their rows are the tokens.
func findEnds(w nn.Weights, in, out int, layers []layer) (list []ends) {
	var embeddings, decoders []string
	for _, name := range w.Names() {
		s := w.Shape(name)
		if len(s) != 2 || s[0] < 2 || slices.ContainsFunc(layers, func(l layer) bool { return l.owns(name) }) {
			continue
		}
		if s[1] == in {
			embeddings = append(embeddings, name)
		}
		if s[1] == out && strings.HasSuffix(name, ".weight") {
			decoders = append(decoders, name)
		}
	}
	for _, e := range embeddings {
		rows, like := w.Shape(e)[0], hint(e, embeddingWords)-hint(e, decoderWords)
		for _, d := range decoders {
			if d != e && w.Shape(d)[0] == rows {
				list = append(list, ends{e, strings.TrimSuffix(d, ".weight"), false, rows, in, 4 + like + hint(d, decoderWords) - hint(d, embeddingWords)})
			}
		}
		if in == out {
			list = append(list, ends{e, biasOf(w, rows), true, rows, in, like})
		}
	}
	for _, d := range decoders {
		if w.Shape(d)[0] == in {
			list = append(list, ends{oneHot, strings.TrimSuffix(d, ".weight"), false, in, in, 3 + hint(d, decoderWords)})
		}
	}
	slices.SortStableFunc(list, func(a, b ends) int { return cmp.Compare(b.score, a.score) })
	return list
}

// biasOf is the linear layer whose bias [n] is there and whose weight is not; "decoder" if there is none.
func biasOf(w nn.Weights, n int) string {
	for _, name := range w.Names() {
		layer, ok := strings.CutSuffix(name, ".bias")
		if s := w.Shape(name); ok && len(s) == 1 && s[0] == n && !w.Has(layer+".weight") {
			return layer
		}
	}
	return "decoder"
}

// owns reports whether a tensor is one of the layer's, or of the same layer run backwards.
func (l *layer) owns(name string) bool {
	prefix, suffix, _ := strings.Cut(l.name, "*")
	part, ok := strings.CutPrefix(strings.TrimSuffix(strings.TrimSuffix(name, "_reverse"), "_raw"), prefix)
	return ok && slices.Contains([]string{"weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"}, strings.TrimSuffix(part, suffix)) && strings.HasSuffix(part, suffix)
}

// Words in the names that people give.
var (
	embeddingWords = []string{"emb", "encoder", "lookup", "wte", "input"}
	decoderWords   = []string{"decoder", "fc", "linear", "out", "head", "proj", "dense", "lin", "h2o", "logit"}
)

// hint is 1 if one of words is in a name.
func hint(name string, words []string) int {
	name = strings.ToLower(name)
	if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) }) {
		return 1
	}
	return 0
}

// strangers are the tensors that are none of the model's, the first 8.
func (c *Config) strangers(w nn.Weights, ends []ends) (names []string) {
	own := func(name string) bool {
		if len(ends) > 0 && (name == c.Embedding || name == c.Decoder+".weight" || name == c.Decoder+".bias") {
			return true
		}
		return slices.ContainsFunc(c.Cells, func(cell string) bool { return (&layer{name: cell}).owns(name) })
	}
	for _, name := range w.Names() {
		if !own(name) && len(names) < 8 {
			names = append(names, name)
		}
	}
	return names
}

// standard reports whether the names are those of word_language_model.
func (c *Config) standard() bool {
	for i, cell := range c.Cells {
		if cell != standardCell(i) {
			return false
		}
	}
	return c.Embedding == "encoder.weight" && c.Decoder == "decoder"
}

func standardCell(i int) string { return "rnn.*_l" + strconv.Itoa(i) }

// guessEnds are the guesses of the embedding and of the linear layer: what else they could be is what other ends of the same kind
// have there.
func guessEnds(list []ends) []nn.Guess {
	if len(list) == 0 {
		return nil
	}
	embedding := nn.Guess{Key: "embedding", Value: list[0].embedding, Why: "shapes"}
	decoder := nn.Guess{Key: "decoder", Value: list[0].decoder, Why: "shapes"}
	for _, e := range list {
		if e.tied != list[0].tied || (e.embedding == oneHot) != (list[0].embedding == oneHot) {
			continue
		}
		choose(&embedding, e.embedding)
		choose(&decoder, e.decoder)
	}
	return []nn.Guess{embedding, decoder}
}

// choose adds a choice; more than one means that names decided.
func choose(g *nn.Guess, value string) {
	if slices.Contains(g.Choices, value) {
		return
	}
	if g.Choices = append(g.Choices, value); len(g.Choices) > 1 {
		g.Why = "names"
	}
}
