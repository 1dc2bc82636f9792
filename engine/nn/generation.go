package nn

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	"loupe/engine/fault"
)

// Generation is the keys of transformers' configs that say how a target is looked for, for a Config of an encoder-decoder to embed.
type Generation struct {
	Start     *int    `json:"decoder_start_token_id"`
	ForcedBOS *int    `json:"forced_bos_token_id"`
	ForcedEOS *int    `json:"forced_eos_token_id"`
	BadWords  [][]int `json:"bad_words_ids"`
	Suppress  []int   `json:"suppress_tokens"`
	Ends      ids     `json:"eos_token_id"`
	Renorm    bool    `json:"renormalize_logits"`
	Choices
	Tasks map[string]*Choices `json:"task_specific_params"`
}

// Choices are those of them that a task may have for itself.
type Choices struct {
	Beam     int      `json:"num_beams"`
	Length   *float64 `json:"length_penalty"`
	Most     int      `json:"max_length"` // Start counted
	MostNew  int      `json:"max_new_tokens"`
	Min      int      `json:"min_length"` // likewise
	MinNew   int      `json:"min_new_tokens"`
	NoRepeat int      `json:"no_repeat_ngram_size"`
	Early    early    `json:"early_stopping"`
	Prefix   string   `json:"prefix"` // that a source of the task begins with: "summarize: "
}

// ids are a token or several.
type ids []int

// UnmarshalJSON reads a number or a list.
func (t *ids) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' || string(b) == "null" {
		return json.Unmarshal(b, (*[]int)(t))
	}
	*t = []int{0}
	return json.Unmarshal(b, &(*t)[0])
}

// early is early_stopping as Manner has it. What it may not be stays as it is, for Seq.Check.
type early string

// UnmarshalJSON reads true, false or "never".
func (e *early) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null":
		*e = ""
	case "false":
		*e = "heuristic"
	case "true":
		*e = "first"
	case `"never"`:
		*e = "never"
	default:
		*e = early(b)
	}
	return nil
}

// Seq is what they say; start is the first token where they say none, end the end.
func (g *Generation) Seq(start, end int) Seq {
	s := Seq{Start: Or(g.Start, start), Ends: g.Ends, First: Or(g.ForcedBOS, -1), Last: Or(g.ForcedEOS, -1), Never: slices.Clone(g.Suppress), Renorm: g.Renorm, Manner: g.manner()}
	if len(s.Ends) == 0 {
		s.Ends = []int{end}
	}
	for _, w := range g.BadWords {
		switch {
		case len(w) == 1 && !slices.Contains(s.Ends, w[0]): // transformers leaves an end out
			s.Never = append(s.Never, w[0])
		case len(w) > 1:
			s.Bad = append(s.Bad, w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.Tasks)) {
		if c := g.Tasks[name]; c != nil && c.Prefix != "" {
			s.Tasks = append(s.Tasks, Task{c.Prefix, c.manner().or(s.Manner)})
		}
	}
	return s
}

func (c *Choices) manner() Manner {
	m := Manner{Beam: max(c.Beam, 0), Length: Or(c.Length, math.NaN()), Most: max(c.Most-1, 0), Min: max(c.Min, 0), NoRepeat: max(c.NoRepeat, 0), Early: string(c.Early)}
	if c.MostNew > 0 {
		m.Most = c.MostNew
	}
	if c.MinNew > 0 {
		m.Min = c.MinNew + 1
	}
	return m
}

// or is m, and what n says where m says nothing: in transformers a task changes what is there.
func (m Manner) or(n Manner) Manner {
	if math.IsNaN(m.Length) {
		m.Length = n.Length
	}
	return Manner{cmp.Or(m.Beam, n.Beam), m.Length, cmp.Or(m.Most, n.Most), cmp.Or(m.Min, n.Min), cmp.Or(m.NoRepeat, n.NoRepeat), cmp.Or(m.Early, n.Early)}
}

// Check refuses tokens that a vocabulary has not, and an early_stopping that is none.
func (s *Seq) Check(vocab int) error {
	manners := []Manner{s.Manner}
	for _, t := range s.Tasks {
		manners = append(manners, t.Manner)
	}
	for _, m := range manners {
		if !slices.Contains([]string{"", "heuristic", "first", "never"}, m.Early) {
			return Fault(fault.BadConfig, "early_stopping", `true, false or "never"`, fault.Quote(m.Early))
		}
	}
	for _, id := range slices.Concat([]int{s.Start, max(s.First, 0), max(s.Last, 0)}, s.Ends, s.Never, slices.Concat(s.Bad...)) {
		if id < 0 || id >= vocab {
			return Fault(fault.BadConfig, "decoder_start_token_id, eos_token_id, pad_token_id, forced_bos_token_id, forced_eos_token_id, bad_words_ids, suppress_tokens",
				fmt.Sprintf("tokens from 0 to %d", vocab-1), fmt.Sprint(id))
		}
	}
	return nil
}

// generated are the keys that generation_config.json says in place of config.json.
var generated = []string{"suppress_tokens", "renormalize_logits", "forced_bos_token_id", "forced_eos_token_id", "bad_words_ids", "num_beams", "length_penalty", "max_length", "max_new_tokens",
	"min_length", "min_new_tokens", "no_repeat_ngram_size", "early_stopping"}

// undone are keys that the search does nothing about, with the values that ask for nothing, besides null.
var undone = map[string]any{"repetition_penalty": 1., "encoder_repetition_penalty": 1., "encoder_no_repeat_ngram_size": 0., "num_beam_groups": 1., "diversity_penalty": 0.,
	"do_sample": false, "begin_suppress_tokens": nil, "exponential_decay_length_penalty": nil, "sequence_bias": nil}

// Undone are the keys by which a config asks for what the search does not do.
func Undone(config []byte) (keys []string) {
	all := map[string]any{}
	if ReadConfig(config, &all) != nil {
		return nil
	}
	for key, nothing := range undone {
		if v := all[key]; v != nil && !reflect.DeepEqual(v, nothing) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Generated is config.json with what generation_config.json says. As in transformers, where that file is there config.json's keys of generation do not
// count, but for the tokens that it does not name. nil: there is none.
func Generated(config, generation []byte) ([]byte, error) {
	if generation == nil {
		return config, nil
	}
	all, own := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := ReadConfig(config, &all); err != nil {
		return nil, err
	}
	if _, err := fault.JSON(fault.BadConfig, "generation_config.json", generation, &own); err != nil {
		return nil, err
	}
	keys := slices.AppendSeq(slices.Clone(generated), maps.Keys(undone))
	for _, key := range keys {
		delete(all, key)
	}
	all["forced_eos_token_id"] = json.RawMessage("-1") // BART forces its end where nothing is said
	for _, key := range append([]string{"decoder_start_token_id", "eos_token_id", "pad_token_id"}, keys...) {
		if v, ok := own[key]; ok && string(v) != "null" {
			all[key] = v
		}
	}
	return json.Marshal(all)
}

// Or is what a config says, or def where it says nothing.
func Or[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}
