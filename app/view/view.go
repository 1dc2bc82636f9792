// Package view is the table of views. A view is one folder and one row here.
package view

import (
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/view/attention"
	"loupe/app/view/prediction"
	"loupe/app/view/start"
	"loupe/app/view/states"
	"loupe/app/view/translate"
	"loupe/app/view/words"
	"loupe/engine/protocol"
)

// View draws named activations.
type View struct {
	ID     string   // in the address, and "tab.<ID>" in the catalogue
	Needs  []string // endings of activation names (".attn.pattern"): the model must record one of them; none = any model
	NoText bool     // it draws something where there is no text, too
	Draw   func(*figure.Input) figure.Figure
}

// Table is all views, in the order of the tabs.
var Table = []View{
	{ID: "", Draw: start.Draw},
	{ID: "words", NoText: true, Draw: words.Draw},
	{ID: "states", Needs: states.Needs, Draw: states.Draw},
	{ID: "attention", Needs: attention.Needs, Draw: attention.Draw},
	{ID: "prediction", Needs: prediction.Needs, Draw: prediction.Draw},
	{ID: "translate", Draw: translate.Draw},
}

// Fits reports whether the model records what the view needs: at least one activation with one of the endings.
func (v *View) Fits(m *protocol.Model) bool {
	if m.Recorded > 0 { // no model, but its states, and perhaps the embedding
		return v.ID == "" || v.ID == "states" || v.ID == "words" && m.Embed > 0
	}
	if v.ID == "translate" {
		return m.Seq != nil
	}
	return len(v.Needs) == 0 || slices.ContainsFunc(m.Acts, func(a protocol.Act) bool {
		return slices.ContainsFunc(v.Needs, func(end string) bool { return strings.HasSuffix(a.Name, end) })
	})
}
