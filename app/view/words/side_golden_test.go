package words

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/app/view/viewtest"
)

// TestSideGolden draws what stands beside maps of real vectors, by PCA, which takes no time.
func TestSideGolden(t *testing.T) {
	words, gpt := viewtest.Open(t, model), viewtest.Open(t, "web/models/mini-gpt")
	half := "o.words.set.1=river|1|" + state.FormatRows([]int{0, 2, 4, 6, 8, 10}) + "&o.words.set.2=money|2|" + state.FormatRows([]int{1, 3, 5, 7, 9, 11})
	for _, c := range []struct {
		name, pairs string
		e           *viewtest.Engine
		l           *lang.Catalogue
	}{
		{"words", "at=1&o.words.line=man+>+woman", words, lang.English},
		{"euclidean", "at=1&o.words.near=euclidean&o.words.list=map&o.words.k=20&o.words.sum=king+-+elf&o.words.line=good", words, lang.English},
		{"sets", "token=120&o.words.set.1=first|1|" + state.FormatRows([]int{100, 101, 102, 103}) + "&o.words.sel=" + state.FormatRows([]int{300, 310, 320}), words, lang.Chinese},
		{"two", "at=1&o.words.two=by=axes", words, lang.English},
		{"contexts", "o.words.src=context&o.words.text=sample&o.words.way=1&o.words.lay=1&" + half, gpt, lang.English},
		{"like", "o.words.src=context&o.words.text=sample&o.words.lay=2&o.words.row=3", gpt, lang.Chinese},
	} {
		st := at("o.words.by=pca&" + c.pairs)
		in := c.e.Input(st)
		in.L = c.l
		if c.name == "like" {
			st.Token = begin(in).tokenOf(3)
		}
		d := begin(in)
		second := d.second()
		f := figure.Figure{Reading: d.sideReading(), Panels: d.side()}
		if second != nil {
			second.Table, second.Scatter = nil, nil // of all words
			f.Panels = append(f.Panels, *second)
		}
		viewtest.Golden(t, "words-side", c.name, f)
	}
}
