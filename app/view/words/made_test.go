package words

import (
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// made is a drawing of points that a test makes: names, and columns by name. The map shows rows of them; nil: all.
func made(names string, rows []int, st *state.State, columns ...protocol.Column) *drawing {
	p := &protocol.PointsResult{Names: strings.Split(names, " "), Columns: columns, Dim: 3, Tensor: "embed"}
	p.N, p.Total = len(p.Names), len(p.Names)
	for i := range p.N {
		p.IDs = append(p.IDs, float32(100+i))
	}
	if st == nil {
		st = state.New()
	}
	m := &figure.Map{ID: 1, Points: p, Rows: rows, Opened: &protocol.MapOpened{N: p.N}, Spec: figure.MapSpec{Points: protocol.Points{Source: "input"}, Layout: protocol.DefaultLayout()}}
	m.Frame = &protocol.MapFrame{Dims: 2, Done: true, Y: make([]float32, 2*p.N)}
	in := &figure.Input{Model: &protocol.Model{Vocab: p.N}, Run: &protocol.RunResult{}, State: st, Width: 1376, L: lang.English,
		Fetch: func(string, any) any { return nil }, Maps: func(figure.MapSpec) *figure.Map { return m }}
	return begin(in)
}

// stateOf is a state with pairs.
func stateOf(pairs string) *state.State {
	st := state.New()
	st.Patch(pairs)
	return st
}

// labels is a column of labels.
func labels(name string, values string) protocol.Column {
	c := protocol.Column{Name: name, Own: true}
	at := map[string]int{}
	for _, v := range strings.Split(values, " ") {
		if v == "-" {
			c.Values = append(c.Values, nan)
			continue
		}
		if _, ok := at[v]; !ok {
			at[v] = len(c.Labels)
			c.Labels = append(c.Labels, v)
		}
		c.Values = append(c.Values, float32(at[v]))
	}
	return c
}
