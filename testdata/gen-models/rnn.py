"""Tiny recurrent language models and their goldens, by torch.nn.RNN, LSTM and GRU.

Those modules show their hidden states only. The gates are computed from the same weights by the formulas of their documentation, and
the hidden states (and the last cell) that come out are checked against what the module itself gives.
"""
import copy, json, re
from types import SimpleNamespace
import torch
from torch import nn
from common import IDS, VOCAB, Hooks, change, close, randomise, seed, write


class LM(nn.Module):
    def __init__(self, kind, layers, embed=12, hidden=16, proj=0, tied=False):
        super().__init__()
        self.kind, self.layers = kind, layers
        self.encoder = nn.Embedding(len(VOCAB), embed)
        if kind == "lstm":
            self.rnn = nn.LSTM(embed, hidden, layers, proj_size=proj)
        elif kind == "gru":
            self.rnn = nn.GRU(embed, hidden, layers)
        else:
            self.rnn = nn.RNN(embed, hidden, layers, nonlinearity=kind.removeprefix("rnn_"))
        self.decoder = nn.Linear(proj or hidden, len(VOCAB))
        if tied:
            self.decoder.weight = self.encoder.weight

    def forward(self, ids):
        out, last = self.rnn(self.encoder(ids))
        return self.decoder(out), out, last


class AWD(nn.Module):
    """The stack of AWD-LSTM: layers of different sizes, the last as wide as the embedding, which is the decoder's."""

    def __init__(self, sizes=(20, 14, 12), embed=12):
        super().__init__()
        self.kind, self.layers, self.encoder = "lstm", len(sizes), nn.Embedding(len(VOCAB), embed)
        self.rnns = nn.ModuleList(nn.LSTM(i, o) for i, o in zip((embed,) + sizes, sizes))
        self.decoder = nn.Linear(embed, len(VOCAB))
        self.decoder.weight = self.encoder.weight

    @property
    def rnn(self):
        return SimpleNamespace(**{k.replace("l0", f"l{i}"): v for i, r in enumerate(self.rnns) for k, v in r.named_parameters()})

    def forward(self, ids):
        x, last = self.encoder(ids), []
        for r in self.rnns:
            x, (h, c) = r(x)
            last.append((h[0], c[0]))
        return self.decoder(x), x, tuple(zip(*last))


def run(m):
    """The model by its formulas, with a hook at every named activation."""
    def f(hooks):
        x = hooks("embed", m.encoder(torch.tensor(IDS)))
        for l in range(m.layers):
            x = layer(m, l, x, hooks)
        hooks("logits", m.decoder(x))
        return hooks.seen
    return f


