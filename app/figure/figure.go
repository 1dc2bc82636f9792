// Package figure is the contract between the shell and the views. A view is a pure function of an Input to a
// Figure: strings of SVG, a reading, tables. The shell mounts them, and turns what a person does to a mark into a
// patch of the shared state. No view knows an architecture: it asks for named activations.
//
// Marks speak to the shell by attributes, so that one listener serves every figure:
//
//	data-set="layer=5&head=1"   a click patches the shared state (the keys of the address; see state.Patch)
//	data-add="o.v.pins=3,58"    what a click with Shift patches instead; without it, a mark that sets "at" makes a range
//	data-only="o.v.hide=.."     what a double click patches, after what the first click of it did
//	data-do="choose=123"        a click does something: choose a token, toggle a change (see Do.. below)
//	data-h="t5"                 hover lights every mark of the page with the same data-h (they get the class hot)
//	data-tip="the -> cat 0.41"  what the tip says at the pointer; a newline starts a line
//	data-grid="panel rows cols" a picture of cells: the shell finds row r and column c under the pointer, puts them
//	                            for {r} and {c} into data-set, data-add, data-do, data-h and data-tip (or asks the
//	                            panel's Tip for its words), and draws a line around the cell
//	data-drag="range"           with data-grid: dragging sets the range of columns
//	data-drag="range-from"      an end of the range, or "range-to": dragged along the grid with data-drag="range" that is
//	                            in the same picture
//	data-drag="T y 24 2 190 0 2" a handle that sets a number: key (or whole pairs, with {} for the number), axis, a pixel
//	                            and the value there, another pixel and the value there, decimals
//	data-fixed                  a <g> that stays where it is when a picture wider than its place is scrolled sideways
//	                            (labels of rows, with a rect of class ipage below them); the view gives it no transform
//
// The arrows walk over the marks that have data-set or data-do, in each picture apart, and Enter does what a click does.
package figure

import (
	"fmt"

	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// Input is what a view draws from.
type Input struct {
	Model *protocol.Model
	Run   *protocol.RunResult
	State *state.State
	Width float64 // of the content, in pixels
	Dark  bool
	Touch bool
	L     *lang.Catalogue
	Cards []Card // the models that are served with the page
	// Fetch answers a question to the engine (a protocol operation and its body) from what is there, or returns
	// nil and has it asked: the view is drawn again when the answer comes. Use the typed methods below.
	Fetch              func(op string, body any) any
	CorpusName, Corpus string // a text that the person brought: of maps of words in their contexts
	Maps               func(MapSpec) *Map
	// Corpora, AskCorpus, PairsOf and Besides are behind the methods in corpus.go and translate.go. Each may be nil.
	Corpora   func(CorpusSpec) *Corpus
	AskCorpus func(op string, body any) (val any, fresh bool)
	PairsOf   func(PairsSpec) *Pairs
	Besides   func(card string, most int) *Beside // the served model, run on the text, one after another; nil: there is no such card
	Dropped   string                              // the name of the corpus that the person brought, or ""
	Annotated int                                 // files of annotations that the person brought so far
}

// Card is a model that is served with the page, as models/index.json lists it: made from its card.json by web/site.
type Card struct {
	ID         string            `json:"id"`
	Title      map[string]string `json:"title"` // by language code: "en", "zh"
	About      map[string]string `json:"about"`
	Text       string            `json:"text"`             // a text that shows what it does
	Corpus     *CardFile         `json:"corpus,omitempty"` // a longer one, that the model has not learnt from; nil: there is none
	Pairs      *CardFile         `json:"pairs,omitempty"`  // of an encoder-decoder: held-out sources and references; nil: there are none
	Family     string            `json:"family"`
	Layers     int               `json:"layers"`
	Heads      int               `json:"heads"`
	Hidden     int               `json:"hidden"`
	Parameters int               `json:"parameters"`
	Licence    string            `json:"licence"`
	Data       string            `json:"data"`
	Bytes      int64             `json:"bytes"`
	Files      []CardFile        `json:"files"`
	Runs       bool              `json:"runs"` // this version can run it
	Thumb      *Thumb            `json:"thumb,omitempty"`
}

// CardFile is a file of a Card: its path relative to the page.
type CardFile struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
}

