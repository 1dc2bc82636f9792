"""Tiny MarianMT, BART, T5 and T5 v1.1 models (encoder and decoder), their goldens, and what transformers' own generate finds with them.

models/<name>/ is as transformers saves it (tied tensors once). models/goldens/<name>.safetensors: every activation ("0/<activation>") of the
source IDS and the target TARGET; goldens/<name>-generate.json: searches with their tokens and scores, and the greedy one. Activations are computed here by
formulas in float64, and checked against the modules' hidden states, attentions and logits.
"""
import copy, json
import numpy as np, torch, torch.nn.functional as F
from safetensors.numpy import save
from transformers import BartConfig, BartForConditionalGeneration, MarianConfig, MarianMTModel, T5Config, T5ForConditionalGeneration
from transformers.activations import ACT2FN
from common import OUT, close, seed

IDS = [19, 7, 5, 4, 7, 11, 30, 19, 7, 21, 4, 2]  # longer than half of T5's buckets
TARGET = [9, 14, 22, 9, 31, 6, 17]  # after the start
VOCAB, D, HEADS, INNER, LAYERS = 40, 24, 3, 36, 2


class Run:
    """Activations by name: each half a stack of blocks whose norms stand before (T5) or after (BART, Marian) the sums."""

    def __init__(self, m):
        self.m, self.c, self.t5, self.seen = m, m.config, m.config.model_type == "t5", {}
        self.base = m if self.t5 else m.model

    def norm(self, ln, x, name):
        if self.t5:
            scale = (x.square().mean(1, keepdim=True) + ln.variance_epsilon).sqrt()
            out = x / scale * ln.weight
        else:
            scale = (x.var(1, unbiased=False, keepdim=True) + ln.eps).sqrt()
            out = (x - x.mean(1, keepdim=True)) / scale * ln.weight + ln.bias
        self.seen |= {name + ".scale": scale, name + ".normalized": out}
        return out

    def attend(self, a, x, memory, name, causal, bias):
        q, k, v, o = (a.q, a.k, a.v, a.o) if self.t5 else (a.q_proj, a.k_proj, a.v_proj, a.out_proj)
        q, k, v = (self.seen.setdefault(f"{name}.{n}", p(z).unflatten(1, (HEADS, -1))) for n, p, z in (("q", q, x), ("k", k, memory), ("v", v, memory)))
        s = torch.einsum("qhd,khd->hqk", q, k)
        s = s + bias if self.t5 else s * q.shape[2] ** -.5
        hidden = torch.ones(s.shape[1:], dtype=torch.bool).triu(1) if causal else torch.zeros(s.shape[1:], dtype=torch.bool)
        p = s.masked_fill(hidden, -torch.inf).softmax(2)
        z = torch.einsum("hqk,khd->qhd", p, v)
        self.seen |= {name + ".attn_scores": s.masked_fill(hidden, 0), name + ".pattern": p, name + ".z": z}
        self.seen[name + ".result"] = torch.einsum("qhd,ohd->qho", z, o.weight.unflatten(1, (HEADS, -1)))
        self.seen[name + "_out"] = o(z.flatten(1))
        return self.seen[name + "_out"]

    def feed(self, f, x, at):
        act = ACT2FN[self.c.dense_act_fn if self.t5 else self.c.activation_function]
        if self.t5 and self.c.is_gated_act:
            self.seen |= {at + "mlp.pre": f.wi_0(x), at + "mlp.pre_linear": f.wi_1(x)}
            post = act(f.wi_0(x)) * f.wi_1(x)
        else:
            self.seen[at + "mlp.pre"] = (f.wi if self.t5 else f.fc1)(x)
            post = act(self.seen[at + "mlp.pre"])
        self.seen |= {at + "mlp.post": post, at + "mlp_out": (f.wo if self.t5 else f.fc2)(post)}
        return self.seen[at + "mlp_out"]

    def parts(self, layer, decoder):
        """Self-attention and its norm, the other's, the MLP and its norm."""
        if self.t5:
            l = layer.layer
            across = (l[1].EncDecAttention, l[1].layer_norm) if decoder else (None, None)
            return l[0].SelfAttention, l[0].layer_norm, *across, l[-1].DenseReluDense, l[-1].layer_norm
        across = (layer.encoder_attn, layer.encoder_attn_layer_norm) if decoder else (None, None)
        return layer.self_attn, layer.self_attn_layer_norm, *across, layer, layer.final_layer_norm

    def stack(self, side, ids, memory=None):
        half, decoder, n = getattr(self.base, side), memory is not None, len(ids)
        x = self.seen[side + ".embed"] = self.base.shared(ids) * (D ** .5 if not self.t5 and self.c.scale_embedding else 1)
        bias = 0
        if self.t5:
            bias = half.block[0].layer[0].SelfAttention.compute_bias(n, n)[0]
        else:
            at = 2 if self.c.model_type == "bart" else 0
            self.seen[side + ".pos_embed"] = half.embed_positions.weight[at:at + n]
            x = x + self.seen[side + ".pos_embed"]
            if at:
                x = self.norm(half.layernorm_embedding, x, side + ".embed.ln")
        for l, layer in enumerate(half.block if self.t5 else half.layers):
            at = f"{side}.blocks.{l}."
            a, ln1, cross, ln_cross, f, ln2 = self.parts(layer, decoder)
            sub = [(ln1, "ln1", "resid_mid", lambda h: self.attend(a, h, h, at + "attn", decoder, bias))]
            if decoder:
                sub.append((ln_cross, "ln_cross", "resid_cross", lambda h: self.attend(cross, h, memory, at + "cross_attn", False, 0)))
            sub.append((ln2, "ln2", "resid_post", lambda h: self.feed(f, h, at)))
            self.seen[at + "resid_pre"] = x
            for ln, name, resid, part in sub:
                x = self.seen[at + resid] = x + part(self.norm(ln, x, at + name) if self.t5 else x)
                if not self.t5:
                    x = self.norm(ln, x, at + name)
        return self.norm(half.final_layer_norm, x, side + ".ln_final") if self.t5 else x

    def __call__(self, source, target):
        memory = self.seen["encoder.output"] = self.stack("encoder", source)
        x = self.stack("decoder", target, memory)
        if self.t5:
            self.seen["logits"] = self.m.lm_head(x * (D ** -.5 if self.c.tie_word_embeddings else 1))
        else:
            self.seen["logits"] = self.m.lm_head(x) + self.m.final_logits_bias[0]
        out = self.m(input_ids=source[None], decoder_input_ids=target[None], output_attentions=True)
        # transformers takes T5's norms and every softmax in float32
        near = (lambda what, a, b: close32(what, a, b)) if self.t5 else close
        near("logits", self.seen["logits"], out.logits[0])
        near("output", memory, out.encoder_last_hidden_state[0])
        for l in range(LAYERS):
            near("encoder", self.seen[f"encoder.blocks.{l}.attn.pattern"], out.encoder_attentions[l][0])
            near("decoder", self.seen[f"decoder.blocks.{l}.attn.pattern"], out.decoder_attentions[l][0])
            near("across", self.seen[f"decoder.blocks.{l}.cross_attn.pattern"], out.cross_attentions[l][0])
        return self.seen


