package checkpoint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// maxParts is the most files that a model may be cut into.
const maxParts = 1000

// weights are the files of one model's weights, in order, and the format that reads them.
type weights struct {
	row    *row
	files  []File
	broken error // a part is missing
}

func (w *weights) size() (n int64) {
	for _, f := range w.files {
		n += f.Size
	}
	return n
}

// together joins files of weights that are parts of one model: those that an index lists (model.safetensors.index.json, with
// "weight_map": tensor -> file), and those whose names count (model-00001-of-00003.safetensors).
func together(found []weights, indexes []File) (models []weights, err error) {
	slices.SortStableFunc(found, func(a, b weights) int { return strings.Compare(a.files[0].Name, b.files[0].Name) })
	for _, index := range indexes {
		parts, err := readIndex(index)
		if err != nil {
			return nil, err
		}
		found, models = take(found, models, dir(index.Name), parts)
	}
	for len(found) > 0 {
		first := found[0].files[0].Name
		found, models = take(found, models, dir(first), numbered(base(first)))
	}
	return models, nil
}

// take moves the parts, which are base names in a folder, from found to models. None of them there is no error: an index may
// be that of a twin which was not downloaded.
func take(found, models []weights, folder string, parts []string) (left, more []weights) {
	var model weights
	var missing []string
	for _, name := range parts {
		i := slices.IndexFunc(found, func(w weights) bool {
			f := w.files[0].Name
			return base(f) == name && dir(f) == folder
		})
		if i < 0 {
			missing = append(missing, name)
			continue
		}
		model.row, model.files = found[i].row, append(model.files, found[i].files[0])
		found = slices.Delete(found, i, i+1)
	}
	if len(missing) > 0 && len(model.files) > 0 {
		model.broken = &fault.Error{Code: fault.Sharded, File: model.files[0].Name, Where: fault.Quote(missing[0]),
			Expected: fmt.Sprintf("all %d files of this model", len(parts)), Found: fmt.Sprintf("%d, without this one", len(model.files))}
	}
	if len(model.files) > 0 {
		models = append(models, model)
	}
	return found, models
}

// readIndex gives the files that an index lists, by base name, in order.
func readIndex(f File) ([]string, error) {
	fail := func(where, expected, found string) error {
		return &fault.Error{Code: fault.BadIndex, File: f.Name, Where: where, Expected: expected, Found: found}
	}
	if f.Size > maxSide {
		return nil, &fault.Error{Code: fault.TooLarge, File: f.Name, Expected: "at most 64 MB", Found: fault.Bytes(f.Size)}
	}
	b := make([]byte, max(f.Size, 0))
	if e := format.ReadAt(f.R, b, 0, ""); e != nil {
		e.File = f.Name
		return nil, e
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if _, err := fault.JSON(fault.BadIndex, f.Name, b, &index); err != nil {
		return nil, err
	}
	var parts []string
	seen := map[string]bool{}
	for tensor, name := range index.Map {
		if name == "" || strings.ContainsAny(name, `/\`) || strings.Contains(name, "..") {
			return nil, fail(fault.Name(tensor), "the name of a file beside the index", fault.Quote(name))
		}
		if !seen[name] {
			seen[name] = true
			parts = append(parts, strings.ToLower(name))
		}
	}
	if len(parts) == 0 || len(parts) > maxParts {
		return nil, fail("weight_map", fmt.Sprintf("1 to %d files", maxParts), fmt.Sprint(len(parts)))
	}
	slices.Sort(parts)
	return parts, nil
}

// numbered gives the names of all parts of the model that a file's name says it is a part of: NAME-00001-of-00003.EXT. Any other
// name is a model of one part.
func numbered(name string) []string {
	at := strings.LastIndex(name, "-of-")
	if at < 6 || len(name) < at+9 || name[at-6] != '-' {
		return []string{name}
	}
	n, err := strconv.ParseUint(name[at+4:at+9], 10, 16)
	if _, err2 := strconv.ParseUint(name[at-5:at], 10, 16); err != nil || err2 != nil || n < 1 || n > maxParts {
		return []string{name}
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("%s%05d%s", name[:at-5], i+1, name[at:])
	}
	if !slices.Contains(parts, name) { // part 4 of 3
		return []string{name}
	}
	return parts
}

// chosen gives the model to open: the one of which choose is a file, or the one that all others are twins of.
func chosen(models []weights, choose string) (w weights, err error) {
	if choose != "" {
		i := slices.IndexFunc(models, func(w weights) bool {
			return slices.ContainsFunc(w.files, func(f File) bool { return f.Name == choose })
		})
		if i < 0 {
			return w, &fault.Error{Code: fault.NoWeights, Expected: fault.Quote(choose), Found: names(firsts(models))}
		}
		models = models[i : i+1]
	}
	left := slices.DeleteFunc(slices.Clone(models), func(w weights) bool {
		return slices.ContainsFunc(models, func(other weights) bool { return twin(&w, &other) })
	})
	if len(left) > 1 {
		return w, &fault.Error{Code: fault.SeveralModels, Expected: "the files of one model", Found: names(firsts(left))}
	}
	if w = left[0]; w.broken != nil {
		return w, w.broken
	}
	if n := w.size(); n > maxWeights {
		return w, &fault.Error{Code: fault.TooLarge, In: w.row.name, File: w.files[0].Name, Expected: "at most 4 GB", Found: fault.Bytes(n)}
	}
	return w, nil
}

func firsts(models []weights) (files []File) {
	for _, w := range models {
		files = append(files, w.files[0])
	}
	return files
}

// twin reports whether w is the same model as other once more, or a piece of it: in the same folder and of a format that stands
// below other's in the table, or as Mistral's own writer names it; or in a folder below other's that by its name is for
// another program or for a module of a sentence model.
func twin(w, other *weights) bool {
	here, there := dir(w.files[0].Name), dir(other.files[0].Name)
	if here == there {
		rank := func(w *weights) int {
			return slices.IndexFunc(formats, func(r row) bool { return r.name == w.row.name })
		}
		own := func(w *weights) bool { return strings.HasPrefix(base(w.files[0].Name), "consolidated.") }
		return own(w) && !own(other) || own(w) == own(other) && rank(w) > rank(other)
	}
	if there != "." {
		var below bool
		if here, below = strings.CutPrefix(here, there+"/"); !below {
			return false
		}
	}
	first, _, _ := strings.Cut(here, "/")
	number, _, module := strings.Cut(first, "_")
	if _, err := strconv.ParseUint(number, 10, 16); module && err == nil {
		return true // 2_Dense
	}
	return slices.Contains([]string{"onnx", "original", "openvino", "coreml", "tflite", "metal"}, strings.ToLower(first))
}
