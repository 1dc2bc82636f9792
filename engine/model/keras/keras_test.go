package keras_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/fault"
	"loupe/engine/model"
	"loupe/engine/model/keras"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// any weights of any shape.
var weights = &enginetest.Random{DType: tensor.F32}

// sequential is a config of layers: "Class {settings}".
func sequential(layers ...string) string {
	var list []string
	for i, l := range layers {
		class, settings, _ := strings.Cut(l, " ")
		settings = strings.TrimSuffix(fmt.Sprintf(`{"name": "l%d", %s`, i, settings[1:]), ", }")
		list = append(list, fmt.Sprintf(`{"class_name": %q, "config": %s}`, class, strings.TrimSuffix(settings, "}")+"}"))
	}
	return fmt.Sprintf(`{"model_type": "keras", "config": {"class_name": "Sequential", "config": {"layers": [%s]}}}`, strings.Join(list, ", "))
}

const (
	embedding = `Embedding {"input_dim": 9, "output_dim": 4}`
	lstm      = `LSTM {"units": 5, "return_sequences": true}`
	last      = `GRU {"units": 5, "return_sequences": false, "reset_after": true}`
	head      = `Dense {"units": 9, "activation": "softmax"}`
)

// functional is a config of layers that say which come before them: "name Class before,before {settings}".
func functional(layers ...string) string {
	var list []string
	for _, l := range layers {
		f := strings.SplitN(l, " ", 4)
		var before []string
		for _, b := range strings.Split(f[2], ",") {
			if b != "-" {
				before = append(before, fmt.Sprintf("[%q, 0, 0, {}]", b))
			}
		}
		inbound := "[]"
		if len(before) > 0 {
			inbound = "[[" + strings.Join(before, ", ") + "]]"
		}
		list = append(list, fmt.Sprintf(`{"class_name": %q, "name": %q, "config": %s, "inbound_nodes": %s}`, f[1], f[0], f[3], inbound))
	}
	return fmt.Sprintf(`{"model_type": "keras", "config": {"class_name": "Functional", "config": {"layers": [%s]}}}`, strings.Join(list, ", "))
}

