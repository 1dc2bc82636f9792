// Package protocol is all that the page and the engine say to each other: typed messages and their bytes.
//
// The page sends a Request and gets any number of Progress and Partial replies, then exactly one that ends it:
// Done, Failed or Cancelled (the client adds Crashed when the worker dies). Large arrays do not go through
// JSON: a message that carries them implements Arrays, and they follow its JSON as raw little-endian f32.
package protocol

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind says what a Reply is.
type Kind string

const (
	Progress  Kind = "progress"  // Body is a Step; more follows
	Partial   Kind = "partial"   // Body is a part of the result; more follows
	Done      Kind = "done"      // Body is the result
	Failed    Kind = "failed"    // Body is an Error
	Cancelled Kind = "cancelled" // no Body
	Crashed   Kind = "crashed"   // made by the client: the worker is gone. Body is an Error
)

// Step is how far a long piece of work is.
type Step struct {
	Stage string  `json:"stage"` // "header", "tokenizer", "weights", "run", ..
	Done  float64 `json:"done"`
	Total float64 `json:"total"`
	Note  string  `json:"note,omitempty"` // a tensor's name, a count
}

// Error is a failure in parts, so that the page can say it in its own language: what, where, expected, found.
// Code names the sentence in the page's catalogue; the rest is data, never translated.
type Error struct {
	Code     string `json:"code"`
	File     string `json:"file,omitempty"`
	Where    string `json:"where,omitempty"` // byte, tensor, key
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Detail   string `json:"detail,omitempty"` // the Go error, for the report
}

func (e *Error) Error() string { return e.Detail }

// The operations of a Request, and the type of its Body -> of its result.
const (
	OpOpen       = "open"       // Open -> Model
	OpRun        = "run"        // Run -> RunResult
	OpPredict    = "predict"    // Predict -> Prediction
	OpActivation = "activation" // Activation -> Array
	OpPatterns   = "patterns"   // Patterns -> Array: thumbnails of all heads
	OpHeadScores = "headscores" // HeadScores -> HeadScoresResult
	OpEffects    = "effects"    // Effects -> EffectsResult, with Partials on the way
	OpGenerate   = "generate"   // Generate -> GenerateResult, with a Partial a token
	OpMap        = "map"        // Map -> Array: PCA of the input embedding
	OpFind       = "find"       // Find -> FindResult: tokens by their text
	OpVectors    = "vectors"    // Vectors -> VectorsResult: one vector for each of some texts
	OpChat       = "chat"       // Chat -> ChatResult: a text in or out of the model's chat template
	OpCancel     = "cancel"     // Cancel -> nothing; the cancelled request ends as Cancelled
)

// FileRef names a file that the worker holds: Ref is its key there.
type FileRef struct {
	Ref  int    `json:"ref"`
	Name string `json:"name"` // with its folder, if it came in one: "gpt2/config.json"
	Size int64  `json:"size"`
}

// Open reads a model from files that belong together: weights, config, tokenizer. Weights is the one to take where files of
// several models lie together (an error "several-models" has listed them); Config corrects keys of the config that was found
// or guessed, as JSON; NoTokenizer reads and writes tokens as their numbers.
type Open struct {
	Files       []FileRef      `json:"files"`
	Weights     string         `json:"weights,omitempty"`
	Config      map[string]any `json:"config,omitempty"`
	NoTokenizer bool           `json:"notokenizer,omitempty"`
}

// Model describes the open model.
type Model struct {
	Name    string `json:"name"` // of the weights file
	Format  string `json:"format"`
	DType   string `json:"dtype"` // "f16", or "f32, f16" where mixed
	Bytes   int64  `json:"bytes"`
	Hash    string `json:"hash"` // 16 hex digits that tell this model from others; no proof against forgery
	Family  string `json:"family"`
	Layers  int    `json:"layers"`
	Heads   int    `json:"heads"`
	Hidden  int    `json:"hidden"`
	Cell    int    `json:"cell"`
	Embed   int    `json:"embed"`
	OneHot  bool   `json:"onehot,omitempty"` // it has no input embedding: a token is a vector of zeros with a one in its place
	Vocab   int    `json:"vocab"`
	Context int    `json:"context"` // longest text in tokens
	// Recorded: it cannot be run, for it is what a model did once, at that many tokens (files of LSTMVis). Its text is a Run.Window.
	Recorded  int    `json:"recorded,omitempty"`
	Title     string `json:"title,omitempty"` // of a recorded set: its own name
	Params    int    `json:"parameters"`
	Tokenizer string `json:"tokenizer"` // "char", "word", "byte-level BPE", "WordPiece", .., "numbers"
	Acts      []Act  `json:"activations"`
	// Logits: it predicts tokens. A sentence encoder or a set of word vectors does not.
	Logits bool `json:"logits"`
	// Here: the logits at a position are about the token there, not the next (BERT); Mask is the token that asks, or -1.
	Here bool `json:"here,omitempty"`
	Mask int  `json:"mask,omitempty"`
	// Chat is the form of its chat template: "ChatML", "Llama 2", "Llama 3", "Gemma", "Phi", "Zephyr"; empty: none known.
	Chat     string    `json:"chat,omitempty"`
	Config   string    `json:"config"`             // as JSON: what was read of config.json, or what the weights tell
	Guesses  []Guess   `json:"guesses,omitempty"`  // what nothing said and was inferred
	Seq      *Seq      `json:"seq,omitempty"`      // of an encoder-decoder; nil: it is none
	Specials []int     `json:"specials,omitempty"` // tokens that stand for no text: <s>, [CLS], ..
	Ignored  []string  `json:"ignored,omitempty"`  // files and tensors that were not used
	Warnings []Warning `json:"warnings,omitempty"`
}

