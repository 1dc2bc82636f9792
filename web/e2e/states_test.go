package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// panel is what a panel of the figure says.
func panel(id string) string {
	return fmt.Sprintf(`document.querySelector('main [data-panel="%s"]').textContent`, id)
}

// inHash is whether the address has a piece.
func inHash(piece string) string { return fmt.Sprintf(`(%s).includes(%s)`, hash, literal(piece)) }

// setNumber types a dashed number.
func (p *tab) setNumber(key, value string) {
	p.t.Helper()
	p.wait("the number "+key, fmt.Sprintf(`(document.querySelector('main [data-number^="%s "]').focus(), true)`, key))
	p.press(value)
	p.press(kb.Enter)
}

// table is the numbers of a panel: tables are switched on by the key T.
func (p *tab) table(id string) [][]string {
	p.t.Helper()
	p.wait("a table of "+id, fmt.Sprintf(`document.querySelector('main [data-panel="%s"] .twin tbody tr')`, id))
	return eval[[][]string](p, fmt.Sprintf(`[...document.querySelectorAll('main [data-panel="%s"] .twin tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))`, id))
}

// whole waits until the model has been run over all of the corpus, and the answers are about all of it.
func (p *tab) whole() {
	p.t.Helper()
	p.wait("all of the corpus", `document.querySelector('main [data-panel="corpus"] header .act') && !document.querySelector('main [data-panel="corpus"] [data-do^="fill=pause"], main [data-panel="corpus"] [data-do^="fill=run"]')`)
	p.settled()
}

const (
	matchesTotal = `Number(document.querySelector('main [data-panel="matches"] header .act').textContent.match(/of (?:the best )?([\d,]+)/)[1].replaceAll(",", ""))`
	reading      = `document.querySelector("main .reading").textContent`
	unitsOn      = `document.querySelector('main [data-panel="units"] h2').textContent`
	rangeOf      = `(` + hash + `).match(/range=(\d+)-(\d+)/).slice(1).map(Number)`
)

// brackets opens the parentheses model as it is chosen on the first page, with the hidden state selected over some tokens.
func (p *tab) brackets() {
	p.t.Helper()
	p.open("#model=parens-lstm&view=states&range=3-8&o.states.what=hidden&o.states.l=0.2&o.states.before=0&o.states.after=0")
	p.wait("places", rowsOfPlaces+" > 0")
	p.whole()
}

// TestStates is the walk: the parentheses model is chosen, a range brushed, the threshold dragged, the margins taken away; the places
// of its corpus are found, filtered, sorted, searched and gone to, and a step back is the text before.
func TestStates(t *testing.T) {
	p := newTab(t)
	p.open("")
	p.settled()
	p.choose("parens-lstm")
	p.view("states")
	p.wait("what the model follows", `document.querySelector("main .reading").textContent.includes("depth")`)
	p.drag(`main [data-drag="range"]`, 110, 0)
	p.wait("a range", fmt.Sprintf(`(%s).match(/range=\d+-\d+/)`, hash))
	p.wait("why it selects what it does", `document.querySelector("main .reading").textContent.includes("on (≥")`)
	p.drag(`main [data-drag^="o.states.l y"]`, 0, 14)
	p.wait("another threshold", inHash("o.states.l="))
	for _, key := range []string{"o.states.before", "o.states.after"} {
		p.setNumber(key, "0")
		p.wait("no margin", inHash(key+"=0"))
	}
	p.wait("the suggestion", `document.querySelector('main [data-panel="threshold"] [data-set^="o.states.l="]')`)
	use := eval[string](p, `document.querySelector('main [data-panel="threshold"] [data-set^="o.states.l="]').dataset.set`)
	p.click(`main [data-panel="threshold"] [data-set^="o.states.l="]`)
	p.wait("the suggested threshold", inHash(use))
	p.wait("that there is nothing more to suggest", fmt.Sprintf(`!document.querySelector('main [data-panel="threshold"] [data-set^="o.states.l="]') && /^[1-9]/.test(%s)`, unitsOn))
	p.wait("rows of places", rowsOfPlaces+" > 0")
	p.whole()
	p.shot("states-walk")
}

