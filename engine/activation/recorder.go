package activation

import (
	"slices"
	"sort"
)

// Recorder keeps the activations whose names match its globs. A nil *Recorder keeps nothing.
// Positions come in order; a later pass over positions that are there already replaces them and
// drops what came after (the text was edited, or a token was tried).
type Recorder struct {
	globs  []string
	wants  map[string]bool
	series map[string]*Series
	from   int // the position that each series begins with
}

// Series is one recorded activation.
type Series struct {
	Inner []int     // the shape of one position; [heads] when Heads
	Heads bool      // a [head, query, key] activation, stored query by query: query q is [heads, q+1], or [heads, Keys]
	Keys  int       // of Heads: how many keys every query has; 0: those up to itself
	N     int       // positions recorded
	Data  []float32 // N * product(Inner), or heads * N(N+1)/2, or heads * N * Keys
}

// NewRecorder returns a Recorder for the given globs.
func NewRecorder(globs ...string) *Recorder {
	return &Recorder{globs: globs, wants: map[string]bool{}, series: map[string]*Series{}}
}

// Globs are what the recorder takes.
func (r *Recorder) Globs() []string {
	if r == nil {
		return nil
	}
	return r.globs
}

// Wants reports whether name is taken.
func (r *Recorder) Wants(name string) bool {
	if r == nil {
		return false
	}
	w, ok := r.wants[name]
	if !ok {
		w = MatchAny(r.globs, name)
		r.wants[name] = w
	}
	return w
}

// Names lists what was recorded, sorted.
func (r *Recorder) Names() []string {
	if r == nil {
		return nil
	}
	var out []string
	for n := range r.series {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Get returns a recorded activation, or nil.
func (r *Recorder) Get(name string) *Series {
	if r == nil {
		return nil
	}
	return r.series[name]
}

// Truncate forgets all positions from n on.
func (r *Recorder) Truncate(n int) {
	if r == nil {
		return
	}
	for _, s := range r.series {
		s.truncate(n)
	}
}

// Restart forgets all positions, and takes those from pos on: pos is then At(0). What a long text does can so be read piece by piece
// in little memory. Not for activations of heads, which have as many keys as positions.
func (r *Recorder) Restart(pos int) {
	r.Truncate(0)
	r.from = pos
}

// Clone returns an independent copy of the first n positions.
func (r *Recorder) Clone(n int) *Recorder {
	c := NewRecorder(r.globs...)
	for name, s := range r.series {
		k := *s
		k.N = min(n, s.N)
		k.Data = append([]float32(nil), s.Data[:s.offset(k.N)]...)
		c.series[name] = &k
	}
	return c
}

func (s *Series) truncate(n int) {
	if n < s.N {
		s.N, s.Data = n, s.Data[:s.offset(n)]
	}
}

// offset is where position n begins in Data.
func (s *Series) offset(n int) int {
	switch {
	case s.Heads && s.Keys > 0:
		return s.Inner[0] * n * s.Keys
	case s.Heads:
		return s.Inner[0] * n * (n + 1) / 2
	}
	size := 1
	for _, d := range s.Inner {
		size *= d
	}
	return size * n
}

// KeysAt is how many keys query n has.
func (s *Series) KeysAt(n int) int {
	if s.Keys > 0 {
		return s.Keys
	}
	return n + 1
}

// Head is the row of one head: query q's keys.
func (s *Series) Head(q, head int) []float32 {
	n := s.KeysAt(q)
	return s.At(q)[head*n : (head+1)*n]
}

// At returns position n: [inner..], or [heads, KeysAt(n)] of a pattern. It shares the recorder's memory.
func (s *Series) At(n int) []float32 { return s.Data[s.offset(n):s.offset(n+1)] }

func (r *Recorder) slot(name string, pos0 int, inner []int, heads bool) *Series {
	s := r.series[name]
	if s == nil {
		s = &Series{Inner: append([]int(nil), inner...), Heads: heads}
		r.series[name] = s
	}
	s.truncate(pos0)
	if s.N != pos0 {
		panic("activation: " + name + ": positions recorded out of order")
	}
	return s
}

func (r *Recorder) add(name string, pos0, n int, x []float32, inner []int) {
	if !r.Wants(name) {
		return
	}
	s := r.slot(name, pos0-r.from, inner, false)
	s.Data = append(s.Data, x...)
	s.N += n
}

func (r *Recorder) addHeads(name string, pos0, n, heads, keys int, full bool, x []float32) {
	if !r.Wants(name) {
		return
	}
	s := r.slot(name, pos0, []int{heads}, true)
	if full {
		s.Keys = keys // all queries came at once, or they have the same keys
	}
	at, size := len(s.Data), s.offset(pos0+n)
	s.Data = slices.Grow(s.Data, size-at)[:size]
	for t := 0; t < n; t++ {
		for h := 0; h < heads; h++ {
			at += copy(s.Data[at:], x[(h*n+t)*keys:][:s.KeysAt(pos0+t)])
		}
	}
	s.N += n
}
