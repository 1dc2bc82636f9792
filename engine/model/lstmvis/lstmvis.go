// Package lstmvis is the sets of LSTMVis: what the units of a recurrent model did at every token of a text, as files have it. There is no
// model. A State stands at a token, and Forward reads the rows that follow.
package lstmvis

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Type is the value of model_type.
const Type = "lstmvis"

const (
	maxVocab  = 1 << 20
	maxLabels = 4096    // of an annotation whose values are their own labels
	piece     = 1 << 16 // ids read at a time
	chunk     = 256     // tokens that are read at a time
)

// Config is what engine/checkpoint/lstmvis makes of lstm.yml: see there.
type Config struct {
	Name    string `json:"name"`
	Tokens  int    `json:"tokens"`
	Words   int    `json:"words"`
	Sources []struct {
		Name  string `json:"name"`
		Units int    `json:"units"`
	} `json:"sources"`
	Metas []struct {
		Name     string `json:"name"`
		Word     bool   `json:"word"`
		Discrete bool   `json:"discrete"`
		Rows     int    `json:"rows"`
	} `json:"metas"`
	Embed int `json:"embed"`
	Rows  int `json:"rows"`
}

// Model is the set. Its text and annotations are in memory, its states are read as they are asked for.
type Model struct {
	config Config
	rows   nn.Rows
	words  []int32
	vocab  int
	tracks []nn.Track // values of all tokens
	embed  *tensor.Matrix
}

// State stands before a token.
type State struct{ start, n int }

// Open reads the text and the annotations.
func Open(config []byte, w nn.Weights) (*Model, error) {
	m := &Model{}
	if err := nn.ReadConfig(config, &m.config); err != nil {
		return nil, err
	}
	c := &m.config
	rows, ok := w.(nn.Rows)
	if !ok || c.Tokens < 1 || len(c.Sources) == 0 {
		return nil, nn.Fault(fault.BadConfig, "model_type", "lstm.yml and the files that it names", Type+" alone")
	}
	m.rows = rows
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := m.readWords(); err != nil {
		return nil, err
	}
	for i := range c.Metas {
		if err := m.readMeta(i); err != nil {
			return nil, err
		}
	}
	if c.Rows >= m.vocab { // an embedding of fewer words is none of this dictionary
		var err error
		if m.embed, err = w.Matrix("embedding", c.Rows, c.Embed); err != nil {
			return nil, err
		}
	} else {
		c.Embed = 0
	}
	return m, nil
}

// check holds that the tensors have the shapes that the config says, so that it cannot ask for more memory than files have numbers.
func (m *Model) check() error {
	c := &m.config
	want := map[string][]int{"words": {c.Tokens, 1}}
	for i, s := range c.Sources {
		want[fmt.Sprint("sources.", i)] = []int{c.Tokens, s.Units}
	}
	for i, k := range c.Metas {
		want[fmt.Sprint("metas.", i)] = []int{k.Rows, 1}
		if !k.Word && k.Rows != c.Tokens {
			return nn.Fault(fault.BadConfig, "metas", fmt.Sprint(c.Tokens, " rows"), fmt.Sprint(k.Rows))
		}
	}
	for name, shape := range want {
		got := m.rows.Shape(name)
		if len(got) == 1 {
			got = []int{got[0], 1}
		}
		if !slices.Equal(got, shape) || shape[0] < 1 || shape[1] < 1 {
			return nn.Fault(fault.WrongShape, fault.Name(name), fmt.Sprint(shape), fmt.Sprint(got))
		}
	}
	return nil
}

