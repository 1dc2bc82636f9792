package protocol

import (
	"encoding/json"
	"strings"
)

// Maps of vectors. The model's engine gives the vectors (OpPoints), as bytes that the page holds and never reads; the mapper, a
// worker of its own, takes them (OpMapOpen) and answers everything else. A row is an index into PointsResult; where a map was
// opened with some Rows only, its rows count within those.
const (
	OpPoints = "points" // Points -> PointsResult, of the model's engine; the vectors are held under PointsResult.Held

	OpMapOpen    = "map.open"    // MapOpen -> MapOpened
	OpMapClose   = "map.close"   // MapClose -> nothing
	OpMapStep    = "map.step"    // MapStep -> MapFrame, with Progress on the way to its first iteration
	OpMapLand    = "map.land"    // MapLand -> MapOpened: other rows, that have places among a map's
	OpMapNear    = "map.near"    // MapNear -> MapNearResult
	OpMapAxis    = "map.axis"    // MapAxis -> Array [n]: where each row lies on an axis
	OpMapSets    = "map.sets"    // MapSets -> MapSetsResult
	OpMapQuality = "map.quality" // MapQuality -> MapQualityResult
	OpMapAgree   = "map.agree"   // MapAgree -> MapAgreeResult
	OpMapFind    = "map.find"    // MapFind -> MapFindResult
	OpMapTable   = "map.table"   // MapTable -> MapTableResult: the neighbours of every row
)

// Names is a list of texts as one JSON string, which is decoded ten times as fast as an array. U+001F stands between them; a name
// that has one gets U+FFFD in its place.
type Names []string

// MarshalJSON joins the names.
func (n Names) MarshalJSON() ([]byte, error) {
	if n == nil {
		return []byte("null"), nil
	}
	var b strings.Builder
	for i, s := range n {
		if i > 0 {
			b.WriteByte(0x1f)
		}
		b.WriteString(strings.ReplaceAll(s, "\x1f", "\ufffd"))
	}
	return json.Marshal([]any{len(n), b.String()})
}

// UnmarshalJSON parts them again.
func (n *Names) UnmarshalJSON(raw []byte) error {
	var count int
	var all string
	if err := json.Unmarshal(raw, &[]any{&count, &all}); err != nil || count == 0 {
		*n = nil
		return err
	}
	*n = strings.Split(all, "\x1f")
	return nil
}

// Points asks the model's engine for vectors.
type Points struct {
	// Source: "input" (the rows E[i,:] of the input embedding), "output" (those of W in softmax(W h + b)), "both" (the input's,
	// then the output's), "context": the hidden states of tokens in Text, "pairs": kept states of pairs of an encoder-decoder, or
	// "translation": the states of one of its translations.
	Source string `json:"source"`
	// Max is the most tokens, words first, in the order of the vocabulary, or the most occurrences, evenly drawn. Include are tokens
	// that are among them in any case.
	Max     int   `json:"max"`
	Include []int `json:"include,omitempty"`

	// Of "context". Each line of Text is run by itself; "" = the session's text, as one. Runs are without changes. Word: only tokens
	// of words equal to it, whatever their case; a word of several tokens is its last one's state. "" = every token. Layers: -1 is
	// the embedding; nil = all that are as wide as the last.
	Text   string `json:"text,omitempty"`
	Word   string `json:"word,omitempty"`
	Layers []int  `json:"layers,omitempty"`

	// Of "pairs": first the states of activation Name of hypothesis Hyp of Of, if it is there, then those that are kept of the first Upto of Pairs; 0: of
	// the translations that were made lately. Of "translation": the first of these alone, and then the Near kept states most like each of them by Metric, each
	// once.
	Name   string     `json:"name,omitempty"`
	Pairs  int        `json:"pairs,omitempty"`
	Upto   int        `json:"upto,omitempty"`
	Of     *Translate `json:"of,omitempty"`
	Hyp    int        `json:"hyp,omitempty"`
	Near   int        `json:"near,omitempty"`
	Metric string     `json:"metric,omitempty"`

	// Key tells one text of the session from the next for those who ask; the engine does not read it.
	Key string `json:"key,omitempty"`
}