// Of is the position of the token that the logits at a position are about.
func (m *Model) Of(pos int) int {
	if m.Here {
		return pos
	}
	return pos + 1
}

// Act is a named activation: the shape of one position, or [heads] of a [head, query, key] one.
type Act struct {
	Name  string `json:"name"`
	Inner []int  `json:"inner"`
	Heads bool   `json:"heads,omitempty"`
	Full  bool   `json:"full,omitempty"` // of Heads: every query sees every key
	// Of an encoder-decoder. Source: its positions are the source's. Cross: of Heads: queries are the target's, keys the source's.
	Source bool `json:"source,omitempty"`
	Cross  bool `json:"cross,omitempty"`
}

// Guess is a key of Config that no file said: its value, and why. It can be corrected by Open.Config.
type Guess struct {
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Why     string   `json:"why"`               // a code: "shapes", "names", "default"
	Choices []string `json:"choices,omitempty"` // what else it could be; empty: any of its kind
}

// Warning is something the person should know that did not stop the work; Code as in Error.
type Warning struct {
	Code string `json:"code"`
	What string `json:"what,omitempty"`
	N    int    `json:"n,omitempty"`
}

// Token is one token of the text.
type Token struct {
	ID    int    `json:"id"`
	Text  string `json:"text"`  // as decoded alone; bytes that are no character as "<E5>"
	Start int    `json:"start"` // byte offsets in Run.Text
	End   int    `json:"end"`
	// Was is the text's own token, where a change (TokenChange) has put this one in its place.
	Was *Choice `json:"was,omitempty"`
}

// Change is an intervention as the page speaks of it; Name, Pos, Index and Op as in engine/activation. Those of an encoder-decoder's
// translation are in translate.go.
type Change struct {
	Name  string  `json:"name"`
	Pos   int     `json:"pos"`   // -1: every position
	Index int     `json:"index"` // head or unit; -1: all
	Op    string  `json:"op"`    // set, add, scale, zero, mean; row, onehot, uniform, weight (of a row of attention); like (of an encoder's state)
	Value float32 `json:"value"`
	To    int     `json:"to,omitempty"`   // positions Pos to To (excluded) are changed; 0: Pos alone
	Also  string  `json:"also,omitempty"` // further indices that are changed with Index: "58+77"
	Row   string  `json:"row,omitempty"`  // of row, numbers with _ between them: "0.1_0.2_0.7"; of weight, a token of the source and its weight, "3_0.5"; of like: a position and a text, "3 phonograph"
}

// TokenChange is the Name of a Change that puts token Value at Pos, in the place of the one that the text has there: Op is "set", Index -1.
const TokenChange = "token"

// Indices are all indices that are changed, Index first; [-1] stands for all. It is an error if Also is not numbers with + between them.
func (c *Change) Indices() ([]int, error) {
	all := []int{c.Index}
	if c.Also == "" {
		return all, nil
	}
	for s := range strings.SplitSeq(c.Also, "+") {
		i, err := strconv.Atoi(s)
		if err != nil || i < 0 || c.Index < 0 {
			return nil, fmt.Errorf("protocol: the indices %d and %q of a change", c.Index, c.Also)
		}
		all = append(all, i)
	}
	return all, nil
}

