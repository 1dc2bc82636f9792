package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// models is where tiny models of every family and format lie.
const models = "../../testdata/models/"

// folderOf is the files of a folder, by their names.
func folderOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		files[f.Name()] = readFile(t, filepath.Join(dir, f.Name()))
	}
	return files
}

// dropPaths drops files and folders of this machine, as a person does.
func (p *tab) dropPaths(paths ...string) {
	p.t.Helper()
	for i, path := range paths {
		full, err := filepath.Abs(path)
		if err != nil {
			p.t.Fatal(err)
		}
		paths[i] = full
	}
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DragEnter, input.DragOver, input.Drop} {
		p.do(input.DispatchDragEvent(kind, 300, 500, data))
	}
}

// opened waits for a model of that name that has read the text.
func (p *tab) opened(name string) {
	p.t.Helper()
	p.wait("the model "+name, fmt.Sprintf(`(%s).split("/").at(-1) === %s && %s > 0 && !document.querySelector("dialog[open]")`, modelName, literal(name), tokens))
	p.settled()
}

// Models of other formats open, and every view that fits draws.
func TestOwnFormats(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm")
	for _, m := range []struct{ dir, file string }{
		{models + "pt-onehot", "rnn_20_epoch.net"}, {models + "pt-module", "model.pt"}, {models + "keras-lstm", "model.keras"}, {models + "keras2-gru", "model.h5"},
		{models + "llama", "model.safetensors"}, {models + "bert", "model.safetensors"},
	} {
		t.Run(filepath.Base(m.dir), func(t *testing.T) {
			p.t = t
			p.dropPaths(m.dir)
			p.opened(m.file)
			for _, id := range eval[[]string](p, `[...document.querySelectorAll("[role=tab]:not(.unfit)")].map((t) => t.dataset.set.slice(5))`) {
				p.view(id)
				p.wait("a reading", `document.querySelector("main .reading").textContent.length > 20`)
				p.shot("own-" + filepath.Base(m.dir) + "-" + id)
			}
		})
	}
	p.t = t
}

