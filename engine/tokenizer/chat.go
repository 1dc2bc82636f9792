package tokenizer

import (
	"encoding/json"
	"slices"
	"strings"
)

// Chat puts a text into a model's chat template, as what a user says, and takes it out again.
type Chat interface {
	// Name is the template's form: "ChatML", "Llama 2", "Mistral", "Llama 3", "Gemma", "Phi", "Zephyr".
	Name() string
	// Wrap is the prompt that asks for an answer to text.
	Wrap(text string) string
	// Unwrap is the text that Wrap was given, without an answer that stands behind; ok is false if prompt is none of its.
	Unwrap(prompt string) (text string, ok bool)
}

// OpenChat recognises the chat template of a model's files by its marks. It is never run. What Encode of t puts before every
// text is left out of prompts.
func OpenChat(files map[string][]byte, meta map[string]any, t Tokenizer) (Chat, bool) {
	source, side := chatTemplate(files, meta)
	for _, f := range chatForms {
		if slices.ContainsFunc(f.marks, func(m string) bool { return !strings.Contains(source, m) }) {
			continue
		}
		c := f.make(source, side)
		c.name = f.name
		c.trim = strings.Contains(source, "trim") || strings.Contains(source, ".strip()")
		if bos := string(side.BOS); bos != "" && strings.Contains(source, "bos_token") && !begins(t, bos) {
			c.before = bos + c.before
		}
		return c, true
	}
	return nil, false
}

// begins reports whether a tokenizer puts a token before every text.
func begins(t Tokenizer, name string) bool {
	tokens, _ := t.Encode("")
	return len(tokens) > 0 && string(t.Bytes(tokens[0].ID)) == name
}

// chatTemplate is the text of the template, and what else the files say.
func chatTemplate(files map[string][]byte, meta map[string]any) (source string, s *side) {
	s, err := readSide(files)
	if err != nil {
		return "", &side{}
	}
	if names, ok := meta[ggml+"tokens"].([]string); ok {
		g := &gguf{meta: meta, names: names}
		for key, to := range map[string]*name{"bos": &s.BOS, "eos": &s.EOS} {
			if id := g.id(key); id >= 0 && *to == "" {
				*to = name(names[id])
			}
		}
	}
	if b, ok := files["chat_template.jinja"]; ok {
		return string(b), s
	}
	raw := s.Template
	if b, ok := files["chat_template.json"]; ok {
		var f side
		if _, err := readJSON("chat_template.json", b, &f); err == nil && f.Template != nil {
			raw = f.Template
		}
	}
	var several []struct{ Name, Template string }
	if json.Unmarshal(raw, &source) != nil && json.Unmarshal(raw, &several) == nil {
		for _, t := range several {
			if t.Name == "default" || source == "" {
				source = t.Template
			}
		}
	}
	if source == "" {
		source, _ = meta["tokenizer.chat_template"].(string)
	}
	return source, s
}

// form is a kind of template: it is of this kind if it has all its marks.
type form struct {
	name  string
	marks []string
	make  func(source string, s *side) *chat
}

var chatForms = []form{
	{"ChatML", []string{"<|im_start|>", "<|im_sep|>"}, func(string, *side) *chat {
		return &chat{before: "<|im_start|>user<|im_sep|>", after: "<|im_end|><|im_start|>assistant<|im_sep|>"}
	}},
	{"ChatML", []string{"<|im_start|>"}, func(source string, _ *side) *chat {
		c := &chat{before: "<|im_start|>user\n", after: "<|im_end|>\n<|im_start|>assistant\n"}
		if system, ok := literal(source, "<|im_start|>system\n", "<|im_end|>"); ok {
			c.before = "<|im_start|>system\n" + system + "<|im_end|>\n" + c.before
		}
		return c
	}},
	{"Llama 3", []string{"<|start_header_id|>"}, func(source string, _ *side) *chat {
		c := &chat{before: "<|start_header_id|>user<|end_header_id|>\n\n", after: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"}
		if strings.Contains(source, "Cutting Knowledge Date: December 2023") { // of 3.1 and 3.2; the date is the template's own
			c.before = "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n<|eot_id|>" + c.before
		}
		return c
	}},
	{"Gemma", []string{"<start_of_turn>"}, func(string, *side) *chat {
		return &chat{before: "<start_of_turn>user\n", after: "<end_of_turn>\n<start_of_turn>model\n"}
	}},
	{"Llama 2", []string{"[INST]", "<<SYS>>"}, instructions},
	{"Mistral", []string{"[INST]"}, instructions},
	{"Phi", []string{"<|user|>", "<|end|>"}, func(string, *side) *chat {
		return &chat{before: "<|user|>\n", after: "<|end|>\n<|assistant|>\n"}
	}},
	{"Zephyr", []string{"<|user|>", "<|assistant|>", "eos_token"}, func(_ string, s *side) *chat {
		return &chat{before: "<|user|>\n", after: string(s.EOS) + "\n<|assistant|>\n"}
	}},
}

// instructions are Llama 2's and Mistral's; versions differ in the spaces inside.
func instructions(source string, _ *side) *chat {
	c := &chat{before: "[INST]", after: "[/INST]"}
	if strings.Contains(source, "[INST] ") {
		c.before += " "
	}
	if strings.Contains(source, " [/INST]") {
		c.after = " " + c.after
	}
	return c
}

// literal is what a string within a template's text has between from and to; a new line may be spelt \n.
func literal(source, from, to string) (string, bool) {
	source = strings.NewReplacer(`\n`, "\n", `\'`, "’\x00", `\"`, "”\x00").Replace(source)
	for {
		i := strings.Index(source, from)
		if i < 0 {
			return "", false
		}
		quote := byte(0)
		if i > 0 {
			quote = source[i-1]
		}
		source = source[i+len(from):]
		text, _, ok := strings.Cut(source, to)
		if ok && strings.IndexByte(text, quote) < 0 && !strings.Contains(text, "{{") {
			return strings.NewReplacer("’\x00", "'", "”\x00", `"`).Replace(text), true
		}
	}
}

// chat is a template that puts fixed strings around a text.
type chat struct {
	name, before, after string
	trim                bool // white space at both ends of the text goes
}

func (c *chat) Name() string { return c.name }

func (c *chat) Wrap(text string) string {
	if c.trim {
		text = strings.TrimSpace(text)
	}
	return c.before + text + c.after
}

func (c *chat) Unwrap(prompt string) (string, bool) {
	rest, ok := strings.CutPrefix(prompt, c.before)
	if !ok {
		return "", false
	}
	text, _, ok := strings.Cut(rest, c.after)
	return text, ok
}
