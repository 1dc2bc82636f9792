package annotation

import (
	"errors"
	"strings"
	"testing"

	"loupe/engine/fault"
)

func TestRead(t *testing.T) {
	text := "The cat|,| the| dog|\n|ran|.|"
	for _, c := range []struct{ name, file, want string }{
		{"a.tsv", "len\tkind\n7\tN\n1\tP\n4\tD\n4\tN\n1\t\n3\tV\n1\tP\n0\tX\n", "len:71441310 kind[N P D V X]:0120-314"},
		{"a.tsv", "len\r\n7\r\n1\r\n4\r\n4\r\n1\r\n3\r\n1", "len:7144131-"},                             // not for the mark that stands for no text
		{"a.tsv", "Token\tx\nThe cat\t1\n,\t2\n the\t3\n dog\t4\n\\n\t5\nran\t6\n.\t7\n", "x:1234567-"}, // repeats the tokens
		{"a.tsv", "t\tx\nThe cat\t1\n,\t2\nĠthe\t3\nĠdog\t4\nĊ\t5\nran\t6\n.\t7\n<eos>\t8\n", "x:12345678"},
		{"a.tsv", "word\tx\nThe\t1\ncat\t2\n,\t3\nthe\t4\ndog\t5\nran\t6\n.\t7\n", "x:1345-67-"}, // repeats words
		{"a.tsv", "w\tx\nThe\t1\ncat\t2\n,\t3\nthe\t4\ndog\t5\nra\t6\nn\t6\n.\t7\n", "x:1345-67-"},
		{"a.csv", "word,x\nThe,1\ncat,2\n\",\",3\nthe,4\ndog,5\nran,6\n.,7\n", "x:1345-67-"},
		{"a.conll", "The DT O\ncat NN B-A\n, , O\n\nthe DT O\ndog NN B-A\nran VBD O\n. . O\n", "pos[DT NN , VBD .]:0201-34- chunk[O B-A]:0001-00-"},
		{"a.json", `{"b":[1,2,null,4,5,6,7,8],"a":["x","y","x",null,"","x","y","y"]}`, "a[x y]:010--011 b:12-45678"},
		{"a.json", `[{"name":"b","values":[true,false,true,true,true,true,true,true]}]`, "b[true false]:01000000"},
		{"", `{"x":[1,2,3,4,5,6,7,8]}`, "x:12345678"},
		{"a.json", `{"depth":[1,2,3,4,5,6,7,8]}`, "depth (2):12345678"},
		{"a.tsv", "a,b:c\ta,b:c\n" + strings.Repeat("1\t2\n", 8), "a_b_c:11111111 a_b_c (2):22222222"},
		{"a.tsv", "x\n1\nnan\n\nNaN\n1e99\n3\n1\n1\n", "x[1 nan NaN 1e99 3]:01-23400"},
		{"a.tsv", "\xff\xfex\x00\n\x001\x00\n\x002\x00\n\x003\x00\n\x004\x00\n\x005\x00\n\x006\x00\n\x007\x00\n\x008\x00\n\x00", "x:12345678"},
	} {
		tracks, err := Read(c.name, []byte(c.file), each(text))
		var got []string
		for _, tr := range tracks {
			s := tr.Name
			if tr.Labels != nil {
				s += "[" + strings.Join(tr.Labels, " ") + "]"
			}
			got = append(got, s+":"+said(tr.Values))
			if !tr.Own {
				t.Errorf("%s is not its own", tr.Name)
			}
		}
		if s := strings.Join(got, " "); err != nil || s != c.want {
			t.Errorf("%q:\n%s %v, expected\n%s", c.file, s, err, c.want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	text := "The cat|,| the| dog|\n|ran|.|"
	for _, c := range []struct {
		name, file, where, expected, found string
		code                               fault.Code
	}{
		{"a.tsv", "", "", "", "0 bytes", fault.EmptyFile},
		{"a.tsv", "x\n1\n2\n", "", "8 values, one a token", "2", fault.AnnotationsDiffer},
		{"a.tsv", "x\n", "", "8 values, one a token", "0", fault.AnnotationsDiffer},
		{"a.tsv", "x\n1\t2\n", "line 2", "at most 1 columns, as in the first line", "2", fault.BadTable},
		{"a.tsv", "token\tx\nThe cat\t1\n,\t2\n the\t3\n dog\t4\n\\n\t5\nsat\t6\n.\t7\n", "line 7, token 5", `"ran"`, `"sat"`, fault.AnnotationsDiffer},
		{"a.tsv", "word\tx\nThe\t1\ncat\t2\n,\t3\nthe\t4\nfox\t5\nran\t6\n", "line 6", "the text’s \"dog\\nran.\"", `"fox"`, fault.AnnotationsDiffer},
		{"a.conll", "The D\ncat N\n", "line 2", "the text’s \", the dog\\nra..\"", "the end of the file", fault.AnnotationsDiffer},
		{"a.conll", "The D\ncat N\n, ,\nthe D\n\ndog N\nran V\n. .\nHe P\n", "line 9", "the text’s end", `"He"`, fault.AnnotationsDiffer},
		{"a.conll", "The D\ncat\n", "line 2", "2 columns", `"cat"`, fault.BadTable},
		{"a.conll", "\n\n# x\n", "", "a word a line", "none", fault.BadTable},
		{"a.json", `{"a":[1,2],"b":[1]}`, `"b"`, `2 values, as "a" has`, "1", fault.BadAnnotations},
		{"a.json", `{"a":[[1]]}`, `"a", value 1`, "a number, a string, true, false or null", "a list or an object", fault.BadAnnotations},
		{"a.json", `{"a":`, "byte 5", "JSON", "", fault.BadAnnotations},
		{"a.json", `[]`, "", "lists of values", "none", fault.BadAnnotations},
		{"a.json", `{"a":[null,null,null,null,null,null,null,null]}`, "", "a column of values", "none", fault.BadAnnotations},
		{"a.csv", "x\n\"1\n", "line 2", "quotes around a whole cell, doubled inside", `extraneous or missing " in quoted-field`, fault.BadTable},
		{"a.tsv", "\x89PNG\r\n", "", "text", "PNG", fault.NotText},
	} {
		_, err := Read(c.name, []byte(c.file), each(text))
		var e *fault.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Where != c.where || e.Expected != c.expected || e.Found != c.found || e.File != c.name {
			t.Errorf("%q: %v, %+v", c.file, err, e)
		}
	}
}

func TestCoNLL(t *testing.T) {
	u := `# newdoc id = d1
# newpar
# sent_id = 1
# text = Vámonos al mar.
1-2	Vámonos	_	_	_	_	_	_	_	_
1	Vamos	ir	VERB	_	Mood=Imp	0	root	_	_
2	nos	nosotros	PRON	_	_	1	obj	_	_
3-4	al	_	_	_	_	_	_	_	_
3	a	a	ADP	_	_	5	case	_	_
4	el	el	DET	_	_	5	det	_	_
5	mar	mar	NOUN	_	_	1	obl	_	SpaceAfter=No
5.1	x	x	X	_	_	_	_	_	_
6	.	.	PUNCT	_	_	1	punct	_	_

# newdoc
1	#	#	SYM	_	_	0	root	_	_
`
	names, s, err := CoNLL("a.conllu", u)
	if err != nil || strings.Join(names, " ") != "lemma upos xpos feats deprel" || len(s) != 2 {
		t.Fatal(names, s, err)
	}
	var got []string
	for _, w := range s[0].Words {
		joined := ""
		if w.Joined {
			joined = "+"
		}
		got = append(got, w.Form+"/"+w.Fields[1]+joined)
	}
	if g := strings.Join(got, " "); g != "Vámonos/VERB al/ADP mar/NOUN+ ./PUNCT" {
		t.Error(g)
	}
	if !s[0].Document || !s[0].Paragraph || s[0].Name != "d1" || !s[1].Document || s[1].Words[0].Form != "#" || s[1].Words[0].Line != 16 {
		t.Errorf("%+v", s)
	}
	for text, want := range map[string]bool{
		u: true, "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\n": true, "EU NNP B-ORG\nrejects VBZ O\nGerman JJ B-MISC\n": true,
		"To be or not\nTo be or not\nTo be or not\n": false, "a\tN\nb\tN\nc\tN\n": false, "": false, "# A title\n\nSome text.\n": false,
		"I AM\nA MAN\nOF NO\nWORDS\n": false,
	} {
		if got := IsCoNLL("", text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// FuzzRead: no file brings it down, and what it gives has a value for each token.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"token\tx\nThe\t1\n", "The D\ncat N\n", `{"a":[1,"b",null]}`, `[{"name":"x","values":[1]}]`, "a,b\n\"1\",2\n",
		"1-2\ta\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\tb\tC\t_\t_\t0\tr\t_\t_\n", "\xff\xfea\x00", "x\n1\n2\n3\n4\n5\n6\n7\n8\n"} {
		for _, name := range []string{"a.tsv", "a.csv", "a.json", "a.conll", ""} {
			f.Add(name, []byte(s))
		}
	}
	text := each("The cat|,| the| dog|\n|ran|.|")
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		tracks, err := Read(name, b, text)
		var e *fault.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%v", err)
		}
		for _, tr := range tracks {
			if len(tr.Values) != len(text.Tokens) {
				t.Fatal(tr.Name, len(tr.Values))
			}
			for _, v := range tr.Values {
				if tr.Labels != nil && v == v && (v < 0 || int(v) >= len(tr.Labels)) {
					t.Fatal(tr.Name, v, tr.Labels)
				}
			}
		}
	})
}