// TestStatesMatches: the places of the corpus say the same in the list, the histogram and the reading; they are filtered, paged, sorted
// otherwise, and a phrase is found.
func TestStatesMatches(t *testing.T) {
	p := newTab(t)
	p.before(saves)
	p.brackets()
	total := eval[int](p, matchesTotal)
	p.wait("the same number everywhere", fmt.Sprintf(`[%s, document.querySelector("main .reading").textContent].every((s) => s.replaceAll(",", "").includes("%d"))`, panel("lengths"), total))
	p.click(`main .tools [data-do="table"]`)
	sum := 0
	for _, row := range p.table("lengths") {
		n, err := strconv.Atoi(strings.ReplaceAll(row[1], ",", ""))
		if err != nil {
			t.Fatal(row)
		}
		sum += n
	}
	if sum != total {
		t.Errorf("the histogram counts %d of %d matches", sum, total)
	}
	first := p.table("matches")
	if len(first) != 20 {
		t.Errorf("%d rows on a page", len(first))
	}

	t.Run("filter", func(t *testing.T) {
		p.t = t
		p.click(`main [data-panel="lengths"] [data-set="o.states.m.len=4-4"]`)
		p.wait("one length", inHash("m.len=4-4")+` && `+matchesTotal+fmt.Sprintf(` < %d`, total))
		p.settled()
		for _, row := range p.table("matches") {
			if row[3] != "4" {
				t.Errorf("a match of %s tokens among those of 4", row[3])
			}
		}
		p.undo()
		p.wait("all lengths", fmt.Sprintf("%s === %d", matchesTotal, total))
		p.click(`main [data-panel="matches"] [data-set^="o.states.m.strict="]`)
		p.wait("only those of all units", matchesTotal+fmt.Sprintf(` < %d`, total))
		p.settled()
		units := eval[int](p, `parseInt(`+unitsOn+`)`)
		for _, row := range p.table("matches") {
			if row[4] != strconv.Itoa(units) {
				t.Errorf("%s of %d units on", row[4], units)
			}
		}
		p.undo()
		p.wait("all of them again", fmt.Sprintf("%s === %d", matchesTotal, total))
	})
	t.Run("page", func(t *testing.T) {
		p.t = t
		p.click(`main [data-panel="matches"] .st-pages [data-set*="m.page="]`)
		p.wait("the second page", inHash("m.page=")+` && document.querySelector('main [data-panel="matches"] header .act').textContent.startsWith("21 to 40")`)
		p.settled()
		if second := p.table("matches"); second[0][0] != "21" || second[0][2] == first[0][2] {
			t.Errorf("the second page begins with %q, the first with %q", second[0], first[0])
		}
	})
	t.Run("save", func(t *testing.T) {
		p.t = t
		csv := strings.Split(strings.TrimSpace(p.save(`main [data-do="matches=csv"]`)), "\n")
		if len(csv) != total+1 {
			t.Errorf("%d lines in the CSV of %d matches", len(csv)-1, total)
		}
		if !strings.Contains(csv[1], first[0][2]) || !strings.Contains(csv[21], p.table("matches")[0][2]) {
			t.Errorf("other rows than on the page: %s", csv[1])
		}
		p.save(`main [data-do="matches=json"]`)
		p.wait("the same in JSON", fmt.Sprintf(`saved.at(-1).text().then((t) => { const j = JSON.parse(t); return j.total === %d && j.matches.length === %d; })`, total, total))
	})
	t.Run("near", func(t *testing.T) {
		p.t = t
		p.click(`main [data-panel="matches"] [data-set="o.states.m.by=cosine"]`)
		p.wait("the nearest", `document.querySelector('main [data-panel="matches"] header .act').textContent.includes("nearest")`)
		p.settled()
		last := 2.
		for _, row := range p.table("matches") {
			score, err := strconv.ParseFloat(strings.ReplaceAll(row[4], "−", "-"), 64)
			if err != nil || score > last || score > 1.0001 {
				t.Errorf("cosine %s after %g", row[4], last)
			}
			last = score
		}
		p.click(`main [data-panel="matches"] [data-set="o.states.m.by=euclidean"]`)
		p.wait("the distances", panel("matches")+`.includes("Euclidean distance over all units")`)
		p.settled()
		last = 0
		for _, row := range p.table("matches") {
			score, err := strconv.ParseFloat(row[4], 64)
			if err != nil || score < last {
				t.Errorf("distance %s after %g", row[4], last)
			}
			last = score
		}
		p.shot("states-near")
		p.click(`main [data-panel="matches"] [data-set="o.states.m.by="], main [data-panel="matches"] [data-set="o.states.m.by=match"]`)
		p.wait("the matches", fmt.Sprintf("%s === %d", matchesTotal, total))
	})
	t.Run("lift", func(t *testing.T) {
		p.t = t
		p.click(`main [data-panel="lift"] [data-set="o.states.m.where=words"]`)
		p.wait("words", `/“.+” (at the start|inside|before|after)/.test(`+panel("lift")+`)`)
		for _, where := range []string{"inside", "before", "after", "start"} {
			p.click(`main [data-panel="lift"] [data-set="o.states.m.where=` + where + `"]`)
			p.wait("the labels "+where, fmt.Sprintf(`document.querySelector('main [data-panel="lift"] [data-set="o.states.m.where=%s"]').ariaChecked === "true" && document.querySelectorAll('main [data-panel="lift"] svg [data-set*="tab=follow"]').length > 0`, where))
		}
		for _, row := range p.table("lift") {
			if q, err := strconv.ParseFloat(row[7], 64); err != nil || q < 0 || q > 1 {
				t.Errorf("q is %s", row[7])
			}
		}
	})
	p.t = t
}

