package annotation

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"loupe/engine/fault"
)

// Records reads CSV (RFC 4180, any comma) with the line of the file at which each record begins. There is at least one.
func Records(file, s string, comma rune) (records [][]string, lines []int, err error) {
	r := csv.NewReader(strings.NewReader(s))
	r.Comma, r.FieldsPerRecord = comma, -1
	for {
		rec, err := r.Read()
		var bad *csv.ParseError
		switch {
		case err == io.EOF && len(records) > 0:
			return records, lines, nil
		case errors.As(err, &bad):
			return nil, nil, &fault.Error{Code: fault.BadTable, In: "csv", File: file, Where: fmt.Sprint("line ", bad.StartLine), Expected: "quotes around a whole cell, doubled inside", Found: bad.Err.Error()}
		case err != nil:
			return nil, nil, &fault.Error{Code: fault.BadTable, In: "csv", File: file, Err: err}
		}
		line, _ := r.FieldPos(0)
		records, lines = append(records, rec), append(lines, line)
	}
}