// each calls f with all values of a tensor of n numbers.
func (m *Model) each(name string, n int, f func(i int, v float32) error) error {
	buf := make([]float32, min(n, piece))
	for i := 0; i < n; i += piece {
		part := buf[:min(piece, n-i)]
		if err := m.rows.Rows(name, part, i); err != nil {
			return err
		}
		for k, v := range part {
			if err := f(i+k, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// readWords takes the ids; those beyond the dictionary make the vocabulary larger.
func (m *Model) readWords() error {
	m.words, m.vocab = make([]int32, m.config.Tokens), max(m.config.Words, 1)
	return m.each("words", len(m.words), func(i int, v float32) error {
		if !(v >= 0 && v < maxVocab && v == float32(int(v))) {
			return nn.Fault(fault.BadToken, fmt.Sprint("token ", i), fmt.Sprintf("an id from 0 to %d", maxVocab-1), fmt.Sprint(v))
		}
		m.words[i] = int32(v)
		m.vocab = max(m.vocab, int(v)+1)
		return nil
	})
}

// readMeta takes an annotation; one of words is spread over the tokens. A value that is no label stands for none.
func (m *Model) readMeta(i int) error {
	c := &m.config.Metas[i]
	tensor := fmt.Sprint("metas.", i)
	values := make([]float32, 0, c.Rows)
	if err := m.each(tensor, c.Rows, func(_ int, v float32) error { values = append(values, v); return nil }); err != nil {
		return err
	}
	t := nn.Track{Name: c.Name}
	if c.Discrete { // of too many kinds they stay numbers
		t.Labels = labels(m.rows.Labels(tensor), values)
	}
	if c.Word {
		t.Values = make([]float32, len(m.words))
		for k, id := range m.words {
			if t.Values[k] = float32(math.NaN()); int(id) < len(values) {
				t.Values[k] = values[id]
			}
		}
	} else {
		t.Values = values
	}
	m.tracks = append(m.tracks, t)
	return nil
}

// labels are the names of discrete values, which become their places among them. Where given has none, or values that are beyond it, the
// values are their own names; nil: there are too many.
func labels(given []string, values []float32) []string {
	has := func(v float32) bool { return v >= 0 && v < float32(len(given)) && v == float32(int(v)) }
	if len(given) > 0 && slices.ContainsFunc(values, has) {
		for i, v := range values {
			if !has(v) {
				values[i] = float32(math.NaN())
			}
		}
		out := slices.Clone(given)
		for i, s := range out {
			if s == "" {
				out[i] = strconv.Itoa(i)
			}
		}
		return out
	}
	distinct := map[float32]bool{}
	for _, v := range values {
		if v == v {
			distinct[v] = true
		}
		if len(distinct) > maxLabels {
			return nil
		}
	}
	var sorted []float32
	for v := range distinct {
		sorted = append(sorted, v)
	}
	slices.Sort(sorted)
	var out []string
	at := map[float32]int{}
	for i, v := range sorted {
		at[v] = i
		out = append(out, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	for i, v := range values {
		if v == v {
			values[i] = float32(at[v])
		}
	}
	return out
}

// Info describes the set. Layers are those that its sources' names count, or one.
func (m *Model) Info() nn.Info {
	info := nn.Info{Family: "LSTMVis", Layers: 1, Hidden: m.config.Sources[0].Units, Embed: m.config.Embed, Vocab: m.vocab}
	for _, s := range m.config.Sources {
		info.Acts = append(info.Acts, nn.Act{Name: s.Name, Inner: []int{s.Units}})
		if f := strings.Split(s.Name, "."); len(f) == 3 && f[0] == "layers" {
			if n, err := strconv.Atoi(f[1]); err == nil {
				info.Layers = max(info.Layers, n+1)
			}
		}
		if strings.HasSuffix(s.Name, ".hidden") {
			info.Hidden = s.Units
		}
	}
	return info
}

// Words are the ids of all tokens.
func (m *Model) Words() []int32 { return m.words }

// Tracks are the annotations of tokens from..to.
func (m *Model) Tracks(from, to int) []nn.Track {
	out := slices.Clone(m.tracks)
	for i := range out {
		out[i].Values = out[i].Values[from:to]
	}
	return out
}

// NewState stands before the first token.
func (m *Model) NewState() nn.State { return m.At(0) }

// At stands before the token at pos.
func (m *Model) At(pos int) nn.State { return &State{start: pos} }

// Len is the number of tokens since it was made.
func (s *State) Len() int { return s.n }

// Truncate goes back to n tokens.
func (s *State) Truncate(n int) int {
	s.n = min(s.n, n)
	return s.n
}

// Clone returns a copy.
func (s *State) Clone() nn.State {
	c := *s
	return &c
}

// Forward hands on what was recorded at the tokens that follow. Those of in.IDs must be the recorded ones.
func (m *Model) Forward(state nn.State, in nn.Input) error {
	s := state.(*State)
	from, err := in.Start(s.n, m.vocab, 0, 0, m.config.Sources[0].Units)
	if err != nil {
		return err
	}
	for i, id := range in.IDs {
		if at := s.start + from + i; at >= len(m.words) || int(m.words[at]) != id {
			return nn.Fault(fault.Unsupported, fmt.Sprintf("ids[%d]", i), "the text that was recorded", "another")
		}
	}
	var x []float32
	for i := 0; i < len(in.IDs); i += chunk {
		p := nn.Pass{Input: &in, Pos: from + i, N: min(chunk, len(in.IDs)-i)}
		for k, source := range m.config.Sources {
			if err := p.Pause(); err != nil {
				return err
			}
			if !p.Hooks.Wants(source.Name) {
				continue
			}
			x = nn.Grow(x, p.N*source.Units)[:p.N*source.Units]
			if err := m.rows.Rows(fmt.Sprint("sources.", k), x, s.start+p.Pos); err != nil {
				return err
			}
			p.At(source.Name, x, source.Units)
		}
		s.n += p.N
	}
	return nil
}

// Unembed is never called: Info says that there are no logits.
func (m *Model) Unembed(_, _ []float32) { panic("lstmvis: a recorded set has no logits") }

// Bias is nil.
func (m *Model) Bias() []float32 { return nil }

// Embedding writes a word's embedding into dst [embed], where the set has one.
func (m *Model) Embedding(dst []float32, id int) {
	if m.embed != nil {
		m.embed.Row(dst, id)
	}
}

// OutputEmbedding is never called, as Unembed.
func (m *Model) OutputEmbedding(_ []float32, _ int) { panic("lstmvis: a recorded set has no logits") }