// TestStatesGo: a phrase is found, one of its places far into a document is gone to, which says what the model has not read there, and
// undo brings the text before.
func TestStatesGo(t *testing.T) {
	p := newTab(t)
	p.brackets()
	was := eval[string](p, text)
	p.write(`main [data-panel="corpus"] input[data-change^="o.states.m.find"]`, "(3)")
	p.press(kb.Enter)
	p.wait("where the phrase stands", inHash("m.find=(3)")+` && `+panel("matches")+`.includes("as they come")`)
	p.settled()
	p.click(`main .tools [data-do="table"]`)
	for _, row := range p.table("matches") {
		if row[5] != "(3)" {
			t.Errorf("%q is found for the phrase", row)
		}
	}
	far := 0 // of a place that has more than 400 tokens of its document before it
	for page := 0; far == 0 && page < 8; page++ {
		for _, row := range p.table("matches") {
			if n, _ := strconv.Atoi(row[2]); n%500 > 430 && n%500 < 490 {
				far = n
			}
		}
		if far == 0 {
			was := eval[string](p, panel("matches"))
			p.click(`main [data-panel="matches"] .st-pages button:last-of-type`)
			became(p, "the next page", panel("matches"), was)
			p.settled()
		}
	}
	p.click(fmt.Sprintf(`main [data-panel="matches"] [data-do^="visit=%d "]`, far))
	became(p, "the text around the place", text, was)
	p.wait("its range and now", fmt.Sprintf(`(() => { const [a, b] = %s; return (%s).slice(a, b) === "(3)" && %s === b - 1; })()`, rangeOf, text, now))
	p.wait("what was not read", `/[0-9]+ tokens of this document stand before/.test(document.querySelector(".notices").textContent)`)
	p.settled()
	p.shot("states-gone")
	p.undo()
	p.wait("the text before", fmt.Sprintf(`(%s) === %s && %s`, text, literal(was), inHash("range=3-8")))
	p.click(`main [data-panel="matches"] [data-set="o.states.m.find="]`)
	p.wait("the matches", panel("matches")+`.includes("by units shared")`)
	p.settled()

	// Where all of a document before a place is read again, the same units are on there.
	var row []string
	for _, r := range p.table("matches") {
		if n, _ := strconv.Atoi(r[2]); row == nil && n%500 < 300 && r[4] == "2" {
			row = r
		}
	}
	if row == nil {
		t.Fatal("no place near the beginning of its document")
	}
	p.click(fmt.Sprintf(`main [data-panel="matches"] [data-do="visit=%s %s"]`, row[2], row[3]))
	p.wait("its text", fmt.Sprintf(`(() => { const [a, b] = %s; return b - a === %s && (%s).slice(a, b) === %s; })()`, rangeOf, row[3], text, literal(row[7])))
	p.wait("that nothing was left out", `!/stand before/.test(document.querySelector(".notices")?.textContent ?? "")`)
	for _, unit := range []string{"Unit 2", "Unit 18"} {
		p.wait(unit+" on at the place", fmt.Sprintf(`[...document.querySelectorAll('main [data-panel="units"] .twin tbody td')].some((e) => e.textContent === "%s is on at all %s tokens.")`, unit, row[3]))
	}
}

