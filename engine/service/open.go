package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"loupe/engine/analysis"
	"loupe/engine/checkpoint"
	"loupe/engine/desk"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// openModel reads a model. The one that was open stays until the new one is whole.
func (s *Service) openModel(j *desk.Job, b protocol.Open) (*protocol.Model, error) {
	files, err := s.files(b.Files)
	if err != nil {
		return nil, err
	}
	j.Progress("header", 0, 1, "")
	ck, err := checkpoint.Open(files, b.Weights, func(tensor string, done, total int64) error {
		j.Progress("weights", float64(done), float64(total), tensor)
		return j.Yield()
	})
	if err != nil {
		return nil, err
	}
	j.Progress("header", 1, 1, fmt.Sprint(len(ck.Tensors)))
	config, guesses, err := configOf(ck, b.Config)
	if err != nil {
		return nil, err
	}
	var tok, source tokenizer.Tokenizer
	b.NoTokenizer = b.NoTokenizer || wordless(ck)
	if !b.NoTokenizer { // before the weights, which may be large: who lacks a file shall know at once
		if model.Halves(config) {
			source, tok, err = tokenizer.OpenPair(ck.Files, ck.Metadata, config)
		} else {
			tok, err = tokenizer.Open(ck.Files, ck.Metadata)
		}
		if err != nil {
			return nil, inFile(ck.Name, err)
		}
		j.Progress("tokenizer", 1, 1, fmt.Sprint(tok.Size()))
	}
	whole, err := withGeneration(config, ck)
	if err != nil {
		return nil, err
	}
	m, err := model.Open(whole, ck)
	if err != nil {
		return nil, inFile(ck.Name, err)
	}
	for _, g := range model.Guesses(m) {
		guesses = append(guesses, protocol.Guess(g))
	}
	info := m.Info()
	if b.NoTokenizer {
		tok = tokenizer.Numbers(info.Vocab)
	}
	labels, err := labelsOf(ck, tok, &info)
	if err != nil {
		return nil, err
	}
	if !fits(tok, info.Vocab) && !cutWords(tok, &info) {
		return nil, &protocol.Error{Code: "vocab-mismatch", File: ck.Name, Expected: fmt.Sprint(info.Vocab), Found: fmt.Sprint(tok.Size()),
			Detail: fmt.Sprintf("service: the tokenizer has %d tokens, the model %d", tok.Size(), info.Vocab)}
	}
	seq, err := s.halvesOf(m, source, tok)
	if err != nil {
		return nil, inFile(ck.Name, err)
	}
	pooling, noVectors := analysis.ReadPooling(ck.Files["modules.json"], ck.Files["1_pooling/config.json"])
	chat, _ := tokenizer.OpenChat(ck.Files, ck.Metadata, tok)
	*s = Service{open: s.open, yield: s.yield, Hold: s.Hold, States: s.States, labels: labels, model: m, info: info, tok: tok, chat: chat, pooling: pooling, noVectors: noVectors, last: lastHidden(&info), rev: s.rev, corpora: s.corpora, pairings: s.pairings, planes: map[string]*plane{}, scores: map[string]*protocol.HeadScoresResult{}, about: describe(ck, info, tok, config)}
	s.about.Guesses = guesses
	if chat != nil {
		s.about.Chat = chat.Name()
	}
	if info.Logits {
		s.final = info.Acts[len(info.Acts)-2].Name // "logits" is the last
	}
	s.names = names(tok, info.Vocab)
	s.joinHalves(seq)
	if keys := nn.Undone(whole); seq != nil && len(keys) > 0 {
		s.about.Warnings = append(s.about.Warnings, protocol.Warning{Code: "search-undone", What: strings.Join(keys, ", "), N: len(keys)})
	}
	if info.Layers == 0 {
		s.vectorRemarks(ck)
	}
	if err := s.remarkRecorded(config); err != nil {
		return nil, err
	}
	s.reset()
	return &s.about, nil
}

// fits reports whether the model has all tokens that a text may have: a tokenizer may have marks for other uses (pictures)
// beyond the model's, but no words.
func fits(tok tokenizer.Tokenizer, vocab int) bool {
	for id := vocab; id < tok.Size(); id++ {
		if !tok.Special(id) {
			return false
		}
	}
	return true
}

// files gives the bytes of files.
func (s *Service) files(refs []protocol.FileRef) ([]checkpoint.File, error) {
	files := make([]checkpoint.File, len(refs))
	for i, f := range refs {
		r, err := s.open(f)
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		if err != nil {
			return nil, &protocol.Error{Code: "unreadable", File: f.Name, Detail: err.Error()}
		}
		files[i] = checkpoint.File{Name: f.Name, Size: f.Size, R: r}
	}
	return files, nil
}

// withGeneration is a config, of an encoder-decoder with what generation_config.json beside it says of the search.
func withGeneration(config []byte, ck *checkpoint.Checkpoint) ([]byte, error) {
	if !model.Halves(config) {
		return config, nil
	}
	whole, err := nn.Generated(config, ck.Files["generation_config.json"])
	if err != nil {
		return nil, inFile(ck.Name, err)
	}
	return whole, nil
}

// configOf is the config beside the weights, or the one that they tell themselves, with a person's corrections; and what
// nothing said but the names and shapes of tensors.
func configOf(ck *checkpoint.Checkpoint, corrections map[string]any) (config []byte, guesses []protocol.Guess, err error) {
	config = ck.Config
	if config == nil {
		c, inferred, ok := model.Infer(ck, ck.Metadata)
		if !ok && corrections["model_type"] == nil {
			expected := "config.json"
			if ck.Format == "keras" {
				expected = `the whole model, as model.save("model.keras") writes it`
			}
			return nil, nil, &protocol.Error{Code: "no-config", File: ck.Name, Expected: expected,
				Detail: "service: " + ck.Name + ": no config.json beside it, and the tensors do not tell the model"}
		}
		config = c
		for _, g := range inferred {
			if _, corrected := corrections[g.Key]; !corrected {
				guesses = append(guesses, protocol.Guess(g))
			}
		}
	}
	if len(corrections) == 0 {
		return config, guesses, nil
	}
	all := map[string]any{}
	if config != nil {
		if err := nn.ReadConfig(config, &all); err != nil {
			return nil, nil, inFile(ck.Name, err)
		}
	}
	for k, v := range corrections {
		if all[k] = v; v == nil {
			delete(all, k)
		}
	}
	config, err = json.Marshal(all)
	return config, guesses, err
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
	e := desk.AsError(err)
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
		Hidden: info.Hidden, Cell: info.Cell, Embed: info.Embed, OneHot: info.OneHot, Vocab: info.Vocab, Context: info.Context, Params: info.Params,
		Tokenizer: tok.Kind(), Logits: info.Logits, Here: info.Here, Mask: tok.Mask(), Config: string(config),
	}
	if a.Context == 0 || a.Context > MaxTokens {
		a.Context = MaxTokens
	}
	for id := range min(tok.Size(), info.Vocab) {
		if tok.Special(id) {
			a.Specials = append(a.Specials, id)
		}
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
	if less := tok.Size() - info.Vocab; less > 0 {
		warnings = append(warnings, protocol.Warning{Code: "vocab-short", N: less})
	}
	if n := tok.Truncates(); n > 0 {
		warnings = append(warnings, protocol.Warning{Code: "truncates", N: n})
	}
	return slices.Concat(ck.Ignored, unread), warnings
}
