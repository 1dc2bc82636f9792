package tokenizer

import (
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/text"
)

// ggufCut is what a name under tokenizer.ggml.pre means: llama.cpp's src/llama-vocab.cpp, and the tokenizer.json of the
// models that it was made for.
type ggufCut struct {
	steps  []pre.Step
	spelt  []pre.Step // after bytes are spelt as characters
	ignore bool       // a word that is a token is that token
	bos    bool       // <s> before a text, unless the file says otherwise
	nfc    bool
}

func pattern(text string) pre.Step {
	p, ok := pre.Known(text)
	if !ok {
		panic("tokenizer: no scanner for " + text)
	}
	return pre.Split(p, pre.Isolated, false)
}

const (
	llama3Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	capitals      = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
	small         = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
	said          = `(?i:'s|'t|'re|'ve|'m|'ll|'d)?|`
	slashes       = ` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	gpt4oPattern  = capitals + said + small + said + `\p{N}{1,3}|` + slashes
	tekkenPattern = capitals + `|` + small + `|\p{N}|` + slashes
	deepseekLast  = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
)

// ggufCuts by name.
var ggufCuts = func() map[string]ggufCut {
	gpt2 := pre.Split(pre.GPT2, pre.Isolated, false)
	llama3, qwen2, gpt4o := pattern(llama3Pattern), pattern(qwen2Pattern), pattern(gpt4oPattern)
	bloom := pattern(` ?[^(\s|.,!?…。，、।۔،)]+`)
	lines, han, number := pattern(`[\r\n]`), pattern(pre.DeepseekHan), pattern(`\p{N}`)
	m := map[string]ggufCut{}
	put := func(c ggufCut, names ...string) {
		for _, n := range names {
			m[n] = c
		}
	}
	put(ggufCut{steps: []pre.Step{pattern(`[\p{P}\$\+<=>\^~\|]+`), gpt2, pattern(`\p{N}+`), pattern(`[0-9][0-9][0-9]`)}}, "", "default")
	put(ggufCut{steps: []pre.Step{llama3}, ignore: true, bos: true},
		"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano")
	put(ggufCut{steps: []pre.Step{llama3}}, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe")
	put(ggufCut{steps: []pre.Step{gpt2}}, "gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0", "mellum",
		"modern-bert", "jina-v1-en", "jina-v2-code", "roberta-bpe", "mpt", "jais", "trillion", "granite-docling", "exaone4")
	put(ggufCut{steps: []pre.Step{gpt2}, nfc: true}, "olmo")
	// Digits one by one.
	put(ggufCut{steps: []pre.Step{pre.Digits(true), gpt2}}, "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2")
	put(ggufCut{steps: []pre.Step{qwen2}, nfc: true}, "qwen2", "deepseek-r1-qwen", "megrez", "stablelm2")
	put(ggufCut{steps: []pre.Step{qwen2}}, "kormo", "f2llmv2", "hunyuan", "solar-open", "grok-2", "bailingmoe", "bailingmoe2", "llada-moe")
	put(ggufCut{steps: []pre.Step{pattern(`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`)}, nfc: true}, "qwen35")
	put(ggufCut{steps: []pre.Step{gpt4o}}, "gpt-4o", "llama4", "kanana2", "minimax-m2", "talkie")
	put(ggufCut{steps: []pre.Step{pattern(`\d{1,3}(?=(?:\d{3})*\b)`), gpt4o}}, "tiny_aya", "cohere2moe")
	put(ggufCut{steps: []pre.Step{pattern(tekkenPattern)}, ignore: true, bos: true}, "tekken")
	put(ggufCut{steps: []pre.Step{bloom}}, "bloom", "poro-chat", "gpt3-finnish")
	put(ggufCut{steps: []pre.Step{bloom, number}}, "viking")
	put(ggufCut{steps: []pre.Step{lines, pattern(pre.DeepseekLetters), pattern(pre.DeepseekSigns), pattern(`\s+$`), han, number}}, "deepseek-llm")
	put(ggufCut{steps: []pre.Step{lines, pattern(`\s?\p{L}+`), pattern(`\s?\p{P}+`), han, number}}, "deepseek-coder")
	put(ggufCut{steps: []pre.Step{pattern(`\p{N}{1,3}`), pattern(pre.Japanese), pattern(deepseekLast)}}, "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4")
	put(ggufCut{steps: []pre.Step{pre.Split(pre.Chars(text.IsPunctuation), pre.Together, false), gpt2},
		spelt: []pre.Step{pre.Digits(false), pattern(`[0-9][0-9][0-9]`)}}, "falcon")
	put(ggufCut{steps: []pre.Step{pattern(`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+`)}}, "seed-coder")
	put(ggufCut{steps: []pre.Step{pattern(`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`)}}, "ufakzeka")
	put(ggufCut{steps: []pre.Step{pattern(`[^\n]+|[\n]+`), qwen2}}, "laguna")
	put(ggufCut{steps: []pre.Step{pre.WhitespaceSplit}}, "whitespace")
	return m
}()
