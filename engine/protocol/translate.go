package protocol

import (
	"fmt"
	"strconv"
	"strings"
)

// What an encoder-decoder (Model.Seq) does with a source, and what else it would have done.
const (
	OpTranslate  = "translate"           // Translate -> Translation
	OpTranslated = "translated"          // Translated -> Array: an activation of one hypothesis
	OpReference  = "translate.reference" // Reference -> ReferenceResult: how a target that is given stands to what was found
	OpAlike      = "alike"               // Alike -> FindResult: the tokens whose embeddings are most like one's; P is the cosine

	OpPairsOpen  = "pairs.open"  // Pairs -> PairsInfo
	OpPairsClose = "pairs.close" // PairsClose -> nothing
	OpPairsFill  = "pairs.fill"  // PairsFill -> PairsFilled: runs on for about Ms
	OpPairsNear  = "pairs.near"  // PairsNear -> PairsNearResult: the states most like one of a translation
	OpPairsEach  = "pairs.each"  // PairsEach -> PairsEachResult: the same of each of its states
	OpPairsRows  = "pairs.rows"  // PairsRows -> PairsRowsResult: the scored pairs, sorted
)

// Changes of a translation, as Change.Name; others are of activations. Target positions are the decoder's steps: step t writes token t+1
// of a RunResult, from 0 on; source positions are tokens of the source.
const (
	// SourceChange puts token Value (of the source's vocabulary) at Pos of the source: Op "set", Index -1.
	SourceChange = "source"
	// PrefixChange has the target begin with the tokens of Row ("12_45_67"): Op "row", Pos 0, Index -1. Its own probability counts. Where the
	// search finds a winner that begins so by itself, that stays.
	PrefixChange = "prefix"
)

// A row of attention is changed by Ops "row", "onehot", "uniform" and "weight" (the others rescale) at one step, for one head or all (-1). It is the row of the hypothesis
// that is drawn: a page that changes one adds the words before that step as a PrefixChange, and the change is then of hypotheses that
// begin with them only. Op "like" sets a state of the encoder at Pos to what Row's text has at Row's position.

// Numbers are those of Row.
func (c *Change) Numbers() (out []float32, err error) {
	for s := range strings.SplitSeq(c.Row, "_") {
		v, err := strconv.ParseFloat(s, 32)
		if err != nil || v != v {
			return nil, fmt.Errorf("protocol: the numbers %q of a change", c.Row)
		}
		out = append(out, float32(v))
	}
	return out, nil
}

// Joined is IDs as Change.Row has them.
func Joined(ids []int) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, strconv.Itoa(id))
	}
	return strings.Join(parts, "_")
}

// Like is where and in which text Op "like" finds a state.
func (c *Change) Like() (pos int, text string, err error) {
	at, text, ok := strings.Cut(c.Row, " ")
	pos, err = strconv.Atoi(at)
	if !ok || err != nil || pos < 0 {
		return 0, "", fmt.Errorf("protocol: %q is not a position and a text", c.Row)
	}
	return pos, text, nil
}

// Seq describes an encoder-decoder.
type Seq struct {
	Source    int      `json:"source"`    // tokens of the source's vocabulary
	Context   int      `json:"context"`   // longest source in tokens
	Most      int      `json:"most"`      // longest target in tokens, with its end
	Tokenizer string   `json:"tokenizer"` // the source's; Model.Tokenizer is the target's
	Shared    bool     `json:"shared"`    // one vocabulary for both
	Start     int      `json:"start"`     // the target's first token, which is not written
	Ends      []int    `json:"ends"`
	Cross     []string `json:"cross"`              // activations [head, query, key] by which the decoder looks at the source, a layer each
	Encoder   string   `json:"encoder"`            // the three states of each token: "encoder.output"
	Decoder   string   `json:"decoder"`            // what W multiplies
	Mixed     string   `json:"mixed"`              // what attention reads off the source: the context vector
	Specials  []int    `json:"specials,omitempty"` // tokens of the source that stand for no text
	Decode    Decode   `json:"decode"`             // as its files say, or else a beam of 5 and no penalty
	Tasks     []Task   `json:"tasks,omitempty"`    // what they say of sources that begin in some way
	Renorm    bool     `json:"renorm,omitempty"`   // log p of a search are those among what no rule forbids (renormalize_logits)
}

// Task is how a target is looked for where the source begins with Prefix: "summarize: " of T5.
type Task struct {
	Prefix string `json:"prefix"`
	Most   int    `json:"most,omitempty"` // longest target in tokens, with its end, where Decode leaves it to the files; 0: Seq.Most
	Decode Decode `json:"decode"`
}

