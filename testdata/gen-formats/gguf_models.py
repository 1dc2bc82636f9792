"""Writes testdata/gguf: the tiny models of testdata/models as GGUF files, by the gguf package's own writer and table of names, with
what llama.cpp's convert_hf_to_gguf.py does to rows, norms and keys; and reference.safetensors, what transformers computes of them:
NAME/logits [tokens, vocabulary] (of encoders NAME/hidden [tokens, width]), of models in blocks NAME/TENSOR as transformers has it,
and types/t.KIND, what the gguf package makes of each type.

  python gguf_models.py
"""
import json, pathlib

import gguf, numpy as np, torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent.parent
OUT = HERE / "gguf"
OUT.mkdir(exist_ok=True)
IDS = [3, 17, 0, 39, 21, 21, 8, 30, 5, 12, 38, 1]
Q = gguf.GGMLQuantizationType
reference = {}


def permute(w, heads):
    """The converter's LlamaModel.permute."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def apart(w, heads):
    """The converter's GPTNeoXModel: rows [heads, 3, dim] become [3, heads, dim]."""
    return np.ascontiguousarray(w.reshape(heads, 3, w.shape[0] // heads // 3, *w.shape[1:]).swapaxes(0, 1)).reshape(w.shape)


def converted(arch, c, name, w):
    heads = c.num_attention_heads
    if arch == "llama" and name.endswith(("q_proj.weight", "q_proj.bias")):
        return permute(w, heads)
    if arch == "llama" and name.endswith(("k_proj.weight", "k_proj.bias")):
        return permute(w, c.num_key_value_heads)
    if arch == "gptneox" and "query_key_value" in name:
        return apart(w, heads)
    if arch.startswith("gemma") and name.endswith("norm.weight"):
        return w + 1
    if arch == "gpt2" and name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
        return np.ascontiguousarray(w.T)
    if name.endswith("position_embeddings.weight") and c.model_type == "roberta":
        return w[c.pad_token_id + 1:]
    return w


def keys(w, arch, c):
    """What the converters write of a config."""
    w.add_context_length(c.max_position_embeddings - (c.pad_token_id + 1 if c.model_type == "roberta" else 0))
    w.add_embedding_length(c.hidden_size)
    w.add_block_count(c.num_hidden_layers)
    w.add_feed_forward_length(c.hidden_dim if c.model_type == "distilbert" else (c.n_inner or 4 * c.n_embd) if arch == "gpt2" else c.intermediate_size)
    w.add_head_count(c.num_attention_heads)
    head = getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads
    if arch not in ("gpt2", "gptneox", "bert"):
        w.add_head_count_kv(c.num_key_value_heads)
    if getattr(c, "head_dim", None):
        w.add_key_length(head)
        w.add_value_length(head)
    if hasattr(c, "rms_norm_eps"):
        w.add_layer_norm_rms_eps(c.rms_norm_eps)
    else:
        w.add_layer_norm_eps(1e-12 if c.model_type == "distilbert" else c.layer_norm_epsilon if arch == "gpt2" else c.layer_norm_eps)
    if hasattr(c, "rope_theta") and not arch.startswith(("gemma", "phi2")):
        w.add_rope_freq_base(c.rope_theta)
    if arch == "llama":
        w.add_vocab_size(c.vocab_size)
        w.add_rope_dimension_count(head)
    if c.model_type == "mistral":
        w.add_sliding_window(c.sliding_window)
    if arch == "gptneox":
        w.add_rope_dimension_count(int(c.rotary_pct * head))
        w.add_parallel_residual(c.use_parallel_residual)
    if arch in ("phi2", "phi3"):
        w.add_rope_dimension_count(int(c.partial_rotary_factor * c.hidden_size) // c.num_attention_heads)
    if arch == "phi3":
        w.add_rope_scaling_orig_ctx_len(c.original_max_position_embeddings)
        w.add_sliding_window(c.sliding_window or 0)
        scale = c.max_position_embeddings / c.original_max_position_embeddings
        w.add_rope_scaling_attn_factors(float(np.sqrt(1 + np.log(scale) / np.log(c.original_max_position_embeddings))))
    if arch in ("gemma2", "gemma3"):
        w.add_sliding_window(c.sliding_window)
    if arch == "gemma2":
        w.add_attn_logit_softcapping(c.attn_logit_softcapping)
        w.add_final_logit_softcapping(c.final_logit_softcapping)
    if arch == "gemma3":
        w.add_rope_freq_base(c.rope_theta)
        w.add_float32("gemma3.rope.freq_base_swa", c.rope_local_base_freq)
        w.add_array("gemma3.attention.sliding_window_pattern", [t == "sliding_attention" for t in c.layer_types])
        w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        w.add_rope_scaling_factor(c.rope_scaling["factor"])
    if arch == "bert":
        w.add_causal_attention(False)
        w.add_token_type_count(getattr(c, "type_vocab_size", 1))
        w.add_pooling_type(gguf.PoolingType.CLS)


def factors(arch, c):
    """The tensors of rotary factors: of Llama 3 as generate_extra_tensors has them, of Phi-3 as they are."""
    s = getattr(c, "rope_scaling", None) or {}
    if arch == "phi3":
        yield "rope_factors_long.weight", np.float32(s["long_factor"])
        yield "rope_factors_short.weight", np.float32(s["short_factor"])
    if arch == "llama" and s.get("rope_type") == "llama3":
        dim = c.hidden_size // c.num_attention_heads
        out, old = [], s["original_max_position_embeddings"]
        for f in 1.0 / (c.rope_theta ** (np.arange(0, dim, 2, dtype=np.float32) / dim)):
            wave = 2 * np.pi / f
            smooth = (old / wave - s["low_freq_factor"]) / (s["high_freq_factor"] - s["low_freq_factor"])
            out.append(1 if wave < old / s["high_freq_factor"] else s["factor"] if wave > old / s["low_freq_factor"] else 1 / ((1 - smooth) / s["factor"] + smooth))
        yield "rope_freqs.weight", np.float32(out)


@torch.no_grad()
def one(name, arch, encoder=False, file=None, types=None, config=None, **changes):
    """file: its name, if it is another than the model's; then Phi's queries, keys and values are one matrix, as in old files. types: fragment of a ggml name -> type of blocks. Then the reference is of what the gguf package widens them to."""
    c = config or AutoConfig.from_pretrained(HERE / "models" / name)
    for k, v in changes.items():
        setattr(c, k, v)
    c._attn_implementation = "eager"
    if c.model_type != "roberta":
        c.pad_token_id = None
    torch.manual_seed(7)
    model = (AutoModel if encoder else AutoModelForCausalLM).from_config(c).float().eval()
    if config is None:
        state = load_file(HERE / "models" / name / "model.safetensors")
        old = {".gamma": ".weight", ".beta": ".bias"}
        state = {next((k[:-len(o)] + n for o, n in old.items() if k.endswith(o)), k): v for k, v in state.items()}
        own = model.state_dict()
        for k in own:
            found = [s for s in state if s == k or s.endswith("." + k) or k.endswith("." + s)]
            if found:
                own[k] = state[found[0]]
            else:
                assert k in ("lm_head.weight", "embed_out.weight") or "pooler" in k or "position_ids" in k, (name, k)
        model.load_state_dict(own)
        model.tie_weights()
    name = file or name
    w = gguf.GGUFWriter(str(OUT / f"{name}.gguf"), arch)
    keys(w, arch, c)
    w.add_tokenizer_model("gpt2")
    w.add_token_list([f"t{i}" for i in range(c.vocab_size)])
    w.add_token_types([1] * c.vocab_size)
    w.add_bos_token_id(2)
    table = gguf.get_tensor_name_map(next(k for k, v in gguf.MODEL_ARCH_NAMES.items() if v == arch), c.num_hidden_layers)
    for k, t in factors(arch, c):
        w.add_tensor(k, t)
    for k, t in model.state_dict().items():
        if k.endswith((".attn.bias", ".masked_bias", "position_ids", "token_type_ids", ".attention.bias", "inv_freq")) or "pooler" in k:
            continue
        if k in ("lm_head.weight", "embed_out.weight") and c.tie_word_embeddings:
            continue
        to = table.get_name(k, try_suffixes=(".weight", ".bias"))
        assert to, (name, k)
        data = converted(arch, c, k, t.numpy())
        if file and "_proj" in k:
            if "q_proj" not in k:
                continue
            data = np.concatenate([model.state_dict()[k.replace("q_proj", p)].numpy() for p in ("q_proj", "k_proj", "v_proj")])
            to = to.replace("attn_q", "attn_qkv")
        kind = next((q for part, q in (types or {}).items() if part in to), None)
        if kind is None or data.ndim < 2:
            w.add_tensor(to, data)
        else:
            blocks = gguf.quants.quantize(data, kind)
            w.add_tensor(to, blocks, raw_dtype=kind)
            back = gguf.quants.dequantize(blocks, kind)
            heads = {"q_proj": c.num_attention_heads, "k_proj": getattr(c, "num_key_value_heads", 0)}
            for part, n in heads.items():
                if part in k and arch == "llama":  # undo permute
                    back = back.reshape(n, back.shape[0] // n // 2, 2, -1).swapaxes(1, 2).reshape(back.shape)
            if "query_key_value" in k:  # undo apart
                back = back.reshape(3, c.num_attention_heads, back.shape[0] // 3 // c.num_attention_heads, -1).swapaxes(0, 1).reshape(back.shape)
            if arch == "gpt2" and k.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
                back = back.T
            t.copy_(torch.tensor(np.ascontiguousarray(back)))
    model.tie_weights()
    for k, t in model.state_dict().items():
        if types and not k.endswith((".attn.bias", ".masked_bias", ".attention.bias", "inv_freq")):
            reference[f"{name}/{k}"] = t.clone().contiguous()
    w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()
    out = model(torch.tensor([IDS]))
    if encoder:
        reference[f"{name}/hidden"] = out.last_hidden_state[0].contiguous()
    else:
        reference[f"{name}/logits"] = out.logits[0].contiguous()


one("llama", "llama")
one("llama-tied", "llama", rope_theta=100.0, rope_scaling=dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                               original_max_position_embeddings=32))
one("mistral", "llama")
one("qwen2", "qwen2", use_sliding_window=False, layer_types=["full_attention"] * 2)
one("qwen3", "qwen3", rope_theta=1000.0, use_sliding_window=False, layer_types=["full_attention"] * 2)
one("phi3", "phi3")
one("gemma", "gemma", hidden_act="gelu_pytorch_tanh", rope_theta=10000.0)
one("gemma2", "gemma2", query_pre_attn_scalar=6)
one("gemma3", "gemma3", query_pre_attn_scalar=10, rope_scaling={"rope_type": "linear", "factor": 8.0})
one("phi", "phi2")
one("phi", "phi2", file="phi-fused")
one("neox", "gptneox")
one("gpt2-untied", "gpt2", activation_function="gelu_new", scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False)
one("bert-encoder", "bert", encoder=True, hidden_act="gelu")
one("distilbert", "bert", encoder=True)
one("roberta", "bert", encoder=True, hidden_act="gelu")

from transformers import GPT2Config, LlamaConfig, GPTNeoXConfig
SIZE = dict(vocab_size=40, hidden_size=64, intermediate_size=96, num_hidden_layers=1, max_position_embeddings=32, initializer_range=0.3)
one("llama-blocks", "llama", config=LlamaConfig(**SIZE, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
    types={"attn_q": Q.Q4_0, "attn_k": Q.Q8_0, "attn_v": Q.Q5_1, "attn_output": Q.Q4_1, "ffn_gate": Q.Q5_0, "ffn_up": Q.BF16, "ffn_down": Q.F16, "token_embd": Q.Q8_0})
one("neox-blocks", "gptneox", config=GPTNeoXConfig(**SIZE, num_attention_heads=4, rotary_pct=0.25), types={"attn_qkv": Q.F16, "ffn_": Q.Q4_1})
one("gpt2-blocks", "gpt2", config=GPT2Config(vocab_size=40, n_embd=64, n_layer=1, n_head=4, n_positions=32, initializer_range=0.3), types={"blk": Q.Q8_0})

# Each type of blocks, from random bytes: the gguf package cannot make those of K, but widens them.
rng = np.random.default_rng(1)
w = gguf.GGUFWriter(str(OUT / "types.gguf"), "none")
scales = {"Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,), "Q4_0": (0,), "Q4_1": (0, 2), "Q5_0": (0,), "Q5_1": (0, 2), "Q8_0": (0,), "IQ4_NL": (0,)}
for kind, at in scales.items():
    n, size = gguf.GGML_QUANT_SIZES[Q[kind]]
    blocks = rng.integers(0, 256, (5, 512 // n, size), dtype=np.uint8)
    for a in at:
        blocks[:, :, a:a + 2] = rng.uniform(-2, 2, (5, 512 // n, 1)).astype(np.float16).view(np.uint8).reshape(5, 512 // n, 2)
    blocks = blocks.reshape(5, -1)
    w.add_tensor("t." + kind, blocks, raw_dtype=Q[kind])
    reference["types/t." + kind] = torch.tensor(gguf.quants.dequantize(blocks, Q[kind]))
whole = np.arange(15).reshape(3, 5) - 7
for kind, dtype in {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I8": np.int8, "I16": np.int16, "I32": np.int32, "I64": np.int64}.items():
    w.add_tensor("t." + kind, whole.astype(dtype))
    reference["types/t." + kind] = torch.tensor(whole, dtype=torch.float32)
w.add_tensor("t.BF16", gguf.quants.quantize(whole.astype(np.float32) / 2, Q.BF16), raw_dtype=Q.BF16)
reference["types/t.BF16"] = torch.tensor(whole, dtype=torch.float32) / 2
w.add_tensor("t.IQ2_S", np.zeros((1, 82), np.uint8), raw_dtype=Q.IQ2_S)
w.add_string("tokenizer.chat_template", "{{ messages }}")
w.add_array("some.numbers", [1, 2, 3])
w.add_array("some.floats", [0.5, 1.5])
w.add_array("some.flags", [True, False])
w.add_uint8("some.u8", 200); w.add_int8("some.i8", -2); w.add_uint16("some.u16", 60000); w.add_int16("some.i16", -300)
w.add_int32("some.i32", -70000); w.add_uint64("some.u64", 1 << 40); w.add_int64("some.i64", -(1 << 40)); w.add_float64("some.f64", 1e-300); w.add_bool("some.bool", True)
w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()

# One model in three files.
w = gguf.GGUFWriter(OUT / "split.gguf", "none", split_max_tensors=2)
for i in range(5):
    w.add_tensor(f"t{i}", np.full((2, 3), i, np.float32))
w.write_header_to_file(path=OUT / "split.gguf"); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()

save_file(reference, OUT / "reference.safetensors", metadata={"ids": json.dumps(IDS)})
