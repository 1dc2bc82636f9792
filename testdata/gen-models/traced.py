"""Runs a model of transformers with a Hooks at every named activation, by hooks on its own modules.

What a family has no module for, the rotated queries and keys and the softmax, a function of its file or of torch takes, which is wrapped for the run.
"""
import contextlib
import torch
from common import IDS, close


class Trace:
    """wire(trace) hangs the hooks on the modules: it is called for every run. rotary is the modeling file of a family that rotates."""

    def __init__(self, model, heads, wire, rotary=None):
        self.m, self.heads, self.wire, self.rotary = model, heads, wire, rotary

    def __call__(self, hooks):
        self.h, self.handles, self.at = hooks, [], None
        self.wire(self)
        f, softmax = torch.nn.functional, torch.nn.functional.softmax
        with contextlib.ExitStack() as end:
            end.callback(lambda: [h.remove() for h in self.handles])
            end.callback(setattr, f, "softmax", softmax)
            f.softmax = self.softmax(softmax)
            if self.rotary:
                end.callback(setattr, self.rotary, "eager_attention_forward", self.rotary.eager_attention_forward)
                self.rotary.eager_attention_forward = self.rotated(self.rotary.eager_attention_forward)
            out = self.m(torch.tensor([IDS]))
        if "logits" in out:
            hooks("logits", out.logits[0])
        return hooks.seen

    def out(self, module, f):
        """f changes what module returns: its first value, if several, without the batch."""
        def hook(_, inputs, o):
            return (f(o[0][0])[None], *o[1:]) if isinstance(o, tuple) else f(o[0])[None]
        self.handles.append(module.register_forward_hook(hook))

    def into(self, module, f):
        """f changes the first argument of module."""
        self.handles.append(module.register_forward_pre_hook(lambda _, i: (f(i[0][0])[None], *i[1:])))

    def named(self, name, inner=None):
        """Gives the activation its name: for out and into."""
        def f(x):
            shape = x.shape
            return self.h(name, x if inner is None else x.view(len(IDS), *inner)).reshape(shape)
        return f

    def norm(self, ln, name):
        """LayerNorm has no module between its scale and its output: divide again if the scale was changed."""
        def f(ln, inputs, out):
            x = inputs[0][0]
            scale = (x.var(-1, unbiased=False, keepdim=True) + ln.eps).sqrt()
            unit = x - x.mean(-1, keepdim=True)
            close(name, unit / scale * ln.weight + ln.bias, out[0])
            return self.h(name + ".normalized", unit / self.h(name + ".scale", scale) * ln.weight + ln.bias)[None]
        self.handles.append(ln.register_forward_hook(f))

    def block(self, module, at):
        """Names the stream that enters a block, which softmax and rotation then belong to."""
        def enter(x):
            self.at, self.resid = at, self.h(at + "resid_pre", x)
            return self.resid
        self.into(module, enter)

    def projection(self, dense, mid=False):
        """What leaves attention: z, each head's share, their sum. mid: of a stream that is added up between attention and MLP."""
        at, z = self.at_next, {}

        def enter(x):
            z["z"] = self.h(at + "attn.z", x.view(len(IDS), self.heads, -1))
            return z["z"].reshape(x.shape)

        def leave(o):
            bias = 0 if dense.bias is None else dense.bias
            result = torch.einsum("phi,ohi->pho", z["z"], dense.weight.view(dense.weight.shape[0], self.heads, -1))
            close("result", result.sum(1) + bias, o)
            out = self.h(at + "attn_out", self.h(at + "attn.result", result).sum(1) + bias)
            # What the block adds up is the stream in the middle; give it what makes that the changed one.
            return self.h(at + "resid_mid", self.resid + out) - self.resid if mid else out
        self.into(dense, enter)
        self.out(dense, leave)

    def mlp(self, first, second, whole=None):
        self.out(first, self.named(self.at_next + "mlp.pre"))
        self.into(second, self.named(self.at_next + "mlp.post"))
        self.out(whole or second, self.named(self.at_next + "mlp_out"))

    def blocks(self, modules):
        """Goes through the blocks; what is hung up meanwhile is named for that block."""
        for l, b in enumerate(modules):
            self.at_next = f"blocks.{l}."
            self.block(b, self.at_next)
            yield b

    def softmax(self, real):
        def f(scores, dim, **_):  # not in float32, as some ask for
            x = self.h(self.at + "attn.attn_scores", scores[0], heads=True)
            return self.h(self.at + "attn.pattern", real(x, dim=dim), heads=True)[None]
        return f

    def rotated(self, real):
        def name(what, x):  # [1, heads, n, d_head]
            return self.h(self.at + "attn." + what, x[0].transpose(0, 1)).transpose(0, 1)[None]
        return lambda module, q, k, *args, **kw: real(module, name("rot_q", q), name("rot_k", k), *args, **kw)


def randomise(module, std):
    """Weights that make every activation vary, rounded to what the file keeps."""
    norms = {id(p) for m in module.modules() if isinstance(m, torch.nn.LayerNorm) for p in [m.weight]}
    with torch.no_grad():
        for p in module.parameters():
            p.normal_(0, std)
            if id(p) in norms:
                p.add_(1)
            p.copy_(p.float().double())


def causal(run):
    """What lies after a query is not recorded: the engine's is 0 there."""
    def f(hooks):
        tril = lambda v: torch.where(torch.tril(torch.ones(v.shape[-2:], dtype=torch.bool)), v, torch.zeros_like(v))
        return {k: tril(v) if k.endswith(("attn_scores", "pattern")) else v for k, v in run(hooks).items()}
    return f
