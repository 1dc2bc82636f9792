package analysis

import (
	"fmt"
	"math"
	"strings"

	"loupe/engine/fault"
)

// Pooling is how a sentence model makes one vector of those of a text's tokens, as the files of sentence-transformers say it: the
// vectors of Modes, one after the other, and these together of length 1 where Normalize says so. The maths is that of its
// models/Pooling.py, for a text that is not padded.
type Pooling struct {
	Modes     []string // of "cls", "max", "mean", "mean_sqrt_len", "weightedmean", "lasttoken"
	Normalize bool
	Said      bool // a file said so; else it is the mean, which sentence-transformers takes then
}

// ReadPooling reads modules.json, and 1_Pooling/config.json; nil is a file that is not there.
func ReadPooling(modules, config []byte) (Pooling, error) {
	p := Pooling{Modes: []string{"mean"}}
	if modules != nil {
		if err := p.modules(modules); err != nil {
			return p, err
		}
	}
	if config == nil {
		return p, nil
	}
	mode := struct {
		CLS      bool `json:"pooling_mode_cls_token"`
		Max      bool `json:"pooling_mode_max_tokens"`
		Mean     bool `json:"pooling_mode_mean_tokens"`
		Sqrt     bool `json:"pooling_mode_mean_sqrt_len_tokens"`
		Weighted bool `json:"pooling_mode_weightedmean_tokens"`
		Last     bool `json:"pooling_mode_lasttoken"`
	}{Mean: true}
	const file = "1_Pooling/config.json"
	if _, err := fault.JSON(fault.BadConfig, file, config, &mode); err != nil {
		return p, err
	}
	p.Said, p.Modes = true, nil
	for _, m := range []struct {
		name string
		on   bool
	}{{"cls", mode.CLS}, {"max", mode.Max}, {"mean", mode.Mean}, {"mean_sqrt_len", mode.Sqrt}, {"weightedmean", mode.Weighted}, {"lasttoken", mode.Last}} {
		if m.on {
			p.Modes = append(p.Modes, m.name)
		}
	}
	if len(p.Modes) == 0 {
		return p, &fault.Error{Code: fault.BadConfig, File: file, Where: "pooling_mode", Expected: "one that is true", Found: "none"}
	}
	return p, nil
}

// modules reads what follows the transformer: a pooling and perhaps a normalisation.
func (p *Pooling) modules(b []byte) error {
	const file = "modules.json"
	var list []struct {
		Type string `json:"type"`
	}
	if _, err := fault.JSON(fault.BadConfig, file, b, &list); err != nil {
		return err
	}
	for i, m := range list {
		switch m.Type[strings.LastIndexByte(m.Type, '.')+1:] {
		case "Transformer", "Pooling":
		case "Normalize":
			p.Normalize = true
		default:
			return &fault.Error{Code: fault.Unsupported, File: file, Where: fmt.Sprintf("[%d].type", i), Expected: "Transformer, Pooling or Normalize", Found: fault.Quote(m.Type)}
		}
	}
	return nil
}

// Pool makes the vector [len(Modes)*d] of hidden [n, d], n above 0.
func (p *Pooling) Pool(hidden []float32, d int) []float32 {
	out := make([]float32, 0, len(p.Modes)*d)
	for _, m := range p.Modes {
		for i := range d {
			out = append(out, pool(m, hidden[i:], d))
		}
	}
	if p.Normalize {
		var sum float64
		for _, v := range out {
			sum += float64(v) * float64(v)
		}
		for i := range out {
			out[i] = float32(float64(out[i]) / max(math.Sqrt(sum), 1e-12))
		}
	}
	return out
}

// pool is one number of a vector: of x[0], x[d], x[2d], ..
func pool(mode string, x []float32, d int) float32 {
	n := (len(x) + d - 1) / d
	largest := x[0]
	var sum, weighted float64
	for t := range n {
		v := x[t*d]
		largest = max(largest, v)
		sum += float64(v)
		weighted += float64(t+1) * float64(v)
	}
	switch mode {
	case "cls":
		return x[0]
	case "max":
		return largest
	case "mean":
		return float32(sum / float64(n))
	case "mean_sqrt_len":
		return float32(sum / math.Sqrt(float64(n)))
	case "weightedmean":
		return float32(weighted / float64(n*(n+1)/2))
	case "lasttoken":
		return x[(n-1)*d]
	}
	panic("analysis: no pooling " + mode)
}
