package nn

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// seqOf is what a config says, with generation_config.json beside it or not, of a model whose own start and end are 7 and 1.
func seqOf(t *testing.T, config, generation string) Seq {
	t.Helper()
	var g Generation
	var beside []byte
	if generation != "" {
		beside = []byte(generation)
	}
	b, err := Generated([]byte(config), beside)
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g.Seq(7, 1)
}

// TestGeneration reads the keys of BART's summariser, T5 and OPUS-MT, of both files.
func TestGeneration(t *testing.T) {
	bart := `{"num_beams": 4, "early_stopping": true, "length_penalty": 2.0, "max_length": 142, "min_length": 56, "no_repeat_ngram_size": 3, "forced_bos_token_id": 0,
		"eos_token_id": 2, "decoder_start_token_id": 2, "task_specific_params": {"summarization": {"min_length": 56}}}`
	if got, want := seqOf(t, bart, ""), (Seq{Start: 2, Ends: []int{2}, First: 0, Last: -1, Manner: Manner{4, 2, 141, 56, 3, "first"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("BART: %+v", got)
	}
	t5 := seqOf(t, `{"task_specific_params": {"translation": {"early_stopping": true, "max_length": 300, "num_beams": 4, "prefix": "translate: "},
		"summarization": {"early_stopping": false, "length_penalty": 2, "max_length": 200, "min_length": 30, "no_repeat_ngram_size": 3, "num_beams": 4, "prefix": "summarize: "}, "none": null}}`, "")
	if len(t5.Tasks) != 2 || t5.Tasks[0] != (Task{"summarize: ", Manner{4, 2, 199, 30, 3, "heuristic"}}) || t5.Tasks[1].Prefix != "translate: " || t5.Tasks[1].Early != "first" ||
		!math.IsNaN(t5.Length) || t5.Start != 7 || t5.Early != "" {
		t.Errorf("T5: %+v", t5)
	}
	tasks := seqOf(t, `{"num_beams": 2, "length_penalty": 0.5, "max_length": 9, "min_length": 3, "no_repeat_ngram_size": 2, "early_stopping": "never", "task_specific_params": {
		"a": {"prefix": "a: "}, "b": {"prefix": "b: ", "length_penalty": 0, "early_stopping": false, "max_new_tokens": 4}}}`, "").Tasks
	if want := []Task{{"a: ", Manner{2, .5, 8, 3, 2, "never"}}, {"b: ", Manner{2, 0, 4, 3, 2, "heuristic"}}}; !slices.Equal(tasks, want) {
		t.Errorf("what a task leaves open: %+v", tasks)
	}
	opus := seqOf(t, `{"num_beams": 6, "min_length": 9, "eos_token_id": 0, "decoder_start_token_id": 5, "vocab_size": 9}`,
		`{"bad_words_ids": [[5], [3, 4], [0]], "eos_token_id": [0, 6], "max_length": 512, "num_beams": 4, "forced_eos_token_id": 0, "max_new_tokens": null, "renormalize_logits": true, "suppress_tokens": [8]}`)
	if opus.Beam != 4 || opus.Min != 0 || opus.Most != 511 || opus.Start != 5 || opus.Last != 0 || !slices.Equal(opus.Ends, []int{0, 6}) || !slices.Equal(opus.Never, []int{8, 5}) || !opus.Renorm ||
		!reflect.DeepEqual(opus.Bad, [][]int{{3, 4}}) {
		t.Errorf("OPUS-MT: %+v", opus)
	}
	s := seqOf(t, bart, `{"min_new_tokens": 4, "max_new_tokens": 9, "early_stopping": "never"}`)
	if !math.IsNaN(s.Length) {
		t.Errorf("a length penalty of %g is said by config.json alone", s.Length)
	}
	if s.Length = 0; s.Manner != (Manner{Most: 9, Min: 5, Early: "never"}) || s.Last != -1 || s.First != -1 || s.Start != 2 {
		t.Errorf("of generation_config.json alone: %+v", s)
	}
}

// TestGenerationBad holds that what makes no sense is refused by its key.
func TestGenerationBad(t *testing.T) {
	for key, config := range map[string]string{"early_stopping": `{"early_stopping": "soon"}`, "bad_words_ids": `{"bad_words_ids": [[1, 30]]}`, "eos_token_id": `{"eos_token_id": [2, -1]}`} {
		var g Generation
		if err := json.Unmarshal([]byte(config), &g); err != nil {
			t.Fatal(err)
		}
		s := g.Seq(0, 1)
		var f *fault.Error
		if err := s.Check(20); !errors.As(err, &f) || f.Code != fault.BadConfig || !strings.Contains(f.Where, key) {
			t.Errorf("%s: %v", config, err)
		}
	}
	config, err := Generated([]byte(`{"repetition_penalty": 2, "do_sample": false}`), []byte(`{"do_sample": true, "encoder_no_repeat_ngram_size": 3, "num_beam_groups": 1, "sequence_bias": null}`))
	if got := Undone(config); err != nil || !slices.Equal(got, []string{"do_sample", "encoder_no_repeat_ngram_size"}) {
		t.Errorf("not done: %v, %v", got, err)
	}
	for _, generation := range []string{"[", "7", "\xff", ""} {
		if _, err := Generated([]byte(`{}`), []byte(generation)); err == nil {
			t.Errorf("%q: no error", generation)
		}
	}
	s := seqOf(t, `{"min_length": -4, "no_repeat_ngram_size": -1, "num_beams": -2, "max_length": -1, "early_stopping": null}`, "")
	if s.Beam != 0 || s.Min != 0 || s.NoRepeat != 0 || s.Most != 0 || s.Early != "" {
		t.Errorf("what is below 0 says nothing: %+v", s)
	}
}

// FuzzGenerated reads any two files: what is wrong has a type, and what passes is of the vocabulary.
func FuzzGenerated(f *testing.F) {
	f.Add([]byte(`{"num_beams": 4, "task_specific_params": {"a": {"prefix": "a: ", "early_stopping": true}}}`), []byte(`{"bad_words_ids": [[1], [2, 3]], "eos_token_id": [1, 2], "min_length": 4}`))
	f.Add([]byte(`{"eos_token_id": null, "bad_words_ids": [[]]}`), []byte(`{"early_stopping": "never", "forced_eos_token_id": -1, "max_length": -9223372036854775808}`))
	f.Fuzz(func(t *testing.T, config, generation []byte) {
		b, err := Generated(config, generation)
		var g Generation
		if err == nil {
			Undone(b)
			err = ReadConfig(b, &g)
		}
		var typed *fault.Error
		if err != nil {
			if !errors.As(err, &typed) {
				t.Errorf("%s, %s: %v has no type", config, generation, err)
			}
			return
		}
		s := g.Seq(0, 1)
		if err := s.Check(9); err != nil {
			return
		}
		for _, id := range slices.Concat(s.Ends, s.Never, slices.Concat(s.Bad...)) {
			if id < 0 || id > 8 || len(s.Ends) == 0 || s.Min < 0 || s.NoRepeat < 0 || s.Most < 0 {
				t.Errorf("%s, %s: %+v", config, generation, s)
			}
		}
	})
}
