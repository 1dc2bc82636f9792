"""Tiny Gemma, Gemma 2 and Gemma 3 models and their goldens, by transformers' own classes."""
import copy
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig, GemmaConfig, GemmaForCausalLM
from common import VOCAB
from decoder import make

SIZE = dict(vocab_size=len(VOCAB), hidden_size=24, intermediate_size=28, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1, head_dim=10,
            max_position_embeddings=64)
FREE = dict(bos_token_id=None, eos_token_id=None, pad_token_id=None)


def one(name, n, config, model, style=lambda c: c, scale=24**0.5, **options):
    kind = {"model_type": config.model_type, "architectures": [model.__name__]}
    given = {k: options.pop(k) for k in ("rename", "extra") if k in options}
    c = SIZE | options
    make(name, n, model, config(**copy.deepcopy(c), **FREE), file_config=style(kind | c), embed_scale=scale, plus=1.0, **given)


def nested(c):
    """A Gemma 3 that also sees, as transformers 5 writes it: the text model's config inside, rotary parameters by the kind of layer."""
    rope = {"full_attention": c.pop("rope_scaling") | {"rope_theta": c.pop("rope_theta")},
            "sliding_attention": {"rope_type": "default", "rope_theta": c.pop("rope_local_base_freq")}}
    return {"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"], "dtype": "float32", "vision_config": {"hidden_size": 4},
            "text_config": c | {"rope_parameters": rope, "layer_types": ["sliding_attention", "sliding_attention", "full_attention"]}}


one("gemma", 21, GemmaConfig, GemmaForCausalLM, num_hidden_layers=1, hidden_act="gelu", rope_theta=100.0)
one("gemma2", 22, Gemma2Config, Gemma2ForCausalLM, num_attention_heads=4, num_key_value_heads=2, head_dim=6, query_pre_attn_scalar=5, sliding_window=4,
    attn_logit_softcapping=2.0, final_logit_softcapping=3.0)
one("gemma3", 23, Gemma3TextConfig, Gemma3ForCausalLM, scale=1.0, query_pre_attn_scalar=9, sliding_window=5, sliding_window_pattern=2, rope_theta=1000.0,
    rope_local_base_freq=50.0, num_attention_heads=4, num_key_value_heads=2)
one("gemma3-nested", 24, Gemma3TextConfig, Gemma3ForCausalLM, nested, scale=1.0, num_hidden_layers=3, hidden_size=16, intermediate_size=20,
    query_pre_attn_scalar=10, sliding_window=4, sliding_window_pattern=3, rope_theta=1000.0, rope_local_base_freq=50.0,
    rope_scaling=dict(rope_type="linear", factor=8.0), rename=lambda k: "language_model." + k,
    extra={"vision_tower.vision_model.post_layernorm.weight": torch.ones(4), "multi_modal_projector.mm_soft_emb_norm.weight": torch.ones(4)})
