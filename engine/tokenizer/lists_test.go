package tokenizer

import (
	"fmt"
	"strings"
	"testing"
)

// TestLists opens the vocabularies that have no format of their own.
func TestLists(t *testing.T) {
	keras := `{"class_name": "Tokenizer", "config": {"num_words": 4, "filters": "!,.\n", "lower": true, "split": " ", "char_level": false, "oov_token": null, "word_index": "{\"the\": 1, \"cat\": 2, \"sat\": 3, \"mat\": 4}"}}`
	for _, c := range []struct {
		name, file, content, text, want, kind string
	}{
		{"a word list", "words.txt", "the\ncat\nsat\n", "the cat  sat dog", "[{0 0 3} {1 4 7} {2 9 12}] [{13 16}]", "word"},
		{"a word list with an unknown word", "words.txt", "<unk>\r\nthe\r\n", "the dog", "[{1 0 3} {0 4 7}] []", "word"},
		{"a vocab.txt of words", "vocab.txt", "the\ncat\n", "cat the", "[{1 0 3} {0 4 7}] []", "word"},
		{"a list of characters", "chars.txt", "a\nb\né\n", "aéb", "[{0 0 1} {2 1 3} {1 3 4}] []", "char"},
		{"a JSON list", "vocab.json", `["a", "b", "\n", " "]`, "a b\n", "[{0 0 1} {3 1 2} {1 2 3} {2 3 4}] []", "char"},
		{"words to ids", "word2idx.json", `{"cat": 1, "the": 0}`, "the cat", "[{0 0 3} {1 4 7}] []", "word"},
		{"ids to words", "idx2word.json", `{"0": "the", "1": "cat"}`, "cat", "[{1 0 3}] []", "word"},
		{"word_language_model", "dictionary.json", `{"idx2word": ["the", "<eos>", "cat"]}`, "the cat\nthe", "[{0 0 3} {2 4 7} {1 7 8} {0 8 11}] []", "word"},
		{"torchtext", "vocab.json", `{"itos": ["<unk>", "<pad>", "the"]}`, "the x", "[{2 0 3} {0 4 5}] []", "word"},
		{"ids from 1", "stoi.json", `{"a": 1, "b": 2}`, "ab", "[{1 0 1} {2 1 2}] []", "char"},
		{"Keras", "tokenizer.json", keras, "The CAT, sat.\nmat", "[{1 0 3} {2 4 7} {3 9 12}] [{14 17}]", "word"},
		{"Keras in a string", "tokenizer.json", fmt.Sprintf("%q", keras), "the", "[{1 0 3}] []", "word"},
		{"Keras by characters", "tokenizer.json", `{"class_name": "Tokenizer", "config": {"char_level": true, "oov_token": "?", "word_index": {"?": 1, "a": 2}}}`, "Aé", "[{2 0 1} {1 1 3}] []", "char"},
		{"Keras with a word for the unknown", "keras.json", `{"class_name": "Tokenizer", "config": {"filters": "", "oov_token": "<oov>", "word_index": {"<oov>": 1, "a": 2}}}`, "a b", "[{2 0 1} {1 2 3}] []", "word"},
	} {
		tok, err := Open(map[string][]byte{c.file: []byte(c.content), "config.json": []byte("{}")}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		tokens, unknown := tok.Encode(c.text)
		if got := fmt.Sprint(tokens, unknown); got != c.want || tok.Kind() != c.kind {
			t.Errorf("%s: %s tokenizer gives %s, want %s", c.name, tok.Kind(), got, c.want)
		}
	}
}

// TestWordsOfVectors: the words of word vectors are a vocabulary; one that stands twice is found at its first place.
func TestWordsOfVectors(t *testing.T) {
	tok, err := Open(nil, map[string]any{"words": []string{"the", "cat", "the", ""}})
	if err != nil {
		t.Fatal(err)
	}
	tokens, _ := tok.Encode("cat the")
	if fmt.Sprint(tokens) != "[{1 0 3} {0 4 7}]" || tok.Size() != 4 {
		t.Errorf("%v of %d", tokens, tok.Size())
	}
}

func TestNumbers(t *testing.T) {
	tok := Numbers(20)
	tokens, unknown := tok.Encode(" 12 5,7\n99 x 0")
	if fmt.Sprint(tokens, unknown) != "[{12 1 3} {5 4 5} {7 6 7} {0 13 14}] [{8 10} {11 12}]" {
		t.Error(tokens, unknown)
	}
	text, spelt := tok.Spell([]int{12, 5, 7})
	if text != "12 5 7" || spelt[1] != (Token{5, 3, 4}) || tok.Kind() != "numbers" || tok.Mask() != -1 || tok.Special(0) || string(tok.Bytes(3)) != "3" || tok.Bytes(20) != nil {
		t.Errorf("%q %v", text, spelt)
	}
}

// TestRoles: what the files beside a tokenizer say.
func TestRoles(t *testing.T) {
	files := map[string][]byte{
		"tokenizer.json":         read(t, "base-uncased.json"),
		"tokenizer_config.json":  []byte(`{"eos_token": {"content": "[SEP]"}, "mask_token": null}`),
		"generation_config.json": []byte(`{"eos_token_id": [7, 3, 99999999]}`),
	}
	tok, err := Open(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(tok.Ends()) != "[7 3]" || !IsEnd(tok, 7) || IsEnd(tok, 8) || tok.Mask() != 4 || tok.Truncates() != 128 || !tok.Special(2) || tok.Special(10) {
		t.Errorf("ends %v, mask %d, truncates %d", tok.Ends(), tok.Mask(), tok.Truncates())
	}
	text, spelt := tok.Spell([]int{2, 10, 4, 3})
	if !strings.HasSuffix(text, "[MASK]") || spelt[0].End != 0 || spelt[3].Start != spelt[3].End {
		t.Errorf("%q %v: the marks around a text are none of it", text, spelt)
	}
	llama := map[string][]byte{"tokenizer.json": read(t, "base-llama.json")}
	for config, want := range map[string]string{
		`{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "add_bos_token": false}`:                              "[]",
		`{"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "add_eos_token": true}`:      "[1 2]",
		`{"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "add_eos_token": true}`: "[1]",
	} {
		llama["tokenizer_config.json"] = []byte(config)
		tok, err := Open(llama, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tokens, _ := tok.Encode(""); strings.ReplaceAll(fmt.Sprint(ids(tokens)), "<nil>", "") != want {
			t.Errorf("%s: %v, want %s", config, ids(tokens), want)
		}
	}
}

// TestInvalidUTF8: bytes that are no character are tokens of their own where there are such, and come back.
func TestInvalidUTF8(t *testing.T) {
	for _, name := range []string{"bytes GPT-2", "bytes o200k", "Llama", "bytes SmolLM"} {
		tok := loadReferences().by[name].model(t)
		for _, s := range []string{"\xff", "a\xe5\x91 b", "\x80\x80漢\xf0\x9f", "é\xcc"} {
			tokens, unknown := tok.Encode(s)
			if back := Decode(tok, ids(tokens)); back != s || len(unknown) > 0 {
				t.Errorf("%s: %q comes back as %q, unknown %v", name, s, back, unknown)
			}
			for _, k := range tokens {
				if k.Start != k.End && name != "Llama" && string(tok.Bytes(k.ID)) != s[k.Start:k.End] {
					t.Errorf("%s: token %v of %q is %q", name, k, s, tok.Bytes(k.ID))
				}
			}
		}
	}
	m := loadReferences().by["bytes.model"].model(t) // sentencepiece takes such a byte for U+FFFD
	tokens, _ := m.Encode("a\xffb")
	want, _ := m.Encode("a\ufffdb")
	if fmt.Sprint(ids(tokens)) != fmt.Sprint(ids(want)) {
		t.Errorf("%v, want %v", ids(tokens), ids(want))
	}
}
