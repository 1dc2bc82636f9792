package sample

import "math/rand/v2"

// Rand is a seeded source of numbers: PCG, which math/rand/v2 promises to keep as it is.
type Rand struct{ pcg *rand.PCG }

// NewRand returns the source of a seed and a stream: each position of a text can have its own.
func NewRand(seed, stream uint64) *Rand {
	// PCG takes its seed as it stands, so that neighbours begin alike: mix first.
	return &Rand{rand.NewPCG(mix(seed), mix(mix(seed)^stream))}
}

// mix is the output function of SplitMix64 (Steele et al. 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Float64 is a number from 0 to 1, 1 excluded.
func (r *Rand) Float64() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

// Draw takes an index with the probabilities dist, which need not sum to 1; -1 if all are 0.
func Draw(dist []float32, r *Rand) int {
	var sum, part float64
	for _, p := range dist {
		sum += float64(p)
	}
	at, last := r.Float64()*sum, -1
	for i, p := range dist {
		if p > 0 {
			last = i
			if part += float64(p); part > at {
				return i
			}
		}
	}
	return last // only by rounding
}