// PointsResult describes N vectors of Dim numbers, which lie under Held at the page, row-major little-endian f32. Rows of "both" and
// "context" are ordered by side or layer first: row i of layer l of a context of m occurrences is l*m+i.
type PointsResult struct {
	Held     string   `json:"held"`
	N        int      `json:"n"`
	Dim      int      `json:"dim"`
	Total    int      `json:"total"`  // tokens of the vocabulary, or occurrences in the text, of which these are
	Tensor   string   `json:"tensor"` // what the vectors are: "embed", "unembed", "blocks.3.resid_post", ..
	Names    Names    `json:"names"`
	Contexts Names    `json:"contexts,omitempty"` // of "context": the words around; the word or token stands between two U+001E
	Columns  []Column `json:"columns"`
	// Of "pairs" and "translation": the pairs that the rows are of, and which of these each row is of.
	Sentences []Sentence `json:"sentences,omitempty"`
	Sentence  []int      `json:"sentence,omitempty"`
	IDs       []float32  `json:"-"`                  // the token of each row
	Warnings  []Warning  `json:"warnings,omitempty"` // "points-sampled", "contexts-sampled" (N of What), "contexts-cut", and those of a run
}

// Sentence is the tokens of a source and its target.
type Sentence struct {
	Source Names  `json:"source"`
	Target Names  `json:"target"`
	Note   string `json:"note,omitempty"` // of a translation: what was changed
	// Reference is the target as it is written; "": there is none, and Target is what was found.
	Reference string `json:"reference,omitempty"`
}

// Column is a property of every row: a number, or one of Labels by its index. NaN: it has none. Own ones (a metadata file's) keep
// their names, and stand in the place of a built-in one of the same name. Built-in ones and their labels:
//
//	rank       place in the vocabulary, from 0
//	class      word, part (of a word), number, punctuation, special (a mark of the model, or a token that no text has), bytes
//	script     Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai, Han, Kana, Hangul, other; NaN: no letters
//	case       lower, capital (the first letter only), upper, mixed; NaN: letters without case, or none
//	length     characters, without the space before
//	side       of "both": input, output
//	layer      of "context": -1 is the embedding
//	occurrence of "context": its place among them, from 0
//	line       of "context": the text's, from 0
//	position   of "context": the token's in its line, from 0; of "pairs": in its source or target
//	pair       of "pairs": its number, from 0; NaN: of the translation that the map is about
//	word       of "pairs": the token
type Column struct {
	Name   string    `json:"name"`
	Own    bool      `json:"own,omitempty"`
	Labels []string  `json:"labels,omitempty"`
	Values []float32 `json:"-"`
}

// Arrays are the tokens and the columns.
func (p *PointsResult) Arrays() []*[]float32 {
	all := []*[]float32{&p.IDs}
	for i := range p.Columns {
		all = append(all, &p.Columns[i].Values)
	}
	return all
}

// MapOpen takes vectors as map number Map. Rows: only these; nil = all.
type MapOpen struct {
	Map     int     `json:"map"`
	Vectors FileRef `json:"vectors"` // N*Dim little-endian f32
	N       int     `json:"n"`
	Dim     int     `json:"dim"`
	Rows    []int   `json:"rows,omitempty"`
	Names   Names   `json:"names,omitempty"` // of all N, for MapFind
}

// MapOpened says what was found. Rows with numbers that are not finite are left out of every map: their places are NaN.
type MapOpened struct {
	N        int       `json:"n"`
	Warnings []Warning `json:"warnings,omitempty"` // "points-not-finite", "points-zero", "points-equal", with their number
}

// MapClose forgets a map.
type MapClose struct {
	Map int `json:"map"`
}

// MapLand takes N other vectors, of the map's Dim, in place of those that were taken before; 0: none. Of a map by t-SNE each frame then says where they
// are, among rows that do not move for them.
type MapLand struct {
	Map     int     `json:"map"`
	Vectors FileRef `json:"vectors"`
	N       int     `json:"n"`
	Nth     int     `json:"nth"` // tells their places from those of others: the frame says it again
}

// Layout says how rows get their places. What a change of it makes new is done at the next MapStep; the places stay.
type Layout struct {
	Method string `json:"method"` // "pca", "tsne" (Barnes-Hut), "exact" (go-tsne), "axes"
	Dims   int    `json:"dims"`   // 2 or 3

	// How vectors are compared, and made ready: centred, then each of length 1, then (of t-SNE) reduced to their first
	// Components principal components; 0 = not reduced.
	Metric     string `json:"metric"` // "cosine" or "euclidean"
	Centre     bool   `json:"centre"`
	Unit       bool   `json:"unit"`
	Components int    `json:"components"`

	Pick []int      `json:"pick,omitempty"` // of "pca": the components shown, from 0
	Axes [][2][]int `json:"axes,omitempty"` // of "axes": rows at the low and the high end of each

	Perplexity      float64 `json:"perplexity"`
	LearningRate    float64 `json:"rate"` // 0: N / exaggeration, at least 25
	Exaggeration    float64 `json:"exaggeration"`
	ExaggerationFor int     `json:"exaggerationfor"` // iterations
	Iterations      int     `json:"iterations"`
	Init            string  `json:"init"` // "pca" or "random"
	Seed            uint64  `json:"seed"`
}

