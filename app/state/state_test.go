package state

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

func full() *State {
	s := New()
	s.Model, s.Text, s.View, s.At, s.Range = "char-lstm", "To be, & not #1 + é\n", "states", 4, [2]int{2, 7}
	s.Layer, s.Head, s.Unit, s.Token = 1, 0, 58, 3
	s.Changes = []protocol.Change{{Name: "blocks.5.attn.z", Pos: -1, Index: 1, Op: "mean"}, {Name: "layers.0.hidden", Pos: 12, Index: 58, Op: "set", Value: .5},
		{Name: "layers.0.cell", Pos: 12, To: 20, Index: 58, Also: "77+9", Op: "zero"}, {Name: protocol.TokenChange, Pos: 3, Index: -1, Op: "set", Value: 50256}}
	s.Sampling = protocol.Sampling{T: .7, K: 5, P: .9, MinP: .01, Seed: 1<<63 + 1}
	s.Opts["states.what"] = "cell"
	return s
}

func TestRoundTrip(t *testing.T) {
	for _, s := range []*State{New(), full()} {
		got, bad := Parse("#" + s.String())
		if len(bad) > 0 || !reflect.DeepEqual(s, got) {
			t.Errorf("%s became %+v, bad %v", s, got, bad)
		}
		if c := s.Clone(); !reflect.DeepEqual(s, c) {
			t.Errorf("clone %+v of %+v", c, s)
		}
	}
	if s := New().String(); s != "v=1" {
		t.Errorf("a first visit's address is %q", s)
	}
}

// TestAttack gives addresses that somebody wrote by hand: what is not understood is left out and named.
func TestAttack(t *testing.T) {
	for _, pair := range []string{"v=2", "at=x", "at=-2", "at=1e9", "at=99999999999999999999", "layer=1.5", "range=7-2", "range=3", "range=-1-4", "change=x", "change=a@1:explode",
		"change=a@1:set", "change=a@1:set=NaN", "change=a@1:zero=1", "change=a@5-5:zero", "change=a@*-3:zero", "change=a@1-:zero",
		"change=a@1,3%2B:zero", "change=a@1,3%2B-1:zero", "change=token@*:set=1", "change=token@1-3:set=1", "change=token@1,2:set=1", "change=token@1:zero", "change=token@1:set=1.5", "change=token@1:set=-1",
		"change=a@1,1" + strings.Repeat("%2B1", 1000) + ":zero", "T=-1", "T=NaN", "T=1e99", "k=-1", "p=2", "seed=-1", "text=%ff", "text=%zz", "onload=alert(1)", "o.x=" + strings.Repeat("a", 201),
		"model=" + strings.Repeat("a", 201), "text=" + strings.Repeat("a", MaxText+1), "<script>=1", strings.Repeat("k", 5000)} {
		s, bad := Parse("v=1&" + pair + "&unit=5")
		want := New()
		want.Unit = 5
		if len(bad) != 1 || !reflect.DeepEqual(s, want) {
			t.Errorf("%.40s: bad %.80v, state %+v", pair, bad, s)
		}
		if len(bad) == 1 && len(bad[0]) > 70 {
			t.Errorf("%.40s: the notice is %d bytes long", pair, len(bad[0]))
		}
	}
	if s, _ := Parse("v=1" + strings.Repeat("&change=a@1:zero", 1000)); len(s.Changes) != MaxChanges {
		t.Errorf("%d changes", len(s.Changes))
	}
}

func TestPatchClears(t *testing.T) {
	s := full()
	if bad := s.Patch("range=&change=&unit=-1"); len(bad) > 0 || s.Range != [2]int{} || s.Changes != nil || s.Unit != -1 {
		t.Errorf("%+v, %v", s, bad)
	}
}

