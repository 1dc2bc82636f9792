"""Tiny Phi models (Phi-1, 1.5 and 2) and their goldens, by transformers' PhiForCausalLM with hooks on its own modules."""
import torch
from transformers import PhiConfig, PhiForCausalLM
from transformers.models.phi import modeling_phi
from common import IDS, VOCAB, Hooks, change, seed, write
from traced import Trace, causal, randomise


def wire(t):
    m, hd = t.m.model, t.m.config.hidden_size // t.heads
    t.out(m.embed_tokens, t.named("embed"))
    for b in t.blocks(m.layers):
        t.norm(b.input_layernorm, t.at_next + "ln1")
        for n in "qkv":
            t.out(getattr(b.self_attn, n + "_proj"), t.named(f"{t.at_next}attn.{n}", (-1, hd)))
        t.projection(b.self_attn.dense)
        t.mlp(b.mlp.fc1, b.mlp.fc2)
        t.out(b, t.named(t.at_next + "resid_post"))
    t.norm(m.final_layernorm, "ln_final")


def make(name, n, config=lambda c: c, std=0.25, **options):
    seed(n)
    c = PhiConfig(vocab_size=len(VOCAB), max_position_embeddings=32, hidden_size=32, num_attention_heads=4, intermediate_size=40,
                  bos_token_id=None, eos_token_id=None, attn_implementation="eager", **options)
    m = PhiForCausalLM(c).eval()
    randomise(m, std)
    last = c.num_hidden_layers - 1
    changes = [
        [change("blocks.0.attn.z", -1, 1, "zero")],
        [change("blocks.0.attn.rot_q", 4, 2, "scale", -1), change("blocks.0.attn.rot_k", 1, 0, "add", 0.5)],
        [change("blocks.0.attn.q", 8, 3, "mean"), change("blocks.0.attn.k", 2, 1, "zero"), change("blocks.0.attn.v", -1, 0, "add", 0.5)],
        [change("blocks.0.ln1.normalized", 2, 4, "set", -2), change(f"blocks.{last}.mlp.pre", 6, 7, "set", 1.5)],
        [change(f"blocks.{last}.attn.result", 3, 2, "scale", 3), change("blocks.0.mlp_out", 2, -1, "scale", 2)],
        [change("blocks.0.resid_post", 2, 6, "set", 3), change("ln_final.normalized", 4, 0, "set", 2)],
    ]
    trace = causal(Trace(m, c.num_attention_heads, wire, modeling_phi))
    with torch.no_grad():
        ids = torch.tensor([IDS])
        plain = m(ids).logits[0]  # its softmax is in float32
        assert (trace(Hooks())["logits"] - plain).abs().max() < 1e-5 * plain.abs().max()
        greedy = m.generate(ids, attention_mask=torch.ones(1, len(IDS)), max_new_tokens=12, do_sample=False, pad_token_id=0)[0, len(IDS):].tolist()
        keep = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "intermediate_size", "hidden_act",
                "partial_rotary_factor", "rope_theta", "rope_scaling", "max_position_embeddings", "layer_norm_eps", "tie_word_embeddings", "qk_layernorm")
        file = {"architectures": ["PhiForCausalLM"], "model_type": "phi"} | {k: c.to_dict()[k] for k in keep}
        write(name, m.state_dict(), config(file), trace, changes, greedy, lambda k: k == "logits" or k.endswith(("resid_post", ".z")))


def new(c):
    """As transformers 5 writes it."""
    c = {k: v for k, v in c.items() if k not in ("partial_rotary_factor", "rope_theta", "rope_scaling")}
    return c | {"dtype": "float32", "rope_parameters": {"rope_type": "default", "rope_theta": 300.0, "partial_rotary_factor": 0.25}}


make("phi", 31, num_hidden_layers=2)
make("phi-new", 32, num_hidden_layers=2, num_key_value_heads=2, hidden_act="gelu", partial_rotary_factor=0.25, rope_theta=300.0, config=new)
