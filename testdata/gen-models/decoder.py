"""What llama.py and gemma.py share: transformers' decoders with RMSNorm, rotary positions and a gated MLP, with hooks on their own
modules at every named activation."""
import contextlib, importlib, json
import torch
from common import IDS, OUT, VOCAB, Hooks, change, close, randomise, seed, write

TEXT = torch.tensor([IDS])


def close32(what, a, b):
    """transformers computes norms and softmax in float32 whatever the model's type: we do it in float64."""
    assert torch.allclose(a, b, rtol=1e-4, atol=1e-5), f"{what}: not what the module computes"


class Runner:
    """Runs the model with a Hooks at every named activation. plus is what is added to a norm's weight."""

    def __init__(self, model, embed_scale=1.0, plus=0.0):
        self.m, self.c, self.embed_scale, self.plus = model, model.config, embed_scale, plus
        self.heads, self.kv = self.c.num_attention_heads, self.c.num_key_value_heads
        self.d_head = getattr(self.c, "head_dim", None) or self.c.hidden_size // self.heads

    def __call__(self, hooks):
        self.h, self.handles, self.layer = hooks, [], -1
        t = self.m.model
        self.post(t.embed_tokens, lambda o: hooks("embed", o[0] * self.embed_scale)[None] / self.embed_scale)
        for l, b in enumerate(t.layers):
            self.block(f"blocks.{l}.", l, b)
        self.norm(t.norm, "ln_final")
        with self.patched():
            logits = self.m(TEXT).logits[0]
        hooks("logits", logits)
        return hooks.seen

    @contextlib.contextmanager
    def patched(self):
        """Rotation and softmax are functions and not modules."""
        code = importlib.import_module(type(self.m).__module__)
        rotate, softmax = code.apply_rotary_pos_emb, torch.nn.functional.softmax
        code.apply_rotary_pos_emb = lambda q, k, *a, **kw: [
            self.h(f"blocks.{self.layer}.attn.rot_{n}", x[0].transpose(0, 1)).transpose(0, 1)[None] for n, x in zip("qk", rotate(q, k, *a, **kw))]
        torch.nn.functional.softmax = self.softmax(softmax)
        try:
            yield
        finally:
            code.apply_rotary_pos_emb, torch.nn.functional.softmax = rotate, softmax
            [h.remove() for h in self.handles]

    def softmax(self, real):
        def f(scores, dim, dtype=None):
            x = torch.where(scores[0] < -1e30, -torch.inf, scores[0])  # what the mask hides, also behind a window
            x = self.h(f"blocks.{self.layer}.attn.attn_scores", x, heads=True)
            return self.h(f"blocks.{self.layer}.attn.pattern", real(x, dim=dim), heads=True)[None]
        return f

    def post(self, module, f):
        self.handles.append(module.register_forward_hook(lambda m, i, o: f(o)))

    def pre(self, module, f):
        self.handles.append(module.register_forward_pre_hook(lambda m, i: f(*i)))

    def norm(self, module, name, then=lambda x: x, turned=False):
        """turned: heads come before positions."""
        def f(m, inputs, out):
            x, out = (t[0].transpose(0, 1) if turned else t[0] for t in (inputs[0], out))
            eps = m.variance_epsilon if hasattr(m, "variance_epsilon") else m.eps
            scale = (x.square().mean(-1) + eps).sqrt()
            close32(name, x / scale[..., None] * (m.weight + self.plus), out)
            scale = self.h(name + ".scale", scale if scale.dim() > 1 else scale[:, None]).view_as(scale)
            y = then(self.h(name + ".normalized", x / scale[..., None] * (m.weight + self.plus)))
            return (y.transpose(0, 1) if turned else y)[None]
        self.handles.append(module.register_forward_hook(f))


    def split(self, at, names, heads):
        """Lets hooks change the parts of a projection, each [position, head, d_head]."""
        def f(o):
            parts = o[0].split([n * self.d_head for n in heads], dim=-1)
            parts = [self.h(at + n, x.unflatten(-1, (k, self.d_head))).flatten(1) for n, x, k in zip(names, parts, heads)]
            return torch.cat(parts, -1)[None]
        return f

    def block(self, at, l, b):
        h, a, mlp = self.h, b.self_attn, b.mlp
        sandwich = hasattr(b, "pre_feedforward_layernorm")

        def enter(x, *rest):
            self.layer, self.resid = l, h(at + "resid_pre", x[0])
            return (self.resid[None], *rest)

        def z(x):
            self.z = h(at + "attn.z", x[0].unflatten(-1, (self.heads, self.d_head)))
            return (self.z.flatten(1)[None],)

        def result(o):
            w = a.o_proj.weight.unflatten(1, (self.heads, self.d_head))
            x = torch.einsum("phi,dhi->phd", self.z, w)
            bias = 0 if a.o_proj.bias is None else a.o_proj.bias
            close("result", x.sum(1) + bias, o[0])
            out = h(at + "attn.result", x).sum(1) + bias
            return (out if sandwich else attn_out(out))[None]

        def attn_out(x):
            # What the block adds up is the stream in the middle; give it what makes that the changed one.
            return h(at + "resid_mid", self.resid + h(at + "attn_out", x)) - self.resid

        def leave(o):
            x = o[0] if isinstance(o, tuple) else o
            x = h(at + "resid_post", x[0])[None]
            return (x, *o[1:]) if isinstance(o, tuple) else x

        self.pre(b, enter)
        self.norm(b.input_layernorm, at + "ln1")
        if hasattr(a, "qkv_proj"):
            self.post(a.qkv_proj, self.split(at + "attn.", "qkv", (self.heads, self.kv, self.kv)))
        else:
            for n, k in ("q", self.heads), ("k", self.kv), ("v", self.kv):
                self.post(getattr(a, n + "_proj"), self.split(at + "attn.", n, (k,)))
        if hasattr(a, "q_norm"):
            turned = self.plus > 0  # Gemma 3
            self.norm(a.q_norm, at + "attn.q_norm", turned=turned)
            self.norm(a.k_norm, at + "attn.k_norm", turned=turned)
        self.pre(a.o_proj, z)
        self.post(a.o_proj, result)
        if sandwich:
            self.norm(b.post_attention_layernorm, at + "ln1_post", attn_out)
            self.norm(b.pre_feedforward_layernorm, at + "ln2")
            self.norm(b.post_feedforward_layernorm, at + "ln2_post", lambda x: h(at + "mlp_out", x))
        else:
            self.norm(b.post_attention_layernorm, at + "ln2")
            self.post(mlp, lambda o: h(at + "mlp_out", o[0])[None])
        if hasattr(mlp, "gate_up_proj"):
            self.post(mlp.gate_up_proj, lambda o: torch.cat([h(at + n, x) for n, x in zip(("mlp.pre", "mlp.pre_linear"), o[0].chunk(2, -1))], -1)[None])
        else:
            self.post(mlp.gate_proj, lambda o: h(at + "mlp.pre", o[0])[None])
            self.post(mlp.up_proj, lambda o: h(at + "mlp.pre_linear", o[0])[None])
        self.pre(mlp.down_proj, lambda x: (h(at + "mlp.post", x[0])[None],))
        self.post(b, leave)