def close32(what, a, b):
    assert torch.allclose(a, b, rtol=1e-4, atol=1e-5), f"{what}: not what the module computes"


BAD = [[14, 22], [9, 31, 6], [22, 22]]  # words of several tokens
RULES = [{}, {"early_stopping": True}, {"early_stopping": "never"}, {"min_length": 7}, {"min_length": 12}, {"no_repeat_ngram_size": 1}, {"no_repeat_ngram_size": 2},
         {"no_repeat_ngram_size": 3}, {"bad_words_ids": BAD}, {"early_stopping": True, "min_length": 8, "no_repeat_ngram_size": 2},
         {"early_stopping": "never", "min_length": 5, "no_repeat_ngram_size": 3, "bad_words_ids": BAD}, {"early_stopping": False, "min_length": 9, "no_repeat_ngram_size": 1},
         {"renormalize_logits": True, "min_length": 8, "no_repeat_ngram_size": 1}]
SEARCHES = [(4, 13, penalty) for penalty in (0.0, 1.0, 0.6)] + [(3, 9, 2.0), (5, 18, -0.5)]  # beams, max_length, length_penalty


def searches(m, source):
    """transformers' own with each rule and with several: the sequences after the start, up to their end, and sum of log p over (length with the end) **
    penalty; a beam of 1 is greedy. In float64, but for words that are never written, with which transformers cannot do that."""
    end, own = m.config.eos_token_id, m.generation_config.bad_words_ids or []
    low = copy.deepcopy(m).float()
    cut = lambda r: r[1: r.index(end, 1) + 1] if end in r[1:] else r[1:]
    found, changed = [], {k: 0 for r in RULES for k in r}
    for rule in RULES:
        first = len(found)
        for beams, most, penalty in [(1, 13, 1.0), *SEARCHES]:
            bad = [*own, *rule.get("bad_words_ids", [])]
            torch.set_default_dtype(torch.float32 if bad else torch.float64)
            how = {**rule, "bad_words_ids": bad} if bad else rule
            g = (low if bad else m).generate(source[None], num_beams=beams, num_return_sequences=beams, do_sample=False, length_penalty=penalty, max_length=most,
                                             output_scores=True, return_dict_in_generate=True, **how)
            sequences = [cut(r) for r in g.sequences.tolist()]
            found.append({"beams": beams, "max_length": most, "length_penalty": penalty, **rule, "sequences": sequences, "scores": g.sequences_scores.tolist() if beams > 1 else []})
        other = sum(a["sequences"] != b["sequences"] for a, b in zip(found, found[first:]))
        for key in rule:
            changed[key] += other
    torch.set_default_dtype(torch.float64)
    assert all(changed.values()), changed
    return found


