package service

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// rows are what the README says that Loupe opens, by the first cell of its row, and the files of testdata that prove it: each line
// is a model's files or folders. "ids" reads tokens as numbers where a file has no words; what a model does not predict, it embeds.
var rows = map[string][]string{
	"safetensors":               {"models/gpt2-tied"},
	"GGUF":                      {"gguf/llama.gguf", "gguf/llama-blocks.gguf", "gguf/gpt2-blocks.gguf"},
	"PyTorch":                   {"models/pt-module", "models/pt-cells", "models/pt-onehot"},
	"Keras":                     {"models/keras-lstm", "models/keras-gru", "models/keras-weights", "models/keras2-cudnn", "models/keras2-onehot"},
	"LSTMVis":                   {"lstmvis/parens"},
	"Seq2Seq-Vis":               {"formats/s2s", "formats/s2s/embs.h5 formats/s2s/src.dict"},
	"npy, npz":                  {"formats/vectors/embedding_matrix.npy"},
	"word vectors":              {"formats/vectors/word2vec.txt", "formats/vectors/word2vec.bin", "formats/vectors/glove.txt", "formats/vectors/fasttext.vec", "formats/vectors/vectors.tsv formats/vectors/metadata.tsv"},
	"GPT-2":                     {"models/gpt2-tied", "models/gpt2-untied", "models/gpt2-relu", "gguf/gpt2-untied.gguf"},
	"GPT-NeoX, Pythia":          {"models/neox", "models/neox-new", "gguf/neox.gguf"},
	"Llama, Mistral":            {"models/llama", "models/llama-tied", "models/llama-yarn", "models/mistral", "gguf/mistral.gguf"},
	"Qwen2, Qwen2.5, Qwen3":     {"models/qwen2", "models/qwen3", "gguf/qwen2.gguf", "gguf/qwen3.gguf"},
	"Gemma, Gemma 2, Gemma 3":   {"models/gemma", "models/gemma2", "models/gemma3", "models/gemma3-nested", "gguf/gemma3.gguf"},
	"Phi-1, Phi-2; Phi-3":       {"models/phi", "models/phi3", "gguf/phi.gguf", "gguf/phi3.gguf"},
	"BERT, DistilBERT, RoBERTa": {"models/bert", "models/bert-encoder", "models/distilbert", "models/roberta", "gguf/bert-encoder.gguf"},
	"MarianMT; BART":            {"models/marian", "models/bart"},
	"T5, T5 v1.1, mT5":          {"models/t5", "models/t5-gated"},
	"OpenNMT-py": {"formats/onmt/v0.1.pt", "formats/onmt/v0.8.pt", "formats/onmt/v1.2.pt", "formats/onmt/v3.pt", "formats/onmt/folder", "onmt/transformer/model.safetensors onmt/transformer/config.json",
		"onmt/gate-both/model.safetensors onmt/gate-both/config.json", "onmt/copy/model.safetensors onmt/copy/config.json onmt/copy/vocab.json"},
	"RNN, LSTM, GRU of PyTorch": {"models/rnn-tanh", "models/rnn-relu", "models/lstm", "models/lstm-proj", "models/lstm-tied", "models/gru", "models/pt-onehot"},
	"RNN, LSTM, GRU of Keras":   {"models/keras-lstm", "models/keras-gru", "models/keras-both", "models/keras2-gru", "models/keras2-onehot"},
}

// TestReadme opens and runs what each row of the README's tables of formats and families names, and holds that no row is without
// a file.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(enginetest.Root(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(b), "<!-- opens -->")
	table, _, _ = strings.Cut(table, "<!-- end -->")
	var said []string
	for _, m := range regexp.MustCompile(`(?m)^\| \*\*(.+?)\*\*`).FindAllStringSubmatch(table, -1) {
		said = append(said, m[1])
	}
	for row := range rows {
		if !slices.Contains(said, row) {
			t.Errorf("the README has no row %q", row)
		}
	}
	for _, row := range said {
		if len(rows[row]) == 0 {
			t.Errorf("nothing opens what the README's row %q says", row)
		}
		for _, files := range rows[row] {
			t.Run(row+"/"+files, func(t *testing.T) { opensAndRuns(t, strings.Fields(files)) })
		}
	}
}

func opensAndRuns(t *testing.T, names []string) {
	x := newSession(t)
	var open protocol.Open
	for _, name := range names {
		path := filepath.Join(enginetest.Root(), "testdata", filepath.FromSlash(name))
		paths := []string{path}
		if st, err := os.Stat(path); err == nil && st.IsDir() {
			paths = enginetest.Files(t, path)
		}
		for _, p := range paths {
			open.Files = append(open.Files, x.file(p, enginetest.ReadFile(t, p)))
		}
	}
	open.NoTokenizer = strings.HasSuffix(names[0], ".gguf") // these have tokens, and no merges of them
	m := protocol.Model{}
	a := x.send(t.Context(), protocol.OpOpen, open)
	if a.last.Kind == protocol.Failed && strings.Contains(string(a.last.Body), "no-tokenizer") {
		open.NoTokenizer = true
		a = x.send(t.Context(), protocol.OpOpen, open)
	}
	if err := a.last.Into(&m); err != nil || a.last.Kind != protocol.Done {
		t.Fatalf("%s %s %v", a.last.Kind, a.last.Body, err)
	}
	r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: []int{1, 3, 2}, Window: [2]int{5, 8}})
	read := len(r.Tokens)
	if m.Seq != nil { // its tokens are those that it wrote
		read = len(r.Source)
	}
	if read != 3 || len(r.Tokens) == 0 || m.Logits && (len(r.Warnings) > 0 || !finite(r.Entropy)) {
		t.Errorf("%d tokens, warnings %v, entropies %v", len(r.Tokens), r.Warnings, r.Entropy)
	}
}
