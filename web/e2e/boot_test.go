package e2e

import "testing"

// The first paint does not wait for a program, and says what is wrong if there is none.
func TestNoWebAssembly(t *testing.T) {
	p := newTab(t)
	p.before("delete globalThis.WebAssembly")
	p.visit(home.url)
	p.wait("the reason", `document.querySelector("[role=alert]").textContent.includes("WebAssembly")`)
}
