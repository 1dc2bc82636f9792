package service

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

var printSmolLM2 sync.Once

// BenchmarkSmolLM2 opens a real model of 135 M parameters and asks it what the page asks: how long from its bytes to the first
// token, how fast it reads and goes on, and how much memory it takes. `make models` fetches the model.
func BenchmarkSmolLM2(b *testing.B) {
	path := filepath.Join(enginetest.Root(), "web", "models-large", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
	if _, err := os.Stat(path); err != nil {
		b.Skip("the model is not here")
	}
	if runtime.GOOS != "js" {
		b.Skip("the portable kernels are a reference, and take minutes")
	}
	printSmolLM2.Do(func() { smolLM2Rates(newSession(b), path) })
}

func smolLM2Rates(x *session, path string) {
	debug.SetGCPercent(32) // as wasm/worker has it for a model of this size
	file, before := x.file("smollm2.gguf", enginetest.ReadFile(x.t, path)), memory()
	greedy := protocol.Sampling{T: 0, P: 1}
	start := time.Now()
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{file}})
	opened := time.Since(start)
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "The"})
	ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: 1, Sampling: greedy})
	fmt.Printf("\nSmolLM2-135M-Instruct, Q4_1\n  bytes to open    %8.0f ms, to the first token %.0f ms    target <= 600\n", ms(opened), ms(time.Since(start)))
	fmt.Printf("  memory           %8.2f x the file                     target <= 1.3\n", (memory()-before)/float64(file.Size))
	ids := make([]int, 513)
	for i := range ids {
		ids[i] = i * 397 % 49152
	}
	n := 0
	run := func(tokens int) float64 { // another text each time
		n++
		ids[0] = n
		start := time.Now()
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: ids[:tokens]})
		return ms(time.Since(start))
	}
	for _, tokens := range []int{100, 128, 512} {
		best := min(run(tokens), run(tokens))
		fmt.Printf("  run of %3d       %8.0f ms = %6.1f tokens/s\n", tokens, best, float64(tokens)*1000/best)
	}
	run(64)
	for _, fast := range []bool{false, true} {
		best := 1e9
		for range 3 {
			start := time.Now()
			r := ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: 33, Sampling: greedy, Fast: fast})
			best = min(best, ms(time.Since(start))/float64(r.N-1)) // the first costs no pass
		}
		fmt.Printf("  generate, %s  %8.1f ms = %6.1f tokens/s\n", map[bool]string{false: "exact", true: "fast "}[fast], best, 1000/best)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// memory is what the program took from the system, in bytes.
func memory() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys)
}
