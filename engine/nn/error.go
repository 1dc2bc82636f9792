package nn

import (
	"fmt"

	"loupe/engine/fault"
)

// Fault is why a model cannot be made of a config and weights, or cannot run. What is wrong with a tensor is an error of
// Weights. where is a key of config.json, a tensor or a position.
func Fault(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "model", Where: where, Expected: expected, Found: found}
}

// ReadConfig decodes config.json into v; keys that v has not are left out.
func ReadConfig(config []byte, v any) error {
	if _, err := fault.JSON(fault.BadConfig, "config.json", config, v); err != nil {
		return err
	}
	return nil
}

// Positive checks a whole number of a config.
func Positive(key string, n int) error {
	if n < 1 || n > 1<<31-1 {
		return Fault(fault.BadConfig, key, "a whole number above 0", fmt.Sprint(n))
	}
	return nil
}
