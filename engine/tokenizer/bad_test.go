package tokenizer

import (
	"errors"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// TestBadTokenizerJSON: a file for every way to be wrong. Where is a part of what the error says.
func TestBadTokenizerJSON(t *testing.T) {
	model := `"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[]}`
	with := func(rest string) string { return `{` + model + `,` + rest + `}` }
	long := strings.Repeat("x", 1025)
	for _, c := range []struct{ name, file, says string }{
		{"no vocabulary", `{"model":{"type":"BPE"}}`, "model.vocab"},
		{"an empty vocabulary", `{"model":{"type":"BPE","vocab":{},"merges":[]}}`, "at least one token"},
		{"a vocabulary of a list", `{"model":{"type":"BPE","vocab":["a"],"merges":[]}}`, "model.vocab"},
		{"an id of text", `{"model":{"type":"BPE","vocab":{"a":"0"},"merges":[]}}`, `model.vocab "a"`},
		{"a negative id", `{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}`, `model.vocab "a"`},
		{"an id of a fraction", `{"model":{"type":"BPE","vocab":{"a":0.5},"merges":[]}}`, `model.vocab "a"`},
		{"an id far away", `{"model":{"type":"BPE","vocab":{"a":900000},"merges":[]}}`, "an id from 0 to"},
		{"an id beyond all", `{"model":{"type":"BPE","vocab":{"a":1e300},"merges":[]}}`, "an id"},
		{"an id twice", `{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}`, "one token"},
		{"a token twice", `{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}}`, "each token once"},
		{"an empty token", `{"model":{"type":"BPE","vocab":{"":0},"merges":[]}}`, "1 to 1024 bytes"},
		{"a long token", `{"model":{"type":"BPE","vocab":{"` + long + `":0},"merges":[]}}`, "1 to 1024 bytes"},
		{"no merges", `{"model":{"type":"BPE","vocab":{"a":0}}}`, "model.merges"},
		{"merges of an object", `{"model":{"type":"BPE","vocab":{"a":0},"merges":{}}}`, "model.merges"},
		{"a merge of one", `{"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}}`, "model.merges[0]"},
		{"a merge of three", `{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a","a","a"]]}}`, "model.merges[0]"},
		{"a merge of a number", `{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a",1]]}}`, "model.merges[0]"},
		{"a merge to no token", `{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}`, `"ab"`},
		{"an unknown token that is none", `{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"<unk>"}}`, "unk_token"},
		{"a suffix without end", `{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"` + long + `"}}`, "suffix"},
		{"a model of no kind", `{"model":{"type":"Morse","vocab":{"a":0}}}`, `"Morse"`},
		{"scores of an object", `{"model":{"type":"Unigram","vocab":{"a":0}}}`, `["token", score]`},
		{"a score of text", `{"model":{"type":"Unigram","vocab":[["a","b"]]}}`, "model.vocab[0]"},
		{"no scores", `{"model":{"type":"Unigram","vocab":[]}}`, "at least one token"},
		{"unk_id out of range", `{"model":{"type":"Unigram","unk_id":1,"vocab":[["a",0]]}}`, "unk_id"},
		{"an unknown normalizer", with(`"normalizer":{"type":"Rot13"}`), `"Rot13"`},
		{"an unknown pattern to replace", with(`"normalizer":{"type":"Replace","pattern":{"Regex":"a|b"},"content":""}`), `"a|b"`},
		{"no pattern to replace", with(`"normalizer":{"type":"Replace","content":""}`), "normalizer.pattern"},
		{"a long replacement", with(`"normalizer":{"type":"Replace","pattern":{"String":"a"},"content":"` + long + `"}`), "at most 64 bytes"},
		{"a charsmap that is none", with(`"normalizer":{"type":"Precompiled","precompiled_charsmap":"////////"}`), "precompiled_charsmap"},
		{"a charsmap that is no base64", with(`"normalizer":{"type":"Precompiled","precompiled_charsmap":"%"}`), "precompiled_charsmap"},
		{"nothing in a sequence", with(`"normalizer":{"type":"Sequence","normalizers":[null]}`), "null"},
		{"an unknown pre-tokenizer", with(`"pre_tokenizer":{"type":"UnicodeScripts"}`), `"UnicodeScripts"`},
		{"an unknown pattern", with(`"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a+)+$"},"behavior":"Isolated"}`), `"(a+)+$"`},
		{"an unknown behaviour", with(`"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Burnt"}`), `"Burnt"`},
		{"pieces of no length", with(`"pre_tokenizer":{"type":"FixedLength","length":0}`), "length"},
		{"an unknown decoder", with(`"decoder":{"type":"CTC"}`), `"CTC"`},
		{"an unknown post-processor", with(`"post_processor":{"type":"Postman"}`), `"Postman"`},
		{"a template of text", with(`"post_processor":{"type":"TemplateProcessing","single":"$A"}`), "post_processor.single"},
		{"a template with an id out of range", with(`"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s"}}],"special_tokens":{"s":{"ids":[3]}}}`), "post_processor.single"},
		{"a template without end", with(`"post_processor":{"type":"TemplateProcessing","single":[` + strings.Repeat(`{"SpecialToken":{"id":"s"}},`, 80) + `{"SpecialToken":{"id":"s"}}],"special_tokens":{"s":{"ids":[0]}}}`), "at most 64 special tokens"},
		{"cls out of range", with(`"post_processor":{"type":"BertProcessing","cls":["a",9],"sep":["b",1]}`), "cls and sep"},
		{"an added token far away", with(`"added_tokens":[{"id":900000,"content":"x"}]`), "added_tokens[0]"},
		{"an added token in another's place", with(`"added_tokens":[{"id":1,"content":"x"}]`), "an id of its own"},
		{"a long added token", with(`"added_tokens":[{"id":3,"content":"` + long + `"}]`), "added_tokens[0]"},
		{"a number for a model", `{"model":7}`, "tokenizer.json"},
		{"nothing", `{}`, "at least one token"},
		{"deep", `{"normalizer":` + strings.Repeat(`{"normalizers":[`, 40) + strings.Repeat("]}", 40) + `}`, "64 levels"},
	} {
		holdsBad(t, c.name, map[string][]byte{"tokenizer.json": []byte(c.file)}, nil, c.says)
	}
	for name, b := range map[string]string{"tokenizer_config.json": "[", "special_tokens_map.json": "\xff", "generation_config.json": "7"} {
		holdsBad(t, name, map[string][]byte{"tokenizer.json": []byte(seeds[0]), name: []byte(b)}, nil, name)
	}
}

// holdsBad holds that files give an error that is typed, of one line, and says what is wrong.
func holdsBad(t *testing.T, name string, files map[string][]byte, meta map[string]any, says string) {
	t.Helper()
	_, err := Open(files, meta)
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.BadTokenizer && e.Code != fault.TooLarge || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v does not say %s", name, err, says)
	}
}

