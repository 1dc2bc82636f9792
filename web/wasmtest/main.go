// Wasmtest runs a js/wasm program in a worker of a real Chromium, with the SIMD kernels attached as the page attaches
// them: Node's stack is larger than a worker's and hides overflows. Use it as the exec program of go test:
//
//	go build -o /tmp/wasmtest ./web/wasmtest
//	GOOS=js GOARCH=wasm go test -exec=/tmp/wasmtest ./engine/...
//
// The program's arguments, some environment, its files (see fs.go), output and exit code pass through.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

//go:embed worker.js
var workerJS string

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: wasmtest PROGRAM.wasm [argument]...")
		os.Exit(2)
	}
	code, err := run(os.Args[1], os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "wasmtest:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// run serves the program to a Chromium and returns its exit code.
func run(program string, args []string) (int, error) {
	browser, err := findBrowser()
	if err != nil {
		return 0, err
	}
	goroot, root, err := goFolders()
	if err != nil {
		return 0, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	exit := make(chan int, 1)
	mux := http.NewServeMux()
	for name, file := range map[string]string{
		"/program.wasm": program,
		"/wasm_exec.js": filepath.Join(goroot, "lib/wasm/wasm_exec.js"),
		"/kernel.js":    filepath.Join(root, "web/kernel.js"),
		"/kernel.wasm":  filepath.Join(root, "wasm/kernel/kernel.wasm"),
		"/relaxed.wasm": filepath.Join(root, "wasm/kernel/relaxed.wasm"),
	} {
		mux.HandleFunc(name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	}
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<!doctype html><link rel="icon" href="data:,"><script>new Worker("worker.js")</script>`)
	})
	mux.HandleFunc("/worker.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		start, _ := json.Marshal(map[string]any{"args": args, "env": environment(), "constants": openFlags})
		fmt.Fprintf(w, "const start = %s;\n%s", start, workerJS)
	})
	mux.Handle("/fs", newFiles(exit))
	// A page of elsewhere cannot send this Host, so it cannot reach the files.
	go http.Serve(listener, onlyHost(listener.Addr().String(), mux))

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-gpu", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	if err := chromedp.Run(ctx, chromedp.Navigate("http://"+listener.Addr().String()+"/")); err != nil {
		return 0, err
	}
	select {
	case code := <-exit:
		return code, nil
	case <-ctx.Done():
		return 0, errors.New("the browser ended before the program")
	}
}

// findBrowser is the path of a Chromium, or an error that says how to get one.
func findBrowser() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium found: install it (Debian: apt-get install chromium)")
}

// goFolders is where Go and this module are. go test starts the program in the tested package's folder.
func goFolders() (goroot, root string, err error) {
	out, err := exec.Command("go", "env", "GOROOT", "GOMOD").Output()
	if err != nil {
		return "", "", fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2 {
		return "", "", fmt.Errorf("go env: %q, expected two lines", out)
	}
	return lines[0], filepath.Dir(lines[1]), nil
}

// environment is what the program sees: Go allows 8 KB of it.
func environment() map[string]string {
	env := map[string]string{"TMPDIR": os.TempDir()}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if name == "UPDATE_GOLDEN" || name == "GODEBUG" || name == "GOGC" || strings.HasPrefix(name, "LOUPE_") {
			env[name] = value
		}
	}
	return env
}

// onlyHost refuses what pages of elsewhere ask.
func onlyHost(host string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host {
			http.Error(w, "wrong host", http.StatusForbidden)
			return
		}
		// With these a page's clock ticks every 5 us instead of every 100, for benchmarks.
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		next.ServeHTTP(w, r)
	})
}
