package states

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/plot"
	"loupe/app/svg"
)

// term is one activation that takes part in making the selected unit's value.
type term struct {
	what  string
	v     []float32 // over the text
	scale bounds
}

// recipe is how a layer makes the unit's value: which activations, and the equation that holds between them.
type recipe struct {
	title string   // key of the heading
	whats []string // the rows, in order
	one   bool     // all rows share one scale, for they are added
	// miss is by how much the equation fails at token t: v are the rows' values. nil: no equation.
	miss func(v map[string][]float32, t int) float64
	math func(d *drawing, v map[string][]float32) [][]string // the equations at now, each in lines: symbols, then numbers
	post bool                                                // of blocks that normalise after adding (BERT), and of no others
}

var recipes = []recipe{
	// Of blocks that look at a source, too, which come before the others'.
	{title: "states.stream", whats: []string{"ln_cross.normalized", "mlp_out", "resid_post"}, one: true, miss: sumMiss("ln_cross.normalized", "mlp_out"),
		math: sumMath("ln_cross.normalized", "mlp_out"), post: true},
	{title: "states.stream", whats: []string{"resid_pre", "attn_out", "cross_attn_out", "mlp_out", "resid_post"}, one: true,
		miss: sumMiss("resid_pre", "attn_out", "cross_attn_out", "mlp_out"), math: sumMath("resid_pre", "attn_out", "cross_attn_out", "mlp_out")},

	{title: "states.gates", whats: []string{"input_gate", "forget_gate", "cell_gate", "cell", "output_gate", "hidden"}, miss: lstmMiss, math: lstmMath},
	{title: "states.gates", whats: []string{"reset_gate", "update_gate", "new_gate", "hidden"}, miss: gruMiss, math: gruMath},
	{title: "states.stream", whats: []string{"ln1.normalized", "mlp_out", "resid_post"}, one: true, miss: sumMiss("ln1.normalized", "mlp_out"),
		math: sumMath("ln1.normalized", "mlp_out"), post: true},
	{title: "states.stream", whats: []string{"resid_pre", "attn_out", "mlp_out", "resid_post"}, one: true, miss: sumMiss("resid_pre", "attn_out", "mlp_out"),
		math: sumMath("resid_pre", "attn_out", "mlp_out")},
	{title: "states.mlp", whats: []string{"mlp.pre", "mlp.post"}},
}

// recipe is the first that the layer has whole and that the unit drawn takes part in, with its terms; nil if there is
// none or it is still computed. Of an LSTM with projections the hidden state has other units than the cell: it is left out.
func (d *drawing) recipe() (*recipe, []term) {
	for _, r := range recipes {
		if r.has(d) {
			if d.in.Model.Seq != nil && !r.one { // it begins at another's state, or reads backwards
				r.miss = nil
			}
			return &r, r.terms(d)
		}
	}
	return nil, nil
}

func (r *recipe) has(d *drawing) bool {
	units, own := 0, false
	if r.one && r.post != d.src.post(d.in.Model) {
		return false
	}
	for i, w := range r.whats {
		n := width(d.in.Model, d.src.of(w))
		if w == "hidden" && n != units && i > 0 { // projected
			continue
		}
		if n == 0 || units > 0 && n != units {
			return false
		}
		units, own = n, own || w == d.src.what || r.one && (d.src.what == "resid_mid" || r.post && d.src.what == "attn_out")
	}
	return own && units == d.src.units
}

// shown are the rows that the layer has.
func (r *recipe) shown(d *drawing) (whats []string) {
	for _, w := range r.whats {
		if width(d.in.Model, d.src.of(w)) == d.src.units {
			whats = append(whats, w)
		}
	}
	return whats
}

// terms are the rows with their values, or nil while they are computed.
func (r *recipe) terms(d *drawing) []term {
	var out []term
	var all [][]float32
	for _, w := range r.shown(d) {
		v := d.of(d.raw, d.unit)
		if w != d.src.what {
			v = d.series(d.src.of(w), d.unit)
		}
		if v == nil {
			return nil
		}
		out, all = append(out, term{w, v, boundsOf(w, v)}), append(all, v)
	}
	for i := range out {
		if r.one {
			out[i].scale = boundsOf("", all...)
			out[i].scale.lo = -out[i].scale.top()
			out[i].scale.hi = out[i].scale.top()
		}
	}
	return out
}

