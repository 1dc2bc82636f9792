package tokenizer

import (
	"errors"
	"runtime"
	"testing"
	"unicode/utf8"

	"loupe/engine/fault"
)

// opens holds what must be true of any files: a typed error or a tokenizer that works, and no more memory than the files and
// a little.
func opens(t *testing.T, files map[string][]byte, meta map[string]any) {
	t.Helper()
	size := 0
	for _, b := range files {
		size += len(b)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tok, err := Open(files, meta)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(2*size)+16<<20 {
		t.Fatalf("%d bytes of files took %d", size, n)
	}
	if err != nil {
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Fatalf("%T is not typed: %v", err, err)
		}
		return
	}
	for _, s := range []string{"", "a b ab", "\xff\xe5\x91", "é e\u0301 ﬁ 漢字", "It's <s> 12,345\n\n  [MASK]</s> ▁x"} {
		tokens, unknown := tok.Encode(s)
		at := 0
		for _, k := range tokens {
			if k.ID < 0 || k.ID >= tok.Size() || k.Start < at || k.End < k.Start || k.End > len(s) || !utf8.ValidString(Visible(tok.Bytes(k.ID))) {
				t.Fatalf("token %v of %q, after %d", k, s, at)
			}
			at = k.End
		}
		for _, u := range unknown {
			if u.Start < 0 || u.End < u.Start || u.End > len(s) {
				t.Fatalf("unknown %v of %q", u, s)
			}
		}
		text, spelt := tok.Spell(append(ids(tokens), -1, 1<<30))
		if len(spelt) != len(tokens)+2 || spelt[len(spelt)-1].End > len(text) {
			t.Fatalf("%q: %d tokens spelt as %d", s, len(tokens)+2, len(spelt))
		}
	}
	for _, id := range append(tok.Ends(), max(0, tok.Mask())) {
		if id < 0 || id >= max(1, tok.Size()) {
			t.Fatalf("token %d is none", id)
		}
	}
	tok.Special(-1)
	tok.Bytes(-1)
	if tok.Truncates() < 0 {
		t.Fatal("truncates to less than nothing")
	}
	OpenChat(files, meta, tok)
}

func FuzzTokenizerJSON(f *testing.F) {
	for _, c := range loadReferences().list {
		if c.Base == "base-words.json" || c.Base == "base-suffix.json" {
			f.Add(read(f, c.Base), []byte(`{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>"}`))
		}
	}
	for _, s := range seeds {
		f.Add([]byte(s), []byte(`{}`))
	}
	f.Fuzz(func(t *testing.T, b, config []byte) {
		opens(t, map[string][]byte{"tokenizer.json": b, "tokenizer_config.json": config}, nil)
	})
}

// seeds are small tokenizers of every kind of part.
var seeds = []string{
	`{"type":"char","vocab":["a","b"]}`, `{"type":"word","vocab":["a","<unk>"],"unk_token":"<unk>"}`,
	`{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3,"Ġa":4},"merges":["a b",["Ġ","a"]]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},"decoder":{"type":"ByteLevel"},
"added_tokens":[{"id":5,"content":"<s>","special":true,"lstrip":true,"rstrip":true},{"id":6,"content":"ab","single_word":true,"normalized":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"},{"type":"Strip"}]},
"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[5],"tokens":["<s>"]}}}}`,
	`{"model":{"type":"BPE","vocab":{"<unk>":0,"▁":1,"a":2,"▁a":3,"<0x61>":4},"merges":["▁ a"],"unk_token":"<unk>","byte_fallback":true,"fuse_unk":true},"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}}`,
	`{"model":{"type":"WordPiece","vocab":{"[UNK]":0,"a":1,"##b":2},"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100},"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},"decoder":{"type":"WordPiece"},"post_processor":{"type":"BertProcessing","sep":["a",1],"cls":["b",2]},"truncation":{"max_length":128}}`,
	`{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["▁",-2],["a",-1.5],["▁a",-3]]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","prepend_scheme":"first"},{"type":"Digits"},{"type":"Punctuation","behavior":"MergedWithNext"},{"type":"FixedLength","length":3}]},"normalizer":{"type":"Precompiled","precompiled_charsmap":"BAAAAAAAAABhAA=="},"decoder":{"type":"Metaspace"}}`,
	`{"model":{"type":"WordLevel","vocab":{"a":0,"<unk>":1},"unk_token":"<unk>"},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Removed","invert":false}}`,
	`{"class_name":"Tokenizer","config":{"word_index":"{\"a\": 1, \"b\": 2}","lower":true,"filters":".,","split":" ","oov_token":"a","num_words":3}}`,
}

