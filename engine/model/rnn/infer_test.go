package rnn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/fault"
	"loupe/engine/model/rnn"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// shapes is an nn.Weights of zeros: "name rows cols, name n, ..".
type shapes struct {
	names []string
	of    map[string][]int
}

func parse(s string) *shapes {
	w := &shapes{of: map[string][]int{}}
	for _, t := range strings.Split(s, ", ") {
		f := strings.Fields(t)
		var shape []int
		for _, n := range f[1:] {
			var k int
			fmt.Sscan(n, &k)
			shape = append(shape, k)
		}
		w.names, w.of[f[0]] = append(w.names, f[0]), shape
	}
	return w
}

func (w *shapes) Names() []string         { return w.names }
func (w *shapes) Has(name string) bool    { return w.of[name] != nil }
func (w *shapes) Shape(name string) []int { return w.of[name] }

func (w *shapes) find(name string, shape ...int) error {
	if fmt.Sprint(w.of[name]) != fmt.Sprint(shape) {
		return &fault.Error{Code: fault.MissingTensor, Where: name, Expected: fmt.Sprint(shape), Found: fmt.Sprint(w.of[name])}
	}
	return nil
}

func (w *shapes) Matrix(name string, rows, cols int) (*tensor.Matrix, error) {
	return tensor.NewMatrix(tensor.F32, rows, cols), w.find(name, rows, cols)
}

func (w *shapes) MatrixT(name string, rows, cols int) (*tensor.Matrix, error) {
	return tensor.NewMatrix(tensor.F32, rows, cols), w.find(name, cols, rows)
}

func (w *shapes) Vector(name string, n int) ([]float32, error) {
	return make([]float32, n), w.find(name, n)
}

// lstm is one layer of four gates, with its biases.
func lstm(prefix, suffix string, in, hidden int) string { return gated(4, prefix, suffix, in, hidden) }

func gated(k int, prefix, suffix string, in, hidden int) string {
	return fmt.Sprintf("%[1]sweight_ih%[2]s %[3]d %[4]d, %[1]sweight_hh%[2]s %[3]d %[5]d, %[1]sbias_ih%[2]s %[3]d, %[1]sbias_hh%[2]s %[3]d", prefix, suffix, k*hidden, in, hidden)
}

func list(parts ...string) string { return strings.Join(parts, ", ") }

