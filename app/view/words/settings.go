package words

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// settingsPanel is how the map is made. It is folded away until it is asked for; all of it holds before and during a run.
func (d *drawing) settingsPanel() figure.Panel {
	p := figure.Panel{ID: "settings", Class: "wd-settings"}
	if src := d.sources(); !several(src) {
		p.Controls = append(p.Controls, src)
	}
	l := d.layout()
	p.Controls = append(p.Controls,
		d.numeric("max", float64(d.points().Max), 100, 100_000, 100, 0),
		d.choice("select", "metric", l.Metric, "cosine", "euclidean"),
		d.switched("centre"), d.switched("unit"))
	if d.runs() {
		p.Controls = append(p.Controls,
			d.numeric("comps", float64(l.Components), 0, 1000, 1, 0),
			d.numeric("perp", l.Perplexity, 1, 500, 1, 0),
			d.numeric("rate", d.rate(), 0, 100_000, 10, 0),
			d.numeric("exag", l.Exaggeration, 1, 100, 1, 0),
			d.numeric("exagfor", float64(l.ExaggerationFor), 0, 10_000, 10, 0),
			d.numeric("iters", float64(l.Iterations), 1, 100_000, 50, 0),
			d.choice("select", "init", l.Init, "pca", "random"),
			d.numeric("seed", float64(l.Seed), 0, 1<<40, 1, 0))
	}
	if keys := d.set(); len(keys) > 0 {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: strings.Join(keys, "&"), Label: d.t("settings.usual"), Tip: d.t("settings.usual.tip")})
	}
	return p
}

// rate is the learning rate as it is used: that of the state, or what follows from the number of rows.
func (d *drawing) rate() float64 {
	if r := d.number("rate", 0, 0, 1e6); r > 0 || d.m.Frame == nil {
		return r
	}
	return d.m.Frame.Rate
}

func (d *drawing) numeric(key string, v, lo, hi, step float64, decimals int) figure.Control {
	return figure.Control{Kind: "number", Key: "o.words." + key, Label: d.t(key), Value: strconv.FormatFloat(v, 'f', decimals, 64),
		Min: lo, Max: hi, Step: step, Decimals: decimals, Tip: d.about(key)}
}

// settingKeys are what the settings set.
var settingKeys = []string{"max", "metric", "centre", "unit", "comps", "perp", "rate", "exag", "exagfor", "iters", "init", "seed"}

// set are the pairs that take back what was set.
func (d *drawing) set() (out []string) {
	for _, k := range settingKeys {
		if d.opt(k, "") != "" {
			out = append(out, "o.words."+k+"=")
		}
	}
	return out
}

// sources is what is mapped, where the model has it.
func (d *drawing) sources() figure.Control {
	c := d.choice("select", "src", d.points().Source, "input", "output", "both", "context")
	m := d.in.Model
	for i := range c.Options {
		o := &c.Options[i]
		switch o.Value {
		case "input", "both":
			if m.OneHot {
				o.Disabled = d.t("src.no-input")
			}
		}
		switch o.Value {
		case "output", "both":
			if !m.Logits {
				o.Disabled = d.t("src.no-output")
			}
		case "context":
			if !reads(m) {
				o.Disabled = d.t("src.no-layers")
			}
		}
	}
	return c
}

// several reports whether there is something to choose.
func several(c figure.Control) bool {
	n := 0
	for _, o := range c.Options {
		if o.Disabled == "" {
			n++
		}
	}
	return n > 1
}

// reads reports whether a model has states of tokens in a text.
func reads(m *protocol.Model) bool {
	return slices.ContainsFunc(m.Acts, func(a protocol.Act) bool {
		return strings.HasSuffix(a.Name, ".resid_post") || strings.HasSuffix(a.Name, ".hidden")
	})
}
