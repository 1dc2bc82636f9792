//go:build !js

package match

// Native builds run the portable kernels.

func round(dst []uint16, x []float32)                  { portableRound(dst, x) }
func (t *test) decide(sums, rows []uint64, stride int) { t.portableDecide(sums, rows, stride) }
