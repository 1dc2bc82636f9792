package shell

import (
	"net/url"
	"slices"
	"strings"
)

// A model may lie elsewhere: on the hub, named by its id, or at any address. What follows reads such names and says which
// files of a model are needed; nothing here asks anybody.

const hub = "huggingface.co"

// wish is what was asked for.
type wish struct {
	repo, rev, file string   // of the hub: "owner/name", its revision, and one file if one was named
	urls            []string // or files at these addresses
}

// remote is a file that lies elsewhere.
type remote struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	Size int64  `json:"size"` // 0: not known
}

// parseWish reads an id of the hub or addresses, as a person pastes them. bad is the key of what is wrong with it.
func parseWish(s string) (w wish, bad string) {
	s = strings.TrimSpace(s)
	if id, ok := strings.CutPrefix(s, "hub:"); ok || !strings.Contains(s, "://") && !strings.HasPrefix(s, hub+"/") {
		return parseID(id)
	}
	for _, field := range strings.Fields(strings.Replace(s, hub+"/", "https://"+hub+"/", onlyHost(s))) {
		u, err := url.Parse(field)
		if err != nil || u.Host == "" || u.User != nil {
			return w, "fetch.bad-address"
		}
		if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost") {
			return w, "fetch.not-https"
		}
		u.Fragment = ""
		if u.Host == hub || u.Host == "hf.co" {
			return parseHub(strings.Split(strings.Trim(u.Path, "/"), "/"))
		}
		w.urls = append(w.urls, raw(u).String())
	}
	return w, ""
}

// onlyHost is 1 for the hub's address without its https, which is to be put before it.
func onlyHost(s string) int {
	if strings.HasPrefix(s, hub+"/") {
		return 1
	}
	return 0
}

// parseID reads "owner/name@revision/file"; revision and file may be left out.
func parseID(s string) (w wish, bad string) {
	id, rest, pinned := strings.Cut(s, "@")
	parts := strings.Split(id, "/")
	if pinned {
		w.rev, w.file, _ = strings.Cut(rest, "/")
	} else if len(parts) > 2 {
		w.file = strings.Join(parts[2:], "/")
		parts = parts[:2]
	}
	w.repo = strings.Join(parts, "/")
	if w.rev == "" {
		w.rev = "main"
	}
	for _, part := range append(parts, w.rev) {
		if !plainName(part) {
			return wish{}, "fetch.bad-id"
		}
	}
	if len(parts) > 2 || strings.Contains(w.file, "..") {
		return wish{}, "fetch.bad-id"
	}
	return w, ""
}

func plainName(s string) bool {
	return s != "" && s[0] != '.' && !strings.Contains(s, "..") && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-')
	})
}

// parseHub reads the path of a page of the hub: a model's, a revision's (tree), or a file's (blob, resolve).
func parseHub(path []string) (w wish, bad string) {
	i := slices.IndexFunc(path, func(s string) bool { return s == "tree" || s == "blob" || s == "resolve" || s == "raw" })
	id := path
	if i > 0 {
		id = path[:i]
	}
	if len(id) > 2 || len(id) == 0 || id[0] == "datasets" || id[0] == "spaces" {
		return w, "fetch.bad-id"
	}
	s := strings.Join(id, "/")
	if i > 0 && len(path) > i+1 {
		s += "@" + path[i+1]
		if path[i] != "tree" && len(path) > i+2 {
			s += "/" + strings.Join(path[i+2:], "/")
		}
	}
	return parseID(s)
}

// raw turns the page of a file on GitHub into the file.
func raw(u *url.URL) *url.URL {
	if p := strings.SplitN(strings.TrimPrefix(u.Path, "/"), "/", 4); u.Host == "github.com" && len(p) == 4 && (p[2] == "blob" || p[2] == "raw") {
		return &url.URL{Scheme: "https", Host: "raw.githubusercontent.com", Path: "/" + p[0] + "/" + p[1] + "/" + p[3]}
	}
	return u
}

