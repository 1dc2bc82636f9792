package tokenizer

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/subword"
	"loupe/engine/tokenizer/text"
)

// Types of SentencePiece's pieces; GGUF's token types are the same numbers.
const (
	pieceNormal  = 1
	pieceUnknown = 2
	pieceControl = 3
	pieceUser    = 4
	pieceUnused  = 5
	pieceByte    = 6
)

// spFile is what is read of a SentencePiece model (sentencepiece/src/sentencepiece_model.proto).
type spFile struct {
	pieces   []string
	scores   []float32
	types    []int
	model    int // 1: unigram, 2: BPE, 3: word, 4: char
	suffix   bool
	fallback bool
	normal   normal.SentencePiece
	charsmap []byte
}

// field is one field of a message of protocol buffers: its number, and its value as a number or as bytes.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

// fields calls f for each field of a message.
func fields(file, where string, b []byte, f func(field) error) error {
	whole := b
	cut := func() error {
		return bad(file, fmt.Sprintf("%s, byte %d", where, len(whole)-len(b)), "a whole field of protocol buffers", "another")
	}
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 || key>>3 == 0 || key>>3 > 1<<29 {
			return cut()
		}
		b = b[n:]
		x := field{number: int(key >> 3)}
		switch key & 7 {
		case 0:
			if x.value, n = binary.Uvarint(b); n <= 0 {
				return cut()
			}
		case 1:
			if n = 8; len(b) < n {
				return cut()
			}
			x.value = binary.LittleEndian.Uint64(b)
		case 2:
			size, k := binary.Uvarint(b)
			if k <= 0 || size > uint64(len(b)-k) {
				return cut()
			}
			n = k + int(size)
			x.bytes = b[k:n]
		case 5:
			if n = 4; len(b) < n {
				return cut()
			}
			x.value = uint64(binary.LittleEndian.Uint32(b))
		default:
			return cut()
		}
		if err := f(x); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func readSentencePiece(file string, b []byte) (*spFile, error) {
	if len(b) > maxFile {
		return nil, tooLarge(file, "", "at most 64 MB", fault.Bytes(len(b)))
	}
	s := &spFile{model: 1, normal: normal.SentencePiece{AddPrefix: true, RemoveExtra: true, Escape: true}}
	on := func(x field) bool { return x.value != 0 }
	err := fields(file, "the model", b, func(x field) error {
		switch x.number {
		case 1:
			return s.piece(file, x.bytes)
		case 2:
			return fields(file, "trainer_spec", x.bytes, func(x field) error {
				switch x.number {
				case 3:
					s.model = int(x.value)
				case 24:
					s.normal.Suffix = on(x)
				case 35:
					s.fallback = on(x)
				}
				return nil
			})
		case 3:
			return fields(file, "normalizer_spec", x.bytes, func(x field) error {
				switch x.number {
				case 2:
					s.charsmap = x.bytes
				case 3:
					s.normal.AddPrefix = on(x)
				case 4:
					s.normal.RemoveExtra = on(x)
				case 5:
					s.normal.Escape = on(x)
				}
				return nil
			})
		}
		return nil
	})
	return s, err
}

func (s *spFile) piece(file string, b []byte) error {
	where := fmt.Sprintf("pieces[%d]", len(s.pieces))
	if len(s.pieces) == maxVocab {
		return tooLarge(file, "pieces", fmt.Sprintf("at most %d", maxVocab), "more")
	}
	name, score, kind := "", float32(0), pieceNormal
	err := fields(file, where, b, func(x field) error {
		switch x.number {
		case 1:
			name = string(x.bytes)
		case 2:
			score = math.Float32frombits(uint32(x.value))
		case 3:
			kind = int(x.value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case name == "" || len(name) > maxToken:
		return bad(file, where, fmt.Sprintf("1 to %d bytes", maxToken), fmt.Sprint(len(name)))
	case score != score:
		return bad(file, where, "a score", "not a number")
	}
	s.pieces, s.scores, s.types = append(s.pieces, name), append(s.scores, score), append(s.types, kind)
	return nil
}

// openSentencePiece reads a SentencePiece model, spiece.model or tokenizer.model. Which marks are put around a text, the
// class in tokenizer_config.json says.
func openSentencePiece(file string, b []byte, side *side) (Tokenizer, error) {
	s, err := readSentencePiece(file, b)
	if err != nil {
		return nil, err
	}
	v, err := s.vocab(file)
	if err != nil {
		return nil, err
	}
	p := &pipeline{vocab: v, pre: whole}
	m, ok := normal.NewCharsmap(s.charsmap)
	if !ok {
		return nil, bad(file, "normalizer_spec.precompiled_charsmap", "a trie and its strings", fault.Bytes(len(s.charsmap))+" that are none")
	}
	s.normal.Map = m
	p.normal = s.normal.Step
	if p.model, p.kind, err = s.subwords(file, v); err != nil {
		return nil, err
	}
	tokens := s.added()
	p.decoders = spDecoders(s.normal.AddPrefix && !s.normal.Suffix)
	if s.model == 2 {
		p.pre = atSpaces(v, tokens)
	}
	if tokens, err = p.addTokens("tokenizer_config.json", append(tokens, side.tokens(v)...)); err != nil {
		return nil, err
	}
	if err := s.marks(p, side); err != nil {
		return nil, err
	}
	p.finish(unique(tokens), side, func(s string) string { return s })
	return p, nil
}

// spDecoders: spaces of their marks, bytes of byte tokens, and the space before the text gone if one was put there.
func spDecoders(prefixed bool) []decoder {
	d := []decoder{replacing(normal.Escaped, " "), byteTokens}
	if prefixed {
		d = append(d, strip(" ", 1, 0))
	}
	return d
}

func (s *spFile) vocab(file string) (*subword.Vocab, error) {
	v := &subword.Vocab{Names: s.pieces, IDs: make(map[string]int32, len(s.pieces))}
	unk := 0
	for i, name := range s.pieces {
		if j, twice := v.IDs[name]; twice {
			return nil, bad(file, fmt.Sprintf("pieces[%d]", i), "each piece once", fmt.Sprintf("%s, which is pieces[%d] too", fault.Quote(name), j))
		}
		v.IDs[name] = int32(i)
		if s.types[i] == pieceUnknown {
			unk++
		}
	}
	if unk != 1 {
		return nil, bad(file, "pieces", "one unknown piece", fmt.Sprint(unk))
	}
	return v, nil
}

// subwords is the model that takes normalised text apart.
func (s *spFile) subwords(file string, v *subword.Vocab) (m subword.Model, kind string, err error) {
	normals := make(map[string]int32, len(s.pieces))
	unused, user := make([]bool, len(s.pieces)), make([]bool, len(s.pieces))
	scores := make([]float64, len(s.pieces))
	lowest, highest := math.MaxFloat32, 0x1p-126 // as the reference's FLT_MAX and FLT_MIN
	unk := int32(subword.None)
	users := map[string]int32{}
	for i, name := range s.pieces {
		scores[i] = float64(s.scores[i])
		switch s.types[i] {
		case pieceNormal:
			lowest, highest = min(lowest, scores[i]), max(highest, scores[i])
			normals[name] = int32(i)
		case pieceUser:
			user[i], normals[name], users[name] = true, int32(i), int32(i)
		case pieceUnused:
			unused[i] = true
			if s.model == 2 {
				normals[name] = int32(i)
			}
		case pieceUnknown:
			unk = int32(i)
		}
	}
	if len(users) > 0 {
		s.normal.User = text.NewTrie(users)
	}
	switch s.model {
	case 1:
		return subword.NewUnigram(v, normals, scores, lowest, highest, subword.UnigramOptions{Unk: unk, ByteFallback: s.fallback, Single: true, User: user}), "Unigram", nil
	case 2:
		return subword.NewScored(v, s.scores, normals, unused, unk, s.fallback), "BPE", nil
	}
	return nil, "", bad(file, "trainer_spec.model_type", "unigram or BPE", map[int]string{3: "word", 4: "char"}[s.model])
}

// added are the pieces that are found in a text before the model sees it: marks, and in BPE what users defined. Unigram
// finds those by itself.
func (s *spFile) added() (out []added) {
	for i, name := range s.pieces {
		control := s.types[i] == pieceControl || s.types[i] == pieceUnknown
		if control || s.types[i] == pieceUser && s.model == 2 {
			normalized := !control
			out = append(out, added{ID: i, Content: name, Special: control, Normalized: &normalized})
		}
	}
	return out
}

// marks are the ids around a text.
func (s *spFile) marks(p *pipeline, side *side) error {
	id := func(names ...name) []int {
		for _, n := range names {
			if i, ok := p.vocab.IDs[string(n)]; ok && n != "" {
				return []int{int(i)}
			}
		}
		return nil
	}
	switch class := strings.TrimSuffix(side.Class, "Fast"); class {
	case "T5Tokenizer", "MT5Tokenizer":
		p.after = id(side.EOS, "</s>")
	case "XLMRobertaTokenizer", "CamembertTokenizer", "MBartTokenizer", "PegasusTokenizer", "AlbertTokenizer", "MarianTokenizer", "XLNetTokenizer":
		return missing("", "tokenizer.json: this model numbers its tokens otherwise than its SentencePiece model", "none") // by its own code
	default:
		// Llama's and Gemma's, and those that do not say, put <s> before a text.
		if or(side.AddBOS, class == "" && s.model == 2 || class == "LlamaTokenizer" || class == "GemmaTokenizer") {
			p.before = id(side.BOS, "<s>", "<bos>")
		}
		if or(side.AddEOS, false) {
			p.after = id(side.EOS, "</s>", "<eos>")
		}
	}
	return nil
}

// unique leaves out what stands twice.
func unique(tokens []added) (out []added) {
	seen := map[string]bool{}
	for _, a := range tokens {
		if !seen[a.Content] {
			seen[a.Content] = true
			out = append(out, a)
		}
	}
	return out
}
