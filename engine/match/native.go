//go:build !js

package match

// Native builds run the portable kernels.

func round(dst []uint16, x []float32)      { portableRound(dst, x) }
func (t *test) shiftIn(sums, row []uint64) { t.portableShiftIn(sums, row) }
