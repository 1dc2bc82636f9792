package protocol

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestReplyRoundTrip(t *testing.T) {
	in := &RunResult{Rev: 3, Text: "a<b", Tokens: []Token{{ID: 1, Text: "a", End: 1, Was: &Choice{ID: 5, Text: "b"}}}, Before: []float32{2}, Surprisal: []float32{float32(math.Inf(1)), -0.5},
		Entropy: []float32{1}, Rank: []float32{}, Next: []Choice{{2, "é", .25}}}
	b, err := EncodeReply(7, Done, in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := DecodeReply(b)
	if err != nil || r.ID != 7 || r.Kind != Done {
		t.Fatalf("%+v, %v", r, err)
	}
	out := new(RunResult)
	if err := r.Into(out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("%+v became %+v", in, out)
	}
	if err := r.Into(new(Array)); err == nil || !strings.Contains(err.Error(), "4 arrays, expected 1") {
		t.Errorf("another type's arrays: %v", err)
	}
	for n := range b {
		r, err := DecodeReply(b[:n])
		if err == nil {
			err = r.Into(new(RunResult))
		}
		if err == nil {
			t.Errorf("cut at %d of %d bytes: no error", n, len(b))
		}
	}
}

func TestRequestRoundTrip(t *testing.T) {
	b, err := EncodeRequest(9, OpPredict, Predict{Pos: 4, N: 10, Sampling: Sampling{T: .8}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := DecodeRequest(b)
	if err != nil || r.ID != 9 || r.Op != OpPredict {
		t.Fatalf("%+v, %v", r, err)
	}
	var p Predict
	if err := r.Bind(&p); err != nil || p.Pos != 4 || p.Sampling.T != .8 {
		t.Errorf("%+v, %v", p, err)
	}
	if err := r.Bind(new([]int)); err == nil {
		t.Error("a body of another type was taken")
	}
	if _, err := EncodeRequest(1, "x", math.NaN()); err == nil {
		t.Error("NaN is no JSON")
	}
}

func FuzzDecodeReply(f *testing.F) {
	b, _ := EncodeReply(1, Done, &Array{Shape: []int{2}, Data: []float32{1, 2}})
	f.Add(b)
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodeReply(b); err == nil {
			r.Into(new(Array))
			r.Into(new(RunResult))
		}
	})
}
