package checkpoint

import (
	"io"
	"loupe/engine/fault"
	"path"
	"slices"
	"strings"
)

const (
	headSize = 512
	// maxWeights is the largest weights file: what a browser's 32-bit memory could hold.
	maxWeights = 4 << 30
	// maxSide is the largest file beside the weights. The tokenizers of large vocabularies have about 30 MB.
	maxSide = 64 << 20
)

// side are the files that may stand beside weights, by base name. Others are ignored.
var side = []string{"config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "vocab.txt",
	"merges.txt", "generation_config.json", "card.json"}

func base(name string) string {
	return strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
}

func dir(name string) string { return path.Dir(strings.ReplaceAll(name, `\`, "/")) }

// weights is a file of weights and the format that reads it.
type weights struct {
	file File
	row  *row
}

type sorted struct {
	weights weights
	side    []File
	ignored []string
}

// sortOut says what each file is for. Weights are known by content, the others by name; of two with the same name the
// one in the weights' folder is taken.
func sortOut(files []File) (*sorted, error) {
	var s sorted
	var found []weights
	var beside, rest []File
	var strange *fault.Error // a file that looks like weights by its name, or is all there is, but is none
	for _, f := range files {
		switch name := base(f.Name); {
		case strings.HasPrefix(name, "."):
			rest = append(rest, f)
		case slices.Contains(side, name):
			beside = append(beside, f)
		default:
			r, err := recognise(f, len(files) == 1)
			if err != nil && (strange == nil || strange.Code == fault.WrongMagic) {
				strange = err
			}
			if r == nil {
				rest = append(rest, f)
			} else {
				found = append(found, weights{f, r})
			}
		}
	}
	switch {
	case len(found) > 1:
		return nil, several(found)
	case len(found) == 0 && strange != nil:
		return nil, strange
	case len(found) == 0:
		return nil, &fault.Error{Code: fault.NoWeights, Expected: "a safetensors or npz file", Found: names(files)}
	}
	s.weights = found[0]
	if err := s.chooseSide(beside); err != nil {
		return nil, err
	}
	for _, f := range rest {
		s.ignored = append(s.ignored, f.Name)
	}
	slices.Sort(s.ignored)
	return &s, nil
}

// recognise gives the format of a file of weights, or nil; the error says why a file that should be one is none.
func recognise(f File, alone bool) (*row, *fault.Error) {
	byName := slices.IndexFunc(formats, func(r row) bool { return strings.HasSuffix(base(f.Name), r.ext) })
	expected := byName >= 0 || alone
	switch {
	case f.Size <= 0 && expected:
		return nil, &fault.Error{Code: fault.EmptyFile, File: f.Name, Expected: "a safetensors or npz file", Found: "0 bytes"}
	case f.Size <= 0:
		return nil, nil
	}
	head := make([]byte, min(f.Size, headSize))
	if n, err := f.R.ReadAt(head, 0); n < len(head) {
		if !expected {
			return nil, nil
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, inFile(f.Name, "", err).(*fault.Error)
	}
	for i := range formats {
		if formats[i].match(head) {
			return sized(f, &formats[i])
		}
	}
	kind := describe(head)
	switch {
	case kind == "" && byName >= 0:
		return sized(f, &formats[byName])
	case kind == "" && !alone:
		return nil, nil
	case kind == "":
		kind = "another kind of file"
	case !expected && !isWeights(kind):
		return nil, nil
	}
	return nil, &fault.Error{Code: fault.WrongMagic, File: f.Name, Where: "byte 0", Expected: "a safetensors or npz file", Found: kind}
}

func sized(f File, r *row) (*row, *fault.Error) {
	if f.Size > maxWeights {
		return nil, &fault.Error{Code: fault.TooLarge, In: r.name, File: f.Name, Expected: "at most 4 GB", Found: fault.Bytes(f.Size)}
	}
	return r, nil
}

func several(found []weights) error {
	var list []File
	parts := true
	for _, w := range found {
		list = append(list, w.file)
		parts = parts && strings.Contains(base(w.file.Name), "-of-0") && dir(w.file.Name) == dir(found[0].file.Name)
	}
	if parts {
		return &fault.Error{Code: fault.Sharded, Expected: "one file of weights", Found: names(list)}
	}
	return &fault.Error{Code: fault.SeveralModels, Expected: "the files of one model", Found: names(list)}
}

// names lists files for an error, the first 8 of them.
func names(files []File) string {
	var list []string
	for _, f := range files {
		list = append(list, f.Name)
	}
	slices.Sort(list)
	if len(list) > 8 {
		list = append(list[:8], "..")
	}
	return strings.Join(list, ", ")
}

// chooseSide takes one file of each name.
func (s *sorted) chooseSide(beside []File) error {
	for _, name := range side {
		var here, elsewhere []File
		for _, f := range beside {
			switch {
			case base(f.Name) != name:
			case dir(f.Name) == dir(s.weights.file.Name):
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
