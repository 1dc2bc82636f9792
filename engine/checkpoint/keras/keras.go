// Package keras reads the files of Keras: whole models and weights alone in HDF5 (.h5, .hdf5, .weights.h5, of Keras 2 and 3)
// and .keras archives. Whatever of these a file is, its tensors are called LAYER/WEIGHT, as Keras calls a layer's weights:
// "lstm/kernel", "lstm/recurrent_kernel", "bidirectional/forward/kernel", "embedding/embeddings". The optimizer's are left out.
//
// Config is the model that the file tells: {"model_type": "keras", "keras_version": .., "config": Keras's own JSON}.
package keras

import (
	"encoding/json"
	"io"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/hdf5"
	"loupe/engine/fault"
)

// Match reports whether a file's first bytes are those of an HDF5 file.
func Match(head []byte) bool { return hdf5.Match(head) }

// Open reads the structure of a Keras model or of its weights in HDF5.
func Open(r io.ReaderAt, size int64) (*format.File, error) {
	root, err := hdf5.Open(r, size)
	if err != nil {
		return nil, err
	}
	m := &saved{version: word(root.Attrs, "keras_version"), seen: map[string]bool{}}
	if s, ok := root.Attrs["model_config"].(string); ok {
		if err := m.readConfig("model_config", []byte(s)); err != nil {
			return nil, err
		}
	}
	return m.file(root)
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "keras", Where: where, Expected: expected, Found: found}
}

// word is an attribute that is a string, or "".
func word(attrs map[string]any, name string) string {
	s, _ := attrs[name].(string)
	return s
}

// saved is what a file says of its model.
type saved struct {
	version string
	config  json.RawMessage // nil: weights alone
	layers  []layer         // of the config
	files   map[string][]byte
	tensors []format.Tensor
	seen    map[string]bool // their names
	names   []string        // of the layers that the file has
	ordered bool            // they are in the model's order
}

// layer is one layer of a config.
type layer struct {
	Class  string `json:"class_name"`
	Config struct {
		Name string `json:"name"`
	} `json:"config"`
}

// readConfig decodes a model's config, which stands at where.
func (m *saved) readConfig(where string, b []byte) error {
	var c struct {
		Class  string          `json:"class_name"`
		Config json.RawMessage `json:"config"`
	}
	if _, err := fault.JSON(fault.BadConfig, where, b, &c); err != nil {
		return err
	}
	var whole struct{ Layers []layer }
	into := any(&whole)
	if len(c.Config) > 0 && c.Config[0] == '[' { // Sequential before Keras 2.2.3
		into = &whole.Layers
	}
	if len(c.Config) == 0 {
		return fail(fault.BadConfig, where, "a model's config", "none")
	}
	if _, err := fault.JSON(fault.BadConfig, where, c.Config, into); err != nil {
		return err
	}
	m.config, m.layers = b, whole.Layers
	return nil
}

// file gives the tensors of root, which is the file's root group, by the names that the package's comment says.
func (m *saved) file(root *hdf5.Object) (*format.File, error) {
	group := root
	if g := root.Get("model_weights"); g != nil {
		group = g
	}
	var err error
	switch names := listed(group.Attrs, "layer_names"); {
	case names != nil:
		m.ordered = true
		err = m.byNames(group, names)
	case group.Get("layers") != nil:
		err = m.byPlace(group.Get("layers"))
	default:
		err = fail(fault.WrongMagic, "", "a model or weights that Keras saved", "an HDF5 file of something else")
	}
	if err != nil {
		return nil, err
	}
	if len(m.tensors) == 0 {
		return nil, fail(fault.NoWeights, "", "weights", "a model that has none")
	}
	f := &format.File{Tensors: m.tensors, Metadata: map[string]any{"layer_names": m.names, "layers_in_order": m.ordered}, Files: m.files}
	for _, key := range []string{"keras_version", "backend"} {
		for _, o := range []*hdf5.Object{group, root} {
			if s := word(o.Attrs, key); s != "" {
				f.Metadata[key] = s
			}
		}
	}
	if m.version == "" {
		m.version = word(f.Metadata, "keras_version")
	} else {
		f.Metadata["keras_version"] = m.version
	}
	f.Config, err = m.describe()
	return f, err
}

// describe makes the config.json that the model is opened by, or nil if the file tells no model.
func (m *saved) describe() ([]byte, error) {
	if m.config == nil {
		return nil, nil
	}
	b, err := json.Marshal(struct {
		Type    string          `json:"model_type"`
		Version string          `json:"keras_version,omitempty"`
		Config  json.RawMessage `json:"config"`
	}{"keras", m.version, m.config})
	if err != nil {
		return nil, fail(fault.BadConfig, "model_config", "JSON", err.Error())
	}
	return b, nil
}
