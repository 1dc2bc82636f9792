package service

import (
	"fmt"
	"slices"
	"strings"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// occurrence is a token whose hidden states are asked for: token pos of a passage, and the bytes of its word there.
type occurrence struct{ passage, pos, start, end int }

// contexts gives the hidden states of tokens in a text.
func (s *Service) contexts(j *desk.Job, b protocol.Points) (*protocol.PointsResult, error) {
	names, dim, err := s.layers(&b)
	if err != nil {
		return nil, err
	}
	p, err := s.passages(b.Text, names)
	if err != nil {
		return nil, err
	}
	all := p.find(b.Word)
	if len(all) == 0 {
		return nil, &protocol.Error{Code: "no-occurrence", Where: b.Word, Detail: fmt.Sprintf("service: no word %q in the text", b.Word)}
	}
	r := &protocol.PointsResult{Dim: dim, Total: len(all), Warnings: p.warnings}
	if most := min(max(b.Max, 1), room(len(names)*dim)); len(all) > most {
		drawn := make([]occurrence, most)
		for i := range drawn {
			drawn[i] = all[i*len(all)/most]
		}
		all = drawn
		r.Warnings = append(r.Warnings, protocol.Warning{Code: "contexts-sampled", What: fmt.Sprint(r.Total), N: most})
	}
	vectors, err := s.hiddenStates(j, p, all, names, dim)
	if err != nil {
		return nil, err
	}
	s.describeContexts(r, p, all, b)
	r.N, r.Tensor = len(names)*len(all), strings.Join(patterns(names), ", ")
	r.Held = s.hold(vectors)
	return r, nil
}

// layers are the activations of the layers that are asked for, by default of all that are as wide as the last; b.Layers becomes their
// numbers.
func (s *Service) layers(b *protocol.Points) (names []string, dim int, err error) {
	if len(b.Layers) == 0 {
		last := s.act(s.layerAct(s.info.Layers - 1)).Inner[0]
		b.Layers = nil
		for l := -1; l < s.info.Layers; l++ {
			if s.act(s.layerAct(l)).Inner[0] == last {
				b.Layers = append(b.Layers, l)
			}
		}
	}
	for _, l := range b.Layers {
		if l < -1 || l >= s.info.Layers {
			return nil, 0, desk.BadRequest("layers", fmt.Sprintf("-1 to %d", s.info.Layers-1), l)
		}
		name := s.layerAct(l)
		width := s.act(name).Inner[0]
		if dim > 0 && width != dim {
			return nil, 0, desk.BadRequest("layers", fmt.Sprintf("layers of one width, %d", dim), fmt.Sprintf("%d of %s", width, name))
		}
		if slices.Contains(names, name) {
			return nil, 0, desk.BadRequest("layers", "each layer once", l)
		}
		names, dim = append(names, name), width
	}
	return names, dim, nil
}

// layerAct is the name of what layer l hands on: layers.L.hidden of cells, and of a block what it computes last: resid_post, or what its
// last norm makes of it (BERT). -1 is the embedding.
func (s *Service) layerAct(l int) (name string) {
	name = "embed"
	for i := range s.info.Acts {
		a := &s.info.Acts[i]
		if a.Name == fmt.Sprintf("layers.%d.hidden", l) || !a.Heads && strings.HasPrefix(a.Name, fmt.Sprintf("blocks.%d.", l)) {
			name = a.Name
		}
	}
	return name
}

// patterns are names with those that differ in the layer alone put together: blocks.*.resid_post.
func patterns(names []string) (out []string) {
	if len(names) == 1 {
		return names
	}
	for _, name := range names {
		if f := strings.SplitN(name, ".", 3); len(f) == 3 {
			name = f[0] + ".*." + f[2]
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// hiddenStates runs the passages that have occurrences, each by itself and without changes, and returns the activations names
// [names, all, dim] there.
func (s *Service) hiddenStates(j *desk.Job, p *passages, all []occurrence, names []string, dim int) ([]byte, error) {
	vectors := make([]byte, 4*len(names)*len(all)*dim)
	for i := 0; i < len(all); {
		at := all[i].passage
		rec := activation.NewRecorder(names...)
		if err := s.model.Forward(s.model.NewState(), nn.Input{IDs: p.list[at].ids, Hooks: &activation.Hooks{Recorder: rec}, Yield: j.Yield}); err != nil {
			return nil, err
		}
		for ; i < len(all) && all[i].passage == at; i++ {
			for l, name := range names {
				put(vectors, l*len(all)+i, rec.Get(name).At(all[i].pos))
			}
		}
		j.Progress("run", float64(i), float64(len(all)), "")
	}
	return vectors, nil
}

// describeContexts names the rows of r, which are all occurrences once for each of b.Layers.
func (s *Service) describeContexts(r *protocol.PointsResult, p *passages, all []occurrence, b protocol.Points) {
	ids, names, contexts := make([]int, len(all)), make(protocol.Names, len(all)), make(protocol.Names, len(all))
	line, position := make([]float32, len(all)), make([]float32, len(all))
	for i, o := range all {
		t := &p.list[o.passage]
		ids[i] = t.ids[o.pos]
		before, it, after := around(t.text.text, o.start, o.end)
		if names[i] = it; b.Word == "" {
			names[i], it = s.names[ids[i]], s.names[ids[i]]
		}
		contexts[i] = before + "\x1e" + it + "\x1e" + after
		line[i], position[i] = float32(t.line), float32(t.from+o.pos)
	}
	k := len(b.Layers)
	r.Columns = append(s.columns(s.kinds(), ids), protocol.Column{Name: "line", Values: line}, protocol.Column{Name: "position", Values: position},
		protocol.Column{Name: "occurrence", Values: steps(len(all), 1)})
	for i := range r.Columns {
		r.Columns[i].Values = slices.Repeat(r.Columns[i].Values, k)
	}
	layer := make([]float32, 0, k*len(all))
	for _, l := range b.Layers {
		layer = append(layer, slices.Repeat([]float32{float32(l)}, len(all))...)
		r.Names, r.Contexts = append(r.Names, names...), append(r.Contexts, contexts...)
		for _, id := range ids {
			r.IDs = append(r.IDs, float32(id))
		}
	}
	r.Columns = append(r.Columns, protocol.Column{Name: "layer", Values: layer})
}
