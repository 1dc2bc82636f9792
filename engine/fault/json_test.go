package fault_test

import (
	"errors"
	"strings"
	"testing"

	"loupe/engine/fault"
)

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		in, where, expected string
		code                fault.Code
	}{
		{`{"a": [1, 2]}`, "", "", ""},
		{`{"a": 1`, "byte 7", "JSON", fault.BadConfig},
		{`{"a": "x"}`, "A, byte 9", "[]int", fault.BadConfig},
		{strings.Repeat(`{"a":[`, 32) + strings.Repeat("]}", 32), "A, byte 7", "int", fault.BadConfig},
		{strings.Repeat(`{"a":[`, 50_000), "byte 192", "at most 64 levels of nesting", fault.BadConfig},
		{`{"a": "` + strings.Repeat(`[{\"`, 1000) + `"}`, "A, byte 4008", "[]int", fault.BadConfig}, // brackets in a string nest nothing
		{`{"a": [` + strings.Repeat("1,", 5<<20) + `1]}`, "", "at most 4194304 values", fault.TooLarge},
		{"{\"a\xff\": 1}", "", "UTF-8", fault.BadConfig},
	} {
		var v struct{ A []int }
		_, err := fault.JSON(fault.BadConfig, "config.json", []byte(c.in), &v)
		var e *fault.Error
		switch {
		case c.code == "":
			if err != nil || len(v.A) != 2 {
				t.Errorf("%.40s: %v %v", c.in, v, err)
			}
		case !errors.As(err, &e) || e.Code != c.code || !strings.HasPrefix(e.Where, c.where) || e.Expected != c.expected || e.File != "config.json":
			t.Errorf("%.40s: %#v", c.in, e)
		}
	}
	var m map[string]int
	if n, err := fault.JSON(fault.BadConfig, "f", []byte(`{"a": 1, "a": 2}`), &m); n != 2 || len(m) != 1 || err != nil {
		t.Error(n, m, err)
	}
}
