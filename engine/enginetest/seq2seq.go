package enginetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Translated is what the reference computes for one source, by testdata/train/seq2seq_goldens.py.
type Translated struct {
	Source    []string  `json:"source"`
	SourceIDs []int     `json:"source_ids"` // without an end
	TargetIDs []int     `json:"target_ids"` // as the decoder reads them: the beam's winner without its end
	LogP      []float64 `json:"log_p"`
	Greedy    []string  `json:"greedy"`
	Beam      []Scored  `json:"beam_5"`
	Steps     [][]Seen  `json:"beam_steps"`

	Plain  []Scored `json:"generate_length_penalty_0"` // of transformers itself; only of its families
	ByMean []Scored `json:"generate_length_penalty_1"`

	Acts map[string]*tensor.Tensor `json:"-"` // of some sources
}

// Scored is a hypothesis: [score, words].
type Scored struct {
	Score float64
	Words []string
}

// UnmarshalJSON reads the pair.
func (s *Scored) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &[]any{&s.Score, &s.Words}) }

// Seen is a continuation that the beam weighed: [sum of log p, which hypothesis, word, what became of it].
type Seen struct {
	Sum  float64
	Hyp  int
	Word string
	Fate string // "live", "finished", "pruned"
}

// UnmarshalJSON reads the four.
func (s *Seen) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&s.Sum, &s.Hyp, &s.Word, &s.Fate})
}

// Generated is a search of transformers' generate, by testdata/gen-models/halves.py.
type Generated struct {
	Beams     int
	Most      int     `json:"max_length"` // the start counted
	Length    float64 `json:"length_penalty"`
	Early     any     `json:"early_stopping"`
	Min       int     `json:"min_length"`
	NoRepeat  int     `json:"no_repeat_ngram_size"`
	Bad       [][]int `json:"bad_words_ids"`
	Renorm    bool    `json:"renormalize_logits"`
	Sequences [][]int
	Scores    []float64
}

// Generations are the searches that one of Halves did of a source.
func Generations(t testing.TB, name string) (source []int, list []Generated) {
	t.Helper()
	var golden struct {
		Source   []int
		Generate []Generated
	}
	if err := json.Unmarshal(ReadFile(t, Root()+"/testdata/models/goldens/"+name+"-generate.json"), &golden); err != nil || len(golden.Generate) == 0 {
		t.Fatalf("%d searches, %v", len(golden.Generate), err)
	}
	return golden.Source, golden.Generate
}

// Translator opens a built-in encoder-decoder.
func Translator(t testing.TB, name string) (model.Model, nn.Seq2Seq) {
	t.Helper()
	ck := Checkpoint(t, Files(t, Root()+"/web/models/"+name)...)
	m, err := model.Open(ck.Config, ck)
	if err != nil {
		t.Fatal(err)
	}
	return m, m.(nn.Seq2Seq)
}

// Translations reads the reference's of a built-in encoder-decoder.
func Translations(t testing.TB, name string) []Translated {
	t.Helper()
	var all struct{ Inputs []Translated }
	if err := json.Unmarshal(ReadFile(t, Root()+"/testdata/seq2seq/"+name+".json"), &all); err != nil {
		t.Fatal(err)
	}
	x, _ := ReadArrays(t, Root()+"/testdata/seq2seq/"+name+".npz")
	for i := range all.Inputs {
		for key, a := range x {
			if act, ok := strings.CutPrefix(key, fmt.Sprint(i, "/")); ok {
				if all.Inputs[i].Acts == nil {
					all.Inputs[i].Acts = map[string]*tensor.Tensor{}
				}
				all.Inputs[i].Acts[act] = a
			}
		}
	}
	return all.Inputs
}