func TestBadConfig(t *testing.T) {
	good := sequential(embedding, lstm, last, head)
	if _, err := keras.Open([]byte(good), weights); err != nil {
		t.Fatal(err)
	}
	whole := func(s string) string { return `{"model_type": "keras", "config": ` + s + `}` }
	both := func(settings string) string {
		return sequential(embedding, `Bidirectional {"layer": {"class_name": "LSTM", "config": {"units": 5}}, `+settings+`}`, head)
	}
	for _, c := range []struct {
		name, config string
		code         fault.Code
		found        string
	}{
		{"nothing", "", fault.BadConfig, "JSON"},
		{"no model", `{"model_type": "keras"}`, fault.BadConfig, "Keras's own config"},
		{"a model of no layers", whole(`{"class_name": "Sequential"}`), fault.BadConfig, "Keras's own config"},
		{"a number", whole(`3`), fault.BadConfig, "Keras's own config"},
		{"layers that are a number", whole(`{"class_name": "Sequential", "config": {"layers": 3}}`), fault.BadConfig, "Layers"},
		{"a class of one's own", whole(`{"class_name": "MyModel", "config": {"layers": []}}`), fault.Unsupported, "MyModel"},
		{"padding below 0", strings.Replace(good, `{"model`, `{"padding": -1, "model`, 1), fault.BadConfig, "padding"},
		{"padding without end", strings.Replace(good, `{"model`, `{"padding": 1000000, "model`, 1), fault.BadConfig, "padding"},
		{"an input without end", sequential(`InputLayer {"batch_shape": [null, 100000]}`, embedding, lstm, head), fault.Unsupported, "100000"},
		{"an input of -1", sequential(`InputLayer {"batch_shape": [null, -1]}`, embedding, lstm, head), fault.Unsupported, "-1"},
		{"no input", sequential(lstm, head), fault.Unsupported, "one-hot input"},
		{"an input of no width", sequential(`InputLayer {"batch_shape": [null, 7, -3]}`, lstm, head), fault.Unsupported, "one-hot input"},
		{"two embeddings", sequential(embedding, embedding, lstm, head), fault.Unsupported, "first layer"},
		{"an embedding of no tokens", sequential(`Embedding {"input_dim": 0, "output_dim": 4}`, lstm, head), fault.BadConfig, "input_dim"},
		{"an embedding of no width", sequential(`Embedding {"input_dim": 4, "output_dim": -4}`, lstm, head), fault.BadConfig, "output_dim"},
		{"no cell", sequential(embedding, head), fault.Unsupported, "at least one of"},
		{"a Flatten layer", sequential(embedding, lstm, `Flatten {}`, head), fault.Unsupported, "Flatten"},
		{"a Lambda layer", sequential(embedding, lstm, `Lambda {"function": ["4wEA", null, null]}`, head), fault.Unsupported, "Lambda"},
		{"no units", sequential(embedding, `LSTM {}`, head), fault.BadConfig, "units"},
		{"-1 units", sequential(embedding, `GRU {"units": -1}`, head), fault.BadConfig, "units"},
		{"units without end", sequential(embedding, `GRU {"units": 1e18}`, head), fault.BadConfig, "units"},
		{"a Dense layer of no units", sequential(embedding, lstm, `Dense {"units": 0}`), fault.BadConfig, "units"},
		{"a vector where a sequence must be", sequential(embedding, last, lstm, head), fault.BadConfig, "return_sequences"},
		{"an unknown function", sequential(embedding, `LSTM {"units": 5, "activation": "cosine"}`, head), fault.Unsupported, "cosine"},
		{"softmax of a gate", sequential(embedding, `LSTM {"units": 5, "recurrent_activation": "softmax"}`, head), fault.Unsupported, "softmax"},
		{"a function of one's own", sequential(embedding, lstm, `Dense {"units": 9, "activation": {"class_name": "function", "config": "mine"}}`), fault.Unsupported, "mine"},
		{"an unknown Activation", sequential(embedding, lstm, head, `Activation {"activation": "mine"}`), fault.Unsupported, "mine"},
		{"an Activation of nothing", sequential(embedding, lstm, `Activation {}`, head), fault.Unsupported, "activation function"},
		{"a cell that goes backwards", sequential(embedding, `LSTM {"units": 5, "go_backwards": true}`, head), fault.Unsupported, "go_backwards"},
		{"time first", sequential(embedding, `LSTM {"units": 5, "time_major": true}`, head), fault.Unsupported, "time_major"},
		{"nothing in Bidirectional", sequential(embedding, `Bidirectional {}`, head), fault.BadConfig, "a layer in it"},
		{"another merge_mode", both(`"merge_mode": "max"`), fault.Unsupported, "max"},
		{"a Dense layer in Bidirectional", sequential(embedding, `Bidirectional {"layer": {"class_name": "Dense", "config": {"units": 5}}}`, head), fault.Unsupported, "Dense"},
		{"directions of two widths", both(`"merge_mode": "sum", "backward_layer": {"class_name": "LSTM", "config": {"units": 6}}`), fault.BadConfig, "same shape"},
		{"directions of two forms", both(`"backward_layer": {"class_name": "LSTM", "config": {"units": 5, "return_sequences": true}}`), fault.BadConfig, "same shape"},
		{"TimeDistributed of a cell", sequential(embedding, lstm, `TimeDistributed {"layer": {"class_name": "LSTM", "config": {"units": 5}}}`), fault.Unsupported, "TimeDistributed"},
		{"TimeDistributed of nothing", sequential(embedding, lstm, `TimeDistributed {}`), fault.Unsupported, "TimeDistributed"},
		{"a norm of another axis", sequential(embedding, lstm, `LayerNormalization {"axis": [1], "epsilon": 0.001}`, head), fault.Unsupported, "last axis"},
		{"a norm of two axes", sequential(embedding, lstm, `LayerNormalization {"axis": [1, 2], "epsilon": 0.001}`, head), fault.Unsupported, "last axis"},
		{"a mask in the middle", sequential(embedding, lstm, `Masking {"mask_value": 0.0}`, head), fault.Unsupported, "mask"},
		{"a mask of another value", sequential(`InputLayer {"batch_shape": [null, 7, 9]}`, `Masking {"mask_value": -1.0}`, lstm, head), fault.Unsupported, "mask"},
		{"text of a fixed length", sequential(`TextVectorization {"output_sequence_length": 7}`, embedding, lstm, head), fault.Unsupported, "output_sequence_length"},
		{"two inputs", functional(`a InputLayer - {}`, `b InputLayer - {}`, `c Add a,b {}`), fault.Unsupported, "two inputs"},
		{"a layer with two inputs", functional(`a InputLayer - {}`, `b Embedding a {}`, `c Add a,b {}`), fault.Unsupported, "one input"},
		{"a branch", functional(`a InputLayer - {}`, `b LSTM a {}`, `c LSTM a {}`), fault.Unsupported, "branches"},
		{"two masks", functional(`a InputLayer - {}`, `n NotEqual a {}`, `m Any n {}`, `b Flatten a {}`), fault.Unsupported, "Flatten"},
		{"a circle", functional(`a InputLayer c {}`, `b LSTM a {}`, `c LSTM b {}`), fault.BadConfig, "circle"},
	} {
		_, err := keras.Open([]byte(c.config), weights)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Error(), c.found) {
			t.Errorf("%s: got %v, want code %s and %q", c.name, err, c.code, c.found)
		}
	}
}

