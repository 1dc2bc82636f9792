package words

import (
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// runs reports whether the map is made by iterations.
func (d *drawing) runs() bool {
	m := d.m.Spec.Layout.Method
	return m == "tsne" || m == "exact"
}

// runPanel is the strip: what there is to do to the run, how far it is, and how true the map is.
func (d *drawing) runPanel() figure.Panel {
	s := d.strip()
	q := d.quality()
	p := figure.Panel{ID: "run", Class: "wd-run", Width: s.w, Height: s.h, Label: d.t("run.label"), Controls: d.runControls()}
	p.Under = d.buttons(s)
	p.SVG = d.stripMarks(s, q)
	p.Live = func() string { return d.stripMarks(s, q) }
	p.Table = d.runTable(q)
	return p
}

func (d *drawing) runControls() []figure.Control {
	tool := d.radio("tool", d.opt("tool", "move"), "move", "lasso", "box")
	tool.Lead = true
	open := "1"
	if d.opt("settings", "") == "1" {
		open = ""
	}
	c := []figure.Control{tool}
	for _, what := range []string{"csv", "tsv", "npy", "near"} {
		c = append(c, figure.Control{Kind: "button", Key: "do:" + figure.DoSave + what + " 0", Label: d.t("save." + what), Tip: d.t("save." + what + ".tip")})
	}
	return append(c, figure.Control{Kind: "button", Key: "o.words.settings=" + open, Label: d.t("settings" + map[string]string{"": ".close"}[open])})
}

// buttons are what begins and ends the run. They stay where they are while the strip moves.
func (d *drawing) buttons(s strip) string {
	if !s.curve {
		return ""
	}
	var b svg.Builder
	verb, icon := "run", "M21 8l9 6l-9 6z"
	say := verb
	if d.m.Frame != nil && d.m.Frame.Done {
		say = "again"
	}
	if d.m.Running {
		say = "pause"
		verb, icon = "pause", "M19.5 9h3.4v10h-3.4zM27.1 9h3.4v10h-3.4z"
	}
	top := 22 - s.button/2
	d.knob(&b, 0, top, 50, s.button, verb, say, icon, 0)
	d.knob(&b, 54, top, s.button, s.button, "step", "step", "M10 9l7 5l-7 5zM18 9h2v10h-2z", (s.button-28)/2)
	d.knob(&b, 58+s.button, top, s.button, s.button, "restart", "restart", "M14 8.5a5.5 5.5 0 1 0 5.5 5.5h-1.8a3.7 3.7 0 1 1-3.7-3.7v2.6l4.2-3.4l-4.2-3.4z", (s.button-28)/2)
	return b.String()
}

func (d *drawing) knob(b *svg.Builder, x, y, w, h float64, verb, say, icon string, shift float64) {
	b.Open("wd-knob", "data-do", figure.DoMap+verb+" 0", "data-tip", d.t("run."+say), "role", "button", "aria-label", d.t("run."+say))
	b.Rect(x, y, w, h, "", "rx", "4")
	b.Path(icon, "", "transform", "translate("+svg.N(x+shift)+","+svg.N(y+(h-28)/2)+")")
	b.Close()
}

// quality is how true the map is, measured when it rests; nil until then.
func (d *drawing) quality() *protocol.MapQualityResult {
	iter := d.m.RestIter()
	if iter < 0 || d.m.ID == 0 || d.n < 4 {
		return nil
	}
	return d.in.Quality(protocol.MapQuality{Map: d.m.ID, Layout: d.m.Spec.Layout, K: min(12, (d.n-1)/2), Kept: min(10, d.n-1), Sample: 1000, Iter: iter})
}

// fact is a figure of the strip.
type fact struct{ name, value, sub, tip string }

func (d *drawing) measures(q *protocol.MapQualityResult) (out []fact) {
	l, f := &d.m.Spec.Layout, d.m.Frame
	if d.runs() {
		p := f.Perplexity
		if p == 0 {
			p = l.Perplexity
		}
		out = append(out, fact{d.t("perp"), strconv.FormatFloat(p, 'g', 4, 64), d.t("run.seed", strconv.FormatUint(l.Seed, 10)), d.t("perp.tip")})
	}
	trust, cont, kept, of := "–", "–", "–", ""
	if q != nil {
		trust, cont = svg.Fixed(float64(q.Trust), 3), svg.Fixed(float64(q.Continuity), 3)
		kept = svg.Fixed(100*float64(q.Kept), 0) + "\u00a0%"
		if q.Rows < d.n {
			of = "\n" + d.t("run.sample", svg.Count(q.Rows))
		}
	} else if d.m.Running {
		of = "\n" + d.t("run.rest")
	}
	k, k10 := d.t("run.nearest", min(12, max(1, (d.n-1)/2))), d.t("run.nearest", min(10, max(1, d.n-1)))
	return append(out, fact{d.t("run.trust"), trust, k, d.t("run.trust.tip") + of}, fact{d.t("run.continuity"), cont, k, d.t("run.continuity.tip") + of},
		fact{d.t("run.kept"), kept, k10, d.t("run.kept.tip") + of})
}

func (d *drawing) runTable(q *protocol.MapQualityResult) *figure.Table {
	if d.m.Frame == nil {
		return nil
	}
	t := &figure.Table{Head: []string{d.t("th.measure"), d.t("th.value")}}
	for _, f := range d.measures(q) {
		t.Rows = append(t.Rows, []string{f.name, f.value})
	}
	if d.runs() && len(d.m.Curve) > 0 {
		c := d.m.Curve[len(d.m.Curve)-1]
		t.Rows = append(t.Rows, []string{d.t("run.iteration"), svg.Count(c.Iter)}, []string{"KL", svg.Fixed(float64(c.KL), 3)})
	}
	for i, e := range d.m.Frame.Explained {
		t.Rows = append(t.Rows, []string{d.t("component", i+1), svg.Percent(float64(e))})
	}
	return t
}

// waits is what is being done before the first iteration.
func (d *drawing) waits() string {
	if s := d.stage(); s != "" || d.m.Err != nil {
		return s
	}
	return d.t("run.begins")
}

// stage is what is being done before there is a frame, and how far it is; "" if nothing is.
func (d *drawing) stage() string {
	s := d.m.Step
	if s == nil || !d.m.Running {
		return ""
	}
	text := d.t("stage")
	if d.l.Has("words.stage." + s.Stage) {
		text = d.t("stage." + s.Stage)
	}
	if s.Total > 0 && s.Done <= s.Total {
		return text + " " + svg.Fixed(100*s.Done/s.Total, 0) + "\u00a0%"
	}
	return text
}
