// Package lstmvis reads the sets of LSTMVis: a folder with lstm.yml, the states of a recurrent model at every token of a text in HDF5,
// the text as ids, a dictionary, and annotations (github.com/HendrikStrobelt/LSTMVis, docs/chapter/config_states.md and meta.md). There
// is no model: what it did is looked at.
//
// A set's tensors are called "sources.N" [T, units], "words" [T], "metas.N" [T], or [ids] of an annotation of words, and "embedding" [ids, d].
// Their names as shown are FILE::PATH, as LSTMVis has them. Config says what they are. Sources are too large to be read whole: they are
// read by rows.
package lstmvis

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/hdf5"
	"loupe/engine/fault"
)

const (
	maxTokens  = 1 << 26 // the text is held as 4 bytes a token
	maxWords   = 1 << 20 // of a dictionary
	maxDict    = 64 << 20
	maxSources = 64
)

// Type is the value of model_type.
const Type = "lstmvis"

// Config describes a set to the model that is made of it (engine/model/lstmvis).
type Config struct {
	Type    string   `json:"model_type"`
	Name    string   `json:"name,omitempty"`
	About   string   `json:"description,omitempty"`
	Tokens  int      `json:"tokens"`
	Words   int      `json:"words"` // of the dictionary
	Sources []Source `json:"sources"`
	Metas   []Meta   `json:"metas,omitempty"`
	Embed   int      `json:"embed,omitempty"` // numbers of a word's embedding, if it has one
	Rows    int      `json:"rows,omitempty"`  // and of how many words
}

// Source is what the units of one layer did. Tensor is sources.N.
type Source struct {
	Name      string `json:"name"`
	Kind      string `json:"type"`
	Layer     string `json:"layer"`
	Units     int    `json:"units"`
	Unsigned  bool   `json:"unsigned,omitempty"` // each unit twice: its positive part, and its negative one negated
	Transform string `json:"transform,omitempty"`
}

// Meta is an annotation. Its tensor is metas.N, of the set's length or, if Word, one value a word. A discrete one has labels by value in
// Metadata, under its tensor's name; if it has none, the values are their own labels.
type Meta struct {
	Name     string `json:"name"`
	Word     bool   `json:"word,omitempty"`
	Discrete bool   `json:"discrete,omitempty"`
	Rows     int    `json:"rows"`
}

// Match reports whether a file describes a set, by its name: YAML has no other mark.
func Match(name string) bool {
	b := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	return b == "lstm.yml" || b == "lstm.yaml"
}

// Find gives a file by the name that lstm.yml has for it: what it is called among those that were given, and its bytes; nil: it is not
// there.
type Find func(name string) (found string, r io.ReaderAt, size int64)

// set is what is being opened.
type set struct {
	*description
	find  Find
	roots map[string]*hdf5.Object // by alias
	out   *format.File
	c     Config
}

// Open reads what lstm.yml says and the headers of the files that it names.
func Open(yml []byte, find Find) (*format.File, error) {
	d, err := describe(yml)
	if err != nil {
		return nil, err
	}
	s := &set{description: d, find: find, roots: map[string]*hdf5.Object{}, out: &format.File{Metadata: map[string]any{}}, c: Config{Type: Type, Name: d.name, About: d.about}}
	for _, step := range []func() error{s.present, s.readWords, s.readStates, s.readMetas, s.readEmbedding} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	s.out.Config, err = json.Marshal(&s.c)
	return s.out, err
}

// used are the aliases of files that are read, in the order in which lstm.yml asks for them.
func (s *set) used() (aliases []string) {
	add := func(alias string) {
		if alias != "" && !slices.Contains(aliases, alias) {
			aliases = append(aliases, alias)
		}
	}
	add(s.words.file)
	add(s.dict)
	for _, x := range s.states {
		add(x.file)
	}
	for _, m := range s.metas {
		if !m.vector {
			add(m.file)
			add(m.dict)
		}
	}
	if s.embedding != nil {
		add(s.embedding.file)
	}
	return aliases
}

// present holds that all files are there, and says which are not.
func (s *set) present() error {
	var missing, there []string
	for _, alias := range s.used() {
		name := s.nameOf(alias)
		if found, r, _ := s.find(name); r == nil {
			missing = append(missing, name)
		} else {
			there = append(there, found)
		}
	}
	if len(missing) > 0 {
		return &fault.Error{Code: fault.MissingFile, In: "lstmvis", Where: strings.Join(missing, ", "), Expected: "the files that lstm.yml names", Found: strings.Join(there, ", ")}
	}
	return nil
}

