package tokenizer

// Chat puts a text into a model's chat template, as what a user says, and takes it out again.
type Chat interface {
	// Name is the template's form: "ChatML", "Llama 2", "Llama 3", "Gemma", "Phi", "Zephyr".
	Name() string
	// Wrap is the prompt that asks for an answer to text.
	Wrap(text string) string
	// Unwrap is the text that Wrap was given; ok is false if prompt is none of its.
	Unwrap(prompt string) (text string, ok bool)
}

// OpenChat recognises the chat template of a model's files by its marks. It is never run.
func OpenChat(files map[string][]byte, meta map[string]any) (Chat, bool) { return nil, false }
