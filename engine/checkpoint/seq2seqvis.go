package checkpoint

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/hdf5"
	"loupe/engine/checkpoint/lstmvis"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// A project of Seq2Seq-Vis (github.com/HendrikStrobelt/Seq2Seq-Vis, README.md and s2s/project.py) is a folder with s2s.yaml: the name of a
// checkpoint of OpenNMT-py, which has all of the model, and of files that were written from it. Of these states.h5 holds what the model alone does
// not: its states over a corpus of pairs.

const (
	maxStatesWords = 1 << 20 // of a dictionary
	maxStatesRow   = 1 << 24 // numbers of a pair
	pad            = 1       // OpenNMT-py's <blank>
)

// seq2seqVis leaves of files the model that an s2s.yaml among them names, and says what is left out. Where choose names another file they stay as
// they are. Without an s2s.yaml they may be tables of words.
func seq2seqVis(files []File, choose string) (left []File, ignored []string, err error) {
	yml, texts, err := readS2S(files)
	if err != nil {
		return nil, nil, err
	}
	if yml == nil {
		return wordTables(files, choose)
	}
	if texts["model"] == "" {
		return nil, nil, &fault.Error{Code: fault.BadSeq2SeqVis, File: yml.Name, Where: "model", Expected: "the name of a checkpoint of OpenNMT-py", Found: "none"}
	}
	model := besideOf(yml, files, texts["model"])
	if model == nil {
		return nil, nil, &fault.Error{Code: fault.MissingFile, File: yml.Name, Where: texts["model"], Expected: "the model that s2s.yaml names", Found: names(files)}
	}
	if choose != "" && choose != model.Name {
		return files, nil, nil
	}
	for _, f := range files {
		if f.Name != model.Name {
			ignored = append(ignored, f.Name)
		}
	}
	return []File{*model}, ignored, nil
}

// readS2S reads the s2s.yaml among files; nil: there is none.
func readS2S(files []File) (*File, map[string]string, error) {
	i := slices.IndexFunc(files, func(f File) bool { return base(f.Name) == "s2s.yaml" || base(f.Name) == "s2s.yml" })
	if i < 0 {
		return nil, nil, nil
	}
	b, err := wholeFile(&files[i])
	if err != nil {
		return nil, nil, err
	}
	texts, err := lstmvis.Texts(b)
	if err != nil {
		e := fault.ReadError("", err)
		if e.File, e.In = files[i].Name, "seq2seqvis"; e.Code == fault.BadLSTMVis {
			e.Code = fault.BadSeq2SeqVis
		}
		return nil, nil, e
	}
	return &files[i], texts, nil
}

// wholeFile is what a small file holds.
func wholeFile(f *File) ([]byte, error) {
	if f.Size > maxSide {
		return nil, &fault.Error{Code: fault.TooLarge, File: f.Name, Expected: "at most 64 MB", Found: fault.Bytes(f.Size)}
	}
	b := make([]byte, f.Size)
	if e := format.ReadAt(f.R, b, 0, ""); e != nil {
		e.File = f.Name
		return nil, e
	}
	return b, nil
}

// States are what an encoder-decoder did over pairs, as extract_context.py of Seq2Seq-Vis's OpenNMT-py writes it into states.h5:
//
//	src [pairs, n]              ids, padded with 1
//	tgt [pairs, m]              ids from <s> on, that were read by the decoder; </s> may stand at the end, and be read too
//	encoder_out [pairs, n, d]   the encoder's states
//	decoder_out [pairs, m, d]   the attentional states, by the token that was read
//	cstar [pairs, m, d]         the contexts, likewise
//	attn [pairs, m, n]          the weights that made them
type States struct {
	Name  string            // of the file
	Pairs int               // as many rows as the file has
	Units map[string]int    // width of encoder_out, decoder_out and cstar; those that are there
	Attn  bool              // attn is there
	Words [2]map[int]string // of src.dict and tgt.dict, by id; nil: not given

	c     *Checkpoint
	long  map[string]int // positions of a pair
	buf   []float32
	ofRow struct { // what buf holds
		name string
		pair int
	}
}

// IsStates reports whether a file of pairs may be one of states, or lie beside it, by its name.
func IsStates(name string) bool {
	return slices.Contains([]string{".h5", ".hdf5"}, strings.ToLower(path.Ext(name)))
}