// TestShapes: a config that the weights contradict is refused by the tensor.
func TestShapes(t *testing.T) {
	ck := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir("keras-lstm"))...)
	for old, with := range map[string]string{`"units":16`: `"units":17`, `"input_dim":40`: `"input_dim":41`, `"output_dim":12`: `"output_dim":13`, `"class_name":"LSTM"`: `"class_name":"GRU"`} {
		config := strings.ReplaceAll(string(compact(t, ck.Config)), old, with)
		_, err := keras.Open([]byte(config), ck)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != fault.WrongShape && e.Code != fault.MissingTensor || !strings.HasPrefix(e.Where, "tensor ") {
			t.Errorf("%s: %v", with, err)
		}
	}
}

func compact(t *testing.T, b []byte) []byte {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestForms: the forms that a config may have all make the same model.
func TestForms(t *testing.T) {
	run := func(config string) []float32 {
		m, err := keras.Open([]byte(config), weights)
		if err != nil {
			t.Fatalf("%s: %v", config, err)
		}
		var out []float32
		if err := m.Forward(m.NewState(), nn.Input{IDs: []int{3, 1, 4, 1, 5}, Logits: func(_ int, z []float32) { out = append(out, z...) }}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := run(sequential(embedding, lstm, last, head))
	for name, config := range map[string]string{
		"an input layer and dropout": functional(`i InputLayer - {}`, `l0 Embedding i {"input_dim": 9, "output_dim": 4}`, `l1 LSTM l0 {"units": 5, "return_sequences": true}`,
			`d Dropout l1 {"rate": 0.5}`, `l2 GRU d {"units": 5, "reset_after": true}`, `l3 Dense l2 {"units": 9, "activation": "softmax"}`),
		"softmax apart":        sequential(embedding, lstm, last, `Dense {"units": 9, "activation": "linear"}`, `Activation {"activation": "softmax"}`),
		"a Softmax layer":      sequential(embedding, lstm, last, `Dense {"units": 9}`, `Softmax {}`),
		"functions as objects": sequential(embedding, `LSTM {"units": 5, "return_sequences": true, "activation": {"class_name": "function", "config": "tanh"}, "recurrent_activation": {"class_name": "Sigmoid", "config": {}}}`, last, head),
		"functional": functional(`l3 Dense l2 {"units": 9, "activation": "softmax"}`, `i InputLayer - {"batch_input_shape": [null, null]}`, `l1 LSTM l0 {"units": 5, "return_sequences": true}`,
			`l0 Embedding i {"input_dim": 9, "output_dim": 4}`, `l2 GRU l1 {"units": 5, "reset_after": true}`),
	} {
		if got := run(config); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got[:3], want[:3])
		}
	}
	old := strings.Replace(strings.Replace(sequential(embedding, lstm, last, head), `{"layers": [`, `[`, 1), `]}}}`, `]}}`, 1) // before Keras 2.2.3
	if got := run(old); !slices.Equal(got, want) {
		t.Errorf("a list of layers: %v, want %v", got[:3], want[:3])
	}
}

// TestUnpacked: Keras's own config.json beside model.weights.h5, as a hub keeps them: layers are found by their names or, where the
// file does not know them, by class and number. There may be a layer that has the number of another.
func TestUnpacked(t *testing.T) {
	files := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir("keras-weights"))...)
	packed := enginetest.Checkpoint(t, enginetest.Files(t, enginetest.Dir("keras-lstm"))...)
	var whole struct {
		Config json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(packed.Config, &whole); err != nil {
		t.Fatal(err)
	}
	run := func(config []byte) (out []float32) {
		m, err := model.Open(config, files)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Forward(m.NewState(), nn.Input{IDs: []int{3, 1, 4, 1, 5}, Logits: func(_ int, z []float32) { out = append(out, z...) }}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := run(packed.Config)
	for _, names := range [][]string{nil, {`"lstm_1"`, `"lstm_2"`, `"lstm"`, `"lstm_1"`, `"dense"`, `"dense_7"`}} {
		config := strings.NewReplacer(names...).Replace(string(compact(t, whole.Config)))
		if got := run([]byte(config)); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", names, got[:3], want[:3])
		}
	}
}

// TestClassifier: a model whose last layer is no distribution of tokens has no logits, and all else.
func TestClassifier(t *testing.T) {
	m, err := keras.Open([]byte(sequential(embedding, last, `Dense {"units": 1, "activation": "sigmoid"}`)), weights)
	if err != nil {
		t.Fatal(err)
	}
	i := m.Info()
	rec := activation.NewRecorder("*")
	if err := m.Forward(m.NewState(), nn.Input{IDs: []int{3, 1, 4}, Hooks: &activation.Hooks{Recorder: rec}, Logits: func(int, []float32) { t.Error("logits") }}); err != nil {
		t.Fatal(err)
	}
	if p := rec.Get("dense.0.post"); i.Logits || p == nil || p.N != 3 || !(p.Data[2] > 0 && p.Data[2] < 1) || rec.Get("logits") != nil {
		t.Errorf("%+v, %v", i, p)
	}
	if x, z := rec.Get("dense.0.pre").Data[2], rec.Get("dense.0.post").Data[2]; math.Abs(1/(1+math.Exp(-float64(x)))-float64(z)) > 1e-6 {
		t.Errorf("sigmoid(%v) = %v", x, z)
	}
}

// TestPadding: what the config tells of how texts are filled up.
func TestPadding(t *testing.T) {
	fixed := `InputLayer {"batch_shape": [null, 7]}`
	for _, c := range []struct{ config, value, why string }{
		{sequential(embedding, last, head), "0", "default"},
		{sequential(fixed, embedding, last, head), "7", "shapes"},
		{sequential(`Embedding {"input_dim": 9, "output_dim": 4, "input_length": 6}`, last, head), "6", "shapes"},
		{sequential(`Embedding {"input_dim": 9, "output_dim": 4, "batch_input_shape": [null, 5]}`, last, head), "5", "shapes"},
		{sequential(fixed, embedding, lstm, head), "0", "shapes"}, // a prediction after each token
		{sequential(fixed, embedding, `Bidirectional {"layer": {"class_name": "LSTM", "config": {"units": 5, "return_sequences": true}}}`, lstm, head), "7", "shapes"},
		{sequential(fixed, embedding, `LSTM {"units": 5, "stateful": true}`, head), "0", "shapes"},
		{sequential(`InputLayer {"batch_shape": [1, 1]}`, embedding, last, head), "0", "default"},
		{sequential(`LSTM {"units": 5, "batch_input_shape": [null, 4, 9]}`, head), "4", "shapes"},
		{strings.Replace(sequential(fixed, embedding, last, head), `{"model`, `{"padding": 3, "model`, 1), "", ""},
	} {
		m, err := keras.Open([]byte(c.config), weights)
		if err != nil {
			t.Fatal(err)
		}
		g := m.Guesses()
		if c.value == "" && len(g) > 0 || c.value != "" && (len(g) != 1 || g[0].Key != "padding" || g[0].Value != c.value || g[0].Why != c.why) {
			t.Errorf("%s: %v, want %s %s", c.config, g, c.value, c.why)
		}
	}
}

// shapes are weights that have no numbers.
type shapes map[string][]int

func (s shapes) Names() []string         { return nil }
func (s shapes) Has(name string) bool    { return s[name] != nil }
func (s shapes) Shape(name string) []int { return s[name] }
func (s shapes) Matrix(string, int, int) (*tensor.Matrix, error) {
	panic("the numbers are not looked at")
}
func (s shapes) MatrixT(string, int, int) (*tensor.Matrix, error) {
	panic("the numbers are not looked at")
}
func (s shapes) Vector(string, int) ([]float32, error) { panic("the numbers are not looked at") }

// TestInfer: weights without a config, whose shapes tell the model or do not.
func TestInfer(t *testing.T) {
	cell := func(s shapes, name string, gates, in, units int, bias ...int) {
		s[name+"/kernel"], s[name+"/recurrent_kernel"] = []int{in, gates * units}, []int{units, gates * units}
		if bias != nil {
			s[name+"/bias"] = bias
		}
	}
	dense := func(s shapes, name string, in, out int) {
		s[name+"/kernel"], s[name+"/bias"] = []int{in, out}, []int{out}
	}
	for _, c := range []struct {
		name    string
		make    func(s shapes)
		layers  string
		ordered bool
		want    string // classes; empty: not told
	}{
		{"a stack", func(s shapes) {
			s["embedding/embeddings"] = []int{9, 4}
			cell(s, "lstm", 4, 4, 6, 24)
			cell(s, "lstm_1", 4, 6, 6, 24)
			cell(s, "lstm_10", 4, 6, 6, 24)
			cell(s, "lstm_2", 4, 6, 6, 24)
			dense(s, "dense", 6, 9)
		}, "dense embedding lstm lstm_1 lstm_10 lstm_2 dropout", false, "Embedding LSTM LSTM LSTM LSTM Dense"},
		{"one-hot", func(s shapes) { cell(s, "gru", 3, 9, 5, 2, 15); dense(s, "dense", 5, 9) }, "dense gru", false, "InputLayer GRU Dense"},
		{"both directions", func(s shapes) {
			s["embedding/embeddings"] = []int{9, 4}
			cell(s, "bidirectional/forward", 3, 4, 5, 15)
			cell(s, "bidirectional/backward", 3, 4, 5, 15)
			dense(s, "dense", 10, 7)
			dense(s, "dense_1", 7, 9)
		}, "bidirectional dense dense_1 embedding", false, "Embedding Bidirectional Dense Dense"},
		{"in order", func(s shapes) {
			s["e/embeddings"] = []int{9, 5}
			cell(s, "a", 4, 5, 5, 20)
			cell(s, "b", 1, 5, 5, 5)
			dense(s, "c", 5, 9)
		}, "e a b c", true, "Embedding LSTM SimpleRNN Dense"},
		{"in no order", func(s shapes) {
			s["e/embeddings"] = []int{9, 5}
			cell(s, "a", 4, 5, 5, 20)
			cell(s, "b", 1, 5, 5, 5)
			dense(s, "c", 5, 9)
		}, "e a b c", false, ""},
		{"a norm", func(s shapes) {
			s["e/embeddings"], s["n/gamma"] = []int{9, 5}, []int{5}
			cell(s, "a", 4, 5, 5, 20)
			dense(s, "c", 5, 9)
		}, "e a n c", true, ""},
		{"a width that does not fit", func(s shapes) {
			s["e/embeddings"] = []int{9, 5}
			cell(s, "a", 4, 6, 5, 20)
			dense(s, "c", 5, 9)
		}, "e a c", true, ""},
		{"no unit a token", func(s shapes) {
			s["e/embeddings"] = []int{9, 5}
			cell(s, "a", 4, 5, 5, 20)
			dense(s, "c", 5, 2)
		}, "e a c", true, ""},
		{"five gates", func(s shapes) {
			s["e/embeddings"] = []int{9, 5}
			cell(s, "a", 5, 5, 5, 25)
			dense(s, "c", 5, 9)
		}, "e a c", true, ""},
		{"a cell of no units", func(s shapes) {
			s["e/embeddings"] = []int{9, 5}
			s["a/kernel"], s["a/recurrent_kernel"] = []int{5, 0}, []int{0, 0}
			dense(s, "c", 0, 9)
		}, "e a c", true, ""},
		{"a convolution", func(s shapes) { s["e/embeddings"], s["c/kernel"] = []int{9, 5}, []int{3, 5, 5} }, "e c", true, ""},
		{"nothing", func(shapes) {}, "", true, ""},
	} {
		s := shapes{}
		c.make(s)
		config, guesses, ok := keras.Infer(s, map[string]any{"layer_names": strings.Fields(c.layers), "layers_in_order": c.ordered})
		if !ok {
			if c.want != "" {
				t.Errorf("%s: not told", c.name)
			}
			continue
		}
		b, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Config struct {
				Config struct {
					Layers []struct {
						Class string `json:"class_name"`
					}
				}
			}
		}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range m.Config.Config.Layers {
			got = append(got, l.Class)
		}
		if strings.Join(got, " ") != c.want || len(guesses) < 3 {
			t.Errorf("%s: %v %v, want %s", c.name, got, guesses, c.want)
		}
	}
}
