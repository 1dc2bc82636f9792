package layout

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// imports is what each package may import of this module and of others, a row a package; a row that ends in /* is for
// every folder below it. Data goes one way: a parent imports its children, a child never its parent or a sibling.
var imports = map[string][]string{
	"engine/fault":              {},
	"engine/tensor":             {},
	"engine/activation":         {},
	"engine/nn":                 {"engine/fault", "engine/tensor", "engine/activation"},
	"engine/model/*":            {"engine/fault", "engine/tensor", "engine/activation", "engine/nn"},
	"engine/model":              {"engine/fault", "engine/tensor", "engine/activation", "engine/nn", "engine/model/*"},
	"engine/checkpoint/format":  {"engine/fault", "engine/tensor"},
	"engine/checkpoint/keras":   {"engine/fault", "engine/tensor", "engine/checkpoint/format", "engine/checkpoint/hdf5"},
	"engine/checkpoint/lstmvis": {"engine/fault", "engine/tensor", "engine/checkpoint/format", "engine/checkpoint/hdf5"},
	"engine/checkpoint/*":       {"engine/fault", "engine/tensor", "engine/checkpoint/format"},
	"engine/checkpoint":         {"engine/fault", "engine/tensor", "engine/checkpoint/*"},
	"engine/tokenizer/text":     {},
	"engine/tokenizer/*":        {"engine/tokenizer/text", "golang.org/x/text/unicode/norm"},
	"engine/tokenizer":          {"engine/fault", "engine/tokenizer/*"},
	"engine/sample":             {},
	"engine/analysis":           {"engine/fault", "engine/tensor"},
	"engine/projection/near":    {"engine/tensor"},
	"engine/projection/tsne":    {},
	"engine/projection/exact":   {"gonum.org/v1/gonum/*", "github.com/danaugrs/go-tsne/tsne"},
	"engine/projection/quality": {"engine/projection/near", "gonum.org/v1/gonum/*"},
	"engine/projection":         {"engine/tensor", "gonum.org/v1/gonum/*"},
	"engine/match":              {"engine/tensor"},
	"engine/charset":            {"engine/fault", "golang.org/x/text/*"},
	"engine/annotation/brill":   {},
	"engine/annotation":         {"engine/fault", "engine/charset", "engine/annotation/brill"},
	"engine/corpus":             {"engine/fault", "engine/charset", "engine/annotation"},
	"engine/beam":               {"engine/analysis"},
	"engine/metric":             {},
	"engine/desk":               {"engine/fault", "engine/protocol"},
	"engine/atlas":              {"engine/desk", "engine/fault", "engine/projection", "engine/projection/*", "engine/protocol"},
	"engine/protocol":           {},
	"engine/service":            {"engine/desk", "engine/fault", "engine/tensor", "engine/activation", "engine/nn", "engine/model", "engine/checkpoint", "engine/tokenizer", "engine/sample", "engine/analysis", "engine/beam", "engine/projection", "engine/protocol", "engine/match", "engine/metric", "engine/annotation", "engine/corpus"},
	"engine/cmd/loupe":          {"engine/atlas", "engine/match", "engine/fault", "engine/activation", "engine/checkpoint", "engine/tokenizer", "engine/protocol", "engine/service"},
	"app/svg":                   {},
	"app/lang":                  {},
	"app/state":                 {"engine/protocol"},
	"app/plot":                  {"app/svg"},
	"app/figure":                {"app/lang", "app/plot", "app/state", "engine/protocol"},
	"app/client":                {"engine/protocol"},
	"app/view/states/axis":      {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol"},
	"app/view/states/*":         {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol", "app/view/states/axis"},
	"app/view/translate/scene":  {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol"},
	"app/view/translate/*":      {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol", "app/view/translate/scene"},
	"app/view/translate":        {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol", "app/view/translate/*"},
	"app/view/states":           {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol", "app/view/states/*"},
	"app/view/*":                {"app/lang", "app/svg", "app/plot", "app/state", "app/figure", "engine/protocol"},
	"app/view":                  {"app/figure", "app/view/*", "engine/protocol"},
	"app/scatter":               {"app/figure", "app/plot", "app/svg", "engine/protocol"},
	"app/atlas":                 {"app/client", "app/figure", "engine/protocol"},
	"app/beside":                {"app/client", "app/figure", "engine/protocol"},
	"app/corpus":                {"app/client", "app/figure", "engine/protocol"},
	"app/shell":                 {"app/atlas", "app/beside", "app/client", "app/corpus", "app/figure", "app/lang", "app/plot", "app/scatter", "app/state", "app/svg", "app/view", "engine/protocol", goApp},
	"wasm/browser":              {"app/client", "engine/protocol"},
	"wasm/page":                 {"app/client", "app/shell", "wasm/browser", "engine/protocol", goApp},
	"wasm/mapper":               {"engine/atlas", "engine/protocol", "wasm/browser"},
	"wasm/worker":               {"engine/charset", "engine/protocol", "engine/service", "engine/tensor", "wasm/browser"},
	"wasm/kernel":               {},
	"web/site":                  {"app/figure", "engine/protocol", "engine/service"},
}

const goApp = "github.com/maxence-charriere/go-app/v10/pkg/app"

// root is the module's folder.
const root = "../.."

// toolsOnly are packages of tests and tools, which are not linked into what is served.
var toolsOnly = []string{"web/layout", "web/e2e", "web/wasmtest", "engine/enginetest", "engine/checkpoint/formattest", "app/view/viewtest"}

// TestImports holds the import rules for native and browser builds, and that only wasm/browser touches syscall/js.
func TestImports(t *testing.T) {
	for _, env := range [][]string{nil, {"GOOS=js", "GOARCH=wasm"}} {
		cmd := exec.Command("go", "list", "-e", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...")
		cmd.Dir = root
		cmd.Env = append(cmd.Environ(), env...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			f := strings.Fields(line)
			pkg := strings.TrimPrefix(f[0], "loupe/")
			if slices.ContainsFunc(toolsOnly, func(p string) bool { return pkg == p || strings.HasPrefix(pkg, p+"/") }) {
				continue
			}
			allowed, ok := rule(pkg)
			if !ok {
				t.Errorf("package %s has no row in the table of imports", pkg)
			}
			for _, imp := range f[1:] {
				if why := forbidden(pkg, imp, allowed); why != "" {
					t.Errorf("%v %s imports %s: %s", env, pkg, imp, why)
				}
			}
		}
	}
}

// rule is the row of a package: its own, or that of the folders beside it.
func rule(pkg string) ([]string, bool) {
	if r, ok := imports[pkg]; ok {
		return r, true
	}
	for dir := pkg; strings.Contains(dir, "/"); {
		dir = dir[:strings.LastIndexByte(dir, '/')]
		if r, ok := imports[dir+"/*"]; ok {
			return r, true
		}
	}
	return nil, false
}

func forbidden(pkg, imp string, allowed []string) string {
	own := strings.HasPrefix(imp, "loupe/")
	imp = strings.TrimPrefix(imp, "loupe/")
	switch {
	case imp == "syscall/js" && pkg != "wasm/browser":
		return "only wasm/browser touches syscall/js"
	case !own && !strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
		return "" // the standard library
	}
	for _, a := range allowed {
		if dir, all := strings.CutSuffix(a, "*"); imp == a || all && strings.HasPrefix(imp, dir) {
			return ""
		}
	}
	return "not in its row"
}

// TestServersStayOut holds that no server code reaches what is served: it would double the page's size.
func TestServersStayOut(t *testing.T) {
	for _, pkg := range []string{"./wasm/page", "./wasm/worker", "./wasm/mapper"} {
		cmd := exec.Command("go", "list", "-deps", pkg)
		cmd.Dir = root
		cmd.Env = append(cmd.Environ(), "GOOS=js", "GOARCH=wasm")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v", pkg, err)
		}
		deps := strings.Fields(string(out))
		worker := pkg != "./wasm/page"
		for _, d := range deps {
			if worker && (d == "net/http" || strings.Contains(d, "go-app")) || !worker && strings.HasPrefix(d, "loupe/engine/") && d != "loupe/engine/protocol" {
				t.Errorf("%s links %s", pkg, d)
			}
		}
	}
}