// DecodeOf is how a model's files say that a target of a source is looked for.
func (s *Seq) DecodeOf(source string) Decode { return s.task(source).Decode }

// MostOf is the longest target that they say for it; 0: nothing but Most.
func (s *Seq) MostOf(source string) int { return s.task(source).Most }

func (s *Seq) task(source string) Task {
	for _, t := range s.Tasks {
		if strings.HasPrefix(source, t.Prefix) {
			return t
		}
	}
	return Task{Decode: s.Decode}
}

// Decode is how a target is looked for.
type Decode struct {
	Beam int `json:"beam,omitempty"` // hypotheses that are kept at each step; 1: greedy; 0: as the model's files say
	Most int `json:"most,omitempty"` // longest target in tokens, with its end; 0: what its files say, at most 3 times the source and 20
	// Length is alpha: a hypothesis y is ranked by log p(y) / |y|^alpha as transformers does (Wu: by log p(y) / ((5+|y|)/6)^alpha, as Wu et al.
	// 2016 (eq. 14) and OpenNMT do). 0: by log p(y). |y| counts the end, and a prefix.
	Length float64 `json:"length"`
	Wu     bool    `json:"wu,omitempty"`
	// Coverage is beta of Wu et al. (eq. 14): beta * sum over source tokens of log min(1, sum over steps of attention) is added.
	Coverage float64 `json:"coverage,omitempty"`
	// Rules that forbid tokens, as transformers has them. Of all three 0 and "" are what the model's files say, -1 and "heuristic" none.
	Min      int `json:"min,omitempty"`      // shortest target in tokens, with its end (min_length, which counts the start in its place)
	NoRepeat int `json:"norepeat,omitempty"` // no so many tokens in a row are written twice (no_repeat_ngram_size)
	// Early is when the search is over, once Beam targets are finished (early_stopping): "heuristic", as soon as the best live one, scored as if it ended
	// there, is no better (false); "first", at once (true); "never", as soon as it could not become better.
	Early string `json:"early,omitempty"`
}

// Translate looks for targets of a source: Text, or IDs as the encoder reads them.
type Translate struct {
	Text    string   `json:"text"`
	IDs     []int    `json:"ids,omitempty"`
	Changes []Change `json:"changes,omitempty"`
	Decode  Decode   `json:"decode"`
	N       int      `json:"n"`   // hypotheses that are listed; 0: as many as the beam is wide
	Top     int      `json:"top"` // of the likeliest next tokens that are listed at each place of the beam
}

// Translation is a search, whole.
type Translation struct {
	Text     string       `json:"text"`              // the source as it was read, with the changes
	Source   []Token      `json:"source"`            // Was: of those that a change put there
	Decode   Decode       `json:"decode"`            // as it was done: nothing is 0 that had to be chosen
	Nodes    []Node       `json:"nodes"`             // the search, step by step; Nodes[0] is the empty target
	Hyps     []Hypothesis `json:"hyps"`              // the n best, best first
	Live     []int        `json:"live"`              // how many hypotheses went on after each step
	Limited  bool         `json:"limited,omitempty"` // the limit of length was reached
	Forced   int          `json:"forced,omitempty"`  // tokens of the prefix that the search was held to; 0: it was free, or found them by itself
	Warnings []Warning    `json:"warnings,omitempty"`
	// "unknown-characters", "text-cut", "change-beyond" (What the change's name, N its step: the target, or the source, is shorter), "beam-narrowed" (N: the vocabulary has no more),
	// "row-length" (a row of attention has other numbers than the source tokens: N)
	Ms float64 `json:"ms"`
}

// Node is one continuation that the search weighed.
type Node struct {
	Parent int     `json:"parent"` // index in Nodes; -1 of Nodes[0]
	Step   int     `json:"step"`   // 0 for the first token of the target; -1 of Nodes[0]
	ID     int     `json:"id"`
	Text   string  `json:"text"`
	LogP   float64 `json:"logp"`           // of this token, natural
	Sum    float64 `json:"sum"`            // of all from the first
	Score  float64 `json:"score"`          // by which it is ranked when it is finished; of others Sum
	Rank   int     `json:"rank"`           // of the token among all that could follow Parent, 0 = likeliest
	State  string  `json:"state"`          // "live" (it went on), "ended", "limit" (it was cut at the limit of length), "pruned" (others were better), "dropped" (it was live when the search was over), "banned" (a rule forbids it; others would have been looked at before it)
	Rule   string  `json:"rule,omitempty"` // of a banned one: "min-length", "no-repeat" or "bad-words"
	Next   *Next   `json:"next,omitempty"` // what follows it, of a live one that went on
}

