"""Sets of LSTMVis for engine/checkpoint/lstmvis: what the built-in parentheses LSTM (web/models/parens-lstm) does on 1,500 characters of its
language, computed here with numpy. testdata/lstmvis/parens is as LSTMVis's own scripts write them: contiguous float32, ids of int32. In
testdata/lstmvis/chunked the first 400 characters are float16 in gzipped chunks, in folders of their own, with ids of int64.

  python lstmvis.py    (requirements.txt)
"""
import json, pathlib, random, struct

import h5py, numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "testdata" / "lstmvis"
MODEL = ROOT / "web" / "models" / "parens-lstm"


def weights():
    b = (MODEL / "model.safetensors").read_bytes()
    n = struct.unpack("<Q", b[:8])[0]
    data = b[8 + n :]
    return {k: np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).astype(float)
            for k, v in json.loads(b[8 : 8 + n]).items() if k != "__metadata__"}


def language(n, rng, deepest=5):
    """As testdata/train/data.py has it."""
    out, depth = [], 0
    while len(out) < n:
        up = depth == 0 or depth < deepest and rng.random() < .5
        depth += 1 if up else -1
        out.append("(" if up else ")")
        out += [" "] * (rng.randrange(1, 6) if rng.random() < .3 else 0)
        out += [str(depth)] if rng.random() < .4 else []
    return "".join(out)[:n]


def run(ids, w):
    """c and h of every step: PyTorch's LSTM, gates in the order i, f, g, o."""
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    n = w["rnn.weight_hh_l0"].shape[1]
    h, c, hs, cs = np.zeros(n), np.zeros(n), [], []
    for i in ids:
        a = w["rnn.weight_ih_l0"] @ w["encoder.weight"][i] + w["rnn.bias_ih_l0"] + w["rnn.weight_hh_l0"] @ h + w["rnn.bias_hh_l0"]
        c = sigmoid(a[n : 2 * n]) * c + sigmoid(a[:n]) * np.tanh(a[2 * n : 3 * n])
        h = sigmoid(a[3 * n :]) * np.tanh(c)
        hs.append(h), cs.append(c)
    return np.array(cs), np.array(hs)


def main():
    vocab = json.loads((MODEL / "tokenizer.json").read_text())["vocab"]
    text = language(1500, random.Random(11))
    ids = np.array([vocab.index(x) for x in text])
    cell, hidden = run(ids, weights())
    depth = np.cumsum([(x == "(") - (x == ")") for x in text])
    side = np.array([0 if x == "(" else 1 if x == ")" else 2 for x in text])
    kinds = np.array([0 if x == " " else 1 if x in "()" else 2 for x in vocab])

    for name in ["parens", "chunked/data", "chunked/notes"]:
        (OUT / name).mkdir(parents=True, exist_ok=True)

    p = OUT / "parens"
    with h5py.File(p / "states.h5", "w") as f:
        f["states1"], f["output1"] = cell.astype("<f4"), hidden.astype("<f4")
    with h5py.File(p / "train.h5", "w") as f:
        f["words"] = ids.astype("<i4")
    with h5py.File(p / "notes.h5", "w") as f:
        f["depth"], f["side"], f["kinds"] = depth.astype("<i4"), side.astype("i1"), kinds.astype("<i4")
    (p / "words.dict").write_text("".join(f"{x} {i}\n" for i, x in enumerate(vocab)))
    (p / "side.dict").write_text("open 0\nclose 1\nother 2\n")
    (p / "kinds.dict").write_text("space 0\nbracket 1\ndigit 2\n")
    (p / "lstm.yml").write_text("""\
name: parentheses
description: what the built-in parentheses LSTM did on 1,500 characters

files: # names for the files
  states: states.h5
  train: train.h5
  words: words.dict
  notes: notes.h5
  side: side.dict
  kinds: kinds.dict

word_sequence: # the text
  file: train
  path: words
  dict_file: words

states:
  file: states
  types: [
        {type: state, layer: 1, path: states1}, # the cell
        {type: output, layer: 1, path: output1}
  ]

meta:
  depth:
    file: notes
    path: depth
    index: self
    vis:
      type: scalar
      range: 0...5
  side:
    file: notes
    path: side
    dict: side
    index: self
    vis: {type: discrete, range: dict}
  kind:
    file: notes
    path: kinds
    dict: kinds
    index: word_sequence
    vis:
      type: discrete
      range: dict
""")

    p, n = OUT / "chunked", 400
    with h5py.File(p / "data" / "all.hdf5", "w") as f:
        g = f.create_group("run")
        g.create_dataset("c", data=cell[:n].astype("<f2"), chunks=(64, 8), compression="gzip", shuffle=True)
        g.create_dataset("gates", data=hidden[:n].astype("<f8"), chunks=(100, 20), maxshape=(None, 20))
        f["ids"] = ids[:n].astype("<i8")
    with h5py.File(p / "notes" / "half.h5", "w") as f:
        f["half"] = np.where(np.arange(n) < n // 2, 3.0, 7.0)
    (p / "lstm.yml").write_text("""\
# as people write it by hand
name: "chunks"
description: >
  the same, as 16-bit floats
  in chunks
files: {all: data/all.hdf5, half: 'notes/half.h5'}
word_sequence: {file: all, path: /ids}
states:
  types:
  - type: state
    file: all
    layer: 1
    path: run/c
  - {type: gates, layer: 1, file: all, path: "run/gates", unsigned: no, transform: none}
meta:
  half: {file: half, path: half, vis: {type: discrete, range: [3, 7]}}
""")


if __name__ == "__main__":
    main()
