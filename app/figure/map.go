package figure

import "loupe/engine/protocol"

// MapSpec is what a map shows and how: what the view reads off the state. Two slots (0 and 1) stand side by side.
type MapSpec struct {
	Slot   int
	Model  string // "" = the open model; or a Card's ID: its vectors, opened beside the open model
	Points protocol.Points
	Rows   []int // only these of the points (isolated); nil = all
	Layout protocol.Layout
	// Land, of a map by t-SNE of all its points, are points that land on it: others of these begin no other map, and move no row of it. nil: none.
	Land *protocol.Points
}

// Map is a map as it is now. Opened, Frame and Curve change while the view is not drawn anew: what is drawn from them is drawn by Panel.Live
// and Panel.Scatter.
type Map struct {
	ID       int // as the mapper knows it; 0: not opened yet
	Spec     MapSpec
	Points   *protocol.PointsResult // nil: not there yet
	Landed   int                    // the last so many of Points are those of Spec.Land; 0: they have no place yet
	Rows     []int                  // the map's row i is Points' row Rows[i]; nil = they are the same
	Opened   *protocol.MapOpened
	Frame    *protocol.MapFrame // nil: nothing has a place yet
	Curve    []CurvePoint       // of t-SNE, since its beginning
	Run      int                // grows with every beginning
	Running, // it moves, or will
	Paused bool // by the person
	Step *protocol.Step  // what is being done before the first frame
	Err  *protocol.Error // why there is no map
}

// CurvePoint is KL at an iteration.
type CurvePoint struct {
	Iter int
	KL   float32
}

// N is the number of the map's rows.
func (m *Map) N() int {
	switch {
	case m.Rows != nil:
		return len(m.Rows)
	case m.Points != nil:
		return m.Points.N
	}
	return 0
}

// Point is the row of Points that row i of the map is.
func (m *Map) Point(i int) int {
	if m.Rows != nil {
		return m.Rows[i]
	}
	return i
}

// RestIter is a number that changes whenever the map comes to rest elsewhere, and -1 while it moves: questions about places (Near,
// Quality, Agree) carry it.
func (m *Map) RestIter() int {
	if m.Frame == nil || m.Running || m.ID == 0 {
		return -1
	}
	return m.Run<<16 + m.Frame.Iter
}

// Scatter is a picture of a Map's rows where they are. The shell draws it, moves it with the map, and has the camera (pan, zoom, turn), the
// loop and the pointer; the view says what is drawn. Rows count as the map's.
type Scatter struct {
	Map   *Map
	Dims  int
	Names []string // of each row
	// Class is each row's index into Colours; Hidden is for those that are not drawn. Colours are CSS classes of dots ("k1" to "k7",
	// or "q0" to "q8" of the sequential scale) or, with a #, colours. Pale rows are drawn light.
	Class   []uint8
	Colours []string
	Pale    []bool // nil: none
	Order   []int  // rows in the order in which they get labels; those not in it get none
	Marks   []ScatterMark
	Lines   []ScatterLine
	Chosen  []int     // the selected rows: carmine
	Axes    [3]string // what stands at the ends of the axes, if they mean something: "man → woman"; "" = nothing
	Equal   bool      // one scale for all axes (all but "axes" and "pca" of unlike components)
	Cam     string    // the camera as the state has it ("" = everything in sight); it is set under CamKey when a gesture ends
	CamKey  string
	Tool    string // what dragging does: "" = pan (turn, in 3D), "lasso", "box"
	Persp   bool   // in 3D: perspective, or else orthographic

	Set   func(row int, add bool) string       // the state pairs that a click sets; add: with Shift
	Loop  func(rows []int, mode string) string // the pairs that a loop sets; mode: "", "add" (with a Tool Shift, or else Ctrl), "sub" (Alt)
	Tip   func(row int) string
	Hover func(row int) string // the data-h of a row, by which other marks light up
	Row   func(h string) int   // and back; -1: none
}

// Hidden is the Class of a row that is not drawn.
const Hidden = 255

// ScatterMark is a row that is drawn large, and labelled before others: always the first, the rest where no other label is.
type ScatterMark struct {
	Row   int
	Kind  string  // "dot", "ring", "diamond" (a word of the text), "cross"
	Class string  // CSS class
	Label string  // "" = the row's name
	Size  float64 // of the label's letters; 0 = 12
	Bold  bool
}

// ScatterLine joins rows.
type ScatterLine struct {
	Rows  []int  // two or more
	Kind  string // "line", "arrow" (at its end), "path" (smooth)
	Class string
}

// Mapped is the map of a spec; nil only where the model has no such vectors. It is begun if it was not, and what runs in that slot
// with another spec is changed into it: places are kept where the rows are the same.
func (in *Input) Mapped(spec MapSpec) *Map {
	if in.Maps == nil {
		return nil
	}
	return in.Maps(spec)
}

// Near are the rows nearest to a sum of rows.
func (in *Input) Near(q protocol.MapNear) *protocol.MapNearResult {
	return fetch[protocol.MapNearResult](in, protocol.OpMapNear, q)
}

// Along is where each row lies on an axis.
func (in *Input) Along(q protocol.MapAxis) *protocol.Array {
	return fetch[protocol.Array](in, protocol.OpMapAxis, q)
}

// Sets compares two sets of rows.
func (in *Input) Sets(q protocol.MapSets) *protocol.MapSetsResult {
	return fetch[protocol.MapSetsResult](in, protocol.OpMapSets, q)
}

// Quality is how true a map is.
func (in *Input) Quality(q protocol.MapQuality) *protocol.MapQualityResult {
	return fetch[protocol.MapQualityResult](in, protocol.OpMapQuality, q)
}

// Match are the rows whose names match a regular expression.
func (in *Input) Match(q protocol.MapFind) *protocol.MapFindResult {
	return fetch[protocol.MapFindResult](in, protocol.OpMapFind, q)
}

// Agree is how alike two maps are.
func (in *Input) Agree(q protocol.MapAgree) *protocol.MapAgreeResult {
	return fetch[protocol.MapAgreeResult](in, protocol.OpMapAgree, q)
}
