package protocol

// A corpus is texts that the open model is run over, document by document, so that places can be found by what units do there. The
// page opens it and then asks for one OpCorpusFill after another; to pause is not to ask. Questions are about the first Upto tokens,
// so that they have answers while it still runs. A recorded set (Model.Recorded) is a corpus by itself.
const (
	OpCorpusOpen     = "corpus.open"     // Corpus -> CorpusInfo
	OpCorpusClose    = "corpus.close"    // CorpusClose -> nothing
	OpCorpusFill     = "corpus.fill"     // CorpusFill -> CorpusFilled: runs on for about Ms
	OpCorpusMatch    = "corpus.match"    // Match -> PlacesResult: where the same units are on
	OpCorpusLift     = "corpus.lift"     // Match -> LiftResult: what those places have more often than chance
	OpCorpusNear     = "corpus.near"     // CorpusNear -> PlacesResult: where the state is most like the one at now
	OpCorpusFind     = "corpus.find"     // CorpusFind -> PlacesResult: where a phrase stands
	OpCorpusRank     = "corpus.rank"     // Rank -> RankResult: which units follow an annotation best
	OpCorpusUnit     = "corpus.unit"     // CorpusUnit -> CorpusUnitResult: one unit's strongest places and its histogram
	OpCorpusPlace    = "corpus.place"    // CorpusPlace -> CorpusPlaceResult: the text around a place, to go there
	OpCorpusAnnotate = "corpus.annotate" // Annotate -> Annotated: a file's annotations of the corpus or of the session's text

	OpTracks  = "tracks"  // Tracks -> TracksResult: annotations of the session's text
	OpUnit    = "unit"    // Unit -> UnitResult: what the weights say of a unit
	OpMemory  = "memory"  // Memory -> MemoryResult, with Partials: how far back tokens matter
	OpSummary = "summary" // Summary -> SummaryResult: how a model's gates are used over the session's text
)

// Corpus opens texts in place of those that were open. Files or Text; of a recorded set neither.
type Corpus struct {
	Files []FileRef `json:"files,omitempty"`
	Text  string    `json:"text,omitempty"`
	Name  string    `json:"name,omitempty"`
	// Column is the text's, of CSV, TSV and JSON lines; "" = the one that looks like it.
	Column string `json:"column,omitempty"`
	// Sources are the activations that are kept, of which each position is one row of units. At most 4.
	Sources []string `json:"sources"`
	// Room is how many bytes the states may take; 0: 256 MB. What does not fit as 16-bit floats is kept as one bit a unit, by Cuts.
	Room int64 `json:"room,omitempty"`
	Cuts []Cut `json:"cuts,omitempty"`
}

// Cut says when a unit is on. Level is of the value as stored. On: "above" (x >= Level), "below" (x <= -Level), "either" (|x| >= Level).
type Cut struct {
	Level float64 `json:"level"`
	On    string  `json:"on"`
}

// CorpusInfo describes an open corpus.
type CorpusInfo struct {
	ID        int       `json:"id"` // questions carry it: another corpus has another
	Name      string    `json:"name"`
	Documents int       `json:"documents"`
	Tokens    int       `json:"tokens"` // of all documents; of those that fit, if Kept is fewer
	Sources   []Source  `json:"sources"`
	Keeps     string    `json:"keeps"`             // "f16", or "bits": then Cuts are those of all questions
	Cuts      []Cut     `json:"cuts"`              // of "bits"
	Encoding  string    `json:"encoding"`          // "UTF-8", "UTF-16", "windows-1252", ..
	Columns   []string  `json:"columns,omitempty"` // that Corpus.Column can choose from
	Column    string    `json:"column,omitempty"`
	Tracks    []Track   `json:"tracks"` // the annotations that it has, without values
	Warnings  []Warning `json:"warnings,omitempty"`
	// "corpus-sampled" (What = how many tokens there are, N = how many are kept, evenly drawn documents), "unknown-characters",
	// "corpus-cut" (N documents longer than the What tokens that the model reads, run in parts), "corpus-encoding" (What),
	// "corpus-unpredicted" (predicting one of N tokens would take too long: no surprisal, entropy and rank)
}

// Source is an activation that is kept, and its units.
type Source struct {
	Name  string `json:"name"`
	Units int    `json:"units"`
}

