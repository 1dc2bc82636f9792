package words

import "loupe/app/figure"

func (d *drawing) order() []int           { return nil }
func (d *drawing) mainClass() string      { return "main" }
func (d *drawing) main() []figure.Panel   { return nil }
func (d *drawing) right() []figure.Panel  { return d.side() }
func (d *drawing) waiting() []figure.Span { return []figure.Span{{Text: d.t("busy")}} }
func (d *drawing) empty() []figure.Panel  { return nil }
func (d *drawing) reading() []figure.Span { return nil }