// Run makes Text (or IDs, if there are any) the session's text and runs it, with Changes and, if there are any, also
// without. What the last run computed of the same beginning is kept.
type Run struct {
	Text    string   `json:"text"`
	IDs     []int    `json:"ids,omitempty"`
	Window  [2]int   `json:"window"` // of a recorded set: its tokens from, to (excluded)
	Changes []Change `json:"changes,omitempty"`
	// Decode: of an encoder-decoder, Text or IDs is the source, and what is run is the best target that is found for it. nil: as its
	// files say.
	Decode *Decode `json:"decode,omitempty"`
}

// RunResult is the text as the model reads it. Element i is about token i given the tokens before it; the first
// has none before it, so Surprisal[0] is NaN and Rank[0] is -1.
type RunResult struct {
	Rev       int       `json:"rev"`            // grows with every run
	From      int       `json:"from,omitempty"` // of a recorded set: the token of it with which the text begins
	Text      string    `json:"text"`           // as it was run: Tokens point into it
	Tokens    []Token   `json:"tokens"`
	Surprisal []float32 `json:"-"` // nats
	Entropy   []float32 `json:"-"` // nats, of the prediction made after token i
	Rank      []float32 `json:"-"` // 0 = likeliest
	Before    []float32 `json:"-"` // Surprisal without the changes; nil if there are none
	// Of an encoder-decoder: Tokens are the target's, from the token on that the decoder begins with; Source the source's, which point into
	// SourceText, as it is read: with the changes. Before is of the same target by the same source without the changes of activations.
	Source     []Token   `json:"source,omitempty"`
	SourceText string    `json:"sourcetext,omitempty"`
	Next       []Choice  `json:"next"` // the likeliest token after each token
	Warnings   []Warning `json:"warnings,omitempty"`
	Ms         float64   `json:"ms"`
}

// Choice is a token with its probability.
type Choice struct {
	ID   int     `json:"id"`
	Text string  `json:"text"`
	P    float32 `json:"p"`
}

// Sampling is how a next token is drawn. K = 0, P = 1, MinP = 0 cut nothing; T = 0 is greedy.
type Sampling struct {
	T    float64 `json:"t"`
	K    int     `json:"k"`
	P    float64 `json:"p"`
	MinP float64 `json:"minp"`
	Seed uint64  `json:"seed"`
}

// Predict asks for the prediction made after token Pos of the session's text.
type Predict struct {
	Pos      int      `json:"pos"`
	N        int      `json:"n"`     // how many rows
	Watch    []int    `json:"watch"` // tokens to list besides the N likeliest
	Sampling Sampling `json:"sampling"`
}

// Prediction is softmax(W h + b) at one position. Rows are sorted by probability, Watched ones are apart.
type Prediction struct {
	Pos     int       `json:"pos"`
	Rows    []Row     `json:"rows"`
	Watched []Row     `json:"watched"`
	Entropy float32   `json:"entropy"`          // nats
	LogZ    float32   `json:"logz"`             // log sum exp of the logits: log p = logit - LogZ
	Kept    int       `json:"kept"`             // tokens that the cuts leave
	ByK     int       `json:"byk"`              // tokens that top-k leaves; the vocabulary's size if it cuts nothing
	ByP     int       `json:"byp"`              // of those, what top-p leaves
	ByMinP  int       `json:"byminp"`           // of those, what min-p leaves
	Drawn   float32   `json:"drawn"`            // nats, the entropy of what is sampled from
	Reach   [3]int    `json:"reach"`            // how many of the likeliest tokens have 50, 90 and 95 % together
	Actual  *Row      `json:"actual,omitempty"` // the token that stands next in the text
	KL      float32   `json:"kl"`               // nats, of the prediction with changes from the one without; 0 without changes
	HasBias bool      `json:"hasbias"`
	Hidden  []float32 `json:"-"` // h, the vector that W multiplies
}

// Row is one token of a Prediction. Before is its probability without the changes, or -1 if there are none.
type Row struct {
	ID      int     `json:"id"`
	Text    string  `json:"text"`
	Rank    int     `json:"rank"` // 0 = likeliest
	Logit   float32 `json:"logit"`
	Bias    float32 `json:"bias"` // b's share of the logit
	P       float32 `json:"p"`    // softmax at temperature 1
	Sampled float32 `json:"q"`    // after temperature and cuts, renormalised; 0 = cut
	Before  float32 `json:"before"`
}

// Activation asks for positions From..To (To excluded) of a recorded activation; Before asks for the run without
// changes. Index is a head or a unit, or -1 for all. Of a [head, query, key] activation From..To are queries,
// and keys after the query are 0.
type Activation struct {
	Name   string `json:"name"`
	From   int    `json:"from"`
	To     int    `json:"to"` // -1: to the end
	Index  int    `json:"index"`
	Before bool   `json:"before,omitempty"`
}

