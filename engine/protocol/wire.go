package protocol

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// A message's bytes: u32 length of the JSON, the JSON (padded with spaces to a multiple of 4), then each array as
// u32 count and that many little-endian f32.

// Request is what the page sends.
type Request struct {
	ID   uint32          `json:"id"`
	Op   string          `json:"op"`
	Body json.RawMessage `json:"body,omitempty"`
}

// Reply is what the engine answers.
type Reply struct {
	ID     uint32          `json:"id"`
	Kind   Kind            `json:"kind"`
	Body   json.RawMessage `json:"body,omitempty"`
	arrays [][]float32
}

// EncodeRequest makes a request's bytes.
func EncodeRequest(id uint32, op string, body any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("protocol: %s: %w", op, err)
	}
	return json.Marshal(Request{id, op, raw})
}

// DecodeRequest reads EncodeRequest's bytes.
func DecodeRequest(b []byte) (Request, error) {
	var r Request
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("protocol: request: %w", err)
	}
	return r, nil
}

// EncodeReply makes a reply's bytes. body may be nil.
func EncodeReply(id uint32, kind Kind, body any) ([]byte, error) {
	r := Reply{ID: id, Kind: kind}
	var arrays []*[]float32
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("protocol: reply: %w", err)
		}
		r.Body = raw
		if a, ok := body.(Arrays); ok {
			arrays = a.Arrays()
		}
	}
	head, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	for len(head)%4 != 0 {
		head = append(head, ' ')
	}
	size := 4 + len(head)
	for _, a := range arrays {
		size += 4 + 4*len(*a)
	}
	out := make([]byte, 0, size)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	for _, a := range arrays {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(*a)))
		for _, f := range *a {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
		}
	}
	return out, nil
}

// DecodeReply reads EncodeReply's bytes.
func DecodeReply(b []byte) (Reply, error) {
	var r Reply
	if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
		return r, fmt.Errorf("protocol: reply of %d bytes is cut short", len(b))
	}
	n := 4 + int(binary.LittleEndian.Uint32(b))
	if err := json.Unmarshal(b[4:n], &r); err != nil {
		return r, fmt.Errorf("protocol: reply: %w", err)
	}
	for b = b[n:]; len(b) >= 4; {
		count := uint64(binary.LittleEndian.Uint32(b))
		if 4*count > uint64(len(b)-4) {
			return r, fmt.Errorf("protocol: array of %d numbers is cut short", count)
		}
		a := make([]float32, count)
		for i := range a {
			a[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4+4*i:]))
		}
		r.arrays = append(r.arrays, a)
		b = b[4+4*count:]
	}
	return r, nil
}

// Into decodes the reply's body into v, which may carry arrays.
func (r *Reply) Into(v any) error {
	if len(r.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("protocol: %s: %w", r.Kind, err)
	}
	if a, ok := v.(Arrays); ok {
		slots := a.Arrays()
		if len(slots) != len(r.arrays) {
			return fmt.Errorf("protocol: %d arrays, expected %d", len(r.arrays), len(slots))
		}
		for i, s := range slots {
			*s = r.arrays[i]
		}
	}
	return nil
}

// Bind decodes a request's body.
func (r *Request) Bind(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("protocol: %s: %w", r.Op, err)
	}
	return nil
}