// Thumb is what the model computes on its text, small, made when the site is built: Kind "cells" [positions, units] of the
// last layer's cell or hidden state, "heads" [layers, heads, s, s] of attention, or "words" [n, 2], the places of words by PCA. Data
// is int8: value = Data * Scale.
type Thumb struct {
	Kind  string  `json:"kind"`
	Shape []int   `json:"shape"`
	Scale float64 `json:"scale"`
	Data  []byte  `json:"data"` // base64 in JSON; int8 as bytes
	Unit  int     `json:"unit"` // the unit that the card's "shows" names, or -1
}

// Palette is the colour scales of the theme.
func (in *Input) Palette() *plot.Palette { return plot.Theme(in.Dark) }

func fetch[T any](in *Input, op string, body any) *T {
	v, _ := in.Fetch(op, body).(*T)
	return v
}

// Key is a key of the catalogue, or its form for models that predict the token at a place, and not the next one.
func (in *Input) Key(key string) string {
	if in.Model.Here && in.L.Has(key+".here") {
		return key + ".here"
	}
	return key
}

// Prediction is softmax(W h + b) at token pos, with n rows and the watched tokens; nil of a model that predicts none.
func (in *Input) Prediction(pos, n int, watch ...int) *protocol.Prediction {
	if !in.Model.Logits {
		return nil
	}
	return fetch[protocol.Prediction](in, protocol.OpPredict, protocol.Predict{Pos: pos, N: n, Watch: watch, Sampling: in.State.Sampling})
}

// Activation is a recorded activation, or part of one.
func (in *Input) Activation(a protocol.Activation) *protocol.Array {
	return fetch[protocol.Array](in, protocol.OpActivation, a)
}

// Patterns are the thumbnails of all heads of one of Model.Attends.
func (in *Input) Patterns(size int, half string) *protocol.Array {
	return fetch[protocol.Array](in, protocol.OpPatterns, protocol.Patterns{Size: size, Half: half})
}

// HeadScores say what each head of one of Model.Attends does on random tokens said twice.
func (in *Input) HeadScores(half string) *protocol.HeadScoresResult {
	return fetch[protocol.HeadScoresResult](in, protocol.OpHeadScores, protocol.HeadScores{Half: half})
}

// Effects are what switching off each head alone does to a token's probability.
func (in *Input) Effects(e protocol.Effects) *protocol.EffectsResult {
	return fetch[protocol.EffectsResult](in, protocol.OpEffects, e)
}

// Vectors are one vector of each text.
func (in *Input) Vectors(texts ...string) *protocol.VectorsResult {
	return fetch[protocol.VectorsResult](in, protocol.OpVectors, protocol.Vectors{Texts: texts})
}

// Map is the plane of the input embeddings.
func (in *Input) Map(max int) *protocol.Array {
	return fetch[protocol.Array](in, protocol.OpMap, protocol.Map{Max: max})
}

// Find lists tokens by their text.
func (in *Input) Find(text string, n int) *protocol.FindResult {
	return fetch[protocol.FindResult](in, protocol.OpFind, protocol.Find{Text: text, N: n})
}

// Figure is a drawn view.
type Figure struct {
	Reading []Span // one sentence made of the run's own numbers
	Panels  []Panel
	Layout  string // the class of the grid that holds the panels; each panel's class is its place in it
	Units   int    // how many units there are to choose from, for the keys; 0: the model's width
	Chosen  string // what is shown as chosen, as state pairs, where the state leaves it open: keys go on from there
}

// Span is a piece of a reading or a note.
type Span struct {
	Text  string
	Token bool // Text is a token's: shown as tokens are
	Bold  bool
	Set   string // a click patches the state
	H     string // as data-h
}

