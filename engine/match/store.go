// Package match finds places where the same units are on: LSTMVis's select and match, on bit sets.
//
// A Store keeps what units did at every token of a corpus, as 16-bit floats or, where there is no room, as one bit a unit and
// threshold. Bits are one set of decisions "on or off", 64 tokens a word; Select and Find answer from them.
package match

// Source is one activation whose units are kept. The units of all sources of a Store stand side by side: unit u of source i is
// the number of units of the sources before it, plus u.
type Source struct {
	Name  string
	Units int
}

// Cut says when a unit of a source is on.
type Cut struct {
	Level float32
	On    Side
}

// Side is on which side of zero.
type Side uint8

const (
	Above  Side = iota // x >= Level
	Below              // x <= -Level
	Either             // |x| >= Level
)

// Store keeps the states of a corpus, token after token.
type Store struct {
	// set by New
	sources []Source
	units   int
	cuts    []Cut // of a store of bits
}

// New returns an empty Store that keeps 16-bit floats or, if cuts are given (one for each source), only bits by those.
func New(sources []Source, cuts []Cut) *Store { panic("not built") }

// Append keeps one token: rows has the units of each source.
func (s *Store) Append(rows [][]float32) { panic("not built") }

// Len is the number of tokens, Units that of all sources together, Bytes what they take.
func (s *Store) Len() int     { panic("not built") }
func (s *Store) Units() int   { panic("not built") }
func (s *Store) Bytes() int64 { panic("not built") }

// HasValues reports whether it keeps values, and not only bits.
func (s *Store) HasValues() bool { panic("not built") }

// Bits are the decisions by cuts, one for each source, for all tokens so far. They are made once and grow with the store; those of the last two
// different cuts are kept. Of a store of bits cuts must be its own. yield is called every few milliseconds.
func (s *Store) Bits(cuts []Cut, yield func() error) (*Bits, error) { panic("not built") }

// Row writes the values of all units at token t into dst [Units].
func (s *Store) Row(dst []float32, t int) { panic("not built") }

// Column writes the values of unit u at tokens 0 to len(dst).
func (s *Store) Column(dst []float32, u int) { panic("not built") }

// Near lists the k tokens before upto whose units lo to hi are most like q, best first, ties by position. metric: "cosine" (score: cosine,
// larger is nearer) or "euclidean" (score: distance). Exact on the values that are kept.
func (s *Store) Near(q []float32, lo, hi, upto, k int, metric string, yield func() error) ([]Near, error) {
	panic("not built")
}

// Near is a token and how near it is.
type Near struct {
	Pos   int
	Score float64
}

// Correlations are Pearson's of each unit with values (NaN: left out) over the first len(values) tokens; NaN where a unit does not vary.
func (s *Store) Correlations(values []float32, yield func() error) ([]float64, error) {
	panic("not built")
}

// AUCs are, for each unit, the probability that it is higher at a token with yes than at one without, ties counting half; skip leaves
// tokens out (nil: none). NaN where one kind is missing. Of a store of bits: of being on.
func (s *Store) AUCs(yes, skip []bool, yield func() error) ([]float64, error) { panic("not built") }

// Extremes are the n tokens before upto at which unit u is highest (or lowest), best first, no two of them within gap tokens of each other.
func (s *Store) Extremes(u, upto, n, gap int, lowest bool) []Near { panic("not built") }

// Histogram counts the values of unit u at the first upto tokens in equal bins from its least to its greatest.
func (s *Store) Histogram(u, upto, bins int) (lo, hi, mean, sd float64, counts []int) {
	panic("not built")
}

// Bits is which units are on at which tokens.
type Bits struct{}

// On reports whether unit u is on at token t.
func (b *Bits) On(t, u int) bool { panic("not built") }

// Select lists the units that are on at every token of [lo, hi) and off at each of the before tokens before and the after tokens after
// it, as far as [0, n) goes. on says whether unit u is on at token t.
func Select(on func(t, u int) bool, n, units, lo, hi, before, after int) []int { panic("not built") }

// Query asks for runs at which units are on together.
type Query struct {
	Units         []int
	Before, After int  // tokens beside the run at which its units must be off; 0: any
	Least         int  // shortest run
	Strict        bool // only runs at which all of Units are on throughout and off beside
	Upto          int  // tokens
	// Ends are where stretches end that no run crosses, ascending, excluded (the last is Upto or more): documents, or sentences.
	Ends []int
}

// Run is a stretch of tokens at which units are on together.
type Run struct {
	Pos, Len int
	Both     int // units of the query that are on throughout and off beside
	Any      int // units that are, and those of the query
}

// Result is the runs, best first: by Both (most), Any (fewest), Len (longest), Pos.
type Result struct {
	Runs   []Run
	Capped bool // there were more than Most; the best by contrast were ranked
}

// Most is how many runs are ranked.
const Most = 10_000

// Find is LSTMVis's match, with its defects mended.
func Find(b *Bits, q Query, yield func() error) (*Result, error) { panic("not built") }
