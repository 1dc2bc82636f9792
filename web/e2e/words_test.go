package e2e

import (
	"encoding/csv"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"loupe/app/svg"
)

// What the walk over the map looks for.
const (
	mapOver  = `main :is([data-scatter="map"], [data-scatter="near"])`
	dots     = `document.querySelector("main .sc-dots")`
	placed   = `Boolean(document.querySelector("main .sc.moving")) || [...document.querySelectorAll("main .sc-dots path")].some((e) => e.getAttribute("d").length > 100)`
	iterated = `Number([...document.querySelectorAll("main .wd-run text")].map((e) => e.textContent.match(/^([\d,]+) of 1,000/)).find((m) => m)[1].replaceAll(",", ""))`
	listed   = `[...document.querySelectorAll("main .wd-words .tk")].map((e) => e.textContent)`
	chosen   = `document.querySelector("main .wd-near h2, main .wd-near .tk").textContent.trim()`
	selected = `Number((document.querySelector("main .wd-chosen")?.textContent ?? "0").match(/[\d,]+/)[0].replaceAll(",", ""))`
)

// words opens the map of a model and waits until it has places.
func (p *tab) words(address string) {
	p.t.Helper()
	p.open(address)
	p.wait("the map", placed)
}

// dot is where a dot of the map is in the window: the first that is drawn in the middle of the picture.
func (p *tab) dot() (x, y float64) {
	p.t.Helper()
	p.wait("a map at rest", `!document.querySelector("main .sc.moving")`)
	at := eval[[2]float64](p, `(() => {
		const box = document.querySelector("main .sc-dots").getBoundingClientRect();
		for (const path of document.querySelectorAll("main .sc-dots path[d]")) {
			const m = path.getCTM(), half = parseFloat(getComputedStyle(path).strokeWidth) / 2;
			for (const [, x, y] of path.getAttribute("d").matchAll(/M(-?[\d.]+)[ ,](-?[\d.]+)/g)) {
				const at = new DOMPoint(x, y).matrixTransform(m);
				if (at.x > box.width * .3 && at.x < box.width * .7 && at.y > box.height * .3 && at.y < box.height * .7) return [box.x + at.x, box.y + at.y];
			}
		}
	})()`)
	return at[0], at[1]
}

