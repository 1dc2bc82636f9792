"""What the generators of tiny models share: seeds, changes, files. Run `python gpt2.py` and `python rnn.py`.

A golden is the run of transformers' or torch's own module in float64 on the weights that are saved (float32), so that what a test
measures is the error of the engine alone. All of it is a function of the seed.
"""
import json
import numpy as np, torch
from safetensors.numpy import save
from vocab import OUT, VOCAB, change

IDS = [19, 7, 0, 4, 7, 11, 30, 19, 7, 0, 4]  # some of it twice


def seed(n):
    torch.manual_seed(n)
    np.random.seed(n)
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)


def randomise(module, std):
    """Weights that make every activation vary, rounded to what the file keeps."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            p.normal_(0, std)
            if "ln_" in name and name.endswith("weight"):
                p.add_(1)
            p.copy_(p.float().double())


class Hooks:
    """Records activations, applying changes first, as engine/activation says: x is [position, ..]; heads=True: [head, query, key]."""
    full = False  # every query sees every key, not only those before it

    def __init__(self, changes=(), means=None):
        self.changes, self.means, self.seen = changes, means or {}, {}

    def __call__(self, name, x, heads=False):
        x = x.clone()
        for c in self.changes:
            if c["name"] == name:
                for p in range(x.shape[1] if heads else x.shape[0]):
                    if c["pos"] in (-1, p):
                        self.apply(x, c, p, heads)
        self.seen[name] = x.clone()
        return x

    def apply(self, x, c, p, heads):
        if heads:
            at = (slice(None) if c["index"] < 0 else c["index"], p, slice(0, None if self.full else p + 1))
        else:
            at = (p,) if c["index"] < 0 else (p, c["index"])
        mean = 0
        if c["op"] == "mean":
            mean = self.means[c["name"]][at[1:]]
        x[at] = {"set": lambda v: torch.full_like(v, c["value"]), "add": lambda v: v + c["value"], "scale": lambda v: v * c["value"],
                 "zero": torch.zeros_like, "mean": lambda v: torch.zeros_like(v) + mean}[c["op"]](x[at])


def close(what, a, b):
    assert torch.allclose(a, b, rtol=1e-10, atol=1e-12), f"{what}: not what the module computes"


def write(name, tensors, config, run, changes, greedy, keep):
    """Writes models/<name>/ and models/goldens/<name>.safetensors: the run without changes whole ("0/<activation>"), each one
    with changes ("1/..") by the activations that keep picks. tensors is a dict, or a function that writes the files of a model in
    another form."""
    d = OUT / name
    d.mkdir(parents=True, exist_ok=True)
    (OUT / "goldens").mkdir(exist_ok=True)
    f32 = lambda t: np.ascontiguousarray(t.detach().float().numpy())
    if callable(tensors):
        tensors(d)
    else:
        files = {"config.json": config, "tokenizer.json": {"type": "char", "vocab": VOCAB}}
        for f, v in files.items():
            (d / f).write_text(json.dumps(v, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        (d / "model.safetensors").write_bytes(save({k: f32(v) for k, v in tensors.items()}))
    base = run(Hooks())
    means = {k: v.mean(0) for k, v in base.items() if not k.endswith(("pattern", "attn_scores"))}
    golden = {f"0/{k}": f32(v) for k, v in base.items()}
    for i, cs in enumerate(changes):
        seen = run(Hooks(cs, means))
        golden |= {f"{i + 1}/{k}": f32(v) for k, v in seen.items() if keep(k)}
    meta = {"golden": json.dumps({"ids": IDS, "greedy": greedy, "changes": changes})}  # one key: the order of several is not fixed
    b = save(golden, metadata=meta)
    (OUT / "goldens" / f"{name}.safetensors").write_bytes(b)
    print(name, sum(f.stat().st_size for f in d.iterdir()), len(b), greedy)
