package figure

import (
	"reflect"
	"testing"
)

func TestSentence(t *testing.T) {
	parts := map[string]Span{"a": {Text: " Mary", Token: true}, "p": {Text: "70 %", Set: "token=5"}}
	got := Sentence("Expects {a} ({p}){none}.", parts)
	want := []Span{{Text: "Expects "}, parts["a"], {Text: " ("}, parts["p"], {Text: ")"}, {Text: "."}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if s := Plain(got); s != "Expects  Mary (70 %)." {
		t.Errorf("plain: %q", s)
	}
	if s := Plain(Sentence("cut {short", nil)); s != "cut " {
		t.Errorf("cut short: %q", s)
	}
}
