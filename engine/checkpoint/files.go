package checkpoint

import (
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"loupe/engine/checkpoint/vectors"
	"loupe/engine/fault"
)

const (
	// HeadSize is how many bytes of a file tell its format.
	HeadSize = 512
	// maxWeights is the most bytes that the weights of a model may have: what a browser's 32-bit memory could hold.
	maxWeights = 4 << 30
	// maxSide is the largest file beside the weights. The tokenizers of large vocabularies have about 30 MB.
	maxSide = 64 << 20
)

// side are the files that may stand beside weights, by base name. Others are ignored.
var side = []string{"config.json", "generation_config.json", "card.json",
	"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
	"vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "source.spm", "target.spm", "target_vocab.json",
	"words.txt", "chars.txt", "words.json", "chars.json", "metadata.tsv", "projector_config.json", "modules.json", poolingConfig}

// poolingConfig is the config.json of a sentence model that says how one vector is made of its tokens', in a folder of its own.
const poolingConfig = "1_pooling/config.json"

// sideName is the name by which a small file is known: its base name, or poolingConfig.
func sideName(name string) string {
	b := base(name)
	if b == "config.json" && base(dir(name)) == "1_pooling" {
		return poolingConfig
	}
	return b
}

// never are files that hold numbers, but no weights of a language model: what a training run keeps of itself. Those of llama.cpp
// for pictures begin with mmproj.
var never = []string{"training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scheduler.bin", "scaler.pt", "rng_state.pth"}

func base(name string) string {
	return strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
}