// TestInfer opens weights of names that people give.
func TestInfer(t *testing.T) {
	cases := []struct {
		name, tensors string
		said          map[string]any
		want, guesses string // config as JSON; guesses "key=value why [choices]"
	}{
		{"word_language_model", list("encoder.weight 40 12", lstm("rnn.", "_l0", 12, 16), lstm("rnn.", "_l1", 16, 16), "decoder.weight 40 16, decoder.bias 40"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":2}`, ""},
		{"tied", list("encoder.weight 40 16", gated(3, "rnn.", "_l0", 16, 16), "decoder.bias 40"), nil,
			`{"model_type":"gru","vocab_size":40,"embedding_size":16,"hidden_size":16,"num_layers":1,"tie_word_embeddings":true}`, ""},
		{"a plain RNN", list("encoder.weight 40 12", gated(1, "rnn.", "_l0", 12, 16), "decoder.weight 40 16, decoder.bias 40"), nil,
			`{"model_type":"rnn_tanh","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":1}`, "model_type=rnn_tanh default [rnn_tanh rnn_relu]"},
		{"a plain RNN that says its function", list("encoder.weight 40 12", gated(1, "rnn.", "_l0", 12, 16), "decoder.weight 40 16, decoder.bias 40"),
			map[string]any{"rnn.mode": "RNN_RELU", "model": "mine"},
			`{"model_type":"rnn_relu","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":1}`, ""},
		{"projections", list("encoder.weight 40 12", "rnn.weight_ih_l0 64 12, rnn.weight_hh_l0 64 7, rnn.bias_ih_l0 64, rnn.bias_hh_l0 64, rnn.weight_hr_l0 7 16", "decoder.weight 40 7"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":1,"proj_size":7}`, ""},
		{"embed, lstm, fc", list("embed.weight 40 12", lstm("lstm.", "_l0", 12, 16), "fc.weight 40 16, fc.bias 40"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":1,"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc"}`,
			"model_type=lstm shapes [], layers=lstm.*_l0 shapes [], embedding=embed.weight shapes [embed.weight], decoder=fc shapes [fc]"},
		{"the linear layer stands first and has the embedding's shape", list("out.weight 40 16, out.bias 40", "a.emb.weight 40 16", gated(3, "a.gru.", "_l0", 16, 16)), nil,
			`{"model_type":"gru","vocab_size":40,"embedding_size":16,"hidden_size":16,"num_layers":1,"embedding":"a.emb.weight","layers":["a.gru.*_l0"],"decoder":"out"}`,
			"model_type=gru shapes [], layers=a.gru.*_l0 shapes [], embedding=a.emb.weight names [a.emb.weight out.weight], decoder=out names [out a.emb]"},
		{"one-hot", list(lstm("lstm.", "_l0", 40, 16), lstm("lstm.", "_l1", 16, 16), "fc.weight 40 16, fc.bias 40"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":40,"hidden_size":16,"num_layers":2,"embedding":"one-hot","layers":["lstm.*_l0","lstm.*_l1"],"decoder":"fc"}`,
			"model_type=lstm shapes [], layers=lstm.*_l0, lstm.*_l1 shapes [], embedding=one-hot shapes [one-hot], decoder=fc shapes [fc]"},
		{"cells, the tenth after the second, without biases", list("e.weight 40 16", cells(11), "out.weight 40 16"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":16,"hidden_size":16,"num_layers":11,"embedding":"e.weight","layers":["c.0.*","c.1.*","c.2.*","c.3.*","c.4.*","c.5.*","c.6.*","c.7.*","c.8.*","c.9.*","c.10.*"],"decoder":"out"}`,
			"model_type=lstm shapes [], layers=c.0.*, c.1.*, c.2.*, c.3.*, c.4.*, c.5.*, c.6.*, c.7.*, c.8.*, c.9.*, c.10.* shapes [], embedding=e.weight names [e.weight out.weight], decoder=out names [out e]"},
		{"AWD-LSTM: sizes that differ, recurrent weights that are called raw", list("encoder.weight 40 12",
			"rnns.0.module.weight_ih_l0 80 12, rnns.0.module.weight_hh_l0_raw 80 20, rnns.0.module.bias_ih_l0 80, rnns.0.module.bias_hh_l0 80", lstm("rnns.1.module.", "_l0", 20, 12), "decoder.weight 40 12, decoder.bias 40"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":12,"hidden_size":12,"hidden_sizes":[20,12],"num_layers":2,"embedding":"encoder.weight","layers":["rnns.0.module.*_l0","rnns.1.module.*_l0"],"decoder":"decoder"}`,
			"model_type=lstm shapes [], layers=rnns.0.module.*_l0, rnns.1.module.*_l0 shapes [], embedding=encoder.weight names [encoder.weight decoder.weight], decoder=decoder names [decoder encoder]"},
		{"layers whose names are in no order", list("e.weight 40 12", lstm("lower.", "_l0", 12, 16), lstm("above.", "_l0", 16, 16), "out.weight 40 16"), nil,
			`{"model_type":"lstm","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":2,"embedding":"e.weight","layers":["lower.*_l0","above.*_l0"],"decoder":"out"}`,
			"model_type=lstm shapes [], layers=lower.*_l0, above.*_l0 shapes [], embedding=e.weight shapes [e.weight], decoder=out shapes [out]"},
	}
	for _, c := range cases {
		w := parse(c.tensors)
		config, guesses, ok := rnn.Infer(w, c.said)
		b, err := json.Marshal(config)
		if !ok || err != nil || string(b) != c.want {
			t.Errorf("%s: %v %s", c.name, ok, b)
			continue
		}
		var got []string
		for _, g := range guesses {
			got = append(got, fmt.Sprintf("%s=%s %s %v", g.Key, g.Value, g.Why, g.Choices))
		}
		if s := strings.Join(got, ", "); s != c.guesses {
			t.Errorf("%s: guesses %s", c.name, s)
		}
		m, err := rnn.Open(b, w)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := m.Forward(m.NewState(), nn.Input{IDs: []int{1, 39, 2}}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func cells(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("c.%[1]d.weight_ih 64 16, c.%[1]d.weight_hh 64 16", (i+3)%n))
	}
	return list(all...)
}

// TestNotUnderstood holds that what is no embedding, stack of cells and linear layer is refused by name, and never run as if it were.
func TestNotUnderstood(t *testing.T) {
	base := list("encoder.weight 40 16", lstm("rnn.", "_l0", 16, 16), "decoder.weight 40 16, decoder.bias 40")
	for _, c := range []struct{ name, tensors, where, found string }{
		{"backwards", list(base, lstm("rnn.", "_l0_reverse", 16, 16)), "bidirectional", "true"},
		{"a norm between", list(base, "norm.weight 16, norm.bias 16"), "tensors", `also "norm.weight, norm.bias"`},
		{"a linear layer between", list(base, "fc.weight 16 16, fc.bias 16"), "tensors", `also "fc.weight, fc.bias"`},
		{"attention", list(base, "attn.weight 10 32"), "tensors", `also "attn.weight"`},
		{"an initial state", list(base, "h0 1 16"), "tensors", `also "h0"`},
		{"a second stack of another width", list(base, lstm("top.", "_l0", 16, 8)), "tensors", `also "encoder.weight, decoder.weight, decoder.bias"`},
		{"a classifier", list("embed.weight 40 12", lstm("lstm.", "_l0", 12, 16), "fc.weight 2 16, fc.bias 2"), "tensors", `also "embed.weight, fc.weight, fc.bias"`},
	} {
		w := parse(c.tensors)
		config, _, ok := rnn.Infer(w, nil)
		b, _ := json.Marshal(config)
		_, err := rnn.Open(b, w)
		var e *fault.Error
		if !ok || !errors.As(err, &e) || e.Code != fault.Unsupported || e.Where != c.where || e.Found != c.found {
			t.Errorf("%s: %v, %v", c.name, ok, err)
		}
	}
	for _, none := range []string{"encoder.weight 40 16", "rnn.weight_ih_l0 64 16", "rnn.weight_ih_l0 60 16, rnn.weight_hh_l0 60 16", "weight_ih 0 0, weight_hh 0 0",
		lstm("", "_l0", 12, 16)} {
		if c, _, ok := rnn.Infer(parse(none), nil); ok {
			t.Errorf("%s is %+v", none, c)
		}
	}
}

// TestNames holds that a config whose names do not fit is refused.
func TestNames(t *testing.T) {
	w := parse(list("embed.weight 40 12", lstm("lstm.", "_l0", 12, 16), "fc.weight 40 16, fc.bias 40"))
	const sizes = `"model_type":"lstm","vocab_size":40,"embedding_size":12,"hidden_size":16,"num_layers":1,`
	for config, want := range map[string]fault.Code{
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc"}`:                        "",
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0","lstm.*_l1"],"decoder":"fc"}`:            fault.BadConfig,
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm"],"decoder":"fc"}`:                             fault.MissingTensor,
		`{` + sizes + `"embedding":"one-hot","layers":["lstm.*_l0"],"decoder":"fc"}`:                             fault.BadConfig,
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"head"}`:                      fault.MissingTensor,
		`{` + sizes + `"embedding":"embed.weight","layers":[],"decoder":"fc"}`:                                   fault.BadConfig,
		`{` + sizes + `"embedding":"fc.weight","layers":["lstm.*_l0"],"decoder":"fc"}`:                           fault.MissingTensor,
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc","bidirectional":true}`:   fault.Unsupported,
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc","hidden_sizes":[16]}`:    "",
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc","hidden_sizes":[16,16]}`: fault.BadConfig,
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc","hidden_sizes":[]}`:      fault.BadConfig,
		`{` + sizes + `"embedding":"embed.weight","layers":["lstm.*_l0"],"decoder":"fc","hidden_sizes":[-16]}`:   fault.BadConfig,
	} {
		_, err := rnn.Open([]byte(config), w)
		var e *fault.Error
		if errors.As(err, &e); (err == nil) != (want == "") || e != nil && e.Code != want {
			t.Errorf("%s: %v, want %s", config, err, want)
		}
	}
}

// FuzzInfer holds that tensors of any names and shapes give a model that runs, a typed error, or nothing.
func FuzzInfer(f *testing.F) {
	f.Add("encoder.weight 40 12, " + lstm("rnn.", "_l0", 12, 16) + ", decoder.weight 40 16, decoder.bias 40")
	f.Add(lstm("a.", "", 9, 7) + ", " + gated(3, "b.", "_l0", 7, 7) + ", out.weight 9 7")
	f.Add("e 8 2, " + gated(1, "a", "_l1", 2, 2) + ", " + gated(1, "a", "_l0", 2, 2) + ", x_raw 2, aweight_hh_l0_raw 2 2")
	f.Add("e.weight 9 3, weight_ih_l0 16 3, weight_hh_l0 16 2, weight_hr_l0 2 4, d.weight 9 2")
	f.Fuzz(func(t *testing.T, s string) {
		w := &shapes{of: map[string][]int{}}
		for _, part := range strings.Split(s, ", ") {
			name, dims, _ := strings.Cut(part, " ")
			var shape []int
			for _, d := range strings.Fields(dims) {
				n := 0
				for _, c := range []byte(d) {
					n = (n*10 + int(c)) % 97
				}
				shape = append(shape, n)
			}
			if w.of[name] == nil && len(w.names) < 64 {
				w.names, w.of[name] = append(w.names, name), shape
			}
		}
		c, _, ok := rnn.Infer(w, nil)
		if !ok {
			return
		}
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		m, err := rnn.Open(b, w)
		var e *fault.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatalf("%v has no type", err)
		case err == nil:
			if err := m.Forward(m.NewState(), nn.Input{IDs: []int{0, 1}}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
