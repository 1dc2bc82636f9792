package service

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// mostPoints is how many bytes of vectors are given at once; but for tests, a constant.
var mostPoints = 400 << 20

// points gives the page vectors to hold: rows of the embeddings, or hidden states.
func (s *Service) points(j *desk.Job, b protocol.Points) (*protocol.PointsResult, error) {
	switch {
	case s.Hold == nil:
		return nil, &protocol.Error{Code: "failed", Detail: "service: nobody holds the vectors"}
	case b.Source == "context":
		return s.contexts(j, b)
	case b.Source == "pairs", b.Source == "translation":
		return s.statePoints(j, b)
	}
	return s.embeddings(j, b)
}

// embeddings gives tokens' rows of the input embedding, of the output embedding, or of both.
func (s *Service) embeddings(j *desk.Job, b protocol.Points) (*protocol.PointsResult, error) {
	sides, err := s.sides(b.Source)
	if err != nil {
		return nil, err
	}
	for i, id := range b.Include {
		if id < 0 || id >= s.info.Vocab {
			return nil, desk.BadRequest(fmt.Sprintf("include[%d]", i), fmt.Sprintf("0 to %d", s.info.Vocab-1), id)
		}
	}
	k, most := s.kinds(), room(len(sides)*sides[0].dim)
	ids := s.words(min(max(b.Max, 1), s.info.Vocab, most), k.isWord, b.Include...)
	if len(ids) > most {
		return nil, desk.BadRequest("include", fmt.Sprintf("at most %d tokens", most), len(ids))
	}
	vectors, err := rowsOf(j, sides, ids)
	if err != nil {
		return nil, err
	}
	r := &protocol.PointsResult{N: len(sides) * len(ids), Dim: sides[0].dim, Total: s.info.Vocab, Tensor: sides[0].tensor, Columns: s.columns(k, ids)}
	if len(ids) < s.info.Vocab {
		r.Warnings = append(r.Warnings, protocol.Warning{Code: "points-sampled", What: fmt.Sprint(s.info.Vocab), N: len(ids)})
	}
	for range sides {
		for _, id := range ids {
			r.Names, r.IDs = append(r.Names, s.names[id]), append(r.IDs, float32(id))
		}
	}
	if len(sides) > 1 {
		r.Tensor += ", " + sides[1].tensor
		for i := range r.Columns {
			r.Columns[i].Values = slices.Repeat(r.Columns[i].Values, 2)
		}
		r.Columns = append(r.Columns, protocol.Column{Name: "side", Labels: []string{"input", "output"}, Values: steps(2, len(ids))})
	}
	r.Held = s.hold(vectors)
	return r, nil
}

// rowsOf are the tokens' rows of each side, one side after the other.
func rowsOf(j *desk.Job, sides []side, ids []int) ([]byte, error) {
	n, dim := len(sides)*len(ids), sides[0].dim
	vectors, row := make([]byte, 4*n*dim), make([]float32, dim)
	for i := range n {
		if i%1024 == 0 {
			if err := j.Yield(); err != nil {
				return nil, err
			}
			j.Progress("points", float64(i), float64(n), "")
		}
		sides[i/len(ids)].row(row, ids[i%len(ids)])
		put(vectors, i, row)
	}
	return vectors, nil
}

// side is a matrix with a row for each token.
type side struct {
	tensor string
	dim    int
	row    func(dst []float32, id int)
}

// sides are the embeddings that are asked for.
func (s *Service) sides(source string) ([]side, error) {
	var sides []side
	switch source {
	case "input", "output", "both":
	default:
		return nil, desk.BadRequest("source", "input, output, both, context or pairs", source)
	}
	if source != "output" {
		if s.info.OneHot {
			return nil, &protocol.Error{Code: "no-embedding", Detail: "service: the model has no input embedding: a token is a vector of zeros with a one in its place"}
		}
		sides = append(sides, side{"embed", s.info.Embed, s.model.Embedding})
	}
	if source != "input" {
		if !s.info.Logits {
			return nil, &protocol.Error{Code: "no-output", Detail: "service: the model has no output embedding: it predicts no tokens"}
		}
		sides = append(sides, side{"unembed", s.act(s.final).Inner[0], s.model.OutputEmbedding})
	}
	if a, b := sides[0].dim, sides[len(sides)-1].dim; a != b {
		return nil, &protocol.Error{Code: "both-widths", Expected: fmt.Sprint(a), Found: fmt.Sprint(b),
			Detail: fmt.Sprintf("service: input vectors have %d numbers, output vectors %d", a, b)}
	}
	return sides, nil
}

// room is how many vectors of dim numbers may be given at once.
func room(dim int) int { return max(1, mostPoints/(4*dim)) }

// put writes row k of an array of such rows.
func put(vectors []byte, k int, row []float32) {
	b := vectors[4*k*len(row) : 4*(k+1)*len(row)]
	for i, x := range row {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(x))
	}
}

// hold has the page keep vectors, under a name that no other worker gives.
func (s *Service) hold(vectors []byte) (key string) {
	key = fmt.Sprintf("points-%016x", rand.Uint64())
	s.Hold(key, vectors)
	return key
}

// steps is 0, 1, .. k-1, each m times over.
func steps(k, m int) []float32 {
	x := make([]float32, k*m)
	for i := range x {
		x[i] = float32(i / m)
	}
	return x
}
