package keras

import (
	"encoding/json"
	"slices"

	"loupe/engine/nn"
)

// found is a layer of weights without a config: what its tensors tell.
type found struct {
	name, class string
	in, out     int
	settings    map[string]any
}

// Infer makes the config of weights alone, of a Sequential model of an Embedding, recurrent and Dense layers. said["layer_names"]
// are the names of the layers, in their order if said["layers_in_order"]; else each must follow another by its shape. Functions
// cannot be seen in weights: they are guesses.
func Infer(w nn.Weights, said map[string]any) (any, []nn.Guess, bool) {
	names, _ := said["layer_names"].([]string)
	ordered, _ := said["layers_in_order"].(bool)
	var layers []found
	for _, n := range names {
		switch f, ok := look(w, n); {
		case !ok:
			return nil, nil, false
		case f.class != "":
			layers = append(layers, f)
		}
	}
	if !ordered {
		layers = link(layers)
	}
	if len(layers) < 2 || !follow(layers) {
		return nil, nil, false
	}
	guesses, model := describe(layers)
	version, _ := said["keras_version"].(string)
	return Config{Type: "keras", Version: version, Model: model}, guesses, model != nil
}

// look says what a layer is by its tensors; class is empty if it has none.
func look(w nn.Weights, name string) (f found, ok bool) {
	f = found{name: name, settings: map[string]any{"name": name}}
	inner := name
	if w.Has(name + "/forward/kernel") {
		inner = name + "/forward"
	}
	kernel, rec, table := w.Shape(inner+"/kernel"), w.Shape(inner+"/recurrent_kernel"), w.Shape(name+"/embeddings")
	bias := w.Has(inner + "/bias")
	switch {
	case len(table) == 2:
		f.class, f.in, f.out = "Embedding", table[0], table[1]
		f.settings["input_dim"], f.settings["output_dim"] = f.in, f.out
	case len(kernel) == 2 && len(rec) == 2:
		kinds := map[int]string{1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
		if rec[0] < 1 || rec[1]%rec[0] != 0 || kinds[rec[1]/rec[0]] == "" || kernel[1] != rec[1] {
			return f, false
		}
		f.class, f.in, f.out = kinds[rec[1]/rec[0]], kernel[0], rec[0]
		f.settings["units"], f.settings["use_bias"], f.settings["return_sequences"] = f.out, bias, true
		f.settings["reset_after"] = len(w.Shape(inner+"/bias")) != 1 || w.Shape(inner + "/bias")[0] != rec[1]
	case len(kernel) == 2:
		f.class, f.in, f.out = "Dense", kernel[0], kernel[1]
		f.settings["units"], f.settings["use_bias"] = f.out, bias
	case len(kernel) > 0 || w.Has(name+"/gamma"):
		return f, false
	}
	if inner != name {
		f.settings = map[string]any{"name": name, "merge_mode": "concat", "layer": map[string]any{"class_name": f.class, "config": f.settings}}
		f.class, f.out = "Bidirectional", 2*f.out
	}
	return f, true
}

// link puts layers in order by their shapes: the Embedding, cells, then Dense layers, of the same class by their number (lstm,
// lstm_1, .., lstm_10). It returns nil where two could be next.
func link(layers []found) (out []found) {
	width := 0
	var dense *found
	for i, f := range layers {
		if f.class == "Dense" && (dense == nil || dense.before(f)) {
			dense, width = &layers[i], f.out // the last one's; one-hot input has as many
		}
	}
	for _, kind := range []func(class string) bool{
		func(class string) bool { return class == "Embedding" },
		func(class string) bool { return class != "Embedding" && class != "Dense" },
		func(class string) bool { return class == "Dense" },
	} {
		for {
			at := -1
			for i, f := range layers {
				switch fits := kind(f.class) && (f.in == width || f.class == "Embedding"); {
				case fits && at < 0:
					at = i
				case fits && f.class != layers[at].class:
					return nil
				case fits && f.before(layers[at]):
					at = i
				}
			}
			if at < 0 {
				break
			}
			width, out = layers[at].out, append(out, layers[at])
			layers = slices.Delete(layers, at, at+1)
		}
	}
	if len(layers) > 0 {
		return nil
	}
	return out
}

// before reports whether a layer has the lower number of two of a class.
func (f found) before(g found) bool {
	return len(f.name) < len(g.name) || len(f.name) == len(g.name) && f.name < g.name
}

// follow reports whether each layer takes what the one before it returns, and the last has a unit a token.
func follow(layers []found) bool {
	last := layers[len(layers)-1]
	for i := 1; i < len(layers); i++ {
		if layers[i].in != layers[i-1].out {
			return false
		}
	}
	return last.class == "Dense" && layers[0].in == last.out
}

// describe makes Keras's config of the layers, and says what of it is a guess.
func describe(layers []found) ([]nn.Guess, json.RawMessage) {
	guesses := []nn.Guess{
		{Key: "activation", Value: "tanh", Why: "default", Choices: []string{"tanh", "relu", "linear", "softsign", "elu"}},
		{Key: "recurrent_activation", Value: "sigmoid", Why: "default", Choices: []string{"sigmoid", "hard_sigmoid"}},
		{Key: "return_sequences", Value: "false", Why: "default", Choices: []string{"false", "true"}},
	}
	all, dense, last := []any{}, 0, 0
	if f := layers[0]; f.class != "Embedding" {
		all = append(all, map[string]any{"class_name": "InputLayer", "config": map[string]any{"batch_shape": []any{nil, nil, f.in}}})
	} else {
		guesses = append(guesses, nn.Guess{Key: "mask_zero", Value: "false", Why: "default", Choices: []string{"false", "true"}})
	}
	for i, f := range layers {
		switch f.class {
		case "Dense":
			if dense++; i < len(layers)-1 {
				f.settings["activation"] = "relu"
			} else {
				f.settings["activation"] = "softmax"
			}
		case "Embedding":
		default:
			last = len(all)
		}
		all = append(all, map[string]any{"class_name": f.class, "config": f.settings})
	}
	if dense > 1 {
		guesses = append(guesses, nn.Guess{Key: "dense_activation", Value: "relu", Why: "default", Choices: []string{"relu", "tanh", "linear", "sigmoid", "elu"}})
	}
	settings := all[last].(map[string]any)["config"].(map[string]any)
	if inner, ok := settings["layer"].(map[string]any); ok {
		settings = inner["config"].(map[string]any)
	}
	settings["return_sequences"] = false
	b, err := json.Marshal(map[string]any{"class_name": "Sequential", "config": map[string]any{"layers": all}})
	if err != nil {
		return nil, nil
	}
	return guesses, b
}
