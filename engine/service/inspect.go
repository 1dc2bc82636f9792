package service

import (
	"errors"

	"loupe/engine/checkpoint"
	"loupe/engine/fault"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
	"loupe/engine/tokenizer"
)

// Inspection is what a model's files hold. What is not there or not known is empty.
type Inspection struct {
	Format        string
	Family        string
	Params        int
	Config        map[string]any
	Tokenizer     string
	TokenizerSize int    // of an encoder-decoder the target's
	Source        string // tokenizer of an encoder-decoder's source
	SourceSize    int
	Seq           *nn.Seq // of an encoder-decoder
	Tensors       []tensor.Info
	Guesses       []nn.Guess // keys of Config that no file says
}

// Inspect says what files hold. Weights alone are enough: a config or a tokenizer that is missing, and a family
// that is not known, leave their fields empty.
func Inspect(files []checkpoint.File) (*Inspection, error) {
	ck, err := checkpoint.Open(files, "", nil)
	if err != nil {
		return nil, err
	}
	in := &Inspection{Format: ck.Format, Tensors: ck.Tensors}
	for _, t := range ck.Tensors {
		in.Params += tensor.Numel(t.Shape)
	}
	config := ck.Config
	if config == nil {
		config, in.Guesses, _ = model.Infer(ck, ck.Metadata)
	}
	if config != nil {
		if err := nn.ReadConfig(config, &in.Config); err != nil {
			return nil, inFile(ck.Name, err)
		}
		whole, err := withGeneration(config, ck)
		if err != nil {
			return nil, err
		}
		m, err := model.Open(whole, ck)
		var e *fault.Error
		switch {
		case err == nil:
			in.Family, in.Params = m.Info().Family, m.Info().Params
			if m, ok := m.(nn.Seq2Seq); ok {
				seq := m.Seq()
				in.Seq = &seq
			}
		case !errors.As(err, &e) || e.Code != fault.UnknownFamily:
			return nil, inFile(ck.Name, err)
		}
	}
	if in.Seq != nil {
		if source, target, err := tokenizer.OpenPair(ck.Files, ck.Metadata, config); err == nil {
			in.Source, in.SourceSize = source.Kind(), source.Size()
			in.Tokenizer, in.TokenizerSize = target.Kind(), target.Size()
		}
	} else if tok, err := tokenizer.Open(ck.Files, ck.Metadata); err == nil {
		in.Tokenizer, in.TokenizerSize = tok.Kind(), tok.Size()
	}
	return in, nil
}
