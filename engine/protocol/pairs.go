package protocol

// Pairs of a source and a reference, and the states that a model has of them.
const (
	OpPairsOpen  = "pairs.open"  // Pairs -> PairsInfo
	OpPairsClose = "pairs.close" // PairsClose -> nothing
	OpPairsFill  = "pairs.fill"  // PairsFill -> PairsFilled: runs on for about Ms
	OpPairsNear  = "pairs.near"  // PairsNear -> PairsNearResult: the states most like one of a translation
	OpPairsEach  = "pairs.each"  // PairsEach -> PairsEachResult: the same of each of its states
	OpPairsRows  = "pairs.rows"  // PairsRows -> PairsRowsResult: the scored pairs, sorted
)

// Pairs opens pairs of a source and, or not, a reference, in place of those that were open: a table of two columns, or two files of as
// many lines. The page opens them, then asks for one OpPairsFill after another; to pause is not to ask. Files of states.h5 of Seq2Seq-Vis, with its
// dictionaries or without, have their states in them: nothing is run, and Score is an error.
type Pairs struct {
	Files  []FileRef `json:"files,omitempty"`
	Text   string    `json:"text,omitempty"` // as a file; a tab between source and reference
	Name   string    `json:"name,omitempty"`
	Source string    `json:"source,omitempty"` // columns; "" = those that look like them
	Target string    `json:"target,omitempty"`
	States []string  `json:"states,omitempty"` // activations that are kept (of at most 4): of the reference, or where there is none of what is found
	Score  bool      `json:"score,omitempty"`  // each source is translated, and compared with its reference
	Decode Decode    `json:"decode"`
	Room   int64     `json:"room,omitempty"` // bytes of states; 0: 256 MB
}

// PairsInfo describes open pairs.
type PairsInfo struct {
	ID         int       `json:"id"`
	Name       string    `json:"name"`
	Pairs      int       `json:"pairs"`
	References int       `json:"references"` // of Pairs, those that have one
	States     []Source  `json:"states"`
	Columns    []string  `json:"columns,omitempty"`
	Source     string    `json:"source,omitempty"` // the columns that were taken
	Target     string    `json:"target,omitempty"`
	Encoding   string    `json:"encoding"`
	Warnings   []Warning `json:"warnings,omitempty"` // "pairs-sampled" (N of What), "pairs-cut", "unknown-characters", "pairs-uneven" is an error
}

// PairsClose forgets the pairs.
type PairsClose struct{}

// PairsFill runs on for about Ms milliseconds.
type PairsFill struct {
	ID int `json:"id"`
	Ms int `json:"ms"`
}

// PairsFilled is how far it is.
type PairsFilled struct {
	ID    int         `json:"id"`
	Done  int         `json:"done"` // pairs
	Total int         `json:"total"`
	Rows  []int       `json:"rows"` // states that are kept, of each of PairsInfo.States
	Bytes int64       `json:"bytes"`
	Score *PairsScore `json:"score,omitempty"` // of those that are done and have a reference
	Ms    float64     `json:"ms"`
}

// PairsScore sums up what was scored.
type PairsScore struct {
	N        int     `json:"n"`
	Exact    float64 `json:"exact"`    // share of targets that are the reference
	Distance float64 `json:"distance"` // edits a token of the reference (word or phoneme error rate)
	BLEU     float64 `json:"bleu"`     // of the corpus, 0 to 100 (Papineni et al. 2002, as sacreBLEU without tokenising: of the model's words, or else of what white space parts)
	ChrF     float64 `json:"chrf"`     // chrF2, 0 to 100 (Popovic 2015, as sacreBLEU)
	LogP     float64 `json:"logp"`     // of the reference, natural, a token
	Search   int     `json:"search"`   // errors at which the reference scores better than the winner: the search lost it
	Model    int     `json:"model"`    // errors at which it scores worse: the model prefers another
}

// PairsNear asks for the N kept states most like one of a hypothesis of a translation.
type PairsNear struct {
	ID     int       `json:"id"`   // 0: no pairs, but the translations that were made lately, what-ifs among them
	Upto   int       `json:"upto"` // pairs
	Of     Translate `json:"of"`
	Hyp    int       `json:"hyp"`
	Name   string    `json:"name"` // of the activation
	Pos    int       `json:"pos"`
	Metric string    `json:"metric"` // "cosine", "euclidean" or "dot"
	N      int       `json:"n"`
	// Map: with the places of these states, of the hypothesis's own and of a sample of the others in their first two principal components.
	Map int `json:"map,omitempty"` // how many of the others; 0: no map
}