// host is who will be asked.
func (w wish) host() string {
	if w.repo != "" {
		return hub
	}
	u, _ := url.Parse(w.urls[0])
	return u.Host
}

// String is how an address of Loupe names it.
func (w wish) String() string {
	if w.repo == "" {
		return strings.Join(w.urls, " ")
	}
	s := "hub:" + w.repo + "@" + w.rev
	if w.file != "" {
		s += "/" + w.file
	}
	return s
}

// listing is where the hub says what a model is made of.
func (w wish) listing() string {
	return "https://" + hub + "/api/models/" + w.repo + "/revision/" + w.rev + "?blobs=true"
}

// at is where a file of the hub lies.
func (w wish) at(file string) string {
	return (&url.URL{Scheme: "https", Host: hub, Path: "/" + w.repo + "/resolve/" + w.rev + "/" + file}).String()
}

// besides are the small files that say what weights are and how text becomes tokens. Those of the second row only count
// where tokenizer.json is missing.
var (
	besides = []string{"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "modules.json", "1_Pooling/config.json"}
	instead = []string{"vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"}
)

// need picks what is needed of a model's files. Where there are several that could be it (a file per quantisation), choices
// lists them and file says which; without file the first of 4 bits is taken.
func need(files []remote, file string) (list, choices []remote) {
	named := func(name string) (found []remote) {
		for _, f := range files {
			if f.Name == name {
				found = append(found, f)
			}
		}
		return found
	}
	matching := func(prefix, suffix string) (found []remote) {
		for _, f := range files {
			if strings.HasPrefix(f.Name, prefix) && strings.HasSuffix(f.Name, suffix) && !strings.Contains(f.Name, "/") {
				found = append(found, f)
			}
		}
		return found
	}
	for _, try := range [][]remote{
		named("model.safetensors"), append(named("model.safetensors.index.json"), matching("model-0", ".safetensors")...),
		named("pytorch_model.bin"), append(named("pytorch_model.bin.index.json"), matching("pytorch_model-0", ".bin")...),
	} {
		if len(try) > 0 && len(list) == 0 {
			list = try
		}
	}
	if len(list) == 0 {
		for _, ext := range []string{".gguf", ".safetensors", ".keras", ".h5", ".pt", ".pth", ".bin", ".npz", ".vec", ".txt"} {
			if choices = whole(matching("", ext)); len(choices) > 0 {
				break
			}
		}
	}
	if file != "" {
		list = named(file)
	} else if len(choices) > 0 {
		i := max(0, slices.IndexFunc(choices, func(f remote) bool { return strings.Contains(strings.ToUpper(f.Name), "Q4") }))
		list = choices[i : i+1]
	}
	if len(list) == 1 {
		list = append(list[:1:1], pieces(files, list[0].Name)...)
	}
	if len(choices) < 2 {
		choices = nil
	}
	if len(list) == 0 || strings.HasSuffix(list[0].Name, ".gguf") { // it says all by itself
		return list, choices
	}
	beside := besides
	if len(named("tokenizer.json")) == 0 {
		beside = append(slices.Clone(besides), instead...)
	}
	for _, name := range beside {
		if name != file {
			list = append(list, named(name)...)
		}
	}
	return list, choices
}

// whole leaves the later pieces of a split file out.
func whole(files []remote) []remote {
	return slices.DeleteFunc(files, func(f remote) bool {
		_, rest, split := strings.Cut(f.Name, "-0000")
		return split && strings.Contains(rest, "-of-") && !strings.HasPrefix(rest, "1-")
	})
}

// pieces are the later pieces of a split file, by the name of its first.
func pieces(files []remote, first string) (list []remote) {
	before, after, split := strings.Cut(first, "-00001-of-")
	for _, f := range files {
		if split && f.Name != first && strings.HasPrefix(f.Name, before+"-0") && strings.HasSuffix(f.Name, "-of-"+after) {
			list = append(list, f)
		}
	}
	return list
}
