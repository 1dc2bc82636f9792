package service

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"loupe/engine/checkpoint"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// openModel reads a model. The one that was open stays until the new one is whole.
func (s *Service) openModel(j *job, b protocol.Open) (*protocol.Model, error) {
	files := make([]checkpoint.File, len(b.Files))
	for i, f := range b.Files {
		r, err := s.open(f)
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		if err != nil {
			return nil, &protocol.Error{Code: "unreadable", File: f.Name, Detail: err.Error()}
		}
		files[i] = checkpoint.File{Name: f.Name, Size: f.Size, R: r}
	}
	j.progress("header", 0, 1, "")
	ck, err := checkpoint.Open(files, b.Weights, func(tensor string, done, total int64) error {
		j.progress("weights", float64(done), float64(total), tensor)
		return j.Yield()
	})
	if err != nil {
		return nil, err
	}
	j.progress("header", 1, 1, fmt.Sprint(len(ck.Tensors)))
	config, err := configOf(ck)
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Open(ck.Files, ck.Metadata)
	if err != nil {
		return nil, inFile(ck.Name, err)
	}
	j.progress("tokenizer", 1, 1, fmt.Sprint(tok.Size()))
	m, err := model.Open(config, ck)
	if err != nil {
		return nil, inFile(ck.Name, err)
	}
	info := m.Info()
	if tok.Size() > info.Vocab {
		return nil, &protocol.Error{Code: "vocab-mismatch", File: ck.Name, Expected: fmt.Sprint(info.Vocab), Found: fmt.Sprint(tok.Size()),
			Detail: fmt.Sprintf("service: the tokenizer has %d tokens, the model %d", tok.Size(), info.Vocab)}
	}
	*s = Service{open: s.open, yield: s.yield, model: m, info: info, tok: tok, about: describe(ck, info, tok, config), rev: s.rev}
	s.final = info.Acts[len(info.Acts)-2].Name // "logits" is the last
	s.names = names(tok, info.Vocab)
	s.reset()
	return &s.about, nil
}

// configOf is the config beside the weights, or the one that they tell themselves.
func configOf(ck *checkpoint.Checkpoint) ([]byte, error) {
	if ck.Config != nil {
		return ck.Config, nil
	}
	if c, ok := model.Infer(ck); ok {
		return c, nil
	}
	return nil, &protocol.Error{Code: "no-config", File: ck.Name, Expected: "config.json",
		Detail: "service: " + ck.Name + ": no config.json beside it, and the tensors do not tell the model"}
}

// names are what is shown for each id: those that the tokenizer has not stand as "<50257>".
func names(tok tokenizer.Tokenizer, vocab int) []string {
	out := make([]string, vocab)
	for i := range out {
		if i < tok.Size() {
			out[i] = tokenizer.Visible(tok.Bytes(i))
		} else {
			out[i] = fmt.Sprintf("<%d>", i)
		}
	}
	return out
}

// inFile makes an error one that the page can say, and gives it a file if it names none.
func inFile(file string, err error) error {
	e := asError(err)
	if e.Code == "failed" {
		e.Code = "bad-config"
	}
	if e.File == "" {
		e.File = file
	}
	return e
}

func describe(ck *checkpoint.Checkpoint, info nn.Info, tok tokenizer.Tokenizer, config []byte) protocol.Model {
	a := protocol.Model{
		Name: ck.Name, Format: ck.Format, Bytes: ck.Bytes, Family: info.Family, Layers: info.Layers, Heads: info.Heads,
		Hidden: info.Hidden, Cell: info.Cell, Embed: info.Embed, Vocab: info.Vocab, Context: info.Context, Params: info.Params,
		Tokenizer: tok.Kind(),
	}
	if a.Context == 0 {
		a.Context = MaxTokens
	}
	for _, x := range info.Acts {
		a.Acts = append(a.Acts, protocol.Act(x))
	}
	var types []string
	h := fnv.New64a()
	h.Write(config)
	for _, t := range ck.Tensors {
		fmt.Fprintln(h, t.Name, t.DType, t.Shape)
		if d := strings.ToLower(string(t.DType)); !slices.Contains(types, d) {
			types = append(types, d)
		}
	}
	slices.Sort(types)
	a.DType = strings.Join(types, ", ")
	fmt.Fprintln(h, ck.Bytes, ck.Sample())
	a.Hash = fmt.Sprintf("%016x", h.Sum64())
	a.Ignored, a.Warnings = remarks(ck, tok, info, config)
	return a
}

// remarks are what a person should know of a model that opened: the files and tensors that were not used, and warnings.
func remarks(ck *checkpoint.Checkpoint, tok tokenizer.Tokenizer, info nn.Info, config []byte) (ignored []string, warnings []protocol.Warning) {
	for _, w := range ck.Warnings {
		warnings = append(warnings, protocol.Warning{Code: w.Code, What: w.What, N: w.N})
	}
	unread := slices.DeleteFunc(ck.Unread(), func(name string) bool { return model.Ignores(config, name) })
	if len(unread) > 0 {
		warnings = append(warnings, protocol.Warning{Code: "unused-tensors", What: unread[0], N: len(unread)})
	}
	if more := info.Vocab - tok.Size(); more > 0 {
		warnings = append(warnings, protocol.Warning{Code: "vocab-padded", N: more})
	}
	return slices.Concat(ck.Ignored, unread), warnings
}
