package gguf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loupe/engine/checkpoint/format"
	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
)

const folder = "../../../testdata/gguf"

// file is a GGUF file as it is written, with any field forged.
type file struct{ b []byte }

func (f *file) u32(v uint32) *file { f.b = binary.LittleEndian.AppendUint32(f.b, v); return f }
func (f *file) u64(v uint64) *file { f.b = binary.LittleEndian.AppendUint64(f.b, v); return f }
func (f *file) str(s string) *file { f.u64(uint64(len(s))); f.b = append(f.b, s...); return f }
func (f *file) raw(b ...byte) *file {
	f.b = append(f.b, b...)
	return f
}
func (f *file) pad(n int) *file { f.b = append(f.b, make([]byte, (n-len(f.b)%n)%n)...); return f }

// begin is a header up to the keys.
func begin(tensors, keys uint64) *file {
	f := &file{b: []byte(magic)}
	return f.u32(3).u64(tensors).u64(keys)
}

func (f *file) key(name string, kind uint32) *file { return f.str(name).u32(kind) }

func (f *file) info(name string, kind uint32, at uint64, dims ...uint64) *file {
	f.str(name).u32(uint32(len(dims)))
	for _, d := range dims {
		f.u64(d)
	}
	return f.u32(kind).u64(at)
}

func (f *file) data(n int) *file { return f.pad(32).raw(make([]byte, n)...) }

func open(b []byte) (*format.File, error) {
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err == nil {
		err = f.Finish(f)
	}
	return f, err
}

func code(err error) fault.Code {
	var e *fault.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Code
}

// good has one tensor of two rows in each of two types, and keys of all kinds.
func good() *file {
	f := begin(2, 6)
	f.key("general.architecture", typeString).str("none")
	f.key("general.alignment", typeU32).u32(64)
	f.key("tokenizer.ggml.tokens", typeArray).u32(typeString).u64(2).str("a").str("b")
	f.key("tokenizer.ggml.scores", typeArray).u32(typeF32).u64(2).u32(0).u32(0x3f800000)
	f.key("nested", typeArray).u32(typeArray).u64(2).u32(typeU8).u64(3).raw(1, 2, 3).u32(typeString).u64(1).str("x")
	f.key("flag", typeBool).raw(1)
	f.info("a", 0, 0, 3, 2).info("b", 8, 64, 32, 2)
	return f.pad(64).raw(make([]byte, 64+68)...)
}

