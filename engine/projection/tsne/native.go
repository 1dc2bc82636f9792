//go:build !js

package tsne

// Native builds run the portable forms.

func repel2(pos, force, weight []float32, stride, lo, hi int, far, near []float32) {
	portableRepel2(pos, force, weight, stride, lo, hi, far, near)
}

func repel3(pos, force, weight []float32, stride, lo, hi int, far, near []float32) {
	portableRepel3(pos, force, weight, stride, lo, hi, far, near)
}

func list(t *tree, l *lists, lo, hi int)                    { portableList(t, l, lo, hi) }
func attract2(p *Affinities, y, force []float32)            { portableAttract2(p, y, force) }
func attract3(p *Affinities, y, force []float32)            { portableAttract3(p, y, force) }
func spread(p *Affinities, y []float32, dims int) float64   { return portableSpread(p, y, dims) }
func move(y []float32, m *motion, c change) (norm2 float64) { return portableMove(y, m, c) }
