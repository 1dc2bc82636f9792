package corpus

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// said is a set as text: of each document the name, the text and what is said of its words.
func said(s *Set) string {
	var b strings.Builder
	for _, d := range s.Documents {
		fmt.Fprintf(&b, "%s=%s", d.Name, strings.ReplaceAll(d.Text, "\n", "/"))
		for _, tr := range d.Tracks {
			fmt.Fprintf(&b, " %s:", tr.Name)
			for i, v := range tr.Values {
				if i > 0 {
					b.WriteByte(',')
				}
				switch {
				case v != v:
					b.WriteByte('-')
				case tr.Labels != nil:
					b.WriteString(tr.Labels[int(v)])
				default:
					fmt.Fprint(&b, v)
				}
			}
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, file, column, want, columns string }{
		{"a.txt", "One.\r\nTwo.\rThree.", "", "a.txt=One./Two./Three.", ""},
		{"a.txt", "One\fTwo\f \fThree", "", "a.txt:1=One; a.txt:2=Two; a.txt:3=Three", ""},
		{"a.txt", "a, b\nc, d\n", "", "a.txt=a, b/c, d/", ""},
		{"", "{not json}\n", "", "={not json}/", ""},
		{"", "[\"Stop\"], he said.", "", "=[\"Stop\"], he said.", ""},
		{"", strings.Repeat("a\tb\n", 20) + "a\tb\tc", "", "=" + strings.Repeat("a\tb/", 20) + "a\tb\tc", ""},
		{"a.csv", "text,class\na,b\n", "", "a.csv:1=a class (2):b", "text class>text"},
		{"r.csv", "id,Text,label\n1,\"a, \"\"b\"\"\nc\",pos\n2,d,neg\n3,,neg\n", "", `r.csv:1=a, "b"/c id:1 label:pos; r.csv:2=d id:2 label:neg`, "id Text label>Text"},
		{"r.csv", "id,Text,label\n1,a,pos\n2,d,neg\n", "label", "r.csv:1=pos id:1 Text:a; r.csv:2=neg id:2 Text:d", "id Text label>label"},
		{"r.csv", "x;y\n1;eine lange Zeile, mit Komma\n2;b\n", "", "r.csv:1=eine lange Zeile, mit Komma x:1; r.csv:2=b x:2", "x y>y"},
		{"r.csv", "3,good\n4,\"very good\"\n", "", "r.csv:1=good 1:3; r.csv:2=very good 1:4", "1 2>2"},
		{"r.csv", "just lines\nof text\n", "", "r.csv:1=just lines; r.csv:2=of text", "1>1"},
		{"r.csv", "text\na\n\nb\n", "", "r.csv:1=a; r.csv:2=b", "text>text"},
		{"r.tsv", "sentence\tlabel\nsaid \"no\" and \"\n\"Good\" film\t1\n\"so\t0\n", "", "r.tsv:1=said \"no\" and \" label:-; r.tsv:2=\"Good\" film label:1; r.tsv:3=\"so label:0", "sentence label>sentence"},
		{"", "pos\tall good\nneg\tbad\npos\tso so\n", "", ":1=all good 1:pos; :2=bad 1:neg; :3=so so 1:pos", "1 2>2"},
		{"r.jsonl", "{\"text\": \"a\\nb\", \"stars\": 4, \"ok\": true, \"sub\": {\"x\": 1}}\n\n{\"stars\": 5, \"text\": \"c\"}\n", "", "r.jsonl:1=a/b stars:4 ok:true; r.jsonl:2=c stars:5 ok:-", "text stars ok>text"},
		{"r.jsonl", "\"a\"\n\"b\"\n", "", "r.jsonl:1=a; r.jsonl:2=b", ""},
		{"r.json", "[{\"q\": \"why so\", \"n\": \"x\"},\n {\"q\": \"because\"}]", "", "r.json:1=why so n:x; r.json:2=because n:-", "q n>q"},
		{"r.json", "[\"a\", \"b\"]", "", "r.json:1=a; r.json:2=b", ""},
		{"r.json", "{\"version\": 1,\n \"data\": [{\"text\": \"a\"}]}", "", "r.json:1=a", "text>text"},
		{"r.json", "{\"title\": \"t\",\n \"text\": \"a\"}", "", "t=a", "title text>text"},
		{"", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n", "", ":1=a; :2=b", "text>text"},
		{"eng.train", "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n. . O O\n\n-DOCSTART- -X- -X- O\n\nPeter NNP I-NP I-PER\n", "",
			"eng.train:1=EU rejects . pos:NNP,VBZ,. chunk:I-NP,I-VP,O ner:I-ORG,O,O; eng.train:2=Peter pos:NNP chunk:I-NP ner:I-PER", ""},
		{"a.conllu", "# newdoc id = x\n1\tHi\thi\tINTJ\t_\t_\t0\troot\t_\tSpaceAfter=No\n2\t!\t!\tPUNCT\t_\t_\t1\tpunct\t_\t_\n\n# newpar\n1\tBye\tbye\tINTJ\t_\t_\t0\troot\t_\t_\n", "",
			"x=Hi!//Bye lemma:hi,!,bye upos:INTJ,PUNCT,INTJ deprel:root,punct,root", ""},
	} {
		set, err := Read(c.name, []byte(c.file), c.column)
		if err != nil {
			t.Errorf("%q: %v", c.file, err)
			continue
		}
		columns := ""
		if set.Columns != nil {
			columns = strings.Join(set.Columns, " ") + ">" + set.Column
		}
		if got := said(set); got != c.want || columns != c.columns {
			t.Errorf("%q:\n%s | %s, expected\n%s | %s", c.file, got, columns, c.want, c.columns)
		}
		for _, d := range set.Documents {
			for _, w := range d.Words {
				if w[0] > w[1] || w[1] > len(d.Text) {
					t.Errorf("%q: %v outside the text", c.file, w)
				}
			}
		}
	}
}

func TestReadErrors(t *testing.T) {
	for _, c := range []struct {
		name, file, column     string
		code                   fault.Code
		where, expected, found string
	}{
		{"a.txt", "", "", fault.EmptyFile, "", "", "0 bytes"},
		{"a.txt", " \n\f\n", "", fault.EmptyFile, "", "", "4 bytes"},
		{"a.csv", "text\n\"a\nb\n", "", fault.BadTable, "line 2", "quotes around a whole cell, doubled inside", `extraneous or missing " in quoted-field`},
		{"a.csv", "text,x\na,1\nb,1,2\n", "", fault.BadTable, "line 3", "2 columns, as in the first line", "3"},
		{"a.csv", "text,x\na,1\n", "nope", fault.NoColumn, "", "text, x", `"nope"`},
		{"a.csv", "x,y\n1,2\n", "", fault.NoColumn, "", "a column of texts", "none"},
		{"a.csv", "text,x\n,1\n", "", fault.EmptyFile, "", "some text", "none"},
		{"a.jsonl", "{\"text\": \"a\"}\n{\"text\": \n", "", fault.BadTable, "line 2", "a JSON object or string", ""},
		{"a.jsonl", "{\"text\": \"a\"}\n7\n", "", fault.BadTable, "line 2", "a JSON object or string", "a number"},
		{"a.json", "[1, 2]", "", fault.BadTable, "element 1", "a JSON object or string", "a number"},
		{"a.json", "[]", "", fault.NoColumn, "", "objects with texts, or strings", "none"},
		{"a.json", "[{\"x\": [1]}]", "", fault.NoColumn, "", "objects with texts, or strings", "none"},
		{"a.jsonl", "{\"a\": " + strings.Repeat("[", 100) + "\n", "", fault.BadTable, "line 1", "at most 64 levels of nesting", "more"},
		{"a.conllu", "1\n", "", fault.BadTable, "line 1", "2 columns", `"1"`},
		{"a.pdf", "%PDF-1.7\n", "", fault.NotText, "", "text", "PDF"},
	} {
		_, err := Read(c.name, []byte(c.file), c.column)
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Where != c.where || e.Expected != c.expected || e.Found != c.found || e.File != c.name {
			t.Errorf("%q: %v\n%+v", c.file, err, e)
		}
	}
}

// TestLongLines: a line of a megabyte, NULs, and a table of one.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("word ", 200_000)
	for name, file := range map[string]string{"a.txt": long, "a.csv": "text,x\n\"" + long + "\",1\n", "a.jsonl": `{"text": "` + long + "\"}\n"} {
		if s, err := Read(name, []byte(file), ""); err != nil || len(s.Documents) != 1 || s.Documents[0].Text != long {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := Read("a.txt", []byte("a\x00b\n"+long), ""); err != nil || s.Documents[0].Text != "a\x00b\n"+long {
		t.Errorf("NUL: %v", err)
	}
}

// TestLabels: the labels of all documents are one list, and a column of too many different ones is none.
func TestLabels(t *testing.T) {
	var b strings.Builder
	b.WriteString("text,few,many,number\n")
	for i := range 120 {
		fmt.Fprintf(&b, "a text,l%d,m%d,%d\n", i%50, i%51, i)
	}
	s, err := Read("a.csv", []byte(b.String()), "")
	if err != nil || len(s.Documents) != 120 {
		t.Fatal(err)
	}
	for i, d := range s.Documents {
		if len(d.Tracks) != 2 || d.Tracks[0].Name != "few" || len(d.Tracks[0].Labels) != 50 || int(d.Tracks[0].Values[0]) != i%50 || d.Tracks[1].Values[0] != float32(i) {
			t.Fatalf("%d: %+v", i, d.Tracks)
		}
	}
}

// FuzzRead: no file brings it down, and spans lie in their texts.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"One\fTwo", "a,b\n1,\"x, y\"\n", "a\tb\nc\td\ne\tf\n", "{\"text\": \"a\"}\n", "[\"a\"]", "[{\"a\":\"b\"}]", "-DOCSTART- O\n\nEU B\n",
		"1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n1\tde\tde\tADP\t_\t_\t0\troot\t_\tSpaceAfter=No\n", "# newpar\n1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n"} {
		for _, name := range []string{"", "a.csv", "a.tsv", "a.jsonl", "a.conll", "a.txt"} {
			f.Add(name, []byte(s), "")
		}
	}
	f.Fuzz(func(t *testing.T, name string, b []byte, column string) {
		set, err := Read(name, b, column)
		var e *fault.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			return
		}
		for _, d := range set.Documents {
			last := 0
			for _, w := range d.Words {
				if w[0] < last || w[1] < w[0] || w[1] > len(d.Text) {
					t.Fatal(d.Words, len(d.Text))
				}
				last = w[1]
			}
			for _, tr := range d.Tracks {
				if len(tr.Values) != len(d.Words) {
					t.Fatal(tr.Name)
				}
			}
			last = -1
			for _, at := range append(Sentences(d.Text), d.Sentences...) {
				if at < 0 || at > len(d.Text) {
					t.Fatal(at)
				}
			}
		}
	})
}