func values(terms []term) map[string][]float32 {
	m := map[string][]float32{}
	for _, t := range terms {
		m[t.what] = t.v
	}
	return m
}

// Heights of the rows and of the heading above them.
const (
	gateH     = 22
	gatesHead = 24
)

// gates are the rows of the selected unit's recipe, under a heading.
func (d *drawing) gates() []band {
	r, terms := d.recipe()
	switch {
	case r == nil:
		return nil
	case terms == nil: // they are computed: what stands below keeps its place
		out := []band{{h: gatesHead, side: func(*svg.Builder, float64) {}}}
		for range r.shown(d) {
			out = append(out, band{h: gateH, side: func(*svg.Builder, float64) {}})
		}
		return out
	}
	title := d.l.T(r.title, d.unit)
	out := []band{{h: gatesHead, side: func(b *svg.Builder, y float64) {
		b.Line(0, y+1, d.cols.Right(), y+1, "ax")
		b.Text(0, y+19, title, "s13 b")
		if d.in.Touch {
			return
		}
		names := make([]string, len(terms))
		for i, t := range terms {
			names[i] = t.what
		}
		x := 16 + plot.Width(title, 13)
		b.Text(x, y+19, d.src.of("{"+strings.Join(names, ", ")+"}")+"["+strconv.Itoa(d.unit)+"]", "m halo")
	}}}
	for _, t := range terms {
		out = append(out, d.bars(t))
	}
	return out
}

// bars is a row of one bar a token, from zero.
func (d *drawing) bars(t term) band {
	const h = gateH
	lo, hi := t.scale.ends()
	return band{label: d.l.T("states.what." + t.what), h: h, value: func(i int) string { return t.scale.text(float64(t.v[i])) },
		scale: d.l.T("states.ends", lo, hi),
		draw: func(b *svg.Builder, y float64) {
			zero := t.scale.y(0, y+3, h-6)
			var up, down pen
			for i, v := range t.v {
				v := float64(v)
				if !finite(v) {
					continue
				}
				to := &up
				if v < 0 {
					to = &down
				}
				to.bar(d.cols.Edge(i)+1, d.cols.Pitch-2, zero, t.scale.y(v, y+3, h-6))
			}
			if t.scale.lo >= 0 {
				b.Path(string(up), "st-gate")
			} else {
				b.Path(string(up), "up")
				b.Path(string(down), "down")
			}
			b.Line(d.cols.Left, zero, d.cols.Right(), zero, "ax")
		}}
}

// before is a series at the token before t; a cell begins at 0.
func before(v []float32, t int) float64 {
	if t == 0 {
		return 0
	}
	return float64(v[t-1])
}

// lstmMiss: c_t = f c_t-1 + i g and h_t = o tanh(c_t) (PyTorch, torch.nn.LSTM).
func lstmMiss(v map[string][]float32, t int) float64 {
	at := func(what string) float64 { return float64(v[what][t]) }
	c := at("cell") - (at("forget_gate")*before(v["cell"], t) + at("input_gate")*at("cell_gate"))
	if v["hidden"] == nil {
		return math.Abs(c)
	}
	return max(math.Abs(c), math.Abs(at("hidden")-at("output_gate")*math.Tanh(at("cell"))))
}

// gruMiss: h_t = (1 − z) n + z h_t-1 (PyTorch, torch.nn.GRU).
func gruMiss(v map[string][]float32, t int) float64 {
	z := float64(v["update_gate"][t])
	return math.Abs(float64(v["hidden"][t]) - ((1-z)*float64(v["new_gate"][t]) + z*before(v["hidden"], t)))
}

// sumMiss: what a block keeps and what it adds is what it hands on. (One that normalises after adding keeps what it normalised before the MLP reads it.)
func sumMiss(parts ...string) func(v map[string][]float32, t int) float64 {
	return func(v map[string][]float32, t int) float64 {
		sum := 0.
		for _, what := range parts {
			sum += float64(v[what][t])
		}
		return math.Abs(float64(v["resid_post"][t]) - sum)
	}
}
