package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// The page's program is built with a copy of go-app without its HTTP server, its cryptography, its patterns, the names of characters and
// a type for each element, which no page of ours uses: a quarter less to download. Everything else, tests too, uses go-app as it is. The
// copy is made from the module that go.sum pins; a patch that does not fit any more is an error.
const (
	goApp   = "github.com/maxence-charriere/go-app/v10"
	ownCopy = ".tools/go-app"   // relative to the module, for the same bytes anywhere
	modFile = ".tools/page.mod" // go.mod with the copy in place of the module
)

// patches are by file of go-app's package app: old text and new, in pairs.
var patches = map[string][]string{
	"resource.go": {
		"\t\"net/http\"\n", "",
		"\t\tHandler:   http.FileServer(http.Dir(directory)),\n", "",
		"\thttp.Handler\n", "",
	},
	// Loupe has one route, which every path fits.
	"route.go": {
		"\t\"regexp\"\n", "",
		"\t\tregexp:       regexp.MustCompile(pattern),\n", "",
		"for _, rwr := range r.routesWithRegexp {\n\t\tif rwr.regexp.MatchString(path) {\n\t\t\treturn true", "for range r.routesWithRegexp {\n\t\tif true {\n\t\t\treturn true",
		"rwr.regexp.MatchString(path)", "true",
		"\tregexp       *regexp.Regexp\n", "",
	},
	// Elements have one type: see oneElement.
	"engine.go": {
		"document.(HTML).body()", "document.body()",
		"child, isBody := child.(HTMLBody); isBody", "child, isHTML := child.(HTML); isHTML && child.Tag() == \"body\"",
	},
	"node.go": {
		"case *htmlElem, *htmlElemSelfClosing:", "case *htmlElem:",
		// Package html links the names of all characters, though only five are ever escaped.
		"\t\"html\"\n", "\t\"strings\"\n",
		"html.EscapeString(v.value)", "strings.NewReplacer(`&`, \"&amp;\", `'`, \"&#39;\", `<`, \"&lt;\", `>`, \"&gt;\", `\"`, \"&#34;\").Replace(v.value)",
	},
	"context.go": {"\t\"github.com/google/uuid\"\n", "\t\"math/rand/v2\"\n", "uuid.NewString()", "strconv.FormatUint(rand.Uint64(), 36)",
		"import (\n", "import (\n\t\"strconv\"\n"},
	"state.go": {"\t\"github.com/google/uuid\"\n", "\t\"math/rand/v2\"\n", "uuid.NewString()", "strconv.FormatUint(rand.Uint64(), 36)",
		"import (\n", "import (\n\t\"strconv\"\n"},
}

// instead are files that are replaced whole, but for what follows keep.
var instead = map[string]struct{ text, keep string }{
	"http.go": {"package app\n\nimport \"strings\"\n\ntype Handler struct{}\n\n", "func isRemoteLocation("},
	"crypto.go": {text: "package app\n\nimport \"errors\"\n\nvar errLeftOut = errors.New(\"left out\")\n\n" +
		"func encrypt(string, []byte) ([]byte, error) { return nil, errLeftOut }\n\n" +
		"func decrypt(string, []byte) ([]byte, error) { return nil, errLeftOut }\n"},
}

// patchGoApp makes the copy and the go.mod that uses it.
func patchGoApp() error {
	out, err := exec.Command("go", "mod", "download", "-json", goApp).Output()
	if err != nil {
		return fmt.Errorf("go mod download %s: %w", goApp, err)
	}
	_, rest, ok := strings.Cut(string(out), `"Dir": "`)
	dir, _, ok2 := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		return fmt.Errorf("go mod download %s: no folder in %s", goApp, out)
	}
	for _, part := range []string{"go.mod", "pkg/app/*.go", "pkg/errors/*.go"} {
		files, err := filepath.Glob(filepath.Join(dir, part))
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := patchFile(dir, file); err != nil {
				return err
			}
		}
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return err
	}
	mod = fmt.Appendf(mod, "\nreplace %s => ./%s\n", goApp, ownCopy)
	return errors.Join(keep(modFile, mod), keep(strings.TrimSuffix(modFile, ".mod")+".sum", sum))
}

// patchFile copies one file of go-app.
func patchFile(dir, file string) error {
	name := filepath.Base(file)
	if strings.HasSuffix(name, "_test.go") {
		return nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return err
	}
	if filepath.Base(filepath.Dir(file)) == "app" {
		if b, err = patch(name, b); err != nil {
			return err
		}
	}
	if name == "html_gen.go" {
		if b, err = oneElement(b); err != nil {
			return err
		}
	}
	return keep(filepath.Join(ownCopy, rel), b)
}

func patch(name string, b []byte) ([]byte, error) {
	for pairs := patches[name]; len(pairs) > 0; pairs = pairs[2:] {
		if !bytes.Contains(b, []byte(pairs[0])) {
			return nil, fmt.Errorf("go-app: %s: no %q to patch", name, pairs[0])
		}
		b = bytes.Replace(b, []byte(pairs[0]), []byte(pairs[1]), 1)
	}
	if r, ok := instead[name]; ok {
		at := len(b)
		if r.keep != "" {
			if at = bytes.Index(b, []byte(r.keep)); at < 0 {
				return nil, fmt.Errorf("go-app: %s: no %q to keep", name, r.keep)
			}
		}
		b = append([]byte(r.text), b[at:]...)
	}
	return b, nil
}

var (
	declaration = regexp.MustCompile(`(?m)^(func|type) (\(e \*)?(?i:html)?(\w+)(?s:.*?)^}\n`)
	method      = regexp.MustCompile(`^func \(e \*html\w+\) (\w+)`)
	anyType     = regexp.MustCompile(`\b(html|HTML)(\w+)\b`)
)

// oneElement gives go-app's elements with one type for all, to which their interfaces become other names: a type an element, with its hundred
// methods, was a tenth of the program. What a method does is the same for all elements but one, which keeps its own.
func oneElement(source []byte) ([]byte, error) {
	const apart = "Textarea" // its text is its value
	methods := map[string]string{}
	var wrong error
	source = declaration.ReplaceAllFunc(source, func(b []byte) []byte {
		parts := declaration.FindSubmatch(b)
		element := string(parts[3])
		if element == apart {
			return b
		}
		if parts[0][0] == 't' { // type HTMLDiv interface, or type htmlDiv struct
			if bytes.HasPrefix(b, []byte("type HTML")) {
				return fmt.Appendf(nil, "type HTML%s = *htmlElem\n", element)
			}
			if element == "Elem" {
				return b
			}
			return nil
		}
		text := anyType.ReplaceAllStringFunc(string(b), func(t string) string {
			if strings.EqualFold(t, "html"+element) {
				return t[:4] + "Elem"
			}
			return t
		})
		m := method.FindStringSubmatch(text)
		if m == nil {
			return []byte(text) // what makes one
		}
		switch first, ok := methods[m[1]]; {
		case !ok:
			methods[m[1]] = text
			return []byte(text)
		case first != text:
			wrong = fmt.Errorf("go-app: html_gen.go: %s of %s is not that of other elements", m[1], element)
		}
		return nil
	})
	return source, wrong
}

// keep writes a file, unless it is there already.
func keep(file string, b []byte) error {
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, b) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}