// nameOf is the file of an alias; an alias that stands under no files is a name itself.
func (s *set) nameOf(alias string) string {
	if name := s.files[alias]; name != "" {
		return name
	}
	return alias
}

// tensor adds a dataset under the name that the model asks for.
func (s *set) tensor(at dataset, as string) (*format.Tensor, error) {
	root := s.roots[at.file]
	name, r, size := s.find(s.nameOf(at.file))
	if root == nil {
		var err error
		if root, err = hdf5.Open(r, size); err != nil {
			return nil, in(name, err)
		}
		s.roots[at.file] = root
	}
	o := root.Get(at.path)
	if o == nil || o.Data == nil {
		return nil, wrong(at.line, fmt.Sprintf("a dataset of %s: %s", s.nameOf(at.file), listed(root)), fault.Quote(at.path))
	}
	t := *o.Data
	t.Name, t.As, t.Known = at.file+"::"+at.path, as, true
	if t.Rows != nil {
		t.Rows = func(b []byte, row int) error {
			if err := o.Data.Rows(b, row); err != nil {
				return in(name, err)
			}
			return nil
		}
	}
	s.out.Tensors = append(s.out.Tensors, t)
	return &t, nil
}

func in(file string, err error) error {
	e := fault.ReadError("", err)
	e.File = file
	return e
}

// listed are the datasets at the root of a file, for an error.
func listed(root *hdf5.Object) string {
	var names []string
	for _, m := range root.Members {
		if names = append(names, m.Name); len(names) == 12 {
			return strings.Join(names, ", ") + ", .."
		}
	}
	return strings.Join(names, ", ")
}

// readWords takes the text and the dictionary.
func (s *set) readWords() error {
	t, err := s.tensor(s.words, "words")
	if err != nil {
		return err
	}
	if s.c.Tokens, err = column(s.words, t); err != nil {
		return err
	}
	if s.c.Tokens > maxTokens {
		return &fault.Error{Code: fault.TooLarge, In: "lstmvis", Where: fault.Name(t.Name), Expected: fmt.Sprintf("at most %d tokens", maxTokens), Found: strconv.Itoa(s.c.Tokens)}
	}
	if s.dict == "" {
		return nil
	}
	words, err := s.readDict(s.dict)
	s.c.Words, s.out.Metadata["words"] = len(words), words
	return err
}

// column is the length of a tensor of one number a row: [n] or [n, 1].
func column(at dataset, t *format.Tensor) (int, error) {
	if n := len(t.Shape); n == 1 && t.Shape[0] > 0 || n == 2 && t.Shape[0] > 0 && t.Shape[1] == 1 {
		return t.Shape[0], nil
	}
	return 0, wrong(at.line, "one number a row, "+fault.Name(t.Name)+" [tokens]", format.Shape(t.Shape))
}

func (s *set) readStates() error {
	names := sourceNames(s.states)
	for i, x := range s.states {
		t, err := s.tensor(x.dataset, fmt.Sprint("sources.", i))
		if err != nil {
			return err
		}
		if len(t.Shape) != 2 || t.Shape[0] != s.c.Tokens || t.Shape[1] < 1 {
			return &fault.Error{Code: fault.BadLSTMVis, In: "lstmvis", File: s.nameOf(x.file), Where: fault.Name(t.Name), Expected: fmt.Sprintf("[%d, units]: a row for each token", s.c.Tokens), Found: format.Shape(t.Shape)}
		}
		s.c.Sources = append(s.c.Sources, Source{Name: names[i], Kind: x.kind, Layer: x.layer, Units: t.Shape[1], Unsigned: x.unsigned, Transform: x.transform})
	}
	return nil
}