// Next is the prediction after a node.
type Next struct {
	Entropy float32  `json:"entropy"` // nats
	Top     []Choice `json:"top"`
}

// Hypothesis is a target. Its tokens are those of Path, one a step, the end among them if it is Ended.
type Hypothesis struct {
	Text  string  `json:"text"` // as it is written, without special tokens
	Path  []int   `json:"path"` // indices in Nodes
	Score float64 `json:"score"`
	LogP  float64 `json:"logp"` // sum of the steps'
	Ended bool    `json:"ended"`
}

// Translated asks for an activation of hypothesis Hyp of a translation, as it comes out when its tokens are given: [positions, inner..],
// positions being tokens of the source of "encoder.*", else the steps; [heads, steps, tokens of the source] of the cross-attention.
type Translated struct {
	Of   Translate `json:"of"`
	Hyp  int       `json:"hyp"`
	Name string    `json:"name"`
}

// Reference asks how a target that is given stands to what a translation found, under the same changes.
type Reference struct {
	Of   Translate `json:"of"`
	Text string    `json:"text"` // as it is written; it gets an end
}

// ReferenceResult is that target, as the model reads it, against the winner.
type ReferenceResult struct {
	Tokens []RefToken `json:"tokens"`         // one a step, with the end
	LogP   float64    `json:"logp"`           // sum of the steps', natural
	Score  float64    `json:"score"`          // by the rule by which the search ranks
	Winner float64    `json:"winner"`         // the score of the best that was found
	Left   int        `json:"left"`           // the step at which nothing that the search had alive or finished begins so any more; -1: it had all of it
	Place  int        `json:"place"`          // there, among what was weighed at that step, 0 = best; -1: it was not among them, or never left
	Kind   string     `json:"kind"`           // "exact", "search" (it scores better than the winner: the search lost it), "model" (the model prefers the winner)
	Rule   string     `json:"rule,omitempty"` // why the search never writes it: a rule (Node.Rule), "no-token" (it has what no token stands for) or "max-length"; "": it may
	// "unknown-characters", "reference-cut" (N tokens more than a target may have: there is no end)
	Warnings []Warning `json:"warnings,omitempty"`
	Ms       float64   `json:"ms"`
}

// RefToken is one step of it.
type RefToken struct {
	ID      int     `json:"id"`
	Text    string  `json:"text"`
	LogP    float64 `json:"logp"`    // natural; 0 of what the search must write there
	Rank    int     `json:"rank"`    // of the token among all, 0 = likeliest
	Entropy float64 `json:"entropy"` // of the prediction, nats
	Node    int     `json:"node"`    // in Translation.Nodes; -1: it was not weighed
}

// Alike asks for the N tokens most like ID by the cosine of input embeddings: the source's, or the target's.
type Alike struct {
	ID     int  `json:"id"`
	N      int  `json:"n"`
	Source bool `json:"source,omitempty"`
}

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
	// Of Map: [n, 2], the hypothesis's own states in their order, then Rows, then the others. Share is what the two components hold of the variance.
	Own    int       `json:"own"`
	Places []float32 `json:"-"`
	Words  Names     `json:"words"` // a place's token
	Pairs  []int     `json:"pairs"` // a place's pair; -1 of Own
	// Positions are the places' in the tokens of their side.
	Positions []int   `json:"positions"`
	Share     float64 `json:"share"`
	Ms        float64 `json:"ms"`
}

func (r *PairsNearResult) Arrays() []*[]float32 { return []*[]float32{&r.Places} }

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
	Own    int   `json:"own"`
	Counts []int `json:"counts"` // neighbours of each
	// Places are [n, 2]: of all Own states in their order, then of the neighbours of the first, nearest first, then of the second, and so on. Words are the
	// tokens, Pairs and Positions where they stand, as of PairsNearResult.
	Places    []float32 `json:"-"`
	Words     Names     `json:"words"`
	Pairs     []int     `json:"pairs"`
	Positions []int     `json:"positions"`
	// Of ID 0, whose pairs have other numbers with each translation that is made: what they are.
	Sentences []Sentence `json:"sentences,omitempty"`
	Ms        float64    `json:"ms"`
}

// Arrays are the places.
func (r *PairsEachResult) Arrays() []*[]float32 { return []*[]float32{&r.Places} }

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
