package near

import (
	"math"
	"slices"
)

// pack is a number and a row as one integer; integers are ordered by the number, then by the row.
func pack(v float32, row int32) uint64 {
	if v == 0 {
		v = 0 // which -0 is, too
	}
	b := math.Float32bits(v)
	if b>>31 == 1 {
		b = ^b
	} else {
		b |= 1 << 31
	}
	return uint64(b)<<32 | uint64(uint32(row))
}

func rowOf(p uint64) int32 { return int32(uint32(p)) }

func valueOf(p uint64) float32 {
	b := uint32(p >> 32)
	if b>>31 == 1 {
		return math.Float32frombits(b &^ (1 << 31))
	}
	return math.Float32frombits(^b)
}

// smallest arranges x so that x[:k] are its k smallest, x[k-1] the largest of them (quickselect: Hoare 1961).
func smallest(x []uint64, k int) {
	lo, hi := 0, len(x)-1
	for lo < hi {
		a, b, c := x[lo], x[(lo+hi)/2], x[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}

// list holds the rows that may be among the k nearest: those whose key is at most the k-th smallest key and some slack. They stay in the
// order in which they came, which is that of rows.
type list struct {
	k     int
	slack float32
	bound float32 // larger keys need not be added
	all   []uint64
	full  int // when to cut
}

func (l *list) reset(k int, slack float32) {
	*l = list{k: k, slack: slack, bound: float32(math.Inf(1)), all: l.all[:0], full: 2*k + 32}
}

// add adds the keys of rows from lo on, without row self.
func (l *list) add(keys []float32, lo, self int, except func(int) bool, room *[]uint64) {
	bound := l.bound
	for j := 0; j < len(keys); j++ {
		if j = nextBelow(keys, j, bound); j == len(keys) {
			return
		}
		key := keys[j]
		if !(key <= bound) || lo+j == self || except != nil && except(lo+j) {
			continue
		}
		l.all = append(l.all, pack(key, int32(lo+j)))
		if len(l.all) >= l.full {
			l.cut(room)
			bound = l.bound
		}
	}
}

// nextBelow passes over keys from j on that are above bound, four at a time, for most rows are too far; those of the place that it returns
// and of the three that follow are to be looked at.
func nextBelow(keys []float32, j int, bound float32) int {
	for ; j+4 <= len(keys); j += 4 {
		k := (*[4]float32)(keys[j:])
		if k[0] <= bound || k[1] <= bound || k[2] <= bound || k[3] <= bound {
			break
		}
	}
	return j
}

// cut forgets rows that are too far.
func (l *list) cut(room *[]uint64) {
	if len(l.all) <= l.k {
		return
	}
	*room = append((*room)[:0], l.all...)
	smallest(*room, l.k)
	if l.bound = valueOf((*room)[l.k-1]) + l.slack; l.bound != l.bound { // of infinite ones
		l.bound = float32(math.Inf(1))
	}
	most := pack(l.bound, -1)
	l.all = slices.DeleteFunc(l.all, func(p uint64) bool { return p > most })
	l.full = 2*len(l.all) + 32
}

// nearest are the k nearest, packed with their distances and sorted, of which distance says the exact ones. Where k rows are at the distance 0
// (and no distance is less) those that follow cannot be nearer.
func (l *list) nearest(distance func(row int) float32, zeroLeast bool, room *[]uint64) []uint64 {
	l.cut(room)
	out, zeros := (*room)[:0], 0
	for _, p := range l.all {
		v := distance(int(rowOf(p)))
		out = append(out, pack(v, rowOf(p)))
		if v == 0 && zeroLeast {
			if zeros++; zeros == l.k {
				break
			}
		}
	}
	*room = out
	if len(out) > 4*l.k {
		smallest(out, l.k)
		out = out[:l.k]
	}
	slices.Sort(out)
	return out[:min(l.k, len(out))]
}

// pool holds the k rows with the smallest keys so far, and some more until there are many.
type pool struct {
	bound float32 // a row's key must be smaller to be among the k
	all   []uint64
}

// newPools are n pools that share memory.
func newPools(n, k int) []pool {
	most := k + k/2 + 16
	all, pools := make([]uint64, n*most), make([]pool, n)
	for i := range pools {
		pools[i] = pool{bound: float32(math.Inf(1)), all: all[i*most : i*most : (i+1)*most]}
	}
	return pools
}

func (p *pool) add(key float32, row int32, k int) {
	if !(key < p.bound) {
		return
	}
	p.all = append(p.all, pack(key, row))
	if len(p.all) == cap(p.all) {
		p.cut(k)
		p.bound = valueOf(p.all[k-1])
	}
}

func (p *pool) cut(k int) {
	if len(p.all) > k {
		smallest(p.all, k)
		p.all = p.all[:k]
	}
}
