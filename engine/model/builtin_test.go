package model_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/engine/analysis"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tokenizer"
)

// TestBuiltIn opens each built-in model and holds that it has learnt its own text: it is better there than chance by far,
// and not far from the loss that its card gives.
func TestBuiltIn(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(enginetest.Root(), "web", "models", "*"))
	if err != nil || len(dirs) < 5 {
		t.Fatalf("%d built-in models, %v", len(dirs), err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var card struct {
				Family, Text string
				Loss         map[string]any
			}
			b, err := os.ReadFile(filepath.Join(dir, "card.json"))
			if err != nil {
				t.Skip("no card: not a model")
			}
			if err := json.Unmarshal(b, &card); err != nil {
				t.Fatal(err)
			}
			ck := enginetest.Checkpoint(t, enginetest.Files(t, dir)...)
			m, err := model.Open(ck.Config, ck)
			if err != nil {
				t.Fatal(err)
			}
			info := m.Info()
			if model.Halves(ck.Config) { // what it has learnt is held by TestTranslate of engine/service
				if info.Family != card.Family || len(ck.Unread()) > 0 || len(ck.Warnings) > 0 {
					t.Errorf("%+v, unread %v, warnings %v", info, ck.Unread(), ck.Warnings)
				}
				return
			}
			tok, err := tokenizer.Open(ck.Files, ck.Metadata)
			if err != nil {
				t.Fatal(err)
			}
			if info.Family != card.Family || info.Vocab != tok.Size() || len(ck.Unread()) > 0 || len(ck.Warnings) > 0 {
				t.Errorf("%+v, %d tokens, unread %v, warnings %v", info, tok.Size(), ck.Unread(), ck.Warnings)
			}
			tokens, unknown := tok.Encode(card.Text)
			if len(unknown) > 0 || len(tokens) < 8 {
				t.Fatalf("%d tokens, %d unknown", len(tokens), len(unknown))
			}
			if !info.Logits {
				return
			}
			var ids []int
			for _, k := range tokens {
				ids = append(ids, k.ID)
			}
			var sum float64
			err = m.Forward(m.NewState(), nn.Input{IDs: ids, Logits: func(pos int, z []float32) {
				if pos+1 < len(ids) {
					sum += analysis.Describe(z).Surprisal(z, ids[pos+1])
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			loss, chance := sum/float64(len(ids)-1), math.Log(float64(info.Vocab))
			t.Logf("%.3f nats a token; chance is %.3f; the card says %v", loss, chance, card.Loss)
			if !(loss > 0 && loss < 0.7*chance) {
				t.Errorf("loss %.3f nats a token, chance is %.3f", loss, chance)
			}
			if bits, ok := card.Loss["bits_per_character"].(float64); ok && strings.Contains(tok.Kind(), "char") && loss/math.Ln2 > 2*bits {
				t.Errorf("%.3f bits a character, the card says %.3f", loss/math.Ln2, bits)
			}
		})
	}
}
