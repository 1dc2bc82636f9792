package nn

import (
	"fmt"

	"loupe/engine/fault"
)

// MaxHeadDim is more numbers than a head of any model has.
const MaxHeadDim = 1 << 16

// NotDone is the keys of a config.json that no family here does, for a Config to embed.
type NotDone struct {
	Experts      int `json:"num_local_experts"`
	MoreExperts  int `json:"num_experts"`
	Routed       int `json:"n_routed_experts"`
	KVRank       int `json:"kv_lora_rank"`
	Quantization *struct {
		Method string `json:"quant_method"`
	} `json:"quantization_config"`
	Bidirectional bool `json:"use_bidirectional_attention"`
}

// Check refuses them by their names.
func (n *NotDone) Check() error {
	for _, k := range []struct {
		key   string
		n, ok int
	}{{"num_local_experts", n.Experts, 1}, {"num_experts", n.MoreExperts, 1}, {"n_routed_experts", n.Routed, 1}, {"kv_lora_rank", n.KVRank, 0}} {
		if k.n > k.ok {
			return Fault(fault.Unsupported, k.key, fmt.Sprintf("none, or %d", k.ok), fmt.Sprint(k.n))
		}
	}
	switch {
	case n.Quantization != nil:
		return Fault(fault.Unsupported, "quantization_config.quant_method", "none", fault.Quote(n.Quantization.Method))
	case n.Bidirectional:
		return Fault(fault.Unsupported, "use_bidirectional_attention", "false", "true")
	}
	return nil
}
