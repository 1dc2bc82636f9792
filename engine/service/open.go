package service

import (
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
		if err != nil {
			return nil, &protocol.Error{Code: "unreadable", File: f.Name, Detail: err.Error()}
		}
		files[i] = checkpoint.File{Name: f.Name, Size: f.Size, R: r}
	}
	j.progress("header", 0, 1, "")
	ck, err := checkpoint.Open(files, func(tensor string, done, total int64) error {
		j.progress("weights", float64(done), float64(total), tensor)
		return j.Yield()
	})
	if err != nil {
		return nil, err
	}
	j.progress("header", 1, 1, fmt.Sprint(len(ck.Tensors)))
	config := ck.Config
	if config == nil {
		inferred, ok := model.Infer(ck)
		if !ok {
			return nil, &protocol.Error{Code: "no-config", File: ck.Name, Expected: "config.json",
				Detail: "service: " + ck.Name + ": no config.json beside it, and the tensors are not those of a known family"}
		}
		config = inferred
	}
	tok, err := tokenizer.Open(ck.Files)
	if err != nil {
		return nil, &protocol.Error{Code: "bad-tokenizer", File: ck.Name, Detail: err.Error()}
	}
	j.progress("tokenizer", 1, 1, fmt.Sprint(tok.Size()))
	m, err := model.Open(config, ck)
	if err != nil {
		return nil, modelError(ck.Name, err)
	}
	info := m.Info()
	if tok.Size() > info.Vocab {
		return nil, &protocol.Error{Code: "vocab-mismatch", File: ck.Name, Expected: fmt.Sprint(info.Vocab), Found: fmt.Sprint(tok.Size()),
			Detail: fmt.Sprintf("service: the tokenizer has %d tokens, the model %d", tok.Size(), info.Vocab)}
	}
	about := describe(ck, info, tok, config)
	if tok.Size() < info.Vocab {
		about.Warnings = append(about.Warnings, protocol.Warning{Code: "vocab-padded", N: info.Vocab - tok.Size()})
	}
	*s = Service{open: s.open, yield: s.yield, model: m, info: info, tok: tok, about: about, rev: s.rev}
	s.names = make([]string, info.Vocab)
	for i := range s.names {
		if i < tok.Size() {
			s.names[i] = tokenizer.Visible(tok.Bytes(i))
		} else {
			s.names[i] = fmt.Sprintf("<%d>", i)
		}
	}
	s.reset()
	return &s.about, nil
}

// modelError keeps an error that says where, and gives any other the model's file.
func modelError(file string, err error) error {
	if e := asError(err); e.Code != "failed" {
		if e.File == "" {
			e.File = file
		}
		return e
	}
	return &protocol.Error{Code: "bad-config", File: file, Detail: err.Error()}
}

func describe(ck *checkpoint.Checkpoint, info nn.Info, tok tokenizer.Tokenizer, config []byte) protocol.Model {
	a := protocol.Model{
		Name: ck.Name, Format: ck.Format, Bytes: ck.Bytes, Family: info.Family, Layers: info.Layers, Heads: info.Heads,
		Hidden: info.Hidden, Cell: info.Cell, Embed: info.Embed, Vocab: info.Vocab, Context: info.Context, Params: info.Params,
		Tokenizer: tok.Kind(), Ignored: ck.Ignored,
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
	for _, w := range ck.Warnings {
		a.Warnings = append(a.Warnings, protocol.Warning{Code: w.Code, What: w.What, N: w.N})
	}
	slices.Sort(types)
	a.DType = strings.Join(types, ", ")
	fmt.Fprintln(h, ck.Bytes, ck.Sample())
	a.Hash = fmt.Sprintf("%016x", h.Sum64())
	return a
}
