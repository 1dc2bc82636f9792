// Package lang is every word on the screen, in each language: one file a language, one table. A test compares the
// keys and the verbs of the languages. Texts are written for their language, not translated word by word.
package lang

import (
	"fmt"
	"strings"
)

// Catalogue is one language.
type Catalogue struct {
	Code string // for <html lang>
	Name string // on the button
	text map[string]string
}

// Languages are those that there are, the first being the default.
var Languages = []*Catalogue{English, Chinese}

// For returns the language that best fits a browser's tag ("zh-CN"), or English.
func For(tag string) *Catalogue {
	for _, l := range Languages {
		if len(tag) >= 2 && tag[:2] == l.Code[:2] {
			return l
		}
	}
	return English
}

// T is the text of key, with args put in (fmt verbs; order may differ between languages by %[1]s). A missing key
// is shown as itself, and fails a test.
func (c *Catalogue) T(key string, args ...any) string {
	t, ok := c.text[key]
	if !ok {
		return key
	}
	if len(args) == 0 || !strings.Contains(t, "%") {
		return t
	}
	return fmt.Sprintf(t, args...)
}

// Has reports whether there is a text.
func (c *Catalogue) Has(key string) bool { _, ok := c.text[key]; return ok }

// merge joins the tables of a language, one a part of the page.
func merge(tables ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, t := range tables {
		for k, v := range t {
			if _, twice := all[k]; twice {
				panic("lang: " + k + " is there twice")
			}
			all[k] = v
		}
	}
	return all
}
