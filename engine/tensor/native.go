//go:build !js

package tensor

// Native builds run the portable kernels.

func mul(m *Matrix, dst, x []float32, n int)              { portableMul(m, dst, x, n) }
func row(m *Matrix, dst []float32, i int)                 { portableRow(m, dst, i) }
func product(dst, w, x []float32, s shape, scale float32) { portableProduct(dst, w, x, s, scale) }
func mix(dst, p, v []float32, stride int)                 { portableMix(dst, p, v, stride) }
func dot(a, b []float32) float32                          { return portableDot(a, b) }
func axpy(y []float32, a float32, x []float32)            { portableAxpy(y, a, x) }
func scaleShift(x, w, b []float32)                        { portableScaleShift(x, w, b) }
func normalize(dst, x []float32, eps float32) float32     { return portableNormalize(dst, x, eps) }
func softmax(x []float32)                                 { portableSoftmax(x) }
func exp(x []float32)                                     { portableExp(x) }
func sigmoid(x []float32)                                 { portableSigmoid(x) }
func tanh(x []float32)                                    { portableTanh(x) }
func relu(x []float32)                                    { portableReLU(x) }
func geluNew(x []float32)                                 { portableGELUNew(x) }
func gelu(x []float32)                                    { portableGELU(x) }
func silu(x []float32)                                    { portableSiLU(x) }
func rmsNorm(dst, x []float32, eps float32) float32       { return portableRMSNorm(dst, x, eps) }
func times(y, x []float32)                                { portableTimes(y, x) }
func softCap(x []float32, c float32)                      { portableSoftCap(x, c) }
func rotate(x, cos, sin []float32, heads, dim, r int)     { portableRotate(x, cos, sin, heads, dim, r) }
func mix4(dst, p, v []float32, s mixShape)                { portableMix4(dst, p, v, s) }
func interleave(dst, rows []byte, b *block)               { portableInterleave(dst, rows, b) }
