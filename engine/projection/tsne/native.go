//go:build !js

package tsne

func repel2(pos, force, z []float32, stride, lo, hi int, far, near []float32) {
	portableRepel2(pos, force, z, stride, lo, hi, far, near)
}

func repel3(pos, force, z []float32, stride, lo, hi int, far, near []float32) {
	portableRepel3(pos, force, z, stride, lo, hi, far, near)
}
