package bert

import "slices"

// kind is what tells apart the families that share BERT's maths: names, and some defaults of their configs.
type kind struct {
	family string
	types  []string // values of model_type
	archs  []string // what the names of architectures begin with: any head will do, its tensors are left aside
	prefix string   // of tensors, where a head stands beside the encoder
	vocab  int
	pad    int

	layer                              string // of block %d
	q, k, v, out, ln1, in, inOut, ln2  string
	headDense, headNorm, decoder, bias string
	headAct                            string // "": as in the blocks
}

var bert = kind{
	family: "BERT", types: []string{"bert"}, archs: []string{"Bert"}, prefix: "bert.", vocab: 30522,
	layer: "encoder.layer.%d.", q: "attention.self.query", k: "attention.self.key", v: "attention.self.value",
	out: "attention.output.dense", ln1: "attention.output.LayerNorm", in: "intermediate.dense", inOut: "output.dense", ln2: "output.LayerNorm",
	headDense: "cls.predictions.transform.dense", headNorm: "cls.predictions.transform.LayerNorm", decoder: "cls.predictions.decoder", bias: "cls.predictions.bias",
}

var distilbert = kind{
	family: "DistilBERT", types: []string{"distilbert"}, archs: []string{"DistilBert"}, prefix: "distilbert.", vocab: 30522,
	layer: "transformer.layer.%d.", q: "attention.q_lin", k: "attention.k_lin", v: "attention.v_lin",
	out: "attention.out_lin", ln1: "sa_layer_norm", in: "ffn.lin1", inOut: "ffn.lin2", ln2: "output_layer_norm",
	headDense: "vocab_transform", headNorm: "vocab_layer_norm", decoder: "vocab_projector", bias: "vocab_projector.bias",
}

var roberta = kind{
	family: "RoBERTa", types: []string{"roberta", "xlm-roberta", "camembert"}, archs: []string{"Roberta", "XLMRoberta", "Camembert"}, prefix: "roberta.",
	vocab: 50265, pad: 1,
	layer: bert.layer, q: bert.q, k: bert.k, v: bert.v, out: bert.out, ln1: bert.ln1, in: bert.in, inOut: bert.inOut, ln2: bert.ln2,
	headDense: "lm_head.dense", headNorm: "lm_head.layer_norm", decoder: "lm_head.decoder", bias: "lm_head.bias", headAct: "gelu",
}

var kinds = []*kind{&bert, &distilbert, &roberta}

// Types are the values of model_type that Open knows.
func Types() (all []string) {
	for _, k := range kinds {
		all = append(all, k.types...)
	}
	return all
}

// kindOf is the kind of a model_type, or nil.
func kindOf(model string) *kind {
	for _, k := range kinds {
		if slices.Contains(k.types, model) {
			return k
		}
	}
	return nil
}
