// Package state is what all views share, what the address holds and what undo goes back to. Hover is not state.
//
// In the address it is a fragment of readable pairs, "#v=1&model=char-lstm&text=To%20be&view=states&at=4": it is
// parsed by type and range, with every length capped, and unknown or bad pairs are left out.
package state

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/engine/protocol"
)

// Limits of what an address may hold.
const (
	MaxText    = 100_000 // bytes of text
	MaxChanges = 64
	maxIndex   = 1 << 24
	maxModel   = 2000   // bytes of a model, which may be an address, or of a change, which may be of many units
	MaxLong    = 20_000 // bytes of a selection of rows, or of other options that are long
	maxValue   = 200    // bytes of any other value
)

// State is the shared selection. -1 means: nothing chosen.
type State struct {
	Model    string // a built-in model's name, the hash of an opened file, or where one lies: "hub:ID@revision", "https://.."
	Text     string
	View     string // "" is the start page
	At       int    // now: the position under the caret; -1 = the last
	Range    [2]int // from, to (excluded); to = 0: none
	Layer    int
	Head     int
	Unit     int
	Token    int // the token asked about
	Changes  []protocol.Change
	Sampling protocol.Sampling
	Opts     map[string]string // a view's own choices: "states.what" = "cell"
}

// New is the state of a first visit.
func New() *State {
	return &State{At: -1, Layer: -1, Head: -1, Unit: -1, Token: -1,
		Sampling: protocol.Sampling{T: .8, K: 40, P: .95, Seed: 7}, Opts: map[string]string{}}
}

// Clone copies s deeply.
func (s *State) Clone() *State {
	c := *s
	c.Changes = slices.Clone(s.Changes)
	c.Opts = make(map[string]string, len(s.Opts))
	for k, v := range s.Opts {
		c.Opts[k] = v
	}
	return &c
}

// Early are the values of translate.early: protocol.Decode.Early.
var Early = []string{"heuristic", "first", "never"}

// Decode is how targets of an encoder-decoder are looked for: what the view Translate has set, else d.
func (s *State) Decode(d protocol.Decode) protocol.Decode {
	num := func(key string, into *float64, lo, hi float64) {
		if v := s.Opt("translate."+key, ""); v != "" {
			number(v, into, lo, hi)
		}
	}
	beam, most := float64(d.Beam), float64(d.Most)
	num("beam", &beam, 1, 100)
	num("most", &most, 0, 4096)
	num("length", &d.Length, -10, 10)
	num("coverage", &d.Coverage, 0, 10)
	d.Beam, d.Most = int(beam), int(most)
	if v := s.Opt("translate.wu", ""); v != "" {
		d.Wu = v == "1"
	}
	rule := func(key string, into *int) { // an address says 0 where there is to be none
		n := 0.
		if v := s.Opt("translate."+key, ""); v != "" && number(v, &n, 0, 4096) {
			*into = cmp.Or(int(n), -1)
		}
	}
	rule("min", &d.Min)
	rule("norepeat", &d.NoRepeat)
	if v := s.Opt("translate.early", ""); slices.Contains(Early, v) {
		d.Early = v
	}
	return d
}

// Opt is a view's own choice, or its default.
func (s *State) Opt(key, def string) string {
	if v, ok := s.Opts[key]; ok {
		return v
	}
	return def
}

// Parse reads a fragment, with or without its #. What it does not know or cannot read is named in bad.
func Parse(fragment string) (s *State, bad []string) {
	s = New()
	bad = s.Patch(strings.TrimPrefix(fragment, "#"))
	return s, bad
}