// DefaultLayout is what a map starts with.
func DefaultLayout() Layout {
	return Layout{Method: "tsne", Dims: 2, Metric: "cosine", Components: 50, Perplexity: 30, Exaggeration: 12,
		ExaggerationFor: 250, Iterations: 1000, Init: "pca", Seed: 7}
}

// MapStep goes on with map Map: by at most N iterations (0: any number), for about Ms milliseconds, at least one. Another Run than
// before begins anew.
type MapStep struct {
	Map    int     `json:"map"`
	Layout Layout  `json:"layout"`
	Run    int     `json:"run"`
	N      int     `json:"n"`
	Ms     float64 `json:"ms"`
}

// MapFrame is where all rows are: Y [n, Dims]; NaN where a row has no place. "exact" of too many rows fails with "exact-large", a learning rate
// that throws the map apart with "diverged".
type MapFrame struct {
	Run         int       `json:"run"`
	Iter        int       `json:"iter"` // iterations done; 0 of "pca" and "axes"
	Dims        int       `json:"dims"`
	KL          float32   `json:"kl"`          // nats; of P without exaggeration; 0 before the first iteration
	Grad        float32   `json:"grad"`        // norm of the gradient
	Exaggerated bool      `json:"exaggerated"` // early exaggeration is on
	Done        bool      `json:"done"`        // there is nothing more to do: the last iteration, or nothing moves any more
	Converged   bool      `json:"converged"`
	IterMs      float64   `json:"iterms"`             // of an iteration, mean of the last ones
	Perplexity  float64   `json:"perplexity"`         // as it was used: few rows allow less than was asked
	Rate        float64   `json:"rate"`               // learning rate as it was used
	Recall      float64   `json:"recall,omitempty"`   // of approximate neighbours, measured on a sample; 0: they are exact
	Kept        float32   `json:"kept"`               // share of the variance in the principal components taken first; 1 if none were
	Warnings    []Warning `json:"warnings,omitempty"` // "perplexity-cut", "axis-empty", "axis-zero" (all rows are at 0 on it), "zero-cosine"
	Explained   []float32 `json:"-"`                  // share of the variance of each leading component, up to 50
	Y           []float32 `json:"-"`
	// Landed [N of MapLand, Dims]: while the map moves, amid the nearest rows of each; once Done, where each lands. Empty before the first iteration.
	Landed []float32 `json:"-"`
	Nth    int       `json:"nth,omitempty"` // of MapLand
}

// Arrays are the shares and the places.
func (f *MapFrame) Arrays() []*[]float32 { return []*[]float32{&f.Explained, &f.Y, &f.Landed} }

// Term is a row times a weight: king - man + woman is {king 1} {man -1} {woman 1}.
type Term struct {
	Row    int     `json:"row"`
	Weight float64 `json:"weight"`
}

// MapNear asks for the K rows nearest to a sum of rows, each made of length 1 first where Metric is "cosine" (as word2vec has it),
// without those of the sum. Vectors are as Layout makes them ready, but not reduced. Iter tells questions about
// another state of the map apart; below 0 the map moves, and nothing of it is wanted.
type MapNear struct {
	Map    int    `json:"map"`
	Terms  []Term `json:"terms"`
	Metric string `json:"metric"` // "cosine", "euclidean", "dot"
	Centre bool   `json:"centre"`
	Unit   bool   `json:"unit"`
	K      int    `json:"k"`
	Iter   int    `json:"iter"`
}

// MapNearResult lists the nearest first: cosine or dot product, largest first, or distance, smallest first. MapRanks are their ranks by
// distance on the map from the first row of the sum, from 1; MapRows and MapValues are the K nearest on the map, and SpaceRanks
// their ranks in the space. All of these are empty where there is no map yet, or it moves. Kept is the share of Rows among MapRows. A sum with a row that
// is not finite has no Rows at all.
type MapNearResult struct {
	Rows       []int     `json:"rows"`
	MapRanks   []int     `json:"mapranks,omitempty"`
	MapRows    []int     `json:"maprows,omitempty"`
	SpaceRanks []int     `json:"spaceranks,omitempty"`
	Kept       float32   `json:"kept"`
	Norm       float32   `json:"norm"` // of the sum
	Values     []float32 `json:"-"`
	MapValues  []float32 `json:"-"`
}

