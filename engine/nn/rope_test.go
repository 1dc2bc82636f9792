package nn_test

import (
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/nn"
)

// TestRope compares the frequencies of every kind of rotary positions, in both styles of config.json, with transformers'.
func TestRope(t *testing.T) {
	var cases []struct {
		Config json.RawMessage
		Freq   []float32 `json:"inv_freq"`
		Scale  float32   `json:"attention_factor"`
	}
	b := enginetest.ReadFile(t, filepath.Join(enginetest.Root(), "testdata", "models", "goldens", "rope.json"))
	if err := json.Unmarshal(b, &cases); err != nil || len(cases) < 30 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		var r nn.Rope
		if err := nn.ReadConfig(c.Config, &r); err != nil {
			t.Fatal(err)
		}
		got, err := r.Rotary(16, false)
		if err != nil {
			t.Errorf("%s: %v", c.Config, err)
			continue
		}
		if len(got.Freq) != len(c.Freq) {
			t.Errorf("%s: %d frequencies, expected %d", c.Config, len(got.Freq), len(c.Freq))
			continue
		}
		for i, f := range c.Freq {
			if e := math.Abs(float64(got.Freq[i]/f) - 1); e > 3e-7 {
				t.Errorf("%s: frequency %d is %v, expected %v", c.Config, i, got.Freq[i], f)
			}
		}
		scale := got.Scale
		if scale == 0 {
			scale = 1
		}
		if math.Abs(float64(scale-c.Scale)) > 1e-6 {
			t.Errorf("%s: scale %v, expected %v", c.Config, scale, c.Scale)
		}
	}
}

// TestRopeLies holds that what makes no rotation is refused by the key that is wrong.
func TestRopeLies(t *testing.T) {
	for config, where := range map[string]string{
		`{"rope_theta": 0}`:  "rope_theta",
		`{"rope_theta": -5}`: "rope_theta",
		`{"rope_theta": 10000, "partial_rotary_factor": 0.01}`:                                                    "partial_rotary_factor",
		`{"rope_theta": 10000, "partial_rotary_factor": 1.5}`:                                                     "partial_rotary_factor",
		`{"rope_theta": 10000, "partial_rotary_factor": 0.2}`:                                                     "partial_rotary_factor",
		`{"rope_theta": 10000, "rope_scaling": {"type": "linear"}}`:                                               "rope_scaling.factor",
		`{"rope_theta": 10000, "rope_scaling": {"type": "linear", "factor": 0}}`:                                  "rope_scaling.factor",
		`{"rope_theta": 10000, "rope_scaling": {"type": "mrope", "factor": 2}}`:                                   "rope_scaling.rope_type",
		`{"rope_theta": 10000, "rope_scaling": {"rope_type": "llama3", "factor": 8}}`:                             "rope_scaling",
		`{"rope_theta": 1, "rope_scaling": {"rope_type": "yarn", "factor": 8}}`:                                   "rope_scaling",
		`{"rope_theta": 10000, "rope_scaling": {"rope_type": "longrope", "short_factor": [1, 2]}}`:                "rope_scaling.short_factor",
		`{"rope_theta": 10000, "rope_scaling": {"rope_type": "longrope", "short_factor": [0,1,1,1,1,1,1,1]}}`:     "rope_scaling",
		`{"rope_parameters": {"rope_theta": 10000, "rope_type": "yarn", "factor": 8, "attention_factor": 1e300}}`: "rope_scaling",
	} {
		var r nn.Rope
		if err := nn.ReadConfig([]byte(config), &r); err != nil {
			t.Fatal(err)
		}
		_, err := r.Rotary(16, false)
		var e *fault.Error
		if !errors.As(err, &e) || e.Where != where {
			t.Errorf("%s: %v, expected an error about %s", config, err, where)
		}
	}
}
