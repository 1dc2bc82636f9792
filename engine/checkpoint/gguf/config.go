package gguf

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// builder makes config.json, with transformers' old keys, of what the metadata and the tensors say. After the first error the
// rest is of no meaning.
type builder struct {
	meta   map[string]any
	arch   string
	file   *format.File
	config map[string]any
	err    error
}

// finish gives a file its names and its config. Architectures that are not known keep ggml's names, and a config that names
// them.
func finish(f *format.File) error {
	b := &builder{meta: f.Metadata, file: f, config: map[string]any{}}
	b.arch, _ = f.Metadata["general.architecture"].(string)
	if n, ok := f.Metadata["split.tensors.count"].(int64); ok && n != int64(len(f.Tensors)) {
		return fail(fault.BadGGUF, "split.tensors.count", fmt.Sprint(len(f.Tensors)), fmt.Sprint(n))
	}
	if err := vocabulary(f.Metadata); err != nil {
		return err
	}
	fam := families[b.arch]
	if b.arch == "bert" && !b.has("token_types.weight") {
		fam = distilbert
	}
	if fam == nil || b.int("expert_count", 0) > 0 {
		b.config = map[string]any{"model_type": b.arch}
		if fam != nil {
			b.config["model_type"] = b.arch + " with experts"
		}
	} else {
		b.config["model_type"] = fam.kind
		b.common()
		fam.config(b)
		b.rename(fam)
		b.pooling()
	}
	if b.err != nil {
		return b.err
	}
	var err error
	f.Config, err = json.Marshal(b.config)
	return err
}

// vocabulary proves the types of what a tokenizer is made of.
func vocabulary(meta map[string]any) error {
	tokens, ok := meta["tokenizer.ggml.tokens"]
	list, text := tokens.([]string)
	if ok && !text {
		return fail(fault.BadGGUF, "tokenizer.ggml.tokens", "an array of strings", fmt.Sprintf("%T", tokens))
	}
	if m, ok := meta["tokenizer.ggml.merges"]; ok {
		if _, ok := m.([]string); !ok {
			return fail(fault.BadGGUF, "tokenizer.ggml.merges", "an array of strings", fmt.Sprintf("%T", m))
		}
	}
	if s, ok := meta["tokenizer.ggml.scores"]; ok {
		if v, ok := s.([]float64); !ok || len(v) != len(list) {
			return fail(fault.BadGGUF, "tokenizer.ggml.scores", fmt.Sprintf("%d numbers", len(list)), fmt.Sprintf("%T of another length or kind", s))
		}
	}
	if t, ok := meta["tokenizer.ggml.token_type"]; ok {
		if v, ok := t.([]int64); !ok || len(v) != len(list) {
			return fail(fault.BadGGUF, "tokenizer.ggml.token_type", fmt.Sprintf("%d whole numbers", len(list)), fmt.Sprintf("%T of another length or kind", t))
		}
	}
	return nil
}

func (b *builder) has(name string) bool { return b.tensor(name) != nil }

func (b *builder) tensor(name string) *format.Tensor {
	for i := range b.file.Tensors {
		if b.file.Tensors[i].Name == name {
			return &b.file.Tensors[i]
		}
	}
	return nil
}

// value is what the metadata say under the architecture's name.
func (b *builder) value(key string) (where string, v any) {
	where = b.arch + "." + key
	return where, b.meta[where]
}

func (b *builder) fail(where, expected string, found any) {
	if b.err == nil {
		if found == nil {
			found = "nothing"
		}
		b.err = fail(fault.BadGGUF, where, expected, fmt.Sprint(found))
	}
}

// int is a whole number; missing is its value if the file does not say it, -1: it must. An array has one for each layer: they
// must be the same.
func (b *builder) int(key string, missing int) int {
	where, v := b.value(key)
	switch v := v.(type) {
	case int64:
		if v >= 0 && v < 1<<31 {
			return int(v)
		}
	case []int64:
		if len(v) > 0 && v[0] >= 0 && v[0] < 1<<31 {
			for _, n := range v {
				if n != v[0] && b.err == nil {
					b.err = fail(fault.Unsupported, where, "the same number in all layers", fmt.Sprintf("%d and %d", v[0], n))
				}
			}
			return int(v[0])
		}
	case nil:
		if missing >= 0 {
			return missing
		}
	}
	b.fail(where, "a whole number", v)
	return 1
}

// float is a number; of f32, the shortest that means the same.
func (b *builder) float(key string, missing float64) float64 {
	where, v := b.value(key)
	switch v := v.(type) {
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return shortest(v)
		}
	case int64:
		return float64(v)
	case nil:
		if !math.IsNaN(missing) {
			return missing
		}
	}
	b.fail(where, "a number", v)
	return 1
}

// must is for float: the file has to say it.
var must = math.NaN()

// shortest makes 1e-5 of the f32 that is nearest to it, which a file keeps.
func shortest(v float64) float64 {
	if float64(float32(v)) != v {
		return v
	}
	f, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, 32), 64) // always a number
	return f
}

// rename gives the tensors transformers' names, order and norms.
func (b *builder) rename(f *family) {
	heads, kv := b.heads(), b.int("attention.head_count_kv", b.heads())
	for i := range b.file.Tensors {
		t := &b.file.Tensors[i]
		as, what := f.name(t.Name)
		if t.As = as; as == "" {
			continue
		}
		switch {
		case f.rotated && what == "attn_q":
			b.swap(t, heads, 0, 2)
		case f.rotated && what == "attn_k":
			b.swap(t, kv, 0, 2)
		case f.kind == "gpt_neox" && what == "attn_qkv":
			b.swap(t, 1, 3, heads)
		case f.plusOne && strings.HasSuffix(t.Name, "norm.weight"):
			t.Plus = -1
		case slices.Contains(f.turned, what) && len(t.Shape) == 2:
			t.Shape, t.Fortran = []int{t.Shape[1], t.Shape[0]}, true
		}
	}
}

// swap sets a tensor's order of rows, [groups, n, m, ..]; n = 0 is as many as there are.
func (b *builder) swap(t *format.Tensor, groups, n, m int) {
	rows := 0
	if len(t.Shape) > 0 {
		rows = t.Shape[0]
	}
	if n == 0 && groups > 0 {
		n = rows / groups / m
	}
	if n == 0 || rows%(groups*n*m) != 0 {
		b.fail(fault.Name(t.Name), fmt.Sprintf("rows for %d heads", max(groups, m)), rows)
		return
	}
	t.Swap = [3]int{groups, n, m}
}
