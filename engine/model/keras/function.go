package keras

import (
	"loupe/engine/tensor"
)

// functions are Keras's activation functions, in place. softmax is over all of x.
var functions = map[string]func(x []float32){
	"linear":   func([]float32) {},
	"tanh":     tensor.Tanh,
	"sigmoid":  tensor.Sigmoid,
	"relu":     tensor.ReLU,
	"softmax":  tensor.Softmax,
	"softsign": softsign,
	"elu":      elu,
}

// find is the function of that name. hard_sigmoid is another in Keras 3.
func (c *Config) find(name string) func([]float32) {
	switch {
	case name != "hard_sigmoid":
		return functions[name]
	case c.modern():
		return func(x []float32) { ramp(x, 1.0/6, 0.5) }
	}
	return func(x []float32) { ramp(x, 0.2, 0.5) }
}

// ramp is min(max(a x + b, 0), 1).
func ramp(x []float32, a, b float32) {
	for i, v := range x {
		x[i] = min(max(a*v+b, 0), 1)
	}
}

// softsign is x / (1 + |x|).
func softsign(x []float32) {
	for i, v := range x {
		x[i] = v / (1 + max(v, -v))
	}
}

// elu is x above 0, and exp(x) - 1 below.
func elu(x []float32) {
	for i, v := range x {
		if v < 0 {
			one := [1]float32{v}
			tensor.Exp(one[:])
			x[i] = one[0] - 1
		}
	}
}
