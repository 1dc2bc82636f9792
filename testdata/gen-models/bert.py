"""Tiny BERT, DistilBERT and RoBERTa models and their goldens, by transformers' own modules with hooks on them."""
import torch
from transformers import (BertConfig, BertForMaskedLM, BertModel, DistilBertConfig, DistilBertForMaskedLM, RobertaConfig, RobertaForMaskedLM)
from common import IDS, VOCAB, Hooks, change, close, seed, write
from traced import Trace, randomise

Hooks.full = True


def embeddings(t, e):
    t.out(e.word_embeddings, t.named("embed"))
    t.out(e.position_embeddings, t.named("pos_embed"))
    if hasattr(e, "token_type_embeddings"):
        t.out(e.token_type_embeddings, t.named("token_type_embed"))
    t.norm(e.LayerNorm, "embed.ln")


def block(t, q, k, v, out, ln1, first, second, ln2):
    hd = out.weight.shape[0] // t.heads
    for name, module in (("q", q), ("k", k), ("v", v)):
        t.out(module, t.named(t.at_next + "attn." + name, (t.heads, hd)))
    t.projection(out)
    t.into(ln1, t.named(t.at_next + "resid_mid"))
    t.norm(ln1, t.at_next + "ln1")
    t.mlp(first, second)
    t.into(ln2, t.named(t.at_next + "resid_post"))
    t.norm(ln2, t.at_next + "ln2")


def head(t, dense, ln):
    t.out(dense, t.named("mlm_head.pre"))
    t.into(ln, t.named("mlm_head.post"))
    t.norm(ln, "mlm_head.ln")


def bert(t):
    m = getattr(t.m, t.m.base_model_prefix, t.m)
    embeddings(t, m.embeddings)
    for b in t.blocks(m.encoder.layer):
        a, o = b.attention.self, b.attention.output
        block(t, a.query, a.key, a.value, o.dense, o.LayerNorm, b.intermediate.dense, b.output.dense, b.output.LayerNorm)
    if hasattr(t.m, "cls"):
        head(t, t.m.cls.predictions.transform.dense, t.m.cls.predictions.transform.LayerNorm)
    if hasattr(t.m, "lm_head"):
        head(t, t.m.lm_head.dense, t.m.lm_head.layer_norm)


def distilbert(t):
    embeddings(t, t.m.distilbert.embeddings)
    for b in t.blocks(t.m.distilbert.transformer.layer):
        a = b.attention
        block(t, a.q_lin, a.k_lin, a.v_lin, a.out_lin, b.sa_layer_norm, b.ffn.lin1, b.ffn.lin2, b.output_layer_norm)
    head(t, t.m.vocab_transform, t.m.vocab_layer_norm)


def make(name, n, m, wire, heads, keys, tensors, more=None):
    seed(n)
    c, last = m.config, m.config.num_hidden_layers - 1
    randomise(m.eval(), 0.25)
    changes = [
        [change("blocks.0.attn.z", -1, 1, "zero")],
        [change("blocks.0.attn.pattern", 5, 0, "scale", 0.25), change(f"blocks.{last}.mlp.post", 6, 7, "set", 1.5)],
        [change("blocks.0.attn.attn_scores", 2, 1, "add", 2.0), change("blocks.0.attn.k", 9, 1, "zero")],
        [change("blocks.0.attn.q", 8, 2, "mean"), change("blocks.0.attn.v", -1, 0, "add", 0.5)],
        [change("blocks.0.ln1.scale", 2, 0, "scale", 2), change(f"blocks.{last}.ln2.normalized", 9, 3, "set", -2)],
        [change("blocks.0.attn.result", 3, 2, "scale", 3), change(f"blocks.{last}.resid_mid", -1, 5, "mean")],
        [change("embed", 1, -1, "zero"), change("pos_embed", 2, 4, "add", 1), change("embed.ln.scale", 4, 0, "scale", 0.5)],
        [change(f"blocks.{last}.resid_pre", 2, 6, "set", 3), change(f"blocks.{last}.mlp_out", 3, -1, "scale", 2)],
    ]
    trace = Trace(m, heads, wire)
    base = trace(Hooks())
    if "logits" in base:
        changes.append([change("mlm_head.post", 4, -1, "scale", 0.5), change("mlm_head.ln.normalized", 3, 2, "set", 2), change("logits", 5, 9, "set", 7)])
        close("logits", base["logits"], m(torch.tensor([IDS])).logits[0])
    else:
        close("hidden", base[f"blocks.{last}.ln2.normalized"], m(torch.tensor([IDS])).last_hidden_state[0])
    config = {"architectures": [type(m).__name__]} | {k: c.to_dict()[k] for k in ("model_type", *keys.split())} | (more or {})
    keep = lambda k: k == "logits" or k.endswith(("resid_post", ".z", "ln2.normalized"))
    write(name, tensors(dict(m.state_dict())), config, trace, changes, [], keep)


def old(t):
    """As the first files had them: gamma and beta, the pooler and the second head of pre-training, a buffer, and no decoder."""
    d = t["bert.embeddings.word_embeddings.weight"].shape[1]
    t = {k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v for k, v in t.items()
         if not k.startswith("cls.predictions.decoder")}
    return t | {"bert.pooler.dense.weight": torch.zeros(d, d), "bert.pooler.dense.bias": torch.zeros(d), "cls.seq_relationship.weight": torch.zeros(2, d),
                "cls.seq_relationship.bias": torch.zeros(2), "bert.embeddings.position_ids": torch.arange(32)[None]}


with torch.no_grad():
    common = dict(vocab_size=len(VOCAB), max_position_embeddings=32, attn_implementation="eager")
    sizes = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40)
    keys = "vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act max_position_embeddings type_vocab_size layer_norm_eps "
    seed(40)
    make("bert", 41, BertForMaskedLM(BertConfig(**common, **sizes)), bert, 3, keys + "pad_token_id position_embedding_type", old)
    make("bert-encoder", 42, BertModel(BertConfig(**common, **sizes, hidden_act="relu", type_vocab_size=1), add_pooling_layer=False), bert, 3, keys, lambda t: t,
         {"dtype": "float32"})
    make("distilbert", 43, DistilBertForMaskedLM(DistilBertConfig(**common, dim=24, n_layers=2, n_heads=4, hidden_dim=36)), distilbert, 4,
         "vocab_size dim n_layers n_heads hidden_dim activation max_position_embeddings sinusoidal_pos_embds tie_word_embeddings",
         lambda t: {k: v for k, v in t.items() if k != "vocab_projector.weight"})
    make("roberta", 44, RobertaForMaskedLM(RobertaConfig(**common, **sizes, type_vocab_size=1, pad_token_id=7, layer_norm_eps=1e-5, tie_word_embeddings=False,
         hidden_act="gelu_new")), bert, 3, keys + "pad_token_id tie_word_embeddings", lambda t: {k: v for k, v in t.items() if k != "lm_head.decoder.bias"})