func dir(name string) string { return path.Dir(strings.ReplaceAll(name, `\`, "/")) }

// readable names what is read, for errors.
func readable() string {
	var list []string
	for _, r := range formats {
		if !slices.Contains(list, r.name) {
			list = append(list, r.name)
		}
	}
	last := len(list) - 1
	return "weights: " + strings.Join(list[:last], ", ") + " or " + list[last]
}

type sorted struct {
	weights weights
	side    []File
	ignored []string
}

// sortOut says what each file is for. Weights are known by content, the others by name; of two with the same name the
// one in the weights' folder is taken.
func sortOut(files []File, choose string) (*sorted, error) {
	var s sorted
	var found, weak []weights // weak: only their extension says that they are weights
	var beside, indexes, rest []File
	var strange *fault.Error // a file that looks like weights by its name, or is all there is, but is none
	for _, f := range files {
		switch name := base(f.Name); {
		case strings.HasPrefix(name, "."), slices.Contains(never, name), strings.HasPrefix(name, "mmproj"):
			rest = append(rest, f)
		case strings.HasSuffix(name, ".index.json"):
			indexes = append(indexes, f)
		case slices.Contains(side, name):
			beside = append(beside, f)
		default:
			r, sure, err := recognise(f, len(files) == 1)
			if err != nil && (strange == nil || strange.Code == fault.WrongMagic) {
				strange = err
			}
			switch {
			case r == nil:
				rest = append(rest, f)
			case sure:
				found = append(found, weights{row: r, files: []File{f}})
			default:
				weak = append(weak, weights{row: r, files: []File{f}})
			}
		}
	}
	if len(found) == 0 {
		found, weak = weak, nil
	}
	switch {
	case len(found) == 0 && strange != nil:
		return nil, strange
	case len(found) == 0:
		return nil, &fault.Error{Code: fault.NoWeights, Expected: readable(), Found: names(files)}
	}
	models, err := together(found, indexes)
	if err != nil {
		return nil, err
	}
	if s.weights, err = chosen(models, choose); err != nil {
		return nil, err
	}
	if err := s.chooseSide(beside); err != nil {
		return nil, err
	}
	rest = s.takeLists(rest)
	for _, w := range slices.Concat(models, weak) {
		if w.files[0] != s.weights.files[0] {
			rest = append(rest, w.files...)
		}
	}
	for _, f := range rest {
		s.ignored = append(s.ignored, f.Name)
	}
	slices.Sort(s.ignored)
	return &s, nil
}

// recognise gives the format of a file of weights, or nil, and whether its content or only its name tells; the error says why
// a file that should be one is none.
func recognise(f File, alone bool) (r *row, sure bool, err *fault.Error) {
	byName := slices.IndexFunc(formats, func(r row) bool {
		return slices.ContainsFunc(r.ext, func(ext string) bool { return strings.HasSuffix(base(f.Name), ext) })
	})
	expected := byName >= 0 || alone || strings.HasSuffix(base(f.Name), ".bin") // of which there are several kinds
	switch {
	case f.Size <= 0 && expected:
		return nil, false, &fault.Error{Code: fault.EmptyFile, File: f.Name, Expected: readable(), Found: "0 bytes"}
	case f.Size <= 0:
		return nil, false, nil
	}
	head := make([]byte, min(f.Size, HeadSize))
	if n, err := f.R.ReadAt(head, 0); n < len(head) {
		if !expected {
			return nil, false, nil
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, false, inFile(f.Name, "", err).(*fault.Error)
	}
	for i := range formats {
		if formats[i].match(head) {
			return &formats[i], true, nil
		}
	}
	kind := describe(head)
	line := head[:bytes.IndexByte(head, '\n')+1]
	switch {
	case kind == "text" && (byName >= 0 && formats[byName].name == "vectors" || alone && vectors.Match(line)): // what is wrong stands further down
		return &formats[len(formats)-1], false, nil
	case kind == "" && byName >= 0:
		return &formats[byName], false, nil
	case kind == "" && !expected:
		return nil, false, nil
	case kind == "":
		kind = "another kind of file"
	case !expected && !isWeights(kind):
		return nil, false, nil
	}
	return nil, false, &fault.Error{Code: fault.WrongMagic, File: f.Name, Where: "byte 0", Expected: readable(), Found: kind}
}

// IsWeights reports whether a file's first bytes are those of weights.
func IsWeights(head []byte) bool {
	return slices.ContainsFunc(formats, func(r row) bool { return r.match(head) })
}

// names lists files for an error, the first 20 of them.
func names(files []File) string {
	var list []string
	for _, f := range files {
		list = append(list, f.Name)
	}
	slices.Sort(list)
	if len(list) > 20 {
		list = append(list[:20], "..")
	}
	return strings.Join(list, ", ")
}

// lists are the extensions of files that may be a vocabulary under any name, and maxLists the largest of them.
var lists = []string{".txt", ".json", ".tsv", ".model"}

const maxLists = 16 << 20

// takeLists takes what may be a vocabulary and lies beside the weights, where no tokenizer has a name of its own. It returns the
// others.
func (s *sorted) takeLists(rest []File) (others []File) {
	for _, f := range s.side {
		if name := base(f.Name); strings.Contains(name, "vocab") || slices.Contains([]string{"tokenizer.json", "merges.txt", "tokenizer.model", "spiece.model",
			"sentencepiece.bpe.model"}, name) {
			return rest
		}
	}
	taken := map[string]bool{}
	for _, f := range rest {
		name := base(f.Name)
		may := slices.Contains(lists, path.Ext(name)) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "readme")
		if !may || f.Size <= 0 || f.Size > maxLists || dir(f.Name) != dir(s.weights.files[0].Name) || taken[name] {
			others = append(others, f)
			continue
		}
		taken[name] = true
		s.side = append(s.side, f)
	}
	return others
}

// chooseSide takes one file of each name.
func (s *sorted) chooseSide(beside []File) error {
	for _, name := range side {
		var here, elsewhere []File
		for _, f := range beside {
			switch {
			case sideName(f.Name) != name:
			case dir(f.Name) == dir(s.weights.files[0].Name):
				here = append(here, f)
			default:
				elsewhere = append(elsewhere, f)
			}
		}
		if len(here) == 0 {
			here, elsewhere = elsewhere, nil
		}
		for _, f := range elsewhere {
			s.ignored = append(s.ignored, f.Name)
		}
		if len(here) > 1 {
			return &fault.Error{Code: fault.SeveralModels, Expected: "one " + name, Found: names(here)}
		}
		for _, f := range here {
			if f.Size <= 0 {
				return &fault.Error{Code: fault.EmptyFile, File: f.Name, Found: "0 bytes"}
			}
			if f.Size > maxSide {
				return &fault.Error{Code: fault.TooLarge, File: f.Name, Expected: "at most 64 MB", Found: fault.Bytes(f.Size)}
			}
			s.side = append(s.side, f)
		}
	}
	return nil
}
