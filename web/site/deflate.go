package main

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/bits"
	"runtime"
	"sync"
)

// Packing, once and for all who download: of all ways to write bytes as literals and matches the cheapest is looked for, as Zopfli does
// (Alakuijala and Vandevenne, Data compression using Zopfli, 2013), which packs 5% better than compress/gzip at its best. Any gzip
// unpacks it (RFC 1951, 1952). deflate_code.go writes the bits.

const (
	window  = 1 << 15 // the farthest match
	longest = 258     // match
	enough  = 128     // a match of that length is taken as it is
	tries   = 64      // places that are compared with one
	piece   = 1 << 20 // is packed by itself, on a core of its own, with matches into the one before
	unit    = 1 << 14 // of which blocks are made
	rounds  = 3       // of parsing a block, each by what symbols cost in the last
)

// packed is b as a gzip file with a comment.
func packed(b []byte, comment string) []byte {
	pieces := make([][]byte, (len(b)+piece-1)/piece+1) // the last is the end
	var all sync.WaitGroup
	cores := make(chan bool, runtime.NumCPU())
	for i := range pieces {
		cores <- true
		all.Go(func() {
			defer func() { <-cores }()
			from := min(i*piece, len(b))
			pieces[i] = deflate(b[max(0, from-window):min(from+piece, len(b))], min(from, window), i == len(pieces)-1)
		})
	}
	all.Wait()
	const hasComment, slowest, unknownSystem = 1 << 4, 2, 255
	out := append([]byte{0x1f, 0x8b, 8, hasComment, 0, 0, 0, 0, slowest, unknownSystem}, comment+"\x00"...)
	for _, p := range pieces {
		out = append(out, p...)
	}
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(b)), uint32(len(b)))
}

// match is a place before, where the same bytes are. A literal is one of length 1.
type match struct{ length, distance uint16 }

// parser finds the ways to write b from a place on, after which everything is counted.
type parser struct {
	b       []byte
	from    int
	matches []match // of all places one after another: longer and longer, each at the least distance
	first   []int32 // of each place, its first match in matches
}

// deflate packs b from a place on: blocks, and what ends the last one or fills up a byte.
func deflate(b []byte, from int, last bool) []byte {
	p := &parser{b: b, from: from}
	p.findMatches()
	var w bitWriter
	n := len(b) - from
	c := firstCosts()
	var way []match
	for range 2 {
		way = p.cheapest(0, n, c)
		c = countOf(b[from:], way).costs()
	}
	at := 0
	for _, size := range blocks(b[from:], way) {
		for range rounds {
			way = p.cheapest(at, at+size, c)
			c = countOf(b[from+at:], way).costs()
		}
		w.block(b[from+at:], way)
		at += size
	}
	w.end(last)
	return w.out
}

// findMatches keeps the places that begin with the same three bytes in binary trees, each sorted by what follows a place, with the latest
// at the root: as LZMA does.
func (p *parser) findMatches() {
	root := make([]int32, 1<<16)        // by hash: the latest place, and 1
	child := make([][2]int32, len(p.b)) // of places: what is sorted before, and after
	for i := range p.b {
		if i >= p.from {
			p.first = append(p.first, int32(len(p.matches)))
		}
		if i+3 > len(p.b) {
			continue
		}
		h := (uint32(p.b[i]) | uint32(p.b[i+1])<<8 | uint32(p.b[i+2])<<16) * 0x9e3779b1 >> 16
		p.plant(i, root[h], child)
		root[h] = int32(i + 1)
	}
	p.first = append(p.first, int32(len(p.matches)))
}

// plant makes a place the root of its tree, and notes the matches on the way down.
func (p *parser) plant(i int, next int32, child [][2]int32) {
	before, after := &child[i][0], &child[i][1] // where what is cut off is hung
	same := [2]int{}                            // the bytes known to be the same as those of what hangs before, and after
	best, most := 2, min(longest, len(p.b)-i)
	for n := 0; n < tries && int(next) > max(0, i-window); n++ {
		j := int(next) - 1
		l := min(same[0], same[1])
		l += common(p.b[j+l:], p.b[i+l:i+most])
		if l > best {
			best = l
			if i >= p.from {
				p.matches = append(p.matches, match{uint16(l), uint16(i - j)})
			}
		}
		if l == most {
			*before, *after = child[j][0], child[j][1]
			return
		}
		if p.b[j+l] < p.b[i+l] {
			*before, before, same[0] = next, &child[j][1], l
			next = *before
		} else {
			*after, after, same[1] = next, &child[j][0], l
			next = *after
		}
	}
	*before, *after = 0, 0
}

// common is how many bytes at the beginning of b are those of a.
func common(a, b []byte) (n int) {
	for n+8 <= len(b) {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
		n += 8
	}
	for n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// cheapest is the way from a place to another that costs least, by dynamic programming.
func (p *parser) cheapest(from, to int, c *costs) (way []match) {
	n := to - from
	cost, step := make([]uint32, n+1), make([]match, n+1)
	for i := range cost[1:] {
		cost[i+1] = math.MaxUint32
	}
	for i := range n {
		if x := cost[i] + c.symbol[p.b[p.from+from+i]]; x < cost[i+1] {
			cost[i+1], step[i+1] = x, match{length: 1}
		}
		matches, length := p.matches[p.first[from+i]:p.first[from+i+1]], 3
		if k := len(matches); k > 0 && matches[k-1].length >= enough {
			matches, length = matches[k-1:], min(int(matches[k-1].length), n-i)
		}
		for _, m := range matches {
			d, _ := distanceCode(int(m.distance))
			for x := cost[i] + c.distance[d]; length <= min(int(m.length), n-i); length++ {
				if x := x + c.length[length]; x < cost[i+length] {
					cost[i+length], step[i+length] = x, match{uint16(length), m.distance}
				}
			}
		}
	}
	for i := n; i > 0; i -= int(step[i].length) {
		way = append(way, step[i])
	}
	for i, j := 0, len(way)-1; i < j; i, j = i+1, j-1 {
		way[i], way[j] = way[j], way[i]
	}
	return way
}

// blocks cuts a way where symbols of their own are worth their table: each unit joins the block before, unless both cost less alone.
func blocks(b []byte, way []match) (sizes []int) {
	var block, next count
	size, at := 0, 0
	for i, m := range way {
		next.add(b[at:], m)
		at += int(m.length)
		if at-size < unit && i < len(way)-1 {
			continue
		}
		both := block
		both.join(&next)
		if len(sizes) == 0 || both.bits() > block.bits()+next.bits() {
			sizes, block = append(sizes, at-size), next
		} else {
			sizes[len(sizes)-1] += at - size
			block = both
		}
		size, next = at, count{}
	}
	return sizes
}
