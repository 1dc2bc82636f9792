package tsne

// motion is what moves the places, each [n, dims]: the forces, the last change, and a gain for each number (Jacobs 1988).
type motion struct {
	attract, repel, step, gain []float32
}

// change is by what an iteration moves: the factors of the forces, what is kept of the last step, and the learning rate.
type change struct {
	attract, repel, momentum, rate float32
}

// portableMove changes the places as van der Maaten's implementations and scikit-learn's do, and returns the sum of the squares of the gradient.
func portableMove(y []float32, m *motion, c change) float64 {
	sum := 0.0
	attract, repel, steps, gains := m.attract[:len(y)], m.repel[:len(y)], m.step[:len(y)], m.gain[:len(y)]
	for i := range y {
		g := float32(c.attract*attract[i]) - float32(c.repel*repel[i])
		sum += float64(float64(g) * float64(g))
		step, gain := steps[i], gains[i]
		if g > 0 && step < 0 || g < 0 && step > 0 { // still downhill
			gain += .2
		} else {
			gain = max(float32(gain*.8), .01)
		}
		step = float32(c.momentum*step) - float32(c.rate*float32(gain*g))
		step = min(max(step, -edge), edge)
		gains[i], steps[i] = gain, step
		y[i] = min(max(y[i]+step, -edge), edge)
	}
	return sum
}
