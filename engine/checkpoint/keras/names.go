package keras

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/hdf5"
	"loupe/engine/fault"
)

// listed is an attribute that is a list of strings, or nil. Keras cuts one that is too long for a header into name0, name1, ..
func listed(attrs map[string]any, name string) []string {
	list, _ := attrs[name].([]string)
	for i := 0; ; i++ {
		part, ok := attrs[fmt.Sprint(name, i)].([]string)
		if !ok {
			return list
		}
		list = append(list, part...)
	}
}

// byNames takes the weights that attributes name: layer_names of the group, weight_names of each layer. This is the form of
// Keras 1 and 2, and of Keras 3's .h5.
func (m *saved) byNames(group *hdf5.Object, layers []string) error {
	for _, name := range layers {
		g := group.Get(name)
		if g == nil {
			return fail(fault.MissingTensor, "layer "+fault.Quote(name), "a group", "none")
		}
		m.names = append(m.names, name)
		if err := m.layerWeights(name, g); err != nil {
			return err
		}
	}
	return nil
}

// layerWeights takes the weights of one layer. In a layer that is a whole model of its own (those of transformers) the last parts
// of the names do not tell them apart: there they have all of them.
func (m *saved) layerWeights(layer string, g *hdf5.Object) error {
	weights, short := listed(g.Attrs, "weight_names"), map[string]bool{}
	for _, w := range weights {
		short[direction(w)+leaf(w)] = true
	}
	for _, w := range weights {
		o := g.Get(w)
		if o == nil || o.Data == nil {
			return fail(fault.MissingTensor, fault.Name(w), "an array in layer "+fault.Quote(layer), "none")
		}
		name := direction(w) + leaf(w)
		if len(short) < len(weights) {
			name, _, _ = strings.Cut(w, ":")
		}
		if err := m.add(layer+"/"+name, o.Data); err != nil {
			return err
		}
	}
	return nil
}

// leaf is the last part of a weight's name, without TensorFlow's ":0".
func leaf(name string) string {
	name, _, _ = strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
	return name
}

// direction is the half of a Bidirectional layer to which a weight belongs: "forward/", "backward/", or "".
func direction(name string) string {
	for _, part := range strings.Split(name, "/") {
		if half, _, ok := strings.Cut(part, "_"); ok && (half == "forward" || half == "backward") {
			return half + "/"
		}
	}
	return ""
}

// byPlace takes the weights from where Keras 3 puts them: layers/CLASS_N/../vars/I, where CLASS_N counts the layers of each
// class in the order of the config.
func (m *saved) byPlace(layers *hdf5.Object) error {
	names, count := map[string]string{}, map[string]int{}
	for _, l := range m.layers {
		key := snake(l.Class)
		if n := count[key]; n > 0 {
			names[fmt.Sprintf("%s_%d", key, n)] = l.Config.Name
		} else {
			names[key] = l.Config.Name
		}
		count[key]++
	}
	for _, g := range layers.Members {
		name := names[g.Name]
		if v := g.Get("vars"); name == "" && v != nil {
			name = word(v.Attrs, "name")
		}
		if name == "" {
			name = g.Name
		}
		m.names = append(m.names, name)
		if err := m.below(g, name, g.Name); err != nil {
			return err
		}
	}
	return nil
}

// below takes the weights of an object of class of, and of those in it. The depth was limited when the file was read.
func (m *saved) below(o *hdf5.Object, name, of string) error {
	for _, c := range o.Members {
		switch c.Name {
		case "vars":
			for _, v := range c.Members {
				if v.Data == nil {
					continue
				}
				if err := m.add(name+"/"+weight(of, v.Name), v.Data); err != nil {
					return err
				}
			}
		case "seed_generator": // of dropout
		case "cell", "layer":
			if err := m.below(c, name, c.Name); err != nil {
				return err
			}
		case "forward_layer", "backward_layer":
			half, _, _ := strings.Cut(c.Name, "_")
			if err := m.below(c, name+"/"+half, c.Name); err != nil {
				return err
			}
		default:
			if err := m.below(c, name+"/"+c.Name, c.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// weight is what Keras calls the weight of that number, of an object of that class or place.
func weight(of, number string) string {
	words := []string{"kernel", "bias"}
	switch {
	case of == "cell":
		words = []string{"kernel", "recurrent_kernel", "bias"}
	case strings.HasPrefix(of, "embedding"):
		words = []string{"embeddings"}
	case strings.Contains(of, "normalization"):
		words = []string{"gamma", "beta", "moving_mean", "moving_variance"}
	}
	if i := slices.Index([]string{"0", "1", "2", "3"}, number); i >= 0 && i < len(words) {
		return words[i]
	}
	return number
}

// snake is a class's name as Keras writes it in a path: "TimeDistributed" is "time_distributed", "GRU" is "gru".
func snake(class string) string {
	var b strings.Builder
	r := []rune(class)
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && (unicode.IsLower(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// add adds a tensor.
func (m *saved) add(name string, data *format.Tensor) error {
	if m.seen[name] {
		return fail(fault.DuplicateTensor, fault.Name(name), "once", "twice")
	}
	m.seen[name] = true
	t := *data
	t.Name = name
	m.tensors = append(m.tensors, t)
	return nil
}
