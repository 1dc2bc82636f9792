package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"loupe/app/figure"
)

// order is that of the built-in models; the first opens with the page. Larger ones follow, if they were fetched.
var order = []string{"char-lstm", "char-gru", "char-rnn", "parens-lstm", "mini-gpt", "word-vectors", "g2p-lstm", "g2p-transformer", "dates-lstm"}

// source is a card.json as it lies beside a model.
type source struct {
	figure.Card
	Files  []string `json:"files"`
	Corpus string   `json:"corpus"` // of web/texts
	Pairs  string   `json:"pairs"`  // likewise
	Shows  struct {
		Unit *int `json:"unit"`
	} `json:"shows"`
	dir string
}

// addModels puts the models into the folder, and the list of them.
func (s *site) addModels() error {
	var cards []figure.Card
	for _, dir := range []string{"web/models", "web/models-large"} {
		found, err := readCards(dir)
		if err != nil {
			return err
		}
		for _, c := range found {
			if err := c.measure(); err != nil {
				return err
			}
			if err := s.addModel(c, dir == "web/models"); err != nil {
				return err
			}
			if c.Card.Corpus, err = s.addText(c.ID, c.Corpus); err != nil {
				return err
			}
			if c.Card.Pairs, err = s.addText(c.ID, c.Pairs); err != nil {
				return err
			}
			cards = append(cards, c.Card)
		}
	}
	s.first = order[0]
	index, err := json.Marshal(map[string]any{"models": cards})
	if err != nil {
		return err
	}
	return s.write("models/index.json", index)
}

// readCards reads the cards of a folder of models, in order; a folder that is not there has none.
func readCards(dir string) ([]*source, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "card.json"))
	if err != nil {
		return nil, err
	}
	var cards []*source
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c := &source{dir: filepath.Dir(path)}
		if err := json.Unmarshal(b, c); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		cards = append(cards, c)
	}
	place := func(c *source) int {
		if i := slices.Index(order, c.ID); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(cards, func(a, b *source) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.ID, b.ID))
	})
	return cards, nil
}

// addModel puts a model's files into the folder and says in its card where they are.
func (s *site) addModel(c *source, builtIn bool) error {
	c.Card.Bytes, c.Card.Files = 0, nil
	for _, name := range c.Files {
		from, path := filepath.Join(c.dir, name), "models/"+c.ID+"/"+name
		st, err := os.Stat(from)
		if err != nil {
			return fmt.Errorf("%s: card.json names %s: %w", c.ID, name, err)
		}
		put := s.link
		if builtIn {
			put = s.copy
			s.models[c.ID] = append(s.models[c.ID], path)
		}
		if err := put(path, from); err != nil {
			return err
		}
		c.Card.Files = append(c.Card.Files, figure.CardFile{Path: path, Size: st.Size()})
		c.Card.Bytes += st.Size()
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// addText puts a text that a model can be run over into the folder, with its licence where it has one of its own; nil if there is none.
func (s *site) addText(id, name string) (*figure.CardFile, error) {
	path := "texts/" + name
	if name == "" {
		return nil, nil
	}
	st, err := os.Stat("web/" + path)
	if err != nil {
		return nil, fmt.Errorf("%s: card.json names a text: %w", id, err)
	}
	if licence := strings.TrimSuffix(path, filepath.Ext(path)) + "-licence.txt"; exists("web/" + licence) {
		if err := s.copy(licence, "web/"+licence); err != nil {
			return nil, err
		}
	}
	return &figure.CardFile{Path: path, Size: st.Size()}, s.copy(path, "web/"+path)
}
