package words

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
)

// differing are the choices in which a second map may differ from the first; "model" is another model's ID.
var differing = []string{"seed", "perp", "by", "src", "model", "lay", "rate", "exag", "exagfor", "iters", "metric", "centre", "unit", "comps", "init", "max"}

// parseTwo reads "seed=8,perp=5": what the second map has otherwise. What it does not know is left out.
func parseTwo(text string) map[string]string {
	out := map[string]string{}
	for _, f := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '，' }) {
		k, v, ok := strings.Cut(f, "=")
		if ok && v != "" && slices.Contains(differing, k) {
			out[k] = v
		}
	}
	return out
}

// formatTwo writes what parseTwo reads, in the order of differing.
func formatTwo(over map[string]string) string {
	var out []string
	for _, k := range differing {
		if v, ok := over[k]; ok {
			out = append(out, k+"="+v)
		}
	}
	return strings.Join(out, ",")
}

// second is the panel of the second map; nil if there is none.
func (d *drawing) second() *figure.Panel {
	over := parseTwo(d.opt("two", ""))
	if len(over) == 0 {
		return nil
	}
	e := d.other(over)
	d.two = e
	e.beside = &figure.Panel{} // both are as wide
	w, h := e.mapSize()
	p := &figure.Panel{ID: "map2", Class: "wd-map wd-second", Title: []figure.Span{{Text: d.t("side.two.title")}}, Width: w, Height: h, Controls: d.twoControls(over)}
	switch {
	case e.m == nil:
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.two.none")})}
		return p
	case e.m.Err != nil:
		p.HTML = e.failed(e.m.Err)
		return p
	}
	p.Busy = e.stage()
	if e.p == nil || e.n == 0 {
		return p
	}
	p.Names, p.Table = e.tensor(), e.table()
	p.Label = d.t("side.two.label", formatTwo(over))
	if e.m.Frame != nil {
		p.Scatter = d.linked(e)
	}
	if e.runs() {
		p.HTML = []figure.Block{{Kind: "html", HTML: e.runLine()}}
	}
	return p
}

// runLine is how far the second map's run is, and what can be done to it.
func (d *drawing) runLine() string {
	verb, say, text := "run", "run", ""
	switch f := d.m.Frame; {
	case d.m.Running:
		verb, say = "pause", "pause"
	case f != nil:
		text = d.t("side.two.run", svg.Fixed(float64(f.KL), 2), svg.Count(f.Iter))
		if f.Done {
			say = "again"
		}
	}
	do := func(verb, say string) string {
		return ` <button type="button" class="wd-act" data-do="` + figure.DoMap + verb + ` 1">` + svg.Esc(d.t("run."+say)) + `</button>`
	}
	line := `<p class="wd-acts">` + svg.Esc(text) + do(verb, say)
	if say != "again" {
		line += do("restart", "restart")
	}
	return line + "</p>"
}

// other is the drawing of the second map: the same state but for what differs. What is chosen and selected is the same, where it is there.
func (d *drawing) other(over map[string]string) *drawing {
	st := d.in.State.Clone()
	for k, v := range over {
		if k != "model" {
			st.Opts["words."+k] = v
		}
	}
	if over["model"] != "" || over["src"] != "" { // its points are others
		delete(st.Opts, "words.iso")
	}
	st.Opts["words.sum"] = cmp.Or(d.sum().typed, "=") // "=": none
	in := *d.in
	in.State = st
	e := &drawing{in: &in, l: d.l, row: -1, focus: -1, wide: d.wide, mainW: d.mainW, sideW: d.sideW, slot: 1, model: over["model"]}
	e.open()
	if e.p == nil {
		return e
	}
	to := d.pairs(e).to
	pick := func(row int) int {
		if row < 0 {
			return -1
		}
		return to[row]
	}
	e.row, e.focus = pick(d.row), pick(d.focus)
	for _, r := range d.sel {
		if t := pick(r); t >= 0 {
			e.sel = append(e.sel, t)
		}
	}
	slices.Sort(e.sel)
	return e
}

