package protocol

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A change is written NAME@POS[-TO][,INDEX[+INDEX..]]:OP[=VALUE], with * for every position and TO excluded:
// "blocks.5.attn.z@*,1:mean", "layers.0.hidden@12-20,58+77:set=0.5"; token 345 in the place of the one at 12 is "token@12:set=345".
// Of a translation: "source@3:set=17", "prefix@0:row=12_45_67", "decoder.attn.pattern@5,0:row=0.1_0.2_0.7", ":weight=3_0.5", ":onehot=2", ":uniform", and
// "encoder.output@3:like=2 phonograph".

// FormatChange writes a change.
func FormatChange(c Change) string {
	pos, index, value := "*", "", ""
	if c.Pos >= 0 {
		pos = strconv.Itoa(c.Pos)
	}
	if c.To > 0 {
		pos += "-" + strconv.Itoa(c.To)
	}
	if c.Index >= 0 {
		index = "," + strconv.Itoa(c.Index)
	}
	if c.Also != "" {
		index += "+" + c.Also
	}
	switch {
	case hasRow(c.Op):
		value = "=" + c.Row
	case hasValue(c.Op):
		value = "=" + strconv.FormatFloat(float64(c.Value), 'g', -1, 32)
	}
	return c.Name + "@" + pos + index + ":" + c.Op + value
}

// ParseChange reads FormatChange's text.
func ParseChange(s string) (Change, error) {
	bad := fmt.Errorf("protocol: change %q is not NAME@POS[-TO][,INDEX[+INDEX..]]:OP[=VALUE]", s)
	c := Change{Pos: -1, Index: -1}
	name, rest, ok := strings.Cut(s, "@")
	where, op, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || name == "" {
		return c, bad
	}
	c.Name = name
	pos, units, some := strings.Cut(where, ",")
	if !parsePlace(pos, &c) || some && !parseUnits(units, &c) {
		return c, bad
	}
	op, value, given := strings.Cut(op, "=")
	c.Op = op
	if !knownOp(op) || given != (hasValue(op) || hasRow(op)) {
		return c, bad
	}
	if hasRow(op) {
		c.Row = value
		return c, checkRowText(&c, bad)
	}
	if given {
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || !(f >= -1e30 && f <= 1e30) {
			return c, bad
		}
		c.Value = float32(f)
	}
	if (c.Name == TokenChange || c.Name == SourceChange) && (c.Pos < 0 || c.To > 0 || c.Index >= 0 || c.Op != "set" || c.Value < 0 || c.Value != float32(int(c.Value))) {
		return c, bad
	}
	return c, nil
}

func knownOp(op string) bool {
	return hasValue(op) || hasRow(op) || slices.Contains([]string{"zero", "mean", "uniform"}, op)
}

// hasValue reports whether an op has a number, hasRow whether it has a text of its own.
func hasValue(op string) bool { return slices.Contains([]string{"set", "add", "scale", "onehot"}, op) }
func hasRow(op string) bool   { return op == "row" || op == "weight" || op == "like" }

// checkRowText returns bad if Row is not what the op needs.
func checkRowText(c *Change, bad error) error {
	err := error(nil)
	if c.Op == "like" {
		_, _, err = c.Like()
	} else {
		_, err = c.Numbers()
	}
	if err != nil || c.Pos < 0 || c.To > 0 || c.Name == PrefixChange && (c.Pos > 0 || c.Index >= 0 || c.Op != "row") {
		return bad
	}
	return nil
}

// parsePlace reads POS or POS-TO, of which a stretch of one position is POS.
func parsePlace(s string, c *Change) bool {
	if s == "*" {
		return true
	}
	from, to, stretch := strings.Cut(s, "-")
	if !place(from, &c.Pos) || c.Pos < 0 || stretch && (!place(to, &c.To) || c.To <= c.Pos) {
		return false
	}
	if c.To == c.Pos+1 {
		c.To = 0
	}
	return true
}

// parseUnits reads INDEX[+INDEX..].
func parseUnits(s string, c *Change) bool {
	var also []string
	for i, unit := range strings.Split(s, "+") {
		n := -1
		if !place(unit, &n) || n < 0 {
			return false
		}
		if i == 0 {
			c.Index = n
		} else {
			also = append(also, strconv.Itoa(n))
		}
	}
	c.Also = strings.Join(also, "+")
	return true
}

// place reads a position or an index.
func place(s string, to *int) bool {
	n, err := strconv.Atoi(s)
	if err != nil || n < -1 || n > 1<<24 {
		return false
	}
	*to = n
	return true
}
