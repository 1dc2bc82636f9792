package shell

import (
	"os"
	"path/filepath"
	"testing"

	"loupe/app/client"
	"loupe/app/figure"
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