// linked is the second map's picture: what lights up, is chosen or selected there is so in the first.
func (d *drawing) linked(e *drawing) *figure.Scatter {
	p := d.pairs(e)
	s := e.scatter(e.colours())
	s.Cam, s.CamKey = d.opt("cam2", ""), "o.words.cam2"
	s.Hover = func(row int) string {
		if a := p.from[row]; a >= 0 {
			return d.h(a)
		}
		return "x" + strconv.Itoa(e.m.Point(row))
	}
	s.Row = func(h string) int {
		if a := d.rowOfH(h); a >= 0 {
			return p.to[a]
		}
		return -1
	}
	s.Set = func(row int, add bool) string {
		if a := p.from[row]; a >= 0 {
			return d.clicked(a, add)
		}
		return ""
	}
	s.Loop = func(rows []int, mode string) string {
		var own []int
		for _, r := range rows {
			if a := p.from[r]; a >= 0 {
				own = append(own, a)
			}
		}
		return d.looped(own, mode)
	}
	return s
}

// twoControls choose what differs, and how.
func (d *drawing) twoControls(over map[string]string) []figure.Control {
	what := ""
	for _, k := range differing {
		if _, ok := over[k]; ok {
			what = k
			break
		}
	}
	now := formatTwo(over)
	first := figure.Control{Kind: "select", Key: "o.words.two", Label: d.t("side.two.differs"), Value: now}
	for _, k := range d.canDiffer(what) {
		v := d.otherwise(k)[0]
		if k == what {
			first.Options = append(first.Options, figure.Option{Value: now, Label: d.t("side.two." + k)})
		} else {
			first.Options = append(first.Options, figure.Option{Value: k + "=" + v, Label: d.t("side.two." + k)})
		}
	}
	second := figure.Control{Kind: "select", Key: "o.words.two", Label: d.t("side.two." + what), Value: now}
	values := d.otherwise(what)
	if !slices.Contains(values, over[what]) {
		values = append([]string{over[what]}, values...)
	}
	for _, v := range values {
		next := map[string]string{what: v}
		for k, v := range over {
			if k != what {
				next[k] = v
			}
		}
		second.Options = append(second.Options, figure.Option{Value: formatTwo(next), Label: d.valueName(what, v)})
	}
	return []figure.Control{first, second,
		{Kind: "button", Key: "o.words.two=", Label: d.t("side.two.close")}}
}

// canDiffer are the choices that are offered: those of which there is another value here. now is the one that is chosen.
func (d *drawing) canDiffer(now string) (out []string) {
	for _, k := range differing {
		offered := slices.Contains([]string{"seed", "perp", "by", "src", "lay", "model", "metric"}, k)
		if (offered || k == now) && len(d.otherwise(k)) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// otherwise are values of a choice that the first map does not have.
func (d *drawing) otherwise(key string) (out []string) {
	l := d.m.Spec.Layout
	var all []string
	now := d.opt(key, "")
	switch key {
	case "seed":
		all, now = []string{"8", "9", "10", "11", "12"}, strconv.FormatUint(l.Seed, 10)
	case "perp":
		all, now = []string{"5", "10", "30", "50", "100"}, strconv.FormatFloat(l.Perplexity, 'f', -1, 64)
	case "by":
		all, now = []string{"pca", "tsne", "axes", "exact"}, d.method()
	case "metric":
		all, now = []string{"cosine", "euclidean"}, l.Metric
	case "src":
		if now = d.m.Spec.Points.Source; now != "context" && d.in.Model.Logits {
			all = []string{"output", "input", "both"}
		}
	case "lay":
		if k := d.ladder(); k != nil {
			now = strconv.Itoa(k.layers[d.rung(k)])
			for _, l := range k.layers {
				all = append(all, strconv.Itoa(l))
			}
		}
	case "model":
		now = d.in.State.Model
		for _, c := range d.in.Cards {
			if c.Runs && (c.Layers > 0 || !d.contexts()) {
				all = append(all, c.ID)
			}
		}
	default:
		all = []string{now}
		now = ""
	}
	for _, v := range all {
		if v != now {
			out = append(out, v)
		}
	}
	return out
}

// valueName is a value in words.
func (d *drawing) valueName(key, v string) string {
	if key == "model" {
		for _, c := range d.in.Cards {
			if c.ID == v {
				if t := c.Title[d.l.Code]; t != "" {
					return t
				}
			}
		}
	}
	if n, err := strconv.Atoi(v); err == nil && key == "lay" {
		return d.layerName(n)
	}
	if d.l.Has("words." + key + "." + v) {
		return d.t(key + "." + v)
	}
	return v
}
