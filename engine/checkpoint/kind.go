package checkpoint

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// kinds are other files that people drop, by their first bytes.
var kinds = []struct {
	magic string
	kind  string
}{
	{"ggml", "a GGML file"}, {"lmgg", "a GGML file"}, {"tjgg", "a GGML file"},
	{"\x1f\x8b", "a gzip file"}, {"BZh", "a bzip2 file"}, {"\xfd7zXZ\x00", "an xz file"}, {"\x28\xb5\x2f\xfd", "a zstd file"},
	{"7z\xbc\xaf\x27\x1c", "a 7z file"}, {"Rar!", "a rar file"},
	{"\x89PNG\r\n\x1a\n", "a PNG picture"}, {"\xff\xd8\xff", "a JPEG picture"}, {"GIF8", "a GIF picture"},
	{"%PDF-", "a PDF document"}, {"\x7fELF", "an ELF program"}, {"MZ", "a Windows program"}, {"\x00asm", "a WebAssembly program"},
	{"version https://git-lfs", "a git LFS pointer, which only says where the weights are"},
	{"SQLite format 3\x00", "an SQLite database"}, {"PAR1", "a Parquet file"}, {"ARROW1", "an Arrow file"},
}

// isWeights reports whether a kind is that of weights that this version does not read.
func isWeights(kind string) bool {
	for _, k := range []string{"GG", "PyTorch", "TensorFlow", "LFS"} {
		if strings.Contains(kind, k) {
			return true
		}
	}
	return false
}

// describe says what a file is that is no weights of ours, or "".
func describe(head []byte) string {
	for _, k := range kinds {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.kind
		}
	}
	switch {
	case len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		return "a pickle that torch.save did not write"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipKind(head)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return "a tar archive (or PyTorch, before version 0.2: load it there and save it again)"
	case len(head) > 8 && string(head[4:8]) == "TFL3":
		return "a TensorFlow Lite file"
	}
	return textKind(head)
}

// zipKind goes by the name of the first member, which follows the 30 bytes of its header.
func zipKind(head []byte) string {
	name := string(head[min(len(head), 30):min(len(head), 160)])
	if strings.Contains(name, "data.pkl") {
		return "a PyTorch file"
	}
	return "a zip without arrays"
}

func textKind(head []byte) string {
	text := head
	for i := 0; i < 3 && len(text) > 0 && !utf8.Valid(text); i++ {
		text = text[:len(text)-1] // a character may be cut at the end
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return ""
	}
	t := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")))
	switch {
	case strings.HasPrefix(t, "<!doctype html"), strings.HasPrefix(t, "<html"), strings.HasPrefix(t, "<head"):
		return "a web page, not the file itself"
	case strings.HasPrefix(t, "<?xml"), strings.HasPrefix(t, "<"):
		return "an XML document"
	case strings.HasPrefix(t, "{"), strings.HasPrefix(t, "["):
		return "a JSON file"
	case len(t) >= 16:
		return "text"
	}
	return ""
}
