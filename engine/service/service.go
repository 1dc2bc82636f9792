// Package service answers the protocol: it holds the open model and the text, runs the one on the other with
// the changes that were made, and keeps what was recorded. It runs in the worker, behind channels in tests, and
// behind the command line (engine/cmd/loupe): all that a view can ask, a script can ask too.
package service

import (
	"context"
	"io"
	"strings"

	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// MaxTokens is the longest text, of a model that reads as many.
const MaxTokens = 4096

// Service is one open model and one text. It answers one request at a time.
type Service struct {
	open  func(protocol.FileRef) (io.ReaderAt, error)
	yield func() error
	// Hold gives the page bytes to keep under a key, for another worker. nil: nobody takes any.
	Hold func(key string, b []byte)
	// States is given what each token of a corpus does when it is run: the units of each source, in full precision; they are not to be kept. nil:
	// nobody wants it.
	States func(pos int, rows [][]float32)

	model  model.Model
	info   nn.Info
	tok    tokenizer.Tokenizer
	chat   tokenizer.Chat // nil: none
	about  protocol.Model
	names  []string                              // of the tokens, as shown
	seq    *halves                               // of an encoder-decoder; nil: it is none
	labels *tokenizer.Labels                     // of word vectors: what a table beside them says; nil: there is none
	window [2]int                                // of a recorded set: which of its tokens are the text
	text   text                                  // the session's, or more than was run of it
	scores map[string]*protocol.HeadScoresResult // by half; "" of a model of one

	final   string // the activation that W multiplies
	last    string // the activation that the last layer hands on
	pooling analysis.Pooling
	asked   []string // activations that were asked for

	corpus   *texts            // see corpus.go; nil: none is open
	corpora  int               // that were opened so far
	pairs    *pairs            // see pairs.go; nil: none are open
	pairings int               // that were opened so far
	planes   map[string]*plane // of translations that were made lately, by activation
	notes    notes             // see tracks.go

	noVectors error // why no vector of a text can be made: its files ask for what is not done

	changes []protocol.Change
	base    *track // without changes
	now     *track // with them; the same as base if there are none
	rev     int
}

// New returns a service without a model. open gives the bytes of a file that a request names; yield, if not nil, lets
// others work for a moment (in the browser, the event loop, so that a cancel can arrive).
func New(open func(protocol.FileRef) (io.ReaderAt, error), yield func() error) *Service {
	return &Service{open: open, yield: yield}
}

// Handle answers one request: any number of progress and partial replies, then exactly one done, failed or cancelled.
func (s *Service) Handle(ctx context.Context, req protocol.Request, reply desk.Reply) {
	desk.Handle(ctx, req, reply, s.yield, s.answer, func() {
		if s.model != nil {
			s.reset()
		}
		if s.corpus != nil {
			s.corpus.fill.state = nil // the piece is run again, and what is kept of it stays
		}
	})
}

func (s *Service) answer(j *desk.Job, req *protocol.Request) (any, error) {
	switch req.Op {
	case protocol.OpOpen:
		return desk.Take(j, req, s.openModel)
	}
	if s.model == nil {
		return nil, &protocol.Error{Code: "no-model", Detail: "service: no model is open"}
	}
	if err := s.refuse(req.Op); err != nil {
		return nil, err
	}
	switch req.Op {
	case protocol.OpRun:
		return desk.Take(j, req, s.run)
	case protocol.OpPredict:
		return desk.Take(j, req, s.predict)
	case protocol.OpActivation:
		return desk.Take(j, req, s.activation)
	case protocol.OpPatterns:
		return desk.Take(j, req, s.patterns)
	case protocol.OpHeadScores:
		return desk.Take(j, req, s.headScores)
	case protocol.OpEffects:
		return desk.Take(j, req, s.effects)
	case protocol.OpGenerate:
		return desk.Take(j, req, s.generate)
	case protocol.OpMap:
		return desk.Take(j, req, s.mapEmbedding)
	case protocol.OpPoints:
		return desk.Take(j, req, s.points)
	case protocol.OpFind:
		return desk.Take(j, req, s.find)
	case protocol.OpVectors:
		return desk.Take(j, req, s.vectors)
	case protocol.OpChat:
		return desk.Take(j, req, s.template)
	case protocol.OpTracks:
		return desk.Take(j, req, s.tracks)
	case protocol.OpUnit:
		return desk.Take(j, req, s.unit)
	case protocol.OpMemory:
		return desk.Take(j, req, s.memory)
	case protocol.OpSummary:
		return desk.Take(j, req, s.summary)
	case protocol.OpTranslate:
		return desk.Take(j, req, s.translate)
	case protocol.OpTranslated:
		return desk.Take(j, req, s.translated)
	case protocol.OpReference:
		return desk.Take(j, req, s.givenReference)
	case protocol.OpAlike:
		return desk.Take(j, req, s.alike)
	}
	if strings.HasPrefix(req.Op, "corpus.") {
		return s.aboutCorpus(j, req)
	}
	if strings.HasPrefix(req.Op, "pairs.") {
		return s.aboutPairs(j, req)
	}
	return nil, desk.Unknown(req.Op)
}
