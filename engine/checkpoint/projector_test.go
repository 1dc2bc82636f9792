package checkpoint

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// TestProjector opens what the Embedding Projector reads: a config, raw numbers, and labels.
func TestProjector(t *testing.T) {
	var raw []byte
	for i := range 6 {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(i)/4))
	}
	const config = `{"embeddings": [{"tensorName": "Mine", "tensorShape": [3, 2], "tensorPath": "data/mine.bytes", "metadataPath": "data/labels.tsv"}]}`
	open := func(config string, raw []byte) (*Checkpoint, error) {
		return Open([]File{bytesFile("p/x_projector_config.json", []byte(config)), bytesFile("p/data/mine.bytes", raw), bytesFile("p/data/labels.tsv", []byte("a\nb\nc\n"))}, "", nil)
	}
	c, err := open(config, raw)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Matrix(c.Names()[0], 3, 2)
	if err != nil || m.F32[5] != 1.25 || string(c.Files["metadata.tsv"]) != "a\nb\nc\n" || c.Name != "p/data/mine.bytes" {
		t.Errorf("%v, %v, %q, %s", m, err, c.Files, c.Name)
	}
	for name, bad := range map[string]string{"three numbers a row": strings.Replace(config, "[3, 2]", "[3, 3]", 1), "one dimension": strings.Replace(config, "[3, 2]", "[6]", 1),
		"2^62 rows": strings.Replace(config, "[3, 2]", "[4611686018427387904, 2]", 1)} {
		if _, err := open(bad, raw); code(err) != fault.BadShape {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := open("{", raw); code(err) != fault.BadConfig {
		t.Errorf("no JSON: %v", err)
	}
	if _, err := open(config, raw[:20]); code(err) != fault.BadShape {
		t.Errorf("cut: %v", err)
	}
}

// TestTied holds that tied tensors are read once, and share their memory.
func TestTied(t *testing.T) {
	var last, total int64
	c, err := Open([]File{readFile(t, "pytorch/module.pt")}, "", func(_ string, done, all int64) error {
		last, total = done, all
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Matrix("encoder.weight", 7, 4)
	if err != nil {
		t.Fatal(err)
	}
	read := last
	b, err := c.Matrix("decoder.weight", 7, 4)
	if err != nil || a != b || last != 2*read || last >= total {
		t.Errorf("%p, %p, %v, read %d and %d of %d bytes", a, b, err, read, last, total)
	}
	if other, _ := c.Matrix("rnn.weight_ih_l0", 16, 4); other == nil || other == a {
		t.Error("another tensor is the same matrix")
	}
}
