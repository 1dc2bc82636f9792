package words

import "loupe/app/figure"

// setAxes puts own axes into a spec, if that is how it is to be laid out and their words are there.
func (d *drawing) setAxes(spec *figure.MapSpec) bool { return false }