// Panel is one titled part of a view.
type Panel struct {
	ID       string
	Class    string // its place in the layout
	Column   string // panels that follow one another with the same Column stand below each other, in one place of that class
	Title    []Span // nil: no header
	Names    string // the activations that it draws, in mono
	Controls []Control
	Width    float64 // of SVG; wider than its place means that it scrolls sideways
	Height   float64
	SVG      string  // marks, without the <svg> around them
	Under    string  // marks below those of SVG that seldom change: they stay in the page as long as they are the same
	Middle   string  // marks between Under and SVG: they, too, stay in the page as long as they are the same
	Side     string  // marks of the leftmost SideW pixels of the same picture: they stay in sight when it scrolls sideways
	SideW    float64 // 0: none
	Label    string  // what a screen reader says of the picture
	HTML     []Block // below (or instead of) the picture
	Table    *Table
	Busy     string   // what is still being computed, or ""
	NowX     float64  // the x to keep in sight when the panel scrolls
	Scatter  *Scatter // a map's rows where they are, Width x Height; SVG lies over it and stays where it is: a legend
	// Live, if not nil, is SVG as it is now: while a map moves it is put in the place of SVG a few times a second, without the view being drawn.
	Live func() string

	// Of a data-grid, by the cell under the pointer; each may be nil.
	Tip  func(row, col int) string           // its words
	Over func(row, col int) string           // marks drawn over the picture while the pointer is there
	Pick func(row, col int, add bool) string // the state pairs that a click sets in place of data-set; add: with shift
	Do   func(row, col int) string           // what a click does in place of data-do; "": nothing
}

// Marks are all of the panel's marks.
func (p *Panel) Marks() string {
	if p.Under == "" && p.Middle == "" {
		return p.Top()
	}
	return "<g>" + p.Under + "</g>" + p.Middle + p.Top()
}

// Top is the panel's marks above Middle: Side lies over SVG, in a group that stays in sight.
func (p *Panel) Top() string {
	if p.Side == "" {
		return p.SVG
	}
	return p.SVG + fmt.Sprintf(`<g data-fixed=""><rect class="ipage" width="%g" height="%g"/>`, p.SideW, p.Height) + p.Side + "</g>"
}

// Block is a piece of plain content of a panel.
type Block struct {
	Kind  string // "title" (serif), "note", "facts" (pairs), "kinds" (letter and count), "html"
	Spans []Span
	Rows  [][2][]Span // of facts, kinds
	HTML  string      // of "html": what the others cannot say (MathML, cards), written by the view with every text through svg.Esc
}

// Control is a choice, a number, a field or a switch in a panel's header.
type Control struct {
	Kind           string // "radio", "select" (a menu), "number", "field" (sets at each letter), "text" (sets at Enter, or when it is left), "switch", "button"
	Key            string // the state key that it sets ("T", "o.states.what"; of a button also whole pairs), or what it does ("do:.."; of a radio or select, with the option's value after it; of a text or radio also whole pairs, with {} for what is written or chosen)
	Label          string
	Value          string   // of a button that does something: "true" when it is done
	Options        []Option // of radio and select
	Min, Max, Step float64  // of number
	Decimals       int
	Lead           bool   // it stands at the beginning of the head, in place of a title
	Tip            string // what it means
	Enter          string // of field: the state pairs that Enter sets
}

// Option is one of a radio's.
type Option struct {
	Value, Label string
	Disabled     string // why not, or ""
}

// Table is a figure as numbers, in the order of its marks.
type Table struct {
	Head []string
	Rows [][]string
	Make func() [][]string // Rows where they are many: they are made when they are looked at
}

// All are the rows.
func (t *Table) All() [][]string {
	if t.Make != nil {
		return t.Make()
	}
	return t.Rows
}

// What data-do and buttons can do.
const (
	DoChoose = "choose=" // + token id: put it after now, in place of what stood there
	DoChange = "change=" // + state.FormatChange: make that change, or undo it if it is made
	DoFind   = "find"    // open the find field
	DoOpen   = "open"    // open the dialogue to open a model
	DoFile   = "file"    // choose a file of one's own
	DoFolder = "folder"  // choose a folder of one's own
	DoModel  = "model="  // + a Card's ID: open that model with its text
	DoMap    = "map="    // + "run", "pause", "step", "restart", "stop" (where it is), and the slot: "map=pause 0"
	DoSave   = "save="   // + "csv", "tsv", "npy" (places), "near" (neighbours, CSV), "rows" (the selected words), and the slot
	DoCorpus = "corpus"  // choose a text file whose words a map shows in their contexts

	DoTexts   = "texts"    // choose files of texts, or paste one, for the corpus of States
	DoNotes   = "notes"    // choose a file of annotations
	DoFill    = "fill="    // + "pause", "run", "again" (by the cuts that are set now), "forget": the corpus
	DoGo      = "visit="   // + position and length in the corpus, "1200 7": make the text around it the session's, with that range
	DoMatches = "matches=" // + "csv", "json": save all matches of the last question
)
