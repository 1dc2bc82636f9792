package shell

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// saveMap does what figure.DoSave names: "csv 0".
func (p *page) saveMap(arg string) {
	what, n, _ := strings.Cut(arg, " ")
	slot, _ := strconv.Atoi(n)
	m := p.s.maps.At(slot)
	if m == nil || m.Points == nil {
		return
	}
	name := p.fileName() + " map"
	if slot > 0 {
		name += " " + strconv.Itoa(slot+1)
	}
	switch what {
	case "csv":
		save(blobOf(placesText(m, allRows(m), true), "text/csv;charset=utf-8"), fileName(name, "csv"))
	case "tsv":
		save(blobOf(placesText(m, allRows(m), false), "text/tab-separated-values;charset=utf-8"), fileName(name, "tsv"))
	case "npy":
		if m.Frame != nil {
			save(blobOfBytes(placesNPY(m.Frame)), fileName(name, "npy"))
		}
	case "rows":
		save(blobOf(placesText(m, chosenRows(p.fig, m), false), "text/tab-separated-values;charset=utf-8"), fileName(name+" selection", "tsv"))
	case "near":
		k, err := strconv.Atoi(p.s.State.Opt("words.k", ""))
		if err != nil || k < 1 || k > 200 {
			k = 12 // as the view shows
		}
		p.s.maps.Table(slot, k, func(m *figure.Map, r *protocol.MapTableResult, err *protocol.Error) {
			if err != nil {
				p.s.notice(&Notice{Key: "notice.not-saved", Args: []any{err.Detail}, Report: err})
				p.change()
				return
			}
			save(blobOf(nearCSV(m, r), "text/csv;charset=utf-8"), fileName(name+" neighbours", "csv"))
		})
	}
}

func allRows(m *figure.Map) []int {
	rows := make([]int, m.N())
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// chosenRows are the rows of a map that a figure shows as chosen: the view alone knows how the address names them.
func chosenRows(f *figure.Figure, m *figure.Map) []int {
	if f == nil {
		return nil
	}
	for i := range f.Panels {
		if s := f.Panels[i].Scatter; s != nil && s.Map == m {
			return s.Chosen
		}
	}
	return nil
}

// placesText is rows of a map as a table: the name, the token, the place, and all that is known of each. CSV is as tableCSV has it; in TSV
// a tab or the end of a line within a name is written \t, \n or \r.
func placesText(m *figure.Map, rows []int, csv bool) string {
	w := &tableWriter{csv: csv}
	p := m.Points
	w.begin()
	w.text("name")
	w.text("token")
	dims := 0
	if m.Frame != nil && len(m.Frame.Y) >= m.N()*m.Frame.Dims {
		dims = m.Frame.Dims
	}
	for k := range dims {
		w.text([]string{"x", "y", "z"}[k])
	}
	for _, c := range p.Columns {
		w.text(c.Name)
	}
	if p.Contexts != nil {
		w.text("context")
	}
	w.end()
	for _, i := range rows {
		at := m.Point(i)
		w.text(p.Names[at])
		w.number(number32(p.IDs, at))
		for k := range dims {
			w.number(number32(m.Frame.Y, i*dims+k))
		}
		for j := range p.Columns {
			w.value(&p.Columns[j], at)
		}
		if p.Contexts != nil {
			w.text(strings.ReplaceAll(p.Contexts[at], "\x1e", ""))
		}
		w.end()
	}
	return w.String()
}

// nearCSV lists the neighbours of every row, a line each, the nearest first.
func nearCSV(m *figure.Map, r *protocol.MapTableResult) string {
	w := &tableWriter{csv: true}
	w.begin()
	for _, h := range []string{"name", "rank", "neighbour", m.Spec.Layout.Metric} {
		w.text(h)
	}
	w.end()
	for i := range m.N() {
		for j := i * r.K; j < (i+1)*r.K && j < len(r.Rows); j++ {
			to := float64(r.Rows[j])
			if !(to >= 0 && int(to) < m.N()) { // fewer rows than neighbours asked for
				continue
			}
			w.text(m.Points.Names[m.Point(i)])
			w.number(strconv.Itoa(j - i*r.K + 1))
			w.text(m.Points.Names[m.Point(int(to))])
			w.number(number32(r.Values, j))
			w.end()
		}
	}
	return w.String()
}

// tableWriter writes cells.
type tableWriter struct {
	strings.Builder
	csv     bool
	between byte // cells
	after   bool // a cell of the line is written
}

func (w *tableWriter) begin() {
	if w.between = '\t'; w.csv {
		w.between = ','
		w.WriteString("\ufeff")
	}
}

func (w *tableWriter) cell(s string) {
	if w.after {
		w.WriteByte(w.between)
	}
	w.after = true
	w.WriteString(s)
}

var tsvEscape = strings.NewReplacer("\t", `\t`, "\n", `\n`, "\r", `\r`)

func (w *tableWriter) text(s string) {
	if w.csv {
		w.cell(csvText(s))
	} else {
		w.cell(tsvEscape.Replace(s))
	}
}

func (w *tableWriter) number(s string) { w.cell(s) }

func (w *tableWriter) end() {
	w.after = false
	if w.csv {
		w.WriteByte('\r')
	}
	w.WriteByte('\n')
}

// value is what a column says of a point.
func (w *tableWriter) value(c *protocol.Column, at int) {
	if c.Labels == nil {
		w.number(number32(c.Values, at))
		return
	}
	s := ""
	if at < len(c.Values) {
		if v := c.Values[at]; v >= 0 && int(v) < len(c.Labels) {
			s = c.Labels[int(v)]
		}
	}
	w.text(s)
}

// number32 is a number in the fewest digits that give it back; "" where there is none.
func number32(v []float32, i int) string {
	if i >= len(v) || v[i]-v[i] != 0 {
		return ""
	}
	return strconv.FormatFloat(float64(v[i]), 'g', -1, 32)
}

// placesNPY is the places as numpy's format 1.0: little-endian f32 [n, dims]. NaN: no place.
func placesNPY(f *protocol.MapFrame) []byte {
	n := 0
	if f.Dims > 0 {
		n = len(f.Y) / f.Dims
	}
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, f.Dims)
	const magic = "\x93NUMPY\x01\x00"
	pad := 64 - (len(magic)+2+len(head)+1)%64
	head += strings.Repeat(" ", pad%64) + "\n"
	b := append([]byte(magic), 0, 0)
	binary.LittleEndian.PutUint16(b[len(magic):], uint16(len(head)))
	b = append(b, head...)
	for _, v := range f.Y[:n*f.Dims] {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
