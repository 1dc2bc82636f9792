package main

import (
	"strings"
	"testing"
)

const twoElements = `package app

// The interface of b.
type HTMLB interface {
	HTML

	Class(v ...string) HTMLB
}

func B() HTMLB {
	e := &htmlB{
		htmlElement: htmlElement{
			tag: "b",
		},
	}

	return e
}

type htmlB struct {
	htmlElement
}

func (e *htmlB) Class(v ...string) HTMLB {
	return e
}

type HTMLElem interface {
	HTML

	Class(v ...string) HTMLElem
}

type htmlElem struct {
	htmlElement
}

func (e *htmlElem) Class(v ...string) HTMLElem {
	return e
}

type htmlTextarea struct {
	htmlElement
}

func (e *htmlTextarea) Class(v ...string) HTMLTextarea {
	return nil
}
`

func TestOneElement(t *testing.T) {
	got, err := oneElement([]byte(twoElements))
	if err != nil {
		t.Fatal(err)
	}
	for part, n := range map[string]int{
		"type HTMLB = *htmlElem\n": 1, "type HTMLElem = *htmlElem\n": 1, "func B() HTMLElem {\n\te := &htmlElem{\n\t\thtmlElement: htmlElement{": 1,
		"type htmlElem struct {": 1, "type htmlB": 0, "func (e *htmlElem) Class(v ...string) HTMLElem {\n\treturn e\n}\n": 1,
		"func (e *htmlTextarea) Class(v ...string) HTMLTextarea {\n\treturn nil\n}\n": 1,
	} {
		if strings.Count(string(got), part) != n {
			t.Errorf("%q is there %d times, want %d, in\n%s", part, strings.Count(string(got), part), n, got)
		}
	}
	other := strings.Replace(twoElements, "HTMLB {\n\treturn e", "HTMLB {\n\treturn nil", 1)
	if _, err := oneElement([]byte(other)); err == nil || !strings.Contains(err.Error(), "Class of Elem") {
		t.Error("a method that differs:", err)
	}
}
