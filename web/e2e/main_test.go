// Package e2e walks through the built page in a real Chromium, served below a sub-path as it may be anywhere. A step waits
// for what it expects, never for a time. A test fails on an error in the console and on a request to another origin.
package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// below is the path that the site is served at.
const below = "/any/where/"

// shots is where pictures of the page are put, to be looked at.
const shots = "../../dist/shots"

var (
	folder  string          // of the site
	tool    string          // web/site, built
	browser context.Context // the one Chromium
	traffic = &proxy{asked: map[string]bool{}, plays: map[string]string{}}
	home    *server
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "loupe-e2e-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	folder, tool = filepath.Join(dir, "site"), filepath.Join(dir, "tool")
	if err := os.MkdirAll(shots, 0o755); err != nil {
		return 0, err
	}
	if out, err := exec.Command("go", "build", "-o", tool, "../site").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	if home, err = serve(); err != nil {
		return 0, err
	}
	defer home.stop()
	stop, err := startBrowser(dir)
	if err != nil {
		return 0, err
	}
	defer stop()
	return m.Run(), nil
}

// server is one `site serve`.
type server struct {
	url string // of the page
	cmd *exec.Cmd
}

// serve builds the site, if it is not built, and serves it.
func serve() (*server, error) {
	cmd := exec.Command(tool, "serve", "-o", folder, "-port", "0", "-at", below)
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cmd.Wait()
		return nil, fmt.Errorf("site serve: %w", err)
	}
	_, url, _ := strings.Cut(strings.TrimSpace(line), " at ")
	go io.Copy(io.Discard, out)
	return &server{url, cmd}, nil
}

func (s *server) stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

func startBrowser(dir string) (stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go http.Serve(l, traffic)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.ProxyServer("http://"+l.Addr().String()), chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-features", "OptimizationHints,Translate,MediaRouter,site-per-process,IsolateOrigins,IsolateSandboxedIframes"),
		chromedp.IgnoreCertErrors, chromedp.WSURLReadTimeout(time.Minute))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	var cancel context.CancelFunc
	browser, cancel = chromedp.NewContext(allocator)
	return func() { cancel(); end() }, chromedp.Run(browser)
}

// chromium is the browser's name; if there is none, the first start says so.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "chromium"
}

// proxy is the browser's only way out: it notes whom the page, its workers and its service worker ask.
type proxy struct {
	mu    sync.Mutex
	asked map[string]bool   // hosts
	slow  string            // the host that answers for /slow/ of any, or ""
	plays map[string]string // sites that a test plays: whom a connection to them goes to. They are not noted.
}

// stand has a server answer for what lies in a folder slow of any site.
func (p *proxy) stand(s *httptest.Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = ""
	if s != nil {
		p.slow = s.Listener.Addr().String()
	}
}

// play has a server of TLS answer for a site.
func (p *proxy) play(site string, s *httptest.Server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s == nil {
		delete(p.plays, site)
		return
	}
	p.plays[site] = s.Listener.Addr().String()
}

// tunnel joins the browser to the server that plays a site.
func tunnel(w http.ResponseWriter, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		io.Copy(server, c)
		server.Close()
	}()
	io.Copy(c, server)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	to := p.plays[r.Host]
	if to == "" {
		p.asked[r.Host] = true
	}
	slow := p.slow
	p.mu.Unlock()
	if to != "" && r.Method == http.MethodConnect {
		tunnel(w, to)
		return
	}
	if !strings.HasPrefix(r.Host, "127.0.0.1:") || r.Method == http.MethodConnect {
		http.Error(w, "not here", http.StatusForbidden)
		return
	}
	(&httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			if slow != "" && strings.Contains(r.Out.URL.Path, "/slow/") {
				r.Out.URL.Host = slow
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { // a server that is gone looks gone
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				c.Close()
			}
		},
	}).ServeHTTP(w, r)
}

// hosts are those asked so far.
func (p *proxy) hosts() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]bool{}
	for h := range p.asked {
		all[h] = true
	}
	return all
}