def make(name, n, m, skip=()):
    seed(n)
    with torch.no_grad():
        for key, p in m.named_parameters():
            if "embed_positions" in key and m.config.model_type == "marian":
                continue
            p.normal_(0, 0.3)
            if "norm" in key and key.endswith("weight"):
                p.add_(1)
            p.copy_(p.float().double())
        if hasattr(m, "final_logits_bias"):
            m.final_logits_bias.normal_(0, 1.5).copy_(m.final_logits_bias.float().double())
            m.final_logits_bias[0, m.config.eos_token_id] = 4 if m.config.model_type == 'bart' else 5.5
    m = m.double().eval()
    source, target = torch.tensor(IDS), torch.tensor([m.config.decoder_start_token_id, *TARGET])
    f32 = lambda t: np.ascontiguousarray(t.detach().float().numpy())
    seen = {f"0/{k}": f32(v) for k, v in Run(m)(source, target).items()}
    d = OUT / name
    d.mkdir(parents=True, exist_ok=True)
    tied = {k for k in m.state_dict() if "embed_tokens" in k or k == "lm_head.weight" and m.config.tie_word_embeddings}
    keep = {k: f32(v) for k, v in m.state_dict().items() if k not in tied and not any(s in k for s in skip)}
    (d / "model.safetensors").write_bytes(save(keep))
    drop = ("transformers_version", "_name_or_path", "use_cache")
    c = {k: v for k, v in m.config.to_diff_dict().items() if k not in drop} | {"architectures": [type(m).__name__], "model_type": m.config.model_type}
    (d / "config.json").write_text(json.dumps(c, indent=1, sort_keys=True) + "\n")
    b = save(seen, metadata={"golden": json.dumps({"ids": IDS, "target": target.tolist()})})
    (OUT / "goldens" / f"{name}.safetensors").write_bytes(b)
    (OUT / "goldens" / f"{name}-generate.json").write_text("{\"source\": %s, \"generate\": [\n%s\n]}\n" % (IDS, ",\n".join(map(json.dumps, searches(m, source)))))
    print(name, sum(f.stat().st_size for f in d.iterdir()), len(b), len(seen))


if __name__ == "__main__":
    halves = dict(vocab_size=VOCAB, d_model=D, encoder_layers=LAYERS, decoder_layers=LAYERS, encoder_attention_heads=HEADS, decoder_attention_heads=HEADS,
                  encoder_ffn_dim=INNER, decoder_ffn_dim=INNER, attn_implementation="eager", max_position_embeddings=32)
    t5 = dict(vocab_size=VOCAB, d_model=D, d_kv=6, d_ff=INNER, num_layers=LAYERS, num_heads=HEADS, relative_attention_num_buckets=8, relative_attention_max_distance=10,
              decoder_start_token_id=0, eos_token_id=1, pad_token_id=0)
    seed(70)
    make("marian", 71, MarianMTModel(MarianConfig(**halves, scale_embedding=True, activation_function="swish", eos_token_id=2, pad_token_id=39, decoder_start_token_id=39,
         forced_eos_token_id=2, bad_words_ids=[[39]])), ("embed_positions",))
    make("bart", 72, BartForConditionalGeneration(BartConfig(**halves, eos_token_id=2, pad_token_id=1, bos_token_id=0, decoder_start_token_id=2, forced_bos_token_id=0, forced_eos_token_id=2)))
    make("t5", 73, T5ForConditionalGeneration(T5Config(**t5)))
    make("t5-gated", 74, T5ForConditionalGeneration(T5Config(**t5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)))