// CorpusClose forgets the corpus.
type CorpusClose struct{}

// CorpusFill runs on for about Ms milliseconds.
type CorpusFill struct {
	Corpus int `json:"corpus"`
	Ms     int `json:"ms"`
}

// CorpusFilled is how far it is. Bits: mean surprisal so far, in bits a token; NaN is sent as 0 with Predicted 0.
type CorpusFilled struct {
	Corpus    int     `json:"corpus"`
	Documents int     `json:"documents"` // that are done
	Tokens    int     `json:"tokens"`
	Total     int     `json:"total"`
	Done      bool    `json:"done"`
	Bytes     int64   `json:"bytes"` // that the states take
	Bits      float64 `json:"bits"`
	Predicted int     `json:"predicted"` // tokens that Bits is the mean of
	Ms        float64 `json:"ms"`        // of running, in all
}

// Match asks where the same units are on. Units count through all sources of the corpus put side by side. A run is a stretch of
// tokens at which at least k of the units are on, for k from all of them down; see engine/match.
type Match struct {
	Corpus int   `json:"corpus"`
	Upto   int   `json:"upto"` // tokens
	Cuts   []Cut `json:"cuts"` // of each source
	Units  []int `json:"units"`
	Before int   `json:"before"` // tokens before the run at which the units must be off; 0: any
	After  int   `json:"after"`
	Least  int   `json:"least"`            // shortest run, 1 or more
	Across bool  `json:"across,omitempty"` // a run may cross the end of a sentence (never that of a document)
	Strict bool  `json:"strict,omitempty"` // only runs at which all of Units are on
	Min    int   `json:"min,omitempty"`    // lengths that are listed; 0: all
	Max    int   `json:"max,omitempty"`
	// Of the rows that are listed.
	From   int      `json:"from"`
	N      int      `json:"n"`
	Left   int      `json:"left"` // tokens before a place
	Right  int      `json:"right"`
	Tracks []string `json:"tracks,omitempty"` // annotations of each token
}

// PlacesResult is a page of places in the corpus, best first. Tokens, On, Surprisal and Tracks are of all rows, one after another.
type PlacesResult struct {
	Total         int       `json:"total"`   // of which Rows are some
	Capped        bool      `json:"capped"`  // there are more: the best Total are ranked
	Strict        int       `json:"strict"`  // of Total, runs at which all units are on
	Lengths       []int     `json:"lengths"` // of all runs whatever Min and Max: [i] are i tokens long; the last is that long or longer
	StrictLengths []int     `json:"strictlengths"`
	Rows          []Place   `json:"rows"`
	Documents     Names     `json:"documents"` // the name of each row's
	Tokens        Names     `json:"tokens"`
	On            []float32 `json:"-"` // units of the question that are on
	Surprisal     []float32 `json:"-"` // nats
	Tracks        []Track   `json:"tracks"`
	Ms            float64   `json:"ms"`
}

// Place is a stretch of tokens of the corpus.
type Place struct {
	Pos   int     `json:"pos"` // of its first token, counted through the corpus
	Len   int     `json:"len"`
	Whole int     `json:"whole,omitempty"` // its length, of one that is longer than 512 tokens: Len is then 512
	Doc   int     `json:"doc"`
	Left  int     `json:"left"` // tokens that are given before it, in it and after it: Left + Len + Right
	Right int     `json:"right"`
	Both  int     `json:"both"`  // of a match: units of the question that are on throughout
	Any   int     `json:"any"`   // units that are, and those of the question
	Score float64 `json:"score"` // of a near place: cosine, or distance
}

// Track is an annotation: a number a token, or one of Labels by its index; NaN: none.
type Track struct {
	Name   string    `json:"name"`
	Own    bool      `json:"own,omitempty"` // a file brought it
	Labels []string  `json:"labels,omitempty"`
	Values []float32 `json:"-"`
}

// LiftResult says how often labels, and words, occur at places of the matches against how often they occur at all.
type LiftResult struct {
	Places int       `json:"places"` // matches that were counted
	Tests  int       `json:"tests"`  // labels that were tested together: Q is corrected for so many
	Rows   []LiftRow `json:"rows"`   // by significance
}