// TestStatesUnits: units are left out, alone and added by hand; what is selected changes, and undo takes it back.
func TestStatesUnits(t *testing.T) {
	p := newTab(t)
	p.brackets()
	both, total := eval[string](p, unitsOn), eval[int](p, matchesTotal)
	p.wait("two units", `(`+unitsOn+`) === "2 units"`)
	p.click(`main [data-panel="units"] [data-set$="o.states.out=18"]`)
	p.wait("one left out", inHash("o.states.out=18")+` && (`+unitsOn+`) === "1 unit"`)
	p.wait("other places", fmt.Sprintf("%s !== %d", matchesTotal, total))
	p.undo()
	p.wait("both", fmt.Sprintf(`(%s) === %s && %s === %d`, unitsOn, literal(both), matchesTotal, total))
	p.click(`main [data-panel="units"] [data-set="o.states.solo=18"]`)
	p.wait("one alone", inHash("o.states.solo=18")+` && (`+unitsOn+`) === "1 unit" && `+panel("units")+`.includes("only these count")`)
	p.click(`main [data-panel="units"] [data-set="o.states.solo="]`)
	p.wait("both again", `(`+unitsOn+`) === "2 units"`)
	p.write(`main [data-panel="units"] input[data-change^="o.states.pin"]`, "5, 7")
	p.press(kb.Enter)
	p.wait("four", `(`+unitsOn+`) === "4 units" && `+panel("units")+`.includes("added by hand")`)
	p.settled()
	p.shot("states-units")
	p.undo()
	p.wait("two again", `(`+unitsOn+`) === "2 units"`)
}

// TestStatesChanges: a unit, and all that are selected, are switched off and held over the range: chips say so, the picture and the
// numbers change, and undo gives the same picture. A token is replaced.
func TestStatesChanges(t *testing.T) {
	p := newTab(t)
	p.brackets()
	const stat, main = `document.querySelector(".textband .stat").textContent`, `document.querySelector('main [data-panel="main"] svg.marks').innerHTML`
	same, bits := eval[string](p, main), eval[string](p, stat)
	p.click(`main [data-panel="change"] [data-set="o.states.where=range"]`)
	p.click(`main [data-panel="change"] [data-set="o.states.who=all"]`)
	p.wait("the range and all", inHash("o.states.where=range")+` && `+inHash("o.states.who=all"))
	p.click(`main [data-panel="change"] [role=switch][data-do^="change="]`)
	p.wait("the chip", chips+` === 1 && /units 2, 18 of layers.0.hidden at 3–7/.test(document.querySelector(".textband .change").textContent)`)
	p.wait("numbers before and after", stat+`.includes("→")`)
	became(p, "another picture", main, same)
	p.wait("the same units, which are off now", `(`+unitsOn+`) === "2 units" && `+reading+`.includes("without your changes") &&
		document.querySelector('main [data-panel="change"] [role=switch]').ariaChecked === "true"`)
	p.settled()
	p.shot("states-off")
	p.undo()
	p.wait("the same picture", fmt.Sprintf(`%s === 0 && (%s) === %s && (%s) === %s`, chips, stat, literal(bits), main, literal(same)))

	p.click(`main [data-panel="change"] [data-set="o.states.who=unit"]`)
	p.setNumber("o.states.v", "-0.9")
	p.wait("the value", inHash("o.states.v=-0.9"))
	p.click(`main [data-panel="change"] button.btn[data-do*=":set="]`)
	p.wait("the unit is held", chips+` === 1 && /−0.90/.test(document.querySelector(".textband .change").textContent)`)
	p.wait("numbers before and after", stat+`.includes("→")`)
	p.settled()
	p.click(".textband .change button")
	p.wait("nothing is changed", fmt.Sprintf(`%s === 0 && (%s) === %s`, chips, stat, literal(bits)))

	eval[bool](p, `(document.activeElement.blur(), true)`)
	p.press(kb.Home)
	p.wait("now at the start", now+" === 0")
	p.press("r")
	p.wait("the field", `document.activeElement.dataset.find`)
	p.press("1")
	p.wait("the token that is written so", `[...document.querySelectorAll("dialog .hits .tk")].some((e) => e.textContent === "1")`)
	p.click(`dialog .hits [data-do]`)
	p.wait("the chip of the token", chips+` === 1 && /token 0/.test(document.querySelector(".textband .change").textContent)`)
	p.wait("numbers before and after", stat+`.includes("→")`)
	p.settled()
	p.shot("states-replaced")
	p.undo()
	p.wait("the text's own", fmt.Sprintf(`%s === 0 && (%s) === %s`, chips, stat, literal(bits)))
}

