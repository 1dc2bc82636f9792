"""Writes small files with torch.save, as people have them: testdata/formats/pytorch. Tensors called t.<type> are [3, 64] and hold
(i - 90) / 4 at place i (whole numbers: i - 90; BOOL: i % 3 == 0; U8: i), as those of files.py.

  python torch_files.py
"""
import argparse, collections, pathlib, zipfile

import torch
from torch import nn

OUT = pathlib.Path(__file__).resolve().parent.parent / "formats" / "pytorch"
OUT.mkdir(exist_ok=True)
N = torch.arange(192, dtype=torch.float64).view(3, 64) - 90
REAL = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
WHOLE = {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8}


def types():
    t = {f"t.{n}": (N / 4).to(d) for n, d in REAL.items()} | {f"t.{n}": N.to(d) for n, d in WHOLE.items()}
    t["t.BOOL"] = torch.arange(192).view(3, 64) % 3 == 0
    t["t.U8"] = (N + 90).to(torch.uint8)
    return t


class RNNModel(nn.Module):
    """The model of PyTorch's word_language_model example, small."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(7, 4)
        self.rnn = nn.LSTM(4, 4, 2, dropout=0.2)
        self.decoder = nn.Linear(4, 7)
        self.decoder.weight = self.encoder.weight
        self.rnn_type, self.nhid, self.nlayers = "LSTM", 4, 2
        self.register_buffer("mask", torch.ones(2))
        self.register_buffer("passing", torch.ones(3), persistent=False)

    def forward(self, ids):
        return self.decoder(self.rnn(self.encoder(ids))[0])


class Dictionary:
    """The words of word_language_model's corpus."""

    def __init__(self, words):
        self.idx2word, self.word2idx = words, {w: i for i, w in enumerate(words)}


class Corpus:
    def __init__(self, words):
        self.dictionary, self.train = Dictionary(words), torch.arange(5)


def save(name, what, **options):
    torch.save(what, OUT / name, **options)


def views():
    """Views of one storage, in every order."""
    base = (torch.arange(1000, dtype=torch.float32) - 90) / 4
    w = torch.arange(12, dtype=torch.float32).view(3, 4)
    return {"rows": base[:192].view(3, 64), "rows.again": base[:192].view(3, 64), "later": base[90:93], "transposed": w.t(),
            "columns": w[:, 1:3], "steps": base[::50], "turned": torch.arange(24.0).view(2, 3, 4).permute(1, 2, 0), "one": base[7],
            "empty": base[:0], "row of one": w[1:2]}


def checkpoint(model):
    adam = torch.optim.Adam(model.parameters())
    model(torch.tensor([[1, 2]])).sum().backward()
    adam.step()
    state = collections.OrderedDict(("module._orig_mod." + k, v) for k, v in model.state_dict().items())
    return {"epoch": 3, "best_loss": 1.5, "done": True, "optimizer_state_dict": adam.state_dict(), "model_state_dict": state, "ema": dict(state),
            "args": argparse.Namespace(nhid=4, model="LSTM", tied=True, sizes=[1, 2]), "name": "tiny", "char2idx": {c: i for i, c in enumerate("abc d\n<")}}


def big_endian(src, dst):
    """The same zip as a big-endian machine writes it: 4-byte numbers only."""
    with zipfile.ZipFile(OUT / src) as z, zipfile.ZipFile(OUT / dst, "w") as out:
        for m in z.infolist():
            b = z.read(m)
            if "/data/" in m.filename:
                b = b"".join(b[i:i + 4][::-1] for i in range(0, len(b), 4))
            if m.filename.endswith("byteorder"):
                b = b"big"
            out.writestr(zipfile.ZipInfo(m.filename), b)


if __name__ == "__main__":
    torch.manual_seed(1)
    save("types.pt", types())
    save("types-legacy.pt", types(), _use_new_zipfile_serialization=False)
    save("protocol4.pt", {"t.F32": types()["t.F32"], "kept": "a text"}, pickle_protocol=4)
    save("views.pt", views())
    save("views-legacy.pt", views(), _use_new_zipfile_serialization=False)
    save("one.pt", {"t.F32": types()["t.F32"]})
    big_endian("one.pt", "big-endian.pt")
    model = RNNModel()
    save("module.pt", model)
    save("module-legacy.pt", model, _use_new_zipfile_serialization=False)
    save("training.pt", checkpoint(RNNModel()))
    save("corpus.pt", {"model": {"embed.weight": torch.ones(5, 2)}, "corpus": Corpus(["<eos>", "the", "cat", "sat", "été"]), "chars": ["a", "b"]})
    save("list.pt", [RNNModel(), nn.CrossEntropyLoss(), {"step": 5}])
    save("tensor.pt", torch.arange(6.0).view(2, 3))
    save("parameters.pt", {"weight": nn.Parameter(torch.ones(2, 3)), "other": {"a": 1}})
    save("new-types.pt", {"f8": torch.ones(4).to(torch.float8_e4m3fn), "w": torch.ones(2)})
    save("quantised.pt", {"w": torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8)})
    save("sparse.pt", {"w": torch.eye(3).to_sparse()})
    save("expanded.pt", {"w": torch.ones(1).expand(4, 5)})
    save("nothing.pt", {"epoch": 3})
    torch.jit.script(RNNModel()).save(OUT / "script.pt")
    for p in sorted(OUT.iterdir()):
        print(p.name, p.stat().st_size)
