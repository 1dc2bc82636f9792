package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// buildPrograms compiles the programs, and takes what runs them: the toolchain's wasm_exec.js and the kernel.
func (s *site) buildPrograms() error {
	if err := patchGoApp(); err != nil {
		return err
	}
	const checkpoint = "loupe/engine/checkpoint/"
	flags := map[string][]string{"page": append(notInlined("loupe/app/...", goApp+"/pkg/app"), "-gcflags=loupe/app/svg=", "-gcflags=loupe/app/plot=", "-gcflags=loupe/app/scatter=", "-modfile="+modFile),
		"worker": notInlined("loupe/engine/service", "loupe/engine/corpus", "loupe/engine/annotation", "loupe/engine/model/...", checkpoint+"hdf5", checkpoint+"keras",
			checkpoint+"lstmvis", checkpoint+"npy", checkpoint+"pytorch", checkpoint+"safetensors", "archive/zip", "gonum.org/v1/gonum/..."),
		"mapper": notInlined()}
	for name, more := range flags {
		path := name + ".wasm"
		args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(s.out, path)}, more...)
		cmd := exec.Command("go", append(args, "./wasm/"+name)...)
		cmd.Env = append(cmd.Environ(), "GOOS=js", "GOARCH=wasm")
		if msg, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, msg)
		}
		b, err := os.ReadFile(filepath.Join(s.out, path))
		if err != nil {
			return err
		}
		if b, err = joinData(b); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := s.write(path, b); err != nil {
			return err
		}
		if s.programs[path], err = s.gzip(path); err != nil {
			return err
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	if err := s.copy("wasm_exec.js", filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")); err != nil {
		return err
	}
	for _, name := range []string{"kernel.wasm", "relaxed.wasm"} {
		if err := s.copy(name, "wasm/kernel/"+name); err != nil {
			return err
		}
	}
	return nil
}

// notInlined are the flags to compile packages, and what all programs have of the standard library that no hot loop calls, without calls
// inlined: that would be a megabyte of the shell, a third of one of the views, and a tenth of the worker. Hot loops are in scatter, plot
// and svg, and in the engine's tensor, nn, match, tokenizer and checkpoint; those formats' readers that are named here only find where
// tensors lie, or have loops without calls.
func notInlined(packages ...string) (flags []string) {
	for _, p := range append(packages, "loupe/engine/protocol", "encoding/json", "fmt", "reflect", "time", "net/url") {
		flags = append(flags, "-gcflags="+p+"=-l")
	}
	return flags
}