// OpenStates finds states.h5 among files, and the dictionaries beside it.
func OpenStates(files []File) (*States, error) {
	yml, texts, err := readS2S(files)
	if err != nil {
		return nil, err
	}
	s := &States{Units: map[string]int{}, long: map[string]int{}}
	var other *fault.Error
	for i := range files {
		if f := &files[i]; IsStates(f.Name) && s.c == nil {
			root, err := hdf5.Open(f.R, f.Size)
			if err != nil {
				return nil, inFile(f.Name, "hdf5", err)
			}
			if e := s.take(f, root); e != nil {
				e.File, other = f.Name, e
				s.c = nil
			}
		}
	}
	if s.c == nil {
		if other == nil {
			other = &fault.Error{Code: fault.MissingFile, Where: "states.h5", Expected: "states of Seq2Seq-Vis in HDF5", Found: names(files)}
		}
		return nil, other
	}
	for i, side := range []string{"src", "tgt"} {
		name := side + ".dict"
		if yml != nil && texts["dicts."+side] != "" {
			name = texts["dicts."+side]
		}
		at := slices.IndexFunc(files, func(f File) bool { return base(f.Name) == base(name) })
		if at < 0 {
			continue
		}
		if s.Words[i], err = readWords(&files[at]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// take makes the datasets of a file the states, if they are.
func (s *States) take(f *File, root *hdf5.Object) *fault.Error {
	s.Name, s.c = f.Name, &Checkpoint{Name: f.Name, Format: "seq2seqvis", tensors: map[string]*stored{}}
	for _, k := range []struct {
		name  string
		rank  int
		along string
	}{{"src", 2, ""}, {"tgt", 2, ""}, {"encoder_out", 3, "src"}, {"decoder_out", 3, "tgt"}, {"cstar", 3, "tgt"}, {"attn", 3, "tgt"}} {
		o := root.Get(k.name)
		if o == nil || o.Data == nil {
			if k.rank == 3 {
				continue
			}
			return &fault.Error{Code: fault.BadSeq2SeqVis, Where: k.name, Expected: "datasets src, tgt, and encoder_out, decoder_out or cstar", Found: "none"}
		}
		t := *o.Data
		expected := map[bool]string{true: "[pairs, tokens]", false: fmt.Sprintf("[%d, %d or more, units]", s.Pairs, s.long[k.along])}[k.rank == 2]
		fits := len(t.Shape) == k.rank && t.Rows != nil && tensor.Numel(t.Shape) > 0 && tensor.Numel(t.Shape[1:]) <= maxStatesRow
		if fits && k.name != "src" {
			fits = t.Shape[0] == s.Pairs
		}
		if fits && k.rank == 3 {
			fits = t.Shape[1] >= s.long[k.along]
		}
		if k.name == "attn" {
			expected = fmt.Sprintf("[%d, %d or more, %d or more]", s.Pairs, s.long["tgt"], s.long["src"])
			fits = fits && t.Shape[2] >= s.long["src"]
		}
		if !fits {
			return &fault.Error{Code: fault.BadSeq2SeqVis, Where: k.name, Expected: expected, Found: format.Shape(t.Shape)}
		}
		if size, widen := widenRecorded(t.DType); widen == nil || size == 0 {
			return &fault.Error{Code: fault.UnknownDType, Where: k.name, Expected: "F64, F32, F16 or whole numbers", Found: string(t.DType)}
		}
		switch s.Pairs, s.long[k.name] = t.Shape[0], t.Shape[1]; {
		case k.name == "attn":
			s.Attn = true
		case k.rank == 3:
			s.Units[k.name] = t.Shape[2]
		}
		t.Name = k.name
		s.c.tensors[k.name] = &stored{Tensor: t, file: f.Name, used: true}
	}
	if len(s.Units) == 0 {
		return &fault.Error{Code: fault.BadSeq2SeqVis, Where: "encoder_out", Expected: "encoder_out, decoder_out or cstar", Found: "none"}
	}
	return nil
}

// IDs are the tokens of a pair, "src" or "tgt", without their padding. A row of zeros was never written, and has none.
func (s *States) IDs(side string, pair int) ([]int32, error) {
	row, err := s.row(side, pair)
	if err != nil {
		return nil, err
	}
	n := len(row)
	for n > 0 && row[n-1] == pad {
		n--
	}
	if !slices.ContainsFunc(row, func(x float32) bool { return x != 0 }) {
		n = 0
	}
	ids := make([]int32, n)
	for i, x := range row[:n] {
		if ids[i] = int32(x); x < 0 || x >= maxStatesWords {
			return nil, &fault.Error{Code: fault.BadSeq2SeqVis, File: s.Name, Where: fmt.Sprintf("%s[%d, %d]", side, pair, i), Expected: "the id of a token", Found: fmt.Sprint(x)}
		}
	}
	return ids, nil
}

// State writes the state of a pair at a position [units].
func (s *States) State(dst []float32, name string, pair, pos int) error {
	row, err := s.row(name, pair)
	if err == nil {
		copy(dst, row[pos*len(dst):])
	}
	return err
}

// Attention writes how the source's tokens are weighted at a position of the target [tokens of the source].
func (s *States) Attention(dst []float32, pair, pos int) error {
	row, err := s.row("attn", pair)
	if err == nil {
		copy(dst, row[pos*s.c.tensors["attn"].Shape[2]:])
	}
	return err
}

// row is all that a dataset has of a pair; it holds until the next call.
func (s *States) row(name string, pair int) ([]float32, error) {
	if s.buf != nil && s.ofRow.name == name && s.ofRow.pair == pair {
		return s.buf, nil
	}
	n := tensor.Numel(s.c.tensors[name].Shape[1:])
	s.buf = slices.Grow(s.buf[:0], n)[:n]
	if err := s.c.Rows(name, s.buf, pair); err != nil {
		s.buf = nil
		return nil, inFile(s.Name, "seq2seqvis", err)
	}
	s.ofRow.name, s.ofRow.pair = name, pair
	return s.buf, nil
}

// readWords reads a dictionary: lines of an id, a space and a word.
func readWords(f *File) (map[int]string, error) {
	b, err := wholeFile(f)
	if err != nil {
		return nil, err
	}
	words := map[int]string{}
	for i, l := range strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n") {
		l = strings.TrimRight(l, "\r")
		if strings.TrimSpace(l) == "" {
			continue
		}
		number, word, ok := strings.Cut(l, " ")
		id, e := strconv.Atoi(number)
		if !ok || e != nil || id < 0 || id >= maxStatesWords {
			return nil, &fault.Error{Code: fault.BadSeq2SeqVis, File: f.Name, Where: fmt.Sprint("line ", i+1), Expected: "an id and its word", Found: fault.Quote(l)}
		}
		words[id] = word
	}
	return words, nil
}