// LiftRow is one label at one place. Where: "before" (the token before the run), "start", "inside" (all of the run), "after".
type LiftRow struct {
	Where string  `json:"where"`
	Track string  `json:"track"` // "token" of words themselves
	Label string  `json:"label"`
	Here  int     `json:"here"` // tokens there that have the label
	Of    int     `json:"of"`   // tokens there
	Base  float64 `json:"base"` // share of all tokens of the corpus that have it
	Lift  float64 `json:"lift"` // Here/Of / Base
	Q     float64 `json:"q"`    // two-sided hypergeometric p, corrected (Benjamini and Hochberg)
}

// CorpusNear asks where the units of one source are most like they are at token Pos of the session's text.
type CorpusNear struct {
	Corpus int      `json:"corpus"`
	Upto   int      `json:"upto"`
	Source int      `json:"source"`
	Pos    int      `json:"pos"`
	Metric string   `json:"metric"` // "cosine" or "euclidean"
	Rev    int      `json:"rev"`    // RunResult.Rev: another run is another question
	N      int      `json:"n"`
	Left   int      `json:"left"`
	Right  int      `json:"right"`
	Tracks []string `json:"tracks,omitempty"`
}

// CorpusFind asks where a phrase stands, whatever the case.
type CorpusFind struct {
	Corpus int    `json:"corpus"`
	Upto   int    `json:"upto"`
	Text   string `json:"text"`
	From   int    `json:"from"`
	N      int    `json:"n"`
	Left   int    `json:"left"`
	Right  int    `json:"right"`
}

// Rank asks which units of the corpus's sources follow an annotation best: by Pearson's correlation with a number, by the area under
// the ROC curve (AUC) of a label against all others.
type Rank struct {
	Corpus int    `json:"corpus"`
	Upto   int    `json:"upto"`
	Track  string `json:"track"`
	Label  string `json:"label,omitempty"`
	N      int    `json:"n"`
	Cuts   []Cut  `json:"cuts,omitempty"` // where bits are kept: AUC of being on
}

// RankResult is the best N units, by how far Value is from 0 (correlation) or 0.5 (AUC).
type RankResult struct {
	By     string    `json:"by"`              // "correlation" or "auc"
	Tokens int       `json:"tokens"`          // that have the annotation
	With   int       `json:"with"`            // of AUC: that have the label
	Label  string    `json:"label,omitempty"` // of AUC: which; of a question without, the one that most have, "no" and its like apart
	Rows   []RankRow `json:"rows"`
	All    []float32 `json:"-"` // the value of every unit; NaN: it does not vary
}

// RankRow is one unit.
type RankRow struct {
	Unit  int     `json:"unit"` // counted through all sources
	Value float64 `json:"value"`
}

// CorpusUnit asks about one unit: its N highest and N lowest places, and how its values are spread.
type CorpusUnit struct {
	Corpus int `json:"corpus"`
	Upto   int `json:"upto"`
	Unit   int `json:"unit"`
	N      int `json:"n"`
	Left   int `json:"left"`
	Right  int `json:"right"`
	Bins   int `json:"bins"`
}

// CorpusUnitResult has the highest places in High and the lowest in Low: no two within 3 tokens of each other. Values are the unit's at all tokens of High's rows, then of Low's.
type CorpusUnitResult struct {
	High       PlacesResult `json:"high"`
	Low        PlacesResult `json:"low"`
	Lo         float64      `json:"lo"` // of the histogram
	Hi         float64      `json:"hi"`
	Counts     []float32    `json:"-"`
	HighValues []float32    `json:"-"`
	LowValues  []float32    `json:"-"`
	Mean, SD   float64
}

// CorpusPlace asks for the text around a place, to show it as the session's: from the beginning of its document if that is within Most
// tokens, else from that many before it.
type CorpusPlace struct {
	Corpus int `json:"corpus"`
	Pos    int `json:"pos"`
	Len    int `json:"len"`
	Most   int `json:"most"`
}

// CorpusPlaceResult is a text as tokens. Skipped tokens of its document, or of the part of it that
// was run in one go, stand before it: the model has not read them here, and its states may differ.
type CorpusPlaceResult struct {
	IDs     []int  `json:"ids"`
	Text    string `json:"text"` // as it stands in the document
	Pos     int    `json:"pos"`  // of the place, in it
	Len     int    `json:"len"`
	Skipped int    `json:"skipped"`
}

