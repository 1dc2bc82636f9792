"""Tiny GPT-2 models and their goldens, by transformers' GPT2LMHeadModel with hooks on its own modules."""
import torch
from transformers import GPT2Config, GPT2LMHeadModel
from common import IDS, VOCAB, Hooks, change, close, randomise, seed, write


def causal(x):
    return torch.tril(torch.ones(x.shape[-2:], dtype=torch.bool))


class Runner:
    """Runs the model with a Hooks at every named activation."""

    def __init__(self, model):
        self.m, self.c = model, model.config

    def __call__(self, hooks):
        handles, self.h = [], hooks
        t, self.layer = self.m.transformer, -1
        post = lambda mod, f: handles.append(mod.register_forward_hook(lambda m, i, o: f(o)))
        pre = lambda mod, f: handles.append(mod.register_forward_pre_hook(lambda m, i: f(*i)))
        post(t.wte, lambda o: hooks("embed", o[0])[None])
        post(t.wpe, lambda o: hooks("pos_embed", o[0])[None])
        for l, b in enumerate(t.h):
            self.block(f"blocks.{l}.", l, b, pre, post)
        handles.append(t.ln_f.register_forward_hook(self.norm("ln_final")))
        softmax = torch.nn.functional.softmax
        torch.nn.functional.softmax = self.softmax(softmax)
        try:
            logits = self.m(torch.tensor([IDS])).logits[0]
        finally:
            torch.nn.functional.softmax = softmax
            [h.remove() for h in handles]
        hooks("logits", logits)
        return hooks.seen

    def heads(self, x):
        return x.view(x.shape[0], self.c.n_head, -1)

    def norm(self, name):
        """LayerNorm has no module between its scale and its output: divide again if the scale was changed."""
        def f(ln, inputs, out):
            x = inputs[0][0]
            scale = (x.var(-1, unbiased=False, keepdim=True) + ln.eps).sqrt()
            close(name, (x - x.mean(-1, keepdim=True)) / scale * ln.weight + ln.bias, out[0])
            changed = self.h(name + ".scale", scale)
            return self.h(name + ".normalized", (x - x.mean(-1, keepdim=True)) / changed * ln.weight + ln.bias)[None]
        return f

    def block(self, at, l, b, pre, post):
        h, d = self.h, self.c.n_embd

        def enter(x, *rest):
            self.layer, self.resid = l, h(at + "resid_pre", x[0])
            return (self.resid[None], *rest)

        def qkv(o):
            q, k, v = (self.heads(x) for x in o[0].split(d, dim=1))
            q, k, v = h(at + "attn.q", q), h(at + "attn.k", k), h(at + "attn.v", v)
            return torch.cat([x.reshape(len(IDS), d) for x in (q, k, v)], 1)[None]

        def z(x):
            self.z = h(at + "attn.z", self.heads(x[0]))
            return (self.z.reshape(len(IDS), d)[None],)

        def attn_out(o):
            w = b.attn.c_proj.weight.view(self.c.n_head, -1, d)
            result = torch.einsum("phi,hio->pho", self.z, w)
            close("result", result.sum(1) + b.attn.c_proj.bias, o[0])
            result = h(at + "attn.result", result)
            out = h(at + "attn_out", result.sum(1) + b.attn.c_proj.bias)
            # What the block adds up is the stream in the middle; give it what makes that the changed one.
            self.mid = h(at + "resid_mid", self.resid + out)
            return (self.mid - self.resid)[None]

        def leave(o):
            return (h(at + "resid_post", o[0][0])[None], *o[1:])

        pre(b, enter)
        b_ln1 = b.ln_1.register_forward_hook(self.norm(at + "ln1"))
        b_ln2 = b.ln_2.register_forward_hook(self.norm(at + "ln2"))
        post(b.attn.c_attn, qkv)
        pre(b.attn.c_proj, z)
        post(b.attn.c_proj, attn_out)
        post(b.mlp.c_fc, lambda o: h(at + "mlp.pre", o[0])[None])
        pre(b.mlp.c_proj, lambda x: (h(at + "mlp.post", x[0])[None],))
        post(b.mlp, lambda o: h(at + "mlp_out", o[0])[None])
        post(b, leave)
        post(b, lambda o: [b_ln1.remove(), b_ln2.remove()] and None)

    def softmax(self, real):
        def f(scores, dim):
            x = self.h(f"blocks.{self.layer}.attn.attn_scores", scores[0], heads=True)
            p = self.h(f"blocks.{self.layer}.attn.pattern", real(x, dim=dim)[None][0], heads=True)
            return p[None]
        return f