// What a figure that is older than the state asks for is what it adds and leaves out.
func TestMerged(t *testing.T) {
	a, b, c := protocol.Change{Name: "a", Op: "zero"}, protocol.Change{Name: "b", Op: "zero"}, protocol.Change{Name: "c", Op: "zero"}
	b2 := b
	b2.Op, b2.Value = "set", 3
	type list = []protocol.Change
	for _, x := range []struct{ was, next, now, want list }{
		{list{a}, list{a, b}, list{a}, list{a, b}},       // the figure is that of now
		{list{a}, list{a, b}, nil, list{b}},              // a was undone meanwhile
		{nil, list{b}, list{a}, list{a, b}},              // a was made meanwhile
		{list{a, b}, list{b}, list{a, b, c}, list{b, c}}, // a is left out
		{list{a}, list{a, b2}, list{a, b}, list{a, b2}},  // of one place the later
		{list{a}, list{a, b}, list{a, b}, list{a, b}},    // twice is once
		{list{a, b}, nil, list{a, c}, list{c}},           // all that it showed goes
		{list{a}, list{a}, list{a, b, c}, list{a, b, c}}, // it changes nothing
	} {
		if got := Merged(x.was, x.next, x.now); !slices.Equal(got, x.want) {
			t.Errorf("%v, %v, %v: %v, want %v", x.was, x.next, x.now, got, x.want)
		}
	}
}

func TestToggle(t *testing.T) {
	s := New()
	a := protocol.Change{Name: "h", Pos: -1, Index: 3, Op: "zero"}
	b := a
	b.Op, b.Value = "set", 2
	s.Toggle(a)
	before := s.Changes
	s.Toggle(b) // the same place: it replaces
	if !slices.Equal(s.Changes, []protocol.Change{b}) || !slices.Equal(before, []protocol.Change{a}) {
		t.Errorf("%v, before %v", s.Changes, before)
	}
	if s.Toggle(b); len(s.Changes) != 0 {
		t.Errorf("%v", s.Changes)
	}
}

// TestChange holds the ways to write the same change.
func TestChange(t *testing.T) {
	for text, want := range map[string]string{"h@3-4,007:zero": "h@3,7:zero", "h@0-9,1+02:scale=.5": "h@0-9,1+2:scale=0.5", "token@2:set=1e2": "token@2:set=100"} {
		if c, err := ParseChange(text); err != nil || FormatChange(c) != want {
			t.Errorf("%s: %+v, %v, expected %s", text, c, err, want)
		}
	}
	s := New()
	for _, c := range []string{"h@3-9,7:zero", "h@3,7:zero", "h@3-9,7+8:zero", "token@3:set=1", "token@3:set=2", "h@3-9,7:set=1"} {
		change, err := ParseChange(c)
		if err != nil {
			t.Fatal(err)
		}
		s.Toggle(change)
	}
	if got := s.String(); got != "v=1&change=h%403%2C7%3Azero&change=h%403-9%2C7%2B8%3Azero&change=token%403%3Aset%3D2&change=h%403-9%2C7%3Aset%3D1" {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(full().String())
	f.Add("v=1&text=%F0%9F%98%80&change=a@*,1:mean&o.x=1")
	f.Add("change=a@3-7,1%2B02:scale=2&change=token@1:set=7")
	f.Fuzz(func(t *testing.T, s string) {
		a, _ := Parse(s)
		b, bad := Parse(a.String())
		if len(bad) > 0 || !reflect.DeepEqual(a, b) {
			t.Fatalf("%q: %+v became %+v, bad %v", s, a, b, bad)
		}
	})
}

// TestDecodeRules: what the address does not say is as the model's files say, and 0 is none.
func TestDecodeRules(t *testing.T) {
	files := protocol.Decode{Beam: 4, Min: 56, NoRepeat: 3, Early: "first"}
	for opts, want := range map[string]protocol.Decode{
		"":                  files,
		"o.translate.min=9": {Beam: 4, Min: 9, NoRepeat: 3, Early: "first"},
		"o.translate.min=0&o.translate.norepeat=0&o.translate.early=heuristic": {Beam: 4, Min: -1, NoRepeat: -1, Early: "heuristic"},
		"o.translate.min=-3&o.translate.norepeat=x&o.translate.early=soon":     files,
		"o.translate.norepeat=2&o.translate.early=never":                       {Beam: 4, Min: 56, NoRepeat: 2, Early: "never"},
	} {
		s, bad := Parse(opts)
		if got := s.Decode(files); len(bad) > 0 || got != want {
			t.Errorf("%q: %+v, %v", opts, got, bad)
		}
	}
}