// Annotate reads a file of annotations: TSV (a line a token, columns with a header), CoNLL, or JSON ({"name": [values]}). To: "corpus" or "text".
type Annotate struct {
	Files []FileRef `json:"files"`
	To    string    `json:"to"` // "" = whichever has as many tokens
}

// Annotated says what was read, and of what.
type Annotated struct {
	To     string  `json:"to"`
	Tracks []Track `json:"tracks"` // without values
	Own    int     `json:"own"`    // files so far: a question about tracks that carries it is another
}

// Tracks asks for annotations of the session's text: all that there are.
type Tracks struct {
	Own int `json:"own"`
}

// TracksResult has them with values.
type TracksResult struct {
	Tracks []Track `json:"tracks"`
}

// Unit asks what the weights say of one unit of an activation.
type Unit struct {
	Name string `json:"name"`
	Unit int    `json:"unit"`
	N    int    `json:"n"` // of each list
}

// UnitResult lists the largest weights into the unit, and what it adds to each logit directly. A list that the architecture does not
// have is empty.
type UnitResult struct {
	In        []WeightList `json:"in"`        // a list a gate (or the unit itself) and kind of origin
	Up        []Choice     `json:"up"`        // tokens that one more of it makes likelier (P is the change of the logit), largest first
	Down      []Choice     `json:"down"`      // less likely
	OutTensor string       `json:"outtensor"` // whose column that is
}

// WeightList is the largest weights of one row of a tensor.
type WeightList struct {
	Into   string   `json:"into"` // the activation that it feeds: "layers.1.input_gate"
	From   string   `json:"from"` // an activation's name, or "token": W times the token's embedding
	Tensor string   `json:"tensor"`
	Rows   []Choice `json:"rows"` // ID is the unit or the token, Text the token's, P the weight; by size
}

// Memory asks how much the prediction after token Pos depends on each of the Most tokens before it.
type Memory struct {
	Pos  int `json:"pos"`
	Most int `json:"most"`
	Rev  int `json:"rev"`
}

// MemoryResult: element d is about the token d before Pos (0 = at Pos). NaN where not done yet (in a Partial).
type MemoryResult struct {
	Occluded []float32 `json:"-"` // nats: KL of the prediction when that token's embedding is the text's mean, from the one as it is
	Short    []float32 `json:"-"` // nats: KL when the model reads only the last d+1 tokens
}

// Summary asks for a model's use of a text as numbers: for comparing models.
type Summary struct {
	Most int `json:"most"` // distances of memory; 0: none
	Rev  int `json:"rev"`
}

// SummaryResult has, for each gate activation of each layer, the share of (token, unit) at which it is below 0.1 and above 0.9, of all and of each unit.
type SummaryResult struct {
	Bits   float64   `json:"bits"` // mean surprisal in bits a token
	Gates  []GateUse `json:"gates"`
	Memory []float32 `json:"-"` // nats: mean over positions, of each d others, of KL when the model reads only the last d+1 tokens
}

// GateUse is how one gate is used.
type GateUse struct {
	Name  string    `json:"name"`
	Low   float64   `json:"low"`
	High  float64   `json:"high"`
	Units []float64 `json:"units"` // [units, 2]: low, high
}

func (p *PlacesResult) Arrays() []*[]float32 {
	all := []*[]float32{&p.On, &p.Surprisal}
	for i := range p.Tracks {
		all = append(all, &p.Tracks[i].Values)
	}
	return all
}

func (r *RankResult) Arrays() []*[]float32 { return []*[]float32{&r.All} }

func (r *CorpusUnitResult) Arrays() []*[]float32 {
	all := append(r.High.Arrays(), r.Low.Arrays()...)
	return append(all, &r.Counts, &r.HighValues, &r.LowValues)
}

func (r *TracksResult) Arrays() (all []*[]float32) {
	for i := range r.Tracks {
		all = append(all, &r.Tracks[i].Values)
	}
	return all
}

func (r *MemoryResult) Arrays() []*[]float32  { return []*[]float32{&r.Occluded, &r.Short} }
func (r *SummaryResult) Arrays() []*[]float32 { return []*[]float32{&r.Memory} }