// TestStatesParts: one unit, the annotations (the depth of brackets has a unit that follows it, by itself), memory and comparison.
func TestStatesParts(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=states")
	p.settled()
	p.click(`main [data-set="o.states.tab=follow"]`)
	p.wait("the unit that follows depth", panel("follow")+`.includes("follows depth")`)
	p.wait("over all of the corpus", panel("follow")+`.includes("20,000 tokens")`)
	p.settled()
	said := eval[string](p, panel("follow"))
	if i := strings.Index(said, "r = "); i < 0 {
		t.Fatal(said)
	} else if r, err := strconv.ParseFloat(strings.ReplaceAll(strings.Fields(said[i+4:])[0], "−", "-"), 64); err != nil || r*r < .81 {
		t.Errorf("the depth unit: %s", said)
	}
	p.shot("states-follow")
	p.click(`main [data-panel="follow"] h3 [data-set]`)
	p.wait("it is chosen", `document.querySelector('main [data-panel="units"] .inow')`)

	p.click(`main [data-set="o.states.tab=unit"]`)
	p.wait("one unit", `["step", "unit-text"].some((id) => document.querySelector('main [data-panel="' + id + '"]'))`)
	p.settled()
	p.wait("what writes to it", `document.querySelector("main").textContent.includes("What writes to unit")`)
	p.shot("states-unit")

	p.click(`main [data-set="o.states.tab=memory"]`)
	p.wait("what matters", panel("memory")+`.includes("The prediction changes most without")`)
	p.settled()
	p.click(`main [data-panel="beside"] [data-set="o.states.vs=char-gru"]`)
	p.wait("another model beside", panel("beside")+`.includes("is surprised least")`)
	p.wait("all of it", `!document.querySelector("main [aria-busy=true]")`)
	p.shot("states-memory")
}

// dropText drops one file of texts.
func (p *tab) dropText(name, content string) {
	p.t.Helper()
	p.drop(map[string][]byte{name: []byte(content)})
}

