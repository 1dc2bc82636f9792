package metric

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"loupe/engine/enginetest"
)

// TestReference holds that scores are sacreBLEU's, of single pairs and of corpora.
func TestReference(t *testing.T) {
	var want struct {
		Pairs   [][4]any
		Corpora [][2]json.RawMessage
	}
	if err := json.Unmarshal(enginetest.ReadFile(t, filepath.Join(enginetest.Root(), "testdata/metric/pairs.json")), &want); err != nil {
		t.Fatal(err)
	}
	check := func(rows []int, bleu, chrf float64) {
		var b BLEU
		var c ChrF
		for _, i := range rows {
			hyp, ref := want.Pairs[i][0].(string), want.Pairs[i][1].(string)
			b.Add(strings.Fields(hyp), strings.Fields(ref))
			c.Add(hyp, ref)
		}
		if math.Abs(b.Score()-bleu) > 1e-9 || math.Abs(c.Score()-chrf) > 1e-9 {
			t.Errorf("%v: BLEU %v, chrF %v, not %v, %v", rows, b.Score(), c.Score(), bleu, chrf)
		}
	}
	for i, p := range want.Pairs {
		check([]int{i}, p[2].(float64), p[3].(float64))
	}
	for _, c := range want.Corpora {
		var rows []int
		var scores [2]float64
		if json.Unmarshal(c[0], &rows) != nil || json.Unmarshal(c[1], &scores) != nil {
			t.Fatal("testdata/metric/pairs.json")
		}
		check(rows, scores[0], scores[1])
	}
	if len(want.Pairs) < 100 || len(want.Corpora) < 10 {
		t.Error("too few pairs")
	}
}

// slow is the distance by its definition.
func slow(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return slow(a[1:], b[1:])
	}
	return 1 + min(slow(a[1:], b[1:]), slow(a[1:], b), slow(a, b[1:]))
}

// TestEdits holds that distances are the least.
func TestEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := make([]byte, r.IntN(7))
		for i := range b {
			b[i] = "abc"[r.IntN(3)]
		}
		return string(b)
	}
	for range 2000 {
		x, y := word(), word()
		a, b := []byte(x), []byte(y)
		want := slow(x, y)
		if got := Distance(a, b); got != want {
			t.Fatalf("%s %s: %d, not %d", x, y, got, want)
		}
	}
}
