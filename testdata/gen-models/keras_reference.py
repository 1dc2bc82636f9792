"""Keras's layers by their equations, in float64: what keras3.py and keras2.py compare Keras with, and take goldens from.

Each beginning of the text is run from scratch, step by step, as model.predict(pad_sequences([text], maxlen)) would. What is
recorded at a position is what the run that ends there ends with; of a layer that goes back and returns its last vector alone, that
is the step that has read all. A change at a position changes the step that reads that token, in every run that does; one of all
positions changes every step.
"""
import json
import numpy as np
from safetensors.numpy import save
from vocab import OUT, VOCAB, change

IDS = [19, 7, 1, 4, 7, 11, 30, 19, 7, 1, 4]  # no 0, which fills up
V = len(VOCAB)
sigmoid = lambda x: 1 / (1 + np.exp(-x))
ACT = {"tanh": np.tanh, "sigmoid": sigmoid, "relu": lambda x: np.maximum(x, 0), "linear": lambda x: x, "hard_sigmoid_2": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
       "hard_sigmoid_3": lambda x: np.clip((x + 3) / 6, 0, 1), "softsign": lambda x: x / (1 + abs(x)), "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1)}


class Run:
    """The run of one beginning of the text. Steps have a position, or None: a step that fills up."""

    def __init__(self, pos, changes, means, seen):
        self.pos, self.changes, self.means, self.seen = pos, changes, means, seen

    def __call__(self, name, x, pos, record=False):
        x = np.array(x, dtype=np.float64)
        for c in self.changes:
            if c["name"] == name and (c["pos"] == -1 or c["pos"] == pos):
                at = slice(None) if c["index"] < 0 else c["index"]
                x[at] = {"set": lambda v: c["value"], "add": lambda v: v + c["value"], "scale": lambda v: v * c["value"], "zero": lambda v: 0,
                         "mean": lambda v: self.means[name][at]}[c["op"]](x[at])
        if record:
            self.seen.setdefault(name, []).append(x)
        return x


def cell(run, name, w, rows, positions, recorded):
    """One direction: rows are the inputs in the order of the steps, recorded is the step whose numbers are recorded."""
    u = w["rec"].shape[0]
    h, c, out = np.zeros(u), np.zeros(u), []
    act, gate = ACT[w.get("act", "tanh")], ACT[w.get("gate", "sigmoid")]
    for k, x in enumerate(rows):
        at = lambda n, v: run(f"{name}.{n}", v, positions[k], k == recorded)
        kx, kind, bias = x @ w["kernel"], w["kind"], w.get("bias", 0)
        if kind == "lstm":
            i, f, g, o = np.split(kx + h @ w["rec"] + bias, 4)
            i, f, g, o = at("input_gate", gate(i)), at("forget_gate", gate(f)), at("cell_gate", act(g)), at("output_gate", gate(o))
            c = at("cell", f * c + i * g)
            h = o * act(c)
        elif kind == "gru":
            both = w.get("reset_after", False)
            bi, bh = bias if both else (bias, np.zeros(3 * u))
            (xz, xr, xn), (hz, hr, hn) = np.split(kx + bi, 3), np.split(h @ w["rec"] + bh, 3)
            r = at("reset_gate", gate(xr + hr))
            z = at("update_gate", gate(xz + hz))
            n = at("new_gate", act(xn + r * hn) if both else act(xn + (r * h) @ w["rec"][:, 2 * u:]))
            h = (1 - z) * n + z * h
        else:
            h = act(kx + h @ w["rec"] + bias)
        h = at("hidden", h)
        out.append(h)
    return out


def run(layers, ids, pad=0, masked=False, changes=(), means=None):
    """Every activation by name, [position, ..]."""
    seen = {}
    for pos in range(len(ids)):
        r = Run(pos, changes, means, seen)
        rows, at = [(i, p) for p, i in enumerate(ids[:pos + 1])][-(pad or len(ids)):], None
        if pad and not masked:
            rows = [(None, None)] * (pad - len(rows)) + rows
        positions, tokens = [p for _, p in rows], [i for i, _ in rows]
        x, cells, denses, norms = None, 0, 0, 0
        every = lambda name, x: [r(name, v, p, k == len(x) - 1) for k, (v, p) in enumerate(zip(x, positions))]
        for l in layers:
            kind = l["kind"]
            if kind == "embed":
                x = every("embed", [l["table"][t or 0] for t in tokens])
            elif kind == "onehot":
                x = every("embed", [np.zeros(V) if t is None else np.eye(V)[t] for t in tokens])
            elif kind in ("lstm", "gru", "rnn"):
                x = cell(r, f"layers.{cells}", l, x, positions, len(x) - 1)
                cells += 1
                if not l["seq"]:
                    x, positions = x[-1:], positions[-1:]
            elif kind == "both":
                a = cell(r, f"layers.{cells}.forward", l["forward"], x, positions, len(x) - 1)
                back = positions[::-1]
                if not l["seq"]:  # the last step is the one of this position, the first of none
                    back = [pos] if len(back) == 1 else [None] + back[1:-1] + [pos]
                b = cell(r, f"layers.{cells}.backward", l["backward"], x[::-1], back, 0 if l["seq"] else len(x) - 1)
                if l["seq"]:
                    b = b[::-1]
                else:
                    a, b, positions = a[-1:], b[-1:], positions[-1:]
                merge = {"concat": lambda p, q: np.concatenate([p, q]), "sum": np.add, "mul": np.multiply, "ave": lambda p, q: (p + q) / 2}[l["merge"]]
                x = every(f"layers.{cells}.hidden", [merge(p, q) for p, q in zip(a, b)])
                cells += 1
            elif kind == "dense":
                x = every(f"dense.{denses}.pre", [v @ l["kernel"] + l.get("bias", 0) for v in x])
                x = every(f"dense.{denses}.post", [ACT[l["act"]](v) for v in x])
                denses += 1
            elif kind == "norm":
                scale = every(f"norm.{norms}.scale", [np.sqrt([v.var() + l["eps"]]) for v in x])
                x = every(f"norm.{norms}.normalized", [(v - v.mean()) / s * l["gamma"] + l["beta"] for v, s in zip(x, scale)])
                norms += 1
            elif kind == "batchnorm":
                x = every(f"norm.{norms}.normalized", [(v - l["mean"]) / np.sqrt(l["var"] + l["eps"]) * l["gamma"] + l["beta"] for v in x])
                norms += 1
            else:  # head
                r("logits", x[-1] @ l["kernel"] + l["bias"], pos, True)
    return {k: np.stack(v) for k, v in seen.items()}


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def weights(shape, seed, std=0.6):
    """Weights that make every activation vary, as the file keeps them."""
    return np.random.default_rng(seed).normal(0, std, shape).astype(np.float32)


def golden(name, layers, predict, pad=0, masked=False):
    """Checks the equations against Keras and writes goldens/NAME.safetensors. predict gives Keras's output after ids."""
    go = lambda ids=IDS, **more: run(layers, ids, pad, masked, **more)
    base = go()
    worst = 0
    for n in range(1, len(IDS) + 1):
        p = predict(IDS[:n])
        worst = max(worst, np.abs(softmax(base["logits"][n - 1]) - p).max())
    assert worst < 2e-6, f"{name}: {worst} from what Keras predicts"
    ids = list(IDS)
    for _ in range(8):
        ids.append(int(go(ids)["logits"][-1].argmax()))
    hidden = [k for k in base if k.endswith("hidden")]
    gates = [k for k in base if "gate" in k or k.endswith("cell")]
    changes = [[change(h, 3, 2, "zero")] for h in hidden] + [[change(hidden[0], -1, 5, "set", 0.75)], [change("embed", 5, -1, "add", 1)], [change("embed", -1, 1, "set", 0.5)]]
    changes += [[change(g, 4, 3, "set", 0.9)] for g in gates] + [[change(g, -1, 1, "scale", 0.5)] for g in gates]
    changes += [[change(hidden[-1], 4, -1, "mean"), change("logits", 6, 1, "set", 5)]]
    means = {k: v.mean(0) for k, v in base.items()}
    f32 = lambda x: np.ascontiguousarray(x, dtype=np.float32)
    out = {f"0/{k}": f32(v) for k, v in base.items()}
    for i, cs in enumerate(changes):
        seen = go(changes=cs, means=means)
        assert np.abs(seen["logits"] - base["logits"]).max() > 1e-4, f"{name}: {cs} changes nothing"
        out |= {f"{i + 1}/{k}": f32(v) for k, v in seen.items() if k == "logits" or k == cs[0]["name"]}
    meta = {"golden": json.dumps({"ids": IDS, "greedy": ids[len(IDS):], "changes": changes})}
    b = save(out, metadata=meta)
    (OUT / "goldens" / f"{name}.safetensors").write_bytes(b)
    (OUT / name / "tokenizer.json").write_text(json.dumps({"type": "char", "vocab": VOCAB}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    size = sum(f.stat().st_size for f in (OUT / name).iterdir())
    print(f"{name}: {size} bytes, golden {len(b)}, {worst:.1e} from Keras, then {ids[len(IDS):]}")
