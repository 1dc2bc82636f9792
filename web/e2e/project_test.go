package e2e

import (
	"path/filepath"
	"testing"
)

// TestTranslateProject drops a folder of Seq2Seq-Vis: its model and its recorded states are there, with their attention.
func TestTranslateProject(t *testing.T) {
	p := newTab(t)
	p.open("")
	p.settled()
	files := map[string][]byte{}
	for _, name := range []string{"embs.h5", "s2s.yaml", "src.dict", "states.h5", "tgt.dict", "v0.1.pt"} {
		files[name] = readFile(t, filepath.Join("../../testdata/formats/s2s", name))
	}
	p.drop(files)
	p.wait("a translation with the recorded pairs", inHash("pairs=file")+` && `+inHash("view=translate")+` && document.querySelectorAll("main ul.pairs li").length > 3`)
	p.settled()
	p.click(`main [data-set="o.translate.space=decoder"]`)
	p.wait("words underlined by attention", `document.querySelectorAll("main ul.pairs [class^=look]").length > 3`)
	p.shot("translate-project")
}
