//go:build !js

// The command line is for a terminal: its tests do not run again in the browser.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/tensor"
)

// loupe runs the command line.
func loupe(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Main(args, &o, &e)
	return code, o.String(), e.String()
}

// done runs it and fails the test unless it succeeds, with nothing on standard error.
func done(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := loupe(args...)
	if code != 0 || errs != "" && !strings.HasPrefix(errs, "note: ") {
		t.Fatalf("loupe %q: exit code %d: %s", args, code, errs)
	}
	return out
}

func list(ids []int) string { return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]") }

// keys are the keys of a JSON object, sorted.
func keys(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(m))
}

func TestInspect(t *testing.T) {
	dir := enginetest.Dir("lstm-proj")
	weights := filepath.Join(dir, "model.safetensors")
	var first string
	for _, args := range [][]string{{dir}, {weights}, {weights, filepath.Join(dir, "config.json"), filepath.Join(dir, "tokenizer.json")}} {
		raw := done(t, append([]string{"inspect", "--json"}, args...)...)
		if first == "" {
			first = raw
		}
		if raw != first {
			t.Errorf("%q: %s\nexpected %s", args, raw, first)
		}
	}
	if got := keys(t, json.RawMessage(first)); !slices.Equal(got, []string{"config", "family", "format", "guesses", "parameters", "tensors", "tokenizer"}) {
		t.Errorf("keys %q", got)
	}
	var o inspectOut
	if err := json.Unmarshal([]byte(first), &o); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, k := range o.Tensors {
		n += tensor.Numel(k.Shape)
	}
	if o.Format != "safetensors" || o.Family != "LSTM" || o.Parameters != n || o.Config["proj_size"] != 7.0 || o.Tokenizer.Kind != "char" || o.Tokenizer.Vocab != 40 || len(o.Tensors) != 18 {
		t.Errorf("%+v", o)
	}
	if k := o.Tensors[0]; k.Name != "decoder.bias" || k.DType != "F32" || !slices.Equal(k.Shape, []int{40}) {
		t.Errorf("%+v", k)
	}
	if text := done(t, "inspect", "char-lstm"); !strings.Contains(text, "LSTM") || !strings.Contains(text, "rnn.weight_hh_l1") {
		t.Error(text)
	}
}

// TestInspectSeq inspects encoder-decoders: both halves are said.
func TestInspectSeq(t *testing.T) {
	for _, dir := range []string{enginetest.Dir("g2p-lstm"), enginetest.Dir("g2p-transformer")} {
		var o inspectOut
		if err := json.Unmarshal([]byte(done(t, "inspect", "--json", dir)), &o); err != nil {
			t.Fatal(err)
		}
		if q := o.Seq; q == nil || q.Source.Vocab < 10 || o.Tokenizer.Vocab < 10 || q.Source.Kind == "" || len(q.Cross) == 0 {
			t.Errorf("%s: %+v, %+v", dir, o.Tokenizer, o.Seq)
		}
		if text := done(t, "inspect", dir); !strings.Contains(text, "encoder-decoder: source ") {
			t.Error(text)
		}
	}
}

// TestInspectGeneration: what generation_config.json says of the search is what is inspected, as it is what is done.
func TestInspectGeneration(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(enginetest.Dir("bart"))); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "generation_config.json", `{"num_beams": 3, "max_length": 12}`)
	var o inspectOut
	if err := json.Unmarshal([]byte(done(t, "inspect", "--json", dir)), &o); err != nil {
		t.Fatal(err)
	}
	if q := o.Seq; q == nil || q.Beam != 3 || q.Most != 11 {
		t.Errorf("%+v", q)
	}
}