// stroke moves the mouse over the map with the button down, from the first point on; points are shares of the picture.
func (p *tab) stroke(with input.Modifier, points ...[2]float64) {
	p.t.Helper()
	box := eval[[4]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.scrollIntoView({block: "center", behavior: "instant"});
		const b = e.getBoundingClientRect();
		return [b.x, b.y, b.width, b.height];
	})()`, mapOver))
	mouse := func(kind input.MouseType, at [2]float64) {
		e := input.DispatchMouseEvent(kind, box[0]+at[0]*box[2], box[1]+at[1]*box[3]).WithModifiers(with).WithButton(input.Left)
		if kind == input.MouseMoved {
			e = e.WithButtons(1)
		}
		p.do(e.WithClickCount(1))
	}
	mouse(input.MousePressed, points[0])
	for _, at := range points {
		mouse(input.MouseMoved, at)
	}
	mouse(input.MouseReleased, points[len(points)-1])
}

// write writes into a field of the page in place of what stands there.
func (p *tab) write(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.press("a", chromedp.KeyModifiers(2))
	p.press(kb.Backspace)
	p.press(text)
}

// saves catches what the page saves, instead of a download.
const saves = `
	window.saved = [];
	const make = URL.createObjectURL;
	URL.createObjectURL = (b) => { if (!b.type.includes("javascript")) saved.push(b); return make.call(URL, b); };
	HTMLAnchorElement.prototype.click = function () {};`

// save presses what saves and gives the file.
func (p *tab) save(selector string) string {
	p.t.Helper()
	n := eval[int](p, "saved.length")
	p.click(selector)
	p.wait("a file", fmt.Sprintf("saved.length === %d", n+1))
	return eval[string](p, "saved.at(-1).text()")
}

// The map of the built-in vectors: it moves, and all that a person does to it is done.
func TestWords(t *testing.T) {
	p := newTab(t)
	p.before(saves)
	p.open("")
	p.settled()
	p.click(`main [data-do="model=word-vectors"]`)
	p.wait("the vectors", fmt.Sprintf(`(%s).includes("model=word-vectors")`, hash))
	p.settled()
	p.click(`main .fp-go [data-set="view=words"]`)
	p.wait("the map", placed)
	p.wait("8,000 words", `document.querySelector("main .reading").textContent.includes("8,000 words")`)

	// It moves by itself; it is paused, goes one iteration, begins again.
	p.wait("iterations", iterated+" > 20")
	p.click(`main [data-do="map=pause 0"]`)
	p.wait("the button that goes on", `document.querySelector('main [data-do="map=run 0"]')`)
	at := p.still(iterated + " + ''")
	p.click(`main [data-do="map=step 0"]`)
	n, _ := strconv.Atoi(at)
	p.wait("one iteration", fmt.Sprintf("%s === %d", iterated, n+1))
	// On a busy machine the few iterations are over before a test asks: the page itself watches.
	eval[bool](p, `(() => { window.least = Infinity; const look = () => { try { least = Math.min(least, `+iterated+`) } catch {} requestAnimationFrame(look); }; look(); return true; })()`)
	p.click(`main [data-do="map=restart 0"]`)
	p.wait("fewer iterations", fmt.Sprintf("least < %d", n))
	p.wait("that it moves again", iterated+" > 5")
	p.wait("the pause", `document.querySelector('main [data-do="map=pause 0"]')`)
	p.click(`main [data-set="o.words.by=pca"]`)
	p.wait("the names of the axes", `document.querySelector("main .sc-axes").textContent.includes("component 1")`)
	p.settled()

	t.Run("search", func(t *testing.T) { p.t = t; p.searches() })
	t.Run("choose", func(t *testing.T) { p.t = t; p.choosesWord() })
	t.Run("select", func(t *testing.T) { p.t = t; p.selects() })
	t.Run("look", func(t *testing.T) { p.t = t; p.looks() })
	t.Run("sums", func(t *testing.T) { p.t = t; p.sums() })
	t.Run("save", func(t *testing.T) { p.t = t; p.savesMap() })
	p.t = t
}

func (p *tab) searches() {
	const field = `main .wd-find input[type=search]`
	p.write(field, "king")
	p.wait("what begins with king, itself first", fmt.Sprintf(`%[1]s[0] === "king" && %[1]s.includes("kingdom") && %[1]s.every((w) => w.includes("king"))`, listed))
	p.write(field, "^qu.*n$")
	p.click(`main .wd-find [role=switch]`)
	p.wait("what the expression finds", fmt.Sprintf(`%[1]s.includes("queen") && %[1]s.every((w) => /^qu.*n$/.test(w))`, listed))
	p.wait("rings around them", `document.querySelector("main .sc-over circle.sc-ring")`)
	p.write(field, "(")
	p.wait("what is wrong with it", `document.querySelector("main .wd-find .note").textContent.includes("missing closing )")`)
	p.write(field, "^(king|queen)$")
	p.wait("two words", listed+`.length === 2`)
}

func (p *tab) choosesWord() {
	p.click(`main .wd-words button`)
	p.wait("its neighbours", chosen+` === "king" && document.querySelectorAll("main .wd-near svg [data-set]").length >= 12`)
	p.wait("that it is in the address", fmt.Sprintf(`/token=\d+|row=\d+/.test(%s)`, hash))
	x, y := p.dot()
	p.do(chromedp.MouseClickXY(x, y))
	p.wait("the word of the dot", chosen+` !== "king"`)
	p.undo()
	p.wait("king again", chosen+` === "king"`)
}

func (p *tab) selects() {
	p.stroke(input.ModifierShift, [2]float64{.3, .3}, [2]float64{.6, .3}, [2]float64{.6, .6}, [2]float64{.3, .6}, [2]float64{.3, .32})
	p.wait("selected words", selected+" > 20")
	n := eval[int](p, selected)
	p.wait("that they are carmine", `document.querySelector("main .sc-dots path.now, main .sc-dots .now path, main .sc-dots [class*=chosen]")?.getAttribute("d")?.length > 100`)
	p.click(`main .wd-acts [data-set^="o.words.iso="]`)
	p.wait("these alone", fmt.Sprintf(`document.querySelector("main .wd-selection").textContent.includes(%s)`, literal(svg.Count(n)+" of 8,000")))
	p.wait("their map", fmt.Sprintf(`document.querySelector(%q).getAttribute("aria-label").includes(%s)`, mapOver, literal("of "+svg.Count(n)+" word")))
	p.click(`main .wd-acts [data-set^="o.words.iso=&"]`)
	p.wait("all", fmt.Sprintf(`document.querySelector(%q).getAttribute("aria-label").includes("8,000")`, mapOver))
}

func (p *tab) looks() {
	p.click(`main [data-set="o.words.dims=3"]`)
	p.wait("space", fmt.Sprintf(`(%s).includes("dims=3")`, hash))
	p.settled()
	before := p.still(dots + ".innerHTML.slice(0, 4000)")
	p.stroke(0, [2]float64{.5, .5}, [2]float64{.55, .52}, [2]float64{.6, .55})
	p.wait("that it turns", fmt.Sprintf(`%s.innerHTML.slice(0, 4000) !== %s && (%s).includes("words.cam=")`, dots, literal(before), hash))
	p.shot("words-space")
	p.click(`main [data-set="o.words.dims=2"]`)
	p.wait("the plane", fmt.Sprintf(`!(%s).includes("dims=3")`, hash))

	colours := eval[string](p, `document.querySelector("main .wd-map").textContent`)
	p.wait("parts of speech", `document.querySelector("main .wd-map").textContent.includes("noun")`)
	eval[bool](p, `(() => {
		const e = document.querySelector('main select[data-change="o.words.colour"]');
		e.value = "count";
		return e.dispatchEvent(new Event("change", {bubbles: true}));
	})()`)
	p.wait("a scale", fmt.Sprintf(`(%s).includes("words.colour=count") && document.querySelector("main .wd-map").textContent !== %s`, hash, literal(colours)))
	p.shot("words-count")
}

func (p *tab) sums() {
	p.write(`main .wd-sum input`, "king - man + woman")
	p.press(kb.Enter)
	p.wait("the answer", `[...document.querySelectorAll("main .wd-sum svg [aria-label]")].map((e) => e.ariaLabel).find((l) => /\d/.test(l)).startsWith("queen 0.")`)
	p.wait("its arrow", `document.querySelector("main .sc-over .sc-lines path, main .sc-over .sc-lines line")`)
	p.wait("that it is said", `document.querySelector("main .reading").textContent.includes("king − man + woman lands nearest to queen")`)
	p.shot("words-sum")
}

// savesMap reads back the picture and the places.
func (p *tab) savesMap() {
	t := p.t
	picture := p.save(`main .tools [data-do="svg"]`)
	for _, bad := range []string{"<script", "foreignObject", "var(--", "class=", "style=", "data-set", "href=\"http"} {
		if strings.Contains(picture, bad) {
			t.Errorf("the picture has %s", bad)
		}
	}
	if n := len(regexp.MustCompile(`M-?[\d.]+[ ,]-?[\d.]+h0|M-?\d+ -?\d+`).FindAllString(picture, -1)); n < 7000 {
		t.Errorf("%d dots in the picture", n)
	}
	labels := eval[[]string](p, `[...new DOMParser().parseFromString(`+literal(picture)+`, "image/svg+xml").querySelectorAll("text")].map((e) => e.textContent.trim())`)
	if len(labels) < 60 || !strings.Contains(" "+strings.Join(labels, " ")+" ", " queen ") {
		t.Errorf("%d labels: %q", len(labels), labels)
	}
	head, rows := p.places()
	if len(rows) != 8000 || len(head) < 5 || rows["queen"] == nil || rows["queen"][2] == "" {
		t.Errorf("%d rows of %q, %q", len(rows), head, rows["queen"])
	}
	p.words("#model=word-vectors&view=words&o.words.by=pca")
	p.click(`main .sc-over [data-set^="o.words.sel="]`) // of the legend
	p.wait("selected words", selected+" > 5")
	n := eval[int](p, selected)
	saved := p.save(`main [data-do="save=rows 0"]`)
	if lines := strings.Count(strings.TrimSpace(saved), "\n"); lines != n {
		t.Errorf("%d words are selected, %d saved: %.200s", n, lines, saved)
	}
}

// places saves the coordinates as TSV and reads them.
func (p *tab) places() (head []string, rows map[string][]string) {
	p.t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.save(`main [data-do="save=tsv 0"]`), "\ufeff")))
	r.Comma, r.LazyQuotes = '\t', true
	all, err := r.ReadAll()
	if err != nil || len(all) < 2 {
		p.t.Fatalf("%d rows, %v", len(all), err)
	}
	rows = map[string][]string{}
	for _, row := range all[1:] {
		rows[row[0]] = row
	}
	return all[0], rows
}

// The address is the map: opened again, it has the same places and the same state, number for number.
func TestWordsAgain(t *testing.T) {
	const address = "#model=word-vectors&view=words&o.words.max=400&o.words.iters=60&o.words.seed=11&o.words.perp=12&o.words.sum=king+-+man+%2B+woman"
	var first map[string][]string
	for range 2 {
		p := newTab(t)
		p.before(saves)
		p.words(address)
		p.wait("the end of the run", `document.querySelector("main .wd-run").textContent.includes("60 of 60")`)
		p.settled()
		_, rows := p.places()
		if first == nil {
			first = rows
			continue
		}
		if len(rows) != len(first) || len(rows) < 400 {
			t.Fatalf("%d words, then %d", len(first), len(rows))
		}
		for word, row := range rows {
			if strings.Join(row, "\t") != strings.Join(first[word], "\t") {
				t.Fatalf("the same seed: %q, then %q", first[word], row)
			}
		}
		x, err := strconv.ParseFloat(rows["king"][1], 64)
		if err != nil || math.IsNaN(x) || x == 0 {
			t.Errorf("king lies at %q", rows["king"])
		}
		if got := eval[string](p, `document.querySelector("main .wd-sum input").value`); got != "king - man + woman" {
			t.Errorf("the sum is %q", got)
		}
	}
}

// Two maps side by side, and what they share.
func TestWordsTwo(t *testing.T) {
	p := newTab(t)
	p.words("#model=word-vectors&view=words&o.words.max=300&o.words.iters=300&o.words.exagfor=100&o.words.perp=10")
	p.click(`main .wd-agree [data-set^="o.words.two=seed"]`)
	p.wait("a second map", `document.querySelectorAll("main .sc-dots").length === 2 && (document.querySelectorAll("main .sc")[1].classList.contains("moving") || [...document.querySelectorAll("main .sc-dots")[1].querySelectorAll("path")].some((e) => e.getAttribute("d").length > 100))`)
	p.wait("what they share", `/\d\s%/.test(document.querySelector("main .wd-agree svg").textContent)`)
	p.shot("words-two")
}

// The states of a word wherever it stands in a text, at each layer: the layer is changed, and the ways through the layers are drawn.
func TestWordsContexts(t *testing.T) {
	p := newTab(t)
	p.words("#model=mini-gpt&view=words&o.words.src=context&o.words.text=sample&o.words.iters=60")
	const reading = `document.querySelector("main .reading").textContent`
	p.wait("the last layer", reading+`.includes("layer 3")`)
	p.wait("where the word stands", `document.querySelector('main [data-panel="contexts"]').textContent.includes("bank")`)
	p.shot("words-contexts")
	p.click(`main [data-number^="o.words.lay"]`)
	p.press(kb.ArrowDown)
	p.wait("another layer", reading+`.includes("layer 2")`)
	p.click(`main [data-panel="contexts"] [role=switch]`)
	p.wait("the ways", `document.querySelectorAll("main .sc-over .sc-lines path").length > 3`)
	p.shot("words-ways")
}

// Vectors of one's own are dropped with what is known of them; their words are text whatever they are, and a line that is wrong is named.
func TestWordsDropped(t *testing.T) {
	p := newTab(t)
	p.open("#model=parens-lstm&view=words")
	hostile := `<img src=x onerror=document.body.id='owned'>` + strings.Repeat("long", 30)
	var vectors, metadata strings.Builder
	metadata.WriteString("word\tgroup\tweight\n")
	for i := range 60 {
		name := fmt.Sprintf("word%d", i)
		if i == 7 {
			name = hostile
		}
		fmt.Fprintf(&metadata, "%s\t%s\t%d\n", name, []string{"even", "odd"}[i%2], i*i)
		for k := range 8 {
			fmt.Fprintf(&vectors, "%.4f%s", math.Sin(float64(i*(k+1)+1))+4*float64(i%2), []string{"\t", "\n"}[k/7])
		}
	}
	p.drop(map[string][]byte{"vectors.tsv": []byte(vectors.String()), "metadata.tsv": []byte(metadata.String())})
	p.wait("60 words", `document.querySelector("main .reading").textContent.includes("60 words")`)
	p.wait("their groups", `/even.*30/.test(document.querySelector("main .wd-map").textContent)`)
	p.write(`main .wd-find input[type=search]`, "onerror")
	p.click(`main .wd-words button`)
	p.wait("the hostile one, as text", chosen+`.startsWith("<img") && [...document.querySelectorAll("main .sc-labels text")].some((e) => e.textContent.startsWith("<img"))`)
	if eval[bool](p, `document.body.id === "owned" || document.querySelector("main img") !== null`) {
		t.Error("a word became markup")
	}
	if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > 1440 {
		t.Errorf("a long word makes the page %d px wide", wide)
	}
	p.shot("words-dropped")

	p.drop(map[string][]byte{"ragged.vec": []byte("the 0.1 0.2 0.3 0.4 0.5\nof 0.1 0.2 0.3 0.4 0.5\n" + strings.Repeat("a 0.1 0.2 0.3 0.4 0.5\n", 40) + "cut 0.1 0.2\n")})
	p.wait("the line that is wrong", `document.querySelector("dialog.error[open]").textContent.includes("line 43")`)
	p.shot("words-ragged")
	p.escape()
	p.wait("the map that was there", `!document.querySelector("dialog[open]") && document.querySelector("main .reading").textContent.includes("60 words")`)
}