// TestBytesTokens: names that only look like those of bytes are none.
func TestBytesTokens(t *testing.T) {
	file := `{"model":{"type":"BPE","vocab":{"<0x-1>":0,"<0xZZ>":1,"<0x61>":2,"<0x6>":3,"<0xC3>":4,"<0xA9>":5,"<unk>":6},"merges":[],"unk_token":"<unk>","byte_fallback":true},"decoder":{"type":"ByteFallback"}}`
	tok, err := Open(map[string][]byte{"tokenizer.json": []byte(file)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tokens, _ := tok.Encode("aéb")
	if got := spellIDs(tokens); got != "2 4 5 6" || string(tok.Bytes(2)) != "a" || string(tok.Bytes(0)) != "<0x-1>" || string(tok.Bytes(1)) != "<0xZZ>" {
		t.Errorf("%s %q", got, tok.Bytes(0))
	}
}

// TestBadSentencePiece cuts a model at every byte, and forges every byte of a small one.
func TestBadSentencePiece(t *testing.T) {
	small := []byte("\x0a\x09\x0a\x05<unk>\x18\x02\x0a\x08\x0a\x01a\x15\x00\x00\x80\xbf\x0a\x07\x0a\x03\xe2\x96\x81\x18\x04\x12\x05\x18\x02\x98\x02\x01\x1a\x0c\x12\x08\x04\x00\x00\x00\x00\x00\x00\x00\x18\x00")
	if _, err := Open(map[string][]byte{"m.model": small}, nil); err != nil {
		t.Fatal(err)
	}
	for i := range small {
		opens(t, map[string][]byte{"m.model": small[:i]}, nil)
		for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			forged := append([]byte(nil), small...)
			forged[i] = b
			opens(t, map[string][]byte{"m.model": forged}, nil)
		}
	}
	whole := read(t, "suffix.model")
	for i := 0; i < len(whole); i += 31 {
		opens(t, map[string][]byte{"m.model": whole[:i]}, nil)
	}
	for _, c := range []struct{ name, file, says string }{
		{"empty", "", "one unknown piece"},
		{"no unknown piece", "\x0a\x03\x0a\x01a", "one unknown piece"},
		{"two unknown pieces", "\x0a\x05\x0a\x01a\x18\x02\x0a\x05\x0a\x01b\x18\x02", "one unknown piece"},
		{"a piece twice", "\x0a\x05\x0a\x01a\x18\x02\x0a\x03\x0a\x01a", "each piece once"},
		{"an empty piece", "\x0a\x02\x18\x02", "1 to 1024 bytes"},
		{"a length beyond the file", "\x0a\xff\xff\xff\xff\x0f", "a whole field"},
		{"a length beyond all", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a whole field"},
		{"a field of no kind", "\x0b", "a whole field"},
		{"a field of no number", "\x02\x00", "a whole field"},
		{"a score that is no number", "\x0a\x0a\x0a\x01a\x15\x00\x00\xc0\x7f\x18\x02", "not a number"},
		{"characters only", "\x0a\x05\x0a\x01a\x18\x02\x12\x02\x18\x04", "char"},
		{"a charsmap that is none", "\x0a\x05\x0a\x01a\x18\x02\x1a\x05\x12\x03abc", "precompiled_charsmap"},
	} {
		holdsBad(t, c.name, map[string][]byte{"m.model": []byte(c.file)}, nil, c.says)
	}
	_, err := Open(map[string][]byte{"sentencepiece.bpe.model": small, "tokenizer_config.json": []byte(`{"tokenizer_class": "XLMRobertaTokenizer"}`)}, nil)
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.NoTokenizer || !strings.Contains(e.Expected, "tokenizer.json") {
		t.Errorf("a class that numbers its tokens otherwise: %v", err)
	}
}

func TestBadGGUF(t *testing.T) {
	for _, c := range []struct {
		name, says string
		change     map[string]any
	}{
		{"a model of no kind", `"rwkv"`, map[string]any{"model": "rwkv"}},
		{"no tokens", "tokens", map[string]any{"tokens": nil}},
		{"tokens of numbers", "tokens", map[string]any{"tokens": []int64{1}}},
		{"a token twice", "each token once", map[string]any{"tokens": []string{"a", "a"}}},
		{"a long token", "tokens[0]", map[string]any{"tokens": []string{strings.Repeat("x", 1025)}}},
		{"an unknown pre-tokenizer", `"morse"`, map[string]any{"pre": "morse"}},
		{"no merges", "merges", map[string]any{"merges": nil}},
		{"a merge of one", "merges[0]", map[string]any{"merges": []string{"a"}}},
		{"a merge of strangers", "merges[0]", map[string]any{"merges": []string{"q q"}}},
		{"a long merge", "merges[0]", map[string]any{"merges": []string{strings.Repeat("x", 5000)}}},
		{"no scores", "scores", map[string]any{"model": "llama"}},
		{"few scores", "scores", map[string]any{"model": "llama", "scores": []float64{1}}},
		{"no scores of Unigram", "scores", map[string]any{"model": "t5"}},
		{"a charsmap that is none", "precompiled_charsmap", map[string]any{"model": "t5", "scores": []float64{1, 2, 3}, "precompiled_charsmap": []int64{1, 2, 3, 4, 5}}},
	} {
		meta := map[string]any{ggml + "model": "gpt2", ggml + "pre": "gpt-2", ggml + "tokens": []string{"a", "b", "ab"}, ggml + "merges": []string{"a b"}}
		if _, err := Open(nil, meta); err != nil {
			t.Fatal(err)
		}
		for k, v := range c.change {
			meta[ggml+k] = v
		}
		holdsBad(t, c.name, nil, meta, c.says)
	}
}

func TestBadVocabTxt(t *testing.T) {
	for _, c := range []struct{ name, file, content, says string }{
		{"empty", "vocab.txt", "", "at least one token"},
		{"only new lines", "vocab.txt", "\n\n\n", "at least one token"},
		{"not UTF-8", "vocab.txt", "a\n\xff\n", "UTF-8"},
		{"a text", "input.txt", "First Citizen:\nBefore we proceed any further, hear me speak.\n", "one token a line"},
		{"a long line", "words.txt", "a\n" + strings.Repeat("x", 1025), "line 2"},
		{"too many lines", "words.txt", strings.Repeat("a\n", 1<<20+1), "at most 1048576 tokens"},
		{"a list of numbers", "itos.json", "[1, 2]", `["a", ..]`},
		{"two words of one id", "stoi.json", `{"a": 0, "b": 0}`, "one token"},
		{"an id far away", "stoi.json", `{"a": 100000000}`, "an id from 0 to"},
		{"Keras without words", "keras.json", `{"class_name": "Tokenizer", "config": {}}`, "word_index"},
		{"Keras with words that are no JSON", "keras.json", `{"class_name": "Tokenizer", "config": {"word_index": "{"}}`, "keras.json"},
	} {
		holdsBad(t, c.name, map[string][]byte{c.file: []byte(c.content)}, nil, c.says)
	}
}

// TestGrowth: a file cannot make a text grow without end, nor take time without end.
func TestGrowth(t *testing.T) {
	grow := strings.Repeat(`{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaa"},`, 60)
	cut := strings.Repeat(`{"type":"FixedLength","length":1},{"type":"Metaspace"},`, 30)
	for _, rest := range []string{
		`"normalizer":{"type":"Sequence","normalizers":[` + grow + `{"type":"NFC"}]}`,
		`"pre_tokenizer":{"type":"Sequence","pretokenizers":[` + cut + `{"type":"WhitespaceSplit"}]}`,
		`"decoder":{"type":"Sequence","decoders":[` + grow + `{"type":"Strip","content":"","start":1000000000000,"stop":1000000000000}]}`,
	} {
		opens(t, map[string][]byte{"tokenizer.json": []byte(`{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]},` + rest + `}`)}, nil)
	}
}