def seen(run):
    """What lies after a query is not recorded: the engine writes 0 there."""
    def f(hooks):
        return {k: torch.where(causal(v), v, torch.zeros_like(v)) if k.endswith(("attn_scores", "pattern")) else v for k, v in run(hooks).items()}
    return f


def make(name, n, prefix=True, buffers=False, std=0.25, **options):
    seed(n)
    c = GPT2Config(vocab_size=len(VOCAB), n_positions=32, n_embd=24, n_head=3, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
                   bos_token_id=None, eos_token_id=None, attn_implementation="eager", **options)
    m = GPT2LMHeadModel(c).eval()
    randomise(m, std)
    last = c.n_layer - 1
    changes = [
        [change("blocks.0.attn.z", -1, 1, "zero")],
        [change("blocks.0.attn.z", 4, 2, "mean")],
        [change("blocks.0.resid_mid", 3, -1, "scale", 0.5)],
        [change("blocks.0.attn.pattern", 5, 0, "scale", 0.25), change(f"blocks.{last}.mlp.post", 6, 7, "set", 1.5)],
        [change("blocks.0.attn.attn_scores", 7, 1, "add", 2.0), change("blocks.0.attn.k", 2, 1, "zero")],
        [change("blocks.0.attn.q", 8, 2, "scale", -1), change("blocks.0.attn.v", -1, 0, "add", 0.5)],
        [change("blocks.0.ln1.scale", 2, 0, "scale", 2), change(f"blocks.{last}.ln2.normalized", 9, 3, "set", -2)],
        [change(f"blocks.{last}.attn.result", 3, 2, "scale", 3), change(f"blocks.{last}.attn_out", -1, 5, "mean")],
        [change("embed", 1, -1, "zero"), change("pos_embed", 2, 4, "add", 1)],
        [change(f"blocks.{last}.mlp.pre", -1, 3, "zero"), change(f"blocks.{last}.mlp_out", 2, -1, "scale", 2)],
        [change("blocks.0.resid_post", 2, 6, "set", 3), change("ln_final.scale", 4, 0, "scale", 0.5), change("logits", 5, 9, "set", 7)],
    ]
    run = seen(Runner(m))
    with torch.no_grad():
        close("logits", run(Hooks())["logits"], m(torch.tensor([IDS])).logits[0])
        greedy = m.generate(torch.tensor([IDS]), attention_mask=torch.ones(1, len(IDS)), max_new_tokens=12, do_sample=False, pad_token_id=0)[0, len(IDS):].tolist()
        tensors = {k: v for k, v in m.state_dict().items() if k != "lm_head.weight" or not c.tie_word_embeddings}
        if buffers:  # as files of old versions have them
            for l in range(c.n_layer):
                tensors[f"transformer.h.{l}.attn.bias"] = causal(torch.zeros(32, 32))[None, None]
                tensors[f"transformer.h.{l}.attn.masked_bias"] = torch.tensor(-1e4)
        if not prefix:
            tensors = {k.removeprefix("transformer."): v for k, v in tensors.items()}
        config = {k: c.to_dict()[k] for k in ("model_type", "n_layer", "n_head", "n_embd", "n_positions", "n_inner", "vocab_size", "activation_function",
                  "layer_norm_epsilon", "scale_attn_weights", "scale_attn_by_inverse_layer_idx", "tie_word_embeddings")}
        config["architectures"] = ["GPT2LMHeadModel"]
        write(name, tensors, config, run, changes, greedy, lambda k: k == "logits" or k.endswith(("resid_post", ".z")))


make("gpt2-tied", 1, n_layer=2, buffers=True)
make("gpt2-untied", 2, n_layer=3, n_inner=40, activation_function="gelu", tie_word_embeddings=False, prefix=False,
     layer_norm_epsilon=1e-6, scale_attn_by_inverse_layer_idx=True)
make("gpt2-relu", 3, n_layer=1, activation_function="relu", scale_attn_weights=False)