// A folder that mixes two models asks which.
func TestOwnFolderOfTwo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mixed")
	for from, to := range map[string]string{"../models/char-lstm/model.safetensors": "letters.safetensors", "../models/parens-lstm/model.safetensors": "brackets.safetensors",
		"../models/parens-lstm/config.json": "config.json", "../models/parens-lstm/tokenizer.json": "tokenizer.json"} {
		os.MkdirAll(dir, 0o755)
		if err := os.WriteFile(filepath.Join(dir, to), readFile(t, from), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := newTab(t)
	p.open("#model=mini-gpt")
	p.dropPaths(dir)
	p.says("the question", "more than one model")
	p.shot("own-two")
	p.click(`dialog [data-do$="brackets.safetensors"]`)
	p.opened("brackets.safetensors")
	p.click(".bar .name")
	p.says("what was read", "brackets.safetensors")
	p.shot("own-about")
}

// A tokenizer that is missing is taken afterwards, and until then there are numbers.
func TestOwnMissingTokenizer(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt")
	all := folderOf(t, "../models/parens-lstm")
	own := func(names ...string) map[string][]byte {
		files := map[string][]byte{}
		for _, n := range names {
			files[n] = all[n]
		}
		return files
	}
	p.drop(own("model.safetensors", "config.json"))
	p.says("what is missing", "No file says how text becomes tokens")
	p.shot("own-no-tokenizer")
	p.drop(own("tokenizer.json"))
	p.opened("model.safetensors")

	p.drop(own("model.safetensors", "config.json"))
	p.click(`dialog [data-do="numbers"]`)
	p.wait("the model", fmt.Sprintf(`(%s) === "model.safetensors" && !document.querySelector("dialog[open]")`, modelName))
	p.press("e")
	p.wait("the field", `document.activeElement.id === "edit"`)
	p.press("a", chromedp.KeyModifiers(2))
	p.press("1 2 3")
	p.wait("three numbers", tokens+" === 3")
	p.escape()
	p.shot("own-numbers")
	p.drop(own("tokenizer.json"))
	p.click(".bar .name")
	p.says("the tokenizer", "char, vocabulary")
}

// What was inferred is said, and is corrected.
func TestOwnGuesses(t *testing.T) {
	p := newTab(t)
	p.open("#model=mini-gpt")
	files := folderOf(t, models+"gpt2-untied")
	delete(files, "config.json")
	p.drop(files)
	p.wait("what was inferred", `document.querySelector(".notices").textContent.includes("n_head")`)
	p.shot("own-guessed")
	p.click(`.notices [data-do="about"]`)
	p.says("the guess", "n_head")
	was := eval[string](p, `document.querySelector("[data-guess=n_head]").value`)
	eval[bool](p, `(() => { const f = document.querySelector("[data-guess=n_head]"); f.value = "3"; f.dispatchEvent(new Event("change", {bubbles: true})); return f.value === "3"; })()`)
	p.shot("own-guesses")
	if was == "3" {
		t.Fatal("the guess is right already: the test proves nothing")
	}
	p.click(`dialog [data-do="correct"]`)
	p.wait("three heads", `!document.querySelector("dialog[open]") && document.querySelector(".bar .facts").textContent.includes("× 3 heads")`)
	p.settled()
}

// Broken files of every format say so, and the model that was open stays.
func TestOwnBroken(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=states")
	p.settled()
	name := eval[string](p, modelName)
	for _, path := range []string{"../models/char-lstm/model.safetensors", "../../testdata/gguf/llama.gguf", models + "pt-module/model.pt", models + "keras-lstm/model.keras", models + "keras2-gru/model.h5", "../../testdata/formats/one.npy"} {
		whole := readFile(t, path)
		for what, b := range map[string][]byte{"cut": whole[:len(whole)*2/3], "head": append([]byte("not what it says it is "), whole...), "flipped": flip(whole)} {
			file := what + "-" + filepath.Base(path)
			p.drop(map[string][]byte{file: b, "config.json": []byte(`{"model_type": "gpt2"}`)})
			p.wait("an error for "+file, `document.querySelector("dialog.error[open]").textContent.length > 20`)
			if said := eval[string](p, dialogText); bytes.Contains([]byte(said), []byte("The engine")) {
				t.Errorf("%s: %s", file, said)
			}
			p.escape()
			p.wait("the page", `!document.querySelector("dialog[open]")`)
		}
		p.shot("own-broken")
	}
	if got := eval[string](p, modelName); got != name {
		t.Errorf("the model became %q", got)
	}
}

// flip turns bits over in the first part of a file, where its header is.
func flip(b []byte) []byte {
	b = bytes.Clone(b)
	for i := 9; i < min(len(b), 400); i += 7 {
		b[i] ^= 0x5a
	}
	return b
}

// TestOwnLarge opens the larger models, where `make models` has fetched them.
func TestOwnLarge(t *testing.T) {
	if _, err := os.Stat("../models-large/smollm2-135m-instruct/card.json"); err != nil {
		t.Skip("no larger models: make models")
	}
	p := newTab(t)
	p.open("#model=smollm2-135m-instruct&view=prediction")
	p.settled()
	p.wait("the capital of France", `document.querySelector("main .reading").textContent.includes("Paris")`)
	n := eval[int](p, tokens)
	was := eval[string](p, text)
	p.click(`.textband [data-do="chat"]`)
	p.wait("the chat template", fmt.Sprintf(`%s > %d && document.querySelector('[data-do="chat"]').ariaChecked === "true"`, tokens, n+5))
	p.settled()
	p.shot("own-chat")
	p.undo()
	p.wait("the text without it", fmt.Sprintf(`(%s) === %s && document.querySelector("[data-do=chat]").ariaChecked === "false"`, text, literal(was)))
	p.click(`.textband [data-do="fast"]`)
	p.click(`[data-do="generate"]`)
	p.wait("tokens on their way", `document.querySelectorAll(".textband .made").length > 2`)
	p.shot("own-fast")
	p.click(`[data-do="stop"]`)
	p.wait("them in the text, run", fmt.Sprintf(`!document.querySelector(".textband .made") && %s > %d`, tokens, n+2))
	p.settled()
	for _, id := range []string{"states", "attention"} {
		p.view(id)
		p.shot("own-smollm2-" + id)
	}
	p.visit("about:blank")
	p.open("#model=all-minilm-l6-v2")
	p.wait("its marks", `[...document.querySelectorAll(".textband .special")].map((e) => e.textContent).join() === "[CLS],[SEP]"`)
	for _, id := range []string{"states", "attention"} {
		p.view(id)
	}
	p.click(`[role=tab][data-set="view=prediction"]`)
	p.wait("why it predicts nothing", `document.querySelector("main .say h2").textContent.includes("predicts no words")`)
}
