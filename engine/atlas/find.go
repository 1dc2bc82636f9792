package atlas

import (
	"regexp"
	"strings"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// find lists the rows whose names match a pattern. It is done here and not on the page: the pattern may come with a link, and RE2 has no
// pattern that takes for ever; and the page is spared a tenth of its size.
func (a *Atlas) find(j *desk.Job, b protocol.MapFind) (*protocol.MapFindResult, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile("(?i)" + b.Pattern)
	if err != nil {
		bad := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return &protocol.MapFindResult{Bad: strings.Replace(bad, "(?i)", "", 1)}, nil
	}
	r := &protocol.MapFindResult{}
	for i, name := range c.names {
		if i%1024 == 0 {
			if err := j.Yield(); err != nil {
				return nil, err
			}
		}
		if re.MatchString(name) {
			r.Rows = append(r.Rows, float32(i))
		}
	}
	return r, nil
}

// nameRows takes the names of a map's rows: those of rows, where it has only some. Without any, nothing is found.
func (c *chart) nameRows(names []string, rows []int) {
	if rows == nil || names == nil {
		c.names = names
		return
	}
	c.names = make([]string, len(rows))
	for i, r := range rows {
		c.names[i] = names[r]
	}
}