// Array is a block of numbers, row-major.
type Array struct {
	Shape []int     `json:"shape"`
	Data  []float32 `json:"-"`
	Names []string  `json:"names,omitempty"` // of Map: the tokens
	IDs   []int     `json:"ids,omitempty"`   // of Map: theirs
}

// Patterns asks for every head's attention pattern, pooled by maximum to at most Size x Size:
// an Array [layers, heads, queries, keys]. Half is one of Model.Attends.
type Patterns struct {
	Size int    `json:"size"`
	Half string `json:"half,omitempty"`
}

// HeadScores asks what each head does on random tokens said twice, as the mean of several draws of tokens. Half is one of Model.Attends, but
// for HalfCross; a decoder has random sources, too.
type HeadScores struct {
	Half string `json:"half,omitempty"`
}

// HeadScoresResult has one row a head, [layers, heads, 4]: mean attention from a token's second occurrence to the
// previous token, to the token after its first occurrence (induction), to its first occurrence (same token), and
// to the first token of all.
type HeadScoresResult struct {
	Array
	Tokens int `json:"tokens"` // random tokens before they are said again
}

// Effects asks, for each head alone, how P(token | text up to Pos) changes when it is switched off.
type Effects struct {
	Pos   int    `json:"pos"`
	Token int    `json:"token"` // -1: the likeliest
	Op    string `json:"op"`    // zero or mean; of an encoder-decoder zero
	// Half is one of Model.Attends: whose heads. Pos is of the target all the same.
	Half string `json:"half,omitempty"`
}

// EffectsResult is [layers, heads] changes of probability; NaN where not done yet (in a Partial).
type EffectsResult struct {
	Array
	Token int     `json:"token"`
	P     float32 `json:"p"` // with all heads on
}

// Generate continues the session's text after its last token, N tokens or until stopped. Each Partial is a Generated.
type Generate struct {
	N        int      `json:"n"`
	Sampling Sampling `json:"sampling"`
	Fast     bool     `json:"fast,omitempty"` // with activations of 16 bits: faster, and not exact
}

// Generated is one new token.
type Generated struct {
	Token Token   `json:"token"`
	P     float32 `json:"p"` // the model's own probability
	Q     float32 `json:"q"` // the probability with which it was drawn
}

// GenerateResult is the tokens with what was generated; the page runs them (Run.IDs) to see them. A cancelled
// Generate has sent its tokens as Partials.
type GenerateResult struct {
	IDs []int  `json:"ids"`
	N   int    `json:"n"`
	End string `json:"end"` // why it ended: "n", "context" or "eos"
}

// Map asks for the tokens' input embeddings in the plane of their first two principal components: an Array
// [n, 2] with Names and IDs. Of a larger vocabulary Max tokens: words first, in the order of the vocabulary.
type Map struct {
	Max int `json:"max"`
}

// Find asks for tokens whose text contains Text, the exact match first.
type Find struct {
	Text   string `json:"text"`
	N      int    `json:"n"`
	Source bool   `json:"source,omitempty"` // of an encoder-decoder: tokens of the source
}

// FindResult lists tokens.
type FindResult struct {
	Tokens []Choice `json:"tokens"`
}

// Vectors asks for one vector of each text, as the model's files say that a text's is made of its tokens', or their mean. The
// session's text stays as it is.
type Vectors struct {
	Texts []string `json:"texts"`
}

// VectorsResult is [text, d]. Said: the files said how; else it is the mean. Normalized: each has length 1.
type VectorsResult struct {
	Array
	Modes      []string `json:"modes"` // as sentence-transformers names them: "mean", "cls", ..
	Normalized bool     `json:"normalized"`
	Said       bool     `json:"said"`
}

// Chat wraps a text into the model's chat template as what a user says (On), or takes it out again.
type Chat struct {
	Text string `json:"text"`
	On   bool   `json:"on"`
}

// ChatResult is the text. On says whether it stands in the template now.
type ChatResult struct {
	Text string `json:"text"`
	On   bool   `json:"on"`
}

// Cancel ends the request with that ID.
type Cancel struct {
	ID uint32 `json:"id"`
}

// Arrays is implemented by messages that carry arrays outside their JSON.
type Arrays interface{ Arrays() []*[]float32 }

func (r *RunResult) Arrays() []*[]float32 {
	return []*[]float32{&r.Surprisal, &r.Entropy, &r.Rank, &r.Before}
}
func (p *Prediction) Arrays() []*[]float32 { return []*[]float32{&p.Hidden} }
func (a *Array) Arrays() []*[]float32      { return []*[]float32{&a.Data} }