// TestStatesFiles: texts of one's own are dropped as a corpus, paused, gone on with, forgotten; of a table a column is chosen; what holds
// no text says so, and the corpus can be left.
func TestStatesFiles(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=states&range=3-8&o.states.what=hidden&o.states.l=0.2&o.states.before=0&o.states.after=0&o.states.corpus=none")
	p.settled()
	p.dropText("own brackets.txt", strings.Repeat("(((1(2)3)))0(  ((3)2)((3)))", 12_000))
	p.wait("the file", panel("corpus")+`.includes("own brackets.txt")`)
	p.click(`main [data-panel="corpus"] [data-do="fill=pause"]`)
	p.wait("the pause", panel("corpus")+`.includes("paused at")`)
	share := eval[string](p, panel("corpus")+`.match(/paused at ([\d.]+)/)[1]`)
	p.click(`main [data-panel="corpus"] [data-do="fill=run"]`)
	p.wait("that it goes on", `document.querySelector('main [data-panel="corpus"] [data-do="fill=pause"]')`)
	p.wait("more of it", fmt.Sprintf(`Number((%s).match(/([\d.]+)\s*%%/)?.[1] ?? 100) > %s`, panel("corpus"), share))
	p.wait("places in it", rowsOfPlaces+" > 0")
	p.shot("states-filling")
	p.click(`main [data-panel="corpus"] [data-do="fill=pause"]`)
	p.wait("the pause", panel("corpus")+`.includes("paused at")`)
	p.click(`main [data-panel="corpus"] [data-do="fill=forget"]`)
	p.wait("the text that comes with the model", panel("corpus")+`.includes("brackets.jsonl")`)

	p.dropText("reviews.csv", "id,label,text\n"+strings.Repeat("1,good,\"((1)0)(2)\"\n2,bad,\"(((3)2)1)0\"\n", 30))
	p.wait("the column with texts", `document.querySelector('main [data-panel="corpus"] select').value === "text" && `+panel("corpus")+`.includes("documents: 60")`)
	p.whole()
	p.choice("o.states.column", "id")
	p.wait("another column", inHash("o.states.column=id")+` && `+panel("corpus")+`.includes("60 tokens")`)
	p.undo()
	p.wait("the first column", `document.querySelector('main [data-panel="corpus"] select').value === "text"`)

	p.dropText("empty.txt", "")
	p.wait("that it is empty", `document.querySelector('main [data-panel="corpus"]').textContent.match(/empty\.txt/) && document.querySelector('main [data-panel="corpus"] .note b')`)
	p.shot("states-empty")
	p.drop(map[string][]byte{"picture.txt": []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\xff\xfe\x00\x00" + strings.Repeat("\x00\x01\x02\xff\x80", 400))})
	p.wait("that it is no text", `document.querySelector('main [data-panel="corpus"]').textContent.match(/picture\.txt/) && document.querySelector('main [data-panel="corpus"] .note b')`)
	p.shot("states-binary")
	p.click(`main [data-panel="corpus"] [data-do="fill=forget"]`)
	p.wait("the text that comes with the model again", panel("corpus")+`.includes("brackets.jsonl")`)
	p.wait("places in it", rowsOfPlaces+" > 0")
}

// TestStatesNotes: a file of annotations is chosen; its column is drawn below the text, and stays through undo of other things.
func TestStatesNotes(t *testing.T) {
	p := newTab(t)
	answer := p.choosesFiles()
	choose := func(name, content string) {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		answer(path)
	}
	p.open("#model=parens-lstm&view=states")
	p.settled()
	n := eval[int](p, tokens)
	p.click(`main [data-do="notes"]`)
	choose("notes.tsv", "mine\n"+strings.Repeat("A\nB\n", n/2)+strings.Repeat("A\n", n%2))
	p.wait("that it was added", `document.querySelector(".notices").textContent.includes("mine")`)
	p.choice("o.states.tracks", "mine")
	p.wait("its row", `[...document.querySelectorAll('main [data-panel="main"] text')].some((e) => e.textContent === "mine")`)
	p.shot("states-notes")
	p.click(`main [data-do="notes"]`)
	choose("short.tsv", "mine\nA\nB\n")
	p.wait("where it differs", `document.querySelector(".notices").textContent.includes("short.tsv")`)
	p.shot("states-notes-short")
}

// TestStatesAddress: the same address shows the same picture, and so does a snapshot that was given a name.
func TestStatesAddress(t *testing.T) {
	p := newTab(t)
	p.open("#v=1&model=parens-lstm&view=states&range=3-8&at=6&unit=2&o.states.what=hidden&o.states.l=0.21&o.states.before=0&o.states.after=0&o.states.out=18&o.states.m.least=3")
	p.wait("rows of places", rowsOfPlaces+" > 0")
	p.whole()
	const picture = `[...document.querySelectorAll('main [data-panel="main"] svg.marks, main [data-panel="matches"] svg.marks, main [data-panel="units"] svg.marks, main [data-panel="lengths"] svg.marks')].map((s) => s.innerHTML).join() + document.querySelector("main .reading").textContent`
	was, link := p.still(picture), p.still("location.href")
	p.do(chromedp.Reload())
	p.ready()
	p.whole()
	p.wait("the same after a reload", fmt.Sprintf("(%s) === %s", picture, literal(was)))

	p.click(`.bar [data-do="share"]`)
	p.write("dialog #snapshot", "six brackets")
	p.click(`dialog [data-do="snapshots=save"]`)
	p.wait("its name in the list", `document.querySelector('dialog [data-do="snapshots=go 0"]').textContent === "six brackets"`)
	p.shot("states-snapshot")
	p.escape()
	p.choose("char-gru")
	p.click(`.bar [data-do="share"]`)
	p.click(`dialog [data-do="snapshots=go 0"]`)
	p.wait("the model of the snapshot", inHash("model=parens-lstm")+` && `+tokens+` > 0`)
	p.whole()
	p.hover(".bar", .5, .5) // the pointer draws over what it is on
	p.wait("the same picture", fmt.Sprintf("(%s) === %s", picture, literal(was)))

	other := newTab(t)
	other.visit(link)
	other.ready()
	other.whole()
	other.wait("the same elsewhere", fmt.Sprintf("(%s) === %s", picture, literal(was)))
}

// TestStatesNothing: where nothing is selected the page says why, and what would be; a range of one token is one.
func TestStatesNothing(t *testing.T) {
	p := newTab(t)
	p.open("#v=1&model=parens-lstm&view=states&range=3-8&o.states.what=hidden&o.states.l=0.99")
	p.settled()
	p.wait("why", `document.querySelector("main .reading").textContent.startsWith("None of 20 units is on") && `+panel("matches")+`.includes("No unit is selected")`)
	p.wait("what would select one", `/At 0\.\d+: [1-9]/.test(`+panel("units")+`)`)
	p.shot("states-nothing")
	p.click(`main [data-panel="units"] .note [data-set^="o.states.l="]`)
	p.wait("a unit", `/^[1-9]\d* unit/.test(`+unitsOn+`)`)
	p.wait("places", rowsOfPlaces+" > 0")
	p.click(`main [data-set="range="]`)
	p.wait("no range", `!`+inHash("range="))
	p.press(kb.ArrowRight, chromedp.KeyModifiers(8))
	p.press(kb.ArrowLeft, chromedp.KeyModifiers(8))
	eval[bool](p, `(location.hash = "v=1&model=parens-lstm&view=states&range=7-8&o.states.what=hidden&o.states.l=0.3&o.states.before=0&o.states.after=0&o.states.m.least=1", true)`)
	p.wait("a range of one token", `/on all through|on at all|is on|are on/.test(document.querySelector("main .reading").textContent) && `+inHash("range=7-8"))
	p.wait("places of one token", rowsOfPlaces+" > 0")
	p.whole()
	p.click(`main .tools [data-do="table"]`)
	p.wait("matches of one token in the histogram", `[...document.querySelectorAll('main [data-panel="lengths"] tbody tr')].some((r) => r.cells[0].textContent === "1" && r.cells[1].textContent !== "0")`)
}

// TestStatesSources: places are found for units of two layers together, of values below zero, and for a transformer's.
func TestStatesSources(t *testing.T) {
	p := newTab(t)
	for what, address := range map[string]string{
		"two layers":    "#v=1&model=char-lstm&view=states&range=3-5&o.states.also=layers.0.hidden&o.states.l=0.3&o.states.l.1=0.3&o.states.before=0&o.states.after=0",
		"below":         "#v=1&model=char-gru&view=states&range=3-5&o.states.on=below&o.states.l=0.5&o.states.after=0&o.states.before=0",
		"a transformer": "#v=1&model=mini-gpt&view=states&range=2-4&o.states.what=mlp.post&o.states.l=0.4&o.states.before=0&o.states.after=0&o.states.m.least=1",
	} {
		p.visit("about:blank")
		p.open(address)
		p.wait("units of "+what, `/^[1-9]/.test(`+unitsOn+`)`)
		p.wait("places of "+what, rowsOfPlaces+" > 0")
		p.wait("how often, of "+what, `/Matches in the corpus: [1-9]/.test(document.querySelector("main .reading").textContent)`)
		p.shot("states-" + strings.ReplaceAll(what, " ", "-"))
	}
}

// statesParts are the parts of States that are looked at in every dress.
var statesParts = map[string]string{
	"matches": "&range=3-8&o.states.what=hidden&o.states.l=0.2&o.states.before=0&o.states.after=0",
	"unit":    "&o.states.tab=unit",
	"follow":  "&o.states.tab=follow",
	"memory":  "&o.states.tab=memory&o.states.vs=char-gru",
}

// TestStatesLooks: on a phone and in the dark every part of States fits.
func TestStatesLooks(t *testing.T) {
	for _, dress := range []struct {
		name          string
		width, height int64
		zh, dark      bool
	}{{"phone", 390, 844, false, false}, {"tablet", 1024, 768, true, false}, {"dark", 1440, 900, false, true}} {
		p := newTab(t)
		p.size(dress.width, dress.height)
		if dress.dark {
			p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
		}
		if dress.zh {
			p.before(`Object.defineProperty(navigator, "language", {get: () => "zh-CN"})`)
		}
		for part, address := range statesParts {
			p.visit("about:blank")
			p.open("#v=1&model=parens-lstm&view=states" + address)
			p.settled()
			p.wait("all of "+part, `!document.querySelector("main [aria-busy=true]")`)
			p.shot("states-" + dress.name + "-" + part)
			if wide := eval[int64](p, "document.documentElement.scrollWidth"); wide > dress.width {
				t.Errorf("%s: the page is %d px wide in a window of %d", part, wide, dress.width)
			}
			if out := eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("main .panel > *, main .panel header *")].filter((e) => e.getBoundingClientRect().right > %d && !e.closest(".scroll, .twinscroll")).map((e) => e.closest(".panel").dataset.panel + ": " + e.textContent.slice(0, 40))`, dress.width+1)); len(out) > 0 {
				t.Errorf("%s at %d px: beyond the edge: %q", part, dress.width, out)
			}
		}
	}
}

// TestStatesOfHalves: lines of the decoder's units over the target and of the encoder's over the source; a range selects units; each lights the tokens of its
// own half.
func TestStatesOfHalves(t *testing.T) {
	p := newTab(t)
	p.open("#model=g2p-lstm&view=states&text=phonograph&at=4")
	p.settled()
	shows := func(name string, columns int) {
		t.Helper()
		p.wait(name+" over its tokens", fmt.Sprintf(`document.querySelector('main [data-panel="main"]').textContent.includes("%s.layers.0") && document.querySelector('main [data-panel="main"] [data-grid]').dataset.grid.endsWith(" %d")`, name, columns))
		p.settled()
	}
	lights := func(label, line string) {
		t.Helper()
		p.hover(fmt.Sprintf(`main [data-panel="main"] text[data-h="%s"]`, label), .5, .5)
		p.wait(label+" of the text to light up", fmt.Sprintf(`document.querySelector('.textrow:nth-child(%s) .tok[data-h="%s"].hot')`, line, label))
	}
	target := eval[int](p, `document.querySelectorAll('.textrow:nth-child(2) .tok').length`)
	shows("decoder", target)
	lights("t3", "2")
	p.drag(`main [data-panel="main"] [data-drag="range"]`, 110, 0)
	p.wait("a range", inHash("range="))
	p.wait("what it selects", `document.querySelector("main .reading").textContent.includes("of 240 units")`)
	p.settled()
	p.shot("states-decoder")
	p.click(`main [data-panel="main"] [role=radio][data-set$="o.states.half=encoder"]`)
	shows("encoder", 10)
	p.wait("no range of the other half", fmt.Sprintf("!(%s)", inHash("range=")))
	lights("s3", "1")
	p.shot("states-encoder")

	// a unit off, and on again
	p.press("x")
	p.wait("the chip", chips+" === 1")
	p.settled()
	p.undo()
	p.wait("no chip", chips+" === 0")
}
