package tensor

// The kernels. Each exists twice: portableX in plain Go (portable*.go), which is the reference, and x, which is
// portableX natively (native.go) and the SIMD form in the browser (simd_js.go). Rows are contiguous, and n = 0 does nothing.

// fast is whether products may round vectors to 16 bits.
var fast bool

// Fast switches generation mode, off at first: in the browser, products of packed matrices round each 32 numbers of a vector
// to multiples of 2^-14 of a power of two just below their largest. Results then differ by about 3e-5 of their vector's
// norm, and steps take half the time; nothing that is recorded may be computed so. Natively it changes nothing.
func Fast(on bool) { fast = on }

// Dot is the inner product of two vectors of the same length.
func Dot(a, b []float32) float32 { return dot(a, b[:len(a)]) }

// Axpy adds a*x to y.
func Axpy(y []float32, a float32, x []float32) { axpy(y[:len(x)], a, x) }

// AddBias adds b [d] to each of the n rows of x [n, d].
func AddBias(x, b []float32, n int) {
	for t := range n {
		Axpy(x[t*len(b):(t+1)*len(b)], 1, b)
	}
}

// Softmax replaces x by exp(x - max) / sum in place. An x of only -Inf becomes zeros.
func Softmax(x []float32) { softmax(x) }

// Normalize writes (x - mean) / sqrt(var + eps) into dst for each of the n rows of x [n, d] and, if scale
// is not nil, sqrt(var + eps) into scale [n]: nn.LayerNorm before its weight and bias (TransformerLens's
// ln.hook_normalized has weight and bias applied as well: see nn.LayerNorm).
func Normalize(dst, scale, x []float32, n int, eps float32) {
	if n == 0 {
		return
	}
	d := len(x) / n
	for t := range n {
		s := normalize(dst[t*d:(t+1)*d], x[t*d:(t+1)*d], eps)
		if scale != nil {
			scale[t] = s
		}
	}
}

// RMSNorm writes x / sqrt(mean of x² + eps) into dst for each of the n rows of x [n, d] and, if scale is not nil, that
// root into scale [n]: the norm of Llama before its weight. dst may be x.
func RMSNorm(dst, scale, x []float32, n int, eps float32) {
	if n == 0 {
		return
	}
	d := len(x) / n
	for t := range n {
		s := rmsNorm(dst[t*d:(t+1)*d], x[t*d:(t+1)*d], eps)
		if scale != nil {
			scale[t] = s
		}
	}
}

// Mul multiplies y by x, element by element.
func Mul(y, x []float32) { times(y[:len(x)], x) }

// SoftCap replaces every element of x by c tanh(x/c), as Gemma 2 does with scores and logits.
func SoftCap(x []float32, c float32) { softCap(x, c) }

// Rotate turns one position's queries or keys x [heads, dim] in place by its angles, given by their cos and sin [rot/2]: of
// each head number i and number i + rot/2 are a pair, for i < rot/2, and what follows rot stays. That is transformers'
// rotate_half (rotary position embedding, Su et al. 2021).
func Rotate(x, cos, sin []float32, heads, dim, rot int) {
	if rot > dim || len(x) < heads*dim || len(cos) < rot/2 || len(sin) < rot/2 {
		panic("tensor: Rotate: slices shorter than the shapes")
	}
	rotate(x, cos, sin, heads, dim, rot/2)
}

// ScaleShift computes x = x*w + b for each of the n rows of x [n, d].
func ScaleShift(x, w, b []float32, n int) {
	d := len(w)
	for t := range n {
		scaleShift(x[t*d:(t+1)*d], w, b[:d])
	}
}

// Exp replaces every element of x by e to its power.
func Exp(x []float32) { exp(x) }

// Sigmoid replaces every element of x by 1 / (1 + exp(-x)).
func Sigmoid(x []float32) { sigmoid(x) }

// Tanh replaces every element of x by its hyperbolic tangent.
func Tanh(x []float32) { tanh(x) }

// SiLU replaces every element of x by x / (1 + exp(-x)).
func SiLU(x []float32) { silu(x) }

// ReLU replaces every negative element of x by 0.
func ReLU(x []float32) { relu(x) }

// GELUNew is transformers' gelu_new and gelu_pytorch_tanh, in place: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
func GELUNew(x []float32) { geluNew(x) }

// GELU is the exact form, x Φ(x), in place.
func GELU(x []float32) { gelu(x) }
