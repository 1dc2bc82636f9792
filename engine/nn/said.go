package nn

import "strings"

// Said looks for a number among what a file says beside its weights, by any of the keys, also in a group of settings
// ("model_args.n_head").
func Said(said map[string]any, keys ...string) (float64, bool) {
	for _, key := range keys {
		for k, v := range said {
			if k != key && !strings.HasSuffix(k, "."+key) {
				continue
			}
			switch v := v.(type) {
			case int64:
				return float64(v), true
			case float64:
				return v, true
			}
		}
	}
	return 0, false
}