// PairsNearResult lists states, most alike first.
type PairsNearResult struct {
	Total int       `json:"total"` // states that were compared
	Rows  []PairRow `json:"rows"`
	Laid            // of Map: the hypothesis's own states in their order, then Rows, then the others
	Share float64   `json:"share"` // what the two components hold of the variance
	Ms    float64   `json:"ms"`
}

// Laid are states in a plane, of which the first Own are a hypothesis's.
type Laid struct {
	Own       int       `json:"own"`
	Places    []float32 `json:"-"`         // [n, 2]
	Words     Names     `json:"words"`     // a place's token
	Pairs     []int     `json:"pairs"`     // a place's pair; -1 of Own
	Positions []int     `json:"positions"` // in the tokens of their side
}

// Arrays are the places.
func (l *Laid) Arrays() []*[]float32 { return []*[]float32{&l.Places} }

// PairRow is a state of a pair: which, and the words of the pair.
type PairRow struct {
	Pair   int      `json:"pair"`
	Side   string   `json:"side"` // "source" or "target": of which Pos counts the tokens; a decoder's state is at the token that it predicts
	Pos    int      `json:"pos"`
	Score  float64  `json:"score"`
	Source []string `json:"source"` // the tokens of the pair
	Target []string `json:"target"`
	Note   string   `json:"note,omitempty"` // of a translation: what was changed
	// Reference is the pair's target as it is written; "": it has none, and Target is what was found.
	Reference string `json:"reference,omitempty"`
	// Look is how the source's tokens were weighted when the token at Pos of the target was predicted, where that was recorded.
	Look []float32 `json:"look,omitempty"`
}

// PairsEach asks for the N kept states most like each state of a hypothesis, and for their places in the first two principal components: those that
// PairsNear's map has.
type PairsEach struct {
	ID     int       `json:"id"` // as of PairsNear
	Upto   int       `json:"upto"`
	Of     Translate `json:"of"`
	Hyp    int       `json:"hyp"`
	Name   string    `json:"name"`
	Metric string    `json:"metric"`
	N      int       `json:"n"`
}

// PairsEachResult is of the first len(Counts) of Own states: of a longer sentence not all are looked for.
type PairsEachResult struct {
	Total  int   `json:"total"` // states that were compared
	Laid         // all Own states in their order, then the neighbours of the first, nearest first, then of the second, and so on
	Counts []int `json:"counts"` // neighbours of each
	// Of ID 0, whose pairs have other numbers with each translation that is made: what they are.
	Sentences []Sentence `json:"sentences,omitempty"`
	Ms        float64    `json:"ms"`
}

// PairsRows asks for scored pairs.
type PairsRows struct {
	ID   int    `json:"id"`
	Upto int    `json:"upto"`
	Sort string `json:"sort"`           // "order", "distance", "logp" (of the reference, worst first), "gap" (the reference's score against the winner's, best first)
	Only string `json:"only,omitempty"` // "wrong", "search", "model"
	From int    `json:"from"`
	N    int    `json:"n"`
}

// PairsRowsResult is a page of them.
type PairsRowsResult struct {
	Total int        `json:"total"`
	Rows  []ScoreRow `json:"rows"`
	Ms    float64    `json:"ms"`
}

// ScoreRow is one scored pair.
type ScoreRow struct {
	Pair      int     `json:"pair"`
	Source    string  `json:"source"`
	Reference string  `json:"reference"`
	Best      string  `json:"best"` // the winner
	Distance  float64 `json:"distance"`
	Exact     bool    `json:"exact"`
	ChrF      float64 `json:"chrf"`
	Score     float64 `json:"score"`    // the winner's
	RefScore  float64 `json:"refscore"` // the reference's, by the same rule
	RefLogP   float64 `json:"reflogp"`  // sum
	Left      int     `json:"left"`     // the step at which the reference left the beam; -1: it never did
	Kind      string  `json:"kind"`     // "exact", "search" (the reference scores better), "model"
}
