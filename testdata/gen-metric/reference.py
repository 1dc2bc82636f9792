"""Asks sacreBLEU for BLEU and chrF of random and awkward pairs, for engine/metric's tests: testdata/metric/pairs.json.

  pip install -r requirements.txt; python reference.py
"""
import json, pathlib, random

from sacrebleu.metrics import BLEU, CHRF

OUT = pathlib.Path(__file__).resolve().parent.parent / "metric"


def texts(r):
    words = ["K", "AE1", "T", "the", "cat", "sat", "über", "年", "二〇二六", "naïve", "😀", "a", "a", "a"]
    for _ in range(120):
        ref = [r.choice(words) for _ in range(r.randint(0, 14))]
        hyp = [w for w in ref if r.random() > .15]
        hyp = [r.choice(words) if r.random() < r.choice([0, .2, .8]) else w for w in hyp]
        if r.random() < .3:
            hyp += [r.choice(words) for _ in range(r.randint(1, 6))]
        yield " ".join(hyp), " ".join(ref)
    yield from [("", ""), ("", "a b"), ("a b", ""), ("a", "a"), ("a b c", "a b c"), ("a b c d", "a b c d"), ("a a a a a", "a"), ("a", "a a a a a"),
                ("x y z w", "a b c d"), ("a b  c\td", "a b c d"), ("abcdef", "abcdef"), ("abcde", "abcde"), ("the the the the", "the cat the dog")]


def main():
    r = random.Random(1)
    bleu, chrf = BLEU(tokenize="none", force=True), CHRF()
    pairs = list(texts(r))
    of = lambda ps: [bleu.corpus_score([h for h, _ in ps], [[x for _, x in ps]]).score, chrf.corpus_score([h for h, _ in ps], [[x for _, x in ps]]).score]
    corpora = []
    for _ in range(20):
        rows = sorted(r.sample(range(len(pairs)), r.randint(2, 60)))
        corpora.append([rows, of([pairs[i] for i in rows])])
    OUT.mkdir(exist_ok=True)
    out = {"pairs": [[h, x, *of([(h, x)])] for h, x in pairs], "corpora": corpora}
    (OUT / "pairs.json").write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")


main()