// sourceNames are the activations that sources are: layers.N.cell and layers.N.hidden where type and layer say as much, else layers.N and
// what the file calls them. Layers count from 0 there, in LSTMVis from 1 unless one is 0; where it has no number, it counts as the first.
func sourceNames(states []state) []string {
	first := 1
	for _, x := range states {
		if n, err := strconv.Atoi(x.layer); err == nil {
			first = max(min(first, n), 0)
		}
	}
	words := map[string]string{"state": "cell", "output": "hidden"}
	var names []string
	for _, x := range states {
		layer, what := 0, words[x.kind]
		if n, err := strconv.Atoi(x.layer); err == nil && n >= first && n < first+maxSources {
			layer = n - first
		} else {
			what = ""
		}
		name := fmt.Sprintf("layers.%d.%s", layer, what)
		if what == "" || slices.Contains(names, name) {
			name = fmt.Sprintf("layers.%d.%s", layer, safe(x.path))
		}
		for base, k := name, 2; slices.Contains(names, name); k++ {
			name = fmt.Sprintf("%s_%d", base, k)
		}
		names = append(names, name)
	}
	return names
}

// safe is a name without what has a meaning in the names of activations, or in an address.
func safe(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_') {
			return r
		}
		return '_'
	}, s)
	return s[:min(len(s), 40)]
}

// readMetas takes the annotations. A wordvec, which has several values a token, is left out.
func (s *set) readMetas() error {
	for _, m := range s.metas {
		if m.vector {
			continue
		}
		t, err := s.tensor(m.dataset, fmt.Sprint("metas.", len(s.c.Metas)))
		if err != nil {
			return err
		}
		n, err := column(m.dataset, t)
		if err != nil {
			return err
		}
		if n != s.c.Tokens && !m.word {
			return &fault.Error{Code: fault.BadLSTMVis, In: "lstmvis", File: s.nameOf(m.file), Where: fault.Name(t.Name), Expected: fmt.Sprintf("%d values, one for each token (or index: word_sequence)", s.c.Tokens), Found: strconv.Itoa(n)}
		}
		c := Meta{Name: m.name, Word: m.word, Rows: n, Discrete: m.kind == "discrete" || m.kind == "" && m.dict != ""}
		labels := m.labels
		if c.Discrete && m.dict != "" {
			if labels, err = s.readDict(m.dict); err != nil {
				return err
			}
		}
		if c.Discrete {
			s.out.Metadata[t.As] = labels
		}
		s.c.Metas = append(s.c.Metas, c)
	}
	return nil
}

func (s *set) readEmbedding() error {
	if s.embedding == nil {
		return nil
	}
	t, err := s.tensor(*s.embedding, "embedding")
	if err != nil {
		return err
	}
	if len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] < 1 {
		return wrong(s.embedding.line, "one row a word, "+fault.Name(t.Name)+" [words, numbers]", format.Shape(t.Shape))
	}
	s.c.Rows, s.c.Embed = t.Shape[0], t.Shape[1]
	return nil
}

// readDict reads "word id" lines into words by their ids. A line that begins with a space is the space itself; an id that no line has is
// "". Of two lines with one id the last counts, as in LSTMVis.
func (s *set) readDict(alias string) ([]string, error) {
	name, r, size := s.find(s.nameOf(alias))
	fail := func(line int, expected, found string) error {
		return &fault.Error{Code: fault.BadLSTMVis, In: "lstmvis", File: name, Where: fmt.Sprint("line ", line), Expected: expected, Found: found}
	}
	if size > maxDict {
		return nil, &fault.Error{Code: fault.TooLarge, In: "lstmvis", File: name, Expected: "at most 64 MB", Found: fault.Bytes(size)}
	}
	b := make([]byte, size)
	if e := format.ReadAt(r, b, 0, ""); e != nil {
		e.File = name
		return nil, e
	}
	var words []string
	for i, l := range strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n") {
		l = strings.TrimRight(l, "\r")
		if strings.TrimSpace(l) == "" {
			continue
		}
		l = strings.TrimRight(l, " \t")
		at := strings.LastIndexAny(l, " \t")
		id, err := -1, error(nil)
		if at >= 0 {
			id, err = strconv.Atoi(l[at+1:])
		}
		if err != nil || id < 0 || id >= maxWords {
			return nil, fail(i+1, fmt.Sprintf("a word and its id, 0 to %d", maxWords-1), fault.Quote(l))
		}
		word := strings.TrimSpace(l[:at])
		if word == "" {
			word = " "
		}
		for len(words) <= id {
			words = append(words, "")
		}
		words[id] = word
	}
	if len(words) == 0 {
		return nil, fail(1, "a word and its id", "none")
	}
	return words, nil
}
