package corpus

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// toldPairs is pairs in one line.
func toldPairs(p *Pairs) string {
	var b strings.Builder
	for i := range p.Sources {
		fmt.Fprintf(&b, "%s=%s; ", p.Sources[i], p.References[i])
	}
	return fmt.Sprintf("%s[%s %s>%s]", b.String(), strings.Join(p.Columns, ","), p.Source, p.Target)
}

// TestReadPairs reads pairs of every kind.
func TestReadPairs(t *testing.T) {
	for _, c := range []struct{ name, text, source, target, want string }{
		{"a.tsv", "source\ttarget\naaron\tEH1 R\nabe\tEY1 B\n", "", "", "aaron=EH1 R; abe=EY1 B; [source,target source>target]"},
		{"a.tsv", "aaron\tEH1 R\nabe\tEY1 B\n", "", "", "aaron=EH1 R; abe=EY1 B; [1,2 1>2]"},
		{"a.tsv", "aaron\tEH1 R\nabe\tEY1 B\n", "2", "1", "EH1 R=aaron; EY1 B=abe; [1,2 2>1]"},
		{"a.csv", "id,tgt,src\n1,\"b, c\",a\n2,,x\n", "", "", "a=b, c; x=; [id,tgt,src src>tgt]"},
		{"a.csv", "id;German;English\r\n1;ja;yes\r\n", "", "", "ja=yes; [id,German,English German>English]"},
		{"a.csv", "id,English,German,note\n1,yes,ja,x\n", "German", "", "ja=yes; [id,English,German,note German>English]"},
		{"a.csv", "src,note,more\na,b,c\n", "", "", "a=; [src,note,more src>]"},
		{"a.csv", "src,anything\na,b\n", "", "", "a=b; [src,anything src>anything]"},
		{"a.csv", "ref,anything\na,b\n", "", "", "b=a; [ref,anything anything>ref]"},
		{"a.jsonl", `{"src":"a","ref":"b"}` + "\n" + `{"ref":"d","src":"c"}`, "", "", "a=b; c=d; [src,ref src>ref]"},
		{"a.json", `["a","b"]`, "", "", "a=; b=; [ >]"},
		{"", "a cat\tune chatte\n", "", "", "a cat=une chatte; [1,2 1>2]"},
		{"", "a\tb\nc\nd\te\tf\n", "", "", "a=b; c=; d=e; [1,2,3 1>2]"},
		{"", "say \"a\n\n \"b\" \tc", "", "", "say \"a=; \"b\"=c; [1,2 1>2]"},
		{"a.txt", "\ufeffone, two\nthree\n", "", "", "one, two=; three=; [ >]"},
	} {
		p, err := ReadPairs([]File{{c.name, []byte(c.text)}}, c.source, c.target)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if got := toldPairs(p); got != c.want {
			t.Errorf("%q:\n%s, not\n%s", c.text, got, c.want)
		}
	}
	two := func(a, b, textA, textB string) (*Pairs, error) {
		return ReadPairs([]File{{a, []byte(textA)}, {b, []byte(textB)}}, "", "")
	}
	for _, names := range [][2]string{{"a.txt", "b.txt"}, {"x.src", "x.tgt"}} {
		p, err := two(names[0], names[1], "one\n\nthree\r\n", "un\nnothing\n\n\n")
		if err == nil {
			t.Error("uneven files were read")
		}
		if p, err = two(names[0], names[1], "one\n\nthree\r\n", "un\nnothing\ntrois\n"); err != nil || toldPairs(p) != "one=un; three=trois; [ >]" {
			t.Error(p, err)
		}
	}
	if p, err := two("x.tgt", "x.src", "un\n", "one\n"); err != nil || toldPairs(p) != "one=un; [ >]" {
		t.Error(p, err)
	}
	for want, err := range map[fault.Code]func() error{
		fault.PairsUneven: func() error { _, err := two("a.txt", "b.txt", "1\n2\n", "1\n"); return err },
		fault.EmptyFile:   func() error { _, err := two("a.txt", "b.txt", "", ""); return err },
		fault.NoColumn:    func() error { _, err := ReadPairs([]File{{"a.csv", []byte("src,tgt\na,b\n")}}, "x", ""); return err },
		fault.BadTable:    func() error { _, err := ReadPairs(make([]File, 3), "", ""); return err },
	} {
		var e *fault.Error
		if !errors.As(err(), &e) || e.Code != want {
			t.Errorf("%v, not %s", err(), want)
		}
	}
	var e *fault.Error
	if _, err := two("a.txt", "b.txt", "1\n2\n3\n", "1\n"); !errors.As(err, &e) || e.Expected != "3 (a.txt)" || e.Found != "1" || e.File != "b.txt" {
		t.Errorf("%+v", e)
	}
}

// FuzzReadPairs: no file brings it down, and each pair has a source.
func FuzzReadPairs(f *testing.F) {
	for _, s := range []string{"a\tb\nc\n", "src,tgt\n1,\"x, y\"\n", "{\"src\": \"a\"}\n", "[\"a\"]", "\n\n", "a\tb\tc\nd\te\n", "en;de\na;b"} {
		for _, name := range []string{"", "a.csv", "a.tsv", "a.jsonl", "a.txt"} {
			f.Add(name, []byte(s), "", "")
		}
	}
	f.Fuzz(func(t *testing.T, name string, b []byte, source, target string) {
		for _, files := range [][]File{{{name, b}}, {{name, b}, {"b.txt", []byte("a\nb\n")}}} {
			p, err := ReadPairs(files, source, target)
			var e *fault.Error
			if err != nil {
				if !errors.As(err, &e) {
					t.Fatal(err)
				}
				continue
			}
			if len(p.Sources) == 0 || len(p.References) != len(p.Sources) {
				t.Fatal(len(p.Sources), len(p.References))
			}
			for _, s := range p.Sources {
				if strings.TrimSpace(s) == "" {
					t.Fatal("a pair without a source")
				}
			}
		}
	})
}
