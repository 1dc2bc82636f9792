package shell

import (
	"path"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/corpus"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// Files come in by choice or by drop. A File stays where it is: the page keeps it in window.loupe.held and knows it by its
// index; the worker reads it from there.

// maxFiles is how many files of a folder are looked at: a folder dropped by mistake may hold a whole disk.
const maxFiles = 2000

// holdFile keeps a File for the engine.
func holdFile(f app.Value, path string) client.File {
	held := app.Window().Get("loupe").Get("held")
	i := held.Call("push", f).Int() - 1
	if path == "" {
		path = f.Get("name").String()
	}
	return client.File{Name: strings.TrimPrefix(path, "/"), Size: int64(f.Get("size").Float()), Data: i}
}

// pick has the browser ask for files of a model, or for a folder.
func (p *page) pick(folder bool) { p.choose(folder, p.take) }

// choose has the browser ask for files, or for a folder.
func (p *page) choose(folder bool, then func([]client.File)) {
	input := document().Call("createElement", "input")
	input.Set("type", "file")
	input.Set("multiple", true)
	input.Set("webkitdirectory", folder)
	var done app.Func
	done = app.FuncOf(func(app.Value, []app.Value) any {
		list := input.Get("files")
		var files []client.File
		for i := range min(list.Length(), maxFiles) {
			f := list.Index(i)
			path := ""
			if rel := f.Get("webkitRelativePath"); rel.Truthy() {
				path = rel.String()
			}
			files = append(files, holdFile(f, path))
		}
		done.Release()
		p.ctx.Dispatch(func(app.Context) { then(files) })
		return nil
	})
	input.Call("addEventListener", "change", done)
	input.Call("click")
}

// pickCorpus has the browser ask for a text whose words a map shows in their contexts.
func (p *page) pickCorpus() {
	input := document().Call("createElement", "input")
	input.Set("type", "file")
	input.Set("accept", ".txt,.md,.csv,.tsv,text/*")
	var done app.Func
	done = app.FuncOf(func(app.Value, []app.Value) any {
		done.Release()
		f := input.Get("files").Index(0)
		if !f.Truthy() {
			return nil
		}
		name := f.Get("name").String()
		settle(f.Call("slice", 0, state.MaxText+1).Call("text"), func(text app.Value) {
			p.post(func() { p.s.SetCorpus(name, text.String()) })
		}, func(err app.Value) {
			p.post(func() {
				p.s.notice(&Notice{Key: "notice.not-read", Args: []any{name, err.Call("toString").String()}})
				p.change()
			})
		})
		return nil
	})
	input.Call("addEventListener", "change", done)
	input.Call("click")
}

// take opens files that were chosen or dropped: with those that were given before, where these are what was missing.
func (p *page) take(files []client.File) {
	if len(files) == 0 {
		return
	}
	p.dialog = ""
	if p.s.Opening == nil && p.s.Model != nil && p.view().ID == "states" && texts(files) {
		p.s.SetTexts(textsOf(files))
		p.change()
		return
	}
	if p.s.Opening == nil && p.s.translates() && texts(files) {
		p.s.SetPairs(textsOf(files))
		p.change()
		return
	}
	if src := statesAmong(files); p.s.Opening == nil && p.s.translates() && src != nil && len(src.Files) == len(files) {
		p.s.SetPairs(*src)
		p.s.Patch("o.translate.part=") // there is nothing to score
		p.change()
		return
	}
	if o := p.s.Opening; o != nil && o.Err != nil && completes(o.Err, files) || o == nil && p.s.Model != nil && p.s.Card == nil && aside(files) {
		p.s.OpenAgain(files, func(o *protocol.Open) { o.NoTokenizer = false })
		p.change()
		return
	}
	p.Open(files)
}

// statesAmong are the states of pairs among files, as Seq2Seq-Vis has them, with what lies beside them; nil: there are none.
func statesAmong(files []client.File) *corpus.Source {
	src := &corpus.Source{}
	for _, f := range files {
		name := strings.ToLower(base(f.Name))
		recorded := name == "states.h5" || name == "train.h5"
		if recorded {
			src.Name = base(f.Name)
		}
		if recorded || slices.Contains([]string{"s2s.yaml", "s2s.yml", "embs.h5"}, name) || slices.Contains([]string{".dict", ".faiss", ".ann", ".pkl"}, path.Ext(name)) {
			src.Files = append(src.Files, f)
		}
	}
	if src.Name == "" {
		return nil
	}
	return src
}

// completes reports whether files may be what was missing, and no model of their own.
func completes(e *protocol.Error, files []client.File) bool {
	if e.Code == "missing-file" {
		return slices.ContainsFunc(files, func(f client.File) bool { return strings.Contains(e.Where, base(f.Name)) })
	}
	return lacking[e.Code] && (aside(files) || e.Code == "sharded" || e.Code == "no-weights")
}

// aside reports whether all of the files are such as lie beside weights.
func aside(files []client.File) bool {
	return !slices.ContainsFunc(files, func(f client.File) bool {
		name := strings.ToLower(base(f.Name))
		ext := name[strings.LastIndexByte(name, '.')+1:]
		return !slices.Contains([]string{"json", "model", "jinja"}, ext) && !slices.Contains(instead, name) && (ext != "txt" || f.Size > 4<<20)
	})
}

// listenDrop takes files that are dropped anywhere on the page, and shows that it will.
func (p *page) listenDrop() {
	hint := document().Call("createElement", "div")
	hint.Set("className", "drop")
	hint.Set("hidden", true)
	for _, class := range []string{"drop-here", "drop-what"} {
		line := document().Call("createElement", "p")
		line.Set("className", class)
		hint.Call("appendChild", line)
	}
	document().Get("body").Call("appendChild", hint)
	hasFiles := func(e app.Value) bool {
		t := e.Get("dataTransfer")
		return t.Truthy() && t.Get("types").Call("includes", "Files").Bool()
	}
	p.pointer.on("dragover", func(e app.Value) {
		if !hasFiles(e) {
			return
		}
		e.Call("preventDefault") // or the browser would leave the page for the file
		e.Get("dataTransfer").Set("dropEffect", "copy")
		if hint.Get("hidden").Bool() {
			hint.Get("firstChild").Set("textContent", p.l.T("open.drop-here"))
			hint.Get("lastChild").Set("textContent", p.l.T("open.drop-what"))
			hint.Set("hidden", false)
		}
	})
	p.pointer.on("dragleave", func(e app.Value) {
		if !e.Get("relatedTarget").Truthy() { // out of the window
			hint.Set("hidden", true)
		}
	})
	p.pointer.on("drop", func(e app.Value) {
		if !hasFiles(e) {
			return
		}
		e.Call("preventDefault")
		hint.Set("hidden", true)
		p.dropped(e.Get("dataTransfer").Get("items"))
	})
}

// dropped collects files and the files of folders, then opens them.
func (p *page) dropped(items app.Value) {
	g := &gathering{done: func(files []client.File) { p.ctx.Dispatch(func(app.Context) { p.take(files) }) }}
	g.open++
	for i := range items.Length() { // all of it now: the list is empty after the event
		item := items.Index(i)
		if item.Get("kind").String() != "file" {
			continue
		}
		if item.Get("webkitGetAsEntry").Truthy() {
			if entry := item.Call("webkitGetAsEntry"); entry.Truthy() {
				g.entry(entry)
				continue
			}
		}
		if f := item.Call("getAsFile"); f.Truthy() {
			g.files = append(g.files, holdFile(f, ""))
		}
	}
	g.close()
}

// gathering walks over dropped folders. The browser answers each question later, so that the open ones are counted.
type gathering struct {
	files []client.File
	open  int
	done  func([]client.File)
}

func (g *gathering) close() {
	if g.open--; g.open == 0 {
		g.done(g.files)
	}
}

// ask calls an entry's method with callbacks for success and failure; a failed one is left out.
func (g *gathering) ask(e app.Value, method string, then func(app.Value)) {
	g.open++
	var ok, failed app.Func
	end := func() {
		ok.Release()
		failed.Release()
		g.close()
	}
	ok = app.FuncOf(func(_ app.Value, args []app.Value) any { then(args[0]); end(); return nil })
	failed = app.FuncOf(func(app.Value, []app.Value) any { end(); return nil })
	e.Call(method, ok, failed)
}

func (g *gathering) entry(e app.Value) {
	if len(g.files) >= maxFiles {
		return
	}
	path := e.Get("fullPath").String()
	if e.Get("isFile").Bool() {
		g.ask(e, "file", func(f app.Value) {
			if len(g.files) < maxFiles {
				g.files = append(g.files, holdFile(f, path))
			}
		})
		return
	}
	g.folder(e.Call("createReader"))
}

// folder reads a folder: the browser gives at most a hundred entries at a time, and none at the end.
func (g *gathering) folder(reader app.Value) {
	g.ask(reader, "readEntries", func(list app.Value) {
		n := list.Length()
		for i := range n {
			g.entry(list.Index(i))
		}
		if n > 0 && len(g.files) < maxFiles {
			g.folder(reader)
		}
	})
}
