"""A small LSTM on nested brackets, with the depth said after some of them: "((2(  3)))0". After LSTMVis's bracket language.

    python parens.py
"""
import json, math, random
import numpy as np, torch, torch.nn.functional as F
import common
from data import brackets as language, DEEPEST
from charrnn import CharModel, bits

HIDDEN, EMBED, LENGTH = 20, 8, 512
VOCAB = [" ", "(", ")", "0", "1", "2", "3", "4", "5"]


def depths(text):
    d, out = 0, []
    for c in text:
        d += (c == "(") - (c == ")")
        out.append(d)
    return np.array(out)


def main():
    common.seed(3)
    ids = {c: i for i, c in enumerate(VOCAB)}
    rng = random.Random(3)
    x = torch.tensor([[ids[c] for c in language(LENGTH + 1, rng)] for _ in range(800)])  # each text begins at depth 0
    held = language(20_000, random.Random(4))
    test = torch.tensor([ids[c] for c in held])
    model = CharModel("lstm", len(VOCAB), EMBED, HIDDEN, 1)
    steps = 1500
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, steps, pct_start=.1)
    at, state = LENGTH, None
    for step in range(steps):
        if at == LENGTH:  # other texts, and no memory of those before
            at, state, rows = 0, None, x[torch.randint(len(x), (32,))]
        z, state = model(rows[:, at : at + 64], state)
        state = tuple(s.detach() for s in state)
        loss = F.cross_entropy(z.reshape(-1, len(VOCAB)), rows[:, at + 1 : at + 65].reshape(-1))
        opt.zero_grad(), loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        opt.step(), plan.step()
        at += 64
        if step % 300 == 0:
            print(step, loss.item() / math.log(2), flush=True)
    with torch.no_grad():
        cell = model.rnn
        h, c, seen = torch.zeros(1, 1, HIDDEN), torch.zeros(1, 1, HIDDEN), []
        for i in test[:4000]:
            _, (h, c) = cell(model.encoder(i.view(1, 1)), (h, c))
            seen.append(c[0, 0].numpy().copy())
    r = np.corrcoef(np.array(seen).T, depths(held[:4000]))[-1, :-1]
    unit = int(np.argmax(np.abs(r)))
    b = bits(model, test)
    print(f"{b:.3f} bits a character; unit {unit} of layers.0.cell follows the depth with r = {r[unit]:.3f}")
    card = {
        "title": {"en": "Parentheses LSTM", "zh": "括号 LSTM"},
        "about": {"en": "Counts brackets: one cell is its depth meter", "zh": "会数括号：有一个单元就是深度计"},
        "text": "(((  3)2(3)))0(  ((3)2)((3)))",
        "family": "LSTM",
        "data": "synthetic: nested brackets, the depth said after two of five (testdata/train/parens.py)",
        "licence": "weights: CC0-1.0",
        "loss": {"bits_per_character": round(b, 3)},
        "shows": {"activation": "layers.0.cell", "unit": unit, "correlation_with_depth": round(float(r[unit]), 3)},
        "seed": 3,
        "trained": "testdata/train/parens.py",
    }
    config = {"model_type": "lstm", "vocab_size": len(VOCAB), "embedding_size": EMBED, "hidden_size": HIDDEN, "num_layers": 1}
    common.save("parens-lstm", model.state_dict(), config, {"tokenizer.json": json.dumps({"type": "char", "vocab": VOCAB})}, card, "F32")


if __name__ == "__main__":
    main()
