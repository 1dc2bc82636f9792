package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"loupe/engine/tokenizer/normal"
)

// metaOf is a SentencePiece model as GGUF's metadata has it.
func metaOf(t testing.TB, file, model string) map[string]any {
	t.Helper()
	s, err := readSentencePiece(file, read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	var scores []float64
	var types, charsmap []int64
	for i := range s.pieces {
		scores, types = append(scores, float64(s.scores[i])), append(types, int64(s.types[i]))
	}
	for _, b := range s.charsmap {
		charsmap = append(charsmap, int64(b))
	}
	return map[string]any{ggml + "model": model, ggml + "tokens": s.pieces, ggml + "scores": scores, ggml + "token_type": types, ggml + "precompiled_charsmap": charsmap,
		ggml + "add_bos_token": false, ggml + "add_eos_token": false, ggml + "unknown_token_id": int64(0), ggml + "bos_token_id": int64(1), ggml + "eos_token_id": int64(2)}
}

// plainLine reports whether none of names stands in a line.
func plainLine(names ...string) func(string) bool {
	return func(l string) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(l, n) })
	}
}

func openMeta(t testing.TB, meta map[string]any) Tokenizer {
	t.Helper()
	tok, err := Open(nil, meta)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestGGUF holds that a tokenizer in a GGUF's metadata gives the ids of the same one in its own file.
func TestGGUF(t *testing.T) {
	sums := loadReferences().sums
	marks := plainLine("<s>", "</s>", "<unk>", "[INST]", "▁")
	llama := openMeta(t, metaOf(t, "llama.model", "llama"))
	same(t, llama, "llama", sums["llama.model"], marks)
	t5 := metaOf(t, "unigram.model", "t5")
	same(t, openMeta(t, t5), "t5", sums["unigram.model"], plainLine("<s>", "</s>", "<unk>"))

	var f struct {
		Model struct {
			Vocab  map[string]int
			Merges []any
		}
	}
	if err := json.Unmarshal(read(t, "base-uncased.json"), &f); err != nil {
		t.Fatal(err)
	}
	names, types := make([]string, len(f.Model.Vocab)), make([]int64, len(f.Model.Vocab))
	for s, id := range f.Model.Vocab {
		rest, on := strings.CutPrefix(s, "##")
		types[id] = pieceNormal
		switch {
		case id < 5:
			names[id], types[id] = s, pieceControl
		case on:
			names[id] = rest
		default:
			names[id] = normal.Escaped + s
		}
	}
	bert := openMeta(t, map[string]any{ggml + "model": "bert", ggml + "tokens": names, ggml + "token_type": types, ggml + "cls_token_id": int64(2),
		ggml + "seperator_token_id": int64(3), ggml + "unknown_token_id": int64(1), ggml + "mask_token_id": int64(4)})
	same(t, bert, "bert", sums["uncased"], nil)
	if bert.Mask() != 4 || !bert.Special(2) {
		t.Errorf("mask %d", bert.Mask())
	}

	meta := gpt2Meta(t)
	own := plainLine("river", "crème", "[MASK]", "<mask>")
	for pre, name := range map[string]string{"gpt-2": "GPT-2", "dbrx": "Llama 3", "hunyuan": "Qwen 2", "gpt-4o": "o200k", "smollm": "SmolLM", "falcon": "Falcon", "bloom": "BLOOM", "deepseek-llm": "DeepSeek"} {
		meta[ggml+"pre"] = pre
		same(t, openMeta(t, meta), pre, sums["bytes "+name], own)
	}
	for pre := range ggufCuts { // every name there is
		meta[ggml+"pre"] = pre
		tok := openMeta(t, meta)
		for _, l := range loadReferences().lines[:200] {
			tokens, _ := tok.Encode(l)
			if pre != "whitespace" && Decode(tok, ids(tokens)) != l && !ggufCuts[pre].nfc {
				t.Errorf("%s: %q comes back as %q", pre, l, Decode(tok, ids(tokens)))
			}
		}
	}
}

// gpt2Meta is the byte-level BPE of base-bytes.json.
func gpt2Meta(t testing.TB) map[string]any {
	t.Helper()
	var f struct {
		Model struct {
			Vocab  map[string]int
			Merges [][]string
		}
		AddedTokens []added `json:"added_tokens"`
	}
	if err := json.Unmarshal(read(t, "base-bytes.json"), &f); err != nil {
		t.Fatal(err)
	}
	n := len(f.Model.Vocab)
	for _, a := range f.AddedTokens {
		n = max(n, a.ID+1)
	}
	names, types := make([]string, n), make([]int64, n)
	for s, id := range f.Model.Vocab {
		names[id], types[id] = s, pieceNormal
	}
	for _, a := range f.AddedTokens {
		names[a.ID], types[a.ID] = a.Content, pieceControl
	}
	var merges []string
	for _, m := range f.Model.Merges {
		merges = append(merges, m[0]+" "+m[1])
	}
	return map[string]any{ggml + "model": "gpt2", ggml + "pre": "gpt-2", ggml + "tokens": names, ggml + "token_type": types, ggml + "merges": merges,
		ggml + "bos_token_id": int64(0), ggml + "eos_token_id": int64(1), ggml + "eot_token_id": int64(2)}
}

func TestGGUFMarks(t *testing.T) {
	meta := gpt2Meta(t)
	for _, c := range []struct {
		pre  string
		add  any
		want string
	}{{"gpt-2", nil, "[]"}, {"gpt-2", true, "[0]"}, {"llama-bpe", nil, "[0]"}, {"llama-bpe", false, "[]"}} {
		meta[ggml+"pre"] = c.pre
		delete(meta, ggml+"add_bos_token")
		if c.add != nil {
			meta[ggml+"add_bos_token"] = c.add
		}
		tokens, _ := openMeta(t, meta).Encode("")
		if got := fmt.Sprint(ids(tokens)); got != c.want {
			t.Errorf("%s, add_bos_token %v: %s before a text, want %s", c.pre, c.add, got, c.want)
		}
	}
	tok := openMeta(t, meta)
	if !IsEnd(tok, 1) || !IsEnd(tok, 2) || IsEnd(tok, 0) || !tok.Special(0) || tok.Mask() < 0 {
		t.Errorf("ends %v, mask %d", tok.Ends(), tok.Mask())
	}
	tokens, _ := tok.Encode("a<|im_start|>b")
	if len(tokens) != 3 || string(tok.Bytes(tokens[1].ID)) != "<|im_start|>" {
		t.Errorf("a mark in a text: %v", tokens)
	}
}
