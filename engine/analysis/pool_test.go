package analysis

import (
	"errors"
	"math"
	"slices"
	"testing"

	"loupe/engine/fault"
)

// TestReadPooling reads the files of sentence-transformers' folders.
func TestReadPooling(t *testing.T) {
	const modules = `[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
		{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]`
	const unit = `[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Pooling"}, {"type": "sentence_transformers.models.Normalize"}]`
	for _, c := range []struct {
		modules, config string
		want            []string
		normalize, said bool
	}{
		{"", "", []string{"mean"}, false, false},
		{unit, "", []string{"mean"}, true, false},
		{modules, `{"word_embedding_dimension": 384, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}`, []string{"mean"}, false, true},
		{unit, `{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}`, []string{"cls"}, true, true},
		{modules, `{"pooling_mode_lasttoken": true, "pooling_mode_max_tokens": true}`, []string{"max", "mean", "lasttoken"}, false, true},
	} {
		var m, f []byte
		if c.modules != "" {
			m = []byte(c.modules)
		}
		if c.config != "" {
			f = []byte(c.config)
		}
		p, err := ReadPooling(m, f)
		if err != nil || !slices.Equal(p.Modes, c.want) || p.Normalize != c.normalize || p.Said != c.said {
			t.Errorf("%s %s: %+v, %v", c.modules, c.config, p, err)
		}
	}
	for _, c := range []struct{ modules, config, where string }{
		{`[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Dense"}]`, "{}", "[1].type"},
		{`{"type": 5}`, "{}", ""},
		{`[]`, `{"pooling_mode_mean_tokens": false}`, "pooling_mode"},
		{`[]`, `{"pooling_mode_mean_tokens": "yes"}`, "pooling_mode_mean_tokens, byte 34"},
		{`[`, `{}`, ""},
	} {
		_, err := ReadPooling([]byte(c.modules), []byte(c.config))
		var e *fault.Error
		if !errors.As(err, &e) || c.where != "" && e.Where != c.where {
			t.Errorf("%s %s: %v", c.modules, c.config, err)
		}
	}
}

// TestPool: each kind on numbers that can be checked by hand. The test of MiniLM compares all with NumPy's.
func TestPool(t *testing.T) {
	hidden := []float32{1, -2, 3, 4, -4, 1} // three tokens of two numbers
	for mode, want := range map[string][]float32{"cls": {1, -2}, "max": {3, 4}, "mean": {0, 1}, "lasttoken": {-4, 1},
		"mean_sqrt_len": {0, float32(3 / math.Sqrt(3))}, "weightedmean": {-5.0 / 6, 9.0 / 6}} {
		p := Pooling{Modes: []string{mode}}
		if got := p.Pool(hidden, 2); !slices.Equal(got, want) {
			t.Errorf("%s is %v, expected %v", mode, got, want)
		}
	}
	p := Pooling{Modes: []string{"max", "mean"}, Normalize: true}
	if got := p.Pool([]float32{3, 0}, 2); !slices.Equal(got, []float32{float32(3 / math.Sqrt(18)), 0, float32(3 / math.Sqrt(18)), 0}) {
		t.Errorf("joined and of length 1: %v", got)
	}
	if got := p.Pool(make([]float32, 4), 2); !slices.Equal(got, make([]float32, 4)) {
		t.Errorf("zeros give %v", got)
	}
}