// BenchmarkRead is 10 MB in each format.
func BenchmarkRead(b *testing.B) {
	const size = 10_000_000
	fill := func(head, row string) []byte { return []byte(head + strings.Repeat(row, size/len(row))) }
	sentence := "The quick brown fox jumps over the lazy dog, and then “goes on” to the next, as foxes do. "
	for _, c := range []struct {
		name string
		b    []byte
	}{
		{"a.txt", fill("", sentence+"\r\n")},
		{"a.csv", fill("id,text,label\n", "17,\""+sentence+"\",good\n")},
		{"a.jsonl", fill("", `{"id": 17, "text": "`+sentence+`", "label": "good"}`+"\n")},
		{"a.conllu", fill("", strings.Repeat("1\tword\tword\tNOUN\tNN\t_\t0\troot\t_\t_\n", 20)+"\n")},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.b)))
			for b.Loop() {
				if _, err := Read(c.name, c.b, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("sentences", func(b *testing.B) {
		text := string(fill("", sentence))
		b.SetBytes(size)
		for b.Loop() {
			Sentences(text)
		}
	})
}

// TestTitles names documents by a column of titles, if each has one of its own.
func TestTitles(t *testing.T) {
	for text, want := range map[string]string{
		"title,text\nHamlet,a\nLear,b\n":               "Hamlet=a; Lear=b",
		"title,text\nHamlet,a\nHamlet,b\n":             "r.csv:1=a title:Hamlet; r.csv:2=b title:Hamlet",
		"Name,text,kind\nHamlet,a,play\nSonnet,b,poem": "Hamlet=a kind:play; Sonnet=b kind:poem",
	} {
		s, err := Read("r.csv", []byte(text), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := said(s); got != want {
			t.Errorf("%q:\n%s, want\n%s", text, got, want)
		}
	}
}
