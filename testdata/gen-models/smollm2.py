"""The golden of a real model: SmolLM2-135M-Instruct in blocks of 4 bits (`make models`), its GGUF file widened by the gguf package and run by
transformers in f64. Of a text of 200 tokens: at every position the largest logits, and log sum exp; at some positions the logits of some
tokens, the residual streams of some numbers, and attention; all residual streams' norms; and 24 tokens of greedy continuation.

  pip install gguf==0.17.1 tokenizers==0.22.1; python smollm2.py
"""
import json, pathlib

import gguf, numpy as np, torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

ROOT = pathlib.Path(__file__).resolve().parents[2]
reader = gguf.GGUFReader(ROOT / "web/models-large/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf")
field = lambda k: reader.fields[k].contents()
HEADS, KV = field("llama.attention.head_count"), field("llama.attention.head_count_kv")
config = LlamaConfig(vocab_size=len(field("tokenizer.ggml.tokens")), hidden_size=field("llama.embedding_length"), intermediate_size=field("llama.feed_forward_length"),
                     num_hidden_layers=field("llama.block_count"), num_attention_heads=HEADS, num_key_value_heads=KV, rope_theta=field("llama.rope.freq_base"),
                     rms_norm_eps=field("llama.attention.layer_norm_rms_epsilon"), max_position_embeddings=field("llama.context_length"),
                     tie_word_embeddings=True, attn_implementation="eager")
table = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
inside = {"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
          "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
state = {}
for t in reader.tensors:
    w = gguf.quants.dequantize(t.data, t.tensor_type)
    name = t.name.removesuffix(".weight")
    if name.startswith("blk."):
        _, layer, what = name.split(".")
        name = f"model.layers.{layer}.{inside[what]}"
        if what in ("attn_q", "attn_k"):  # rows lie for a rotation of neighbours
            n = HEADS if what == "attn_q" else KV
            w = w.reshape(n, w.shape[0] // n // 2, 2, -1).swapaxes(1, 2).reshape(w.shape)
    else:
        name = table[name]
    state[name + ".weight"] = torch.tensor(np.ascontiguousarray(w))
state["lm_head.weight"] = state["model.embed_tokens.weight"]
model = LlamaForCausalLM(config)
model.load_state_dict(state)
model = model.double().eval()

vocab = {t: i for i, t in enumerate(field("tokenizer.ggml.tokens"))}
tok = Tokenizer(models.BPE(vocab, [tuple(m.split(" ")) for m in field("tokenizer.ggml.merges")]))
tok.pre_tokenizer, tok.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
TEXT = """The lamp had stood in the window for as long as anyone in the village could remember. At night it threw a thin yellow line across the \
water, and the boats that came home late would follow it past the rocks. Nobody knew who lit it. The old woman who lived in the house had died \
in the winter, and her son, who was a baker in the city, had locked the door and taken the key with him. Still the lamp burned.

One evening in spring two children climbed over the wall to see for themselves. "If it is a ghost," said Anna, "it will be afraid of us, because \
there are two of us and only one of it." Her brother was not so sure. He held her hand and counted the steps: the garden, the gate, the seven \
stones, the door. It was open. Inside the house smelled of bread and of oil, and on the table by the window sat a man with flour on his sleeves, \
who looked up from the wick he was trimming and smiled. "I wondered," he said, "when somebody would come and ask.\""""
ids = tok.encode(TEXT).ids[:200]
assert len(ids) == 200

POSITIONS, LAYERS, QUERIES, SEEN = [0, 1, 60, 128, 199], [0, 1, 9, 20, 29], [5, 199], [1, 9, 29]
TOKENS, UNITS = np.linspace(0, config.vocab_size - 1, 64).astype(int), np.linspace(0, config.hidden_size - 1, 48).astype(int)
with torch.no_grad():
    out = model(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)
    logits = out.logits[0]
    top = logits.topk(24)
    # hidden_states: before the first layer, then after each; the last one is normed in transformers 4
    resid = []
    hook = model.model.norm.register_forward_pre_hook(lambda m, x: resid.append(x[0][0]))
    model(torch.tensor([ids]))
    hook.remove()
    streams = torch.stack([*[h[0] for h in out.hidden_states[1:-1]], resid[0]])  # [layer, position, unit]: blocks.L.resid_post
    greedy, margins = [], []
    seq = ids[:40]
    for _ in range(24):
        two = model(torch.tensor([seq])).logits[0, -1].topk(2)
        greedy.append(int(two.indices[0])); margins.append(float(two.values[0] - two.values[1]))
        seq = seq + [greedy[-1]]
result = {
    "top.ids": top.indices, "top.logits": top.values, "logsumexp": logits.logsumexp(-1), "norm": logits.norm(dim=-1),
    "logits": logits[POSITIONS][:, TOKENS], "resid_post.norm": streams.norm(dim=-1), "resid_post": streams[LAYERS][:, POSITIONS][:, :, UNITS],
    "pattern": torch.stack([out.attentions[l][0][:, QUERIES] for l in SEEN]),
}
about = {"text": tok.decode(ids), "ids": ids, "positions": POSITIONS, "queries": QUERIES, "layers": LAYERS, "seen": SEEN, "tokens": TOKENS.tolist(), "units": UNITS.tolist(),
         "prompt": 40, "greedy": greedy, "margins": margins}
save_file({k: v.float().contiguous() for k, v in result.items()}, ROOT / "testdata/models/goldens/smollm2.safetensors", metadata={"golden": json.dumps(about)})
