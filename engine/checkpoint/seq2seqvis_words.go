package checkpoint

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"loupe/engine/checkpoint/hdf5"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// wordTables gives embs.h5 of Seq2Seq-Vis the form that word vectors have elsewhere: its datasets encoder and decoder, float32 [words, numbers],
// become an npy file each, called embs.h5/encoder.npy and embs.h5/decoder.npy, and the dictionary of the one that is taken becomes words.txt.
// Without src.dict or tgt.dict files stay as they are.
func wordTables(files []File, choose string) (left []File, ignored []string, err error) {
	find := func(name string) int {
		return slices.IndexFunc(files, func(f File) bool { return base(f.Name) == name })
	}
	at := find("embs.h5")
	if at < 0 || find("src.dict") < 0 && find("tgt.dict") < 0 {
		return files, nil, nil
	}
	embs := files[at]
	root, err := hdf5.Open(embs.R, embs.Size)
	if err != nil {
		return nil, nil, inFile(embs.Name, "hdf5", err)
	}
	dict := -1
	for side, name := range map[string]string{"encoder": "src.dict", "decoder": "tgt.dict"} {
		file := embs.Name + "/" + side + ".npy"
		if i := find(name); i < 0 || choose != "" && choose != file {
			continue
		} else {
			dict = i
		}
		f, err := asTable(embs.Name, file, side, root)
		if err != nil {
			return nil, nil, err
		}
		left = append(left, *f)
	}
	if len(left) == 0 { // another file is chosen
		return files, nil, nil
	}
	if len(left) == 1 {
		words, err := readWords(&files[dict])
		if err != nil {
			return nil, nil, err
		}
		var b strings.Builder
		for id := range len(words) {
			word, ok := words[id]
			if !ok {
				return nil, nil, &fault.Error{Code: fault.BadSeq2SeqVis, File: files[dict].Name, Where: fmt.Sprint("id ", id), Expected: "a word", Found: "none"}
			}
			b.WriteString(word + "\n")
		}
		left = append(left, File{Name: "words.txt", Size: int64(b.Len()), R: strings.NewReader(b.String())})
	}
	for i, f := range files {
		if i != at && i != dict {
			ignored = append(ignored, f.Name)
		}
	}
	return left, ignored, nil
}

// asTable makes an npy file of a dataset.
func asTable(in, name, path string, root *hdf5.Object) (*File, error) {
	o := root.Get(path)
	if o == nil || o.Data == nil || len(o.Data.Shape) != 2 || o.Data.DType != tensor.F32 || o.Data.BigEndian {
		return nil, &fault.Error{Code: fault.BadSeq2SeqVis, File: in, Where: path, Expected: "float32 [words, numbers]", Found: "none"}
	}
	if o.Data.Bytes > maxTable {
		return nil, &fault.Error{Code: fault.TooLarge, File: in, Where: path, Expected: "at most " + fault.Bytes(maxTable), Found: fault.Bytes(o.Data.Bytes)}
	}
	r, err := o.Data.Open()
	if err != nil {
		return nil, inFile(in, "hdf5", err)
	}
	b := make([]byte, o.Data.Bytes)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, inFile(in, "hdf5", err)
	}
	f := asNPY(File{Name: name, Size: int64(len(b)), R: bytes.NewReader(b)}, []uint64{uint64(o.Data.Shape[0]), uint64(o.Data.Shape[1])})
	return &f, nil
}

// maxTable is how many bytes a table of words may have: it is held in memory.
const maxTable = 512 << 20