// TestInspectAlone inspects weights with nothing beside them, of a family that cannot be told, and of one that is not known.
func TestInspectAlone(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join(enginetest.Dir("gemma2"), "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "w.safetensors", string(b))
	for _, config := range []string{"", `{"model_type": "mamba", "d": 3}`} {
		if config != "" {
			write(t, dir, "config.json", config)
		}
		var o inspectOut
		if err := json.Unmarshal([]byte(done(t, "inspect", dir, "--json")), &o); err != nil {
			t.Fatal(err)
		}
		if o.Family != "" || o.Tokenizer.Kind != "" || len(o.Tensors) < 20 || o.Config == nil || len(o.Config) != 2*min(len(config), 1) {
			t.Errorf("%+v", o)
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRunJSON holds the shape of what run prints, and its numbers against those of the JSON's own distribution.
func TestRunJSON(t *testing.T) {
	g := enginetest.ReadGolden(t, "gpt2-tied")
	raw := done(t, "run", enginetest.Dir("gpt2-tied"), "--ids", list(g.IDs), "--generate", fmt.Sprint(len(g.Greedy)), "--greedy", "--top", "40", "--json")
	if got := keys(t, json.RawMessage(raw)); !slices.Equal(got, []string{"generated", "positions", "tokens"}) {
		t.Errorf("keys %q", got)
	}
	var all struct{ Positions []json.RawMessage }
	var o runOut
	for _, v := range []any{&all, &o} {
		if err := json.Unmarshal([]byte(raw), v); err != nil {
			t.Fatal(err)
		}
	}
	if got := keys(t, all.Positions[0]); !slices.Equal(got, []string{"entropy_nats", "rank", "surprisal_nats", "top"}) {
		t.Errorf("keys %q", got)
	}
	if len(o.Tokens) != len(g.IDs) || len(o.Positions) != len(g.IDs) || o.Positions[0].Surprisal != nil || o.Positions[0].Rank != nil {
		t.Fatalf("%d tokens, %d positions, first %+v", len(o.Tokens), len(o.Positions), o.Positions[0])
	}
	logits := g.Base.Acts["logits"]
	for i, p := range o.Positions {
		if len(p.Top) != 40 {
			t.Fatalf("%d rows", len(p.Top))
		}
		for _, k := range p.Top {
			if d := k.Logit - logits.Data[i*40+k.ID]; d > 1e-4 || d < -1e-4 {
				t.Errorf("position %d, token %d: logit %v, PyTorch has %v", i, k.ID, k.Logit, logits.Data[i*40+k.ID])
			}
		}
		if i > 0 {
			was := o.Positions[i-1].Top
			rank := slices.IndexFunc(was, func(k topOut) bool { return k.ID == o.Tokens[i].ID })
			if *p.Rank != rank {
				t.Errorf("position %d: rank %d, expected %d", i, *p.Rank, rank)
			}
		}
	}
	var ids []int
	for _, k := range o.Generated {
		ids = append(ids, k.ID)
	}
	if !slices.Equal(ids, g.Greedy) {
		t.Errorf("generated %v, PyTorch %v", ids, g.Greedy)
	}
	if strings.Contains(raw, "\\u003c") || strings.Count(raw, "\n") != 1 {
		t.Error("the JSON is not one plain line")
	}
}

// TestNPZ compares every activation of every tiny model, as the npz has it, with PyTorch, with a change and without.
func TestNPZ(t *testing.T) {
	changed := 0
	for _, name := range enginetest.Models {
		g := enginetest.ReadGolden(t, name)
		path := filepath.Join(t.TempDir(), "run.npz")
		compare := func(want map[string]*tensor.Tensor, args ...string) {
			t.Helper()
			done(t, append([]string{"run", enginetest.Dir(name), "--ids", list(g.IDs), "--record", "*", "--out", path}, args...)...)
			got, _ := enginetest.ReadArrays(t, path)
			if len(got) != len(g.Base.Acts) {
				t.Errorf("%s: %d arrays, expected %d", name, len(got), len(g.Base.Acts))
			}
			for act, w := range want {
				if x := got[act]; x == nil || !slices.Equal(x.Shape, w.Shape) || !(enginetest.RelErr(x.Data, w.Data) <= 1e-5) {
					t.Errorf("%s %q: %s is not PyTorch's", name, args, act)
				}
			}
		}
		compare(g.Base.Acts)
		for _, run := range g.Changed {
			if args, ok := sets(run.Changes); ok {
				compare(run.Acts, args...)
				changed++
			}
		}
	}
	if changed < 10 {
		t.Errorf("only %d changes could be written with --set", changed)
	}
}

// sets writes changes as flags; ok is false if one is none that sets a value.
func sets(changes []activation.Intervention) (args []string, ok bool) {
	for _, c := range changes {
		at := strings.Replace(fmt.Sprint(c.Pos), "-1", "*", 1)
		if c.Index >= 0 {
			at += fmt.Sprint(",", c.Index)
		}
		if c.Op != activation.Set && c.Op != activation.Zero {
			return nil, false
		}
		args = append(args, "--set", fmt.Sprintf("%s@%s=%v", c.Name, at, c.Value))
	}
	return args, true
}

// TestNPZModel holds that a model whose weights are in an npz is the same model.
func TestNPZModel(t *testing.T) {
	for _, name := range []string{"gpt2-untied", "lstm-proj"} {
		from, to := enginetest.Dir(name), t.TempDir()
		weights, _ := enginetest.ReadArrays(t, filepath.Join(from, "model.safetensors"))
		var arrays []array
		for _, k := range slices.Sorted(maps.Keys(weights)) {
			arrays = append(arrays, array{k, weights[k].Shape, weights[k].Data})
		}
		if err := writeNPZ(filepath.Join(to, "weights.npz"), arrays); err != nil {
			t.Fatal(err)
		}
		for _, f := range []string{"config.json", "tokenizer.json"} {
			b, err := os.ReadFile(filepath.Join(from, f))
			if err != nil {
				t.Fatal(err)
			}
			write(t, to, f, string(b))
		}
		run := []string{"--text", "the cat", "--generate", "9", "--greedy", "--json"}
		if a, b := done(t, append([]string{"run", from}, run...)...), done(t, append([]string{"run", to}, run...)...); a != b {
			t.Errorf("%s: safetensors %s\nnpz %s", name, a, b)
		}
		if text := done(t, "inspect", filepath.Join(to, "weights.npz")); !strings.HasPrefix(text, "npz, ") {
			t.Error(text)
		}
	}
}

// TestNPY holds the header of an array to numpy.lib.format: the data begins at a multiple of 64.
func TestNPY(t *testing.T) {
	for _, shape := range [][]int{{}, {3}, {2, 3}, {12, 1024, 1024}} {
		var b bytes.Buffer
		if err := writeNPY(&b, array{"x", shape, []float32{1}}); err != nil {
			t.Fatal(err)
		}
		head := b.Bytes()[:b.Len()-4]
		if len(head)%64 != 0 || head[len(head)-1] != '\n' || int(head[8])+int(head[9])<<8 != len(head)-10 {
			t.Errorf("%v: header %q", shape, head)
		}
	}
}

func TestSampling(t *testing.T) {
	text := func(args ...string) string {
		return done(t, append([]string{"run", "char-lstm", "--text", "To be", "--generate", "20", "--json"}, args...)...)
	}
	drawn := []string{"--temperature", "0.8", "--top-k", "20", "--top-p", "0.95", "--min-p", "0.01", "--seed"}
	a, b, c := text(append(drawn, "7")...), text(append(drawn, "7")...), text(append(drawn, "8")...)
	if a != b || a == c {
		t.Error("the seed does not decide what is drawn")
	}
	if text("--greedy") != text("--temperature", "0") || text("--greedy") != text("--top-k", "1") {
		t.Error("greedy is not the likeliest token")
	}
	plain := done(t, "run", "char-lstm", "--text", "To be", "--generate", "3", "--greedy")
	if len(strings.Split(plain, "\n")) < 7 || !strings.Contains(plain, "likeliest next") {
		t.Error(plain)
	}
}

// TestInspectVectors holds that a vectors file says how many words of how many numbers it has, whatever lies beside it.
func TestInspectVectors(t *testing.T) {
	for _, name := range []string{"glove.txt", "word2vec.bin", "vectors.tsv", "embedding_matrix.npy"} {
		out := done(t, "inspect", filepath.Join(enginetest.Root(), "testdata", "formats", "vectors", name))
		if !strings.Contains(out, "Word vectors, 72 parameters, word tokenizer of 12\n") || !strings.Contains(out, "[12, 6]\n") {
			t.Errorf("%s: %s", name, out)
		}
	}
}
