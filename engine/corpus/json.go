package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"loupe/engine/fault"
)

// isJSON reports whether a text of unknown name begins with a line that is a JSON object, or is an array of objects or strings.
func isJSON(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	first = strings.TrimSpace(first)
	if strings.HasPrefix(first, "{") && len(first) < 1<<20 {
		return json.Valid([]byte(first))
	}
	return first == "[" || strings.HasPrefix(first, "[{") || strings.HasPrefix(first, `["`)
}

// json makes documents of JSON.
func (s *Set) json(file, text, column string) error {
	t, err := jsonTable(file, text)
	if err != nil {
		return err
	}
	if err := s.fill(file, t, column); err != nil {
		return err
	}
	if len(t.names) == 1 && t.names[0] == "" { // strings
		s.Columns, s.Column = nil, ""
	}
	return nil
}

// jsonTable reads JSON lines; or one array of objects or strings, by itself or as a member of an object.
func jsonTable(file, text string) (*table, error) {
	r := &rows{file: file, at: map[string]int{}}
	err := r.lines(text)
	if err != nil && strings.Contains("[{", strings.TrimSpace(text)[:1]) { // one value of many lines
		if whole := r.whole(text); whole == nil || strings.HasPrefix(strings.TrimSpace(text), "[") {
			err = whole
		}
	}
	if err != nil {
		return nil, err
	}
	if len(r.table.names) == 0 {
		return nil, &fault.Error{Code: fault.NoColumn, In: "json", File: file, Expected: "objects with texts, or strings", Found: "none"}
	}
	return &r.table, nil
}

// rows gathers objects as rows of a table, whose columns are in the order of their first occurrence.
type rows struct {
	table table
	file  string
	at    map[string]int
}

func (r *rows) fail(where, expected string, err error) error {
	e := &fault.Error{Code: fault.BadTable, In: "json", File: r.file, Where: where, Expected: expected}
	var inner *fault.Error
	if errors.As(err, &inner) {
		if err = inner.Err; inner.Found != "" {
			e.Expected, e.Found = inner.Expected, inner.Found
		}
	}
	e.Err = err
	return e
}

// lines reads a value a line.
func (r *rows) lines(text string) error {
	line := 0
	for l := range strings.Lines(text) {
		line++
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		if err := r.add(l, fmt.Sprint("line ", line)); err != nil {
			return err
		}
		if l[0] == '[' {
			return r.whole(l)
		}
	}
	return nil
}

// whole reads one array, or an object that has one.
func (r *rows) whole(text string) error {
	r.table, r.at = table{}, map[string]int{}
	var list []json.RawMessage
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		var m map[string]json.RawMessage
		if _, err := fault.JSON(fault.BadTable, r.file, []byte(text), &m); err != nil {
			return err
		}
		arrays := 0
		for _, v := range m {
			if bytes.HasPrefix(v, []byte("[")) {
				arrays++
				json.Unmarshal(v, &list)
			}
		}
		if arrays != 1 {
			list = []json.RawMessage{json.RawMessage(text)}
		}
	} else if _, err := fault.JSON(fault.BadTable, r.file, []byte(text), &list); err != nil {
		return err
	}
	for i, v := range list {
		if err := r.add(string(v), fmt.Sprint("element ", i+1)); err != nil {
			return err
		}
	}
	return nil
}

// add adds an object or a string; an array is left to whole.
func (r *rows) add(s, where string) error {
	var v any
	if _, err := fault.JSON(fault.BadTable, r.file, []byte(s), &v); err != nil {
		return r.fail(where, "a JSON object or string", err)
	}
	members := map[string]any{"": v}
	found := "true, false or null"
	switch v := v.(type) {
	case []any:
		return nil
	case map[string]any:
		members, found = v, ""
	case string:
		found = ""
	case float64:
		found = "a number"
	}
	if found != "" {
		return &fault.Error{Code: fault.BadTable, In: "json", File: r.file, Where: where, Expected: "a JSON object or string", Found: found}
	}
	r.name(members, s)
	row := make([]string, len(r.table.names))
	for name, x := range members {
		if c, ok := r.at[name]; ok {
			row[c], _ = scalar(x)
		}
	}
	r.table.rows = append(r.table.rows, row)
	return nil
}

// name makes columns of those members of an object that have none, in their order.
func (r *rows) name(members map[string]any, object string) {
	isNew := func(name string) bool {
		_, known := r.at[name]
		_, ok := scalar(members[name])
		return !known && ok
	}
	for name := range members {
		if !isNew(name) {
			continue
		}
		for _, name := range keys(object) {
			if isNew(name) {
				r.at[name], r.table.names = len(r.table.names), append(r.table.names, name)
			}
		}
		return
	}
}

// scalar is a string, number or truth as text.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// keys are those of a JSON object in their order; of a string there is one, "".
func keys(s string) (names []string) {
	d := json.NewDecoder(strings.NewReader(s))
	if t, _ := d.Token(); t != json.Delim('{') {
		return []string{""}
	}
	for {
		t, err := d.Token()
		name, ok := t.(string)
		if !ok || err != nil {
			return names
		}
		names = append(names, name)
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil && err != io.EOF {
			return names
		}
	}
}
