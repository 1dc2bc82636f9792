package keras

import (
	"encoding/json"

	"loupe/engine/checkpoint/format"
)

// infer makes the config of weights without one, or nil.
func infer(_ []format.Tensor, _ string) (json.RawMessage, []string) { return nil, nil }
