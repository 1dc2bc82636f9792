package model_test

import (
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// opusMT is the config.json of an OPUS-MT model of Helsinki-NLP: 77 million parameters.
const opusMT = `{"model_type": "marian", "vocab_size": 58101, "d_model": 512, "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 8,
	"decoder_attention_heads": 8, "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048, "activation_function": "swish", "scale_embedding": true,
	"max_position_embeddings": 512, "decoder_start_token_id": 58100, "eos_token_id": 0, "pad_token_id": 58100}`

// BenchmarkMarian reads 20 tokens, and takes 20 steps of 4 hypotheses, each of which goes on from a clone, as a search does: at most 3 s in
// WASM is the aim.
func BenchmarkMarian(b *testing.B) {
	for _, t := range []tensor.DType{tensor.F16, tensor.Q8} {
		b.Run(string(t), func(b *testing.B) {
			m, err := enginetest.RandomModel(opusMT, &enginetest.Random{DType: t})
			if err != nil {
				b.Fatal(err)
			}
			s := m.(nn.Seq2Seq)
			b.ReportAllocs()
			for b.Loop() {
				source := make([]int, 20)
				for i := range source {
					source[i] = i * 7 % 58101
				}
				state, err := s.Encode(nn.Input{IDs: source})
				if err != nil {
					b.Fatal(err)
				}
				states := []nn.State{state, state, state, state}
				for i := range 20 {
					ids := make([]int, len(states))
					for k := range states {
						states[k], ids[k] = states[k].Clone(), (i*11+k*13)%58101
					}
					if err := s.Step(states, nn.Input{IDs: ids, Logits: func(int, []float32) {}}, func(int, []float32) {}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