func FuzzSentencePiece(f *testing.F) {
	for _, name := range []string{"bytes.model", "suffix.model"} {
		f.Add(read(f, name))
	}
	f.Add([]byte("\x0a\x09\x0a\x05<unk>\x18\x02\x0a\x08\x0a\x01a\x15\x00\x00\x80\xbf\x0a\x07\x0a\x03\xe2\x96\x81\x18\x04\x12\x05\x18\x02\x98\x02\x01\x1a\x0c\x12\x08\x04\x00\x00\x00\x00\x00\x00\x00a\x00"))
	f.Fuzz(func(t *testing.T, b []byte) { opens(t, map[string][]byte{"spiece.model": b}, nil) })
}

func FuzzGGUFMeta(f *testing.F) {
	for _, model := range []string{"gpt2", "llama", "bert", "t5", "rwkv"} {
		f.Add(model, "llama-bpe", "a\x00b\x00ab\x00<s>\x00▁\x00<0x61>", "a b\x00b a", []byte{1, 1, 1, 3, 4, 6}, []byte{1, 2, 3, 4, 5, 6}, []byte{4, 0, 0, 0, 0, 0, 0, 0, 'a', 0}, int64(3), true)
	}
	f.Fuzz(func(t *testing.T, model, pre, tokens, merges string, types, scores, charsmap []byte, id int64, on bool) {
		cut := func(s string) (out []string) {
			start := 0
			for i := range len(s) + 1 {
				if i == len(s) || s[i] == 0 {
					out, start = append(out, s[start:i]), i+1
				}
			}
			return out
		}
		var kinds, raw []int64
		for _, b := range types {
			kinds = append(kinds, int64(b))
		}
		for _, b := range charsmap {
			raw = append(raw, int64(b))
		}
		var points []float64
		for _, b := range scores {
			points = append(points, float64(b)-100)
		}
		opens(t, nil, map[string]any{ggml + "model": model, ggml + "pre": pre, ggml + "tokens": cut(tokens), ggml + "merges": cut(merges), ggml + "token_type": kinds, ggml + "scores": points,
			ggml + "precompiled_charsmap": raw, ggml + "bos_token_id": id, ggml + "eos_token_id": id, ggml + "mask_token_id": id, ggml + "unknown_token_id": id, ggml + "add_bos_token": on,
			ggml + "add_space_prefix": on, "tokenizer.chat_template": tokens})
	})
}

func FuzzVocabTxt(f *testing.F) {
	f.Add([]byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nab\n"), []byte(`{"do_lower_case": false}`), "vocab.txt")
	f.Add([]byte("the\ncat\n<unk>\n"), []byte(`{"unk_token": "<unk>"}`), "words.txt")
	f.Add([]byte(`{"a": 0, "b": 1}`), []byte(`{}`), "vocab.json")
	f.Add([]byte(`{"idx2word": ["a", "<eos>", "b"]}`), []byte(`{}`), "dictionary.json")
	f.Add([]byte(`{"0": "a", "1": "b"}`), []byte(`{}`), "itos.json")
	f.Fuzz(func(t *testing.T, b, config []byte, name string) {
		opens(t, map[string][]byte{name: b, "tokenizer_config.json": config}, nil)
	})
}

func FuzzMerges(f *testing.F) {
	f.Add([]byte(`{"Ġ":0,"a":1,"b":2,"ab":3,"<s>":4}`), []byte("#version: 0.2\na b\n"), []byte(`{"tokenizer_class":"RobertaTokenizer","bos_token":{"content":"<s>"},"added_tokens_decoder":{"4":{"content":"<s>","special":true}}}`))
	f.Add([]byte(`{"Ġ":0,"a":1}`), []byte("a Ġ\n"), []byte(`{"eos_token_id":[1,2],"tokenizer_class":"Qwen2Tokenizer"}`))
	f.Fuzz(func(t *testing.T, vocab, merges, config []byte) {
		opens(t, map[string][]byte{"vocab.json": vocab, "merges.txt": merges, "tokenizer_config.json": config, "generation_config.json": config}, nil)
	})
}
