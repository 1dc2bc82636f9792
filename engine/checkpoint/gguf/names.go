package gguf

import "strings"

// family is an architecture of llama.cpp (general.architecture) and how transformers has it.
type family struct {
	kind   string            // model_type
	names  map[string]string // of what stands once: "token_embd" -> "model.embed_tokens"
	layer  string            // what stands before the number of a layer
	inside map[string]string // of what stands in a layer: "attn_q" -> "self_attn.q_proj"
	// rotated: queries and keys lie for a rotation of neighbours (see format.Tensor.Swap).
	rotated bool
	// plusOne: norms are stored as 1 + w.
	plusOne bool
	// turned are the matrices of a layer that transformers has as [in, out].
	turned []string
	config func(*builder)
}

// The names are those of llama.cpp's gguf-py/gguf/tensor_mapping.py on the left and of transformers' modeling files on the
// right; what is done to rows and norms is undone as llama.cpp's converters do it.
var families = map[string]*family{
	"llama":   {kind: "llama", names: llamaNames, layer: "model.layers.", inside: llamaLayer, rotated: true, config: llama},
	"qwen2":   {kind: "qwen2", names: llamaNames, layer: "model.layers.", inside: llamaLayer, config: llama},
	"qwen3":   {kind: "qwen3", names: llamaNames, layer: "model.layers.", inside: llamaLayer, config: llama},
	"phi3":    {kind: "phi3", names: llamaNames, layer: "model.layers.", inside: with(llamaLayer, phi3Layer), config: phi3},
	"gemma":   {kind: "gemma", names: llamaNames, layer: "model.layers.", inside: llamaLayer, plusOne: true, config: gemma},
	"gemma2":  {kind: "gemma2", names: llamaNames, layer: "model.layers.", inside: with(llamaLayer, gemma2Layer), plusOne: true, config: gemma2},
	"gemma3":  {kind: "gemma3_text", names: llamaNames, layer: "model.layers.", inside: with(llamaLayer, gemma2Layer), plusOne: true, config: gemma3},
	"phi2":    {kind: "phi", names: phiNames, layer: "model.layers.", inside: phiLayer, config: phi2},
	"gptneox": {kind: "gpt_neox", names: neoxNames, layer: "gpt_neox.layers.", inside: neoxLayer, config: neox},
	"gpt2": {kind: "gpt2", names: gpt2Names, layer: "transformer.h.", inside: gpt2Layer, config: gpt2,
		turned: []string{"attn_qkv", "attn_output", "ffn_up", "ffn_down"}},
	"bert": {kind: "bert", names: bertNames, layer: "encoder.layer.", inside: bertLayer, config: bert},
}

// distilbert is what a file of architecture bert holds that has no types of tokens.
var distilbert = &family{kind: "distilbert", names: bertNames, layer: "transformer.layer.", inside: distilLayer, config: distil}

var (
	llamaNames = map[string]string{"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
	llamaLayer = map[string]string{
		"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
		"attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
		"ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
	}
	gemma2Layer = map[string]string{
		"post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm", "post_ffw_norm": "post_feedforward_layernorm",
	}
	phi3Layer = map[string]string{"attn_qkv": "self_attn.qkv_proj", "ffn_up": "mlp.gate_up_proj"}

	phiNames = map[string]string{"token_embd": "model.embed_tokens", "output_norm": "model.final_layernorm", "output": "lm_head"}
	phiLayer = map[string]string{
		"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
		"attn_qkv": "self_attn.qkv_proj", "attn_output": "self_attn.dense", "ffn_up": "mlp.fc1", "ffn_down": "mlp.fc2",
	}

	neoxNames = map[string]string{"token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm", "output": "embed_out"}
	neoxLayer = map[string]string{
		"attn_norm": "input_layernorm", "attn_qkv": "attention.query_key_value", "attn_output": "attention.dense",
		"ffn_norm": "post_attention_layernorm", "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
	}

	gpt2Names = map[string]string{"token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f", "output": "lm_head"}
	gpt2Layer = map[string]string{
		"attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2", "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
	}

	bertNames = map[string]string{
		"token_embd": "embeddings.word_embeddings", "token_types": "embeddings.token_type_embeddings",
		"position_embd": "embeddings.position_embeddings", "token_embd_norm": "embeddings.LayerNorm",
	}
	bertLayer = map[string]string{
		"attn_q": "attention.self.query", "attn_k": "attention.self.key", "attn_v": "attention.self.value",
		"attn_output": "attention.output.dense", "attn_output_norm": "attention.output.LayerNorm",
		"ffn_up": "intermediate.dense", "ffn_down": "output.dense", "layer_output_norm": "output.LayerNorm",
	}
	distilLayer = map[string]string{
		"attn_q": "attention.q_lin", "attn_k": "attention.k_lin", "attn_v": "attention.v_lin", "attn_output": "attention.out_lin",
		"attn_output_norm": "sa_layer_norm", "ffn_up": "ffn.lin1", "ffn_down": "ffn.lin2", "layer_output_norm": "output_layer_norm",
	}
)

// with is a table with the rows of another in place of or beside its own.
func with(table, other map[string]string) map[string]string {
	out := map[string]string{}
	for _, t := range []map[string]string{table, other} {
		for k, v := range t {
			out[k] = v
		}
	}
	return out
}

// name gives transformers' name of a tensor, and what ggml calls it without its layer and without "weight" or "bias"; or "".
func (f *family) name(ggml string) (as, what string) {
	rest, end := cutLast(ggml)
	if in, ok := strings.CutPrefix(rest, "blk."); ok {
		layer, what, _ := strings.Cut(in, ".")
		if to := f.inside[what]; to != "" {
			return f.layer + layer + "." + to + end, what
		}
		return "", ""
	}
	if to := f.names[rest]; to != "" {
		return to + end, rest
	}
	return "", ""
}

// cutLast parts "a.b.weight" into "a.b" and ".weight".
func cutLast(name string) (rest, end string) {
	i := max(strings.LastIndexByte(name, '.'), 0)
	return name[:i], name[i:]
}
