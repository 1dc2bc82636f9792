package plot

import "math"

// Ticks are round numbers (1, 2 or 5 times a power of ten) from lo to hi, about n steps apart.
func Ticks(lo, hi float64, n int) []float64 {
	step := tickStep(hi-lo, n)
	if step == 0 {
		return nil
	}
	var out []float64
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9; i++ {
		out = append(out, i*step)
	}
	return out
}

// Decimals is how many decimals the ticks of such a span need.
func Decimals(span float64, n int) int {
	step := tickStep(span, n)
	if step == 0 || step >= 1 {
		return 0
	}
	return int(math.Ceil(-math.Log10(step) - 1e-9))
}

func tickStep(span float64, n int) float64 {
	if !(span > 0) || math.IsInf(span, 0) || n < 1 {
		return 0
	}
	raw := span / float64(n)
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if k*base >= raw*.999 {
			return k * base
		}
	}
	return 10 * base
}
