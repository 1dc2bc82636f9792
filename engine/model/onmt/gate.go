package onmt

import (
	"slices"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// gate is OpenNMT-py's ContextGate (Tu et al. 2017): of a step's input x, its hidden state h and what attention made of it, a,
//
//	z = sigmoid(W_z [x; h; a] + b_z),  t = W_t [x; h] + b_t,  s = W_s a + b_s
//	source: o = tanh(t + z s)     target: o = tanh(z t + s)     both: o = tanh((1-z) t + z s)
//
// It records gate (z) and attentional (o).
type gate struct {
	of                string // "source", "target", "both"
	z, source, target nn.Linear
}

func openGate(load *nn.Load, c *Config, in int) *gate {
	const at = "decoder.context_gate.context_gate."
	d := c.DecSize
	return &gate{c.Gate, load.Linear(at+"gate", d, in+2*d), load.Linear(at+"source_proj", d, d), load.Linear(at+"target_proj", d, in+d)}
}

func (g *gate) acts(c *Config) []nn.Act {
	if g == nil {
		return nil
	}
	d := []int{c.DecSize}
	return []nn.Act{{Name: "decoder.gate", Inner: d}, {Name: "decoder.attentional", Inner: d}}
}

// forward replaces a [p.N, d] by o, of x [p.N, in] and h [p.N, d], all at position p.Pos.
func (g *gate) forward(a, x, h []float32, p nn.Pass) {
	n, d := p.N, g.z.W.Rows
	z, s, t := make([]float32, n*d), make([]float32, n*d), make([]float32, n*d)
	var xha, xh []float32
	for i := range n {
		before := slices.Concat(x[i*len(x)/n:(i+1)*len(x)/n], h[i*d:(i+1)*d])
		xh = append(xh, before...)
		xha = append(append(xha, before...), a[i*d:(i+1)*d]...)
	}
	g.z.Forward(z, xha, n)
	tensor.Sigmoid(z)
	for i := range n {
		p.Hooks.At("decoder.gate", p.Pos, 1, z[i*d:(i+1)*d], d)
	}
	g.source.Forward(s, a, n)
	g.target.Forward(t, xh, n)
	for k, z := range z {
		switch g.of {
		case "source":
			a[k] = t[k] + z*s[k]
		case "target":
			a[k] = z*t[k] + s[k]
		default:
			a[k] = (1-z)*t[k] + z*s[k]
		}
	}
	tensor.Tanh(a[:n*d])
	for i := range n {
		p.Hooks.At("decoder.attentional", p.Pos, 1, a[i*d:(i+1)*d], d)
	}
}

// sparsemax replaces scores by the nearest distribution, in which many are 0 (Martins & Astudillo 2016, algorithm 1).
func sparsemax(s []float32) {
	sorted := slices.Clone(s)
	slices.SortFunc(sorted, func(a, b float32) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	var sum, tau float64
	for k, v := range sorted {
		sum += float64(v)
		if float64(k+1)*float64(v) <= sum-1 {
			break
		}
		tau = (sum - 1) / float64(k+1)
	}
	for i, v := range s {
		s[i] = float32(max(float64(v)-tau, 0))
	}
}