def layer(m, l, x, hooks):
    w = {k: getattr(m.rnn, f"{k}_l{l}") for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    hr = getattr(m.rnn, f"weight_hr_l{l}", None)
    h, c = torch.zeros(w["weight_hh"].shape[1]), torch.zeros(w["weight_hh"].shape[0] // (4 if m.kind == "lstm" else 1))
    rows = {}

    def at(name, t, v):
        name = f"layers.{l}.{name}"
        one = Hooks([{**ch, "pos": 0} for ch in hooks.changes if ch["name"] == name and ch["pos"] in (-1, t)], hooks.means)
        v = one(name, v[None])[0]
        rows.setdefault(name, []).append(v)
        return v

    for t, xt in enumerate(x):
        a, b = w["weight_ih"] @ xt + w["bias_ih"], w["weight_hh"] @ h + w["bias_hh"]
        if m.kind == "lstm":
            i, f, g, o = (a + b).chunk(4)
            i, f = at("input_gate", t, i.sigmoid()), at("forget_gate", t, f.sigmoid())
            g, o = at("cell_gate", t, g.tanh()), at("output_gate", t, o.sigmoid())
            c = at("cell", t, f * c + i * g)
            h = o * c.tanh()
            h = h if hr is None else hr @ h
        elif m.kind == "gru":
            (ar, az, an), (br, bz, bn) = a.chunk(3), b.chunk(3)
            r, z = at("reset_gate", t, (ar + br).sigmoid()), at("update_gate", t, (az + bz).sigmoid())
            n = at("new_gate", t, (an + r * bn).tanh())
            h = (1 - z) * n + z * h
        else:
            h = (a + b).tanh() if m.kind == "rnn_tanh" else (a + b).relu()
        h = at("hidden", t, h)
    hooks.seen |= {k: torch.stack(v) for k, v in rows.items()}
    return hooks.seen[f"layers.{l}.hidden"]


def check(m):
    """The formulas give what the module gives."""
    seen, (logits, out, last) = run(m)(Hooks()), m(torch.tensor(IDS))
    close("logits", seen["logits"], logits)
    close("hidden", seen[f"layers.{m.layers - 1}.hidden"], out)
    h, c = last if m.kind == "lstm" else (last, None)
    for l in range(m.layers):
        close("last hidden", seen[f"layers.{l}.hidden"][-1], h[l])
        if c is not None:
            close("last cell", seen[f"layers.{l}.cell"][-1], c[l])


def make(name, n, kind, layers, std=0.8, save=None, one_hot=False, **options):
    """save writes the model in another form than safetensors with a config: save(folder, model)."""
    seed(n)
    m = (AWD() if kind == "awd" else LM(kind, layers, **options)).eval()
    kind = m.kind
    randomise(m, std)
    if one_hot:
        m.encoder.weight.data = torch.eye(len(VOCAB))
    last = layers - 1
    changes = [
        [change("layers.0.hidden", 3, 2, "zero")],
        [change("layers.0.hidden", -1, 5, "set", 0.75)],
        [change(f"layers.{last}.hidden", 2, -1, "scale", -1), change("embed", 5, 3, "add", 1)],
        [change("layers.0.hidden", 4, -1, "mean"), change("logits", 6, 1, "set", 5)],
    ]
    gates = {"lstm": ["input_gate", "forget_gate", "cell_gate", "output_gate", "cell"], "gru": ["reset_gate", "update_gate", "new_gate"]}
    for g in gates.get(kind, []):
        changes += [[change(f"layers.0.{g}", 2, 4, "set", 0.9), change(f"layers.{last}.{g}", -1, 1, "scale", 0.5)]]
    with torch.no_grad():
        check(m)
        ids = list(IDS)
        for _ in range(12):
            ids.append(int(m(torch.tensor(ids))[0][-1].argmax()))
        tied = options.get("tied", False)
        tensors = {k: v for k, v in m.state_dict().items() if not (tied and k == "decoder.weight")}
        if save:
            return write(name, lambda d: save(d, m), None, run(m), changes, ids[len(IDS):], lambda k: k == "logits" or k.endswith(("hidden", "cell")))
        config = {"model_type": kind, "vocab_size": len(VOCAB), "embedding_size": m.encoder.embedding_dim, "hidden_size": m.rnn.hidden_size,
                  "num_layers": layers}
        config |= {"proj_size": m.rnn.proj_size} if m.rnn.proj_size else {}
        config |= {"tie_word_embeddings": True} if tied else {}
        write(name, tensors, config, run(m), changes, ids[len(IDS):], lambda k: k == "logits" or k.endswith(("hidden", "cell")))


def f32(m):
    return {k: v.float() for k, v in m.state_dict().items()}


def one_hot(d, m):
    """As a char-rnn that many copy keeps it: no embedding, settings and characters beside the state_dict."""
    state = {k.replace("rnn.", "lstm.").replace("decoder.", "fc."): v for k, v in f32(m).items() if not k.startswith("encoder")}
    torch.save({"n_hidden": 16, "n_layers": m.layers, "state_dict": state, "tokens": tuple(VOCAB)}, d / "rnn_20_epoch.net")


def module(d, m):
    """As word_language_model keeps it: the module itself, whose words nothing tells."""
    torch.save(copy.deepcopy(m).float(), d / "model.pt")
    (d / "chars.json").write_text(json.dumps(VOCAB, ensure_ascii=False) + "\n", encoding="utf-8")


def awd(d, m):
    """As AWD-LSTM saves it: a list with the model first, whose trained recurrent weights are called raw."""
    state = {re.sub(r"rnns\.(\d)\.(weight_hh_l0)", r"rnns.\1.module.\2_raw", re.sub(r"rnns\.(\d)\.(weight_ih|bias)", r"rnns.\1.module.\2", k)): v for k, v in f32(m).items()}
    torch.save([state, {"loss": 4.2}], d / "model.pt")
    (d / "chars.json").write_text(json.dumps(VOCAB, ensure_ascii=False) + "\n", encoding="utf-8")


def cells(d, m):
    """Cells in a list in a module, in DataParallel, in the form of before PyTorch 1.6."""
    state = {}
    for k, v in f32(m).items():
        k = re.sub(r"rnn\.(.*)_l(\d)", r"net.cells.\2.\1", k)
        state["module." + k.replace("encoder.", "net.embed.").replace("decoder.", "net.out.")] = v
    torch.save({"model": state, "stoi": {c: i for i, c in enumerate(VOCAB)}}, d / "last.pth", _use_new_zipfile_serialization=False)


make("rnn-tanh", 11, "rnn_tanh", 2, std=0.5)
make("rnn-relu", 12, "rnn_relu", 1, std=0.35)
make("lstm", 13, "lstm", 2)
make("lstm-proj", 14, "lstm", 3, std=0.5, proj=7)
make("lstm-tied", 15, "lstm", 1, embed=16, tied=True)
make("gru", 16, "gru", 2)
make("pt-onehot", 17, "lstm", 2, embed=len(VOCAB), one_hot=True, save=one_hot)
make("pt-module", 18, "rnn_relu", 2, std=0.3, embed=16, tied=True, save=module)
make("pt-cells", 19, "gru", 2, save=cells)
make("pt-awd", 20, "awd", 3, save=awd)
