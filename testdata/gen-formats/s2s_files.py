"""A project of Seq2Seq-Vis around testdata/formats/onmt/v0.1.pt, as VisServer.py and extract_context.py of its OpenNMT-py write it: s2s.yaml, src.dict,
tgt.dict, embs.h5 and states.h5, whose states are computed here by torch from the checkpoint's tensors. Rows are padded to 50 tokens, ids
with 1, numbers are float16 in chunks, the rows of a batch that was not full were never written (chunks are missing), and </s> stands only in targets
shorter than the longest of their batch.

  python s2s_files.py ../formats    (requirements.txt, torch==2.5.1, h5py)
"""
import os, sys

import h5py, numpy as np, torch
from safetensors.torch import load_file

root = sys.argv[1]
out = os.path.join(root, "s2s")
os.makedirs(out, exist_ok=True)
SRC = ["<unk>", "<blank>", "cat", "dog", "runs", "sees", "the"]
TGT = ["<unk>", "<blank>", "<s>", "</s>", "chat", "chien", "court", "le", "voit"]
PAIRS = [("the cat sees the dog", "le chat voit le chien"), ("the dog runs", "le chien court"), ("cat runs", "chat court")]
LONGEST, ROWS = 50, 12
w = load_file(os.path.join(root, "onmt/folder/model.safetensors"))
E, H = 3, 4

encoder = torch.nn.LSTM(E, H // 2, bidirectional=True)
encoder.load_state_dict({k.removeprefix("encoder.rnn."): v for k, v in w.items() if k.startswith("encoder.rnn.")})
cell = torch.nn.LSTMCell(E + H, H)
cell.load_state_dict({k.removeprefix("decoder.rnn.layers.0."): v for k, v in w.items() if k.startswith("decoder.rnn.layers.0.")})
embs = {side: w[f"{side}.embeddings.make_embedding.emb_luts.0.weight"] for side in ("encoder", "decoder")}


def run(src, tgt):
    """encoder_out, decoder_out, cstar and attn of one pair: Luong's general attention with input feeding."""
    memory, (h, c) = encoder(embs["encoder"][src][:, None])
    memory, h, c = memory[:, 0], h.reshape(1, H), c.reshape(1, H)
    o, outs, contexts, attns = torch.zeros(1, H), [], [], []
    for t in tgt:
        h, c = cell(torch.cat([embs["decoder"][t][None], o], 1), (h, c))
        a = torch.softmax(h @ w["decoder.attn.linear_in.weight"].T @ memory.T, 1)
        context = a @ memory
        o = torch.tanh(torch.cat([context, h], 1) @ w["decoder.attn.linear_out.weight"].T)
        outs, contexts, attns = outs + [o[0]], contexts + [context[0]], attns + [a[0]]
    return memory, torch.stack(outs), torch.stack(contexts), torch.stack(attns)


with h5py.File(f"{out}/states.h5", "w") as f, torch.no_grad():
    sets = {"src": (LONGEST,), "tgt": (LONGEST,), "attn": (LONGEST, LONGEST), "cstar": (LONGEST, H), "encoder_out": (LONGEST, H), "decoder_out": (LONGEST, H)}
    for name, shape in sets.items():
        ids = name in ("src", "tgt")
        f.create_dataset(name, (ROWS, *shape), maxshape=(None,) * (len(shape) + 1), dtype="int" if ids else "float16", chunks=(10, 5, 5)[: len(shape) + 1])
    most = max(len(t.split()) for _, t in PAIRS) + 1
    for i, (s, t) in enumerate(PAIRS):
        src = [SRC.index(x) for x in s.split()]
        tgt = ([TGT.index(x) for x in ["<s>", *t.split(), "</s>"]] + [1] * LONGEST)[:most]  # batch.tgt[:-1]
        memory, outs, contexts, attns = run(src, tgt)
        for name, ids in (("src", src), ("tgt", tgt)):
            f[name][i] = np.pad(ids, (0, LONGEST - len(ids)), constant_values=1)
        for name, x in (("encoder_out", memory), ("decoder_out", outs), ("cstar", contexts), ("attn", attns)):
            f[name][i] = np.pad(x.numpy(), [(0, n - k) for n, k in zip(f[name].shape[1:], x.shape)])
with h5py.File(f"{out}/embs.h5", "w") as f:
    for side, x in embs.items():
        f.create_dataset(side, data=x.numpy())
for name, words in (("src", SRC), ("tgt", TGT)):
    with open(f"{out}/{name}.dict", "w") as f:
        f.writelines(f"{i} {x}\n" for i, x in enumerate(words))
with open(f"{out}/s2s.yaml", "w") as f:
    f.write("# -- minimal config\nmodel: v0.1.pt  # model file\ndicts:\n src: src.dict  \t\t# source dictionary file\n tgt: tgt.dict  \t\t# target dictionary file\n"
            "embeddings: embs.h5  \t# word embeddings for src and tgt\ntrain: states.h5\t\t\t# training data\n")
with open(os.path.join(root, "onmt/v0.1.pt"), "rb") as a, open(f"{out}/v0.1.pt", "wb") as b:
    b.write(a.read())
