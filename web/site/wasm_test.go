package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What a program of Go's holds in memory is the same when its segments are joined, and all else of it is as it was.
func TestJoinData(t *testing.T) {
	out := filepath.Join(t.TempDir(), "mapper.wasm")
	cmd := exec.Command("go", "build", "-o", out, "loupe/wasm/mapper")
	cmd.Env = append(cmd.Environ(), "GOOS=js", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	after, err := joinData(before)
	if err != nil {
		t.Fatal(err)
	}
	rest, data := parts(t, before)
	restAfter, dataAfter := parts(t, after)
	if !bytes.Equal(rest, restAfter) {
		t.Error("other sections differ")
	}
	if !bytes.Equal(memory(data), memory(dataAfter)) {
		t.Error("memory differs")
	}
	t.Logf("%d segments, %d when joined", len(data), len(dataAfter))
	if len(dataAfter) > len(data)/100 {
		t.Error("hardly any segment was joined")
	}
}

// parts are all sections but that of data, and its segments.
func parts(t *testing.T, module []byte) (rest []byte, data []segment) {
	for r := (reader{left: module[8:]}); len(r.left) > 0; {
		id, body := r.byte(), r.take(r.number())
		if id != dataSection {
			rest = append(append(rest, id), body...)
			continue
		}
		var err error
		if data, err = segmentsOf(body); err != nil {
			t.Fatal(err)
		}
	}
	return rest, data
}

func memory(data []segment) []byte {
	var m []byte
	for _, s := range data {
		if more := int(s.at) + len(s.data) - len(m); more > 0 {
			m = append(m, make([]byte, more)...)
		}
		copy(m[s.at:], s.data)
	}
	return m
}

func TestJoin(t *testing.T) {
	got := join([]segment{{100, []byte{1, 2}}, {102, []byte{3}}, {105, []byte{4}}, {105 + 1 + gap, []byte{5}}, {1 << 20, []byte{6}}, {64, []byte{7}}})
	first := append([]byte{1, 2, 3, 0, 0, 4}, append(make([]byte, gap), 5)...)
	want := []segment{{100, first}, {1 << 20, []byte{6}}, {64, []byte{7}}}
	if len(got) != len(want) {
		t.Fatalf("%d segments, want %d", len(got), len(want))
	}
	for i, s := range want {
		if got[i].at != s.at || !bytes.Equal(got[i].data, s.data) {
			t.Errorf("%d: at %d: %v, want at %d: %v", i, got[i].at, got[i].data, s.at, s.data)
		}
	}
	back, err := segmentsOf(sectionOf(want)) // places of one to four bytes
	if err != nil || len(back) != len(want) || back[0].at != 100 || back[1].at != 1<<20 || back[2].at != 64 || !bytes.Equal(back[0].data, first) {
		t.Error(back, err)
	}
}

// A module that is cut off, or is none, is an error.
func TestJoinDataCut(t *testing.T) {
	module := append([]byte("\x00asm\x01\x00\x00\x00"), dataSection)
	section := sectionOf([]segment{{4096, []byte("abc")}, {1 << 30, []byte("def")}})
	module = append(binary.AppendUvarint(module, uint64(len(section))), section...)
	if _, err := joinData(module); err != nil {
		t.Fatal(err)
	}
	for n := range len(module) {
		if n == 8 {
			continue // a module without sections
		}
		if _, err := joinData(module[:n]); err == nil {
			t.Errorf("%d bytes of %d: no error", n, len(module))
		}
	}
}
