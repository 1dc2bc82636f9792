package shell

import (
	"slices"
	"strings"
	"testing"
)

func TestParseWish(t *testing.T) {
	for in, want := range map[string]string{
		"HuggingFaceTB/SmolLM2-135M":                                   "hub:HuggingFaceTB/SmolLM2-135M@main",
		" gpt2 ":                                                       "hub:gpt2@main",
		"HuggingFaceTB/SmolLM2-135M@93efa2f":                           "hub:HuggingFaceTB/SmolLM2-135M@93efa2f",
		"hub:a/b@main/b.Q4_0.gguf":                                     "hub:a/b@main/b.Q4_0.gguf",
		"a/b/b.Q4_0.gguf":                                              "hub:a/b@main/b.Q4_0.gguf",
		"https://huggingface.co/a/b":                                   "hub:a/b@main",
		"huggingface.co/a/b/tree/dev":                                  "hub:a/b@dev",
		"https://huggingface.co/a/b/blob/main/sub/b.gguf":              "hub:a/b@main/sub/b.gguf",
		"https://hf.co/gpt2/resolve/607a30d/model.safetensors":         "hub:gpt2@607a30d/model.safetensors",
		"https://huggingface.co/a/b/resolve/main/b.gguf?download=true": "hub:a/b@main/b.gguf",
		"https://example.org/m/model.safetensors":                      "https://example.org/m/model.safetensors",
		"https://example.org/a.json#x  https://example.org/b.gguf?v=2": "https://example.org/a.json https://example.org/b.gguf?v=2",
		"https://github.com/o/r/blob/main/dir/m.pt":                    "https://raw.githubusercontent.com/o/r/main/dir/m.pt",
		"http://localhost:8080/m.gguf":                                 "http://localhost:8080/m.gguf",
		"http://127.0.0.1:1/m.gguf":                                    "http://127.0.0.1:1/m.gguf",
		"http://example.org/m.gguf":                                    "fetch.not-https",
		"ftp://example.org/m.gguf":                                     "fetch.not-https",
		"https://":                                                     "fetch.bad-address",
		"https://user:pw@example.org/x":                                "fetch.bad-address",
		"":                                                             "fetch.bad-id",
		"../../etc/passwd":                                             "fetch.bad-id",
		"a/b@../c":                                                     "fetch.bad-id",
		"a/b@main/../../x":                                             "fetch.bad-id",
		"<img src=x>":                                                  "fetch.bad-id",
		"https://huggingface.co/datasets/a/b":                          "fetch.bad-id",
		"https://huggingface.co/":                                      "fetch.bad-id",
	} {
		w, bad := parseWish(in)
		got := bad
		if bad == "" {
			got = w.String()
			if again, bad := parseWish(got); bad != "" || again.String() != got {
				t.Errorf("%q becomes %q, and that %q %s", in, got, again, bad)
			}
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

func TestNeed(t *testing.T) {
	for name, c := range map[string]struct{ files, file, want, choices string }{
		"one file":  {files: "README.md config.json model.safetensors pytorch_model.bin onnx/model.onnx tokenizer.json vocab.json merges.txt", want: "model.safetensors config.json tokenizer.json"},
		"shards":    {files: "config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json vocab.txt", want: "model.safetensors.index.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors config.json vocab.txt"},
		"pytorch":   {files: "config.json pytorch_model.bin vocab.json merges.txt", want: "pytorch_model.bin config.json vocab.json merges.txt"},
		"gguf":      {files: "README.md m.Q2_K.gguf m.Q4_K_M.gguf m.Q8_0.gguf", want: "m.Q4_K_M.gguf", choices: "m.Q2_K.gguf m.Q4_K_M.gguf m.Q8_0.gguf"},
		"named":     {files: "README.md m.Q2_K.gguf m.Q4_K_M.gguf m.Q8_0.gguf", file: "m.Q8_0.gguf", want: "m.Q8_0.gguf", choices: "m.Q2_K.gguf m.Q4_K_M.gguf m.Q8_0.gguf"},
		"split":     {files: "m-00001-of-00002.gguf m-00002-of-00002.gguf", want: "m-00001-of-00002.gguf m-00002-of-00002.gguf"},
		"not there": {files: "config.json model.safetensors", file: "x.gguf"},
		"nothing":   {files: "README.md tokenizer.json"},
		"a .pt":     {files: "README.md char.pt vocab.json", want: "char.pt vocab.json"},
	} {
		var files []remote
		for _, f := range strings.Fields(c.files) {
			files = append(files, remote{Name: f})
		}
		names := func(list []remote) string {
			var out []string
			for _, f := range list {
				out = append(out, f.Name)
			}
			return strings.Join(out, " ")
		}
		before := slices.Clone(files)
		list, choices := need(files, c.file)
		if names(list) != c.want || names(choices) != c.choices {
			t.Errorf("%s: %q of %q, want %q of %q", name, names(list), names(choices), c.want, c.choices)
		}
		if !slices.Equal(files, before) {
			t.Errorf("%s: the listing was changed", name)
		}
	}
}
