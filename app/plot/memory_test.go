package plot

import "testing"

func TestMemory(t *testing.T) {
	m := Memory[int, string]{Size: 2}
	made := 0
	get := func(k int) string { return m.Get(k, func() string { made++; return string(rune('a' + k)) }) }
	for _, k := range []int{1, 1, 2, 1, 3, 2, 1} {
		if got, want := get(k), string(rune('a'+k)); got != want {
			t.Errorf("%d: %s", k, got)
		}
	}
	if made != 4 { // 1, 2, 3, and 1 again, which 3 had pushed out
		t.Errorf("made %d times", made)
	}
}
