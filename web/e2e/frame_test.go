package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestFrames opens the page in frames of another site: plain, sandboxed as notebooks do it, and with scripts alone.
func TestFrames(t *testing.T) {
	for name, attributes := range map[string]string{
		"plain":        ``,
		"notebook":     `sandbox="allow-scripts allow-same-origin allow-downloads allow-popups allow-forms"`,
		"scripts only": `sandbox="allow-scripts"`,
	} {
		t.Run(name, func(t *testing.T) {
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><iframe src="%s" width="1200" height="800" %s></iframe>`, home.url, attributes)
			}))
			defer host.Close()
			p := newTab(t)
			p.visit(host.URL)
			p.frame()
			p.ready()
			p.shot("frame-" + name)
		})
	}
}
