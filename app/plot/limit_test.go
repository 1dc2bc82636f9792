package plot

import (
	"math"
	"testing"
)

func TestLimit(t *testing.T) {
	var even []float32
	for i := range 1000 {
		even = append(even, float32(i%100)-50)
	}
	if got := Limit(even); got != 50 {
		t.Errorf("of even numbers: %v", got)
	}
	outlier := append([]float32{-22000, float32(math.NaN()), float32(math.Inf(1))}, even...)
	if got := Limit(outlier); !(got > 100 && got <= 200) {
		t.Errorf("with one far out: %v", got)
	}
	sparse := make([]float64, 1000) // most are 0: those that are not count
	for i := range 60 {
		sparse[i*10] = 5
	}
	if got := Limit(sparse, nil); got != 5 {
		t.Errorf("of sparse numbers: %v", got)
	}
	if got := Limit[float32](); got != 0 {
		t.Errorf("of none: %v", got)
	}
}
