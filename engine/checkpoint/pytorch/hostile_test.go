package pytorch

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/checkpoint/formattest"
	"loupe/engine/fault"
)

type entry struct {
	name string
	data string
}

func zipped(method uint16, entries ...entry) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err == nil {
			_, err = w.Write([]byte(e.data))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// saved is a zip of a pickle and of one storage of 8 bytes, key 0.
func saved(pickle string) []byte {
	return zipped(zip.Store, entry{"a/data.pkl", pickle}, entry{"a/data/0", "12345678"})
}

func le(n int, v uint64) string { return string(binary.LittleEndian.AppendUint64(nil, v)[:n]) }
func str(s string) string       { return "X" + le(4, uint64(len(s))) + s }
func num(v int64) string        { return "\x8a\x08" + le(8, uint64(v)) }
func global(c string) string {
	i := strings.LastIndexByte(c, '.')
	return "c" + c[:i] + "\n" + c[i+1:] + "\n"
}

func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

// stored is a persistent id of a storage.
func stored(kind, key string, n int64, more ...string) string {
	return tuple(append([]string{str("storage"), global(kind), str(key), str("cpu"), num(n)}, more...)...) + "Q"
}

// made is a tensor of a storage.
func made(storage string, offset int64, shape, strides string) string {
	return global("torch._utils._rebuild_tensor_v2") + tuple(storage, num(offset), shape, strides, "\x89", "}") + "R"
}

// dictOf is a pickle of {"w": value}.
func dictOf(value string) string { return "\x80\x02}" + str("w") + value + "s." }

var float2 = stored("torch.FloatStorage", "0", 2)

func shape(n ...int64) string {
	var items []string
	for _, v := range n {
		items = append(items, num(v))
	}
	return tuple(items...)
}

type bad struct {
	name string
	b    []byte
	code fault.Code
}

// legacy is a file of the older form.
func legacy(object, keys, rest string) []byte {
	return []byte("\x80\x02" + string(magic) + ".\x80\x02M\xe9\x03.\x80\x02}." + object + keys + rest)
}

// hostile are files that are wrong, most of them on purpose.
func hostile() []bad {
	good := dictOf(made(float2, 0, shape(2), shape(1)))
	pickle := func(s string) []byte { return saved("\x80\x02" + s) }
	legacyKeys := "\x80\x02]" + str("0") + "a."
	list := []bad{
		{"no bytes", nil, fault.EmptyFile},
		{"three bytes", []byte("PK\x03"), fault.EmptyFile},
		{"neither zip nor pickle", []byte("hello, this is no file of torch.save"), fault.BadPickle},
		{"a pickle alone", []byte("\x80\x02}."), fault.BadPickle},
		{"a zip that ends after its first header", saved(good)[:60], fault.Truncated},
		{"an empty zip", zipped(zip.Store), fault.BadZip},
		{"a zip without data.pkl", zipped(zip.Store, entry{"a/data/0", "1"}), fault.BadZip},
		{"two data.pkl", zipped(zip.Store, entry{"a/data.pkl", good}, entry{"b/data.pkl", good}), fault.BadZip},
		{"a compressed data.pkl", zipped(zip.Deflate, entry{"a/data.pkl", good}), fault.BadZip},
		{"a compressed storage", zipped(zip.Deflate, entry{"a/data/0", strings.Repeat("0", 1<<20)}, entry{"a/data.pkl", good}), fault.BadZip},
		{"a storage twice", zipped(zip.Store, entry{"a/data.pkl", good}, entry{"a/data/0", "12345678"}, entry{"a/data/0", "12345678"}), fault.BadZip},
		{"no storage", zipped(zip.Store, entry{"a/data.pkl", good}), fault.Truncated},
		{"a byte order of neither kind", zipped(zip.Store, entry{"a/data.pkl", good}, entry{"a/data/0", "12345678"}, entry{"a/byteorder", "middle"}), fault.BadZip},

		{"os.system", pickle(global("os.system") + tuple(str("touch /tmp/owned")) + "R."), fault.NoWeights},
		{"posix.system in a dict", saved(dictOf(global("posix.system") + tuple(str("id")) + "R")), fault.NoWeights},
		{"builtins.eval", pickle(global("builtins.eval") + tuple(str("1")) + "R."), fault.NoWeights},
		{"builtins.exec by INST", pickle("(" + str("1") + "ibuiltins\nexec\n."), fault.NoWeights},
		{"subprocess.Popen by OBJ", pickle("(" + global("subprocess.Popen") + str("id") + "o."), fault.NoWeights},
		{"STACK_GLOBAL runpy", pickle(str("runpy") + str("_run_code") + "\x93" + tuple(str("1")) + "R."), fault.NoWeights},
		{"getattr of a module", pickle(global("builtins.getattr") + tuple(global("os.path"), str("x")) + "R" + tuple() + "R."), fault.NoWeights},
		{"NEWOBJ of a stranger", pickle(global("webbrowser.open") + tuple() + "\x81."), fault.NoWeights},
		{"NEWOBJ_EX of a stranger", pickle(global("webbrowser.open") + tuple() + "}\x92."), fault.NoWeights},
		{"BUILD of a stranger", pickle(global("a.b") + tuple() + "\x81}" + str("__setstate__") + global("os.system") + "sb."), fault.NoWeights},
		{"a module's buffers named by bytes", pickle(module("_buffers", "}C\x01aNs", "_non_persistent_buffers_set", "]C\x01aa") + "."), fault.NoWeights},
		{"modules in modules, 2^60 of them", saved("\x80\x02" + nested(60) + "."), fault.TooLarge},
		{"modules in modules, 100 deep", saved("\x80\x02" + nested(100) + "."), fault.TooLarge},
		{"100,000 objects with the same 20,000 attributes", saved("\x80\x02" + crowd(20_000, 100_000) + "."), fault.TooLarge},
		{"5,000 times the same settings", saved("\x80\x02" + settled("args", 5_000) + "."), ""},
		{"5,000 times the same vocabulary", saved("\x80\x02" + settled("vocab", 5_000) + "."), ""},
		{"a module with itself in it", pickle(global("a.B") + tuple() + "\x81q\x00}" + str("_modules") + "}" + str("x") + "h\x00sssb."), fault.BadPickle},
		{"a reduce of a number", pickle(num(1) + ")R."), fault.BadPickle},
		{"a reduce of a list", pickle(global("a.b") + "]R."), fault.BadPickle},

		{"an opcode of protocol 0", pickle("I1\n."), fault.BadPickle},
		{"an extension", pickle("\x82\x01."), fault.BadPickle},
		{"protocol 6", saved("\x80\x06}."), fault.BadPickle},
		{"no STOP", pickle("}"), fault.Truncated},
		{"STOP at once", pickle("."), fault.BadPickle},
		{"POP of nothing", pickle("0."), fault.BadPickle},
		{"DUP of nothing", pickle("2."), fault.BadPickle},
		{"POP of a MARK", pickle("(0."), fault.BadPickle},
		{"a tuple without MARK", pickle("t."), fault.BadPickle},
		{"TUPLE3 of two", pickle("NN\x87."), fault.BadPickle},
		{"TUPLE2 with a MARK", pickle("N(\x86."), fault.BadPickle},
		{"SETITEM on a list", pickle("]" + str("k") + "Ns."), fault.BadPickle},
		{"SETITEM on a tensor", saved("\x80\x02" + made(float2, 0, shape(2), shape(1)) + "NNs."), fault.BadPickle},
		{"SETITEMS on a number", pickle(num(1) + "(" + str("k") + "Nu."), fault.BadPickle},
		{"SETITEMS without a value", pickle("}(" + str("k") + "u."), fault.BadPickle},
		{"APPEND to a dict", pickle("}Na."), fault.BadPickle},
		{"APPENDS to a tuple", pickle(")(Ne."), fault.BadPickle},
		{"BUILD of a string", pickle(str("x") + "}b."), fault.BadPickle},
		{"BINGET of nothing", pickle("h\x05."), fault.BadPickle},
		{"LONG_BINGET of 2^32-1", pickle("j\xff\xff\xff\xff."), fault.BadPickle},
		{"LONG_BINPUT of 2^32-1", pickle("}r\xff\xff\xff\xff."), fault.TooLarge},
		{"LONG_BINPUT of a million", pickle("}r\xff\xff\x0f\x00."), fault.TooLarge},
		{"a string of 4 GB", pickle("X\xff\xff\xff\xff."), fault.Truncated},
		{"a string of 2^63 bytes", pickle("\x8d" + le(8, 1<<63) + "."), fault.Truncated},
		{"bytes of 2^64-1", pickle("\x8e" + le(8, 1<<64-1) + "."), fault.Truncated},
		{"a number of 2 GB", pickle("\x8b\xff\xff\xff\x7f."), fault.Truncated},
		{"a name without an end", pickle("c" + strings.Repeat("a", 2000)), fault.BadPickle},
		{"OrderedDict of numbers", pickle(global("collections.OrderedDict") + tuple("]"+num(1)+"a") + "R."), fault.BadPickle},
		{"a persistent id of a string", pickle(str("0") + "Q."), fault.BadPickle},
		{"a persistent id of another kind", pickle(tuple(str("file"), global("torch.FloatStorage")) + "Q."), fault.BadPickle},

		{"nesting of 257", pickle(strings.Repeat("(", 257) + "."), fault.TooLarge},
		{"nesting of 100,000 tuples", saved("\x80\x02)" + strings.Repeat("\x85", 100_000) + "."), fault.NoWeights},
		{"5 million MARKs", saved("\x80\x02" + strings.Repeat("(", 5_000_000) + "."), fault.TooLarge},
		{"5 million lists", saved("\x80\x02" + strings.Repeat("]", 5_000_000) + "."), fault.TooLarge},
		{"5 million Nones", saved("\x80\x02(" + strings.Repeat("N", 5_000_000) + "l."), fault.TooLarge},
		{"a memo bomb", saved("\x80\x02" + bomb()), fault.NoWeights},

		{"a storage of another type", saved(dictOf(made(stored("os.FloatStorage", "0", 2), 0, shape(2), shape(1)))), fault.BadPickle},
		{"a storage of an unknown type", saved(dictOf(made(stored("torch.OddStorage", "0", 2), 0, shape(2), shape(1)))), fault.BadPickle},
		{"a storage longer than its entry", saved(dictOf(made(stored("torch.FloatStorage", "0", 3), 0, shape(2), shape(1)))), fault.BadPickle},
		{"a storage shorter than its entry", saved(dictOf(made(stored("torch.FloatStorage", "0", 1), 0, shape(1), shape(1)))), fault.BadPickle},
		{"a storage of 2^62", saved(dictOf(made(stored("torch.FloatStorage", "0", 1<<62), 0, shape(2), shape(1)))), fault.BadPickle},
		{"a storage of -1", saved(dictOf(made(stored("torch.FloatStorage", "0", -1), 0, shape(2), shape(1)))), fault.BadPickle},
		{"a storage outside its folder", saved(dictOf(made(stored("torch.FloatStorage", "../0", 2), 0, shape(2), shape(1)))), fault.Truncated},
		{"a view outside its storage", saved(dictOf(made(stored("torch.FloatStorage", "0", 2, tuple(str("v"), num(1), num(2))), 0, shape(1), shape(1)))), fault.BadPickle},
		{"a view of one number", saved(dictOf(made(stored("torch.FloatStorage", "0", 2, num(1)), 0, shape(1), shape(1)))), fault.BadPickle},
		{"an offset outside", saved(dictOf(made(float2, 1, shape(2), shape(1)))), fault.BadPickle},
		{"an offset of 2^63-1", saved(dictOf(made(float2, 1<<63-1, shape(1), shape(1)))), fault.BadShape},
		{"an offset of -1", saved(dictOf(made(float2, -1, shape(1), shape(1)))), fault.BadPickle},
		{"a shape outside", saved(dictOf(made(float2, 0, shape(3), shape(1)))), fault.BadPickle},
		{"a shape of 2^40 by 2^40", saved(dictOf(made(float2, 0, shape(1<<40, 1<<40), shape(1, 1)))), fault.BadShape},
		{"a dimension of -1", saved(dictOf(made(float2, 0, shape(-1), shape(1)))), fault.BadPickle},
		{"a stride of 2^62", saved(dictOf(made(float2, 0, shape(2, 1), shape(1<<62, 1)))), fault.BadShape},
		{"a stride of -1", saved(dictOf(made(float2, 0, shape(2), shape(-1)))), fault.BadPickle},
		{"a stride of 0, a million times", saved(dictOf(made(float2, 0, shape(1_000_000), shape(0)))), fault.Unsupported},
		{"more strides than dimensions", saved(dictOf(made(float2, 0, shape(2), shape(1, 1)))), fault.BadPickle},
		{"33 dimensions", saved(dictOf(made(float2, 0, shape(make([]int64, 33)...), shape(make([]int64, 33)...)))), fault.BadShape},
		{"a tensor of a string", saved(dictOf(made(str("x"), 0, shape(2), shape(1)))), fault.BadPickle},
		{"a tensor of nothing", pickle(global("torch._utils._rebuild_tensor_v2") + ")R."), fault.BadPickle},
		{"a name of 2000 bytes", saved("\x80\x02}" + str(strings.Repeat("n", 2000)) + made(float2, 0, shape(2), shape(1)) + "s."), fault.BadPickle},
		{"the same numbers 1000 times", shared(1000), fault.TooLarge},

		{"legacy: another number", []byte("\x80\x02\x8a\x0a0123456789."), fault.BadPickle},
		{"legacy: another protocol", []byte("\x80\x02" + string(magic) + ".\x80\x02K\x01."), fault.BadPickle},
		{"legacy: keys that are no list", legacy(good, "\x80\x02}.", ""), fault.BadPickle},
		{"legacy: a key of no tensor", legacy(good, "\x80\x02]"+str("7")+"a.", ""), fault.BadPickle},
		{"legacy: a key twice", legacy(good, "\x80\x02]("+str("0")+str("0")+"e.", le(8, 2)+"12345678"+le(8, 2)+"12345678"), fault.BadPickle},
		{"legacy: no storages", legacy(good, legacyKeys, ""), fault.Truncated},
		{"legacy: a storage that is cut", legacy(good, legacyKeys, le(8, 2)+"1234567"), fault.Truncated},
		{"legacy: a size that lies", legacy(good, legacyKeys, le(8, 1<<40)+"12345678"), fault.BadPickle},
		{"legacy: a size of 2^64-1", legacy(good, legacyKeys, le(8, 1<<64-1)+"12345678"), fault.BadPickle},
	}
	return append(list, forgedZips(saved(good))...)
}

// forgedZips are a good zip with one field of its directory changed.
func forgedZips(good []byte) (list []bad) {
	dir := bytes.Index(good, []byte("PK\x01\x02"))
	end := bytes.LastIndex(good, []byte("PK\x05\x06"))
	forge := func(name string, at, width int, v uint64, code fault.Code) {
		b := bytes.Clone(good)
		copy(b[at:], le(width, v))
		list = append(list, bad{name, b, code})
	}
	forge("zip: a size of 2^32-2", dir+24, 4, 1<<32-2, fault.BadZip)
	forge("zip: a size of 2^32-1 without the longer one", dir+24, 4, 1<<32-1, fault.BadZip)
	forge("zip: a packed size of 0", dir+20, 4, 0, fault.BadZip)
	forge("zip: a header at 2^32-2", dir+42, 4, 1<<32-2, fault.BadZip)
	forge("zip: a header inside another entry", dir+42, 4, 3, fault.BadZip)
	forge("zip: a method of 99", dir+10, 2, 99, fault.BadZip)
	forge("zip: a password", dir+8, 2, 1, fault.BadZip)
	forge("zip: a name of 65535 bytes", dir+28, 2, 65535, fault.BadZip)
	forge("zip: an extra field of 65535 bytes", dir+30, 2, 65535, fault.BadZip)
	forge("zip: three entries", end+10, 2, 3, fault.BadZip)
	forge("zip: a directory of 2^32-1 bytes", end+12, 4, 1<<32-1, fault.BadZip)
	forge("zip: a directory at 2^32-1", end+16, 4, 1<<32-1, fault.BadZip)
	forge("zip: a directory at 0", end+16, 4, 0, fault.BadZip)
	forge("zip: the own header's name of 65535 bytes", 26, 2, 65535, fault.Truncated)
	forge("zip: both sizes of 1 MB", dir+20, 8, 1<<20|1<<52, fault.Truncated)

	overlap := bytes.Clone(good) // the second entry is the first one again
	second := dir + bytes.Index(overlap[dir+4:], []byte("PK\x01\x02")) + 4
	copy(overlap[second+42:], le(4, 0))
	return append(list, bad{"zip: entries that overlap", overlap, fault.BadZip})
}

// bomb is a list that holds the list before it a hundred times, ten levels deep: 10^20 values.
func bomb() string {
	s := "]q\x00"
	for i := range 10 {
		s += "]q" + string([]byte{byte(i + 1)}) + "(" + strings.Repeat("h"+string([]byte{byte(i)}), 100) + "e"
	}
	return s + "."
}

// shared are n names for one tensor of 32 KB.
func shared(n int) []byte {
	s := "\x80\x02}(" + str("w") + made(stored("torch.FloatStorage", "0", 1<<13), 0, shape(1<<13), shape(1)) + "q\x01"
	for i := range n {
		s += str(fmt.Sprint(i)) + "h\x01"
	}
	return zipped(zip.Store, entry{"a/data.pkl", s + "u."}, entry{"a/data/0", strings.Repeat("0", 1<<15)})
}

// module is an object with attributes: name, pickle of the value, ..
func module(attrs ...string) string {
	s := global("a.B") + ")\x81}("
	for i := 0; i < len(attrs); i += 2 {
		s += str(attrs[i]) + attrs[i+1]
	}
	return s + "u" + "b"
}

// nested are modules that each hold the one before twice.
func nested(n int) string {
	s := module("_modules", "}") + "r" + le(4, 0)
	for i := range n {
		s += "0" + module("_modules", "}("+str("a")+"j"+le(4, uint64(i))+str("b")+"j"+le(4, uint64(i))+"u") + "r" + le(4, uint64(i+1))
	}
	return s
}

// crowd is a list of objects that share their attributes.
func crowd(attrs, objects int) string {
	s := "}r" + le(4, 0) + "("
	for i := range attrs {
		s += str(fmt.Sprint(i)) + "N"
	}
	return s + "u0](" + strings.Repeat(global("a.B")+")\x81h\x00b", objects) + "e"
}

// settled is a dict with a tensor and the same pair n times, whose value is a dict of n pairs.
func settled(key string, n int) string {
	s := "}r" + le(4, 0) + "("
	for i := range n {
		s += "X" + le(4, 5) + fmt.Sprintf("%05d", i) + "]"
	}
	s += "u0}(" + str("w") + made(float2, 0, shape(2), shape(1))
	return s + strings.Repeat(str(key)+"h\x00", n) + "u"
}

// TestHostile holds that each of them ends in the right error, soon, and in memory that the file's size bounds.
func TestHostile(t *testing.T) {
	for _, c := range hostile() {
		before := formattest.Allocated()
		_, err := open(c.b)
		if code(err) != c.code {
			t.Errorf("%s: got %v, want code %s", c.name, err, c.code)
		}
		if took := formattest.Allocated() - before; took > 2*uint64(len(c.b))+16<<20 {
			t.Errorf("%s: %d bytes of memory for a file of %d", c.name, took, len(c.b))
		}
	}
	if f, err := open(saved(dictOf(made(float2, 0, shape(2), shape(1))))); err != nil || len(f.Tensors) != 1 {
		t.Errorf("the one that all others are made of: %v", err)
	}
	if f, err := open(legacy(dictOf(made(float2, 0, shape(2), shape(1))), "\x80\x02]"+str("0")+"a.", le(8, 2)+"12345678")); err != nil || string(raw(t, &f.Tensors[0])) != "12345678" {
		t.Errorf("the one of the older form: %v", err)
	}
}