func TestGood(t *testing.T) {
	f, err := open(good().b)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(f.Tensors[0].Info, f.Tensors[0].Bytes, f.Tensors[1].Info, f.Tensors[1].Bytes, f.Tensors[1].Size, f.Metadata, string(f.Config))
	want := "a F32 [2 3] 24 b Q8_0 [2 32] 68 34 map[flag:true general.alignment:64 general.architecture:none " +
		`tokenizer.ggml.scores:[0 1] tokenizer.ggml.tokens:[a b]]{"model_type":"none"}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for name, b := range map[string][]byte{
		"nothing": begin(0, 0).b, "version 2": append([]byte("GGUF\x02\x00\x00\x00"), begin(0, 0).b[8:]...),
		"no bytes": begin(1, 0).info("a", 0, 0, 0, 7).data(0).b, "a number": begin(1, 0).info("a", 0, 0).data(4).b, "more after it": append(good().b, 1, 2, 3),
	} {
		if _, err := open(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBad(t *testing.T) {
	with := func(key string, kind uint32) *file { return begin(0, 1).key(key, kind) }
	llama := func(keys uint64) *file { return begin(1, keys+1).key("general.architecture", typeString).str("llama") }
	for _, c := range []struct {
		name  string
		b     []byte
		code  fault.Code
		where string
	}{
		{"no bytes", nil, fault.EmptyFile, ""},
		{"three bytes", []byte("GGU"), fault.Truncated, "magic"},
		{"another magic", []byte("GGML\x03\x00\x00\x00"), fault.WrongMagic, "byte 0"},
		{"version 1", append([]byte("GGUF\x01\x00\x00\x00"), make([]byte, 16)...), fault.Unsupported, "version"},
		{"version 4", append([]byte("GGUF\x04\x00\x00\x00"), make([]byte, 16)...), fault.Unsupported, "version"},
		{"big-endian", append([]byte("GGUF\x00\x00\x00\x03"), make([]byte, 16)...), fault.Unsupported, "byte 4"},
		{"2^63 tensors", begin(1<<63, 0).b, fault.BadGGUF, "number of tensors"},
		{"2^64-1 keys", begin(0, math.MaxUint64).b, fault.BadGGUF, "number of keys"},
		{"20,001 tensors", begin(maxTensors+1, 0).b, fault.BadGGUF, "number of tensors"},
		{"10,001 keys", begin(0, maxKeys+1).b, fault.BadGGUF, "number of keys"},
		{"a key that is not there", begin(0, 1).b, fault.Truncated, "key 0"},
		{"a tensor that is not there", begin(1, 0).b, fault.Truncated, "list of tensors"},
		{"an empty key", begin(0, 1).key("", typeU8).raw(1).b, fault.BadGGUF, "key 0"},
		{"a long key", begin(0, 1).key(strings.Repeat("k", maxName+1), typeU8).raw(1).b, fault.BadGGUF, "key 0"},
		{"a key that is not UTF-8", begin(0, 1).key("\xff", typeU8).raw(1).b, fault.BadGGUF, "key 0"},
		{"a key of 2^63 bytes", begin(0, 1).u64(1 << 63).b, fault.BadGGUF, "byte"},
		{"a key twice", begin(0, 2).key("k", typeU8).raw(1).key("k", typeU8).raw(1).b, fault.BadGGUF, `"k"`},
		{"a value of type 13", with("k", 13).raw(make([]byte, 16)...).b, fault.BadGGUF, `"k"`},
		{"a bool of 2", with("k", typeBool).raw(2).b, fault.BadGGUF, `"k"`},
		{"a string longer than the file", with("k", typeString).u64(100).b, fault.Truncated, "k"},
		{"a string of 2^64-1", with("k", typeString).u64(math.MaxUint64).b, fault.BadGGUF, "byte"},
		{"an array longer than the file", with("k", typeArray).u32(typeU64).u64(1 << 40).b, fault.Truncated, `"k"`},
		{"an array of 2^61 numbers of 8 bytes", with("k", typeArray).u32(typeU64).u64(1 << 61).b, fault.Truncated, `"k"`},
		{"an array of 2^64-1 bytes", with("k", typeArray).u32(typeU8).u64(math.MaxUint64).b, fault.Truncated, `"k"`},
		{"an array of type 13", with("k", typeArray).u32(13).u64(1).b, fault.BadGGUF, `"k"`},
		{"arrays nested 5 deep", with("k", typeArray).u32(typeArray).u64(1).u32(typeArray).u64(1).u32(typeArray).u64(1).u32(typeArray).u64(1).
			u32(typeArray).u64(1).u32(typeU8).u64(1).raw(make([]byte, 16)...).b, fault.BadGGUF, `"k"`},
		{"an array in an array that is cut", with("k", typeArray).u32(typeArray).u64(1).u32(typeU64).u64(2).raw(make([]byte, 15)...).b, fault.Truncated, `"k"`},
		{"a million and one flags", with("k", typeArray).u32(typeBool).u64(maxNarrow + 1).raw(make([]byte, maxNarrow+1)...).b, fault.TooLarge, `"k"`},
		{"tokens that are numbers", with("tokenizer.ggml.tokens", typeArray).u32(typeU32).u64(1).u32(1).b, fault.BadGGUF, "tokenizer.ggml.tokens"},
		{"tokens that are a string", with("tokenizer.ggml.tokens", typeString).str("a").b, fault.BadGGUF, "tokenizer.ggml.tokens"},
		{"merges that are numbers", with("tokenizer.ggml.merges", typeArray).u32(typeF32).u64(1).u32(1).b, fault.BadGGUF, "tokenizer.ggml.merges"},
		{"scores that are strings", with("tokenizer.ggml.scores", typeArray).u32(typeString).u64(1).str("1").b, fault.BadGGUF, "tokenizer.ggml.scores"},
		{"scores without tokens", with("tokenizer.ggml.scores", typeArray).u32(typeF32).u64(1).u32(1).b, fault.BadGGUF, "tokenizer.ggml.scores"},
		{"token types that are floats", with("tokenizer.ggml.token_type", typeArray).u32(typeF32).u64(0).b, fault.BadGGUF, "tokenizer.ggml.token_type"},
		{"alignment 0", with("general.alignment", typeU32).u32(0).b, fault.BadGGUF, "general.alignment"},
		{"alignment 24", with("general.alignment", typeU32).u32(24).b, fault.BadGGUF, "general.alignment"},
		{"alignment 2^31", with("general.alignment", typeU32).u32(1 << 31).b, fault.BadGGUF, "general.alignment"},
		{"alignment of 2^63", with("general.alignment", typeU64).u64(1 << 63).b, fault.BadGGUF, "general.alignment"},
		{"alignment of text", with("general.alignment", typeString).str("32").b, fault.BadGGUF, "general.alignment"},
		{"a tensor without a name", begin(1, 0).info("", 0, 0, 1).data(4).b, fault.BadGGUF, "tensor 0"},
		{"a tensor's long name", begin(1, 0).info(strings.Repeat("n", maxName+1), 0, 0, 1).data(4).b, fault.BadGGUF, "tensor 0"},
		{"a tensor twice", begin(2, 0).info("a", 0, 0, 1).info("a", 0, 32, 1).data(64).b, fault.DuplicateTensor, `"a"`},
		{"5 dimensions", begin(1, 0).info("a", 0, 0, 1, 1, 1, 1, 1).data(4).b, fault.BadShape, `"a"`},
		{"2^32-1 dimensions", begin(1, 0).str("a").u32(math.MaxUint32).data(64).b, fault.BadShape, `"a"`},
		{"dimensions that overflow", begin(1, 0).info("a", 0, 0, 1<<32, 1<<32).data(4).b, fault.BadShape, `"a"`},
		{"dimensions that overflow to nothing", begin(1, 0).info("a", 0, 0, 1<<63, 2).data(4).b, fault.BadShape, `"a"`},
		{"bytes that overflow", begin(1, 0).info("a", 28, 0, 1<<31, 1<<31).data(4).b, fault.Truncated, `"a"`},
		{"half a block", begin(1, 0).info("a", 8, 0, 48, 2).data(102).b, fault.BadShape, `"a"`},
		{"a block across rows", begin(1, 0).info("a", 8, 0, 16, 2).data(34).b, fault.BadShape, `"a"`},
		{"type 4, which is gone", begin(1, 0).info("a", 4, 0, 32).data(64).b, fault.UnknownDType, `"a"`},
		{"type 2^32-1", begin(1, 0).info("a", math.MaxUint32, 0, 32).data(64).b, fault.UnknownDType, `"a"`},
		{"a hole", begin(2, 0).info("a", 0, 0, 1).info("b", 0, 64, 1).data(96).b, fault.BadOffsets, `"b"`},
		{"an overlap", begin(2, 0).info("a", 0, 0, 16).info("b", 0, 32, 1).data(96).b, fault.BadOffsets, `"b"`},
		{"a place of 2^64-1", begin(1, 0).info("a", 0, math.MaxUint64, 1).data(4).b, fault.BadOffsets, `"a"`},
		{"4 GB in a small file", begin(1, 0).info("a", 0, 0, 1<<15, 1<<15).data(4).b, fault.Truncated, `"a"`},
		{"a byte is missing", good().b[:len(good().b)-1], fault.Truncated, `"b"`},
		{"more tensors than the split says", begin(1, 1).key("split.tensors.count", typeI32).u32(2).info("a", 0, 0, 1).data(4).b, fault.BadGGUF, "split.tensors.count"},
		{"Llama without layers", llama(0).info("token_embd.weight", 0, 0, 2, 2).data(16).b, fault.BadGGUF, "llama.block_count"},
		{"layers of text", llama(1).key("llama.block_count", typeString).str("x").info("token_embd.weight", 0, 0, 2, 2).data(16).b, fault.BadGGUF, "llama.block_count"},
		{"layers below 0", llama(1).key("llama.block_count", typeI32).u32(math.MaxUint32).info("token_embd.weight", 0, 0, 2, 2).data(16).b, fault.BadGGUF, "llama.block_count"},
	} {
		_, err := open(c.b)
		var e *fault.Error
		if errors.As(err, &e); e == nil || e.Code != c.code || !strings.Contains(e.Where, c.where) || e.In != "gguf" && e.Code != fault.EmptyFile {
			t.Errorf("%s: got %v, want %s at %s", c.name, err, c.code, c.where)
		}
	}
}

// edited is a real file's header with one key or tensor changed. old and new have the same length.
func edited(t *testing.T, name, old, new string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, name+".gguf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(old) != len(new) || bytes.Count(b, []byte(old)) != 1 {
		t.Fatalf("%q stands %d times in %s", old, bytes.Count(b, []byte(old)), name)
	}
	return bytes.Replace(b, []byte(old), []byte(new), 1)
}

func le32(v uint32) string { return string(binary.LittleEndian.AppendUint32(nil, v)) }

// TestLies changes what a model says of itself.
func TestLies(t *testing.T) {
	u32 := le32(typeU32)
	f32 := le32(typeF32)
	for _, c := range []struct {
		name string
		b    []byte
		code fault.Code
		text string
	}{
		{"no heads", edited(t, "llama", "llama.attention.head_count"+u32+le32(4), "llama.attention.head_count"+u32+le32(0)), fault.BadGGUF, "head_count"},
		{"no KV heads", edited(t, "llama", "head_count_kv"+u32+le32(2), "head_count_kv"+u32+le32(0)), fault.BadGGUF, "attn_k"},
		{"7 heads", edited(t, "llama", "llama.attention.head_count"+u32+le32(4), "llama.attention.head_count"+u32+le32(7)), fault.BadGGUF, "attn_q"},
		{"2^31 heads", edited(t, "llama", "llama.attention.head_count"+u32+le32(4), "llama.attention.head_count"+u32+le32(1<<31-1)), fault.BadGGUF, "attn_q"},
		{"2^32-1 layers", edited(t, "llama", "block_count"+u32+le32(2), "block_count"+u32+le32(math.MaxUint32)), fault.BadGGUF, "block_count"},
		{"eps is no number", edited(t, "llama", "rms_epsilon"+f32+le32(math.Float32bits(1e-5)), "rms_epsilon"+f32+le32(0x7fc00000)), fault.BadGGUF, "rms_epsilon"},
		{"no eps", edited(t, "llama", "llama.attention.layer_norm_rms_epsilon", "llama.attention.layer_norm_rms_epsilom"), fault.BadGGUF, "rms_epsilon"},
		{"no embedding", edited(t, "llama", "token_embd.weight", "token_embt.weight"), fault.BadGGUF, "token_embd"},
		{"2^32-1 heads of NeoX", edited(t, "neox", "gptneox.attention.head_count"+u32+le32(3), "gptneox.attention.head_count"+u32+le32(math.MaxUint32)), fault.BadGGUF, "head_count"},
		{"2^31-1 heads of NeoX", edited(t, "neox", "gptneox.attention.head_count"+u32+le32(3), "gptneox.attention.head_count"+u32+le32(1<<31-1)), fault.BadGGUF, "attn_qkv"},
		{"rope_freqs of another type", edited(t, "llama-tied", "rope_freqs.weight"+le32(1)+"\x04\x00\x00\x00\x00\x00\x00\x00"+le32(0), "rope_freqs.weight"+le32(1)+"\x04\x00\x00\x00\x00\x00\x00\x00"+le32(1)), fault.BadGGUF, "rope_freqs"},
	} {
		if _, err := open(c.b); code(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want %s with %s", c.name, err, c.code, c.text)
		}
	}
}

// TestUnknown holds that the config of what is not known here names it.
func TestUnknown(t *testing.T) {
	experts := begin(0, 2).key("general.architecture", typeString).str("llama").key("llama.expert_count", typeU32).u32(8)
	for want, f := range map[string]*file{
		`{"model_type":"mamba"}`:              begin(0, 1).key("general.architecture", typeString).str("mamba"),
		`{"model_type":"llama with experts"}`: experts, `{"model_type":""}`: begin(0, 0),
	} {
		if f, err := open(f.b); err != nil || string(f.Config) != want {
			t.Errorf("%v, %s, want %s", err, f.Config, want)
		}
	}
}

// TestTruncated cuts a good file at every byte of its header and data: always an error, and with every byte the model.
func TestTruncated(t *testing.T) {
	b := good().b
	for n := range b {
		if _, err := open(b[:n]); err == nil || code(err) == "" {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
}

// TestForged sets each 4 bytes of the header to numbers that overflow: an error or a file, and little memory.
func TestForged(t *testing.T) {
	b := good().b
	for at := 4; at+8 <= 400; at++ {
		for _, v := range []uint64{0, 1, 1 << 31, 1<<32 - 1, 1 << 32, 1 << 60, 1 << 61, 1 << 63, math.MaxUint64, uint64(len(b)) + 1} {
			for _, size := range []int{4, 8} {
				forged := bytes.Clone(b)
				if size == 4 {
					binary.LittleEndian.PutUint32(forged[at:], uint32(v))
				} else {
					binary.LittleEndian.PutUint64(forged[at:], v)
				}
				before := formattest.Allocated()
				if _, err := open(forged); err != nil && code(err) == "" {
					t.Errorf("%d bytes of %#x at %d: %v is not typed", size, v, at, err)
				}
				if n := formattest.Allocated() - before; n > 1<<20 {
					t.Errorf("%d bytes of %#x at %d: %d bytes of memory", size, v, at, n)
				}
			}
		}
	}
}

// TestNthReadFails lets each read of a header of several pieces fail in turn.
func TestNthReadFails(t *testing.T) {
	b := vocabulary49k()
	for n := 1; ; n++ {
		r := &formattest.Flaky{R: bytes.NewReader(b), N: n}
		_, err := Open(r, int64(len(b)))
		if r.N > 0 {
			if err != nil || n < 3 {
				t.Errorf("%d reads, %v", n-1, err)
			}
			return
		}
		if code(err) != fault.Unreadable || !errors.Is(err, formattest.ErrBroken) {
			t.Errorf("read %d: %v", n, err)
		}
	}
}

// vocabulary49k is a file with SmolLM2's number of tokens and merges.
func vocabulary49k() []byte {
	f := begin(1, 3)
	const n = 49152
	f.key("tokenizer.ggml.tokens", typeArray).u32(typeString).u64(n)
	for i := range n {
		f.str(fmt.Sprintf("token%d", i))
	}
	f.key("tokenizer.ggml.merges", typeArray).u32(typeString).u64(n)
	for i := range n {
		f.str(fmt.Sprintf("tok en%d", i))
	}
	f.key("tokenizer.ggml.token_type", typeArray).u32(typeI32).u64(n)
	for range n {
		f.u32(1)
	}
	return f.info("a", 0, 0, 1).data(4).b
}

// TestVocabulary holds that a vocabulary takes few reads, little time and at most twice its memory.
func TestVocabulary(t *testing.T) {
	b := vocabulary49k()
	best := time.Hour
	for try := 0; try < 10 && best > 60*time.Millisecond; try++ { // other programs may run beside
		before, start := formattest.Allocated(), time.Now()
		f, err := open(b)
		if err != nil || len(f.Metadata["tokenizer.ggml.merges"].([]string)) != 49152 || f.Metadata["tokenizer.ggml.tokens"].([]string)[49151] != "token49151" {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
		if n := formattest.Allocated() - before; n > 2*uint64(len(b))+8<<20 {
			t.Errorf("%d bytes of memory for %d", n, len(b))
		}
	}
	t.Logf("%d bytes in %v", len(b), best)
	if best > 60*time.Millisecond {
		t.Errorf("the header of 49,152 tokens took %v", best)
	}
}

// TestClaim holds that what a small file claims takes no memory.
func TestClaim(t *testing.T) {
	for _, f := range []*file{
		begin(1, 0).info("a", 0, 0, 1<<15, 1<<15).data(4), begin(maxTensors, 0).info("a", 0, 0, 1).data(4), begin(0, maxKeys).raw(make([]byte, 100)...),
		begin(0, 1).key("k", typeArray).u32(typeString).u64(1 << 29).raw(make([]byte, 100)...),
	} {
		before := formattest.Allocated()
		if _, err := open(f.b); err == nil {
			t.Error("no error")
		}
		if n := formattest.Allocated() - before; n > 1<<16 {
			t.Errorf("%d bytes of memory for a file of %d", n, len(f.b))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(good().b)
	f.Add(begin(0, 0).b)
	for _, name := range []string{"llama-blocks", "llama-tied", "neox", "gemma3", "phi3", "gpt2-untied", "roberta", "distilbert", "split-00001-of-00003", "types"} {
		b, err := os.ReadFile(filepath.Join(folder, name+".gguf"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := formattest.Allocated()
		file, err := open(b)
		if err != nil && code(err) == "" {
			t.Fatalf("%T is not typed", err)
		}
		if n := formattest.Allocated() - before; n > 2*uint64(len(b))+16<<20 {
			t.Fatalf("%d bytes of memory for a file of %d", n, len(b))
		}
		for i := 0; err == nil && i < len(file.Tensors); i++ {
			x := &file.Tensors[i]
			rows := 1
			if len(x.Shape) > 0 {
				rows = x.Shape[0]
			}
			if s := x.Swap; s[0] > 0 && rows%(s[0]*s[1]*s[2]) != 0 || x.Bytes > int64(len(b)) || x.Open == nil {
				t.Fatalf("%v: %v rows, %d bytes", x.Info, x.Swap, x.Bytes)
			}
		}
	})
}
