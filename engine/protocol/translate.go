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
