package tokenizer

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestChat compares prompts with what transformers renders of the same templates.
func TestChat(t *testing.T) {
	var cases []struct {
		Name, BOS, EOS, Template string
		Texts, Rendered          []string
	}
	if err := json.Unmarshal(read(t, "chat.json"), &cases); err != nil {
		t.Fatal(err)
	}
	tok := openDir(t)
	for i, c := range cases {
		config, _ := json.Marshal(map[string]any{"bos_token": c.BOS, "eos_token": map[string]string{"content": c.EOS}, "chat_template": c.Template})
		list, _ := json.Marshal(map[string]any{"bos_token": c.BOS, "eos_token": c.EOS, "chat_template": []map[string]string{{"name": "tools", "template": "x"}, {"name": "default", "template": c.Template}}})
		sources := []struct {
			files map[string][]byte
			meta  map[string]any
		}{
			{map[string][]byte{"tokenizer_config.json": config}, nil},
			{map[string][]byte{"tokenizer_config.json": list}, nil},
			{map[string][]byte{"tokenizer_config.json": config, "chat_template.jinja": []byte(c.Template)}, nil},
			{nil, map[string]any{"tokenizer.chat_template": c.Template, "tokenizer.ggml.tokens": []string{c.BOS, c.EOS}, "tokenizer.ggml.bos_token_id": int64(0), "tokenizer.ggml.eos_token_id": int64(1)}},
		}
		for k, s := range sources {
			chat, ok := OpenChat(s.files, s.meta, tok)
			if !ok || chat.Name() != c.Name {
				t.Fatalf("template %d is not recognised as %s: %v", i, c.Name, chat)
			}
			for j, text := range c.Texts {
				got := chat.Wrap(text)
				if got != c.Rendered[j] {
					t.Errorf("%s %d, source %d: %q becomes %q, transformers says %q", c.Name, i, k, text, got, c.Rendered[j])
				}
				for _, more := range []string{"", "an answer"} {
					if back, ok := chat.Unwrap(got + more); !ok || strings.TrimSpace(back) != strings.TrimSpace(text) {
						t.Errorf("%s: %q comes back as %q, %v", c.Name, text, back, ok)
					}
				}
			}
			if _, ok := chat.Unwrap("Hello"); ok {
				t.Errorf("%s: a plain text is taken for a prompt", c.Name)
			}
		}
	}
	if _, ok := OpenChat(map[string][]byte{"tokenizer_config.json": []byte(`{"chat_template": "{{ messages }}"}`)}, nil, tok); ok {
		t.Error("a template of no known form is recognised")
	}
	if _, ok := OpenChat(nil, nil, tok); ok {
		t.Error("a template is found where none is")
	}
}

// TestChatWithoutTheTokenizersOwn: what the tokenizer puts before every text does not stand in the prompt too.
func TestChatWithoutTheTokenizersOwn(t *testing.T) {
	c := refCase{Base: "base-llama.json"}
	tok := c.model(t)
	files := map[string][]byte{"tokenizer_config.json": []byte(`{"bos_token": "<s>", "eos_token": "</s>", "chat_template": "{{ bos_token + '[INST] ' + x + ' [/INST]' }}"}`)}
	chat, ok := OpenChat(files, nil, tok)
	if !ok || chat.Wrap("x") != "[INST] x [/INST]" {
		t.Errorf("%v %q", ok, chat.Wrap("x"))
	}
}
