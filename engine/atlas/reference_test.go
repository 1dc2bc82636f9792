package atlas

import (
	"testing"

	"loupe/engine/protocol"
)

// TestAgainstExact runs go-tsne, which approximates nothing, and Barnes-Hut t-SNE on the same few rows. Both are true to them; ours ends
// with no more divergence (go-tsne never resets its gradient, and stops at a mediocre optimum), and each row has mostly the same
// neighbours on both maps.
func TestAgainstExact(t *testing.T) {
	const n = 150
	x := clusters(n, 6)
	d := newBench(t)
	l := protocol.DefaultLayout()
	l.Metric, l.Components, l.Perplexity = "euclidean", 0, 15
	var kl [2]float32
	var trust [2]float32
	for i, method := range []string{"exact", "tsne"} {
		d.open(i+1, x, 6, nil)
		l.Method, l.Iterations = method, 300
		if method == "tsne" {
			l.Iterations = 1000
		}
		var f *protocol.MapFrame
		for f == nil || !f.Done {
			f = ask[protocol.MapFrame](d, protocol.OpMapStep, protocol.MapStep{Map: i + 1, Layout: l, Run: 1, N: 50, Ms: 1e6})
		}
		q := ask[protocol.MapQualityResult](d, protocol.OpMapQuality, protocol.MapQuality{Map: i + 1, Layout: l, K: 12, Kept: 10, Sample: n})
		kl[i], trust[i] = f.KL, q.Trust
		t.Logf("%s: KL %.3f after %d, trust %.3f, kept %.2f", method, f.KL, f.Iter, q.Trust, q.Kept)
	}
	if trust[0] < .9 || trust[1] < .95 || kl[1] > kl[0]*1.02 {
		t.Errorf("KL %v, trust %v", kl, trust)
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	same := ask[protocol.MapAgreeResult](d, protocol.OpMapAgree, protocol.MapAgree{MapA: 1, MapB: 2, A: rows, B: rows, K: 10})
	t.Logf("shared %.2f, by chance %.2f", same.Shared, same.Chance)
	if same.Shared < .5 || same.Shared < 5*same.Chance {
		t.Errorf("shared %.2f, by chance %.2f", same.Shared, same.Chance)
	}
}
