package shell

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// TestDropsStates opens a folder of Seq2Seq-Vis, which are its model and the pairs of its states; then takes states alone as pairs. Without them files are a model's.
func TestDropsStates(t *testing.T) {
	project := func(names ...string) (files []client.File) {
		for _, name := range names {
			b, err := os.ReadFile(filepath.Join("../../testdata/formats/s2s", name))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, client.File{Name: "s2s/" + name, Size: int64(len(b)), Data: b})
		}
		return files
	}
	for _, names := range [][]string{{"src.dict", "tgt.dict"}, {"embs.h5"}} {
		if statesAmong(project(names...)) != nil {
			t.Errorf("%v are states", names)
		}
	}
	r := open(t, "")
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	p.take(project("embs.h5", "s2s.yaml", "src.dict", "states.h5", "tgt.dict", "v0.1.pt"))
	r.until("the model", func() bool { return r.Opening == nil && r.Model.Seq != nil })
	r.settled()
	if r.paired == nil || r.paired.Name != "states.h5" || len(r.paired.Files) != 5 || r.State.Opt("translate.pairs", "") != "file" {
		t.Errorf("the folder's states: %+v, %+v", r.paired, r.State.Opts)
	}
	r.Patch("o.translate.part=tests")
	p.take(project("src.dict", "states.h5", "tgt.dict"))
	r.settled()
	if r.Opening != nil || r.paired == nil || r.paired.Name != "states.h5" || len(r.paired.Files) != 3 || r.State.Opt("translate.pairs", "") != "file" || r.State.Opt("translate.part", "") != "" {
		t.Errorf("%+v, %+v", r.paired, r.State.Opts)
	}
	spec := figure.PairsSpec{Text: "file", States: []string{r.Model.Seq.Encoder, r.Model.Seq.Decoder}}
	r.until("the pairs", func() bool {
		q := r.pairs.Open(spec)
		if q != nil && q.Err != nil {
			t.Fatal(q.Err)
		}
		return q != nil && q.Filled.Done == 3
	})
}

// TestReferenceOfSource holds that a pair is opened with its reference, which goes with another source and comes back by undo.
func TestReferenceOfSource(t *testing.T) {
	r := open(t, "")
	p := newPage(r.engine.dial, nil)
	p.s = r.Session
	var files []client.File
	for _, name := range []string{"s2s.yaml", "src.dict", "tgt.dict", "v0.1.pt"} {
		b, err := os.ReadFile(filepath.Join("../../testdata/formats/s2s", name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, client.File{Name: "s2s/" + name, Size: int64(len(b)), Data: b})
	}
	p.take(files)
	r.until("the model", func() bool { return r.Opening == nil && r.Model.Seq != nil })
	r.settled()
	shown := func() [2]string { return [2]string{r.State.Text, r.State.Opt("translate.ref", "")} }
	long := strings.Repeat("ein Hund ", 100)
	for i, do := range []struct {
		f    func()
		want [2]string
	}{
		{func() { p.Do(figure.Opening("the dog", long)) }, [2]string{"the dog", long}},
		{func() { p.Do(figure.Opening("a dog", long)) }, [2]string{"a dog", long}},
		{func() { r.Edit("a cat", 5); r.EndEdit() }, [2]string{"a cat", ""}},
		{r.Undo, [2]string{"a dog", long}},
		{func() { p.Do(figure.Opening("the cat", "")) }, [2]string{"the cat", ""}},
		{func() { r.Patch("o.translate.ref=eine+Katze") }, [2]string{"the cat", "eine Katze"}},
		{func() { r.Patch("o.translate.ref=") }, [2]string{"the cat", ""}},
		{r.Undo, [2]string{"the cat", "eine Katze"}},
	} {
		do.f()
		r.settled()
		if got := shown(); got != do.want {
			t.Fatalf("%d: %q, not %q", i, got, do.want)
		}
	}
	if st, bad := state.Parse(r.State.String()); len(bad) > 0 || st.Opt("translate.ref", "") != "eine Katze" {
		t.Errorf("the address %s", r.State)
	}
}

// TestTargetsText: below the n best stands the reference, if there is one.
func TestTargetsText(t *testing.T) {
	found := &protocol.Translation{Text: "cat", Hyps: []protocol.Hypothesis{{Text: "K AE1 T", Path: []int{1, 2, 3, 4}, LogP: -.5, Score: -.25, Ended: true}}}
	plain := targetsText(found, "", nil)
	if lines := strings.Split(strings.TrimSpace(plain), "\n"); len(lines) != 2 || strings.TrimSpace(lines[1]) != "1\tK AE1 T\t-0.5\t-0.25\t4\ttrue\tcat" {
		t.Errorf("%q", plain)
	}
	both := targetsText(found, "K AA1 T", &protocol.ReferenceResult{Tokens: make([]protocol.RefToken, 4), LogP: -6, Score: -3})
	if rest := strings.TrimSpace(strings.TrimPrefix(both, plain)); rest != "reference\tK AA1 T\t-6\t-3\t4\ttrue\tcat" {
		t.Errorf("%q", both)
	}
}
