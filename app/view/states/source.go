package states

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// Needs is what a model must record for this view: one value a unit and token, in layers.
var Needs = []string{".hidden", ".cell", ".resid_post", ".mlp.post"}

// choices are the endings that the view draws, in the order in which it offers them. Those of cells come first, then
// those of blocks; a layer has the ones that its model records.
var choices = []string{"hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate", "reset_gate", "update_gate",
	"new_gate", "resid_post", "resid_mid", "resid_cross", "attn_out", "cross_attn_out", "mlp_out", "mlp.pre", "mlp.post"}

// draws reports whether the view draws activations of that ending: of a recorded set, whatever its files call them.
func draws(m *protocol.Model, what string) bool {
	return m.Recorded > 0 || slices.Contains(choices, what)
}

// endings are choices and, of a recorded set, what else a layer has.
func endings(m *protocol.Model) []string {
	if m.Recorded == 0 {
		return choices
	}
	all := slices.Clone(choices)
	for _, a := range m.Acts {
		if _, _, w, ok := parts(a.Name); ok && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

// preferred is what is drawn before anything is chosen: what a layer hands on. (A cell may grow over a text without bound,
// so that its scale hides most of it; it comes first only where the text has nested brackets.)
var preferred = []string{"hidden", "resid_post", "mlp.post"}

// source is the activation that the plot draws.
type source struct {
	stem   string   // "layers" or "blocks", of an encoder-decoder "decoder.layers"
	layer  int      // of those that have what
	dir    string   // "forward." or "backward." of a layer that reads in both directions, or ""
	what   string   // its ending
	units  int      // in one position
	whats  []string // what the layer has
	dirs   []string // the directions that it has, "" among them for both together
	layers int
}

// name is the activation's.
func (s source) name() string { return s.of(s.what) }

// of is another activation of the same layer.
func (s source) of(what string) string {
	return s.stem + "." + strconv.Itoa(s.layer) + "." + s.dir + what
}

// post reports whether the blocks normalise what they added, so that the stream begins anew there.
func (s source) post(m *protocol.Model) bool {
	mid := index(m, s.of("resid_mid"))
	return mid >= 0 && index(m, s.of("ln1.normalized")) > mid
}

// index is the place of an activation in the order of the model, or -1.
func index(m *protocol.Model, name string) int {
	return slices.IndexFunc(m.Acts, func(a protocol.Act) bool { return a.Name == name })
}

// parts splits "layers.1.cell" or "decoder.layers.1.cell"; ok is false for names without a layer.
func parts(name string) (stem string, layer int, what string, ok bool) {
	half, own := axis.Half(name)
	stem, rest, _ := strings.Cut(own, ".")
	number, what, ok := strings.Cut(rest, ".")
	layer, err := strconv.Atoi(number)
	return half + stem, layer, what, ok && err == nil
}

// direction splits "forward.cell".
func direction(what string) (dir, rest string) {
	for _, dir := range []string{"forward.", "backward."} {
		if rest, ok := strings.CutPrefix(what, dir); ok {
			return dir, rest
		}
	}
	return "", what
}

// width is how many units an activation has in one position, or 0 if it is not [position, unit].
func width(m *protocol.Model, name string) int {
	for _, a := range m.Acts {
		if a.Name == name && !a.Heads && len(a.Inner) == 1 {
			return a.Inner[0]
		}
	}
	return 0
}

// find chooses the source: what, direction and layer as they are wished, or the nearest that the model has. units is 0 if it
// has none.
func find(m *protocol.Model, what, dir string, layer int) source {
	s := source{layer: layer}
	for _, a := range m.Acts {
		stem, l, w, ok := parts(a.Name)
		_, w = direction(w)
		if ok && draws(m, w) && width(m, a.Name) > 0 && (s.stem == "" || s.stem == stem) {
			s.stem, s.layers = stem, max(s.layers, l+1)
		}
	}
	if s.layer < 0 || s.layer >= s.layers {
		s.layer = s.layers - 1
	}
	for _, way := range []string{"", "forward.", "backward."} {
		if s.dir = way; slices.ContainsFunc(endings(m), func(w string) bool { return width(m, s.of(w)) > 0 }) {
			s.dirs = append(s.dirs, way)
		}
	}
	if s.dir = dir; !slices.Contains(s.dirs, dir) && len(s.dirs) > 0 {
		s.dir = s.dirs[0]
	}
	for _, w := range endings(m) {
		if width(m, s.of(w)) > 0 {
			s.whats = append(s.whats, w)
		}
	}
	for _, w := range append([]string{what}, preferred...) {
		if slices.Contains(s.whats, w) {
			s.what = w
			break
		}
	}
	if s.what == "" && len(s.whats) > 0 {
		s.what = s.whats[0]
	}
	s.units = width(m, s.name())
	return s
}

// named is the source of an activation's name; units is 0 if the view does not draw it.
func named(m *protocol.Model, name string) source {
	stem, layer, rest, ok := parts(name)
	dir, what := direction(rest)
	if !ok || !draws(m, what) {
		return source{}
	}
	return source{stem: stem, layer: layer, dir: dir, what: what, units: width(m, name)}
}

// others are the sources that stand below the first, by their names.
func others(m *protocol.Model, chief source, names string) (out []source) {
	seen := []string{chief.name()}
	for _, name := range strings.Split(names, ",") {
		if s := named(m, name); s.units > 0 && len(out) < further && !slices.Contains(seen, name) {
			out, seen = append(out, s), append(seen, name)
		}
	}
	return out
}

// offered are the names of all sources that a model has, in its order.
func offered(m *protocol.Model) (names []string) {
	for _, a := range m.Acts {
		if named(m, a.Name).units > 0 {
			names = append(names, a.Name)
		}
	}
	return names
}
