package start

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"loupe/app/plot"
	"loupe/app/svg"
)

const (
	mapTokens = 1024 // of the vocabulary's first
	mapFewer  = 512  // where the embeddings are long: the map is there in less than a second
	mapLabels = 120
)

// dot is a token of the map.
type dot struct {
	id, rank int // rank: labels are given in this order
	text     string
	x, y     float64
	used     bool // it stands in the text
	now      bool
}

// wordMap puts the tokens where the first two principal components of their embeddings put them.
func (s *scene) wordMap(b *svg.Builder, at place) {
	most := mapTokens
	if s.in.Model.Embed > 256 {
		most = mapFewer
	}
	s.head(b, at, s.t("words"), s.t("words."+s.unitName(), svg.Count(min(most, s.in.Model.Vocab))), "words")
	m := s.in.Map(most)
	if m == nil || len(m.Shape) != 2 || len(m.Data) != 2*len(m.Names) || len(m.IDs) != len(m.Names) {
		return
	}
	dots := s.dots(m.IDs, m.Names, m.Data, place{at.x + 8, at.y + 46, at.w - 16, at.h - 72})
	b.Text(at.x, at.y+at.h-1, s.t("words.axes"), "s10 i3")
	px := 14.
	if s.unitName() != "char" {
		px = 11
	}
	var taken []place // by labels
	var small strings.Builder
	for _, d := range dots {
		w := plot.Width(shown(d.text), px)
		box := place{d.x - w/2, d.y - px/2, w, px}
		inside := box.x > at.x-6 && box.x+box.w < at.x+at.w+6
		if !d.now && (len(taken) >= mapLabels || !inside || slices.ContainsFunc(taken, box.meets)) {
			small.WriteString("M" + svg.N(d.x) + "," + svg.N(d.y) + "h0")
			continue
		}
		taken = append(taken, box)
		class := "i3"
		switch {
		case d.now:
			class = "b inow"
			b.Circle(d.x, d.y, max(10.5, w/2+4), "fp-ring")
		case d.used:
			class = ""
		}
		plot.Token{Text: alone(d.text), Px: px, Anchor: "middle", Class: class}.Draw(b, d.x, d.y+px*.35)
	}
	if small.Len() > 0 {
		b.Path(small.String(), "fp-dots")
	}
}

// meets reports whether two boxes overlap.
func (a place) meets(c place) bool {
	return a.x < c.x+c.w && c.x < a.x+a.w && a.y < c.y+c.h && c.y < a.y+a.h
}

// axis lays one component of the map over size pixels. Far tokens are drawn nearer (asinh of the distance from the median,
// in quartile ranges): one token that the model never learnt would press all others into a point.
func axis(xy []float32, k int, from, size float64) func(v float32) float64 {
	sorted := make([]float64, 0, len(xy)/2)
	for i := k; i < len(xy); i += 2 {
		if v := float64(xy[i]); v-v == 0 { // finite
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	n := len(sorted)
	if n == 0 || sorted[0] == sorted[n-1] {
		return func(float32) float64 { return from + size/2 }
	}
	mid, spread := sorted[n/2], sorted[n*3/4]-sorted[n/4]
	if spread == 0 {
		spread = sorted[n-1] - sorted[0]
	}
	near := func(v float64) float64 { return math.Asinh(1.5 * (v - mid) / spread) }
	lo, hi := near(sorted[n/200]), near(sorted[n-1-n/200]) // beyond, they stand at the edge
	return func(v float32) float64 { return from + min(1, max(0, (near(float64(v))-lo)/(hi-lo)))*size }
}

// dots places the tokens in at, those that matter most first: now, the text's, words, then the rest.
func (s *scene) dots(ids []int, names []string, xy []float32, at place) []dot {
	px, py := axis(xy, 0, at.x, at.w), axis(xy, 1, at.y, at.h)
	used := map[int]bool{}
	for _, t := range s.in.Run.Tokens {
		used[t.ID] = true
	}
	now := s.in.Run.Tokens[s.at].ID
	out := make([]dot, 0, len(names))
	for i, name := range names {
		d := dot{id: ids[i], text: name, used: used[ids[i]], now: ids[i] == now, x: px(xy[2*i]), y: py(xy[2*i+1])}
		switch {
		case d.now:
		case d.used:
			d.rank = 1
		case s.unitName() == "char" || word(name):
			d.rank = 2
		default:
			d.rank = 3
		}
		if d.x-d.x == 0 && d.y-d.y == 0 { // an embedding that is not finite has no place
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b dot) int { return a.rank - b.rank })
	return out
}

// word reports whether a token looks like a word: a space and then two or more letters.
func word(s string) bool {
	t := strings.TrimPrefix(s, " ")
	return len(t) > 1 && len(t) < len(s) && strings.IndexFunc(t, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}