// Arrays are the values.
func (r *MapNearResult) Arrays() []*[]float32 { return []*[]float32{&r.Values, &r.MapValues} }

// MapAxis asks for the place of every row on the axis from the mean of From to the mean of To: 0 at the one and 1 at the other,
// (v - from) . (to - from) / |to - from|^2. Where From is empty it is the cosine with the mean of To.
type MapAxis struct {
	Map    int   `json:"map"`
	From   []int `json:"from"`
	To     []int `json:"to"`
	Centre bool  `json:"centre"`
	Unit   bool  `json:"unit"`
}

// MapSets compares two sets of rows; K rows that tell them apart are asked for.
type MapSets struct {
	Map    int   `json:"map"`
	A      []int `json:"a"`
	B      []int `json:"b"`
	Centre bool  `json:"centre"`
	Unit   bool  `json:"unit"`
	K      int   `json:"k"`
}

// MapSetsResult: mean cosines within A, within B and between them (of pairs of different rows; 0 where there is none), the cosine of their means, and the rows of all
// that lie furthest towards A and towards B on the axis between the means. Separation is the area under the ROC curve of that axis.
type MapSetsResult struct {
	WithinA    float32 `json:"withina"`
	WithinB    float32 `json:"withinb"`
	Between    float32 `json:"between"`
	Means      float32 `json:"means"`
	Separation float32 `json:"separation"`
	TowardsA   []int   `json:"towardsa"`
	TowardsB   []int   `json:"towardsb"`
}

// MapQuality asks how true a map is, as it is now. Of more than Sample rows, that many are looked at, drawn evenly.
type MapQuality struct {
	Map    int    `json:"map"`
	Layout Layout `json:"layout"` // how vectors are compared
	K      int    `json:"k"`      // of trustworthiness and continuity; 12
	Kept   int    `json:"kept"`   // of neighbourhood preservation; 10
	Sample int    `json:"sample"`
	Iter   int    `json:"iter"` // as in MapNear
}

// MapQualityResult has trustworthiness and continuity (Venna and Kaski 2001) and neighbourhood preservation, the mean share of a row's nearest
// rows that are its nearest on the map. Each is 1 at best.
type MapQualityResult struct {
	Trust      float32 `json:"trust"`
	Continuity float32 `json:"continuity"`
	Kept       float32 `json:"kept"`
	Rows       int     `json:"rows"` // looked at
}

// MapAgree asks how alike two maps are: row A[i] of one is row B[i] of the other.
type MapAgree struct {
	MapA  int   `json:"mapa"`
	MapB  int   `json:"mapb"`
	A     []int `json:"a"`
	B     []int `json:"b"`
	K     int   `json:"k"`
	IterA int   `json:"itera"` // as in MapNear
	IterB int   `json:"iterb"`
}

// MapAgreeResult: Shared is the mean share of the K nearest on the one map that are among the K nearest on the other, among the paired rows;
// Disparity is the sum of squares left after Procrustes' analysis of both, scaled to 1 (0 = the same shape). Each holds the share of
// every pair.
type MapAgreeResult struct {
	Shared    float32   `json:"shared"`
	Chance    float32   `json:"chance"` // of two maps that have nothing to do with each other
	Disparity float32   `json:"disparity"`
	Each      []float32 `json:"-"`
}

// Arrays are the shares.
func (r *MapAgreeResult) Arrays() []*[]float32 { return []*[]float32{&r.Each} }

// MapFind asks for the rows whose names match a regular expression (RE2, whatever the case).
type MapFind struct {
	Map     int    `json:"map"`
	Pattern string `json:"pattern"`
}

// MapFindResult lists the rows, ascending, or says what is wrong with the pattern.
type MapFindResult struct {
	Bad  string    `json:"bad,omitempty"`
	Rows []float32 `json:"-"`
}

// Arrays are the rows.
func (r *MapFindResult) Arrays() []*[]float32 { return []*[]float32{&r.Rows} }

// MapTable asks for the K nearest of every row (Rows: of these), as MapNear has them.
type MapTable struct {
	Map    int    `json:"map"`
	Rows   []int  `json:"rows,omitempty"`
	Metric string `json:"metric"`
	Centre bool   `json:"centre"`
	Unit   bool   `json:"unit"`
	K      int    `json:"k"`
}

// MapTableResult is [n, K].
type MapTableResult struct {
	K      int       `json:"k"`
	Rows   []float32 `json:"-"`
	Values []float32 `json:"-"`
}

// Arrays are the table.
func (r *MapTableResult) Arrays() []*[]float32 { return []*[]float32{&r.Rows, &r.Values} }
