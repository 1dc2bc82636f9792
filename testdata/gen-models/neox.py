"""Tiny GPT-NeoX models (Pythia's family) and their goldens, by transformers' GPTNeoXForCausalLM with hooks on its own modules."""
import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM
from transformers.models.gpt_neox import modeling_gpt_neox
from common import IDS, VOCAB, Hooks, change, close, seed, write
from traced import Trace, causal, randomise


def wire(t):
    m, hd = t.m.gpt_neox, t.m.config.hidden_size // t.heads

    def qkv(x):  # [head, 3, d_head] a position
        x = x.view(len(IDS), t.heads, 3, hd)
        return torch.stack([t.h(f"{t.at}attn.{n}", x[:, :, i]) for i, n in enumerate("qkv")], 2).view(len(IDS), -1)

    t.out(m.embed_in, t.named("embed"))
    for b in t.blocks(m.layers):
        t.norm(b.input_layernorm, t.at_next + "ln1")
        t.out(b.attention.query_key_value, qkv)
        t.projection(b.attention.dense, mid=not t.m.config.use_parallel_residual)
        t.norm(b.post_attention_layernorm, t.at_next + "ln2")
        t.mlp(b.mlp.dense_h_to_4h, b.mlp.dense_4h_to_h)
        t.out(b, t.named(t.at_next + "resid_post"))
    t.norm(m.final_layer_norm, "ln_final")


def make(name, n, config=lambda c: c, buffers=False, std=0.25, **options):
    seed(n)
    c = GPTNeoXConfig(vocab_size=len(VOCAB), max_position_embeddings=32, hidden_size=24, num_attention_heads=3, intermediate_size=40,
                      hidden_dropout=0, attention_dropout=0, bos_token_id=None, eos_token_id=None, attn_implementation="eager", **options)
    m = GPTNeoXForCausalLM(c).eval()
    randomise(m, std)
    last = c.num_hidden_layers - 1
    changes = [
        [change("blocks.0.attn.z", -1, 1, "zero")],
        [change("blocks.0.attn.rot_q", 4, 2, "scale", -1), change("blocks.0.attn.rot_k", 1, 0, "add", 0.5)],
        [change("blocks.0.attn.q", 8, 2, "mean"), change("blocks.0.attn.k", 2, 1, "zero"), change("blocks.0.attn.v", -1, 0, "add", 0.5)],
        [change("blocks.0.attn.pattern", 5, 0, "scale", 0.25), change(f"blocks.{last}.mlp.post", 6, 7, "set", 1.5)],
        [change("blocks.0.ln1.scale", 2, 0, "scale", 2), change("blocks.0.ln2.normalized", 3, 3, "set", -2)],
        [change(f"blocks.{last}.attn.result", 3, 2, "scale", 3), change("blocks.0.attn_out", -1, 5, "mean")],
        [change("embed", 1, -1, "zero"), change("blocks.0.mlp_out", 2, -1, "scale", 2)],
        [change("blocks.0.resid_post", 2, 6, "set", 3), change("ln_final.scale", 4, 0, "scale", 0.5), change("logits", 5, 9, "set", 7)],
    ]
    if not c.use_parallel_residual:
        changes.append([change("blocks.0.resid_mid", 3, -1, "scale", 0.5)])
    trace = causal(Trace(m, c.num_attention_heads, wire, modeling_gpt_neox))
    with torch.no_grad():
        ids = torch.tensor([IDS])
        plain = m(ids).logits[0]  # its softmax is in float32
        assert (trace(Hooks())["logits"] - plain).abs().max() < 1e-5 * plain.abs().max()
        greedy = m.generate(ids, attention_mask=torch.ones(1, len(IDS)), max_new_tokens=12, do_sample=False, pad_token_id=0)[0, len(IDS):].tolist()
        tensors = dict(m.state_dict())
        if c.tie_word_embeddings:
            del tensors["embed_out.weight"]
        if buffers:  # as files of old versions have them
            for l in range(c.num_hidden_layers):
                at = f"gpt_neox.layers.{l}.attention."
                tensors[at + "bias"] = torch.tril(torch.ones(32, 32))[None, None]
                tensors[at + "masked_bias"] = torch.tensor(-1e9)
                tensors[at + "rotary_emb.inv_freq"] = m.gpt_neox.rotary_emb.inv_freq
        keep = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act", "rotary_pct", "rotary_emb_base",
                "max_position_embeddings", "layer_norm_eps", "tie_word_embeddings", "use_parallel_residual", "rope_scaling", "attention_bias")
        file = {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox"} | {k: c.to_dict()[k] for k in keep}
        write(name, tensors, config(file), trace, changes, greedy, lambda k: k == "logits" or k.endswith(("resid_post", ".z")))


def old(c):
    """Pythia's files: without the keys that came later."""
    return {k: v for k, v in c.items() if k not in ("rope_scaling", "attention_bias")}


def new(c):
    """As transformers 5 writes it."""
    c = {k: v for k, v in c.items() if k not in ("rotary_pct", "rotary_emb_base", "rope_scaling")}
    return c | {"dtype": "float32", "rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 500.0, "partial_rotary_factor": 0.5}}


make("neox", 21, num_hidden_layers=2, buffers=True, config=old)
make("neox-new", 22, num_hidden_layers=2, use_parallel_residual=False, hidden_act="gelu_fast", attention_bias=False, rotary_pct=0.5, rotary_emb_base=500,
     rope_scaling={"rope_type": "linear", "factor": 2.0}, tie_word_embeddings=True, config=new)
