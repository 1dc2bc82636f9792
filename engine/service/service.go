// Package service answers the protocol: it holds the open model and the text, runs the one on the other with
// the changes that were made, and keeps what was recorded. It runs in the worker, behind channels in tests, and
// behind the command line (engine/cmd/loupe): all that a view can ask, a script can ask too.
package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"loupe/engine/analysis"
	"loupe/engine/fault"
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

	model  model.Model
	info   nn.Info
	tok    tokenizer.Tokenizer
	chat   tokenizer.Chat // nil: none
	about  protocol.Model
	names  []string          // of the tokens, as shown
	labels *tokenizer.Labels // of word vectors: what a table beside them says; nil: there is none
	text   text              // the session's, or more than was run of it
	scores *protocol.HeadScoresResult

	final   string // the activation that W multiplies
	last    string // the activation that the last layer hands on
	pooling analysis.Pooling
	asked   []string // activations that were asked for

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

// Reply sends one reply to a request.
type Reply func(kind protocol.Kind, body any)

// Handle answers one request: any number of progress and partial replies, then exactly one done, failed or cancelled.
func (s *Service) Handle(ctx context.Context, req protocol.Request, reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			if s.model != nil {
				s.reset() // what was half done
			}
			reply(protocol.Failed, &protocol.Error{Code: "engine", Where: req.Op, Detail: fmt.Sprint("service: ", p)})
		}
	}()
	j := &job{ctx: ctx, s: s, reply: reply, last: time.Now()}
	body, err := s.answer(j, &req)
	switch {
	case err == nil:
		reply(protocol.Done, body)
	case ctx.Err() != nil: // whatever the error became on its way
		reply(protocol.Cancelled, nil)
	default:
		reply(protocol.Failed, asError(err))
	}
}

func (s *Service) answer(j *job, req *protocol.Request) (any, error) {
	switch req.Op {
	case protocol.OpOpen:
		return handle(j, req, s.openModel)
	}
	if s.model == nil {
		return nil, &protocol.Error{Code: "no-model", Detail: "service: no model is open"}
	}
	switch req.Op {
	case protocol.OpRun:
		return handle(j, req, s.run)
	case protocol.OpPredict:
		return handle(j, req, s.predict)
	case protocol.OpActivation:
		return handle(j, req, s.activation)
	case protocol.OpPatterns:
		return handle(j, req, s.patterns)
	case protocol.OpHeadScores:
		return handle(j, req, s.headScores)
	case protocol.OpEffects:
		return handle(j, req, s.effects)
	case protocol.OpGenerate:
		return handle(j, req, s.generate)
	case protocol.OpMap:
		return handle(j, req, s.mapEmbedding)
	case protocol.OpPoints:
		return handle(j, req, s.points)
	case protocol.OpFind:
		return handle(j, req, s.find)
	case protocol.OpVectors:
		return handle(j, req, s.vectors)
	case protocol.OpChat:
		return handle(j, req, s.template)
	}
	return nil, &protocol.Error{Code: "bad-request", Where: req.Op, Detail: "service: unknown operation " + req.Op}
}

// handle decodes a request's body for the method that answers it.
func handle[B, R any](j *job, req *protocol.Request, f func(*job, B) (*R, error)) (any, error) {
	var b B
	if err := req.Bind(&b); err != nil {
		return nil, &protocol.Error{Code: "bad-request", Where: req.Op, Detail: err.Error()}
	}
	r, err := f(j, b)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// asError makes an error of any kind one that the page can say.
func asError(err error) *protocol.Error {
	var p *protocol.Error
	if errors.As(err, &p) {
		return p
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return &protocol.Error{Code: string(f.Code), File: f.File, Where: f.Where, Expected: f.Expected, Found: f.Found, Detail: f.Error()}
	}
	return &protocol.Error{Code: "failed", Detail: err.Error()}
}

// badRequest is an error about a request's own numbers.
func badRequest(where, expected, found string) error {
	return &protocol.Error{Code: "bad-request", Where: where, Expected: expected, Found: found,
		Detail: fmt.Sprintf("service: %s: expected %s, found %s", where, expected, found)}
}

// job is one request at work.
type job struct {
	ctx   context.Context
	s     *Service
	reply Reply
	last  time.Time // of the last progress
}

// Yield lets others work and reports whether the request was cancelled.
func (j *job) Yield() error {
	if j.s.yield != nil {
		if err := j.s.yield(); err != nil {
			return err
		}
	}
	return j.ctx.Err()
}

// progress says how far the work is, at most 30 times a second.
func (j *job) progress(stage string, done, total float64, note string) {
	if now := time.Now(); done == total || now.Sub(j.last) > 33*time.Millisecond {
		j.last = now
		j.reply(protocol.Progress, protocol.Step{Stage: stage, Done: done, Total: total, Note: note})
	}
}
