// Package view is the table of views. A view is one folder and one row here.
package view

import (
	"slices"

	"loupe/app/figure"
	"loupe/engine/activation"
	"loupe/engine/protocol"
)

// View draws named activations.
type View struct {
	ID    string   // in the address, and "tab.<ID>" in the catalogue
	Needs []string // globs: the model must record one that matches each alternative group; empty = any model
	Draw  func(*figure.Input) figure.Figure
}

// Table is all views, in the order of the tabs.
var Table = []View{}

// Fits reports whether the model records what the view needs: at least one activation that one of the globs matches.
func (v *View) Fits(m *protocol.Model) bool {
	return len(v.Needs) == 0 || slices.ContainsFunc(m.Acts, func(a protocol.Act) bool { return activation.MatchAny(v.Needs, a.Name) })
}
