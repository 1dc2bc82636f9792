package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program does what its first argument says.
const program = `package main

import (
	"fmt"
	"os"
)

func deep(n int, a [10]int) int {
	if n == 0 {
		return a[3]
	}
	a[n%10] = n
	return deep(n-1, a) + a[2]
}

func main() {
	switch os.Args[1] {
	case "file":
		b, err := os.ReadFile(os.Args[2])
		fmt.Println(string(b), err, os.Getenv("LOUPE_TEST"))
		_, err = os.Stat("nowhere")
		fmt.Println(os.IsNotExist(err))
		os.Exit(3)
	case "panic":
		panic("on purpose")
	case "overflow":
		fmt.Println(deep(100_000_000, [10]int{}))
	}
}
`

// TestPassesThrough holds that a failing program fails: its exit code, its output, its panic, an overflow of its stack.
func TestPassesThrough(t *testing.T) {
	dir := t.TempDir()
	tool, wasm, source := filepath.Join(dir, "wasmtest"), filepath.Join(dir, "p.wasm"), filepath.Join(dir, "p.go")
	if err := os.WriteFile(source, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	build(t, nil, "-o", tool, ".")
	build(t, []string{"GOOS=js", "GOARCH=wasm"}, "-o", wasm, source)
	for _, c := range []struct {
		args   string
		code   int
		output string
	}{
		{"nothing", 0, ""},
		{"file go.mod", 3, "module loupe"},
		{"file go.mod", 3, "<nil> passed\ntrue\n"},
		{"panic", 2, "panic: on purpose"},
		{"overflow", 2, "Maximum call stack size exceeded"},
	} {
		cmd := exec.Command(tool, append([]string{wasm}, strings.Fields(c.args)...)...)
		cmd.Dir, cmd.Env = "../..", append(os.Environ(), "LOUPE_TEST=passed")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(out.String(), c.output) {
			t.Errorf("%s: code %d, expected %d; output %.300q, expected %q in it", c.args, code, c.code, out.String(), c.output)
		}
	}
}

func build(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}
