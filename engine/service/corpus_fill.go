package service

import (
	"math"
	"time"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

const (
	fullChunk  = 64      // tokens that models take at a time (nn.Chunk): fewer cost more each
	leastChunk = 16      // that are run at a time, at least
	slowChunk  = 40      // milliseconds of a full chunk, above which it is not waited for
	mostChunk  = 1 << 20 // numbers that are recorded at a time, at most
	noRank     = 65535
)

func newScores(n int) scores {
	k := scores{surprisal: make([]float32, n), entropy: make([]float32, n), rank: make([]uint16, n)}
	for i := range n {
		k.surprisal[i], k.entropy[i], k.rank[i] = nan, nan, noRank
	}
	return k
}

// corpusPredicts reports whether the model's predictions are computed over a corpus, too: where W is at most a third of the weights.
func (s *Service) corpusPredicts() bool {
	return s.info.Logits && 3*s.info.Vocab*s.act(s.final).Inner[0] <= s.info.Params
}

// fillCorpus runs on over the corpus, each document by itself and without changes, until the time is over or all is run. What was run
// when it is cancelled stays.
func (s *Service) fillCorpus(j *desk.Job, b protocol.CorpusFill) (*protocol.CorpusFilled, error) {
	c, _, err := s.theCorpus(b.Corpus, 0)
	if err != nil {
		return nil, err
	}
	begin, most := time.Now(), time.Duration(b.Ms)*time.Millisecond
	defer func() { c.fill.ran += time.Since(begin) }()
	for first := true; c.store.Len() < len(c.ids); first = false {
		left := most - time.Since(begin)
		if left <= 0 && !first {
			break
		}
		if err := s.fillChunk(j, c, left); err != nil {
			return nil, err
		}
		if err := j.Yield(); err != nil {
			return nil, err
		}
	}
	return c.filled(time.Since(begin)), nil
}

// filled is how far the run is; more is time that ran does not count yet.
func (c *texts) filled(more time.Duration) *protocol.CorpusFilled {
	n := c.store.Len()
	f := &protocol.CorpusFilled{Corpus: c.info.ID, Documents: c.doc(n), Tokens: n, Total: len(c.ids), Done: n == len(c.ids),
		Bytes: c.store.Bytes(), Predicted: c.score.n, Ms: float64((c.fill.ran + more).Microseconds()) / 1000}
	if c.score.n > 0 {
		f.Bits = c.score.bits / float64(c.score.n)
	}
	return f
}

// fillChunk runs the next tokens of the piece that is at work, as many as there may be time for. If it is cancelled, nothing of them is kept.
func (s *Service) fillChunk(j *desk.Job, c *texts, left time.Duration) error {
	start, f, done := time.Now(), &c.fill, c.store.Len()
	if f.state == nil {
		f.state = s.model.NewState()
		if t, ok := f.state.(interface{ Short() }); ok {
			t.Short()
		}
		names := make([]string, len(c.info.Sources))
		for i, k := range c.info.Sources {
			names[i] = k.Name
		}
		f.rec = activation.NewRecorder(names...)
	}
	lo, hi := 0, c.pieces[f.piece]
	if f.piece > 0 {
		lo = c.pieces[f.piece-1]
	}
	from := lo + f.state.Truncate(done-lo) // after a cancel it may have seen fewer than are kept
	to := hi
	if !s.info.Full {
		to = min(hi, done+c.chunk(left))
	}
	ids := make([]int, to-from)
	for i := range ids {
		ids[i] = int(c.ids[from+i])
	}
	f.rec.Restart(from - lo)
	in := nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: f.rec}, LogitsFrom: done - lo, Yield: j.Yield}
	if s.corpusPredicts() {
		in.Logits = func(pos int, z []float32) { c.score.note(z, lo+pos, lo+s.about.Of(pos), hi, c.ids) }
	}
	if err := s.model.Forward(f.state, in); err != nil {
		return err
	}
	rows := make([][]float32, len(c.info.Sources))
	for t := done; t < to; t++ {
		for i, k := range c.info.Sources {
			rows[i] = f.rec.Get(k.Name).At(t - from)
		}
		if s.States != nil {
			s.States(t, rows)
		}
		c.store.Append(rows)
		c.score.count(t)
	}
	f.rate = float64(time.Since(start).Microseconds()) / 1000 / float64(len(ids))
	if to == hi {
		f.piece++
		f.state.Truncate(0)
	}
	return nil
}

// chunk is how many tokens are run at a time: about as many as there is time for, in full chunks unless one takes too long. Without any time they
// are as many on every machine.
func (c *texts) chunk(left time.Duration) int {
	rate := c.fill.rate
	if left <= 0 || rate == 0 {
		return leastChunk
	}
	n := min(int(float64(left.Milliseconds())/rate), mostChunk/c.store.Units())
	if n >= fullChunk || fullChunk*rate < slowChunk {
		return max(n/fullChunk, 1) * fullChunk
	}
	return max(n, leastChunk)
}

// note keeps what the logits at token t say, which are about token about of the piece that ends at hi.
func (k *scores) note(logits []float32, t, about, hi int, ids []int32) {
	d := analysis.Describe(logits)
	k.entropy[t] = float32(d.Entropy)
	if about < hi {
		id := int(ids[about])
		k.surprisal[about] = float32(d.Surprisal(logits, id))
		k.rank[about] = uint16(min(analysis.Rank(logits, id), noRank))
	}
}

// count adds the surprisal of token t to the mean, if it has one.
func (k *scores) count(t int) {
	if x := float64(k.surprisal[t]); !math.IsNaN(x) && !math.IsInf(x, 0) {
		k.bits, k.n = k.bits+x/math.Ln2, k.n+1
	}
}
