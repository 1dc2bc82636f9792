package nn

import (
	"fmt"
	"math"

	"loupe/engine/fault"
)

// Rope is what a config.json says of rotary positions, for a Config to embed. There are two styles: transformers 4 has
// rope_theta and rope_scaling, transformers 5 has all of it in rope_parameters, which may differ by the kind of layer.
// The maths of the kinds is that of transformers' modeling_rope_utils.py.
type Rope struct {
	Theta      float64  `json:"rope_theta"`
	Partial    float64  `json:"partial_rotary_factor"` // of a head's numbers; 0 means 1
	Positions  int      `json:"max_position_embeddings"`
	Original   int      `json:"original_max_position_embeddings"` // 0: not said
	Scaling    *scaling `json:"rope_scaling"`
	Parameters *struct {
		scaling
		Full    *scaling `json:"full_attention"`
		Sliding *scaling `json:"sliding_attention"`
	} `json:"rope_parameters"`
}

// scaling is one rope_scaling or rope_parameters. Pointers are nil where a key is not there.
type scaling struct {
	RopeType  string    `json:"rope_type"`
	Type      string    `json:"type"` // its old name
	Theta     float64   `json:"rope_theta"`
	Partial   float64   `json:"partial_rotary_factor"`
	Factor    *float64  `json:"factor"`
	Original  int       `json:"original_max_position_embeddings"`
	Attention *float64  `json:"attention_factor"`
	Low       float64   `json:"low_freq_factor"`
	High      float64   `json:"high_freq_factor"`
	Fast      float64   `json:"beta_fast"`
	Slow      float64   `json:"beta_slow"`
	MScale    float64   `json:"mscale"`
	MScaleAll float64   `json:"mscale_all_dim"`
	Truncate  *bool     `json:"truncate"`
	Short     []float64 `json:"short_factor"`
	Long      []float64 `json:"long_factor"`
}

// resolve makes one of the two styles, for layers with a window or without one.
func (r *Rope) resolve(sliding bool) scaling {
	s := scaling{}
	switch p := r.Parameters; {
	case p != nil && sliding && p.Sliding != nil:
		s = *p.Sliding
	case p != nil && p.Full != nil:
		s = *p.Full
	case p != nil:
		s = p.scaling
	case r.Scaling != nil:
		s = *r.Scaling
	}
	if s.RopeType == "" {
		s.RopeType = s.Type
	}
	if s.Theta == 0 {
		s.Theta = r.Theta
	}
	if s.Partial == 0 {
		s.Partial = r.Partial
	}
	if s.Partial == 0 {
		s.Partial = 1
	}
	return s
}

// Limit is the number of positions that the model reads: max_position_embeddings or, of LongRoPE, the original number: beyond
// it all keys would have to be turned anew, by other frequencies.
func (r *Rope) Limit() int {
	s := r.resolve(false)
	if original := max(r.Original, s.Original); s.long() && original > 0 {
		return min(original, r.Positions)
	}
	return r.Positions
}

// long reports whether it is LongRoPE, which Phi-3's files once called "su" and "yarn".
func (s *scaling) long() bool {
	return s.RopeType == "longrope" || s.RopeType == "su" || s.RopeType == "yarn" && s.Short != nil
}

// Rotary makes the rotary positions of heads of dim numbers, for layers with a window (sliding) or without one.
func (r *Rope) Rotary(dim int, sliding bool) (*Rotary, error) {
	s := r.resolve(sliding)
	rot := int(float64(dim) * s.Partial)
	switch {
	case !(s.Theta > 0 && s.Theta < 1e30):
		return nil, Fault(fault.BadConfig, "rope_theta", "a number above 0", fmt.Sprint(s.Theta))
	case !(s.Partial > 0 && s.Partial <= 1) || rot < 2 || rot%2 != 0:
		return nil, Fault(fault.BadConfig, "partial_rotary_factor", fmt.Sprintf("an even part of %d numbers", dim), fmt.Sprint(s.Partial))
	case s.Factor != nil && !(*s.Factor > 0 && *s.Factor < 1e9):
		return nil, Fault(fault.BadConfig, "rope_scaling.factor", "a number above 0", fmt.Sprint(*s.Factor))
	}
	out := NewRotary(s.Theta, rot)
	var err error
	switch {
	case s.RopeType == "" || s.RopeType == "default":
	case s.RopeType == "dynamic": // differs only beyond max_position_embeddings, where no text goes
	case s.long():
		err = s.longRope(r, out)
	case s.Factor == nil:
		err = Fault(fault.BadConfig, "rope_scaling.factor", "a number", "nothing")
	case s.RopeType == "linear":
		for i := range out.Freq {
			out.Freq[i] /= float32(*s.Factor)
		}
	case s.RopeType == "llama3":
		err = s.llama3(out)
	case s.RopeType == "yarn":
		err = s.yarn(r, out, rot)
	default:
		err = Fault(fault.Unsupported, "rope_scaling.rope_type", "default, linear, dynamic, llama3, yarn or longrope", fault.Quote(s.RopeType))
	}
	if err != nil {
		return nil, err
	}
	for _, f := range append(out.Freq, out.Scale) {
		if f != f || math.IsInf(float64(f), 0) {
			return nil, Fault(fault.BadConfig, "rope_scaling", "numbers that give finite frequencies", fmt.Sprint(f))
		}
	}
	return out, nil
}