// Patch sets the pairs of a query string ("layer=5&head=1") and returns those that it could not.
func (s *State) Patch(pairs string) (bad []string) {
	for _, pair := range strings.Split(pairs, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		v, err := url.QueryUnescape(v)
		if err != nil || !utf8.ValidString(v) || !s.set(k, v) {
			bad = append(bad, cut(pair, 60))
		}
	}
	return bad
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// set puts one pair; false if the key is unknown or the value is not of its kind.
func (s *State) set(k, v string) bool {
	if k == "text" {
		if len(v) > MaxText {
			return false
		}
		s.Text = v
		return true
	}
	if long(k) && len(v) <= MaxLong {
		// as long as its rows need
	} else if len(v) > maxValue && (len(v) > maxModel || k != "change" && (k != "model" || !strings.Contains(v, ":"))) {
		return false
	}
	switch k {
	case "v":
		return v == "1"
	case "model":
		s.Model = v
	case "view":
		s.View = v
	case "at":
		return index(v, &s.At)
	case "layer":
		return index(v, &s.Layer)
	case "head":
		return index(v, &s.Head)
	case "unit":
		return index(v, &s.Unit)
	case "token":
		return index(v, &s.Token)
	case "range":
		a, b, ok := strings.Cut(v, "-")
		var lo, hi int
		if v == "" {
			s.Range = [2]int{}
			return true
		}
		if !ok || !index(a, &lo) || !index(b, &hi) || lo < 0 || hi <= lo {
			return false
		}
		s.Range = [2]int{lo, hi}
	case "change":
		if v == "" {
			s.Changes = nil
			return true
		}
		c, err := ParseChange(v)
		if err != nil || len(s.Changes) >= MaxChanges {
			return false
		}
		s.Changes = append(s.Changes, c)
	case "T":
		return number(v, &s.Sampling.T, 0, 10)
	case "p":
		return number(v, &s.Sampling.P, 0, 1)
	case "minp":
		return number(v, &s.Sampling.MinP, 0, 1)
	case "k":
		k := 0
		if !index(v, &k) || k < 0 {
			return false
		}
		s.Sampling.K = k
	case "seed":
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return false
		}
		s.Sampling.Seed = n
	default:
		if !strings.HasPrefix(k, "o.") || len(k) > 60 || len(s.Opts) > 100 {
			return false
		}
		if v == "" {
			delete(s.Opts, k[2:])
		} else {
			s.Opts[k[2:]] = v
		}
	}
	return true
}

func index(v string, to *int) bool {
	n, err := strconv.Atoi(v)
	if err != nil || n < -1 || n > maxIndex {
		return false
	}
	*to = n
	return true
}

func number(v string, to *float64, lo, hi float64) bool {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(f) || f < lo || f > hi {
		return false
	}
	*to = f
	return true
}

// String is the fragment, without its #. What is at its default is left out.
func (s *State) String() string {
	d := New()
	out := []string{"v=1"}
	str := func(k, v string) {
		if v != "" {
			out = append(out, k+"="+url.QueryEscape(v))
		}
	}
	num := func(k string, v, def int) {
		if v != def {
			out = append(out, k+"="+strconv.Itoa(v))
		}
	}
	flt := func(k string, v, def float64) {
		if v != def {
			out = append(out, k+"="+strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	str("model", s.Model)
	str("text", s.Text)
	str("view", s.View)
	num("at", s.At, -1)
	if s.Range[1] > 0 {
		out = append(out, fmt.Sprintf("range=%d-%d", s.Range[0], s.Range[1]))
	}
	num("layer", s.Layer, -1)
	num("head", s.Head, -1)
	num("unit", s.Unit, -1)
	num("token", s.Token, -1)
	for _, c := range s.Changes {
		str("change", FormatChange(c))
	}
	flt("T", s.Sampling.T, d.Sampling.T)
	num("k", s.Sampling.K, d.Sampling.K)
	flt("p", s.Sampling.P, d.Sampling.P)
	flt("minp", s.Sampling.MinP, d.Sampling.MinP)
	if s.Sampling.Seed != d.Sampling.Seed {
		out = append(out, "seed="+strconv.FormatUint(s.Sampling.Seed, 10))
	}
	keys := make([]string, 0, len(s.Opts))
	for k := range s.Opts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		str("o."+k, s.Opts[k])
	}
	return strings.Join(out, "&")
}
