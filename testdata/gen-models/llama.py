"""Tiny models of Llama's kind and their goldens, by transformers' own classes: every way in which their files differ is in one of them.
And rope.json: the rotary frequencies of transformers' every rope_type."""
import copy, json
import torch
from transformers import (LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Phi3Config, Phi3ForCausalLM, Qwen2Config, Qwen2ForCausalLM,
                          Qwen3Config, Qwen3ForCausalLM)
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from common import OUT, VOCAB
from decoder import make

SIZE = dict(vocab_size=len(VOCAB), hidden_size=24, intermediate_size=28, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=64)
FREE = dict(bos_token_id=None, eos_token_id=None, pad_token_id=None)


def modern(c):
    """A config.json as transformers 5 writes it."""
    c = copy.deepcopy(c)
    rope = c.pop("rope_scaling", None) or {"rope_type": "default"}
    rope["rope_theta"] = c.pop("rope_theta", 10000.0)
    if "partial_rotary_factor" in c:
        rope["partial_rotary_factor"] = c.pop("partial_rotary_factor")
    return c | {"rope_parameters": rope, "dtype": "float32"}


def one(name, n, config, model, style=lambda c: c | {"torch_dtype": "float32"}, **options):
    kind = {"model_type": config.model_type, "architectures": [model.__name__]}
    given = {k: options.pop(k) for k in ("rename", "extra") if k in options}
    c = SIZE | options
    make(name, n, model, config(**copy.deepcopy(c), **FREE), file_config=style(kind | c), **given)


bare = lambda k: k.removeprefix("model.")

one("llama", 11, LlamaConfig, LlamaForCausalLM, head_dim=8, attention_bias=True, mlp_bias=True, rope_theta=500.0, rms_norm_eps=1e-5, tie_word_embeddings=False,
    extra={f"model.layers.{l}.self_attn.rotary_emb.inv_freq": torch.ones(4) for l in range(2)})
one("llama-tied", 12, LlamaConfig, LlamaForCausalLM, modern, rename=bare, num_attention_heads=3, num_key_value_heads=1, tie_word_embeddings=True,
    rope_theta=100.0, rope_scaling=dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))
one("llama-yarn", 13, LlamaConfig, LlamaForCausalLM, num_hidden_layers=1, num_key_value_heads=4, hidden_act="gelu_pytorch_tanh", rename=bare,
    tie_word_embeddings=False, rope_scaling=dict(type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=2.0, beta_slow=0.5))
one("mistral", 14, MistralConfig, MistralForCausalLM, sliding_window=4)
one("qwen2", 15, Qwen2Config, Qwen2ForCausalLM, use_sliding_window=True, sliding_window=3, max_window_layers=1, tie_word_embeddings=True)
one("qwen3", 16, Qwen3Config, Qwen3ForCausalLM, modern, head_dim=10, rope_theta=1000.0, use_sliding_window=True, sliding_window=5,
    layer_types=["sliding_attention", "full_attention"])
one("phi3", 17, Phi3Config, Phi3ForCausalLM, num_attention_heads=3, num_key_value_heads=1, partial_rotary_factor=0.75, max_position_embeddings=256, original_max_position_embeddings=64,
    rope_scaling=dict(type="longrope", short_factor=[1.0, 1.5, 2.0], long_factor=[2.0, 5.0, 9.0]))


def rope():
    out, c = [], SIZE | dict(head_dim=16, rope_theta=5000.0, max_position_embeddings=128)
    for style in dict, modern:
        for s in (None, dict(rope_type="default"), dict(rope_type="linear", factor=8.0), dict(type="dynamic", factor=2.0),
                  dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64),
                  dict(type="yarn", factor=4.0), dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32, attention_factor=1.25),
                  dict(rope_type="yarn", factor=40.0, mscale=1.0, mscale_all_dim=0.5, beta_fast=3.0, beta_slow=0.5, truncate=False, original_max_position_embeddings=32),
                  dict(rope_type="longrope", factor=4.0, short_factor=[1.0 + i / 4 for i in range(8)], long_factor=[2.0 + i for i in range(8)])):
            for partial in (1.0, 0.5):
                s = copy.deepcopy(s)
                if s and "short_factor" in s and partial < 1:
                    s["short_factor"], s["long_factor"] = s["short_factor"][:4], s["long_factor"][:4]
                options = c | {"rope_scaling": s} | ({"partial_rotary_factor": partial} if partial < 1 else {})
                config = LlamaConfig(**copy.deepcopy(options))
                kind = (s or {}).get("rope_type", (s or {}).get("type", "default"))
                inv, factor = ROPE_INIT_FUNCTIONS[kind](config, "cpu")
                out.append({"config": style(options | {"model_type": "llama"}), "inv_freq": inv.tolist(), "attention_factor": float(factor)})
    (OUT / "goldens" / "rope.json").write_text("[\n" + ",\n".join(json.dumps(x) for x in out) + "\n]\n")


rope()