def seen(run):
    """What lies after a query is not recorded: the engine writes 0 there."""
    def f(hooks):
        causal = torch.ones(len(IDS), len(IDS), dtype=torch.bool).tril()
        return {k: torch.where(causal, v, 0.0) if k.endswith(("attn_scores", "pattern")) else v for k, v in run(hooks).items()}
    return f


def changes(last, inner):
    """Each activation once, together with others that are far from it."""
    return [
        [change("blocks.0.attn.z", -1, 1, "zero"), change(f"blocks.{last}.mlp.pre_linear", 4, -1, "scale", 0.5)],
        [change("blocks.0.attn.rot_q", 4, 2, "mean"), change(f"blocks.{last}.attn.rot_k", 3, 0, "scale", -1)],
        [change("blocks.0.attn.pattern", 5, 0, "scale", 0.25), change(f"blocks.{last}.mlp.post", 6, inner - 1, "set", 1.5)],
        [change("blocks.0.attn.attn_scores", 7, 1, "add", 2.0), change(f"blocks.{last}.attn.k", 2, 0, "zero")],
        [change("blocks.0.attn.q", 8, 2, "scale", -1), change(f"blocks.{last}.attn.v", -1, 0, "add", 0.5)],
        [change("blocks.0.ln1.scale", 2, 0, "scale", 2), change(f"blocks.{last}.ln2.normalized", 9, 3, "set", -2)],
        [change("blocks.0.attn.result", 3, 2, "scale", 3), change(f"blocks.{last}.attn_out", -1, 5, "mean"), change("embed", 1, -1, "zero")],
        [change("blocks.0.mlp.pre", -1, 3, "zero"), change(f"blocks.{last}.mlp_out", 2, -1, "scale", 2), change("ln_final.scale", 4, 0, "scale", 0.5)],
    ]


def make(name, n, model, config, rename=lambda k: k, extra=None, file_config=None, embed_scale=1.0, plus=0.0, std=0.25):
    """config: transformers' own. file_config: what is written into config.json. rename: names of tensors in the file; extra: more of them."""
    seed(n)
    config._attn_implementation = "eager"
    m = model(config).eval().double()
    randomise(m, std)
    with torch.no_grad():
        for k, p in m.named_parameters():
            if k.endswith("norm.weight"):
                p.add_(1 - plus).copy_(p.float().double())
        run = seen(Runner(m, embed_scale, plus))
        close32("logits", run(Hooks())["logits"], m(TEXT).logits[0])
        greedy = m.generate(TEXT, attention_mask=torch.ones_like(TEXT), max_new_tokens=12, do_sample=False, pad_token_id=0, eos_token_id=None)[0, len(IDS):].tolist()
        tensors = {rename(k): v for k, v in m.state_dict().items() if k != "lm_head.weight" or not config.tie_word_embeddings}
        tensors |= extra or {}
        write(name, tensors, file_config, run, changes(config.num_hidden_layers - 1, config.intermediate_size), greedy,
              lambda k: k == "logits" or k.endswith(("resid_post", ".z")))