// llama3 leaves high frequencies, divides low ones by the factor, and goes smoothly from one to the other.
func (s *scaling) llama3(r *Rotary) error {
	if s.Original < 1 || !(s.Low > 0 && s.High > s.Low) {
		return Fault(fault.BadConfig, "rope_scaling", "0 < low_freq_factor < high_freq_factor and original_max_position_embeddings",
			fmt.Sprintf("%v, %v and %d", s.Low, s.High, s.Original))
	}
	for i, freq := range r.Freq {
		f := float64(freq)
		turns := float64(s.Original) * f / (2 * math.Pi) // in the original number of positions
		smooth := min(max((turns-s.Low)/(s.High-s.Low), 0), 1)
		r.Freq[i] = float32((1-smooth)*f / *s.Factor + smooth*f)
	}
	return nil
}

// yarn divides the frequencies that turn less than beta_slow times in the original number of positions by the factor, leaves
// those that turn more than beta_fast times, and goes from one to the other in a line (arXiv 2309.00071).
func (s *scaling) yarn(c *Rope, r *Rotary, rot int) error {
	original := s.Original
	if original == 0 {
		original = c.Positions
	}
	fast, slow := s.Fast, s.Slow
	if fast == 0 {
		fast = 32
	}
	if slow == 0 {
		slow = 1
	}
	if original < 1 || !(fast > 0 && slow > 0) || s.Theta <= 1 {
		return Fault(fault.BadConfig, "rope_scaling", "beta_fast and beta_slow above 0, rope_theta above 1", fmt.Sprintf("%v, %v, %v", fast, slow, s.Theta))
	}
	at := func(turns float64) float64 {
		return float64(rot) * math.Log(float64(original)/(turns*2*math.Pi)) / (2 * math.Log(s.Theta))
	}
	low, high := at(fast), at(slow)
	if s.Truncate == nil || *s.Truncate {
		low, high = math.Floor(low), math.Ceil(high)
	}
	if low, high = max(low, 0), min(high, float64(rot-1)); low == high {
		high += 0.001
	}
	for i, freq := range r.Freq {
		f := float64(freq)
		ramp := min(max((float64(i)-low)/(high-low), 0), 1)
		r.Freq[i] = float32(f / *s.Factor * ramp + f*(1-ramp))
	}
	grown := func(m float64) float64 {
		if *s.Factor <= 1 {
			return 1
		}
		return 0.1*m*math.Log(*s.Factor) + 1
	}
	switch {
	case s.Attention != nil:
		r.Scale = float32(*s.Attention)
	case s.MScale != 0 && s.MScaleAll != 0:
		r.Scale = float32(grown(s.MScale) / grown(s.MScaleAll))
	default:
		r.Scale = float32(grown(1))
	}
	return nil
}

// longRope divides each frequency by its own factor, the short ones: see Limit.
func (s *scaling) longRope(c *Rope, r *Rotary) error {
	if len(s.Short) != len(r.Freq) {
		return Fault(fault.BadConfig, "rope_scaling.short_factor", fmt.Sprintf("%d numbers", len(r.Freq)), fmt.Sprint(len(s.Short)))
	}
	for i := range r.Freq {
		r.Freq[i] = 1 / (float32(s.Short[i]) * (1 / r.Freq[i]))
	}
	original := max(c.Original, s.Original)
	if original == 0 {
		original = c.Positions
	}
	grown := float64(c.Positions) / float64(original)
	if c.Original == 0 && s.Factor != nil {
		grown = *s.Factor
	}
	switch {
	case s.Attention != nil:
		r.Scale = float32(*s.Attention)
	case grown > 1:
		r.Scale = float32(math.Sqrt(1 + math.Log(grown)/math.Log(float64(original))))
	}
	return nil
}
