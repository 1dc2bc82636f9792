package e2e

import "testing"

// A worker that dies or goes silent costs the person nothing: the same model, text and figure come back.
func TestWorkerDies(t *testing.T) {
	for name, kill := range map[string]string{
		"panic":      `workers.at(-1).postMessage(7)`, // no message of the page's: the program panics
		"overflow":   `workers.at(-1).postMessage({does: "overflow"})`,
		"rejected":   `workers.at(-1).postMessage({does: "reject"})`,
		"hung":       `workers.at(-1).postMessage({does: "hang"})`,
		"terminated": `workers.at(-1).terminate()`, // as a browser does that runs out of memory: it says nothing
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // two of them wait for a silence
			p := newTab(t)
			p.catchWorkers()
			p.open("#model=mini-gpt&view=attention&layer=1&head=6&text=ROMEO%3A+my+love")
			p.settled()
			figure := eval[string](p, figures)
			eval[bool](p, "("+kill+", true)")
			p.press("s")
			p.wait("a notice", `document.querySelector(".notices .banner").textContent`)
			p.shot("restarted-" + name)
			p.undo()
			p.wait("the same figure", "("+figures+") === "+literal(figure))
		})
	}
}

// An engine that could not be fetched is asked for again at the next try.
func TestEngineMissing(t *testing.T) {
	p := newTab(t)
	p.before(`
		const get = fetch;
		window.gone = true;
		window.fetch = (url, o) => window.gone && String(url).includes("worker.wasm") ? Promise.resolve(new Response("", {status: 503})) : get(url, o)`)
	p.visit(home.url)
	p.wait("the error", `document.querySelector("dialog.error[open]").textContent.includes("could not be fetched")`)
	p.shot("engine-missing")
	eval[bool](p, "(gone = false, true)")
	p.escape()
	p.click(`.bar [data-do="open"]`)
	p.click(`dialog [data-do="model=char-lstm"]`)
	p.ready()
}
