package keras_test

import (
	"errors"
	"testing"

	"loupe/engine/checkpoint"
	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model/keras"
	"loupe/engine/nn"
)

// FuzzOpen opens weights with any config: it gives a model that runs, or an error that says what and where.
func FuzzOpen(f *testing.F) {
	var all []*checkpoint.Checkpoint
	for _, name := range []string{"keras-both", "keras-gru", "keras2-cudnn", "keras2-onehot", "keras2-gru"} {
		ck := enginetest.Checkpoint(f, enginetest.Files(f, enginetest.Dir(name))...)
		f.Add(ck.Config)
		all = append(all, ck)
	}
	f.Fuzz(func(t *testing.T, config []byte) {
		for _, ck := range all {
			m, err := keras.Open(config, ck)
			if err == nil {
				i := m.Info()
				if err = m.Forward(m.NewState(), nn.Input{IDs: []int{1, 2, 3}, Logits: func(int, []float32) {}}); err == nil && i.Hidden < 1 {
					t.Errorf("%s: %+v", config, i)
				}
			}
			var e *fault.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s: %v has no type", config, err)
			}
		}
	})
}
